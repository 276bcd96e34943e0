import { formatIpv4, ipv4FromBytes } from "@leasewire/net";
import {
  type BulkLeasequery4,
  bulkLeasequery4,
  encodeMessage4,
  leasequery4,
  type Message4,
  MessageType4,
  messageTypeName4,
  Op4,
  OptionCode4,
  option4,
  readLeasequeryDone4,
  readLeaseReply4,
  StatusCode4,
  statusCodeName4,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  BULK,
  ip,
  lease4,
  NOW_SECONDS,
  RELAY_DUID,
  type RequestorConnection,
  ResponderWorld,
  SCOPES4,
  SERVER_ADDRESS,
} from "../../../test/responder-world.ts";

function bulk(more: Partial<BulkLeasequery4> = {}): Uint8Array {
  return bulkLeasequery4({
    xid: 7,
    query: { kind: "relay-id", relayId: RELAY_DUID },
    parameterRequestList: [],
    ...more,
  });
}

/** `ACTIVE 10.0.0.1`, `DONE NotAllowed`. */
function said(messages: readonly Message4[]): string[] {
  return messages.map((message) => {
    const name = (messageTypeName4(message.messageType ?? 0) ?? "?").replace(/^DHCPLEASE(QUERY)?/, "");
    if (message.messageType !== MessageType4.DHCPLEASEQUERYDONE) return `${name} ${formatIpv4(message.ciaddr)}`;
    const done = readLeasequeryDone4(message);
    if (!done.ok) throw new Error(done.error.message);
    const { status } = done.value;
    return status === undefined ? name : `${name} ${statusCodeName4(status.code)}`;
  });
}

function ask(world: ResponderWorld, query: Uint8Array): string[] {
  return said(world.connect(4).send(query).read().messages4());
}

/** Queries that no function of ours would write. */
function crafted(
  fields: Partial<Parameters<typeof encodeMessage4>[0]>,
  options: [number, number[]][] = [],
): Uint8Array {
  return encodeMessage4({
    op: Op4.BOOTREQUEST,
    xid: 7,
    ...fields,
    options: [
      option4(OptionCode4.messageType, MessageType4.DHCPBULKLEASEQUERY),
      ...options.map(([code, data]) => ({ code, data: Uint8Array.from(data) })),
    ],
  });
}

