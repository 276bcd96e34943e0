import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { FrameReader, frame, messageLengthMin4, messageLengthMin6 } from "../src/index.ts";
import { describeAll, exercise } from "./exercise.ts";
import { mutate, randomFrom } from "./mutate.ts";
import { readPcapng, udpOf } from "./pcap.ts";
import { samples } from "./samples.ts";
import { loadVectors } from "./vectors.ts";

/** Processor time, so that a busy machine is not taken for a slow decoder. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

interface Fixture {
  readonly family: 4 | 6;
  readonly bytes: Uint8Array;
}

const directory = new URL("./captures/", import.meta.url);

/** Samples, vectors and captured packets; every fourth of the latter, which repeat each other. */
const fixtures: readonly Fixture[] = [
  ...samples,
  ...loadVectors().map(({ family, message }) => ({ family, bytes: message })),
  ...readdirSync(directory)
    .filter((name) => name.endsWith(".pcapng"))
    .sort()
    .flatMap((name) => readPcapng(new URL(name, directory)))
    .flatMap((packet) => udpOf(packet) ?? [])
    .filter(
      ({ sourcePort, destinationPort }) =>
        [67, 68, 546, 547].includes(destinationPort) || [67, 68, 546, 547].includes(sourcePort),
    )
    .filter((_, i) => i % 4 === 0)
    .map(({ family, payload }) => ({ family, bytes: payload })),
];

test("every fixture is a message", () => {
  for (const { family, bytes } of fixtures) expect(exercise(family, bytes)).toBe("message");
});

test("a fixture cut short at any octet is a message or a typed error", () => {
  const codes = new Set<string>();
  for (const { family, bytes } of fixtures) {
    for (let length = 0; length < bytes.length; length += 1) {
      codes.add(exercise(family, bytes.subarray(0, length)));
      // Describing is the dearest of all; the header of a v4 message tells nothing new 240 times.
      if (family === 6 || length >= 236 || length % 40 === 0) describeAll(family, bytes.subarray(0, length));
    }
  }
  // A v4 message cut between two options, and a v6 message too, is shorter but whole.
  expect([...codes].sort()).toEqual(["message", "message-truncated", "option-truncated"]);
}, 120_000);

