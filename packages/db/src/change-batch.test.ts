import { type BindingInput, BindingTable, EXPIRES_NEVER, LoggedChange, type LogReader } from "@leasewire/bindings";
import { expect, test } from "vitest";
import { type ChangeBatch, ChangeBatchReader, ChangeBatchWriter } from "./change-batch.ts";

const seconds = 1_700_000_000;
const circuitId = new TextEncoder().encode("ge-0/0/1:7");
const remoteId = new Uint8Array(40).fill(3);
const long = new Uint8Array(700).fill(43);

function bindings(family: 4 | 6): BindingInput[] {
  const octets = family === 4 ? 4 : 16;
  const least: BindingInput = {
    instance: "default:default",
    address: new Uint8Array(octets).fill(0xfe),
    prefixLength: octets * 8,
    kind: "address",
    state: 2,
    hardwareType: 65_535,
    startTimeOfStateSeconds: 0,
    clientLastTransactionTimeSeconds: 0,
    expiresAtSeconds: EXPIRES_NEVER,
    dataSource: 255,
    origin: "import",
  };
  const most: BindingInput = {
    ...least,
    instance: "core:blue",
    address: new Uint8Array(octets).fill(7),
    state: 5,
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(0, 17, 34, 51, 68, 85),
    clientId: Uint8Array.of(1, 0, 17, 34, 51, 68, 85),
    iaid: 0xffff_ffff,
    startTimeOfStateSeconds: seconds - 5,
    clientLastTransactionTimeSeconds: seconds - 4,
    expiresAtSeconds: seconds + 3_600,
    preferredUntilSeconds: family === 6 ? seconds + 1_800 : undefined,
    linkAddress: new Uint8Array(octets).fill(10),
    relayAgentInformation: Uint8Array.of(1, circuitId.length, ...circuitId, 2, remoteId.length, ...remoteId),
    circuitId,
    remoteId,
    relayId: Uint8Array.of(0, 3, 0, 1, 2),
    options: long,
    serverIdentifier: Uint8Array.of(0, 3, 0, 1, 9, 9, 9),
    serverAddress: "192.0.2.1",
    dataSource: 1,
    origin: "bulk",
    interfaceName: "ge-1/0/0.100 (Zürich)",
  };
  return [
    least,
    most,
    {
      ...most,
      address: new Uint8Array(octets).fill(8),
      circuitId: new Uint8Array(0),
      relayAgentInformation: undefined,
    },
    { ...least, address: new Uint8Array(octets).fill(9), clientId: long, iaid: 0, interfaceName: "ge-1/0/0.101" },
    { ...most, address: new Uint8Array(octets), prefixLength: octets * 4, kind: "prefix", hardwareAddress: undefined },
    { ...most, expiresAtSeconds: seconds + 7_200 },
  ];
}

test.each([4, 6] as const)("DHCPv%i: a change where it lies in the log is written as the object of it is", (family) => {
  const table = new BindingTable(family);
  const objects = table.log.reader("objects") as LogReader;
  const places = table.log.reader("places") as LogReader;
  for (const input of bindings(family)) {
    const put = table.put(input, "one", seconds);
    if (put.outcome === "refused") throw new Error(JSON.stringify(put));
    if (input.iaid === 0) table.remove(put.row, "two", seconds + 1);
  }
  const writer = new ChangeBatchWriter();
  for (const { sequence, atSeconds, kind, cause, binding } of objects.read(100))
    writer.add({ family, sequence, atSeconds, kind, cause, binding });
  const expected = writer.take();
  const change = new LoggedChange(family);
  // A buffer of its own: it grows on the way.
  const other = new ChangeBatchWriter();
  while (places.next(change)) other.addLogged(change);
  const written = other.take();
  expect(rows(written)).toEqual(rows(expected));
  expect(rows(written)).toHaveLength(7);
  expect({ ...written, bytes: written.bytes.length }).toEqual({ ...expected, bytes: expected.bytes.length });
  expect(places.next(change)).toBe(false);
});

/** Everything that a reader of the batch is told. */
function rows(batch: ChangeBatch): unknown[] {
  const told: unknown[] = [];
  const reader = new ChangeBatchReader(batch);
  while (reader.next()) {
    const { removal, cause, kind, detail, circuitId, remoteId } = reader;
    told.push([removal, cause, kind, octetsOf(detail), octetsOf(circuitId), octetsOf(remoteId), reader.stored()]);
  }
  return told;
}

function octetsOf(octets: Buffer | null): number[] | null {
  return octets === null ? null : [...octets];
}
