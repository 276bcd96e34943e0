import { ipv6FromBytes } from "@leasewire/net";
import {
  decodeMessage4,
  decodeMessage6,
  type LeaseReply4,
  leasequeryDone4,
  leasequeryDone6,
  leaseReply4,
  leaseReply6,
  type Message4,
  type Message6,
  MessageType4,
  MessageType6,
  OptionCode4,
  readBulkLeasequery4,
  readLeasequery6,
  readQuery6,
  readRequestedOptions,
  StatusCode4,
  StatusCode6,
  tls4,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  leasesOf,
  NOW_SECONDS,
  type PeerLink,
  RELAY4,
  RELAY6,
  RecoveryWorld,
  ResponderWorld,
  ScriptedPeer,
} from "../../../test/recovery-world.ts";
import { ip6, lease4, lease6, prefix6, RELAY_DUID, SERVER_DUID } from "../../../test/responder-world.ts";
import { recoveryDropReasons } from "./reasons.ts";

const V4 = "192.0.2.1";
const V6 = "2001:db8::1";
const RELAY_INFORMATION = Uint8Array.of(1, 2, 0x67, 0x65, 12, RELAY_DUID.length, ...RELAY_DUID);

function message4(bytes: Uint8Array): Message4 {
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
}

function message6(bytes: Uint8Array): Message6 {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok || decoded.value.kind !== "message") throw new Error("no message");
  return decoded.value;
}

function active4(xid: number, host: number, more: Partial<LeaseReply4> = {}): Uint8Array {
  return leaseReply4({
    messageType: MessageType4.DHCPLEASEACTIVE,
    xid,
    ciaddr: (0x0a000000 + host) as never,
    htype: 1,
    chaddr: Uint8Array.of(2, 0, 0, 0, host >>> 8, host),
    leaseTimeSeconds: 900,
    clientLastTransactionTimeSeconds: 100,
    startTimeOfStateSeconds: 500,
    baseTimeSeconds: NOW_SECONDS,
    clientIdentifier: Uint8Array.of(1, 2, 0, 0, 0, host >>> 8, host),
    relayAgentInformation: RELAY_INFORMATION,
    ...more,
  });
}

function done4(xid: number, code?: number, text = ""): Uint8Array {
  return leasequeryDone4({
    xid,
    ...(code === undefined ? {} : { status: { code, text: new TextEncoder().encode(text) } }),
  });
}

function relayData(hops = 1, interfaceId: string | null = "ge"): { peerAddress: never; message: Uint8Array } {
  const id = interfaceId === null ? [] : [...new TextEncoder().encode(interfaceId)];
  const options = interfaceId === null ? [] : [0, 18, 0, id.length, ...id];
  const header = (hopCount: number): number[] => [12, hopCount, ...ip6(1, 0), ...ip6(1, 7)];
  let message = Uint8Array.of(...header(0), ...options, 0, 53, 0, RELAY_DUID.length, ...RELAY_DUID);
  for (let hop = 1; hop < hops; hop += 1)
    message = Uint8Array.of(...header(hop), 0, 9, message.length >>> 8, message.length, ...message);
  return { peerAddress: ip6(1, 0xfe) as never, message };
}

function client6(host: number, more: object = {}): object {
  return {
    clientDuid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, host >>> 8, host),
    addresses: [
      {
        address: ipv6FromBytes(ip6(1, host)),
        preferredLifetimeSeconds: 600,
        validLifetimeSeconds: 900,
        options: [],
      },
    ],
    prefixes: [],
    cltTimeSeconds: 100,
    relayData: relayData(),
    options: [],
    ...more,
  };
}

function reply6(xid: number, host: number | null, more: object = {}, client: object = {}): Uint8Array {
  return leaseReply6({
    messageType: MessageType6["LEASEQUERY-REPLY"],
    transactionId: xid,
    serverDuid: SERVER_DUID,
    clientDuid: RELAY_DUID,
    baseTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS),
    ...(host === null ? {} : { clientData: client6(host, client) as never }),
    ...more,
  });
}

function data6(xid: number, host: number, client: object = {}): Uint8Array {
  return leaseReply6({
    messageType: MessageType6["LEASEQUERY-DATA"],
    transactionId: xid,
    baseTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS),
    clientData: client6(host, client) as never,
  });
}

/** A world whose server does what `answer` says. */
function scripted(
  family: 4 | 6,
  answer: (xid: number, link: PeerLink, query: Uint8Array, number: number) => void,
  world = new RecoveryWorld(),
): { world: RecoveryWorld; peer: ScriptedPeer } {
  const peer = new ScriptedPeer(answer);
  world.peers.set(family === 4 ? V4 : V6, peer);
  return { world, peer };
}

/** Drops and what became of leases, by name. */
function refusedOf(world: RecoveryWorld, id: string): Record<string, number> {
  return Object.fromEntries(
    world.bulk(id).servers.flatMap(({ refused }) => refused.map(({ reason, count }) => [reason, count])),
  );
}

function drops(world: RecoveryWorld): string[] {
  return world.notes.filter(({ kind }) => kind === "drop").map(({ name }) => name);
}

/** Octets of the answer to break off after: 0, 1 and 2 beside every message boundary, and every 50th. */
function cutsOf(family: 4 | 6, server: ResponderWorld): number[] {
  const world = new RecoveryWorld();
  const sizes: number[] = [];
  const peer = world.serve(family === 4 ? V4 : V6, server);
  const pump = peer.pump.bind(peer);
  peer.pump = (of) => {
    const any = pump(of);
    for (const link of world.peerLinks.values())
      for (const bytes of link.sent)
        for (let at = 0; at < bytes.length; at += 2 + sizes.at(-1)!) sizes.push((bytes[at]! << 8) | bytes[at + 1]!);
    return any;
  };
  world.run({ family });
  world.settle();
  const cuts = new Set<number>();
  let at = 0;
  for (const size of sizes) {
    at += 2 + size;
    for (const beside of [-2, -1, 0, 1, 2]) cuts.add(at + beside);
  }
  for (let octet = 1; octet < at; octet += 50) cuts.add(octet);
  return [...cuts].filter((cut) => cut > 0 && cut <= at);
}