describe("RFC 6926 §8.2: what a query is answered with", () => {
  test.each<[string, Uint8Array, string[]]>([
    ["ciaddr set", crafted({ ciaddr: 1 }), ["DONE MalformedQuery"]],
    ["yiaddr set", crafted({ yiaddr: 1 }), ["DONE MalformedQuery"]],
    ["siaddr set", crafted({ siaddr: 1 }), ["DONE MalformedQuery"]],
    [
      "two primary queries",
      crafted({ htype: 1, chaddr: Uint8Array.of(2, 0, 0, 0, 0, 1) }, [[61, [1, 2]]]),
      ["DONE NotAllowed"],
    ],
    ["remote-id and relay-id", crafted({}, [[82, [2, 1, 9, 12, 1, 9]]]), ["DONE NotAllowed"]],
    ["a client identifier without octets", crafted({}, [[61, []]]), ["DONE MalformedQuery"]],
    ["a query-start-time of three octets", crafted({}, [[154, [1, 2, 3]]]), ["DONE MalformedQuery"]],
    ["nothing found", bulk({ query: { kind: "client-id", clientId: Uint8Array.of(9, 9) } }), ["DONE"]],
    [
      "by hardware address",
      bulk({ query: { kind: "mac", htype: 1, address: Uint8Array.of(2, 0, 0, 0, 0, 1) } }),
      ["ACTIVE 10.0.0.1", "DONE"],
    ],
    [
      "another hardware type",
      bulk({ query: { kind: "mac", htype: 6, address: Uint8Array.of(2, 0, 0, 0, 0, 1) } }),
      ["DONE"],
    ],
    [
      "by client identifier",
      bulk({ query: { kind: "client-id", clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 2) } }),
      ["ACTIVE 10.0.0.2", "DONE"],
    ],
    [
      "by remote-id",
      bulk({ query: { kind: "remote-id", remoteId: Uint8Array.of(0x72, 0, 1) } }),
      ["ACTIVE 10.0.0.1", "DONE"],
    ],
  ])("%s", (_, query, expected) => {
    const world = new ResponderWorld();
    for (const host of [1, 2]) world.put(lease4(host));
    expect(ask(world, query)).toEqual(expected);
  });

  test("every configured address exactly once: ACTIVE with a current binding, else UNASSIGNED", () => {
    const world = new ResponderWorld([{ ...SCOPES4, configured: [{ low: ip(10, 0, 0, 1), high: ip(10, 0, 0, 5) }] }]);
    world.put(lease4(1));
    world.put(lease4(2, { state: 4 }));
    // Overdue, though the table has not moved it yet.
    world.put(lease4(3, { expiresAtSeconds: NOW_SECONDS }));
    // Beyond the pools, and still somebody's.
    world.put(lease4(9));
    world.put(lease4(10, { state: 3 }));
    expect(ask(world, bulk({ query: { kind: "all" } })).sort()).toEqual([
      "ACTIVE 10.0.0.1",
      "ACTIVE 10.0.0.9",
      "DONE",
      "UNASSIGNED 10.0.0.2",
      "UNASSIGNED 10.0.0.3",
      "UNASSIGNED 10.0.0.4",
      "UNASSIGNED 10.0.0.5",
    ]);
  });

  test("a binding has changed when its client or its state did within the window, both ends included", () => {
    const world = new ResponderWorld();
    const at = (host: number, heard: number, began: number) =>
      world.put(lease4(host, { clientLastTransactionTimeSeconds: heard, startTimeOfStateSeconds: began }));
    at(1, NOW_SECONDS - 100, NOW_SECONDS - 500);
    at(2, NOW_SECONDS - 50, NOW_SECONDS - 100);
    at(3, NOW_SECONDS - 99, NOW_SECONDS - 99);
    at(4, NOW_SECONDS - 101, NOW_SECONDS - 101);
    const within = { queryStartTimeSeconds: NOW_SECONDS - 100, queryEndTimeSeconds: NOW_SECONDS - 100 };
    expect(ask(world, bulk(within)).sort()).toEqual(["ACTIVE 10.0.0.1", "ACTIVE 10.0.0.2", "DONE"]);
    expect(ask(world, bulk({ queryStartTimeSeconds: NOW_SECONDS - 99 })).sort()).toEqual([
      "ACTIVE 10.0.0.2",
      "ACTIVE 10.0.0.3",
      "DONE",
    ]);
    // Of a free address nothing is known to have changed.
    expect(ask(world, bulk({ ...within, query: { kind: "all" } })).sort()).toEqual([
      "ACTIVE 10.0.0.1",
      "ACTIVE 10.0.0.2",
      "DONE",
    ]);
  });

  test("an address is told once, whatever happens to its binding meanwhile", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 1000; host += 1) world.put(lease4(host));
    const table = world.tables[4];
    const connection = world.connect(4).send(bulk(), bulk({ xid: 8, query: { kind: "all" } }));
    connection.read(10_000, (fill) => {
      // Each time some leases go and come back in other rows, at both ends of every chain.
      for (let host = 1 + fill; host <= 1000; host += 97) {
        const row = table.byAddress("default:default", lease4(host).address);
        if (row > 0) table.remove(row, "test", NOW_SECONDS);
        const other = table.byAddress("default:default", lease4(1001 - host).address);
        if (other > 0) table.remove(other, "test", NOW_SECONDS);
        world.put(lease4(host));
        world.put(lease4(1001 - host));
      }
    });
    const messages = connection.messages4();
    for (const xid of [7, 8]) {
      const addresses = messages
        .filter((message) => message.xid === xid && message.ciaddr !== 0)
        .map(({ ciaddr }) => ciaddr);
      expect(addresses.length).toBeGreaterThan(500);
      expect(new Set(addresses).size).toBe(addresses.length);
    }
  });
});

