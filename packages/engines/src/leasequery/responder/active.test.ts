import { formatIpv4, formatIpv6, ipv6FromBytes } from "@leasewire/net";
import {
  activeLeasequery4,
  activeLeasequery6,
  bulkLeasequery4,
  encodeMessage4,
  leasequery6,
  type Message4,
  type Message6,
  MessageType4,
  messageTypeName6,
  Op4,
  OptionCode4,
  option4,
  query6,
  readLeasequeryStatus4,
  readLeaseReply6,
  statusCodeName4,
  statusCodeName6,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  ip6,
  lease4,
  lease6,
  NOW_SECONDS,
  prefix6,
  RELAY_DUID,
  type RequestorConnection,
  ResponderWorld,
  SCOPES4,
  SCOPES6,
  SERVER_DUID,
} from "../../../test/responder-world.ts";

const ACTIVE = { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "insecure" } as const;

function said4(messages: readonly Message4[]): string[] {
  return messages.map((message) => {
    if (message.messageType === MessageType4.DHCPLEASEQUERYSTATUS) {
      const status = readLeasequeryStatus4(message);
      if (!status.ok) throw new Error(status.error.message);
      return `${statusCodeName4(status.value.status!.code)} ${(status.value.baseTimeSeconds ?? 0) - NOW_SECONDS}`;
    }
    const state = message.option(OptionCode4.dhcpState)?.[0];
    return `${message.messageType === MessageType4.DHCPLEASEACTIVE ? "ACTIVE" : "UNASSIGNED"} ${formatIpv4(message.ciaddr)} state ${state}`;
  });
}

function said6(messages: readonly Message6[]): string[] {
  return messages.map((message) => {
    const read = readLeaseReply6(message);
    if (!read.ok) throw new Error(read.error.message);
    const { messageType, status, clientData, baseTimeSeconds } = read.value;
    const parts = [(messageTypeName6(messageType) ?? "?").replace("LEASEQUERY-", "")];
    if (status !== undefined) parts.push(statusCodeName6(status.code) ?? "?");
    if (status !== undefined && baseTimeSeconds !== undefined)
      parts.push(String(baseTimeSeconds - unixToEpoch2000Seconds(NOW_SECONDS)));
    for (const { address, validLifetimeSeconds } of clientData?.addresses ?? [])
      parts.push(`${formatIpv6(address)}=${validLifetimeSeconds}`);
    for (const { prefix, validLifetimeSeconds } of clientData?.prefixes ?? [])
      parts.push(`${formatIpv6(prefix)}=${validLifetimeSeconds}`);
    return parts.join(" ");
  });
}

function stream4(world: ResponderWorld, startSeconds?: number): RequestorConnection {
  return world.connect(4).send(
    activeLeasequery4({
      xid: 7,
      parameterRequestList: [152, 156, 51],
      ...(startSeconds === undefined ? {} : { queryStartTimeSeconds: startSeconds }),
    }),
  );
}

function stream6(
  world: ResponderWorld,
  more: Partial<Parameters<typeof activeLeasequery6>[0]> = {},
): RequestorConnection {
  return world.connect(6).send(activeLeasequery6({ transactionId: 7, clientDuid: RELAY_DUID, ...more }));
}