describe("a run against our own server", () => {
  test("DHCPv4 by the own relay-id: everything of the relay is back", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve(V4);
    for (let host = 1; host <= 300; host += 1) server.put(lease4(host));
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", received: 300, applied: 300, refused: 0 });
    expect(leasesOf(world.tables[4])).toEqual(leasesOf(server.tables[4]));
    expect(world.bulk(id).outcome).toBe("Complete: 300 bindings recovered from 1 server.");
    expect(world.baseTimes).toEqual([
      { family: 4, instance: "default:default", server: V4, baseTimeSeconds: NOW_SECONDS },
    ]);
  });

  test("DHCPv6 by the own relay-id: addresses and prefixes", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve(V6);
    for (let host = 1; host <= 120; host += 1) {
      server.put(lease6(1, host));
      server.put(prefix6(1, host));
    }
    const id = world.run({ family: 6 });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", received: 240, applied: 240, refused: 0 });
    expect(leasesOf(world.tables[6])).toEqual(leasesOf(server.tables[6]));
  });

  test.each([4, 6] as const)("DHCPv%i: read octet by octet, it is the same", (family) => {
    const world = new RecoveryWorld();
    const { server } = world.serve(family === 4 ? V4 : V6);
    for (let host = 1; host <= 12; host += 1) server.put(family === 4 ? lease4(host) : lease6(1, host));
    world.chunk = 1;
    world.run({ family });
    world.settle();
    expect(leasesOf(world.tables[family])).toEqual(leasesOf(server.tables[family]));
  });

  // The connection breaks at and around every message boundary, and here and there between; the second attempt brings all.
  test.each([4, 6] as const)("DHCPv%i: broken off at every message boundary of the answer, then complete", (family) => {
    const whole = new ResponderWorld();
    for (let host = 1; host <= 5; host += 1) whole.put(family === 4 ? lease4(host) : lease6(1, host));
    const cuts = cutsOf(family, whole);
    expect(cuts.length).toBeGreaterThan(30);
    for (const cut of cuts) {
      const world = new RecoveryWorld();
      const peer = world.serve(family === 4 ? V4 : V6, whole);
      peer.cutAfter = cut;
      const id = world.run({ family });
      world.settle();
      expect(peer.cutAfter).toBeUndefined();
      // After the last message the end is no failure any more.
      const before = world.bulk(id);
      if (before.state !== "complete") {
        expect(before.servers[0]).toMatchObject({ state: "waiting", attempts: 1 });
        expect(world.baseTimes).toEqual([]);
        world.pass(10);
      }
      expect(world.bulk(id).state).toBe("complete");
      expect(leasesOf(world.tables[family])).toEqual(leasesOf(whole.tables[family]));
    }
  });

  test.each([-7200, 0, 1, 10_800])("the server's clock is %i s off: the same moments by ours", (skew) => {
    const world = new RecoveryWorld();
    const { server } = world.serve(V4, new ResponderWorld(), skew);
    const at = NOW_SECONDS + skew;
    server.put(
      lease4(1, {
        startTimeOfStateSeconds: at - 500,
        clientLastTransactionTimeSeconds: at - 100,
        expiresAtSeconds: at + 900,
      }),
    );
    const id = world.run();
    world.settle();
    const stored = world.tables[4].at(1)!;
    const tolerance = Math.abs(skew) <= 2 ? Math.abs(skew) : 0;
    expect(Math.abs(stored.clientLastTransactionTimeSeconds - (NOW_SECONDS - 100))).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(stored.expiresAtSeconds - (NOW_SECONDS + 900))).toBeLessThanOrEqual(tolerance);
    // Base-times stay the server's (RFC 6926 §7.4).
    expect(world.baseTimes[0]!.baseTimeSeconds).toBe(at);
    expect(world.bulk(id).servers[0]!.clockOffsetSeconds).toBe(Math.abs(skew) <= 2 ? 0 : -skew);
  });

  test("told again, nothing changes", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve(V4);
    for (let host = 1; host <= 20; host += 1) server.put(lease4(host));
    world.run();
    world.settle();
    const { sequence } = world.tables[4];
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ applied: 0, unchanged: 20, older: 0 });
    expect(world.tables[4].sequence).toBe(sequence);
  });

  test("incremental: only what changed since the last stored base-time is told", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve(V4);
    for (let host = 1; host <= 20; host += 1) server.put(lease4(host));
    world.run();
    world.settle();
    world.pass(600);
    server.pass(600);
    server.put(
      lease4(3, { clientLastTransactionTimeSeconds: NOW_SECONDS + 600, expiresAtSeconds: NOW_SECONDS + 2000 }),
    );
    const id = world.run({ incremental: true });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ received: 1, applied: 1, incremental: true, expected: null });
    expect(world.bulk(id).servers[0]).toMatchObject({ startTimeSeconds: NOW_SECONDS });
    expect(world.baseTimes.map(({ baseTimeSeconds }) => baseTimeSeconds - NOW_SECONDS)).toEqual([0, 600]);
  });

  test("incremental without a base-time asks for everything, and says so", () => {
    const { world, peer } = scripted(4, (xid, link) => link.send(active4(xid, 1)));
    const id = world.run({ incremental: true });
    world.settle();
    expect(world.bulk(id).servers[0]!.explanation).toBe(
      "Receiving; no base-time of this server is known, so everything was asked for.",
    );
    expect(message4(peer.queries[0]!).has(OptionCode4.queryStartTime)).toBe(false);
  });

  test("a base-time is only kept once what was told before it is stored", () => {
    const world = new RecoveryWorld();
    world.durableAtOnce = false;
    const { server } = world.serve(V4);
    server.put(lease4(1));
    world.run();
    world.settle();
    expect(world.baseTimes).toEqual([]);
    world.step({ kind: "durable", family: 4, sequence: 0 });
    expect(world.baseTimes).toEqual([]);
    world.step({ kind: "durable", family: 4, sequence: world.tables[4].sequence });
    expect(world.baseTimes).toHaveLength(1);
  });

  test.each([
    ["the own relay-id, written out", RELAY4.relayId!, 1, 1],
    ["the relay-id of another relay", Uint8Array.of(0, 3, 0, 1, 1, 1, 1, 1, 1, 1), null, 0],
  ])("%s: what is expected, and whether a later query may begin here", (_, value, expected, baseTimes) => {
    const world = new RecoveryWorld();
    world.tables[4].put({ ...lease4(1), interfaceName: "ge", origin: "gleaned" }, "test", NOW_SECONDS);
    const { server } = world.serve(V4);
    server.put(lease4(1));
    const id = world.run({ key: { kind: "relay-id", value: value.slice() } });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", expected });
    expect(world.baseTimes).toHaveLength(baseTimes);
  });

  test("groups: per relay-id and interface expected, recovered, missing, stale", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve(V4);
    for (let host = 1; host <= 10; host += 1) server.put(lease4(host));
    // Two that the table holds, one of which the server has forgotten.
    for (const host of [1, 77])
      world.tables[4].put({ ...lease4(host), interfaceName: "ge", origin: "gleaned" }, "test", NOW_SECONDS);
    const id = world.run();
    world.settle();
    world.pass(0);
    expect(world.bulk(id)).toMatchObject({ expected: 2, state: "complete" });
    expect(world.bulk(id).groups).toEqual([
      { relayId: "00030001090909090909", interfaceName: "ge", expected: 2, recovered: 10, missing: 0, stale: 1 },
    ]);
  });

  test("groups beyond the limit are counted together", () => {
    const world = new RecoveryWorld([{ ...RELAY4, interfaces: [] }], { groupsPerRunMax: 2 });
    const { world: scriptedWorld } = scripted(
      4,
      (xid, link) =>
        link.send(
          ...[1, 2, 3, 4].map((host) =>
            active4(xid, host, { relayAgentInformation: Uint8Array.of(1, 3, 0x67, 0x65, 0x30 + host) }),
          ),
          done4(xid),
        ),
      world,
    );
    const id = scriptedWorld.run();
    scriptedWorld.settle();
    expect(world.bulk(id).groups.map(({ interfaceName, recovered }) => [interfaceName, recovered])).toEqual([
      ["ge1", 1],
      ["ge2", 1],
      [null, 2],
    ]);
  });
});

