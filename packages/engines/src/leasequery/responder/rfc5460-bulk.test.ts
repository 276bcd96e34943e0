import { formatIpv6, ipv6FromBytes } from "@leasewire/net";
import {
  encodeMessage6,
  type LeaseReply6,
  leasequery6,
  type Message6,
  MessageType6,
  messageTypeName6,
  OptionCode6,
  option6,
  type Query6,
  query6,
  readLeaseReply6,
  statusCodeName6,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  BULK,
  ip6,
  lease6,
  NOW_SECONDS,
  prefix6,
  RELAY_DUID,
  ResponderWorld,
  SCOPES6,
  SERVER_DUID,
} from "../../../test/responder-world.ts";

const ADDRESS = ipv6FromBytes(ip6(1, 7));
const LINK1 = ipv6FromBytes(ip6(1, 0));
const LINK3 = ipv6FromBytes(ip6(3, 0));

type Parts = Partial<Parameters<typeof leasequery6>[0]>;

function ask(query: Query6, parts: Parts = {}, requested: number[] = []): Uint8Array {
  return leasequery6({ transactionId: 7, clientDuid: RELAY_DUID, ...query6(query, requested), ...parts });
}

const byRelay: Query6 = { kind: "relay-id", relayDuid: RELAY_DUID };

function replies(messages: readonly Message6[]): LeaseReply6[] {
  return messages.map((message) => {
    const reply = readLeaseReply6(message);
    if (!reply.ok) throw new Error(reply.error.message);
    return reply.value;
  });
}

/** `REPLY 2001:db8:1::7`, `DONE`, `REPLY NotConfigured`. */
function said(messages: readonly Message6[]): string[] {
  return replies(messages).map(({ messageType, status, clientData }) => {
    const name = (messageTypeName6(messageType) ?? "?").replace("LEASEQUERY-", "");
    const leases = [
      ...(clientData?.addresses ?? []).map(({ address }) => formatIpv6(address)).sort(),
      ...(clientData?.prefixes ?? []).map(({ prefix, prefixLength }) => `${formatIpv6(prefix)}/${prefixLength}`),
    ];
    return [name, ...(status === undefined ? [] : [statusCodeName6(status.code)]), ...leases].join(" ");
  });
}

