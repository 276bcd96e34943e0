import { BindingState } from "@leasewire/bindings";
import { MessageType4 } from "@leasewire/wire";
import { describe, expect, it } from "vitest";
import {
  answerOf,
  attached,
  configuration,
  D,
  ip,
  pool,
  R,
  request,
  startMs,
  World4,
} from "../../test/server4-world.ts";
import { nextServerDeadlineMs4 } from "../index.ts";

const giaddr = "10.1.0.1";
const probing = configuration({ addressProbe: { timeoutMs: 500 } });

describe("RFC 2131 §3.1 step 2: an address is probed before it is offered", () => {
  it("the offer waits for the probe", () => {
    const world = new World4(probing);
    const asked = world.send({ type: D, giaddr, xid: 5 });
    expect(asked.sends).toEqual([]);
    const [probe] = asked.probes;
    expect(probe).toMatchObject({ address: "10.1.0.10", timeoutMs: 500, interfaceName: undefined });
    expect(world.pool().offered).toBe(1);
    const offer = answerOf(world.step({ kind: "probe-result", token: probe!.token, inUse: false }));
    expect(offer).toMatchObject({ type: "DHCPOFFER", yiaddr: "10.1.0.10", message: { xid: 5 } });
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.10", server: "192.0.2.1" }).type).toBe("DHCPACK");
  });

  it("and is kept for the whole time from when the client is told", () => {
    const world = new World4(probing, { probeGraceMs: 10_000 });
    const [probe] = world.send({ type: D, giaddr }).probes;
    world.pass(9);
    world.step({ kind: "probe-result", token: probe!.token, inUse: false });
    world.pass(59);
    expect(world.pool().offered).toBe(1);
  });

  it("on the client's own link where it is attached directly", () => {
    expect(new World4(probing).send({ type: D }, attached).probes).toMatchObject([{ interfaceName: "ge-0/0/1.0" }]);
  });

  it("in use: the address is left alone and the next one is probed", () => {
    const world = new World4(probing);
    const [first] = world.send({ type: D, giaddr }).probes;
    const output = world.step({ kind: "probe-result", token: first!.token, inUse: true });
    expect(output.changes).toMatchObject([{ binding: { state: BindingState.ABANDONED }, cause: "found in use" }]);
    expect(output.probes).toMatchObject([{ address: "10.1.0.11" }]);
    expect(answerOf(world.step({ kind: "probe-result", token: output.probes[0]!.token, inUse: false }))?.yiaddr).toBe(
      "10.1.0.11",
    );
    expect(world.pool()).toMatchObject({ declined: 1, offered: 1, free: 8 });
  });

  it("in use, and asked for or reserved: not tried again at once", () => {
    const world = new World4(probing);
    const [first] = world.send({ type: D, giaddr, requested: "10.1.0.15" }).probes;
    expect(first?.address).toBe("10.1.0.15");
    const { probes } = world.step({ kind: "probe-result", token: first!.token, inUse: true });
    expect(probes).toMatchObject([{ address: "10.1.0.10" }]);
    expect(world.pool()).toMatchObject({ declined: 1 });
    expect(nextServerDeadlineMs4(world.state)).toBe(startMs + 1500);
    world.pass(86_400);
    expect(world.pool()).toMatchObject({ declined: 0, free: 10 });
  });

  it("no more addresses for one DISCOVER than probesPerDiscoverMax", () => {
    const world = new World4(probing, { probesPerDiscoverMax: 3 });
    let { probes } = world.send({ type: D, giaddr });
    for (let i = 0; i < 2; i += 1)
      probes = [...world.step({ kind: "probe-result", token: probes[0]!.token, inUse: true }).probes];
    const last = world.step({ kind: "probe-result", token: probes[0]!.token, inUse: true });
    expect(last.notes).toContainEqual(expect.objectContaining({ reason: "every address tried is in use" }));
    expect(world.pool()).toMatchObject({ declined: 3, offered: 0 });
  });

  it("a DISCOVER sent again while the probe is pending starts no other, and its offer answers the latest", () => {
    const world = new World4(probing);
    const bytes = request({ type: D, giaddr, xid: 1 });
    const [probe] = world.datagram(bytes).probes;
    bytes.fill(0);
    const again = world.send({ type: D, giaddr, xid: 2 });
    expect(again).toMatchObject({ sends: [], probes: [], notes: [{ reason: "probe pending" }] });
    expect(answerOf(world.step({ kind: "probe-result", token: probe!.token, inUse: false }))?.message.xid).toBe(2);
    // Probed already: the next one is answered at once.
    expect(world.ask({ type: D, giaddr, xid: 3 }).message.xid).toBe(3);
  });

  it("who had the address last is not probed for: it would answer itself", () => {
    const world = new World4();
    world.lease();
    world.configure(probing);
    expect(world.send({ type: D, giaddr }).probes).toEqual([]);
    world.pass(4000);
    expect(world.send({ type: D, giaddr }).probes).toEqual([]);
    expect(world.send({ type: D, giaddr, mac: 2 }).probes).toHaveLength(1);
  });

  it("no result in time: the address counts as free", () => {
    const world = new World4(probing);
    world.send({ type: D, giaddr });
    expect(nextServerDeadlineMs4(world.state)).toBe(startMs + 1500);
    const [output] = world.pass(2);
    expect(answerOf(output!)?.type).toBe("DHCPOFFER");
    expect(world.counter("notes", "probe unanswered")).toBe(1);
  });

  it("results that nobody waits for are ignored: of a withdrawn offer, of an earlier engine", () => {
    const world = new World4(probing);
    const [probe] = world.send({ type: D, giaddr }).probes;
    expect(world.silence({ type: R, giaddr, requested: "10.9.0.1", server: "198.51.100.1" })).toBe(
      "other server chosen",
    );
    expect(world.step({ kind: "probe-result", token: probe!.token, inUse: true })).toMatchObject({
      changes: [],
      sends: [],
    });
    const [second] = world.send({ type: D, giaddr }).probes;
    world.restart();
    world.send({ type: D, giaddr });
    expect(world.step({ kind: "probe-result", token: second!.token, inUse: false }).sends).toEqual([]);
  });

  it("beyond probesPendingMax an address is offered without, which is counted", () => {
    const world = new World4(probing, { probesPendingMax: 1 });
    world.send({ type: D, giaddr, mac: 1 });
    expect(world.ask({ type: D, giaddr, mac: 2 }).type).toBe("DHCPOFFER");
    expect(world.counter("notes", "probe skipped")).toBe(1);
  });

  it("leased by an import while it was probed: it stays leased, and the client gets another one", () => {
    const world = new World4(probing);
    const other = new World4();
    other.lease({ mac: 77 });
    const [probe] = world.send({ type: D, giaddr }).probes;
    const { id: _id, row: _row, sequence: _s, changedAtSeconds: _c, ...input } = other.binding("10.1.0.10")!;
    world.table.put(input, "import", 1);
    const output = world.step({ kind: "probe-result", token: probe!.token, inUse: true });
    expect(output.changes).toEqual([]);
    expect(output.probes).toMatchObject([{ address: "10.1.0.11" }]);
  });

  it("leased by an import while it was offered or probed: another one, though nobody answered", () => {
    const other = new World4();
    other.lease({ mac: 77 });
    const { id: _id, row: _row, sequence: _s, changedAtSeconds: _c, ...input } = other.binding("10.1.0.10")!;
    const probed = new World4(probing);
    const [probe] = probed.send({ type: D, giaddr }).probes;
    probed.table.put(input, "import", 1);
    expect(probed.step({ kind: "probe-result", token: probe!.token, inUse: false })).toMatchObject({
      sends: [],
      probes: [{ address: "10.1.0.11" }],
    });
    const offered = new World4();
    offered.ask({ type: D, giaddr });
    offered.table.put(input, "import", 1);
    expect(offered.ask({ type: D, giaddr }).yiaddr).toBe("10.1.0.11");
  });

  it("a configuration of other pools in the middle drops it: the client asks again and is probed for again", () => {
    const world = new World4(probing);
    const [probe] = world.send({ type: D, giaddr }).probes;
    world.configure({ ...probing, pools: [pool({ leaseTimeSeconds: 7200 })] });
    expect(world.pool().offered).toBe(0);
    expect(world.step({ kind: "probe-result", token: probe!.token, inUse: false }).sends).toEqual([]);
    expect(world.send({ type: D, giaddr }).probes).toHaveLength(1);
  });
});