describe("the query", () => {
  test.each([
    [{ kind: "relay-id" }, { kind: "relay-id", relayId: RELAY_DUID }],
    [
      { kind: "relay-id", value: Uint8Array.of(1, 2) },
      { kind: "relay-id", relayId: Uint8Array.of(1, 2) },
    ],
    [
      { kind: "remote-id", value: Uint8Array.of(7) },
      { kind: "remote-id", remoteId: Uint8Array.of(7) },
    ],
    [
      { kind: "client-id", value: Uint8Array.of(1, 8) },
      { kind: "client-id", clientId: Uint8Array.of(1, 8) },
    ],
    [
      { kind: "mac", hardwareType: 1, value: Uint8Array.of(2, 0, 0, 0, 0, 9) },
      { kind: "mac", htype: 1, address: Uint8Array.of(2, 0, 0, 0, 0, 9) },
    ],
    [{ kind: "all-configured" }, { kind: "all" }],
  ] as const)("DHCPv4 %o", (key, query) => {
    const { world, peer } = scripted(4, () => undefined);
    world.run({ key: key as never, queryStartTimeSeconds: 1000, queryEndTimeSeconds: 2000 });
    world.settle();
    const read = readBulkLeasequery4(message4(peer.queries[0]!));
    expect(read).toMatchObject({ ok: true, value: { query, queryStartTimeSeconds: 1000, queryEndTimeSeconds: 2000 } });
    if (!read.ok) return;
    // 82, 91, 152, 153 are what recovery needs; 92 has no place in bulk (RFC 6926 §7.3).
    expect(read.value.parameterRequestList).toEqual(expect.arrayContaining([82, 91, 51, 61, 152, 153, 156]));
    expect(read.value.parameterRequestList).not.toContain(92);
  });

  test.each([
    [{ kind: "relay-id" }, { kind: "relay-id", relayDuid: RELAY_DUID }],
    [
      { kind: "remote-id", value: Uint8Array.of(0, 0, 0, 9, 5, 6) },
      { kind: "remote-id", enterprise: 9, remoteId: Uint8Array.of(5, 6) },
    ],
    [
      { kind: "client-id", value: Uint8Array.of(0, 3, 0, 1) },
      { kind: "client-id", clientDuid: Uint8Array.of(0, 3, 0, 1) },
    ],
    [
      { kind: "address", value: ip6(1, 5) },
      { kind: "address", address: ip6(1, 5) },
    ],
    [{ kind: "link-address", value: ip6(1, 0) }, { kind: "link-address" }],
  ] as const)("DHCPv6 %o", (key, query) => {
    const { world, peer } = scripted(6, () => undefined);
    world.run({ family: 6, key: key as never, queryStartTimeSeconds: NOW_SECONDS });
    world.settle();
    const read = readLeasequery6(message6(peer.queries[0]!));
    if (!read.ok) throw new Error(read.error.message);
    const { queryType, queryOptions: options, linkAddress } = read.value;
    expect(readQuery6({ queryType, options })).toEqual({ ok: true, value: query });
    if (key.kind === "link-address") expect(linkAddress).toEqual(key.value);
    expect(read.value).toMatchObject({
      clientDuid: RELAY_DUID,
      startTimeSeconds: unixToEpoch2000Seconds(NOW_SECONDS),
      requestedOptions: [100],
    });
    // Relay data is what recovery needs.
    expect(readRequestedOptions(options)).toMatchObject({ value: expect.arrayContaining([47, 100]) });
  });

  test.each([
    [
      4,
      { kind: "address", value: ip6(1, 1) },
      "DHCPv4 has no bulk query by address (RFC 6926 §7.2): use an individual leasequery.",
    ],
    [
      6,
      { kind: "mac", hardwareType: 1, value: new Uint8Array(6) },
      "DHCPv6 has no bulk query by MAC address (RFC 5460 §5.3): choose relay-id, remote-id, client-id, address or link-address.",
    ],
    [
      6,
      { kind: "all-configured" },
      "DHCPv6 has no bulk query by all configured addresses (RFC 5460 §5.3): choose relay-id, remote-id, client-id, address or link-address.",
    ],
  ] as const)("DHCPv%i has none by %o", (family, key, message) => {
    const world = new RecoveryWorld();
    world.run({ family, key: key as never });
    expect(world.refusal).toMatchObject({ code: "key-unsupported", message, field: "key" });
    expect(world.connectedTo).toEqual([]);
  });

  test("without a relay-id the default key is refused with the remedy", () => {
    const world = new RecoveryWorld([{ ...RELAY4, relayId: undefined }]);
    world.run();
    expect(world.refusal).toMatchObject({ code: "relay-id-missing" });
    world.run({ serverAddress: "192.0.2.77" });
    expect(world.refusal).toMatchObject({ code: "server-unknown", field: "serverAddress" });
    world.run({ family: 6 });
    expect(world.refusal!.message).toBe(
      'No DHCPv6 relay can send bulk leasequeries: add "set forwarding-options dhcp-relay dhcpv6 bulk-leasequery".',
    );
  });
});