describe("RFC 5460 §5, §7.2: what a query is answered with", () => {
  test.each<[string, Uint8Array, string[]]>([
    ["by address", ask({ kind: "address", address: ADDRESS }), ["REPLY 2001:db8:1::7", "DONE"]],
    [
      "by an address inside a delegated prefix",
      ask({
        kind: "address",
        address: ipv6FromBytes(Uint8Array.from([...prefix6(1, 9).address.subarray(0, 8), 1, 2, 3, 4, 5, 6, 7, 8])),
      }),
      ["REPLY 2001:db8:1::9 2001:db8:1:9::/64", "DONE"],
    ],
    ["by an address of no link", ask({ kind: "address", address: LINK3 }), ["REPLY NotConfigured"]],
    [
      "by client, on every link",
      ask({ kind: "client-id", clientDuid: lease6(1, 9).clientId! }),
      ["REPLY 2001:db8:2::9", "DATA 2001:db8:1::9 2001:db8:1:9::/64", "DONE"],
    ],
    [
      "by client, on one link",
      ask({ kind: "client-id", clientDuid: lease6(1, 9).clientId! }, { linkAddress: LINK1 }),
      ["REPLY 2001:db8:1::9 2001:db8:1:9::/64", "DONE"],
    ],
    [
      "by relay-id, on one link",
      ask(byRelay, { linkAddress: LINK1 }),
      ["REPLY 2001:db8:1::9 2001:db8:1:9::/64", "DATA 2001:db8:1::7", "DONE"],
    ],
    [
      "by remote-id",
      ask({ kind: "remote-id", enterprise: 9, remoteId: Uint8Array.of(0x72, 7) }),
      ["REPLY 2001:db8:1::7", "DONE"],
    ],
    [
      "by remote-id of another enterprise",
      ask({ kind: "remote-id", enterprise: 8, remoteId: Uint8Array.of(0x72, 7) }),
      ["REPLY"],
    ],
    [
      "by link-address",
      ask({ kind: "link-address" }, { linkAddress: LINK1 }),
      ["REPLY 2001:db8:1::7", "DATA 2001:db8:1::9 2001:db8:1:9::/64", "DONE"],
    ],
    ["by link-address without one", ask({ kind: "link-address" }), ["REPLY MalformedQuery"]],
    ["a link-address that is not configured", ask(byRelay, { linkAddress: LINK3 }), ["REPLY NotConfigured"]],
    ["an unknown type", ask(byRelay, { queryType: 9 }), ["REPLY UnknownQueryType"]],
    ["without the option that the type needs", ask(byRelay, { queryOptions: [] }), ["REPLY MalformedQuery"]],
    [
      "an ORO that is cut",
      ask(byRelay, { queryOptions: [...query6(byRelay).queryOptions, { code: 6, data: Uint8Array.of(0) }] }),
      ["REPLY MalformedQuery"],
    ],
    ["for another server", ask(byRelay, { serverDuid: Uint8Array.of(0, 3, 0, 1, 1) }), ["REPLY NotAllowed"]],
    [
      "for this server",
      ask({ kind: "address", address: ADDRESS }, { serverDuid: SERVER_DUID }),
      ["REPLY 2001:db8:1::7", "DONE"],
    ],
    ["nothing found", ask({ kind: "client-id", clientDuid: Uint8Array.of(0, 3, 9) }), ["REPLY"]],
    [
      "no CLIENTID: over TCP the requestor is told",
      encodeMessage6({ messageType: MessageType6.LEASEQUERY, transactionId: 7, options: [] }),
      ["REPLY MalformedQuery"],
    ],
    [
      "no LQ_QUERY",
      encodeMessage6({
        messageType: MessageType6.LEASEQUERY,
        transactionId: 7,
        options: [option6(OptionCode6.CLIENTID, RELAY_DUID)],
      }),
      ["REPLY MalformedQuery"],
    ],
  ])("%s", (_, query, expected) => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7));
    world.put(lease6(1, 9));
    world.put(lease6(2, 9, { clientId: lease6(1, 9).clientId, relayId: undefined }));
    world.put(prefix6(1, 9));
    const connection = world.connect(6).send(query).read();
    const messages = said(connection.messages6());
    expect(messages.map((text) => text.replace(/^(REPLY|DATA) /, "")).sort()).toEqual(
      expected.map((text) => text.replace(/^(REPLY|DATA) /, "")).sort(),
    );
    expect(messages.map((text) => text.split(" ")[0])).toEqual(expected.map((text) => text.split(" ")[0]));
  });

  test("the LEASEQUERY-REPLY alone carries the identifiers; data come with DUID, leases and CLT_TIME", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7));
    world.put(lease6(1, 8));
    const [reply, data, done] = replies(world.connect(6).send(ask(byRelay)).read().messages6());
    expect(reply).toMatchObject({ serverDuid: SERVER_DUID, clientDuid: RELAY_DUID });
    expect(data).toEqual({
      messageType: MessageType6["LEASEQUERY-DATA"],
      transactionId: 7,
      options: [],
      clientData: {
        clientDuid: lease6(1, 8).clientId,
        addresses: [
          { address: ipv6FromBytes(ip6(1, 8)), preferredLifetimeSeconds: 600, validLifetimeSeconds: 900, options: [] },
        ],
        prefixes: [],
        cltTimeSeconds: 100,
        options: [],
      },
    });
    expect(done).toEqual({ messageType: MessageType6["LEASEQUERY-DONE"], transactionId: 7, options: [] });
  });

  test("relay data, stored options and base-time are told when asked for, in the order of what is kept", () => {
    const world = new ResponderWorld([], [{ ...SCOPES6, sensitiveOptions: [17] }]);
    world.put(lease6(1, 7));
    const [reply, done] = replies(
      world
        .connect(6)
        .send(ask(byRelay, {}, [47, 16, 17, 100]))
        .read()
        .messages6(),
    );
    const relayData = lease6(1, 7).relayAgentInformation!;
    expect(reply!.clientData).toMatchObject({
      relayData: { peerAddress: relayData.subarray(0, 16), message: relayData.subarray(16) },
      options: [{ code: 16, data: Uint8Array.of(0, 0, 0, 9, 0, 1, 7) }],
    });
    const base = unixToEpoch2000Seconds(NOW_SECONDS);
    expect([reply!.baseTimeSeconds, done!.baseTimeSeconds]).toEqual([base, base]);
    // The ORO beside LQ_QUERY may ask for it as well.
    const outer = replies(
      world
        .connect(6)
        .send(ask(byRelay, { requestedOptions: [100] }))
        .read()
        .messages6(),
    );
    expect(outer.map(({ baseTimeSeconds }) => baseTimeSeconds)).toEqual([base, base]);
  });

  test("a window selects by time; it counts from 2000", () => {
    const world = new ResponderWorld();
    world.put(lease6(1, 7, { clientLastTransactionTimeSeconds: NOW_SECONDS - 50 }));
    world.put(lease6(1, 8));
    const from = { startTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS - 50) };
    expect(said(world.connect(6).send(ask(byRelay, from)).read().messages6())).toEqual(["REPLY 2001:db8:1::7", "DONE"]);
    const until = { endTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS - 100) };
    expect(said(world.connect(6).send(ask(byRelay, until)).read().messages6()).length).toBe(3);
    const none = { startTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS - 49) };
    expect(said(world.connect(6).send(ask(byRelay, none)).read().messages6())).toEqual(["REPLY"]);
  });

  test("restricted-requestor: what came through its own relay alone", () => {
    const world = new ResponderWorld([], [{ ...SCOPES6, bulk: { ...BULK, restrictedRequestor: true } }]);
    const other = Uint8Array.of(0, 3, 0, 1, 8);
    world.put(lease6(1, 7));
    world.put(lease6(1, 8, { relayId: other }));
    // Another lease of a client of ours that another relay carries.
    world.put(prefix6(1, 7, { relayId: other }));
    const onLink = ask({ kind: "link-address" }, { linkAddress: LINK1 });
    expect(said(world.connect(6).send(onLink).read().messages6())).toEqual(["REPLY 2001:db8:1::7", "DONE"]);
  });

  test("a client with more leases than a message holds is told in several, each lease once", () => {
    const world = new ResponderWorld();
    const clientId = Uint8Array.of(0, 3, 0, 1, 7);
    for (let host = 1; host <= 2500; host += 1)
      world.put(lease6(1, host, { clientId, relayAgentInformation: undefined }));
    const messages = replies(world.connect(6).send(ask(byRelay)).read().messages6());
    const told = messages.flatMap(
      ({ clientData }) => clientData?.addresses.map(({ address }) => formatIpv6(address)) ?? [],
    );
    expect(new Set(told).size).toBe(2500);
    expect(told.length).toBe(2500);
    expect(messages.length).toBe(4);
  });
});