describe("a million mutated messages", () => {
  const count = 1_000_000;
  const seed = 0x1ea5e;

  test(`give a message or a typed error, in bounded time (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const scratch = new Uint8Array(4_096);
    const outcomes = new Map<string, number>();
    let slowestMs = 0;
    for (let i = 0; i < count; i += 1) {
      const { family, bytes } = fixtures[random(fixtures.length)] as Fixture;
      const other = fixtures[random(fixtures.length)] as Fixture;
      const mutated = mutate(bytes, other.bytes, scratch, random);
      const before = i % 64 === 0 ? cpuMs() : 0;
      try {
        const outcome = exercise(family, mutated);
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        // Text for people costs twice what everything else does together: one in eight keeps the test under half a minute.
        if (i % 8 === 0) describeAll(family, mutated);
      } catch (error) {
        throw new Error(`message ${i}: ${[...mutated].map((octet) => octet.toString(16).padStart(2, "0")).join("")}`, {
          cause: error,
        });
      }
      if (before > 0) slowestMs = Math.max(slowestMs, cpuMs() - before);
    }
    const total = [...outcomes.values()].reduce((sum, n) => sum + n, 0);
    expect(total).toBe(count);
    // Every way to refuse a whole message was met, and plenty were let through to the readers.
    for (const code of [
      "message-truncated",
      "cookie-missing",
      "hardware-address-length",
      "option-truncated",
      "option-overload",
    ]) {
      expect(outcomes.get(code) ?? 0, code).toBeGreaterThan(0);
    }
    expect(outcomes.get("message") ?? 0).toBeGreaterThan(count / 10);
    // Far above what any of them takes; what it catches is a loop that grows with the square.
    expect(slowestMs).toBeLessThan(1_000);
  }, 240_000);
});

describe("messages made to cost time", () => {
  const u16 = (value: number): number[] => [value >> 8, value & 255];
  const header4 = new Uint8Array(240);
  header4.set([1, 1, 6]);
  header4.set([0x63, 0x82, 0x53, 0x63], 236);
  const with4 = (options: Uint8Array): Uint8Array => Uint8Array.from([...header4, ...options]);

  /** Options 6 inside one another, each filling the one around it. */
  const nest = (prefix: (inner: number) => number[], room: number): Uint8Array => {
    let inner: number[] = [];
    for (;;) {
      const outer = [...prefix(inner.length), ...inner];
      if (outer.length > room) return Uint8Array.from(inner);
      inner = outer;
    }
  };

  const cases: readonly (readonly [string, 4 | 6, Uint8Array, string])[] = [
    ["v4 of pads only", 4, with4(new Uint8Array(65_535 - 240)), "message"],
    [
      "v4 of one code without length, many times",
      4,
      with4(new Uint8Array(65_290).map((_, i) => (i % 2 === 0 ? 12 : 0))),
      "option-count",
    ],
    [
      "v4 of one code as often as allowed",
      4,
      with4(new Uint8Array(2_048).map((_, i) => (i % 2 === 0 ? 12 : 0))),
      "message",
    ],
    [
      "v4 of 51 codes in turn",
      4,
      with4(new Uint8Array(2_048).map((_, i) => (i % 2 === 0 ? 1 + ((i / 2) % 51) : 0))),
      "message",
    ],
    [
      "v4 of compressed names that point at each other",
      4,
      with4(
        Uint8Array.from(
          Array.from({ length: 255 }, (_, part) => [
            119,
            254,
            ...Array.from({ length: 127 }, (_, i) => (part === 0 && i === 0 ? [0, 0] : [0xc0, 0])).flat(),
          ]).flat(),
        ),
      ),
      "message",
    ],
    [
      "v6 of empty options",
      6,
      Uint8Array.from([1, 0, 0, 1, ...Array.from({ length: 16_000 }, () => [...u16(14), ...u16(0)]).flat()]),
      "option-count",
    ],
    [
      "v6 of nested client data",
      6,
      Uint8Array.from([15, 0, 0, 1, ...nest((inner) => [...u16(45), ...u16(inner)], 8_000)]),
      "message",
    ],
    [
      "v6 of relay messages inside one another",
      6,
      nest(
        (inner) => (inner === 0 ? [1, 0, 0, 1] : [12, 0, ...new Array<number>(32).fill(0), ...u16(9), ...u16(inner)]),
        20_000,
      ),
      "message",
    ],
    [
      "v6 of relay data and client data in turn",
      6,
      Uint8Array.from([
        15,
        0,
        0,
        1,
        ...nest(
          (inner) => [
            ...u16(45),
            ...u16(inner + 24),
            ...u16(47),
            ...u16(inner + 20),
            ...new Array<number>(16).fill(0),
            15,
            0,
            0,
            1,
          ],
          20_000,
        ),
      ]),
      "message",
    ],
    [
      "v6 of many IA addresses",
      6,
      Uint8Array.from([
        15,
        0,
        0,
        1,
        ...u16(45),
        ...u16(28 * 2_000),
        ...Array.from({ length: 2_000 }, () => [...u16(5), ...u16(24), ...new Array<number>(24).fill(1)]).flat(),
      ]),
      "message",
    ],
    [
      "v6 of one long name list",
      6,
      Uint8Array.from([7, 0, 0, 1, ...u16(24), ...u16(60_000), ...new Array<number>(60_000).fill(0)]),
      "message",
    ],
  ];

  test.each(cases)("%s", (_, family, bytes, outcome) => {
    const before = cpuMs();
    expect(exercise(family, bytes)).toBe(outcome);
    const fields = describeAll(family, bytes);
    expect(cpuMs() - before).toBeLessThan(2_000);
    expect(JSON.stringify(fields).length).toBeLessThan(bytes.length * 60 + 10_000);
  });
});

test("a frame reader fed any octets in any pieces stays within its limits", () => {
  const random = randomFrom(77);
  for (let round = 0; round < 2_000; round += 1) {
    const { family, bytes } = fixtures[random(fixtures.length)] as Fixture;
    const scratch = new Uint8Array(4_096);
    const stream = mutate(Uint8Array.from([...frame(bytes), ...frame(bytes)]), bytes, scratch, random);
    const reader = new FrameReader({ messageLengthMin: family === 4 ? messageLengthMin4 : messageLengthMin6 });
    for (let at = 0; at < stream.length; ) {
      const end = Math.min(stream.length, at + 1 + random(300));
      const { frames } = reader.push(stream.subarray(at, end));
      for (const message of frames) exercise(family, message);
      expect(reader.pendingBytes).toBeLessThanOrEqual(stream.length);
      at = end;
    }
    reader.end();
  }
});