describe("leases that are judged (DHCPv4)", () => {
  /** Tells these messages, then the end. */
  function tell(
    messages: (xid: number) => readonly Uint8Array[],
    world = new RecoveryWorld(),
  ): { world: RecoveryWorld; id: string } {
    scripted(4, (xid, link) => link.send(...messages(xid), done4(xid)), world);
    const id = world.run();
    world.settle();
    return { world, id };
  }

  test("an older transaction never overwrites a newer one (RFC 6926 §7.6)", () => {
    const world = new RecoveryWorld();
    world.tables[4].put(
      lease4(1, {
        origin: "gleaned",
        clientLastTransactionTimeSeconds: NOW_SECONDS - 50,
        expiresAtSeconds: NOW_SECONDS + 950,
      }),
      "test",
      NOW_SECONDS,
    );
    const { id } = tell((xid) => [active4(xid, 1), active4(xid, 2)], world);
    expect(world.bulk(id)).toMatchObject({ applied: 1, older: 1 });
    expect(world.tables[4].at(1)).toMatchObject({ origin: "gleaned", expiresAtSeconds: NOW_SECONDS + 950 });
  });

  test("a lease of this node's own server is not touched", () => {
    const world = new RecoveryWorld();
    world.tables[4].put(lease4(1), "test", NOW_SECONDS);
    const { id } = tell((xid) => [active4(xid, 1, { clientLastTransactionTimeSeconds: 1 })], world);
    expect(refusedOf(world, id)).toEqual({ "own lease": 1 });
  });

  test("UNASSIGNED of the server that told of the lease ends it; who had it stays on record", () => {
    const world = new RecoveryWorld();
    world.tables[4].put(lease4(1, { origin: "bulk", serverAddress: V4 }), "test", NOW_SECONDS);
    world.tables[4].put(lease4(2, { origin: "bulk", serverAddress: "192.0.2.9" }), "test", NOW_SECONDS);
    const free = (xid: number, host: number, more: Partial<LeaseReply4> = {}): Uint8Array =>
      leaseReply4({
        messageType: MessageType4.DHCPLEASEUNASSIGNED,
        xid,
        ciaddr: (0x0a000000 + host) as never,
        ...more,
      });
    const { id } = tell((xid) => [free(xid, 1), free(xid, 2), free(xid, 3)], world);
    expect(world.bulk(id).servers[0]).toMatchObject({ applied: 1, notKept: 2, received: 3 });
    expect(world.tables[4].at(1)).toMatchObject({ state: 1, expiresAtSeconds: 0, clientId: lease4(1).clientId });
    // Another server had told of it: that this one calls it free means nothing.
    expect(world.tables[4].at(2)!.state).toBe(2);
    expect(world.tables[4].size).toBe(2);
  });

  test("an end with its times is taken from any server", () => {
    const world = new RecoveryWorld();
    world.tables[4].put(lease4(2, { origin: "bulk", serverAddress: "192.0.2.9" }), "test", NOW_SECONDS);
    tell(
      (xid) => [
        leaseReply4({
          messageType: MessageType4.DHCPLEASEUNASSIGNED,
          xid,
          ciaddr: 0x0a000002 as never,
          dhcpState: 4,
          startTimeOfStateSeconds: 10,
          clientLastTransactionTimeSeconds: 10,
          baseTimeSeconds: NOW_SECONDS,
        }),
      ],
      world,
    );
    expect(world.tables[4].at(1)).toMatchObject({ state: 4, startTimeOfStateSeconds: NOW_SECONDS - 10 });
  });

  test("an end told by the server of a lease counts although the answer to its client was seen a moment later", () => {
    const world = new RecoveryWorld();
    const seen = (host: number, serverAddress: string, secondsAgo: number) =>
      world.tables[4].put(
        lease4(host, {
          origin: "gleaned",
          serverAddress,
          clientLastTransactionTimeSeconds: NOW_SECONDS - secondsAgo,
        }),
        "test",
        NOW_SECONDS,
      );
    seen(1, V4, 8);
    seen(2, "192.0.2.9", 8);
    seen(3, V4, 7);
    const ended = (xid: number, host: number): Uint8Array =>
      leaseReply4({
        messageType: MessageType4.DHCPLEASEUNASSIGNED,
        xid,
        ciaddr: (0x0a000000 + host) as never,
        dhcpState: 4,
        startTimeOfStateSeconds: 10,
        clientLastTransactionTimeSeconds: 10,
        baseTimeSeconds: NOW_SECONDS,
      });
    const { id } = tell((xid) => [ended(xid, 1), ended(xid, 2), ended(xid, 3)], world);
    expect(world.bulk(id)).toMatchObject({ applied: 1, older: 2 });
    expect([1, 2, 3].map((row) => world.tables[4].at(row)!.state)).toEqual([4, 2, 2]);
  });

  test.each<[string, Partial<LeaseReply4>]>([
    ["no circuit-id", { relayAgentInformation: Uint8Array.of(2, 1, 7) }],
    ["no address", { ciaddr: 0 as never }],
    ["error code", { status: { code: StatusCode4.UnspecFail, text: new Uint8Array() } }],
  ])("%s: dropped and counted, the others are taken", (reason, more) => {
    const { world, id } = tell((xid) => [active4(xid, 1, more), active4(xid, 2)]);
    expect(refusedOf(world, id)).toEqual({ [reason]: 1 });
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 1, received: 2 });
    expect(recoveryDropReasons[reason as keyof typeof recoveryDropReasons].length).toBeGreaterThan(20);
  });

  test("a lease of another relay is not kept", () => {
    const { world, id } = tell((xid) => [
      active4(xid, 1, { relayAgentInformation: Uint8Array.of(1, 2, 0x67, 0x65, 12, 2, 9, 9) }),
    ]);
    expect(world.bulk(id).servers[0]).toMatchObject({ notKept: 1, applied: 0, refused: [] });
  });

  test("an unknown interface: kept, tried again, and applied once the interface is there", () => {
    const world = new RecoveryWorld();
    const circuit = Uint8Array.of(1, 3, 0x67, 0x65, 0x39);
    const { id } = tell((xid) => [active4(xid, 1, { relayAgentInformation: circuit })], world);
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 0 });
    expect(world.bulk(id).servers[0]!.waiting).toBe(1);
    // What waits is not in the table: the base-time must not run ahead of it.
    expect(world.baseTimes).toEqual([]);
    world.pass(6);
    world.configure([{ ...RELAY4, interfaces: ["ge", "ge9"] }, RELAY6]);
    world.step({ kind: "deadline" });
    expect(world.bulk(id).servers[0]).toMatchObject({ waiting: 0, applied: 1 });
    expect(world.tables[4].at(1)).toMatchObject({ interfaceName: "ge9" });
    const told = { family: 4, instance: RELAY4.instance, address: Uint8Array.of(10, 0, 0, 1), prefixLength: 32 };
    expect(world.restoring).toEqual([
      { ...told, done: false },
      { ...told, done: true },
    ]);
  });

  test("a lease that waits twice is being restored until the second has been settled", () => {
    const world = new RecoveryWorld([RELAY4], { leasesWaitingMax: 2 });
    const circuit = { relayAgentInformation: Uint8Array.of(1, 3, 0x67, 0x65, 0x39) };
    tell((xid) => [active4(xid, 1, circuit)], world);
    world.pass(2);
    tell((xid) => [active4(xid, 1, circuit)], world);
    const doneAt = () => world.restoring.filter(({ done }) => done).length;
    expect(world.state.waiting.length).toBe(2);
    expect(world.restoring.map(({ done }) => done)).toEqual([false]);
    while (world.state.waiting.length === 2) world.pass(1);
    expect(doneAt()).toBe(0);
    world.pass(60);
    expect(doneAt()).toBe(1);
    expect(world.state.restoring.size).toBe(0);
  });

  test("an interface that never comes: given up after the configured retries, and said so", () => {
    const world = new RecoveryWorld();
    const { id } = tell(
      (xid) => [active4(xid, 1, { relayAgentInformation: Uint8Array.of(1, 3, 0x67, 0x65, 0x39) })],
      world,
    );
    world.pass(60);
    expect(refusedOf(world, id)).toEqual({ "interface unknown": 1 });
    expect(world.notes.findLast(({ name }) => name === "interface unknown")!.text).toBe(
      "A lease is on interface ge9, which is none of this relay's client interfaces; given up after 3 retries.",
    );
    expect(world.state.waiting).toEqual([]);
  });

  test("leases waiting for their interface are bounded", () => {
    const world = new RecoveryWorld([RELAY4], { leasesWaitingMax: 2 });
    const { id } = tell(
      (xid) =>
        [1, 2, 3].map((host) => active4(xid, host, { relayAgentInformation: Uint8Array.of(1, 3, 0x67, 0x65, 0x39) })),
      world,
    );
    expect(refusedOf(world, id)).toEqual({ "too many leases waiting": 1 });
    // What is not kept holds no client back.
    expect(world.restoring.map(({ address }) => address[3])).toEqual([1, 2]);
  });

  test("the circuit-id in a form of the relay's own, and the link address of the interface", () => {
    const world = new RecoveryWorld([
      {
        ...RELAY4,
        interfaces: ["ge-0/0/1.5"],
        interfaceOf: (octets) => (octets.length === 2 && octets[1] === 5 ? "ge-0/0/1.5" : undefined),
        linkAddressOf: () => Uint8Array.of(10, 0, 0, 254),
      },
    ]);
    tell((xid) => [active4(xid, 1, { relayAgentInformation: Uint8Array.of(1, 2, 0, 5) })], world);
    expect(world.tables[4].at(1)).toMatchObject({
      interfaceName: "ge-0/0/1.5",
      linkAddress: Uint8Array.of(10, 0, 0, 254),
    });
  });

  test("the table is full: counted with its reason", () => {
    const world = new RecoveryWorld();
    (world.tables[4].limits as { bindingsMax: number }).bindingsMax = 1;
    const { id } = tell((xid) => [active4(xid, 1), active4(xid, 2)], world);
    expect(refusedOf(world, id)).toEqual({ "processing aborted": 1 });
  });

  test("option 82 in pieces, and options carried on in the file field", () => {
    const world = new RecoveryWorld();
    const long = Uint8Array.of(...RELAY_INFORMATION, 9, 254, ...new Array<number>(254).fill(5));
    tell((xid) => [active4(xid, 1, { relayAgentInformation: long })], world);
    expect(world.tables[4].at(1)!.relayAgentInformation).toEqual(long);
    expect(world.tables[4].at(1)).toMatchObject({ interfaceName: "ge", relayId: RELAY_DUID });
    const overloaded = (xid: number): Uint8Array => {
      const message = active4(xid, 2);
      // Option 61 moves into `file`; option 52 says so.
      const options = [...message.subarray(240)];
      const at = options.indexOf(61);
      const client = options.splice(at, 2 + options[at + 1]!);
      const flat = Uint8Array.of(...message.subarray(0, 240), 52, 1, 1, ...options);
      flat.set([...client, 255], 108);
      return flat;
    };
    tell((xid) => [overloaded(xid)], world);
    expect(world.tables[4].at(2)).toMatchObject({ clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 2), interfaceName: "ge" });
  });
});

