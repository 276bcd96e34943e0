import type { Binding, BindingInput } from "@leasewire/bindings";
import { equalBytes, ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import {
  type BulkQuery4,
  bulkLeasequery4,
  leasequery6,
  MessageType4,
  MessageType6,
  OptionCode6,
  type Query6,
  query6,
  readLeaseReply4,
  readLeaseReply6,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  ip,
  ip6,
  lease4,
  lease6,
  NOW_SECONDS,
  prefix6,
  RELAY_DUID,
  ResponderWorld,
  SCOPES4,
} from "../../../test/responder-world.ts";

const OTHER_RELAY = Uint8Array.of(0, 3, 0, 1, 8, 8, 8, 8, 8, 8);
const moment = fc.integer({ min: NOW_SECONDS - 1000, max: NOW_SECONDS });

/** Whatever may be in a table: all states, leases that ended or not, of others, with and without identifiers. */
const leases4 = fc.array(
  fc
    .record({
      host: fc.integer({ min: 1, max: 60 }),
      state: fc.integer({ min: 1, max: 8 }),
      changed: moment,
      heard: fc.oneof(fc.constant(0), moment),
      expires: fc.oneof(
        fc.constantFrom(0, 0xffffffff, NOW_SECONDS),
        fc.integer({ min: NOW_SECONDS - 50, max: NOW_SECONDS + 50 }),
      ),
      client: fc.integer({ min: 0, max: 3 }),
      relay: fc.constantFrom(RELAY_DUID, OTHER_RELAY, undefined),
      origin: fc.constantFrom("server", "import", "bulk"),
      giaddr: fc.constantFrom(undefined, Uint8Array.of(10, 0, 0, 254), Uint8Array.of(10, 0, 0, 253)),
    })
    .map(({ host, state, changed, heard, expires, client, relay, origin, giaddr }): BindingInput => {
      const input = lease4(host, {
        state,
        startTimeOfStateSeconds: changed,
        clientLastTransactionTimeSeconds: heard,
        expiresAtSeconds: expires,
        relayId: relay,
        origin: origin as "server",
        linkAddress: giaddr,
        hardwareType: client === 3 ? 6 : 1,
      });
      if (client === 0) return { ...input, clientId: undefined };
      return {
        ...input,
        clientId: Uint8Array.of(0, client),
        hardwareAddress: Uint8Array.of(2, client),
        remoteId: Uint8Array.of(client),
      };
    }),
  { maxLength: 60 },
);

const query4: fc.Arbitrary<BulkQuery4> = fc.oneof(
  fc.constant<BulkQuery4>({ kind: "all" }),
  fc
    .integer({ min: 1, max: 4 })
    .map((client): BulkQuery4 => ({ kind: "client-id", clientId: Uint8Array.of(0, client) })),
  fc
    .integer({ min: 1, max: 4 })
    .map((client): BulkQuery4 => ({ kind: "mac", htype: 1, address: Uint8Array.of(2, client) })),
  fc.integer({ min: 1, max: 4 }).map((client): BulkQuery4 => ({ kind: "remote-id", remoteId: Uint8Array.of(client) })),
  fc.constantFrom(RELAY_DUID, OTHER_RELAY).map((relayId): BulkQuery4 => ({ kind: "relay-id", relayId })),
);

const window = fc.option(fc.tuple(fc.option(moment, { nil: undefined }), fc.option(moment, { nil: undefined })), {
  nil: undefined,
});

function isLeased({ state, expiresAtSeconds }: BindingInput): boolean {
  return state === 2 && (expiresAtSeconds === 0 || expiresAtSeconds > NOW_SECONDS);
}

function hasChanged(binding: Binding, from: number | undefined, to: number | undefined): boolean {
  if (from === undefined && to === undefined) return true;
  const overdue = binding.state === 2 && !isLeased(binding);
  const moments = [
    binding.clientLastTransactionTimeSeconds,
    overdue ? binding.expiresAtSeconds : binding.startTimeOfStateSeconds,
  ];
  return moments.some((at) => at !== 0 && at >= (from ?? 0) && at <= (to ?? 0xffffffff));
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b);
}

function matches4(binding: Binding, query: BulkQuery4): boolean {
  switch (query.kind) {
    case "all":
      return true;
    case "client-id":
      return same(binding.clientId, query.clientId);
    case "mac":
      return same(binding.hardwareAddress, query.address) && binding.hardwareType === query.htype;
    case "remote-id":
      return same(binding.remoteId, query.remoteId);
    case "relay-id":
      return same(binding.relayId, query.relayId);
  }
}

