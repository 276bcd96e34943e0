import {
  decodeMessage4,
  decodeMessage6,
  type LeasequeryStatus4,
  leasequeryDone4,
  leasequeryDone6,
  leasequeryStatus4,
  leaseReply4,
  leaseReply6,
  MessageType4,
  MessageType6,
  readActiveLeasequery4,
  readActiveLeasequery6,
  readBulkLeasequery4,
  StatusCode4,
  StatusCode6,
  tls4,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  ACTIVE,
  leasesOf,
  NOW_SECONDS,
  type PeerLink,
  RELAY4,
  RELAY6,
  RecoveryWorld,
  ResponderWorld,
  SCOPES4,
  SCOPES6,
  ScriptedPeer,
} from "../../../test/recovery-world.ts";
import { lease4, lease6, prefix6, RELAY_DUID, SERVER_DUID } from "../../../test/responder-world.ts";
import type { BaseTime } from "./messages.ts";

const V4 = "192.0.2.1";
const V6 = "2001:db8::1";
const RELAYS = [
  { ...RELAY4, active: ACTIVE },
  { ...RELAY6, active: ACTIVE },
];

function base(family: 4 | 6, seconds: number): BaseTime {
  return { family, instance: "default:default", server: family === 4 ? V4 : V6, baseTimeSeconds: seconds };
}

/** A relay that holds something already, so that its stored base-times count. */
function restarted(world: RecoveryWorld, baseSeconds: number): void {
  world.tables[4].put(lease4(900, { origin: "active", serverAddress: V4 }), "test", NOW_SECONDS);
  world.restored([base(4, baseSeconds)]).settle();
}

function phases(world: RecoveryWorld, family: 4 | 6 = 4): string[] {
  return world
    .stream(family)
    .events.filter(({ kind }) => kind === "phase" || kind === "fallback")
    .map(({ phase }) => phase);
}