describe("leases that are judged (DHCPv6)", () => {
  function tell(client: object, world = new RecoveryWorld(), more: object = {}): { world: RecoveryWorld; id: string } {
    scripted(
      6,
      (xid, link) => link.send(reply6(xid, 1, more, client), data6(xid, 2), leasequeryDone6({ transactionId: xid })),
      world,
    );
    const id = world.run({ family: 6 });
    world.settle();
    return { world, id };
  }

  test.each<[string, object]>([
    ["no relay-data", { relayData: undefined }],
    ["no interface-id", { relayData: relayData(1, null) }],
    ["relay hop count", { relayData: relayData(2) }],
    ["no clt-time", { cltTimeSeconds: undefined }],
    ["no lease", { addresses: [] }],
  ])("%s: dropped and counted, the others are taken", (reason, client) => {
    const { world, id } = tell(client);
    expect(refusedOf(world, id)).toEqual({ [reason]: 1 });
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 1 });
  });

  test("another requestor's DUID, and no server identifier", () => {
    const other = tell({}, new RecoveryWorld(), { clientDuid: Uint8Array.of(9) });
    expect(refusedOf(other.world, other.id)).toMatchObject({ "requestor duid mismatch": 1 });
    const none = tell({}, new RecoveryWorld(), { serverDuid: undefined });
    expect(refusedOf(none.world, none.id)).toEqual({ "no server-id": 2 });
  });

  test("an older lease, one that has ended, and wrapped ones", () => {
    const world = new RecoveryWorld();
    const stored = lease6(1, 1, { origin: "gleaned", clientLastTransactionTimeSeconds: NOW_SECONDS - 5 });
    world.tables[6].put(stored, "test", NOW_SECONDS);
    expect(world.bulk(tell({}, world).id)).toMatchObject({ older: 1, applied: 1 });
    const ended = {
      addresses: [{ address: ip6(1, 2), preferredLifetimeSeconds: 0, validLifetimeSeconds: 0, options: [] }],
      cltTimeSeconds: 1,
    };
    tell(ended, world);
    const row = world.tables[6].byAddress("default:default", ip6(1, 2));
    expect(world.tables[6].at(row)).toMatchObject({ state: 4, expiresAtSeconds: 0 });
    const address = Uint8Array.of(...ip6(1, 9), 0, 0, 0, 60, 0, 0, 0, 90);
    tell(
      {
        addresses: [],
        options: [{ code: 3, data: Uint8Array.of(...new Array<number>(12).fill(1), 0, 5, 0, 24, ...address) }],
      },
      world,
    );
    expect(world.tables[6].byAddress("default:default", ip6(1, 9))).toBeGreaterThan(0);
  });

  test("what the relay learnt and leasequery does not tell stays: the IAID", () => {
    const world = new RecoveryWorld();
    world.tables[6].put(
      lease6(1, 1, { origin: "gleaned", iaid: 77, clientLastTransactionTimeSeconds: NOW_SECONDS - 900 }),
      "test",
      NOW_SECONDS,
    );
    tell({}, world);
    expect(world.tables[6].at(1)).toMatchObject({ iaid: 77, origin: "bulk", interfaceName: "ge" });
  });
});