test("a DHCPBULKLEASEQUERY is answered with what a filter over all bindings gives, each address once", () => {
  fc.assert(
    fc.property(leases4, query4, window, fc.boolean(), (leases, query, within, restricted) => {
      const world = new ResponderWorld([{ ...SCOPES4, bulk: { ...SCOPES4.bulk!, restrictedRequestor: restricted } }]);
      for (const input of leases) world.put(input);
      const [from, to] = within ?? [];
      const connection = world.connect(4);
      connection.send(
        bulkLeasequery4({
          xid: 7,
          query,
          parameterRequestList: [152, 156],
          ...(from === undefined ? {} : { queryStartTimeSeconds: from }),
          ...(to === undefined ? {} : { queryEndTimeSeconds: to }),
        }),
      );
      const messages = connection.read().messages4();
      expect(messages.pop()?.messageType).toBe(MessageType4.DHCPLEASEQUERYDONE);
      const told = new Map<number, number | undefined>();
      for (const message of messages) {
        const reply = readLeaseReply4(message);
        if (!reply.ok) throw new Error(reply.error.message);
        expect(told.has(reply.value.ciaddr)).toBe(false);
        told.set(reply.value.ciaddr, message.messageType);
      }

      const expected = new Map<number, number>();
      const table = world.tables[4];
      const giaddr = Uint8Array.of(10, 0, 0, 254);
      if (query.kind === "all" && from === undefined && to === undefined && !restricted) {
        for (let host = 1; host <= 40; host += 1) expected.set(ip(10, 0, 0, host), MessageType4.DHCPLEASEUNASSIGNED);
      }
      for (let row = 1; row <= table.rowLast; row += 1) {
        const binding = table.at(row)!;
        const address = ipv4FromBytes(binding.address);
        const isConfigured = binding.address[3]! <= 40;
        if (binding.origin === "bulk" || !matches4(binding, query) || !hasChanged(binding, from, to)) continue;
        if (restricted && !same(binding.linkAddress, giaddr)) continue;
        if (isLeased(binding)) expected.set(address, MessageType4.DHCPLEASEACTIVE);
        else if (query.kind === "all" && isConfigured) expected.set(address, MessageType4.DHCPLEASEUNASSIGNED);
      }
      expect(sorted(told)).toEqual(sorted(expected));
    }),
    { numRuns: 400, interruptAfterTimeLimit: 15_000 },
  );
});

function sorted(of: ReadonlyMap<number, number | undefined>): (number | undefined)[][] {
  return [...of].sort(([a], [b]) => a - b);
}

const leases6 = fc.array(
  fc
    .record({
      link: fc.integer({ min: 1, max: 3 }),
      host: fc.integer({ min: 1, max: 12 }),
      client: fc.integer({ min: 0, max: 4 }),
      prefix: fc.boolean(),
      state: fc.constantFrom(2, 2, 2, 3, 4),
      heard: moment,
      expires: fc.constantFrom(0, 0xffffffff, NOW_SECONDS - 5, NOW_SECONDS + 50),
      relay: fc.constantFrom(RELAY_DUID, OTHER_RELAY, undefined),
      linkAddress: fc.boolean(),
      origin: fc.constantFrom("server", "bulk"),
    })
    .map(({ link, host, client, prefix, state, heard, expires, relay, linkAddress, origin }): BindingInput => {
      const more: Partial<BindingInput> = {
        state,
        clientId: client === 0 ? undefined : Uint8Array.of(0, 3, 0, client),
        startTimeOfStateSeconds: heard,
        clientLastTransactionTimeSeconds: heard,
        expiresAtSeconds: expires,
        relayId: relay,
        remoteId: Uint8Array.of(0, 0, 0, 9, client),
        origin: origin as "server",
        ...(linkAddress ? {} : { linkAddress: undefined }),
      };
      return prefix ? prefix6(link, host, more) : lease6(link, host, more);
    }),
  { maxLength: 40 },
);