describe("DHCPv4 (RFC 7724)", () => {
  test("without a start time: what changes from now on, and nothing of before", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    const stream = stream4(world);
    expect(said4(stream.read().messages4())).toEqual([]);
    world.put(lease4(2));
    world.put(lease4(1, { state: 4 }));
    expect(said4(stream.read().messages4())).toEqual(["ACTIVE 10.0.0.2 state 2", "UNASSIGNED 10.0.0.1 state 4"]);
    expect(stream.closedBy).toBeUndefined();
  });

  test("with a start time: what changed since, then CatchUpComplete, then what changes", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    world.pass(1000);
    for (const host of [2, 3]) world.put(lease4(host, { expiresAtSeconds: NOW_SECONDS + 5000 }));
    const stream = stream4(world, NOW_SECONDS + 500);
    expect(said4(stream.read().messages4())).toEqual([
      "ACTIVE 10.0.0.2 state 2",
      "ACTIVE 10.0.0.3 state 2",
      "CatchUpComplete 1000",
    ]);
    world.put(lease4(1, { state: 3 }));
    expect(said4(stream.read().messages4())).toEqual(["UNASSIGNED 10.0.0.1 state 3"]);
  });

  test("the first reply carries option 54, no reply option 92", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    world.put(lease4(2));
    const messages = stream4(world, NOW_SECONDS).read().messages4();
    expect(messages.map((message) => message.has(OptionCode4.serverIdentifier))).toEqual([true, false, false]);
    expect(messages.some((message) => message.has(OptionCode4.associatedIp))).toBe(false);
  });

  test("an ended binding is told as long as it is kept; an older start time is DataMissing, and the stream goes on", () => {
    const world = new ResponderWorld();
    const table = world.tables[4];
    const retention = table.limits.endedRetentionSeconds;
    world.put(lease4(1, { state: 4 }));
    world.put(lease4(2));
    world.pass(retention - 10);
    expect(said4(stream4(world, NOW_SECONDS).read().messages4())).toEqual([
      "UNASSIGNED 10.0.0.1 state 4",
      "UNASSIGNED 10.0.0.2 state 3",
      `CatchUpComplete ${retention - 10}`,
    ]);
    world.pass(20);
    table.sweep(Math.floor(world.now / 1000), 100);
    const stream = stream4(world, NOW_SECONDS);
    expect(said4(stream.read().messages4())).toEqual([`DataMissing ${retention + 10}`]);
    world.put(lease4(5, { expiresAtSeconds: 0xffff_ffff }));
    expect(said4(stream.read().messages4())).toEqual(["ACTIVE 10.0.0.5 state 2"]);
  });

  test("a binding that was taken out of the table altogether leaves a gap: DataMissing", () => {
    const world = new ResponderWorld();
    const row = world.put(lease4(1));
    world.pass(100);
    world.tables[4].remove(row, "test", NOW_SECONDS + 100);
    world.pass(100);
    expect(
      said4(
        stream4(world, NOW_SECONDS + 50)
          .read()
          .messages4(),
      ),
    ).toEqual(["DataMissing 200"]);
    expect(
      said4(
        stream4(world, NOW_SECONDS + 101)
          .read()
          .messages4(),
      ),
    ).toEqual(["CatchUpComplete 200"]);
  });

  test("history lost while catching up: DataMissing once, then the stream goes on from now", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 2000; host += 1) world.put(lease4(host, { state: host <= 1000 ? 2 : 4 }));
    const stream = stream4(world, NOW_SECONDS).read(1);
    const before = stream.messages4();
    expect(before.length).toBeGreaterThan(100);
    world.pass(10);
    for (let host = 1500; host <= 2000; host += 1) {
      const row = world.tables[4].byAddress("default:default", lease4(host).address);
      world.tables[4].remove(row, "retention", Math.floor(world.now / 1000));
    }
    expect(said4(stream.read().messages4())).toEqual(["DataMissing 10"]);
    world.put(lease4(1));
    world.put(lease4(1, { state: 4 }));
    expect(said4(stream.read().messages4())).toEqual(["UNASSIGNED 10.0.0.1 state 4"]);
  });

  test("only what is durable is told, in catch-up and after", () => {
    const world = new ResponderWorld();
    world.durable = 1;
    world.put(lease4(1));
    world.put(lease4(2));
    const stream = stream4(world, NOW_SECONDS);
    expect(said4(stream.read().messages4())).toEqual(["ACTIVE 10.0.0.1 state 2"]);
    world.durable = 2;
    world.engine.durableAdvanced();
    expect(said4(stream.read().messages4())).toEqual(["ACTIVE 10.0.0.2 state 2", "CatchUpComplete 0"]);
    world.put(lease4(1, { state: 4 }));
    expect(said4(stream.read().messages4())).toEqual([]);
    world.durable = 3;
    expect(said4(stream.read().messages4())).toEqual(["UNASSIGNED 10.0.0.1 state 4"]);
  });

  // A change is decided at second 0 and durable at second 30; meanwhile the requestor has been told base-time 20 in a
  // keepalive and comes back with it. The change must not be lost.
  test("a base-time told while a change is not durable hides nothing", () => {
    const world = new ResponderWorld();
    world.durable = 0;
    const stream = stream4(world);
    world.put(lease4(1));
    world.pass(30);
    world.engine.tick(world.now);
    expect(said4(stream.read().messages4())).toEqual(["ConnectionActive 30"]);
    world.durable = 1;
    expect(
      said4(
        stream4(world, NOW_SECONDS + 30)
          .read()
          .messages4(),
      )[0],
    ).toBe("ACTIVE 10.0.0.1 state 2");
    // Where it takes longer than a minute, the base-time stays behind.
    world.durable = 0;
    world.pass(600);
    const late = stream4(world);
    world.pass(30);
    world.engine.tick(world.now);
    expect(said4(late.read().messages4())).toEqual(["ConnectionActive 60"]);
  });

  test("a slow requestor is told the latest state, once for each address", () => {
    const world = new ResponderWorld();
    const stream = stream4(world).read();
    for (let round = 0; round < 50; round += 1) {
      for (let host = 1; host <= 20; host += 1)
        world.put(lease4(host, { expiresAtSeconds: NOW_SECONDS + 100 + round }));
    }
    const messages = stream.read().messages4();
    expect(messages.length).toBe(20);
    expect(messages.every((message) => message.option(OptionCode4.leaseTime)?.[3] === 149)).toBe(true);
  });

  test.each([
    [60, 30],
    [200, 60],
    [10, 5],
  ])("idle-timeout %i: a keepalive every %i seconds", (idleTimeoutSeconds, period) => {
    const world = new ResponderWorld([{ ...SCOPES4, active: { ...ACTIVE, idleTimeoutSeconds } }]);
    const stream = stream4(world).read();
    for (let i = 1; i <= 3; i += 1) {
      expect(world.engine.nextDeadlineMs()).toBe(world.now + period * 1000);
      world.pass(period);
      world.engine.tick(world.now);
      expect(said4(stream.read().messages4())).toEqual([`ConnectionActive ${i * period}`]);
    }
    // A change is a sign of life as well.
    world.pass(period - 1);
    world.put(lease4(1));
    stream.read();
    expect(world.engine.nextDeadlineMs()).toBe(world.now + period * 1000);
  });

  test("at shutdown QueryTerminated with base-time is the last message", () => {
    const world = new ResponderWorld();
    const stream = stream4(world).read();
    world.put(lease4(1));
    world.engine.stop(world.now);
    expect(said4(stream.read().messages4()).at(-1)).toBe("QueryTerminated 0");
    expect(stream.closedBy).toBe("end");
    expect(world.tables[4].cursorCount).toBe(0);
  });

  test("a requestor that does not read for the timeout is cut off", () => {
    const world = new ResponderWorld([{ ...SCOPES4, active: { ...ACTIVE, timeoutSeconds: 20 } }]);
    const stream = stream4(world).read();
    world.put(lease4(1));
    world.engine.fill(stream.id, new Uint8Array(131_072), world.now);
    world.pass(20);
    world.engine.tick(world.now);
    expect(world.engine.next(stream.id)).toBe("abort");
  });

  const crafted = (options: [number, number[]][], fields: object = {}): Uint8Array =>
    encodeMessage4({
      op: Op4.BOOTREQUEST,
      xid: 7,
      ...fields,
      options: [
        option4(OptionCode4.messageType, MessageType4.DHCPACTIVELEASEQUERY),
        ...options.map(([code, data]) => ({ code, data: Uint8Array.from(data) })),
      ],
    });

  test.each<[string, Uint8Array, string]>([
    ["a query-end-time", crafted([[155, [0, 0, 0, 1]]]), "MalformedQuery"],
    ["ciaddr", crafted([], { ciaddr: 1 }), "MalformedQuery"],
    ["a hardware address", crafted([], { htype: 1, chaddr: Uint8Array.of(1) }), "MalformedQuery"],
    ["a client identifier", crafted([[61, [1, 2]]]), "MalformedQuery"],
  ])("%s: a status, and the connection is closed", (_, query, status) => {
    const connection = new ResponderWorld().connect(4).send(query).read();
    expect(said4(connection.messages4()).map((text) => text.split(" ")[0])).toEqual([status]);
    expect(connection.closedBy).toBe("end");
  });

  test("it must be configured, and over TLS unless the insecure mode is", () => {
    const none = new ResponderWorld([{ ...SCOPES4, active: undefined as never }]);
    const secure = new ResponderWorld([{ ...SCOPES4, active: { ...ACTIVE, mode: "secure" } }]);
    for (const world of [none, secure]) {
      const connection = stream4(world).read();
      expect(said4(connection.messages4())[0]).toMatch(/^NotAllowed/);
      expect(connection.closedBy).toBe("end");
    }
  });

  test("it has its connection for itself", () => {
    const world = new ResponderWorld();
    world.put(lease4(1));
    const stream = stream4(world).read();
    const bulk = bulkLeasequery4({ xid: 9, query: { kind: "all" }, parameterRequestList: [] });
    stream.send(bulk).read();
    expect(stream.messages4().map(({ messageType, xid }) => [messageType, xid])).toEqual([
      [MessageType4.DHCPLEASEQUERYDONE, 9],
    ]);
    world.put(lease4(2));
    expect(said4(stream.read().messages4())).toEqual(["ACTIVE 10.0.0.2 state 2"]);
    // A second one is an error that ends the connection.
    stream.send(activeLeasequery4({ xid: 10, parameterRequestList: [] })).read();
    expect(said4(stream.messages4()).map((text) => text.split(" ")[0])).toEqual(["NotAllowed", "QueryTerminated"]);
    expect(stream.closedBy).toBe("end");
    const behind = world
      .connect(4)
      .send(bulk, activeLeasequery4({ xid: 10, parameterRequestList: [] }))
      .read();
    expect(behind.closedBy).toBe("end");
  });

  test("connections with a stream do not count against max-connections", () => {
    const world = new ResponderWorld([{ ...SCOPES4, bulk: { ...SCOPES4.bulk!, connectionsMax: 1 } }]);
    stream4(world).read();
    stream4(world).read();
    expect(world.connect(4).refused).toBeUndefined();
    expect(world.connect(4).refused).toBe("connection-limit-instance");
  });

  test("a configuration without it ends the stream, one with other pools does not", () => {
    const world = new ResponderWorld();
    const stream = stream4(world).read();
    world.engine.configure({ servers4: [{ ...SCOPES4, configured: [] }], servers6: [] }, world.now);
    expect(stream.read().closedBy).toBeUndefined();
    world.engine.configure({ servers4: [{ ...SCOPES4, active: undefined as never }], servers6: [] }, world.now);
    expect(said4(stream.read().messages4())).toEqual(["QueryTerminated 0"]);
    expect(stream.closedBy).toBe("end");
  });
});