describe("servers that misbehave", () => {
  test("DONE without data is a complete answer", () => {
    const { world } = scripted(4, (xid, link) => link.send(done4(xid)));
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 0 });
    expect(world.bulk(id).servers[0]!.explanation).toBe("Complete: the server has nothing to tell about it.");
  });

  test("data after DONE is not used, in the same read and in a later one", () => {
    const { world } = scripted(4, (xid, link) => {
      const parts = [done4(xid), active4(xid, 1)].flatMap((message) =>
        [0, message.length, ...message].map((octet, i) => (i === 0 ? message.length >>> 8 : octet)),
      );
      link.sent.push(Uint8Array.from(parts));
    });
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", received: 0 });
    expect(drops(world)).toEqual(["data after done"]);
    world.step({ kind: "received", connection: 1, bytes: Uint8Array.of(1, 2, 3) });
    expect(drops(world)).toEqual(["data after done", "data after done"]);
    expect(world.tables[4].size).toBe(0);
  });

  test.each([4, 6] as const)(
    "DHCPv%i: a wrong xid closes the connection, what came before is kept, the query repeated",
    (family) => {
      const { world, peer } = scripted(family, (xid, link, _query, number) => {
        const first = family === 4 ? active4(xid, 1) : reply6(xid, 1);
        const end = family === 4 ? done4(xid) : leasequeryDone6({ transactionId: xid });
        if (number === 1) link.send(first, family === 4 ? active4(xid + 1, 2) : data6(xid + 1, 2), end);
        else link.send(first, end);
      });
      const id = world.run({ family });
      world.settle();
      expect(drops(world)).toEqual(["xid unknown"]);
      expect(peer.closes).toBe(1);
      expect(world.tables[family].size).toBe(1);
      expect(world.bulk(id).servers[0]).toMatchObject({
        state: "waiting",
        explanation:
          "A message carried a transaction id that was not asked with. It is tried again in 10 s (attempt 1 of 3).",
      });
      world.pass(10);
      expect(world.bulk(id).state).toBe("complete");
    },
  );

  test("duplicates change nothing", () => {
    const { world } = scripted(4, (xid, link) =>
      link.send(active4(xid, 1), active4(xid, 1), active4(xid, 1), done4(xid)),
    );
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ applied: 1, unchanged: 2 });
    expect(world.tables[4].sequence).toBe(1);
  });

  test("an endless answer is cut off at a limit", () => {
    const world = new RecoveryWorld([{ ...RELAY4, bulk: { ...RELAY4.bulk, attempts: 1 } }], {
      messagesPerAnswerMax: 50,
    });
    scripted(4, (xid, link) => link.send(...Array.from({ length: 200 }, (_, host) => active4(xid, host + 1))), world);
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "failed", received: 50 });
    expect(world.bulk(id).servers[0]!.explanation).toBe(
      "The answer did not end after 50 messages (messagesPerAnswerMax). Given up after 1 attempt.",
    );
    expect(drops(world)).toContain("endless answer");
  });

  test("junk inside frames is counted, and closes the connection when there is too much of it", () => {
    const world = new RecoveryWorld([RELAY4], { faultsPerConnectionMax: 5 });
    const junk = new Uint8Array(300).fill(0xab);
    scripted(
      4,
      (xid, link, _query, number) => {
        if (number === 1) link.send(junk, active4(xid, 1), ...Array.from({ length: 10 }, () => junk));
        else link.send(junk, active4(xid, 2), done4(xid));
      },
      world,
    );
    const id = world.run();
    world.settle();
    expect(world.bulk(id).servers[0]!.explanation).toMatch(/^More than 5 messages were unusable/);
    world.pass(10);
    expect(world.bulk(id).state).toBe("complete");
    expect(world.tables[4].size).toBe(2);
    expect(refusedOf(world, id)).toEqual({ "malformed magic-cookie": 7 });
  });

  test.each([
    [Uint8Array.of(0, 5, 1, 2, 3, 4, 5), "malformed frame-too-short", 5],
    [Uint8Array.of(0, 0), "malformed frame-too-short", 0],
  ])("a frame that cannot be a message: %o", (octets, reason, length) => {
    const { world } = scripted(4, (_xid, link) => link.sent.push(octets));
    const id = world.run();
    world.settle();
    expect(drops(world)).toEqual([reason]);
    expect(world.bulk(id).servers[0]!.explanation).toContain(
      `The server sent a frame of ${length} octets, which cannot be a message.`,
    );
  });

  test("an oversized frame is refused at its size, before it is stored", () => {
    const world = new RecoveryWorld([RELAY4], { messageOctetsMax: 2000 });
    scripted(4, (_xid, link) => link.sent.push(Uint8Array.of(0xff, 0xff, 1, 2, 3)), world);
    const id = world.run();
    world.settle();
    expect(drops(world)).toEqual(["malformed frame-too-long"]);
    expect(world.bulk(id).servers[0]!.state).toBe("waiting");
  });

  test("a server that falls silent is given up after BULK_LQ_DATA_TIMEOUT", () => {
    const { world } = scripted(4, (xid, link) => link.send(active4(xid, 1)));
    const id = world.run();
    world.settle();
    world.pass(299);
    expect(world.bulk(id).servers[0]!.state).toBe("receiving");
    world.pass(1);
    expect(world.bulk(id).servers[0]).toMatchObject({
      state: "waiting",
      explanation: "The server has said nothing for 300 s. It is tried again in 10 s (attempt 1 of 3).",
    });
  });

  test("octets before a query are not listened to", () => {
    const world = new RecoveryWorld();
    world.silent.add(V4);
    const id = world.run();
    world.settle();
    world.step({ kind: "received", connection: 1, bytes: Uint8Array.of(0, 1, 2) });
    expect(drops(world)).toEqual(["octets early"]);
    expect(world.bulk(id).servers[0]!.state).toBe("waiting");
  });

  test("messages that do not belong in the answer are counted", () => {
    const { world } = scripted(4, (xid, link) =>
      link.send(
        leaseReply4({ messageType: MessageType4.DHCPLEASEUNKNOWN, xid, ciaddr: 1 as never }),
        active4(xid, 1),
        done4(xid),
      ),
    );
    const id = world.run();
    world.settle();
    expect(refusedOf(world, id)).toEqual({ "wrong message type": 1 });
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 1 });
  });

  test("every truncation and every changed octet of an answer: counted, never an exception", () => {
    const messages = [active4(0x111111, 1), done4(0x111111), reply6(0x111111, 1), data6(0x111111, 2)];
    for (const message of messages) {
      const family = message.length > 240 && message[236] === 0x63 ? 4 : 6;
      let octets: Uint8Array = message;
      const { world } = scripted(family, (xid, link) => {
        const copy = octets.slice();
        for (let i = 0; i < 3; i += 1) copy[(family === 4 ? 5 : 1) + i] = xid >>> (16 - 8 * i);
        link.send(copy);
      });
      for (let at = 0; at < message.length; at += 1) {
        for (const changed of [message.slice(0, Math.max(at, family === 4 ? 240 : 4)), flip(message, at)]) {
          octets = changed;
          const id = world.run({ family });
          world.settle();
          if (world.bulk(id).finishedAtMs === null) world.step({ kind: "cancel-run", id });
        }
      }
      expect(world.state.links.size).toBe(0);
    }
  });
});