describe("RFC 6926 §8.3: what a reply holds", () => {
  function replies(parameterRequestList: number[], world = new ResponderWorld()): Message4[] {
    for (const host of [1, 2]) world.put(lease4(host, { dataSource: 2 - host }));
    return world.connect(4).send(bulk({ parameterRequestList })).read().messages4();
  }

  test("option 54 stands in the first message only", () => {
    const messages = replies([]);
    expect(messages.map((message) => message.has(OptionCode4.serverIdentifier))).toEqual([true, false, false]);
    expect(messages[0]!.option(OptionCode4.serverIdentifier)).toEqual(Uint8Array.of(192, 0, 2, 1));
    // Where nothing is found the DONE is the first.
    const none = new ResponderWorld().connect(4).send(bulk()).read().messages4();
    expect(none[0]!.has(OptionCode4.serverIdentifier)).toBe(true);
  });

  test("options follow the request list, with times before base-time and option 82 last", () => {
    const [message] = replies([82, 152, 156, 51, 153, 91, 157, 61, 60]);
    const reply = readLeaseReply4(message!);
    if (!reply.ok) throw new Error(reply.error.message);
    const binding = lease4(1);
    expect(reply.value).toEqual({
      messageType: MessageType4.DHCPLEASEACTIVE,
      xid: 7,
      ciaddr: ipv4FromBytes(binding.address),
      htype: 1,
      chaddr: binding.hardwareAddress,
      serverIdentifier: SERVER_ADDRESS,
      baseTimeSeconds: NOW_SECONDS,
      leaseTimeSeconds: 900,
      startTimeOfStateSeconds: 500,
      clientLastTransactionTimeSeconds: 100,
      dhcpState: 2,
      dataSource: 1,
      vendorClassIdentifier: Uint8Array.of(0x76),
      clientIdentifier: binding.clientId,
      relayAgentInformation: binding.relayAgentInformation,
      options: [],
    });
    expect([...message!.options()].map(({ code }) => code)).toEqual([53, 54, 152, 156, 51, 153, 91, 157, 61, 60, 82]);
  });

  test("data-source is left out where no bit is set, client-last-transaction-time where it is not known", () => {
    const world = new ResponderWorld();
    world.put(lease4(1, { clientLastTransactionTimeSeconds: 0 }));
    const [message] = world
      .connect(4)
      .send(bulk({ parameterRequestList: [157, 91, 92] }))
      .read()
      .messages4();
    expect([...message!.options()].map(({ code }) => code)).toEqual([53, 54]);
  });

  test("an infinite lease stays infinite; a lease without an end has no lease time", () => {
    const world = new ResponderWorld();
    world.put(lease4(1, { expiresAtSeconds: 0xffff_ffff }));
    world.put(lease4(2, { expiresAtSeconds: 0 }));
    const messages = world
      .connect(4)
      .send(bulk({ parameterRequestList: [51, 58, 59] }))
      .read()
      .messages4();
    const times = messages.slice(0, 2).map((message) => message.option(OptionCode4.leaseTime)?.join("."));
    expect(times.sort()).toEqual(["255.255.255.255", undefined]);
    expect(messages.some((message) => message.has(OptionCode4.renewalTime))).toBe(false);
  });

  test("values longer than 255 octets are split and read as one (RFC 3396)", () => {
    const world = new ResponderWorld();
    const relayAgentInformation = new Uint8Array(700).fill(7);
    world.put(lease4(1, { relayAgentInformation, circuitId: undefined, remoteId: undefined, relayId: RELAY_DUID }));
    const [message] = world
      .connect(4)
      .send(bulk({ parameterRequestList: [82] }))
      .read()
      .messages4();
    expect(message!.option(OptionCode4.relayAgentInformation)).toEqual(relayAgentInformation);
    expect([...message!.options()].filter(({ code }) => code === 82).map(({ data }) => data.length)).toEqual([
      255, 255, 190,
    ]);
  });
});

