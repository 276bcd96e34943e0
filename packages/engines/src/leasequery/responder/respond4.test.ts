import { type BindingInput, BindingTable, EXPIRES_NEVER } from "@leasewire/bindings";
import { type Ipv4Address, ipv4FromBytes } from "@leasewire/net";
import {
  decodeMessage4,
  encodeMessage4,
  encodeOptions4,
  type LeaseReply4,
  leasequery4,
  MessageType4,
  OptionCode4,
  option4,
  type Query4,
  readLeaseReply4,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { respond4 } from "./respond4.ts";
import type { ResponderScopes4 } from "./scopes.ts";

const NOW_SECONDS = 1_790_000_000;
const NOW = NOW_SECONDS * 1000 + 250;
const GIADDR = ip(10, 0, 0, 1);
const SCOPES: ResponderScopes4 = {
  instance: "default:default",
  serverIdentifier: ip(192, 0, 2, 1),
  managed: [{ address: ip(10, 0, 0, 0), length: 16 }],
  sensitiveOptions: [43],
};
const MAC = Uint8Array.from([2, 0, 0, 0, 0, 7]);
const CLIENT_ID = Uint8Array.from([1, ...MAC]);
const REMOTE_ID = new TextEncoder().encode("subscriber-7");
const OPTION_82 = Uint8Array.from([1, 2, 0x67, 0x65, 2, REMOTE_ID.length, ...REMOTE_ID]);

function ip(a: number, b: number, c: number, d: number): Ipv4Address {
  return ipv4FromBytes(Uint8Array.from([a, b, c, d]));
}

function lease(host: number, more: Partial<BindingInput> = {}): BindingInput {
  return {
    instance: "default:default",
    address: Uint8Array.from([10, 0, 1, host]),
    prefixLength: 32,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress: MAC,
    clientId: CLIENT_ID,
    startTimeOfStateSeconds: NOW_SECONDS - 500,
    clientLastTransactionTimeSeconds: NOW_SECONDS - 100,
    expiresAtSeconds: NOW_SECONDS + 900,
    relayAgentInformation: OPTION_82,
    remoteId: REMOTE_ID,
    options: encodeOptions4([
      { code: 12, data: Uint8Array.from([0x68, 0x69]) },
      { code: 43, data: Uint8Array.from([1, 1, 9]) },
      { code: 60, data: Uint8Array.from([0x76]) },
    ]),
    dataSource: 0,
    origin: "server",
    ...more,
  };
}

function ask(
  leases: readonly BindingInput[],
  query: Query4,
  parameterRequestList: readonly number[] = [],
  scopes = SCOPES,
): LeaseReply4 & { order: number[] } {
  const table = new BindingTable(4);
  for (const input of leases) expect(table.put(input, "test", NOW_SECONDS).outcome).toBe("inserted");
  const message = decodeMessage4(leasequery4({ xid: 0xabcd, giaddr: GIADDR, query, parameterRequestList }));
  if (!message.ok) throw new Error(message.error.message);
  const response = respond4(table, scopes, message.value, NOW);
  if (response.kind === "drop") throw new Error(response.reason);
  const answer = decodeMessage4(response.bytes);
  if (!answer.ok) throw new Error(answer.error.message);
  expect(answer.value.op).toBe(2);
  const reply = readLeaseReply4(answer.value);
  if (!reply.ok) throw new Error(reply.error.message);
  expect(reply.value).toMatchObject({ xid: 0xabcd, giaddr: GIADDR, serverIdentifier: ip(192, 0, 2, 1) });
  return { ...reply.value, order: Array.from(answer.value.options(), ({ code }) => code) };
}

const address = (host: number): Query4 => ({ kind: "address", address: ip(10, 0, 1, host) });
const mac: Query4 = { kind: "mac", htype: 1, address: MAC };
const byClientId: Query4 = { kind: "client-id", clientId: CLIENT_ID };
const byRemoteId: Query4 = { kind: "remote-id", remoteId: REMOTE_ID };
const { DHCPLEASEACTIVE, DHCPLEASEUNASSIGNED, DHCPLEASEUNKNOWN } = MessageType4;

describe("by address (RFC 4388 §6.4)", () => {
  test.each([
    ["leased", [lease(7)], address(7), DHCPLEASEACTIVE],
    ["managed, never leased", [], address(7), DHCPLEASEUNASSIGNED],
    ["managed, released", [lease(7, { state: 4 })], address(7), DHCPLEASEUNASSIGNED],
    [
      "overdue, not yet moved to EXPIRED",
      [lease(7, { expiresAtSeconds: NOW_SECONDS })],
      address(7),
      DHCPLEASEUNASSIGNED,
    ],
    ["not managed", [], { kind: "address", address: ip(203, 0, 113, 1) } as Query4, DHCPLEASEUNKNOWN],
  ])("%s", (_name, leases, query, messageType) => {
    const reply = ask(leases, query, [51, 61, 82, 91, 92]);
    expect(reply.messageType).toBe(messageType);
    expect(reply.ciaddr).toBe(query.kind === "address" ? query.address : -1);
    // Identifiers and nothing else.
    if (messageType !== DHCPLEASEACTIVE) expect(reply.order).toEqual([53, 54]);
  });
});

describe.each([
  ["by hardware address", mac],
  ["by client identifier", byClientId],
  ["by remote-id", byRemoteId],
])("%s", (_name, query) => {
  test("never answers UNASSIGNED: without a leased address it is UNKNOWN", () => {
    expect(ask([], query).messageType).toBe(DHCPLEASEUNKNOWN);
    expect(ask([lease(7, { state: 3 })], query).messageType).toBe(DHCPLEASEUNKNOWN);
    expect(ask([lease(7, { expiresAtSeconds: NOW_SECONDS - 1 })], query).messageType).toBe(DHCPLEASEUNKNOWN);
  });

  test("gives the address of the latest transaction, and lists all leased ones unasked", () => {
    const reply = ask(
      [
        lease(7, { clientLastTransactionTimeSeconds: NOW_SECONDS - 50 }),
        lease(8, { clientLastTransactionTimeSeconds: NOW_SECONDS - 10 }),
        lease(9, { clientLastTransactionTimeSeconds: NOW_SECONDS - 1, state: 4 }),
      ],
      query,
      [51],
    );
    expect(reply).toMatchObject({
      messageType: DHCPLEASEACTIVE,
      ciaddr: ip(10, 0, 1, 8),
      htype: 1,
      associatedIps: [ip(10, 0, 1, 8), ip(10, 0, 1, 7)],
    });
  });

  test("lists a single address only when asked", () => {
    expect(ask([lease(7)], query, [51]).associatedIps).toBeUndefined();
    expect(ask([lease(7)], query, [92]).associatedIps).toEqual([ip(10, 0, 1, 7)]);
  });
});

test("a hardware address counts together with its type", () => {
  expect(ask([lease(7, { hardwareType: 6 })], mac).messageType).toBe(DHCPLEASEUNKNOWN);
});

test("an answer by address lists the client's other addresses as well", () => {
  const reply = ask([lease(7), lease(8), lease(9, { clientId: Uint8Array.from([0, 9]) })], address(7));
  expect(reply.associatedIps).toEqual([ip(10, 0, 1, 7), ip(10, 0, 1, 8)]);
  const withoutId = { clientId: undefined };
  expect(ask([lease(7, withoutId), lease(8, withoutId), lease(9)], address(7)).associatedIps).toEqual([
    ip(10, 0, 1, 7),
    ip(10, 0, 1, 8),
  ]);
});

test("UNKNOWN to a query by remote-id returns its option 82, others return none (RFC 6148 §4.3)", () => {
  expect(ask([], byRemoteId).relayAgentInformation).toEqual(Uint8Array.from([2, REMOTE_ID.length, ...REMOTE_ID]));
  expect(ask([], mac).relayAgentInformation).toBeUndefined();
  expect(ask([lease(7)], byRemoteId, [51]).relayAgentInformation).toEqual(OPTION_82);
});

describe("what ACTIVE tells (RFC 4388 §6.4.2)", () => {
  test("options asked for, in the order asked for, option 82 last", () => {
    const reply = ask([lease(7)], address(7), [91, 82, 60, 61, 59, 58, 51, 12]);
    expect(reply.order).toEqual([53, 54, 91, 60, 61, 59, 58, 51, 12, 82]);
    expect(reply).toMatchObject({
      chaddr: MAC,
      clientIdentifier: CLIENT_ID,
      leaseTimeSeconds: 900,
      // Granted 100 s ago for 1000 s: T1 after 500, T2 after 875.
      renewalTimeSeconds: 400,
      rebindingTimeSeconds: 775,
      clientLastTransactionTimeSeconds: 100,
      relayAgentInformation: OPTION_82,
      vendorClassIdentifier: Uint8Array.from([0x76]),
    });
  });

  test("nothing that was not asked for", () => {
    expect(ask([lease(7)], address(7), [51]).order).toEqual([53, 54, 51]);
  });

  test("without a list: what a DHCPREQUEST without one is told of the lease", () => {
    expect(ask([lease(7)], address(7)).order).toEqual([53, 54, 51, 58, 59]);
  });

  test("no T1 or T2 that has passed", () => {
    const late = lease(7, {
      clientLastTransactionTimeSeconds: NOW_SECONDS - 1000,
      expiresAtSeconds: NOW_SECONDS + 200,
    });
    expect(ask([late], address(7), [51, 58, 59]).order).toEqual([53, 54, 51, 59]);
  });

  test("an infinite lease stays infinite and has no timers", () => {
    const reply = ask([lease(7, { expiresAtSeconds: EXPIRES_NEVER })], address(7), [51, 58, 59]);
    expect(reply.leaseTimeSeconds).toBe(0xffffffff);
    expect(reply.order).toEqual([53, 54, 51]);
  });

  test("no last transaction time where none is known, and no sensitive option", () => {
    const reply = ask([lease(7, { clientLastTransactionTimeSeconds: 0 })], address(7), [43, 91]);
    expect(reply.order).toEqual([53, 54]);
  });
});

describe("no answer", () => {
  const giaddr = GIADDR;
  const type = option4(OptionCode4.messageType, MessageType4.DHCPLEASEQUERY);
  const clientId = option4(OptionCode4.clientIdentifier, CLIENT_ID);
  test.each([
    ["without giaddr", { op: 1, xid: 1, ciaddr: 1, options: [type] }, "query-giaddr-zero"],
    ["without a key", { op: 1, xid: 1, giaddr, options: [type] }, "query-missing"],
    ["with two keys", { op: 1, xid: 1, giaddr, ciaddr: 1, options: [type, clientId] }, "query-several"],
    ["to a reply", { op: 2, xid: 1, giaddr, ciaddr: 1, options: [type] }, "op-unexpected"],
    ["to a DHCPDISCOVER", { op: 1, xid: 1, giaddr, ciaddr: 1, options: [option4(53, 1)] }, "message-type-unexpected"],
    [
      "to a strange gateway",
      { op: 1, xid: 1, giaddr: ip(10, 9, 0, 1), ciaddr: 1, options: [type] },
      "requestor-not-allowed",
    ],
  ])("%s", (_name, fields, reason) => {
    const message = decodeMessage4(encodeMessage4(fields));
    if (!message.ok) throw new Error(message.error.message);
    const scopes = { ...SCOPES, requestors: [{ address: GIADDR, length: 32 }] };
    expect(respond4(new BindingTable(4), scopes, message.value, NOW)).toMatchObject({ kind: "drop", reason });
  });
});
