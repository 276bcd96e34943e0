import { type BindingInput, BindingTable } from "@leasewire/bindings";
import { type Ipv4Address, ipv6FromBytes } from "@leasewire/net";
import { decodeMessage4, decodeMessage6, leasequery4, leasequery6, query6, relayForward6 } from "@leasewire/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { respond4 } from "./respond4.ts";
import { respond6 } from "./respond6.ts";
import type { Response } from "./scopes.ts";

const NOW_SECONDS = 1_790_000_000;
const ADDRESS = ipv6FromBytes(Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? 0x20 : i)));
const DUID = Uint8Array.from([0, 3, 0, 1, 7, 7]);
const ANY = { address: new Uint8Array(16) as typeof ADDRESS, length: 0 };

/** Octets that a client chose: its options and relay data are kept as they came. */
const octets = fc.uint8Array({ maxLength: 40 });

function input(family: 4 | 6, options: Uint8Array, relay: Uint8Array): BindingInput {
  return {
    instance: "default:default",
    address: family === 4 ? Uint8Array.from([10, 0, 0, 7]) : ADDRESS,
    prefixLength: family === 4 ? 32 : 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress: Uint8Array.from([2, 0, 0, 0, 0, 7]),
    clientId: DUID,
    startTimeOfStateSeconds: NOW_SECONDS,
    clientLastTransactionTimeSeconds: NOW_SECONDS,
    expiresAtSeconds: NOW_SECONDS + 60,
    relayAgentInformation: relay,
    options,
    dataSource: 0,
    origin: "gleaned",
  };
}

/** A message with some octets overwritten and the end perhaps cut off. */
function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 4 }), fc.nat(bytes.length))
    .map(([changes, cut]) => {
      const copy = bytes.slice(0, cut % 3 === 0 ? cut : bytes.length);
      for (const [at, octet] of changes) if (at < copy.length) copy[at] = octet;
      return copy;
    });
}

function judge(response: Response, decode: (bytes: Uint8Array) => { ok: boolean }): void {
  if (response.kind === "drop") expect(response.reason).toMatch(/^[a-z0-9-]+$/);
  else expect(decode(response.bytes).ok).toBe(true);
}

test("whatever a DHCPLEASEQUERY and the stored options look like: a message or a reason, never a throw", () => {
  const queries = [
    { kind: "address", address: 0x0a000007 as Ipv4Address },
    { kind: "mac", htype: 1, address: Uint8Array.from([2, 0, 0, 0, 0, 7]) },
    { kind: "client-id", clientId: DUID },
    { kind: "remote-id", remoteId: DUID },
  ] as const;
  const all = fc.oneof(
    ...queries.map((query) =>
      mutated(leasequery4({ xid: 1, giaddr: 1 as Ipv4Address, query, parameterRequestList: [51, 82, 60, 12] })),
    ),
  );
  const scopes = {
    instance: "default:default",
    serverIdentifier: 1 as Ipv4Address,
    managed: [{ address: 0 as Ipv4Address, length: 0 }],
  } as const;
  const table = new BindingTable(4);
  fc.assert(
    fc.property(all, octets, octets, (bytes, options, relay) => {
      table.put(input(4, options, relay), "test", NOW_SECONDS);
      const message = decodeMessage4(bytes);
      if (message.ok) judge(respond4(table, scopes, message.value, NOW_SECONDS * 1000), decodeMessage4);
    }),
    { numRuns: 3000, interruptAfterTimeLimit: 10_000 },
  );
});

test("whatever a LEASEQUERY and the stored options look like: a message or a reason, never a throw", () => {
  const common = { transactionId: 1, clientDuid: DUID };
  const byAddress = leasequery6({ ...common, ...query6({ kind: "address", address: ADDRESS }, [47, 16]) });
  const decoded = decodeMessage6(byAddress);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const relayed = relayForward6(decoded.value, { linkAddress: ADDRESS, peerAddress: ADDRESS, options: [] });
  if (!relayed.ok) throw new Error(relayed.error.message);
  const byClient = leasequery6({ ...common, ...query6({ kind: "client-id", clientDuid: DUID }, [47]) });
  const all = fc.oneof(mutated(byAddress), mutated(byClient), mutated(relayed.value));
  const scopes = {
    instance: "default:default",
    serverDuid: DUID,
    links: [{ linkAddress: ADDRESS, prefixes: [ANY] }],
  } as const;
  const table = new BindingTable(6);
  fc.assert(
    fc.property(all, octets, octets, (bytes, options, relay) => {
      table.put(input(6, options, relay), "test", NOW_SECONDS);
      const message = decodeMessage6(bytes);
      if (message.ok) judge(respond6(table, scopes, message.value, NOW_SECONDS * 1000), decodeMessage6);
    }),
    { numRuns: 3000, interruptAfterTimeLimit: 10_000 },
  );
});
