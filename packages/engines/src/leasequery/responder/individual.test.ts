import { ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import {
  decodeMessage4,
  decodeMessage6,
  encodeMessage4,
  encodeMessage6,
  leasequery4,
  leasequery6,
  type Message4,
  MessageType4,
  MessageType6,
  Op4,
  OptionCode4,
  OptionCode6,
  option4,
  option6,
  type Query4,
  query6,
  readLeaseReply6,
  StatusCode6,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
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
  SCOPES6,
} from "../../../test/responder-world.ts";
import { respond4 } from "./respond4.ts";
import { respond6 } from "./respond6.ts";
import type { ResponderScopes4, ResponderScopes6 } from "./scopes.ts";

const NOW = NOW_SECONDS * 1000;

function ask4(
  world: ResponderWorld,
  query: Query4,
  {
    scopes = SCOPES4,
    list = [],
    giaddr = ip(10, 0, 0, 254),
    vss,
  }: { scopes?: ResponderScopes4; list?: number[]; giaddr?: ReturnType<typeof ip>; vss?: number[] } = {},
): Message4 & { unknown: boolean } {
  let bytes = leasequery4({ xid: 7, giaddr, query, parameterRequestList: list });
  if (vss !== undefined) bytes = Uint8Array.from([...bytes.subarray(0, -1), 221, vss.length, ...vss, 255]);
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const others = new Map([["default:red", { ...SCOPES4, instance: "default:red" as const }]]);
  const response = respond4(world.tables[4], scopes, decoded.value, NOW, (name) => others.get(name));
  if (response.kind === "drop") throw new Error(response.reason);
  const answer = decodeMessage4(response.bytes);
  if (!answer.ok) throw new Error(answer.error.message);
  return Object.assign(answer.value, { unknown: response.unknown });
}

const byAddress = (host: number): Query4 => ({ kind: "address", address: ip(10, 0, 0, host) });

describe("DHCPLEASEQUERY (RFC 4388, RFC 6148)", () => {
  test("every option that the request list may name, in its order", () => {
    const world = new ResponderWorld();
    world.put(lease4(1, { dataSource: 1, clientLastTransactionTimeSeconds: NOW_SECONDS - 100 }));
    const list = [61, 157, 82, 156, 152, 153, 91, 51, 58, 59, 92, 60];
    const answer = ask4(world, byAddress(1), { list });
    expect(answer.messageType).toBe(MessageType4.DHCPLEASEACTIVE);
    expect(answer.unknown).toBe(false);
    expect([...answer.options()].map(({ code }) => code)).toEqual([
      53, 54, 61, 157, 156, 152, 153, 91, 51, 58, 59, 60, 92, 82,
    ]);
    expect(answer.option(OptionCode4.associatedIp)).toEqual(Uint8Array.of(10, 0, 0, 1));
    expect(answer.giaddr).toBe(ip(10, 0, 0, 254));
  });

  test("the same request list again, with another xid and giaddr, is answered as the first", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    ask4(world, byAddress(1), { list: [51] });
    const again = ask4(world, byAddress(1), { list: [51], giaddr: ip(10, 0, 0, 9) });
    expect([again.xid, again.giaddr]).toEqual([7, ip(10, 0, 0, 9)]);
  });

  test("UNASSIGNED and UNKNOWN carry option 54, or nothing in the strict form", () => {
    const world = new ResponderWorld();
    for (const [query, type] of [
      [byAddress(1), MessageType4.DHCPLEASEUNASSIGNED],
      [{ kind: "client-id", clientId: Uint8Array.of(9, 9) }, MessageType4.DHCPLEASEUNKNOWN],
    ] as const) {
      const answer = ask4(world, query, { list: [51, 152] });
      expect([...answer.options()].map(({ code }) => code)).toEqual([53, 54]);
      expect([answer.messageType, answer.unknown]).toEqual([type, true]);
      const strict = ask4(world, query, { list: [51, 152], scopes: { ...SCOPES4, strictReplies: true } });
      expect([...strict.options()].map(({ code }) => code)).toEqual([53]);
    }
  });

  test("an answer by remote-id echoes option 82 even where nothing is known (RFC 6148 §4.3)", () => {
    const answer = ask4(new ResponderWorld(), { kind: "remote-id", remoteId: Uint8Array.of(1, 2) });
    expect([...answer.options()].map(({ code }) => code)).toEqual([53, 54, 82]);
  });

  test("restricted-requestor: a binding of another giaddr is as unknown as none", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    const scopes = { ...SCOPES4, restrictedRequestor: true };
    for (const query of [byAddress(1), { kind: "client-id", clientId: lease4(1).clientId! }] as const) {
      expect(ask4(world, query, { scopes }).messageType).toBe(MessageType4.DHCPLEASEACTIVE);
      expect(ask4(world, query, { scopes, giaddr: ip(10, 0, 0, 253) }).messageType).toBe(MessageType4.DHCPLEASEUNKNOWN);
    }
    expect(ask4(world, byAddress(2), { scopes }).messageType).toBe(MessageType4.DHCPLEASEUNASSIGNED);
  });

  test("bindings that a relay agent of this node learned are not told by its server", () => {
    const world = new ResponderWorld();
    world.put(lease4(1, { origin: "gleaned" }));
    expect(ask4(world, byAddress(1)).messageType).toBe(MessageType4.DHCPLEASEUNASSIGNED);
    expect(ask4(world, byAddress(1), { scopes: { ...SCOPES4, origins: "all" } }).messageType).toBe(
      MessageType4.DHCPLEASEACTIVE,
    );
  });

  test("a VPN is a routing instance; the answer names it (RFC 6607)", () => {
    const world = new ResponderWorld();
    world.put(lease4(1, { instance: "default:red" }));
    const red = [0, 0x72, 0x65, 0x64];
    const answer = ask4(world, byAddress(1), { vss: red });
    expect(answer.messageType).toBe(MessageType4.DHCPLEASEACTIVE);
    expect(answer.option(OptionCode4.vss)).toEqual(Uint8Array.from(red));
    expect(ask4(world, byAddress(1), { vss: [255] }).messageType).toBe(MessageType4.DHCPLEASEUNASSIGNED);
    for (const vss of [[0, 0x7a], [254], [1, 1, 2, 3, 4, 5, 6, 7]])
      expect(ask4(world, byAddress(1), { vss }).messageType).toBe(MessageType4.DHCPLEASEUNKNOWN);
  });

  test("a reply as query is dropped", () => {
    const bytes = encodeMessage4({
      op: Op4.BOOTREPLY,
      xid: 1,
      giaddr: 1,
      ciaddr: 1,
      options: [option4(OptionCode4.messageType, MessageType4.DHCPLEASEQUERY)],
    });
    const decoded = decodeMessage4(bytes);
    if (!decoded.ok) throw new Error(decoded.error.message);
    expect(respond4(new ResponderWorld().tables[4], SCOPES4, decoded.value, NOW)).toMatchObject({
      kind: "drop",
      reason: "op-unexpected",
    });
  });

  test("a client with a thousand addresses: a bounded list, in pieces of option 92", () => {
    const world = new ResponderWorld();
    const clientId = Uint8Array.of(1, 7);
    for (let host = 1; host <= 3000; host += 1) world.put(lease4(host, { clientId }));
    const answer = ask4(world, { kind: "client-id", clientId });
    const list = answer.option(OptionCode4.associatedIp)!;
    expect(list.length).toBe(4000);
    expect(ipv4FromBytes(list)).toBe(answer.ciaddr);
  });
});