describe("against our own server", () => {
  test.each([4, 6] as const)("DHCPv%i: bulk, catch-up, then every change as it happens", (family) => {
    const world = new RecoveryWorld(RELAYS);
    const { server } = world.serve(family === 4 ? V4 : V6);
    const lease = family === 4 ? (host: number) => lease4(host) : (host: number) => lease6(1, host);
    for (let host = 1; host <= 30; host += 1) server.put(lease(host));
    world.restored().settle();
    expect(phases(world, family)).toEqual(["Connecting", "Connected", "Bulk", "Catch-up", "Active"]);
    expect(leasesOf(world.tables[family])).toEqual(leasesOf(server.tables[family]));
    expect(world.stream(family)).toMatchObject({ phase: "Active", catchUpComplete: 1, gaps: [] });
    server.put(lease(31));
    server.put({ ...lease(5), state: 4, expiresAtSeconds: 0, startTimeOfStateSeconds: NOW_SECONDS });
    world.settle();
    expect(leasesOf(world.tables[family])).toEqual(leasesOf(server.tables[family]));
    expect(leasesOf(world.tables[family])).toHaveLength(30);
    if (family === 6) {
      server.put(prefix6(1, 3));
      world.settle();
      expect(leasesOf(world.tables[6])).toEqual(leasesOf(server.tables[6]));
    }
  });

  test.each([4, 6] as const)("DHCPv%i: keepalives keep a quiet stream, and carry the base-time on", (family) => {
    const world = new RecoveryWorld(RELAYS);
    world.serve(family === 4 ? V4 : V6).server.put(family === 4 ? lease4(1) : lease6(1, 1));
    world.restored().settle();
    world.pass(3600);
    const stream = world.stream(family);
    expect(stream).toMatchObject({ phase: "Active", reconnects: 0 });
    expect(stream.keepalives).toBeGreaterThan(60);
    expect(world.now - stream.lastKeepaliveAtMs!).toBeLessThanOrEqual(60_000);
    // DHCPv6 keepalives carry no base-time unless LQ_BASE_TIME was asked for, which we do.
    expect(stream.lagSeconds).toBeLessThanOrEqual(60);
    expect(world.baseTimes.at(-1)!.baseTimeSeconds).toBeGreaterThan(NOW_SECONDS + 3500);
  });

  test("a broken connection: reconnected, and caught up from the server's base-time", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const peer = world.serve(V4, new ResponderWorld(), 5400);
    const at = NOW_SECONDS + 5400;
    const lease = (host: number, heard: number) =>
      lease4(host, {
        clientLastTransactionTimeSeconds: heard,
        expiresAtSeconds: heard + 3000,
        startTimeOfStateSeconds: heard,
      });
    peer.server.put(lease(1, at));
    world.restored().settle();
    world.pass(100);
    const before = world.stream();
    for (const link of world.peerLinks.values()) link.end("the server broke the connection off");
    world.settle();
    expect(world.stream()).toMatchObject({ phase: "Idle", reconnects: 1 });
    expect(world.stream().explanation).toBe("The server broke the connection off. Connecting again in 1 s.");
    world.peers.delete(V4);
    world.pass(50);
    peer.server.pass(150);
    peer.server.put(lease(2, at + 120));
    world.peers.set(V4, peer);
    world.pass(60);
    expect(world.stream()).toMatchObject({ phase: "Active", catchUpFromSeconds: before.baseTimeSeconds });
    expect(world.stream().catchUpFromSeconds! - at).toBeGreaterThanOrEqual(0);
    expect(world.tables[4].size).toBe(2);
    // By our clock, whatever the server's says.
    expect(world.tables[4].at(2)!.clientLastTransactionTimeSeconds).toBe(NOW_SECONDS + 120);
    expect(world.stream().clockOffsetSeconds).toBe(-5400);
    expect(world.stream().lagSeconds).toBeLessThanOrEqual(60);
  });

  test("a restart with what was stored: no bulk, only the catch-up", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const { server } = world.serve(V4);
    server.put(lease4(1));
    restarted(world, NOW_SECONDS - 5);
    expect(phases(world)).toEqual(["Connecting", "Connected", "Catch-up", "Active"]);
    expect(leasesOf(world.tables[4])).toHaveLength(2);
  });

  test("a relay that lost its bindings takes everything, whatever base-time it had", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    world.serve(V4).server.put(lease4(1));
    world.restored([base(4, NOW_SECONDS - 5)]).settle();
    expect(phases(world)).toContain("Bulk");
    expect(world.tables[4].size).toBe(1);
  });

  // It falls over again with half of them back: what is stored then must not make the old base-time count.
  test("a relay that lost its bindings gives up its base-times at once", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    world.restored([base(4, NOW_SECONDS - 5)]);
    expect(world.baseTimes).toEqual([base(4, 0)]);
    const again = new RecoveryWorld(RELAYS.slice(0, 1));
    again.serve(V4).server.put(lease4(1));
    again.tables[4].put(lease4(900, { origin: "bulk", serverAddress: V4 }), "test", NOW_SECONDS);
    again.restored([base(4, 0)]).settle();
    expect(phases(again)).toContain("Bulk");
    expect(again.tables[4].size).toBe(2);
  });

  test("DataMissing: the stream goes on, a bulk run fills the gap on a second connection, then the base-time moves", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const { server } = world.serve(V4);
    for (let host = 1; host <= 5; host += 1)
      server.put(lease4(host, { startTimeOfStateSeconds: NOW_SECONDS - 90_000 }));
    // Older than what the server keeps of ended bindings.
    restarted(world, NOW_SECONDS - 100_000);
    const { gaps, dataMissing } = world.stream();
    expect(dataMissing).toBe(1);
    expect(gaps).toMatchObject([{ fromSeconds: NOW_SECONDS - 100_000, toSeconds: NOW_SECONDS, healedAtMs: world.now }]);
    const run = world.bulk(gaps[0]!.runId!);
    expect(run).toMatchObject({
      cause: "gap",
      state: "complete",
      queryStartTimeSeconds: NOW_SECONDS - 100_000,
      queryEndTimeSeconds: NOW_SECONDS,
      received: 5,
    });
    expect(gaps[0]!.healedBy).toBe(`bulk run ${run.id}`);
    expect(leasesOf(world.tables[4])).toHaveLength(6);
    world.pass(61);
    expect(world.baseTimes.at(-1)!.baseTimeSeconds).toBeGreaterThan(NOW_SECONDS);
  });

  test("the server shuts down: QueryTerminated, then reconnected when it is back", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const peer = world.serve(V4);
    peer.server.put(lease4(1));
    world.restored().settle();
    peer.server.engine.stop(peer.server.now);
    world.settle();
    expect(world.stream()).toMatchObject({
      phase: "Idle",
      lastStatus: "QueryTerminated (2): The server is shutting down.",
    });
    const back = world.serve(V4, new ResponderWorld());
    back.server.put(lease4(1));
    back.server.put(lease4(2, { clientLastTransactionTimeSeconds: NOW_SECONDS + 1 }));
    world.pass(5);
    expect(world.stream().phase).toBe("Active");
    expect(world.tables[4].size).toBe(2);
  });

  test("a server with bulk only (DHCPv4): fallback says so, and asks for changes now and then", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const { active: _, ...bulkOnly } = SCOPES4;
    const { server } = world.serve(V4, new ResponderWorld([bulkOnly]));
    server.put(lease4(1));
    world.restored().settle();
    expect(world.stream()).toMatchObject({ phase: "Fallback" });
    expect(world.stream().explanation).toBe(
      "NotAllowed (4): Active leasequery is not configured here. The server does not allow this relay to ask; permit it there. What changes is asked for by bulk query every 300 s; active leasequery is tried again every 60 min.",
    );
    world.pass(200);
    server.put(lease4(2, { clientLastTransactionTimeSeconds: NOW_SECONDS + 150 }));
    world.pass(150);
    expect(world.tables[4].size).toBe(2);
    const runs = [...world.state.runs.values()].map(({ request }) => request);
    expect(runs).toMatchObject([{ cause: "active", incremental: true, serverAddress: V4 }]);
    // Only what changed since.
    expect(world.bulk(runs[0]!.id).received).toBe(1);
    // Active comes into force at the server: the next try finds it.
    server.engine.configure({ servers4: [SCOPES4], servers6: [SCOPES6], tcpConnectionsAcceptedMax: 100 }, server.now);
    world.pass(3600);
    expect(world.stream().phase).toBe("Active");
  });

  test("a server with bulk only (DHCPv6): NotSupported", () => {
    const world = new RecoveryWorld(RELAYS.slice(1));
    const { active: _, ...bulkOnly } = SCOPES6;
    world.serve(V6, new ResponderWorld([], [bulkOnly])).server.put(lease6(1, 1));
    world.restored().settle();
    expect(world.stream(6)).toMatchObject({ phase: "Fallback" });
    expect(world.stream(6).lastStatus).toMatch(/^NotSupported \(14\)/);
  });

  test("secure mode and a server without TLS: closed, nothing is asked in plain", () => {
    const world = new RecoveryWorld([{ ...RELAY4, active: { ...ACTIVE, mode: "secure" } }]);
    world.serve(V4).server.put(lease4(1));
    world.restored().settle();
    expect(world.stream()).toMatchObject({ phase: "Idle", secure: false });
    expect(world.stream().explanation).toMatch(
      /^TLSConnectionRefused \(8\): .*use insecure mode\. Connecting again in 1 s\.$/,
    );
    expect(world.tables[4].size).toBe(0);
  });

  test("the operator restarts a stream, plainly and with everything told again", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const { server } = world.serve(V4);
    server.put(lease4(1));
    world.restored().settle();
    const restart = { kind: "restart-stream", family: 4, instance: "default:default", server: V4 } as const;
    world.step(restart);
    world.settle();
    expect(phases(world).slice(5)).toEqual(["Connecting", "Connected", "Catch-up", "Active"]);
    world.step({ ...restart, resync: true });
    world.settle();
    expect(phases(world).slice(9)).toEqual(["Connecting", "Connected", "Bulk", "Catch-up", "Active"]);
    world.step({ ...restart, server: "192.0.2.99" });
    expect(world.refusal).toMatchObject({ code: "stream-unknown" });
    expect(world.state.links.size).toBe(1);
  });

  test("a relay that loses what it knew while it runs: its base-times are given up, and everything is told again", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    const { server } = world.serve(V4);
    server.put(lease4(1));
    world.restored().settle();
    const row = world.tables[4].byAddress("default:default", lease4(1).address);
    world.tables[4].remove(row, "test", NOW_SECONDS);
    const out = world.step({ kind: "bindings-lost", family: 4, instance: "default:default" });
    expect(out.baseTimes.at(-1)).toEqual(base(4, 0));
    world.settle();
    expect(world.stream().phase).toBe("Active");
    expect(world.tables[4].size).toBe(1);
    expect(world.baseTimes.at(-1)!.baseTimeSeconds).toBe(NOW_SECONDS);
  });

  test("while nothing is read, silence ends nothing", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    world.serve(V4).server.put(lease4(1));
    world.restored().settle();
    world.step({ kind: "reading", held: true });
    for (const link of world.peerLinks.values()) link.paused = true;
    world.now += 3_600_000;
    world.step({ kind: "deadline" });
    expect(world.stream()).toMatchObject({ phase: "Active", reconnects: 0 });
    world.step({ kind: "reading", held: false });
    world.step({ kind: "deadline" });
    expect(world.stream().reconnects).toBe(0);
    world.now += 120_000;
    world.step({ kind: "deadline" });
    expect(world.stream().reconnects).toBe(1);
  });

  test("a commit takes the stream away, another brings it", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    world.serve(V4).server.put(lease4(1));
    world.restored().settle();
    world.configure([RELAY4]);
    expect(world.state.streams.size).toBe(0);
    expect(world.state.links.size).toBe(0);
    world.configure(RELAYS).settle();
    expect(world.stream().phase).toBe("Active");
  });

  // Broken off at every message of bulk, catch-up and stream, in both families: the relay's view becomes the server's.
  test.each([4, 6] as const)("DHCPv%i: a reset at every message boundary, and the views agree in the end", (family) => {
    const lease =
      family === 4
        ? (host: number, more = {}) => lease4(host, more)
        : (host: number, more = {}) => lease6(1, host, more);
    for (let resetAt = 1; resetAt <= 14; resetAt += 1) {
      const world = new RecoveryWorld(RELAYS.filter((relay) => relay.family === family));
      const { server } = world.serve(family === 4 ? V4 : V6, new ResponderWorld(), 3600);
      const at = NOW_SECONDS + 3600;
      const times = (heard: number) => ({
        clientLastTransactionTimeSeconds: heard,
        startTimeOfStateSeconds: heard,
        expiresAtSeconds: heard + 90_000,
        preferredUntilSeconds: heard + 90_000,
      });
      for (let host = 1; host <= 4; host += 1) server.put(lease(host, times(at)));
      let messages = 0;
      let reset = false;
      const step = world.step.bind(world);
      world.step = (input) => {
        if (input.kind === "received" && !reset) {
          messages += 1;
          if (messages === resetAt) {
            reset = true;
            const link = world.peerLinks.get(input.connection)!;
            world.peerLinks.delete(input.connection);
            world.peers.get(link.address)?.closed?.(link);
            return step({
              kind: "closed",
              connection: input.connection,
              reason: "the server broke the connection off",
            });
          }
        }
        return step(input);
      };
      splitMessages(world);
      world.restored().settle();
      for (let host = 3; host <= 8; host += 1) {
        world.pass(1);
        server.put(lease(host, { ...times(at + host * 10), ...(host === 4 ? { state: 4, expiresAtSeconds: 0 } : {}) }));
        world.settle();
      }
      world.pass(300);
      expect(reset).toBe(true);
      expect(world.stream(family).phase).toBe("Active");
      const told = (table: (typeof world.tables)[4]) =>
        leasesOf(table).map((line) => line.split(" ").slice(0, 3).join(" "));
      expect(told(world.tables[family])).toEqual(told(server.tables[family]));
    }
  });
});

