import type { StoredChange } from "@leasewire/db";

/** How many addresses the changes go around: most are updates. */
export const crashAddresses = 1_000;

/** The change with this sequence, always the same: what must be in the database can be told from the number alone. */
export function crashChange(sequence: number): StoredChange {
  const n = sequence % crashAddresses;
  return {
    family: 4,
    sequence,
    atSeconds: 1_700_000_000 + sequence,
    kind: sequence % 97 === 0 ? "remove" : "put",
    cause: "crash test",
    binding: {
      instance: "default:default",
      address: Uint8Array.of(10, 0, n >>> 8, n & 0xff),
      prefixLength: 32,
      kind: "address",
      state: 2,
      hardwareType: 1,
      clientId: new TextEncoder().encode(`sequence ${sequence}`),
      startTimeOfStateSeconds: 1_700_000_000,
      clientLastTransactionTimeSeconds: 1_700_000_000,
      expiresAtSeconds: 0xffffffff,
      options: new Uint8Array(64).fill(sequence & 0xff),
      dataSource: 0,
      origin: "active",
    },
  };
}
