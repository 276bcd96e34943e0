import fc from "fast-check";
import { expect, test } from "vitest";
import { type ConflictRecord, incomingWins } from "./conflict.ts";

const record = (clientLastTransactionTimeSeconds: number, startTimeOfStateSeconds: number, dataSource = 0) => ({
  clientLastTransactionTimeSeconds,
  startTimeOfStateSeconds,
  dataSource,
});

// RFC 6926 §7.6, its cases in its order.
test.each([
  ["both heard the client: later wins", record(100, 900), record(101, 1), true],
  ["both heard the client: earlier loses", record(100, 1), record(99, 900), false],
  ["only the incoming did, after the other's state began", record(0, 50), record(51, 1), true],
  ["only the incoming did, before the other's state began", record(0, 50), record(49, 900), false],
  ["only the existing did, before the incoming state began", record(50, 1), record(0, 51), true],
  ["only the existing did, after the incoming state began", record(50, 900), record(0, 49), false],
  ["neither did: later start of state wins", record(0, 50), record(0, 51), true],
  ["neither did: earlier start of state loses", record(0, 50), record(0, 49), false],
  ["tie: local beats remote", record(100, 1, 1), record(100, 1, 0), true],
  ["tie: remote loses to local", record(100, 1, 0), record(100, 1, 1), false],
  ["tie in everything: what was learnt later", record(100, 1, 1), record(100, 1, 1), true],
  ["other bits of data-source do not count", record(100, 1, 0), record(100, 1, 0xfe), true],
])("%s", (_name, existing, incoming, wins) => {
  expect(incomingWins(existing, incoming)).toBe(wins);
});

test("one of two records always wins over the other", () => {
  const arbitrary: fc.Arbitrary<ConflictRecord> = fc.record({
    clientLastTransactionTimeSeconds: fc.nat(5),
    startTimeOfStateSeconds: fc.nat(5),
    dataSource: fc.nat(1),
  });
  fc.assert(
    fc.property(arbitrary, arbitrary, (a, b) => {
      expect(incomingWins(a, b) || incomingWins(b, a)).toBe(true);
    }),
  );
});