function flip(message: Uint8Array, at: number): Uint8Array {
  const changed = message.slice();
  changed[at] = changed[at]! ^ 0xff;
  return changed;
}

describe("attempts", () => {
  test("nothing listens: tried as often as configured, then given up", () => {
    const world = new RecoveryWorld();
    const id = world.run();
    world.settle();
    expect(world.bulk(id).servers[0]).toMatchObject({
      state: "waiting",
      attempts: 1,
      nextAttemptAtMs: world.now + 10_000,
      explanation: "Connection refused: nothing listens there. It is tried again in 10 s (attempt 1 of 3).",
    });
    world.pass(20);
    expect(world.bulk(id)).toMatchObject({ state: "failed" });
    expect(world.bulk(id).outcome).toBe("Connection refused: nothing listens there. Given up after 3 attempts.");
    expect(world.connectedTo).toHaveLength(3);
  });

  test("an address that does not answer at all", () => {
    const world = new RecoveryWorld();
    world.silent.add(V4);
    const id = world.run();
    world.settle();
    world.pass(30);
    expect(world.bulk(id).servers[0]!.explanation).toContain("192.0.2.1 does not answer.");
  });

  test("only the server that failed is asked again; retry takes up what failed", () => {
    const other = "192.0.2.2";
    const relay = { ...RELAY4, servers: [...RELAY4.servers, { address: other, port: 67, group: "servers" }] };
    const world = new RecoveryWorld([relay]);
    world.serve(V4).server.put(lease4(1));
    const id = world.run();
    world.settle();
    world.pass(30);
    expect(world.bulk(id)).toMatchObject({ state: "partial" });
    expect(world.bulk(id).outcome).toBe("1 server told everything, 1 did not: 1 binding recovered.");
    expect(world.connectedTo).toEqual([V4, other, other, other]);
    world.serve(other).server.put(lease4(2));
    world.step({ kind: "retry-run", id });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 2 });
    expect(world.connectedTo.filter((address) => address === V4)).toHaveLength(1);
    world.step({ kind: "retry-run", id });
    expect(world.refusal!.code).toBe("run-finished");
  });

  test.each([
    [
      StatusCode4.NotAllowed,
      "refused",
      "NotAllowed (4): no. The server does not allow this relay to ask; permit it there.",
    ],
    [StatusCode4.MalformedQuery, "refused", "MalformedQuery (3): no. The server does not understand the query."],
    [
      StatusCode4.QueryTerminated,
      "waiting",
      "QueryTerminated (2): no. The server ended the query before it was complete. It is tried again in 10 s (attempt 1 of 3).",
    ],
    [
      StatusCode4.UnspecFail,
      "waiting",
      "UnspecFail (1): no. The server could not answer the query. It is tried again in 10 s (attempt 1 of 3).",
    ],
  ])("DHCPv4 status %i", (code, state, explanation) => {
    const { world } = scripted(4, (xid, link) => link.send(active4(xid, 1), done4(xid, code, "no")));
    const id = world.run();
    world.settle();
    expect(world.bulk(id).servers[0]).toMatchObject({ state, explanation });
    expect(world.tables[4].size).toBe(1);
    expect(world.baseTimes).toEqual([]);
  });

  test.each([
    [StatusCode6.UnknownQueryType, "refused"],
    [StatusCode6.NotConfigured, "refused"],
    [StatusCode6.NotAllowed, "refused"],
    [StatusCode6.QueryTerminated, "waiting"],
  ])("DHCPv6 status %i in the REPLY, which stands alone", (code, state) => {
    const { world } = scripted(6, (xid, link) =>
      link.send(reply6(xid, null, { status: { code, text: new Uint8Array() } })),
    );
    const id = world.run({ family: 6 });
    world.settle();
    expect(world.bulk(id).servers[0]).toMatchObject({ state });
  });

  test("DHCPv6: a REPLY without data is a complete answer, and a DONE behind it is tolerated", () => {
    const { world } = scripted(6, (xid, link) => link.send(reply6(xid, null), leasequeryDone6({ transactionId: xid })));
    const id = world.run({ family: 6 });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", applied: 0 });
  });

  test("no more connections than request-max-tcp-connections: the others wait, and say so", () => {
    const servers = Array.from({ length: 5 }, (_, i) => ({ address: `192.0.2.${i + 1}`, port: 67, group: null }));
    const world = new RecoveryWorld();
    world.configure([{ ...RELAY4, servers }], 2);
    const links: PeerLink[] = [];
    for (const { address } of servers)
      world.peers.set(address, new ScriptedPeer((xid, link) => links.push(Object.assign(link, { xid }) as PeerLink)));
    const id = world.run();
    world.settle();
    expect(world.bulk(id).servers.map(({ state }) => state)).toEqual([
      "receiving",
      "receiving",
      "queued",
      "queued",
      "queued",
    ]);
    expect(world.bulk(id).servers[2]!.explanation).toBe(
      "Waits for its turn: 2 of 2 connections are in use (request-max-tcp-connections).",
    );
    const second = world.run();
    expect(world.bulk(second)).toMatchObject({
      state: "queued",
      outcome: "Waits for a connection: all that may be open are in use (request-max-tcp-connections).",
    });
    for (let i = 0; i < links.length; i += 1) {
      links[i]!.send(done4((links[i] as PeerLink & { xid: number }).xid));
      world.settle();
    }
    expect(world.bulk(id).state).toBe("complete");
    expect(world.bulk(second).state).toBe("complete");
    expect(links).toHaveLength(10);
  });

  test("runs are bounded", () => {
    const world = new RecoveryWorld([RELAY4], { runsActiveMax: 1, runsRememberedMax: 2 });
    scripted(4, () => undefined, world);
    world.run();
    world.settle();
    world.run();
    expect(world.refusal).toMatchObject({ code: "limit" });
    for (let i = 0; i < 5; i += 1) {
      for (const run of world.state.runs.values())
        if (run.finishedAtMs === null) world.step({ kind: "cancel-run", id: run.request.id });
      world.run();
    }
    expect(world.state.runs.size).toBe(3);
  });
});