describe("a configuration", () => {
  it("of the same pools changes nothing of them: offers and probes go on", () => {
    const world = new World4(probing);
    const [probe] = world.send({ type: D, giaddr }).probes;
    const { servers } = world.state;
    const [ranges] = [...servers.values()].map((server) => server.ranges);
    world.configure(
      configuration({ addressProbe: { timeoutMs: 500 }, authoritative: true, listenAddress: "192.0.2.8" }),
    );
    expect([...servers.values()][0]!.ranges).toBe(ranges);
    expect(answerOf(world.step({ kind: "probe-result", token: probe!.token, inUse: false }))?.yiaddr).toBe("10.1.0.10");
    // What else was configured is in force.
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.10", server: "192.0.2.8" }).type).toBe("DHCPACK");
    expect(world.ask({ type: R, mac: 9, giaddr, requested: "10.1.0.15" }).type).toBe("DHCPNAK");
  });

  it("of other pools keeps the offers that can be kept", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    world.ask({ type: D, mac: 2, giaddr });
    world.configure(
      configuration({ pools: [pool({ ranges: [{ name: "r", low: ip("10.1.0.10"), high: ip("10.1.0.10") }] })] }),
    );
    expect(world.pool()).toMatchObject({ total: 1, offered: 1, free: 0 });
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.10", server: "192.0.2.1" }).type).toBe("DHCPACK");
    world.configure(configuration());
    expect(world.pool()).toMatchObject({ active: 1, offered: 0, free: 9 });
  });

  it("that takes a server away takes its offers along, and what it counted stays", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    world.configure();
    expect(world.state.offers.size).toBe(0);
    expect(nextServerDeadlineMs4(world.state)).toBeNull();
    expect(world.counter("received", "DHCPDISCOVER")).toBe(1);
    expect(world.silence({ type: D, giaddr })).toBe("no server");
  });

  it("lets what is abandoned go on resting", () => {
    const world = new World4(configuration(), { abandonedRetentionSeconds: 3600 });
    world.lease();
    world.send({ type: MessageType4.DHCPDECLINE, giaddr, requested: "10.1.0.10", server: "192.0.2.1" });
    world.configure(configuration({ pools: [pool({ leaseTimeSeconds: 100 })] }));
    world.configure(configuration({ pools: [pool({ leaseTimeSeconds: 100 })], authoritative: true }));
    expect(nextServerDeadlineMs4(world.state)).toBe(startMs + 3_600_000);
  });
});