const queries6: fc.Arbitrary<Query6> = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 12 }))
    .map(([link, host]): Query6 => ({ kind: "address", address: ipv6FromBytes(ip6(link, host)) })),
  fc
    .integer({ min: 1, max: 5 })
    .map((client): Query6 => ({ kind: "client-id", clientDuid: Uint8Array.of(0, 3, 0, client) })),
  fc.constantFrom(RELAY_DUID, OTHER_RELAY).map((relayDuid): Query6 => ({ kind: "relay-id", relayDuid })),
  fc.constant<Query6>({ kind: "link-address" }),
  fc
    .integer({ min: 1, max: 5 })
    .map((client): Query6 => ({ kind: "remote-id", enterprise: 9, remoteId: Uint8Array.of(client) })),
);

/** Number of the link of a lease in `SCOPES6`, else the third, which is not configured. */
function linkOf(binding: BindingInput): string {
  const link = binding.address[5]!;
  if (link <= 2) return `link ${link}`;
  return binding.linkAddress === undefined ? "nowhere" : "link 3";
}

test("a LEASEQUERY over TCP is answered with what a filter over all bindings gives, each client and link once", () => {
  fc.assert(
    fc.property(
      leases6,
      queries6,
      fc.constantFrom(undefined, 1, 2),
      fc.option(moment, { nil: undefined }),
      (leases, query, onLink, from) => {
        const link = query.kind === "link-address" ? (onLink ?? 1) : onLink;
        const world = new ResponderWorld();
        for (const input of leases) world.put(input);
        const table = world.tables[6];
        const connection = world.connect(6);
        connection.send(
          leasequery6({
            transactionId: 7,
            clientDuid: RELAY_DUID,
            ...(link === undefined ? {} : { linkAddress: ipv6FromBytes(ip6(link, 0)) }),
            ...query6(query),
            ...(from === undefined ? {} : { startTimeSeconds: unixToEpoch2000Seconds(from) }),
          }),
        );
        const messages = connection.read().messages6();

        const all = Array.from({ length: table.rowLast }, (_, i) => table.at(i + 1)!);
        const held = all.filter(
          (one) => one.origin !== "bulk" && isLeased(one) && one.expiresAtSeconds !== 0 && one.clientId !== undefined,
        );
        const place = query.kind === "address" ? table.byAddress("default:default", query.address) : -1;
        const asked = held.filter((one) => {
          if (!hasChanged(one, from, undefined)) return false;
          if (query.kind === "address" && linkOf(one) !== `link ${link ?? query.address[5]}`) return false;
          if (link !== undefined && linkOf(one) !== `link ${link}`) return false;
          switch (query.kind) {
            case "address":
              return one.row === place;
            case "client-id":
              return same(one.clientId, query.clientDuid);
            case "relay-id":
              return same(one.relayId, query.relayDuid);
            case "remote-id":
              return same(one.remoteId, Uint8Array.of(0, 0, 0, 9, ...query.remoteId));
            default:
              return true;
          }
        });
        const groups = new Map<string, string[]>();
        for (const one of asked) {
          const key = `${one.clientId} ${linkOf(one)}`;
          groups.set(
            key,
            held
              .filter((other) => `${other.clientId} ${linkOf(other)}` === key)
              .map(({ address, prefixLength }) => `${address}/${prefixLength}`)
              .sort(),
          );
        }
        const told = messages
          .map((message) => {
            const reply = readLeaseReply6(message);
            if (!reply.ok) throw new Error(reply.error.message);
            expect(reply.value.status).toBeUndefined();
            return reply.value.clientData;
          })
          .filter((data) => data !== undefined)
          .map(({ addresses, prefixes }) =>
            [
              ...addresses.map(({ address }) => `${address}/128`),
              ...prefixes.map(({ prefix, prefixLength }) => `${prefix}/${prefixLength}`),
            ].sort(),
          );
        expect(told.map(String).sort()).toEqual([...groups.values()].map(String).sort());
        const types = messages.map(({ messageType }) => messageType);
        expect(types[0]).toBe(MessageType6["LEASEQUERY-REPLY"]);
        expect(types.at(-1)).toBe(
          groups.size === 0 ? MessageType6["LEASEQUERY-REPLY"] : MessageType6["LEASEQUERY-DONE"],
        );
        expect(messages.length).toBe(groups.size === 0 ? 1 : groups.size + 1);
        expect(messages[0]!.has(OptionCode6.SERVERID)).toBe(true);
      },
    ),
    { numRuns: 400, interruptAfterTimeLimit: 15_000 },
  );
});