describe("RFC 6607, RFC 6926 §6.2.9: VPNs are routing instances", () => {
  function world(): ResponderWorld {
    const made = new ResponderWorld([
      { ...SCOPES4, configured: [] },
      { ...SCOPES4, configured: [], instance: "default:red" },
      { ...SCOPES4, configured: [], instance: "other:default" },
    ]);
    made.put(lease4(1));
    made.put(lease4(2, { instance: "default:red" }));
    made.put(lease4(3, { instance: "other:default" }));
    return made;
  }
  const red = Uint8Array.from([..."red"].map((letter) => letter.charCodeAt(0)));

  test.each<[string, "default:default" | "default:red", BulkLeasequery4["vss"], string[]]>([
    ["no option: that of the connection", "default:default", undefined, ["ACTIVE 10.0.0.1", "DONE"]],
    ["type 255: that of the connection", "default:red", { kind: "global" }, ["ACTIVE 10.0.0.2", "DONE"]],
    ["type 0: by name", "default:default", { kind: "name", name: red }, ["ACTIVE 10.0.0.2", "DONE"]],
    [
      "type 254: all of the logical system",
      "default:default",
      { kind: "all" },
      ["ACTIVE 10.0.0.1", "ACTIVE 10.0.0.2", "DONE"],
    ],
    ["type 254 from within another: its own", "default:red", { kind: "all" }, ["ACTIVE 10.0.0.2", "DONE"]],
    ["another from within one", "default:red", { kind: "name", name: Uint8Array.of(0x64) }, ["DONE NotAllowed"]],
    ["one that does not exist", "default:default", { kind: "name", name: Uint8Array.of(0x7a) }, ["DONE NotAllowed"]],
    ["a VPN-ID", "default:default", { kind: "vpn-id", vpnId: new Uint8Array(7) }, ["DONE NotAllowed"]],
  ])("%s", (_, instance, vss, expected) => {
    for (const query of [{ kind: "all" }, { kind: "relay-id", relayId: RELAY_DUID }] as const) {
      const messages = world().connect(4, { instance }).send(bulk({ vss, query })).read().messages4();
      expect(said(messages).sort()).toEqual([...expected].sort());
    }
  });

  test("a reply about another VPN names it in option 221", () => {
    const messages = world()
      .connect(4)
      .send(bulk({ vss: { kind: "all" } }))
      .read()
      .messages4();
    const named = messages.map((message) => message.option(OptionCode4.vss)?.join());
    expect(named.filter((name) => name !== undefined)).toEqual([[0, ...red].join()]);
    expect(messages.find((message) => message.has(OptionCode4.vss))!.ciaddr).toBe(ip(10, 0, 0, 2));
  });
});