function ask6(world: ResponderWorld, bytes: Uint8Array, scopes: ResponderScopes6 = SCOPES6) {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const response = respond6(world.tables[6], scopes, decoded.value, NOW, (name) =>
    name === "default:red" ? { ...SCOPES6, instance: "default:red" } : undefined,
  );
  if (response.kind === "drop") throw new Error(response.reason);
  const message = decodeMessage6(response.bytes);
  if (!message.ok || message.value.kind !== "message") throw new Error("no message");
  const read = readLeaseReply6(message.value);
  if (!read.ok) throw new Error(read.error.message);
  return { ...read.value, unknown: response.unknown, message: message.value };
}

describe("LEASEQUERY over UDP (RFC 5007)", () => {
  const address = ipv6FromBytes(ip6(1, 7));
  const base = { transactionId: 7, clientDuid: RELAY_DUID };

  test.each([3, 4, 5])("query type %i is for TCP: NotAllowed, well formed or not (RFC 5460 §4)", (queryType) => {
    const answer = ask6(new ResponderWorld(), leasequery6({ ...base, queryType, queryOptions: [] }));
    expect(answer.status?.code).toBe(StatusCode6.NotAllowed);
    expect(answer.unknown).toBe(true);
  });

  test("restricted-requestor: NotAllowed for what came through another relay", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7));
    world.put(prefix6(1, 7, { relayId: Uint8Array.of(0, 3, 9) }));
    const scopes = { ...SCOPES6, restrictedRequestor: true };
    for (const query of [
      { kind: "address", address },
      { kind: "client-id", clientDuid: lease6(1, 7).clientId! },
    ] as const) {
      const own = ask6(
        world,
        leasequery6({ ...base, ...query6(query), linkAddress: ipv6FromBytes(ip6(1, 0)) }),
        scopes,
      );
      if (own.status === undefined) expect(own.clientData!.prefixes).toEqual([]);
      const other = ask6(world, leasequery6({ ...base, clientDuid: Uint8Array.of(0, 3, 8), ...query6(query) }), scopes);
      expect(other.status?.code).toBe(StatusCode6.NotAllowed);
      expect(other.clientData).toBeUndefined();
    }
  });

  test("a VPN is a routing instance; the answer names it (RFC 6607)", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7, { instance: "default:red" }));
    const query = (vss: number[]) =>
      encodeMessage6({
        messageType: MessageType6.LEASEQUERY,
        transactionId: 7,
        options: [
          option6(OptionCode6.CLIENTID, RELAY_DUID),
          { code: OptionCode6.VSS, data: Uint8Array.from(vss) },
          option6(OptionCode6.LQ_QUERY, {
            queryType: 1,
            linkAddress: ipv6FromBytes(new Uint8Array(16)),
            options: query6({ kind: "address", address }).queryOptions,
          }),
        ],
      });
    const answer = ask6(world, query([0, 0x72, 0x65, 0x64]));
    expect(answer.clientData?.addresses.length).toBe(1);
    expect(answer.message.option(OptionCode6.VSS)).toEqual(Uint8Array.of(0, 0x72, 0x65, 0x64));
    expect(ask6(world, query([255])).clientData).toBeUndefined();
    expect(ask6(world, query([0, 0x7a])).status?.code).toBe(StatusCode6.NotAllowed);
  });
});
