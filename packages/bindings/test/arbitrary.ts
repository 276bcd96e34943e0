import fc from "fast-check";
import { BINDING_ORIGINS, type BindingDraft, type BindingInput, EXPIRES_NEVER, type Family } from "../src/binding.ts";
import { Field } from "../src/record.ts";

export const T0 = 1_700_000_000;

/** A property stops drawing examples after this, so that a busy machine makes it shallower and not late. */
export const PROPERTY_MS_MAX = 15_000;

/** Few keys, so that they meet; some of them long, some inside others, as on the wire. */
const octets = (...values: number[][]): fc.Arbitrary<Uint8Array | undefined> =>
  fc.constantFrom(undefined, ...values.map((value) => Uint8Array.from(value)));
const clientIds = octets(
  [1, 0, 17, 34, 51, 68, 85],
  [1, 0, 17, 34, 51, 68, 86],
  [0, 3, 0, 1, 9],
  new Array(130).fill(7),
);
const hardwareAddresses = octets([0, 17, 34, 51, 68, 85], [0, 17, 34, 51, 68, 86], [9]);
const circuitIds = octets([0x67, 0x65, 0x2d, 0x31], [0x67, 0x65, 0x2d, 0x32], []);
const remoteIds = octets(new Array(32).fill(1), [...new Array(31).fill(1), 2], [1]);
const relayIds = octets(new Array(32).fill(5), [0, 3, 0, 1, 2]);

export const instances = fc.constantFrom("default:default" as const, "core:blue" as const);

export function bindingInput(family: Family): fc.Arbitrary<BindingInput> {
  const time = fc.oneof(fc.integer({ min: T0 - 50, max: T0 + 400 }), fc.constant(0), fc.constant(EXPIRES_NEVER));
  return fc
    .record({
      instance: instances,
      subnet: fc.nat(2),
      host: fc.nat(9),
      prefixLength: family === 4 ? fc.constantFrom(32, 32, 32, 29) : fc.constantFrom(128, 128, 64, 56, 60, 120),
      state: fc.constantFrom(2, 2, 2, 2, 1, 3, 4, 5, 6, 7, 8),
      hardwareType: fc.constantFrom(1, 6, 65_535),
      hardwareAddress: hardwareAddresses,
      clientId: clientIds,
      iaid: fc.constantFrom(undefined, 0, 7, 0xffffffff),
      startTimeOfStateSeconds: time,
      clientLastTransactionTimeSeconds: time,
      expiresAtSeconds: time,
      preferredUntilSeconds: family === 4 ? fc.constant(undefined) : fc.option(time, { nil: undefined }),
      linkAddress: fc
        .constantFrom(undefined, 1, 2)
        .map((n) => (n ? new Uint8Array(family === 4 ? 4 : 16).fill(n) : undefined)),
      circuitId: circuitIds,
      remoteId: remoteIds,
      relayId: relayIds,
      enclose: fc.boolean(),
      options: octets([60, 3, 1, 2, 3], new Array(700).fill(43)),
      serverIdentifier: octets([192, 0, 2, 1], [0, 3, 0, 1, 1, 1, 1, 1, 1, 1]),
      serverAddress: fc.constantFrom(undefined, "192.0.2.1", "192.0.2.2"),
      dataSource: fc.constantFrom(0, 1, 255),
      origin: fc.constantFrom(...BINDING_ORIGINS),
      interfaceName: fc.constantFrom(undefined, "ge-1/0/0.100", "ge-1/0/0.101"),
    })
    .map(({ subnet, host, enclose, ...rest }) => {
      const address = new Uint8Array(family === 4 ? 4 : 16);
      address[0] = family === 4 ? 10 : 0x20;
      address[family === 4 ? 2 : 6] = subnet;
      address[address.length - 1] = host;
      const kind = rest.prefixLength === address.length * 8 ? "address" : "prefix";
      const relayAgentInformation = enclose
        ? Uint8Array.from([9, ...(rest.circuitId ?? []), 9, ...(rest.remoteId ?? []), 9, ...(rest.relayId ?? [])])
        : undefined;
      return { ...rest, address, kind, relayAgentInformation } satisfies BindingInput;
    });
}

/** The same binding as it lies in a buffer of the network: fields in no order, other octets between them. */
export function draftOf(input: BindingInput): BindingDraft {
  const { clientId, hardwareAddress, circuitId, remoteId, relayId, relayAgentInformation, options, ...facts } = input;
  const fields = { options, relayId, circuitId, relayAgentInformation, clientId, hardwareAddress, remoteId };
  const octets: number[] = [];
  const starts = new Int32Array(7);
  const lengths = new Int32Array(7).fill(-1);
  for (const [name, value] of Object.entries(fields) as [keyof typeof fields, Uint8Array | undefined][]) {
    octets.push(0xa5);
    if (value === undefined) continue;
    starts[Field[name]] = octets.length;
    lengths[Field[name]] = value.length;
    octets.push(...value);
  }
  return { ...facts, bytes: Uint8Array.from(octets), starts, lengths };
}