describe("RFC 6926 §8.1, §8.4, §8.5: connections", () => {
  test("queries on one connection are answered side by side, no more of them than are configured", () => {
    const world = new ResponderWorld([{ ...SCOPES4, bulk: { ...BULK, queriesParallelMax: 2 } }]);
    for (let host = 1; host <= 2000; host += 1) world.put(lease4(host));
    const connection = world.connect(4);
    for (const xid of [1, 2, 3]) connection.send(bulk({ xid, parameterRequestList: [82, 61, 60] }));
    connection.read(1);
    const first = new Set(connection.messages4().map(({ xid }) => xid));
    expect([...first].sort()).toEqual([1, 2]);
    const all = connection.read().messages4();
    expect(
      all
        .filter(({ messageType }) => messageType === MessageType4.DHCPLEASEQUERYDONE)
        .map(({ xid }) => xid)
        .sort(),
    ).toEqual([1, 2, 3]);
    // A query that waited is answered when another is done, not before.
    const third = all.findIndex(({ xid }) => xid === 3);
    const done = all.findIndex(({ messageType }) => messageType === MessageType4.DHCPLEASEQUERYDONE);
    expect(third).toBeGreaterThan(done);
  });

  test("an xid that is being answered is not taken twice", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    const messages = world.connect(4).send(bulk(), bulk()).read().messages4();
    expect(said(messages)).toEqual(["DONE MalformedQuery", "ACTIVE 10.0.0.1", "DONE"]);
  });

  test("no more octets are read while enough queries wait", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    const connection = world.connect(4);
    expect(world.engine.canRead(connection.id)).toBe(true);
    for (let xid = 1; xid <= 80; xid += 1) connection.send(bulk({ xid }));
    expect(world.engine.canRead(connection.id)).toBe(false);
    connection.read();
    expect(world.engine.canRead(connection.id)).toBe(true);
    expect(connection.messages4().length).toBe(160);
  });

  test.each<[string, number, number, Partial<typeof BULK>, string]>([
    ["max-connections of the instance", 3, 100, { connectionsMax: 3 }, "connection-limit-instance"],
    ["accept-max-tcp-connections of the chassis", 2, 2, {}, "connection-limit-chassis"],
  ])("over %s a connection is closed at once", (_, fits, chassis, policy, reason) => {
    const world = new ResponderWorld([{ ...SCOPES4, bulk: { ...BULK, ...policy } }], [], chassis);
    const open = Array.from({ length: fits }, () => world.connect(4));
    expect(open.map(({ refused }) => refused)).toEqual(open.map(() => undefined));
    expect(world.connect(4).refused).toBe(reason);
    world.engine.closed(open[0]!.id, false, world.now);
    expect(world.connect(4).refused).toBeUndefined();
  });

  test("where bulk leasequery is not configured, or the address may not connect, the connection is closed at once", () => {
    const none = new ResponderWorld([{ ...SCOPES4, bulk: undefined as never }], []);
    expect(none.connect(4).refused).toBe("connection-not-configured");
    expect(none.connect(6).refused).toBe("connection-not-configured");
    const some = new ResponderWorld([
      { ...SCOPES4, bulk: { ...BULK, requestorAddresses: [{ address: ip(10, 0, 0, 0), length: 24 }] as never } },
    ]);
    expect(some.connect(4, { peerAddress: "10.0.1.1" }).refused).toBe("connection-not-permitted");
    expect(some.connect(4, { peerAddress: "10.0.0.1" }).refused).toBeUndefined();
  });

  test("restricted-requestor: bindings of its own giaddr only, by that of the query or its address", () => {
    const world = new ResponderWorld([{ ...SCOPES4, bulk: { ...BULK, restrictedRequestor: true } }]);
    world.put(lease4(1));
    world.put(lease4(2, { linkAddress: Uint8Array.of(10, 0, 0, 253) }));
    world.put(lease4(3, { linkAddress: undefined }));
    for (const query of [{ kind: "all" }, { kind: "relay-id", relayId: RELAY_DUID }] as const) {
      expect(ask(world, bulk({ query }))).toEqual(["ACTIVE 10.0.0.1", "DONE"]);
      expect(ask(world, bulk({ query, giaddr: ip(10, 0, 0, 253) }))).toEqual(["ACTIVE 10.0.0.2", "DONE"]);
      expect(ask(world, bulk({ query, giaddr: ip(10, 0, 0, 1) }))).toEqual(["DONE"]);
    }
  });

  test("max-empty-replies answers in a row without a binding close the connection; one with a binding begins anew", () => {
    const world = new ResponderWorld([{ ...SCOPES4, bulk: { ...BULK, emptyRepliesMax: 3 } }]);
    world.put(lease4(1));
    const nothing = { query: { kind: "client-id", clientId: Uint8Array.of(9, 9) } } as const;
    const connection = world.connect(4);
    const turn = (query: Uint8Array): RequestorConnection => connection.send(query).read();
    turn(bulk(nothing));
    turn(crafted({ ciaddr: 1 }));
    turn(bulk());
    turn(bulk(nothing));
    turn(bulk(nothing));
    expect(connection.closedBy).toBeUndefined();
    expect(turn(bulk(nothing)).closedBy).toBe("end");
    const [counted] = world.engine.counters();
    expect(counted!.counters).toMatchObject({ accepted: 1, closedDueToMaxEmptyReplies: 1, closedDueToError: 0 });
  });

  test("idle for the timeout after the last DONE: closed; a query in between begins anew", () => {
    const world = new ResponderWorld();
    const connection = world.connect(4);
    world.pass(100);
    connection.send(bulk()).read();
    world.pass(119);
    world.engine.tick(world.now);
    expect(connection.read().closedBy).toBeUndefined();
    expect(world.engine.nextDeadlineMs()).toBe(world.now + 1000);
    world.pass(1);
    world.engine.tick(world.now);
    expect(connection.read().closedBy).toBe("end");
  });

  test("octets that never make a query do not keep a connection open", () => {
    const world = new ResponderWorld();
    const connection = world.connect(4);
    for (let second = 0; second < 121; second += 1) {
      connection.octets(Uint8Array.of(second === 0 ? 1 : 0));
      world.pass(1);
      world.engine.tick(world.now);
    }
    expect(connection.read().closedBy).toBe("end");
  });

  test("a requestor that does not read for the timeout is cut off, and costs one buffer until then", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 2000; host += 1) world.put(lease4(host));
    const connection = world.connect(4).send(bulk({ parameterRequestList: [82] }));
    const buffer = new Uint8Array(131_072);
    const octets = world.engine.fill(connection.id, buffer, world.now);
    expect(octets).toBeGreaterThan(100_000);
    world.pass(119);
    world.engine.tick(world.now);
    expect(world.engine.next(connection.id)).toBe("fill");
    world.pass(1);
    world.engine.tick(world.now);
    expect(world.engine.next(connection.id)).toBe("abort");
  });

  test("the requestor closes its end: the server closes", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 10; host += 1) world.put(lease4(host));
    const connection = world.connect(4).send(bulk());
    world.engine.peerEnded(connection.id, world.now);
    expect(connection.read().closedBy).toBe("abort");
  });

  test.each<[string, Uint8Array]>([
    ["a DHCPDISCOVER", crafted2(MessageType4.DHCPDISCOVER)],
    [
      "a DHCPLEASEQUERY",
      leasequery4({
        xid: 1,
        giaddr: ip(10, 0, 0, 1),
        query: { kind: "address", address: ip(10, 0, 0, 1) },
        parameterRequestList: [],
      }),
    ],
    [
      "a reply",
      encodeMessage4({
        op: Op4.BOOTREPLY,
        xid: 1,
        options: [option4(OptionCode4.messageType, MessageType4.DHCPBULKLEASEQUERY)],
      }),
    ],
    ["no message type", encodeMessage4({ op: Op4.BOOTREQUEST, xid: 1, options: [] })],
    ["no magic cookie", new Uint8Array(300)],
    ["an option that runs beyond the end", Uint8Array.from([...crafted({}).subarray(0, 243), 82, 200, 1])],
  ])("%s closes the connection (RFC 7724 §8.1.1)", (_, bytes) => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    const connection = world
      .connect(4)
      .send(bulk(), bytes, bulk({ xid: 8 }))
      .read();
    // The query before it is answered, the one behind it is not.
    expect(said(connection.messages4())).toEqual(["ACTIVE 10.0.0.1", "DONE"]);
    expect(connection.closedBy).toBe("end");
  });

  test("a frame too short for a message closes the connection", () => {
    const world = new ResponderWorld();
    const connection = world
      .connect(4)
      .octets(Uint8Array.of(0, 100, 1, 1))
      .read();
    expect(connection.closedBy).toBe("end");
  });

  test("at shutdown a query ends with QueryTerminated, and no connection is taken any more", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 2000; host += 1) world.put(lease4(host));
    const connection = world
      .connect(4)
      .send(bulk({ parameterRequestList: [82] }))
      .read(1);
    world.engine.stop(world.now);
    expect(world.ready).toBeGreaterThan(0);
    expect(said(connection.read().messages4()).at(-1)).toBe("DONE QueryTerminated");
    expect(connection.closedBy).toBe("end");
    expect(world.connect(4).refused).toBe("connection-stopping");
  });

  test("a connection that broke has given back what it held of the table", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 2000; host += 1) world.put(lease4(host));
    const connection = world
      .connect(4)
      .send(bulk({ parameterRequestList: [82] }))
      .read(1);
    world.engine.closed(connection.id, true, world.now);
    expect(world.engine.size).toBe(0);
    expect(world.tables[4].cursorCount).toBe(0);
  });
});