describe("commands", () => {
  test("pause stops reading, resume goes on, cancel closes", () => {
    let xidOf = 0;
    let peerLink: PeerLink | undefined;
    const { world, peer } = scripted(4, (xid, link) => {
      xidOf = xid;
      peerLink = link.send(active4(xid, 1));
    });
    const id = world.run();
    world.settle();
    world.step({ kind: "pause-run", id });
    peerLink!.send(active4(xidOf, 2));
    // A paused run is not given up, however long it takes.
    world.pass(3600);
    expect(world.bulk(id)).toMatchObject({ state: "paused", received: 1 });
    expect(world.bulk(id).servers[0]!.state).toBe("paused");
    world.step({ kind: "resume-run", id });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "running", received: 2 });
    world.step({ kind: "cancel-run", id });
    expect(world.bulk(id)).toMatchObject({ state: "cancelled", outcome: "Cancelled; 2 bindings recovered before." });
    expect(peer.closes).toBe(1);
    expect(world.state.links.size).toBe(0);
    for (const kind of ["cancel-run", "pause-run", "resume-run"] as const) {
      world.step({ kind, id });
      expect(world.refusal!.code).toBe("run-finished");
    }
    world.step({ kind: "cancel-run", id: "nobody" });
    expect(world.refusal!.code).toBe("run-unknown");
  });

  test("a commit that takes the server ends the run there", () => {
    const { world } = scripted(4, () => undefined);
    const id = world.run();
    world.settle();
    world.configure([{ ...RELAY4, servers: [{ address: "192.0.2.9", port: 67, group: null }] }]);
    expect(world.bulk(id).servers[0]).toMatchObject({
      state: "cancelled",
      explanation: "Ended by a commit: 192.0.2.1 is no server of this relay any more.",
    });
    expect(world.state.links.size).toBe(0);
  });

  test("trigger automatic: DHCPv6 at start, by the own relay-id, if nobody is bound", () => {
    const relay = { ...RELAY6, bulk: { ...RELAY6.bulk, triggerAutomatic: true } };
    const empty = new RecoveryWorld([relay]);
    empty.serve(V6).server.put(lease6(1, 1));
    empty.restored().settle();
    const [run] = [...empty.state.runs.values()];
    expect(run!.request).toMatchObject({ cause: "automatic", family: 6, key: { kind: "relay-id" } });
    expect(empty.tables[6].size).toBe(1);
    const bound = new RecoveryWorld([relay]);
    bound.tables[6].put(lease6(1, 5, { origin: "gleaned" }), "test", NOW_SECONDS);
    bound.restored().settle();
    expect(bound.state.runs.size).toBe(0);
  });

  test("TLS: asked for first, then the query over it; refused, it is closed and not tried in plain", () => {
    const secure = { ...RELAY4, bulk: { ...RELAY4.bulk, mode: "secure", attempts: 1 } } as const;
    const world = new RecoveryWorld([secure]);
    const kinds: [number, boolean][] = [];
    scripted(
      4,
      (xid, link, query) => {
        const message = message4(query);
        kinds.push([message.messageType!, link.secured]);
        if (message.messageType === MessageType4.DHCPTLS) link.send(tlsReply(xid));
        else link.send(active4(xid, 1), done4(xid));
      },
      world,
    );
    const id = world.run();
    world.settle();
    expect(kinds).toEqual([
      [MessageType4.DHCPTLS, false],
      [MessageType4.DHCPBULKLEASEQUERY, true],
    ]);
    expect(world.bulk(id).state).toBe("complete");
    const refusing = new RecoveryWorld([secure]);
    const { peer } = scripted(4, (xid, link) => link.send(tlsReply(xid, StatusCode4.TLSConnectionRefused)), refusing);
    const refused = refusing.run();
    refusing.settle();
    expect(peer.queries).toHaveLength(1);
    expect(drops(refusing)).toContain("tls refused");
    expect(refusing.bulk(refused).servers[0]!.explanation).toBe(
      "TLSConnectionRefused (8). The server refuses TLS; give it certificates, or use insecure mode. Given up after 1 attempt.",
    );
    // Our own server has no certificates.
    const own = new RecoveryWorld([secure]);
    own.serve(V4);
    const third = own.run();
    own.settle();
    expect(own.bulk(third).servers[0]!.lastStatus).toMatch(/^TLSConnectionRefused \(8\): /);
  });
});

function tlsReply(xid: number, code?: number): Uint8Array {
  return code === undefined
    ? tls4({ xid, direction: "reply" })
    : tls4({ xid, direction: "reply", status: { code, text: new Uint8Array() } });
}