describe("RFC 5460 §4, §7.4: connections", () => {
  test("the requestor closes its end: what is outstanding is answered, then the connection closed", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 20; host += 1) world.put(lease6(1, host));
    const connection = world.connect(6).send(ask(byRelay));
    world.engine.peerEnded(connection.id, world.now);
    connection.read();
    expect(said(connection.messages6()).at(-1)).toBe("DONE");
    expect(connection.closedBy).toBe("end");
    const idle = world.connect(6);
    world.engine.peerEnded(idle.id, world.now);
    expect(idle.read().closedBy).toBe("end");
  });

  test("QueryTerminated before the reply, and after it", () => {
    const world = new ResponderWorld();
    for (let host = 1; host <= 200; host += 1)
      world.put(lease6(1, host, { options: new Uint8Array([0, 16, 11, 184, ...new Uint8Array(3000)]) }));
    const begun = world
      .connect(6)
      .send(ask(byRelay, {}, [16]))
      .read(1);
    const fresh = world.connect(6).send(ask(byRelay));
    world.engine.stop(world.now);
    expect(said(begun.read().messages6()).at(-1)).toBe("DONE QueryTerminated");
    expect(said(fresh.read().messages6())).toEqual(["REPLY QueryTerminated"]);
    expect([begun.closedBy, fresh.closedBy]).toEqual(["end", "end"]);
  });

  test.each<[string, Uint8Array]>([
    ["a SOLICIT", encodeMessage6({ messageType: MessageType6.SOLICIT, transactionId: 1, options: [] })],
    [
      "a LEASEQUERY-REPLY",
      encodeMessage6({ messageType: MessageType6["LEASEQUERY-REPLY"], transactionId: 1, options: [] }),
    ],
    ["a relayed query", relayed()],
    ["an option beyond the end", Uint8Array.of(14, 0, 0, 1, 0, 1, 0, 9, 1)],
  ])("%s closes the connection", (_, bytes) => {
    const connection = new ResponderWorld().connect(6).send(bytes, ask(byRelay)).read();
    expect(connection.messages6()).toEqual([]);
    expect(connection.closedBy).toBe("end");
  });

  test("error answers count as empty replies", () => {
    const world = new ResponderWorld([], [{ ...SCOPES6, bulk: { ...BULK, emptyRepliesMax: 2 } }]);
    const connection = world
      .connect(6)
      .send(ask(byRelay, { queryType: 9 }), ask(byRelay, { transactionId: 8 }))
      .read();
    expect(said(connection.messages6())).toEqual(["REPLY UnknownQueryType", "REPLY"]);
    expect(connection.closedBy).toBe("end");
  });

  test("a query about another VPN is answered for that routing instance, and says so", () => {
    const world = new ResponderWorld([], [SCOPES6, { ...SCOPES6, instance: "default:red" }]);
    world.put(lease6(1, 7, { instance: "default:red" }));
    const named = encodeMessage6({
      messageType: MessageType6.LEASEQUERY,
      transactionId: 7,
      options: [
        option6(OptionCode6.CLIENTID, RELAY_DUID),
        { code: OptionCode6.VSS, data: Uint8Array.of(0, 0x72, 0x65, 0x64) },
        option6(OptionCode6.LQ_QUERY, {
          queryType: 3,
          linkAddress: ipv6FromBytes(new Uint8Array(16)),
          options: query6(byRelay).queryOptions,
        }),
      ],
    });
    const messages = world.connect(6).send(named).read().messages6();
    expect(said(messages)).toEqual(["REPLY 2001:db8:1::7", "DONE"]);
    expect(messages[0]!.option(OptionCode6.VSS)).toEqual(Uint8Array.of(0, 0x72, 0x65, 0x64));
    const within = world.connect(6, { instance: "default:red" }).send(ask(byRelay)).read().messages6();
    expect(within[0]!.has(OptionCode6.VSS)).toBe(false);
    expect(said(within)).toEqual(["REPLY 2001:db8:1::7", "DONE"]);
  });
});

function relayed(): Uint8Array {
  const inner = ask(byRelay);
  const outer = new Uint8Array(34 + 4 + inner.length);
  outer[0] = MessageType6["RELAY-FORW"];
  outer.set([0, 9, inner.length >>> 8, inner.length], 34);
  outer.set(inner, 38);
  return outer;
}