/** Every message arrives by itself. */
function splitMessages(world: RecoveryWorld): void {
  for (const peer of world.peers.values()) {
    if (!("pump" in peer)) continue;
    const own = peer as { pump(of: RecoveryWorld): boolean };
    const pump = own.pump.bind(own);
    own.pump = (of) => {
      const any = pump(of);
      for (const link of of.peerLinks.values()) {
        const split = link.sent.flatMap((bytes) => {
          const parts: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
            parts.push(bytes.slice(at, end));
            at = end;
          }
          return parts;
        });
        link.sent.splice(0, link.sent.length, ...split);
      }
      return any;
    };
  }
}

describe("against a server that does as it is told", () => {
  function status4(xid: number, code: number, more: Partial<LeasequeryStatus4> = {}): Uint8Array {
    return leasequeryStatus4({ xid, status: { code, text: new Uint8Array() }, baseTimeSeconds: NOW_SECONDS, ...more });
  }
  function lease(xid: number, host: number, baseTimeSeconds = NOW_SECONDS): Uint8Array {
    return leaseReply4({
      messageType: MessageType4.DHCPLEASEACTIVE,
      xid,
      ciaddr: (0x0a000000 + host) as never,
      htype: 1,
      chaddr: Uint8Array.of(2, 0, 0, 0, 0, host),
      leaseTimeSeconds: 9000,
      clientLastTransactionTimeSeconds: 10,
      baseTimeSeconds,
      relayAgentInformation: Uint8Array.of(1, 2, 0x67, 0x65),
    });
  }

  /** Answers the bulk query with nothing; `answer` gets the active query. */
  function scripted(
    answer: (xid: number, link: PeerLink, startSeconds: number | undefined, number: number) => void,
    world = new RecoveryWorld(RELAYS.slice(0, 1)),
  ): { world: RecoveryWorld; peer: ScriptedPeer } {
    let actives = 0;
    const peer = new ScriptedPeer((xid, link, query) => {
      const message = decodeMessage4(query);
      if (!message.ok) throw new Error(message.error.message);
      if (message.value.messageType === MessageType4.DHCPBULKLEASEQUERY) {
        link.send(lease(xid, 1, NOW_SECONDS - 50), leasequeryDone4({ xid }));
        return;
      }
      const read = readActiveLeasequery4(message.value);
      if (!read.ok) throw new Error(read.error.message);
      actives += 1;
      answer(xid, link, read.value.queryStartTimeSeconds, actives);
    });
    world.peers.set(V4, peer);
    return { world, peer };
  }

  test("base-times told during catch-up are not kept (RFC 7724 §7.3), nor after a break in the middle of it", () => {
    const starts: (number | undefined)[] = [];
    const { world } = scripted((xid, link, start, number) => {
      starts.push(start);
      link.send(lease(xid, 2, NOW_SECONDS + 500));
      if (number === 1) link.end();
      else link.send(status4(xid, StatusCode4.CatchUpComplete, { baseTimeSeconds: NOW_SECONDS + 600 }));
    });
    world.restored().settle();
    expect(world.stream().phase).toBe("Idle");
    world.pass(2);
    expect(starts).toEqual([NOW_SECONDS - 50, NOW_SECONDS - 50]);
    expect(world.stream()).toMatchObject({ phase: "Active", baseTimeSeconds: NOW_SECONDS + 600 });
    expect(world.baseTimes.map(({ baseTimeSeconds }) => baseTimeSeconds - NOW_SECONDS)).toEqual([-50, 600]);
  });

  test("base-times are kept only once what they follow is stored; the one waited for and the latest", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    world.durableAtOnce = false;
    scripted((xid, link) => {
      link.send(status4(xid, StatusCode4.CatchUpComplete, { baseTimeSeconds: NOW_SECONDS }));
      for (let i = 1; i <= 20; i += 1) link.send(lease(xid, 1 + i, NOW_SECONDS + i));
    }, world);
    world.restored().settle();
    expect(world.baseTimes).toEqual([]);
    expect(world.stream()).toMatchObject({ baseTimeSeconds: NOW_SECONDS + 20, durableBaseTimeSeconds: null });
    world.step({ kind: "durable", family: 4, sequence: 1 });
    // The bulk answer and the first word after it came with the first binding.
    expect(world.stream().durableBaseTimeSeconds).toBe(NOW_SECONDS - 50);
    world.step({ kind: "durable", family: 4, sequence: world.tables[4].sequence });
    expect(world.stream().durableBaseTimeSeconds).toBe(NOW_SECONDS + 20);
    expect([...world.state.ledgers.values()].every(({ pending }) => pending.length <= 2)).toBe(true);
  });

  test("no keepalive: silence ends the connection after 120 s at the earliest, and it is opened again", () => {
    const { world } = scripted((xid, link) => link.send(status4(xid, StatusCode4.CatchUpComplete)));
    world.restored().settle();
    world.pass(119);
    expect(world.stream()).toMatchObject({ phase: "Active", reconnects: 0 });
    world.pass(1);
    expect(world.stream().explanation).toBe("The server has said nothing for 120 s. Connecting again in 1 s.");
  });

  test("a catch-up that stalls ends after the configured timeout", () => {
    const { world } = scripted((xid, link) => link.send(lease(xid, 2)));
    world.restored().settle();
    expect(world.stream().phase).toBe("Catch-up");
    world.pass(60);
    expect(world.stream()).toMatchObject({ phase: "Idle", reconnects: 1 });
  });

  test("an ACTIVE without an address is a keepalive of some servers", () => {
    const { world } = scripted((xid, link) => {
      const keepalive = lease(xid, 0);
      keepalive.fill(0, 12, 16);
      link.send(status4(xid, StatusCode4.CatchUpComplete), keepalive);
    });
    world.restored().settle();
    expect(world.stream()).toMatchObject({ keepalives: 1, received: 1, refused: [] });
  });

  test("a server that closes on an active query, twice: it has bulk only", () => {
    const { world, peer } = scripted((_xid, link) => link.end());
    world.restored().settle();
    expect(world.stream().phase).toBe("Idle");
    world.pass(3);
    expect(world.stream()).toMatchObject({ phase: "Fallback" });
    expect(world.stream().explanation).toMatch(
      /^The server closes the connection on an active query \(2 times\): it has bulk leasequery only\./,
    );
    expect(peer.connections).toBe(2);
  });

  test("a server that has answered an active query before has active leasequery, however often it closes", () => {
    const { world } = scripted((xid, link, _start, number) => {
      if (number === 1) link.send(status4(xid, StatusCode4.CatchUpComplete));
      link.end();
    });
    world.restored().settle();
    world.pass(300);
    expect(world.stream().phase).toBe("Idle");
    expect(world.stream().reconnects).toBeGreaterThan(6);
  });

  test("reconnects back off, up to a minute, and begin anew once the stream stood", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1));
    world.restored().settle();
    world.pass(600);
    const { reconnects } = world.stream();
    // 1, 2, 4, 8, 16, 32, then once a minute, a tenth more or less.
    expect(reconnects).toBeGreaterThanOrEqual(13);
    expect(reconnects).toBeLessThanOrEqual(17);
    scripted((xid, link) => link.send(status4(xid, StatusCode4.CatchUpComplete)), world);
    world.pass(66);
    expect(world.stream().phase).toBe("Active");
    for (const link of world.peerLinks.values()) link.end();
    world.settle();
    expect(world.stream().reconnectAtMs! - world.now).toBeLessThan(1200);
  });

  test("a gap that cannot be filled is tried again, and the base-time waits for it", () => {
    const world = new RecoveryWorld([{ ...RELAYS[0]!, bulk: { ...RELAY4.bulk, attempts: 1 } }]);
    let bulks = 0;
    const peer = new ScriptedPeer((xid, link, query) => {
      const message = decodeMessage4(query);
      if (!message.ok) throw new Error(message.error.message);
      if (message.value.messageType === MessageType4.DHCPBULKLEASEQUERY) {
        bulks += 1;
        if (bulks === 1)
          link.send(leasequeryDone4({ xid, status: { code: StatusCode4.UnspecFail, text: new Uint8Array() } }));
        else link.send(lease(xid, 3), leasequeryDone4({ xid }));
        const read = readBulkLeasequery4(message.value);
        expect(read).toMatchObject({
          value: { queryStartTimeSeconds: NOW_SECONDS - 77, queryEndTimeSeconds: NOW_SECONDS },
        });
      } else link.send(status4(xid, StatusCode4.DataMissing), lease(xid, 2, NOW_SECONDS + 1));
    });
    world.peers.set(V4, peer);
    restarted(world, NOW_SECONDS - 77);
    expect(world.stream().gaps).toMatchObject([{ healedAtMs: null, runId: null }]);
    expect(world.baseTimes).toEqual([]);
    // Meanwhile the stream would fall silent: its server says something now and then.
    for (let i = 1; i <= 6; i += 1) {
      world.pass(60);
      for (const link of world.peerLinks.values())
        if (world.state.links.get(link.id)?.query === "active")
          link.send(
            status4(world.state.links.get(link.id)!.xid, StatusCode4.ConnectionActive, {
              baseTimeSeconds: NOW_SECONDS + 60 * i,
            }),
          );
      world.settle();
    }
    expect(world.stream().gaps).toMatchObject([{ healedBy: expect.stringContaining("bulk run gap-") }]);
    expect(world.baseTimes.at(-1)!.baseTimeSeconds).toBe(NOW_SECONDS + 360);
    expect(world.baseTimes.every(({ baseTimeSeconds }) => baseTimeSeconds > NOW_SECONDS + 240)).toBe(true);
  });

  test("leases of other relays on the stream are not kept: DHCPv4 has no query for one's own", () => {
    const { world } = scripted((xid, link) => {
      const other = leaseReply4({
        messageType: MessageType4.DHCPLEASEACTIVE,
        xid,
        ciaddr: 0x0a000009 as never,
        relayAgentInformation: Uint8Array.of(1, 2, 0x67, 0x65, 12, 1, 9),
      });
      link.send(status4(xid, StatusCode4.CatchUpComplete), other);
    });
    world.restored().settle();
    expect(world.stream()).toMatchObject({ notKept: 1 });
  });

  test("TLS in secure mode: asked for, agreed, and everything goes over it", () => {
    const world = new RecoveryWorld([{ ...RELAY4, active: { ...ACTIVE, mode: "secure" } }]);
    const said: [number, boolean][] = [];
    world.peers.set(
      V4,
      new ScriptedPeer((xid, link, query) => {
        const message = decodeMessage4(query);
        if (!message.ok) throw new Error(message.error.message);
        said.push([message.value.messageType!, link.secured]);
        if (message.value.messageType === MessageType4.DHCPTLS) link.send(tls4({ xid, direction: "reply" }));
        else if (message.value.messageType === MessageType4.DHCPBULKLEASEQUERY)
          link.send(leasequeryDone4({ xid, baseTimeSeconds: NOW_SECONDS }));
        else link.send(status4(xid, StatusCode4.CatchUpComplete));
      }),
    );
    world.restored().settle();
    expect(said).toEqual([
      [MessageType4.DHCPTLS, false],
      [MessageType4.DHCPBULKLEASEQUERY, true],
      [MessageType4.DHCPACTIVELEASEQUERY, true],
    ]);
    expect(world.stream()).toMatchObject({ phase: "Active", secure: true });
  });

  test("a server that says nothing to DHCPTLS has no TLS", () => {
    const world = new RecoveryWorld([{ ...RELAY4, active: { ...ACTIVE, mode: "secure" } }]);
    world.peers.set(V4, new ScriptedPeer(() => undefined));
    world.restored().settle();
    world.pass(30);
    expect(world.stream().explanation).toBe("The server does not answer when asked for TLS. Connecting again in 1 s.");
    world.peers.set(V4, new ScriptedPeer((_xid, link) => link.end()));
    world.pass(2);
    expect(world.stream().explanation).toMatch(/^The server closed the connection when it was asked for TLS\./);
  });

  test("history is bounded", () => {
    const world = new RecoveryWorld(RELAYS.slice(0, 1), { eventsPerStreamMax: 10 });
    world.restored().settle();
    world.pass(3600);
    expect(world.stream().events).toHaveLength(10);
  });

  describe("DHCPv6", () => {
    function message6(
      type: "LEASEQUERY-REPLY" | "LEASEQUERY-DATA",
      xid: number,
      code: number | null,
      baseTime: number | null,
    ): Uint8Array {
      return leaseReply6({
        messageType: MessageType6[type],
        transactionId: xid,
        ...(type === "LEASEQUERY-REPLY" ? { serverDuid: SERVER_DUID, clientDuid: RELAY_DUID } : {}),
        ...(code === null ? {} : { status: { code, text: new Uint8Array() } }),
        ...(baseTime === null ? {} : { baseTimeSeconds: unixToEpoch2000Seconds(baseTime) }),
      });
    }

    function scripted6(answer: (xid: number, link: PeerLink, start: number | undefined) => void): RecoveryWorld {
      const world = new RecoveryWorld(RELAYS.slice(1));
      world.peers.set(
        V6,
        new ScriptedPeer((xid, link, query) => {
          const message = decodeMessage6(query);
          if (!message.ok || message.value.kind !== "message") throw new Error("no message");
          if (message.value.messageType === MessageType6.LEASEQUERY) {
            link.send(message6("LEASEQUERY-REPLY", xid, null, NOW_SECONDS));
            return;
          }
          const read = readActiveLeasequery6(message.value);
          if (!read.ok) throw new Error(read.error.message);
          answer(xid, link, read.value.startTimeSeconds);
        }),
      );
      world.restored().settle();
      return world;
    }

    test("REPLY, CatchUpComplete in DATA, DATA without data as keepalive (RFC 7653 §8.4)", () => {
      const starts: (number | undefined)[] = [];
      const world = scripted6((xid, link, start) => {
        starts.push(start);
        link.send(
          message6("LEASEQUERY-REPLY", xid, null, NOW_SECONDS),
          message6("LEASEQUERY-DATA", xid, StatusCode6.CatchUpComplete, NOW_SECONDS + 5),
          message6("LEASEQUERY-DATA", xid, null, NOW_SECONDS + 65),
        );
      });
      expect(starts).toEqual([unixToEpoch2000Seconds(NOW_SECONDS)]);
      expect(world.stream(6)).toMatchObject({
        phase: "Active",
        keepalives: 1,
        catchUpComplete: 1,
        baseTimeSeconds: NOW_SECONDS + 65,
      });
    });

    test.each(["LEASEQUERY-REPLY", "LEASEQUERY-DATA"] as const)(
      "DataMissing in %s: a gap (RFC 7653 §8.4.1)",
      (type) => {
        const world = scripted6((xid, link) =>
          link.send(message6(type, xid, StatusCode6.DataMissing, NOW_SECONDS + 9)),
        );
        expect(world.stream(6)).toMatchObject({
          phase: "Active",
          gaps: [{ fromSeconds: NOW_SECONDS, toSeconds: NOW_SECONDS + 9 }],
        });
      },
    );

    test("DONE with QueryTerminated ends the stream, and it is opened again", () => {
      const world = scripted6((xid, link) =>
        link.send(
          leasequeryDone6({
            transactionId: xid,
            status: { code: StatusCode6.QueryTerminated, text: new Uint8Array() },
          }),
        ),
      );
      expect(world.stream(6)).toMatchObject({ phase: "Idle", reconnects: 1 });
    });

    test("NotSupported and NotAllowed: fallback", () => {
      for (const code of [StatusCode6.NotSupported, StatusCode6.NotAllowed]) {
        const world = scripted6((xid, link) => link.send(message6("LEASEQUERY-REPLY", xid, code, null)));
        expect(world.stream(6).phase).toBe("Fallback");
      }
    });
  });
});