describe("DHCPv6 (RFC 7653)", () => {
  test("a LEASEQUERY-REPLY at once, then LEASEQUERY-DATA; a keepalive is one without client data", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7));
    const stream = stream6(world).read();
    const [reply] = stream.messages6();
    expect(readLeaseReply6(reply!)).toMatchObject({ value: { serverDuid: SERVER_DUID, clientDuid: RELAY_DUID } });
    expect(said6([reply!])).toEqual(["REPLY"]);
    world.put(lease6(1, 8));
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::8=900"]);
    world.pass(30);
    world.engine.tick(world.now);
    expect(said6(stream.read().messages6())).toEqual(["DATA"]);
  });

  test("catch-up ends with CatchUpComplete; a start time too old is DataMissing in the reply", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7));
    const start = { startTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS) };
    expect(said6(stream6(world, start).read().messages6())).toEqual([
      "REPLY",
      "DATA 2001:db8:1::7=900",
      "DATA CatchUpComplete",
    ]);
    const old = { startTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS - 90_000) };
    const stream = stream6(world, old).read();
    expect(said6(stream.messages6())).toEqual(["REPLY DataMissing 0"]);
    world.put(lease6(1, 8));
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::8=900"]);
  });

  test("history lost while catching up: DataMissing in a LEASEQUERY-DATA", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 4000; host += 1) world.put(lease6(1, host));
    const stream = stream6(world, { startTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS) }).read(1);
    stream.messages6();
    world.pass(5);
    const row = world.tables[6].byAddress("default:default", ip6(1, 3999));
    world.tables[6].remove(row, "test", NOW_SECONDS + 5);
    expect(said6(stream.read().messages6())).toEqual(["DATA DataMissing 5"]);
  });

  test("a lease that ended is told with lifetimes 0, beside those that remain", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7));
    world.put(prefix6(1, 7));
    const stream = stream6(world).read();
    stream.messages6();
    world.put(prefix6(1, 7, { state: 4 }));
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::7=900 2001:db8:1:7::=0"]);
    world.put(lease6(1, 7, { state: 3 }));
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::7=0"]);
  });

  test("leases of a client that change together are told in one message", () => {
    const world = new ResponderWorld();
    const stream = stream6(world).read();
    stream.messages6();
    world.put(lease6(1, 7));
    world.put(prefix6(1, 7));
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::7=900 2001:db8:1:7::=900"]);
    world.put(prefix6(1, 7, { expiresAtSeconds: NOW_SECONDS + 1000 }));
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::7=900 2001:db8:1:7::=1000"]);
  });

  test("a client is told when all of its leases are durable", () => {
    const world = new ResponderWorld();
    const stream = stream6(world).read();
    stream.messages6();
    world.durable = 1;
    world.put(lease6(1, 7));
    world.put(prefix6(1, 7));
    expect(said6(stream.read().messages6())).toEqual([]);
    expect(world.engine.next(stream.id)).toBe("wait");
    world.durable = 2;
    expect(world.engine.next(stream.id)).toBe("fill");
    expect(said6(stream.read().messages6())).toEqual(["DATA 2001:db8:1::7=900 2001:db8:1:7::=900"]);
  });

  test.each<[string, Parameters<typeof query6>[0], string[]]>([
    ["an address", { kind: "address", address: ipv6FromBytes(ip6(1, 7)) }, ["2001:db8:1::7=900"]],
    ["a client", { kind: "client-id", clientDuid: lease6(1, 8).clientId! }, ["2001:db8:1::8=900"]],
    ["a relay", { kind: "relay-id", relayDuid: Uint8Array.of(0, 3, 9) }, ["2001:db8:2::9=900"]],
    ["a remote-id", { kind: "remote-id", enterprise: 9, remoteId: Uint8Array.of(0x72, 7) }, ["2001:db8:1::7=900"]],
    ["a link", { kind: "link-address" }, ["2001:db8:2::9=900"]],
  ])("LQ_QUERY confines the stream to %s", (_, query, expected) => {
    const world = new ResponderWorld();
    const linkAddress = ipv6FromBytes(ip6(query.kind === "link-address" ? 2 : 0, 0));
    const { queryType, queryOptions: options } = query6(query);
    const stream = stream6(world, {
      query: {
        queryType,
        linkAddress: query.kind === "link-address" ? linkAddress : ipv6FromBytes(new Uint8Array(16)),
        options,
      },
    }).read();
    stream.messages6();
    world.put(lease6(1, 7));
    world.put(lease6(1, 8));
    world.put(lease6(2, 9, { relayId: Uint8Array.of(0, 3, 9) }));
    expect(said6(stream.read().messages6())).toEqual(expected.map((text) => `DATA ${text}`));
  });

  test("base-time in every message when option 100 is asked for", () => {
    const world = new ResponderWorld();
    const stream = stream6(world, { requestedOptions: [100] }).read();
    world.put(lease6(1, 7));
    world.pass(30);
    stream.read();
    world.pass(30);
    world.engine.tick(world.now);
    const times = stream
      .read()
      .messages6()
      .map((message) => {
        const read = readLeaseReply6(message);
        return read.ok ? read.value.baseTimeSeconds! - unixToEpoch2000Seconds(NOW_SECONDS) : undefined;
      });
    expect(times).toEqual([0, 30, 60]);
  });

  test("at shutdown LEASEQUERY-DONE with QueryTerminated and base-time is the last message", () => {
    const world = new ResponderWorld();
    const stream = stream6(world).read();
    world.engine.stop(world.now);
    expect(said6(stream.read().messages6()).at(-1)).toBe("DONE QueryTerminated 0");
    expect(stream.closedBy).toBe("end");
  });

  test("the requestor closes its end: the stream is over", () => {
    const world = new ResponderWorld();
    const stream = stream6(world).read();
    world.engine.peerEnded(stream.id, world.now);
    expect(stream.read().closedBy).toBe("end");
  });

  test.each<[string, Partial<typeof SCOPES6>, Uint8Array, string]>([
    [
      "not configured",
      { active: undefined as never },
      activeLeasequery6({ transactionId: 7, clientDuid: RELAY_DUID }),
      "NotSupported",
    ],
    [
      "secure mode without TLS",
      { active: { ...ACTIVE, mode: "secure" } },
      activeLeasequery6({ transactionId: 7, clientDuid: RELAY_DUID }),
      "NotAllowed",
    ],
    ["an end time", {}, endTime(), "MalformedQuery"],
    [
      "an unknown query type",
      {},
      activeLeasequery6({
        transactionId: 7,
        clientDuid: RELAY_DUID,
        query: { queryType: 9, linkAddress: ipv6FromBytes(new Uint8Array(16)), options: [] },
      }),
      "UnknownQueryType",
    ],
    [
      "a link that is not configured",
      {},
      activeLeasequery6({
        transactionId: 7,
        clientDuid: RELAY_DUID,
        query: { queryType: 4, linkAddress: ipv6FromBytes(ip6(3, 0)), options: [] },
      }),
      "NotConfigured",
    ],
  ])("%s: a LEASEQUERY-REPLY with a status, and the connection is closed", (_, policy, query, status) => {
    const connection = new ResponderWorld([], [{ ...SCOPES6, ...policy }]).connect(6).send(query).read();
    expect(said6(connection.messages6())).toEqual([`REPLY ${status}`]);
    expect(connection.closedBy).toBe("end");
  });

  test("it has its connection for itself", () => {
    const world = new ResponderWorld();
    const stream = stream6(world).read();
    stream.messages6();
    stream
      .send(
        leasequery6({
          transactionId: 9,
          clientDuid: RELAY_DUID,
          ...query6({ kind: "relay-id", relayDuid: RELAY_DUID }),
        }),
      )
      .read();
    expect(said6(stream.messages6())).toEqual(["REPLY NotAllowed"]);
    expect(stream.closedBy).toBeUndefined();
  });
});

function endTime(): Uint8Array {
  const query = activeLeasequery6({ transactionId: 7, clientDuid: RELAY_DUID });
  return Uint8Array.from([...query, 0, 102, 0, 4, 0, 0, 0, 1]);
}