function crafted2(type: number): Uint8Array {
  return encodeMessage4({ op: Op4.BOOTREQUEST, xid: 1, options: [option4(OptionCode4.messageType, type as 1)] });
}

test("messages are counted by type, received and sent", () => {
  const world = new ResponderWorld([{ ...SCOPES4, configured: [{ low: ip(10, 0, 0, 1), high: ip(10, 0, 0, 3) }] }]);
  world.put(lease4(1));
  world
    .connect(4)
    .send(bulk({ query: { kind: "all" } }), crafted({ ciaddr: 1 }))
    .read();
  const [counted] = world.engine.counters();
  expect(Object.fromEntries(counted!.messages.received)).toEqual({ DHCPBULKLEASEQUERY: 2 });
  expect(Object.fromEntries(counted!.messages.sent)).toEqual({
    DHCPLEASEACTIVE: 1,
    DHCPLEASEUNASSIGNED: 2,
    DHCPLEASEQUERYDONE: 2,
  });
  expect(counted!.counters.reasons.get("query-malformed")).toBe(1);
  world.engine.clearCounters({ family: 4 }, world.now);
  expect([...world.engine.counters()][0]!.messages.sent.size).toBe(0);
});

test("statuses have a text for people", () => {
  const world = new ResponderWorld();
  const [message] = world
    .connect(4)
    .send(crafted({ ciaddr: 1 }))
    .read()
    .messages4();
  const done = readLeasequeryDone4(message!);
  expect(done).toMatchObject({ ok: true, value: { status: { code: StatusCode4.MalformedQuery } } });
  expect(done.ok && new TextDecoder().decode(done.value.status?.text)).toBe(
    "The query is not well formed: ciaddr is set in a bulk query.",
  );
});
