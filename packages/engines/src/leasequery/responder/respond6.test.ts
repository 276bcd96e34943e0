import { type BindingInput, BindingTable } from "@leasewire/bindings";
import { type Ipv6Address, ipv6Unspecified, parseIpv6 } from "@leasewire/net";
import {
  decodeMessage6,
  encodeMessage6,
  encodeRelayMessage6,
  type Leasequery6,
  type LeaseReply6,
  leasequery6,
  lqRelayData,
  MessageType6,
  OptionCode6,
  option6,
  type Query6,
  query6,
  readLeaseReply6,
  relayChain6,
  relayForward6,
  StatusCode6,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { respond6 } from "./respond6.ts";
import type { ResponderScopes6 } from "./scopes.ts";

const NOW_SECONDS = 1_790_000_000;
const NOW = NOW_SECONDS * 1000 + 250;
const REQUESTOR = Uint8Array.from([0, 3, 0, 1, 9, 9]);
const SERVER = Uint8Array.from([0, 3, 0, 1, 1, 1]);
const CLIENT = Uint8Array.from([0, 3, 0, 1, 7, 7]);
const SCOPES: ResponderScopes6 = {
  instance: "default:default",
  serverDuid: SERVER,
  links: [
    {
      linkAddress: ip("2001:db8:a::1"),
      prefixes: [
        { address: ip("2001:db8:a::"), length: 64 },
        { address: ip("2001:db8:a000::"), length: 36 },
      ],
    },
    { linkAddress: ip("2001:db8:b::1"), prefixes: [{ address: ip("2001:db8:b::"), length: 64 }] },
  ],
  sensitiveOptions: [17],
};
const RELAY_DATA = lqRelayData.encode({
  peerAddress: ip("fe80::1"),
  message: encodeRelayMessage6({
    messageType: 12,
    hopCount: 0,
    linkAddress: ip("2001:db8:a::1"),
    peerAddress: ip("fe80::7"),
    options: [{ code: OptionCode6.INTERFACE_ID, data: Uint8Array.from([1, 2]) }],
  }),
});

function ip(text: string): Ipv6Address {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function lease(address: string, more: Partial<BindingInput> = {}): BindingInput {
  return {
    instance: "default:default",
    address: ip(address),
    prefixLength: 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    clientId: CLIENT,
    startTimeOfStateSeconds: NOW_SECONDS - 500,
    clientLastTransactionTimeSeconds: NOW_SECONDS - 100,
    expiresAtSeconds: NOW_SECONDS + 900,
    preferredUntilSeconds: NOW_SECONDS + 400,
    relayAgentInformation: RELAY_DATA,
    options: Uint8Array.from([0, 16, 0, 1, 5, 0, 17, 0, 4, 0, 0, 0, 9]),
    dataSource: 0,
    origin: "server",
    ...more,
  };
}

const prefix = (more: Partial<BindingInput> = {}): BindingInput =>
  lease("2001:db8:a000:4200::", { prefixLength: 56, kind: "prefix", ...more });

function message(bytes: Uint8Array) {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

function tableOf(leases: readonly BindingInput[]): BindingTable {
  const table = new BindingTable(6);
  for (const input of leases) expect(table.put(input, "test", NOW_SECONDS).outcome).toBe("inserted");
  return table;
}

function read(bytes: Uint8Array): LeaseReply6 {
  const decoded = message(bytes);
  if (decoded.kind === "relay") throw new Error("still relayed");
  const reply = readLeaseReply6(decoded);
  if (!reply.ok) throw new Error(reply.error.message);
  expect(reply.value).toMatchObject({
    messageType: 15,
    transactionId: 0x123456,
    serverDuid: SERVER,
    clientDuid: REQUESTOR,
  });
  return reply.value;
}

function ask(
  leases: readonly BindingInput[],
  query: Query6,
  more: Partial<Leasequery6> & { oro?: number[] } = {},
  scopes = SCOPES,
) {
  const { oro, ...rest } = more;
  const bytes = leasequery6({ transactionId: 0x123456, clientDuid: REQUESTOR, ...query6(query, oro), ...rest });
  const response = respond6(tableOf(leases), scopes, message(bytes), NOW);
  if (response.kind === "drop") throw new Error(response.reason);
  return read(response.bytes);
}

const byAddress = (address: string): Query6 => ({ kind: "address", address: ip(address) });
const byClient: Query6 = { kind: "client-id", clientDuid: CLIENT };

describe("by address (RFC 5007 §4.4)", () => {
  test("tells every lease of the client on that link, with what remains of it", () => {
    const { clientData, clientLinks, status } = ask(
      [
        lease("2001:db8:a::7"),
        lease("2001:db8:a::8", { clientLastTransactionTimeSeconds: NOW_SECONDS - 10 }),
        prefix(),
        lease("2001:db8:b::7"),
        lease("2001:db8:a::9", { state: 4 }),
      ],
      byAddress("2001:db8:a::7"),
    );
    expect(status).toBeUndefined();
    expect(clientLinks).toBeUndefined();
    expect(clientData).toEqual({
      clientDuid: CLIENT,
      addresses: [
        { address: ip("2001:db8:a::8"), preferredLifetimeSeconds: 400, validLifetimeSeconds: 900, options: [] },
        { address: ip("2001:db8:a::7"), preferredLifetimeSeconds: 400, validLifetimeSeconds: 900, options: [] },
      ],
      prefixes: [
        {
          prefix: ip("2001:db8:a000:4200::"),
          prefixLength: 56,
          preferredLifetimeSeconds: 400,
          validLifetimeSeconds: 900,
          options: [],
        },
      ],
      cltTimeSeconds: 10,
      options: [],
    });
  });

  test("an address inside a delegated prefix finds the client", () => {
    expect(ask([prefix()], byAddress("2001:db8:a000:42ff::1")).clientData?.prefixes[0]?.prefixLength).toBe(56);
    expect(ask([prefix()], byAddress("2001:db8:a000:4300::1")).clientData).toBeUndefined();
  });

  test.each([
    ["never leased", []],
    ["released", [lease("2001:db8:a::7", { state: 4 })]],
    ["overdue", [lease("2001:db8:a::7", { expiresAtSeconds: NOW_SECONDS })]],
  ])("%s: a reply without status and data", (_name, leases) => {
    const reply = ask(leases, byAddress("2001:db8:a::7"));
    expect([reply.status, reply.clientData, reply.clientLinks]).toEqual([undefined, undefined, undefined]);
  });

  test("on no link: NotConfigured", () => {
    expect(ask([], byAddress("2001:db8:c::1")).status?.code).toBe(StatusCode6.NotConfigured);
  });

  test("a link-address decides which link is asked", () => {
    const leases = [lease("2001:db8:a::7")];
    expect(ask(leases, byAddress("2001:db8:a::7"), { linkAddress: ip("2001:db8:a::1") }).clientData).toBeDefined();
    expect(ask(leases, byAddress("2001:db8:a::7"), { linkAddress: ip("2001:db8:b::1") }).clientData).toBeUndefined();
    expect(ask(leases, byAddress("2001:db8:a::7"), { linkAddress: ip("2001:db8:c::1") }).status?.code).toBe(
      StatusCode6.NotConfigured,
    );
  });
});

describe("by client identifier", () => {
  test("one link: its data", () => {
    expect(
      ask([lease("2001:db8:a::7"), prefix()], byClient, { linkAddress: ipv6Unspecified }).clientData?.addresses.length,
    ).toBe(1);
  });

  test("several links: their addresses, and no client data (§4.4.1)", () => {
    const reply = ask([lease("2001:db8:a::7"), lease("2001:db8:b::7")], byClient);
    expect(reply.clientData).toBeUndefined();
    expect(new Set(reply.clientLinks?.map(String))).toEqual(
      new Set([ip("2001:db8:a::1"), ip("2001:db8:b::1")].map(String)),
    );
  });

  test("several links, one asked for: the data of that one", () => {
    const { clientData } = ask([lease("2001:db8:a::7"), lease("2001:db8:b::7")], byClient, {
      linkAddress: ip("2001:db8:b::1"),
    });
    expect(clientData?.addresses.map(({ address }) => address)).toEqual([ip("2001:db8:b::7")]);
  });

  test("the relay's link-address tells the link of a lease from elsewhere", () => {
    const moved = lease("2001:db8:a::7", { linkAddress: ip("2001:db8:b::1") });
    expect(ask([moved], byClient, { linkAddress: ip("2001:db8:b::1") }).clientData).toBeDefined();
  });

  test("unknown client: nothing", () => {
    expect(ask([lease("2001:db8:a::7")], { kind: "client-id", clientDuid: SERVER }).clientData).toBeUndefined();
  });
});

test("relay data and other options only when the query's own ORO asks, sensitive ones never (§4.4.2)", () => {
  const { clientData } = ask([lease("2001:db8:a::7")], byAddress("2001:db8:a::7"), { oro: [47, 16, 17] });
  expect(clientData?.relayData?.peerAddress).toEqual(ip("fe80::1"));
  expect(clientData?.options.map(({ code }) => code)).toEqual([16]);
  const unknown = ask([lease("2001:db8:a::7", { relayAgentInformation: undefined })], byAddress("2001:db8:a::7"), {
    oro: [47],
  });
  expect(unknown.clientData?.relayData).toBeUndefined();
});

test.each([
  ["unknown type", { queryType: 99 }, StatusCode6.UnknownQueryType],
  ["no key", { queryOptions: [] }, StatusCode6.MalformedQuery],
  ["a key that is cut off", { queryOptions: [{ code: 5, data: new Uint8Array(3) }] }, StatusCode6.MalformedQuery],
  ["a type for TCP", query6({ kind: "relay-id", relayDuid: CLIENT }), StatusCode6.NotAllowed],
])("%s is answered with status", (_name, more, code) => {
  const reply = ask([lease("2001:db8:a::7")], byAddress("2001:db8:a::7"), more);
  expect(reply.status?.code).toBe(code);
  expect(reply.status?.text.length).toBeGreaterThan(10);
  expect(reply.clientData).toBeUndefined();
});

test("a requestor that is not on the list is told so", () => {
  const scopes = { ...SCOPES, requestors: [CLIENT] };
  expect(ask([lease("2001:db8:a::7")], byAddress("2001:db8:a::7"), {}, scopes).status?.code).toBe(
    StatusCode6.NotAllowed,
  );
});

test("a relayed query is answered through the same relays", () => {
  const query = message(
    leasequery6({ transactionId: 0x123456, clientDuid: REQUESTOR, ...query6(byAddress("2001:db8:a::7")) }),
  );
  const options = [{ code: OptionCode6.INTERFACE_ID, data: Uint8Array.from([4]) }];
  const inner = relayForward6(query, { linkAddress: ip("2001:db8:1::"), peerAddress: ip("fe80::a"), options });
  if (!inner.ok) throw new Error(inner.error.message);
  const outer = relayForward6(message(inner.value), {
    linkAddress: ip("2001:db8:2::"),
    peerAddress: ip("fe80::b"),
    options: [],
  });
  if (!outer.ok) throw new Error(outer.error.message);
  const response = respond6(tableOf([lease("2001:db8:a::7")]), SCOPES, message(outer.value), NOW);
  if (response.kind === "drop") throw new Error(response.reason);
  const chain = relayChain6(message(response.bytes));
  if (!chain.ok) throw new Error(chain.error.message);
  expect(
    chain.value.relays.map(({ messageType, hopCount, peerAddress }) => [messageType, hopCount, peerAddress]),
  ).toEqual([
    [MessageType6["RELAY-REPL"], 1, ip("fe80::b")],
    [MessageType6["RELAY-REPL"], 0, ip("fe80::a")],
  ]);
  expect(chain.value.relays[1]?.option(OptionCode6.INTERFACE_ID)).toEqual(Uint8Array.from([4]));
  expect(read(chain.value.message!.bytes).clientData).toBeDefined();
});

test.each([
  ["no CLIENTID", [option6(44, { queryType: 1, linkAddress: ipv6Unspecified, options: [] })], "option-missing"],
  ["no LQ_QUERY", [option6(1, REQUESTOR)], "option-missing"],
  [
    "another server",
    [
      option6(1, REQUESTOR),
      option6(2, CLIENT),
      option6(44, { queryType: 1, linkAddress: ipv6Unspecified, options: [] }),
    ],
    "server-duid-mismatch",
  ],
])("%s: discarded (§4.2.1)", (_name, options, reason) => {
  const query = message(encodeMessage6({ messageType: MessageType6.LEASEQUERY, transactionId: 1, options }));
  expect(respond6(tableOf([]), SCOPES, query, NOW)).toMatchObject({ kind: "drop", reason });
});

test("what is no LEASEQUERY is dropped", () => {
  const solicit = message(encodeMessage6({ messageType: MessageType6.SOLICIT, transactionId: 1, options: [] }));
  expect(respond6(tableOf([]), SCOPES, solicit, NOW)).toMatchObject({
    kind: "drop",
    reason: "message-type-unexpected",
  });
});
