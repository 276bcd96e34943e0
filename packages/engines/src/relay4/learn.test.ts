import { BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { ipv4ToBytes } from "@leasewire/net";
import { MessageType4, OptionCode4 } from "@leasewire/wire";
import { describe, expect, it } from "vitest";
import {
  access,
  accessInterface,
  decoded,
  type Fields,
  informationOf,
  instance,
  interfaces,
  ip,
  mac,
  message,
  outline,
  overridesNone,
  RelayWorld4,
  relayConfiguration,
  server,
  startMs,
  utf8,
} from "../../test/relay4-world.ts";
import { nextRelayDeadlineMs4 } from "./deadline.ts";
import type { Relay4Limits } from "./limits.ts";

const { ACTIVE, RELEASED, ABANDONED, RESET, EXPIRED } = BindingState;
const startSeconds = startMs / 1000;
const address = "10.1.0.9";
const otherMac = Uint8Array.of(2, 0, 0, 0, 0, 8);

function worldWith(overrides: Partial<typeof overridesNone>, changes = {}, limits: Partial<Relay4Limits> = {}) {
  const accessInterfaces = [accessInterface({ overrides: { ...overridesNone, ...overrides } })];
  return new RelayWorld4(relayConfiguration({ accessInterfaces, ...changes }), interfaces, limits);
}

const ack = (fields: Fields = {}): Fields => ({
  type: MessageType4.DHCPACK,
  yiaddr: address,
  server,
  leaseSeconds: 3600,
  ...fields,
});

describe("a lease", () => {
  it("is learnt from the DHCPACK, with all that leasequery would tell of it", () => {
    const world = new RelayWorld4(
      relayConfiguration({ relayId: utf8("relay"), accessInterfaces: [accessInterface()] }),
    );
    world.lease(address, { clientId: utf8("client"), options: [{ code: OptionCode4.hostName, data: utf8("host") }] });
    const { id: _id, row: _row, sequence: _sequence, ...binding } = world.binding(address)!;
    expect(binding).toEqual({
      instance,
      address: ipv4ToBytes(ip(address)),
      prefixLength: 32,
      kind: "address",
      state: ACTIVE,
      hardwareType: 1,
      hardwareAddress: mac,
      clientId: utf8("client"),
      startTimeOfStateSeconds: startSeconds,
      clientLastTransactionTimeSeconds: startSeconds,
      expiresAtSeconds: startSeconds + 3600,
      linkAddress: ipv4ToBytes(ip("10.1.0.1")),
      relayAgentInformation: Uint8Array.of(1, 12, ...utf8(access), 12, 5, ...utf8("relay"), 10, 1, 0),
      circuitId: utf8(access),
      relayId: utf8("relay"),
      options: Uint8Array.of(12, 4, ...utf8("host")),
      serverIdentifier: ipv4ToBytes(ip(server)),
      serverAddress: server,
      dataSource: 0,
      origin: "gleaned",
      interfaceName: access,
      changedAtSeconds: startSeconds,
    });
    expect(world.notes).toEqual({ "binding learnt": 1 });
  });

  it("passes through the states", () => {
    const world = new RelayWorld4();
    const states: unknown[] = [];
    world.client({ type: MessageType4.DHCPDISCOVER });
    states.push(world.states);
    world.server({ type: MessageType4.DHCPOFFER, yiaddr: address, server });
    states.push(world.states);
    world.client({ type: MessageType4.DHCPREQUEST, requested: address, server });
    states.push(world.states);
    world.server(ack());
    states.push(world.states);
    world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address, xid: 2 }, { unicast: true });
    states.push(world.states);
    world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address, xid: 2 });
    states.push(world.states);
    world.server(ack({ xid: 2, ciaddr: address }));
    states.push(world.states);
    expect(states).toEqual([
      { INIT: 1 },
      { SELECTING: 1 },
      { REQUESTING: 1 },
      { BOUND: 1 },
      { RENEWING: 1 },
      { REBINDING: 1 },
      { BOUND: 1 },
    ]);
  });

  it("keeps the start of its state and moves its end when it is renewed", () => {
    const world = new RelayWorld4();
    world.lease(address, { clientId: utf8("client") });
    world.pass(1800);
    world.client(
      { type: MessageType4.DHCPREQUEST, ciaddr: address, xid: 2, clientId: utf8("client") },
      { unicast: true },
    );
    world.server(ack({ xid: 2, ciaddr: address, leaseSeconds: 7200 }));
    expect(world.binding(address)).toMatchObject({
      startTimeOfStateSeconds: startSeconds,
      clientLastTransactionTimeSeconds: startSeconds + 1800,
      expiresAtSeconds: startSeconds + 1800 + 7200,
    });
    expect(world.notes).toEqual({ "binding learnt": 1, "binding renewed": 1 });
  });

  it("without end has none", () => {
    const world = new RelayWorld4();
    world.server(ack({ leaseSeconds: 0xffff_ffff }));
    expect(world.binding(address)?.expiresAtSeconds).toBe(EXPIRES_NEVER);
  });

  // A relay agent that restarted in the middle: the DHCPACK alone tells the lease.
  it("is learnt from a DHCPACK whose request was not seen; an identifier known before stays", () => {
    const world = new RelayWorld4();
    world.lease(address, { clientId: utf8("client") });
    world.server(ack({ xid: 99 }));
    expect(world.binding(address)).toMatchObject({ clientId: utf8("client"), state: ACTIVE, interfaceName: access });
    world.server(ack({ xid: 98, yiaddr: "10.1.0.10", mac: otherMac, clientId: utf8("echoed") }));
    expect(world.binding("10.1.0.10")).toMatchObject({ clientId: utf8("echoed"), hardwareAddress: otherMac });
  });

  it("is not learnt from an OFFER, from the answer to an INFORM, or without lease time", () => {
    const world = new RelayWorld4();
    world.server({ type: MessageType4.DHCPOFFER, yiaddr: address, leaseSeconds: 60, server });
    world.client({ type: MessageType4.DHCPINFORM, ciaddr: address, xid: 2 });
    world.server(ack({ xid: 2 }));
    world.server(ack({ xid: 3, leaseSeconds: undefined }));
    expect(world.table.size).toBe(0);
    expect(world.states).toEqual({});
  });

  it("goes to the next client with a new start of state", () => {
    const world = new RelayWorld4();
    world.lease(address);
    world.pass(60);
    world.lease(address, { mac: otherMac, xid: 2 });
    expect(world.binding(address)).toMatchObject({
      hardwareAddress: otherMac,
      startTimeOfStateSeconds: startSeconds + 60,
    });
    expect(world.notes).toEqual({ "binding learnt": 2 });
  });

  it("is not made of a relayed client of another relay agent", () => {
    const world = new RelayWorld4();
    world.client({ type: MessageType4.DHCPREQUEST, giaddr: "10.9.0.1", requested: address });
    expect(world.states).toEqual({});
  });
});

describe("the end of a lease", () => {
  it("DHCPRELEASE of the client itself, passed on to the server", () => {
    const world = new RelayWorld4();
    world.lease(address);
    world.pass(5);
    world.client({ type: MessageType4.DHCPRELEASE, ciaddr: address, mac: otherMac }, { unicast: true });
    expect(world.binding(address)?.state).toBe(ACTIVE);
    world.client({ type: MessageType4.DHCPRELEASE, ciaddr: address, server }, { unicast: true });
    expect(outline(world.output)).toEqual([`DHCPRELEASE to ${server}#67`]);
    expect(world.binding(address)).toMatchObject({
      state: RELEASED,
      startTimeOfStateSeconds: startSeconds + 5,
      hardwareAddress: mac,
    });
  });

  it("DHCPDECLINE", () => {
    const world = new RelayWorld4();
    world.lease(address);
    world.client({ type: MessageType4.DHCPDECLINE, requested: address, mac: otherMac });
    expect(world.binding(address)?.state).toBe(ACTIVE);
    world.client({ type: MessageType4.DHCPDECLINE, requested: address });
    expect(world.binding(address)?.state).toBe(ABANDONED);
  });

  it("DHCPNAK to the client whose lease it is; a lease another server grants after all counts", () => {
    const world = new RelayWorld4();
    world.lease(address, { clientId: utf8("client") });
    world.client({ type: MessageType4.DHCPREQUEST, requested: address, xid: 2, mac: otherMac });
    world.server({ type: MessageType4.DHCPNAK, server, xid: 2, mac: otherMac });
    expect(world.binding(address)?.state).toBe(ACTIVE);
    world.client({ type: MessageType4.DHCPREQUEST, requested: address, xid: 3, clientId: utf8("client") });
    world.server({ type: MessageType4.DHCPNAK, server, xid: 3 });
    expect(world.binding(address)?.state).toBe(RESET);
    world.server(ack({ xid: 3 }), "192.0.2.2");
    expect(world.binding(address)).toMatchObject({
      state: ACTIVE,
      clientId: utf8("client"),
      serverAddress: "192.0.2.2",
    });
    expect(world.notes["binding withdrawn"]).toBe(1);
  });

  it("send-release-on-delete tells the server in the client's name", () => {
    const world = worldWith({ sendReleaseOnDelete: true });
    world.lease(address, { clientId: utf8("client") });
    const binding = world.binding(address)!;
    world.table.put({ ...binding, state: RESET }, "cleared", startSeconds);
    const { sends } = world.step({ kind: "cleared", binding });
    expect(outline(world.output)).toEqual([`DHCPRELEASE to ${server}#67`]);
    const release = decoded(sends[0]!.bytes);
    expect({
      ciaddr: release.ciaddr,
      giaddr: release.giaddr,
      chaddr: release.chaddr,
      clientId: release.option(61),
    }).toEqual({
      ciaddr: ip(address),
      giaddr: ip("10.1.0.1"),
      chaddr: mac,
      clientId: utf8("client"),
    });
    expect(informationOf(sends[0]!.bytes)?.[10]).toBe("80");
    const silent = new RelayWorld4();
    silent.lease(address);
    expect(silent.step({ kind: "cleared", binding: silent.binding(address)! }).sends).toEqual([]);
  });
});

// RFC 6926 §7.6, as for bindings that leasequery brings.
describe("what is stored already", () => {
  it("stays if it tells of a later exchange", () => {
    const world = new RelayWorld4();
    world.lease(address);
    const stored = {
      ...world.binding(address)!,
      clientLastTransactionTimeSeconds: startSeconds + 30,
      hardwareAddress: otherMac,
    };
    world.table.put(stored, "peer", startSeconds);
    world.server(ack({ xid: 9 }));
    expect(world.binding(address)?.hardwareAddress).toEqual(otherMac);
    expect(world.notes["older than the stored binding"]).toBe(1);
  });

  it("does not stand against what is seen if its time cannot be", () => {
    const world = new RelayWorld4();
    world.lease(address);
    const stored = {
      ...world.binding(address)!,
      clientLastTransactionTimeSeconds: startSeconds + 7200,
      hardwareAddress: otherMac,
    };
    world.table.put(stored, "clock of a server", startSeconds);
    world.server(ack({ xid: 9 }));
    expect(world.binding(address)?.hardwareAddress).toEqual(mac);
    expect(world.notes["stored binding of the future"]).toBe(1);
  });
});

describe("while a binding is restored", () => {
  it("its client's packets are dropped and counted", () => {
    const world = new RelayWorld4();
    const octets = ipv4ToBytes(ip(address));
    world.step({ kind: "restoring", instance, address: octets });
    expect(world.states).toEqual({ restore: 1 });
    world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address });
    world.client({ type: MessageType4.DHCPREQUEST, requested: address });
    expect(world.client({ type: MessageType4.DHCPREQUEST, requested: "10.1.0.10" }).sends).toHaveLength(1);
    expect(world.drops).toEqual({ "binding being restored": 2 });
    world.step({ kind: "restoring", instance, address: octets, done: true });
    expect(world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address }).sends).toHaveLength(1);
    world.step({ kind: "restoring", instance, address: octets });
    world.step({ kind: "restoring", instance, address: null });
    expect(world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address }).sends).toHaveLength(1);
  });

  it("restoringMax", () => {
    const world = worldWith({}, {}, { restoringMax: 1 });
    for (const one of [address, "10.1.0.10"])
      world.step({ kind: "restoring", instance, address: ipv4ToBytes(ip(one)) });
    expect(world.states).toEqual({ restore: 1 });
    expect(world.notes).toEqual({ "restoring limit": 1 });
  });
});

describe("overrides", () => {
  it("no-bind-on-request: a client that nothing is known of gets no lease by asking", () => {
    const world = worldWith({ noBindOnRequest: true });
    world.client({ type: MessageType4.DHCPREQUEST, requested: address });
    expect(world.drops).toEqual({ "unknown client": 1 });
    world.lease(address);
    expect(world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address, xid: 5 }).sends).toHaveLength(1);
  });

  it("interface-client-limit: further clients are refused, those that are there go on", () => {
    const world = worldWith({ interfaceClientLimit: 1 });
    world.lease(address);
    world.client({ type: MessageType4.DHCPDISCOVER, mac: otherMac, xid: 2 });
    expect(world.drops).toEqual({ "client limit": 1 });
    expect(world.client({ type: MessageType4.DHCPREQUEST, ciaddr: address, xid: 3 }).sends).toHaveLength(1);
    expect(world.client({ type: MessageType4.DHCPDISCOVER, xid: 4 }).sends).toHaveLength(1);
    world.client({ type: MessageType4.DHCPRELEASE, ciaddr: address, xid: 5 });
    expect(world.client({ type: MessageType4.DHCPDISCOVER, mac: otherMac, xid: 6 }).sends).toHaveLength(1);
  });

  it("interface-client-limit counts what was there before, and what expires", () => {
    const world = new RelayWorld4();
    world.lease(address);
    world.configure(
      relayConfiguration({
        accessInterfaces: [accessInterface({ overrides: { ...overridesNone, interfaceClientLimit: 1 } })],
      }),
    );
    world.client({ type: MessageType4.DHCPDISCOVER, mac: otherMac, xid: 2 });
    expect(world.drops).toEqual({ "client limit": 1 });
    world.now += 3601_000;
    world.table.expire(startSeconds + 3601, 10);
    expect(world.binding(address)?.state).toBe(EXPIRED);
    expect(world.client({ type: MessageType4.DHCPDISCOVER, mac: otherMac, xid: 3 }).sends).toHaveLength(1);
  });
});

describe("access-routes", () => {
  const world = () => new RelayWorld4(relayConfiguration({ accessRoutes: true }));

  it("come with the lease and go with it, at once", () => {
    const relay = world();
    relay.lease(address);
    expect(nextRelayDeadlineMs4(relay.state)).toBe(0);
    relay.pass(0);
    expect(relay.routes).toEqual([`add ${address}/32 ${access}`]);
    expect(nextRelayDeadlineMs4(relay.state)).toBeNull();
    relay.client({ type: MessageType4.DHCPRELEASE, ciaddr: address });
    relay.pass(0);
    expect(relay.routes.slice(1)).toEqual([`remove ${address}/32 ${access}`]);
  });

  it("follow what others do to the table", () => {
    const relay = world();
    relay.lease(address);
    const binding = relay.binding(address)!;
    relay.table.put({ ...binding, interfaceName: "ge-0/0/1.200", origin: "active" }, "moved", startSeconds);
    relay.table.put({ ...binding, address: ipv4ToBytes(ip("10.1.0.20")), origin: "bulk" }, "recovered", startSeconds);
    relay.table.put(
      { ...binding, address: ipv4ToBytes(ip("10.1.0.21")), interfaceName: undefined },
      "unplaced",
      startSeconds,
    );
    relay.pass(1);
    expect(relay.routes).toEqual([`add ${address}/32 ge-0/0/1.200`, `add 10.1.0.20/32 ${access}`]);
    relay.table.remove(relay.binding("10.1.0.20")!.row, "clear", startSeconds + 1);
    relay.table.put({ ...binding, address: ipv4ToBytes(ip("10.1.0.30")) }, "in the same row", startSeconds + 1);
    relay.pass(1);
    expect(relay.routes.slice(2)).toEqual([`remove 10.1.0.20/32 ${access}`, `add 10.1.0.30/32 ${access}`]);
    relay.table.expire(startSeconds + 7200, 10);
    relay.pass(1);
    expect(relay.routes.slice(4).sort()).toEqual(
      [`remove ${address}/32 ge-0/0/1.200`, `remove 10.1.0.30/32 ${access}`].sort(),
    );
  });

  it("a binding that is cleared", () => {
    const relay = world();
    relay.lease(address);
    relay.pass(0);
    const binding = relay.binding(address)!;
    relay.table.remove(binding.row, "clear", startSeconds);
    relay.step({ kind: "cleared", binding });
    relay.pass(0);
    expect(relay.routes.slice(1)).toEqual([`remove ${address}/32 ${access}`]);
  });

  it("go when they or the interface are taken out of the configuration", () => {
    const relay = world();
    relay.lease(address);
    relay.lease("10.2.0.9", { xid: 2, mac: otherMac }, "ge-0/0/1.200");
    relay.pass(0);
    relay.routes.length = 0;
    relay.configure(relayConfiguration({ accessRoutes: true, accessInterfaces: [accessInterface()] }));
    expect(relay.routes).toEqual(["remove 10.2.0.9/32 ge-0/0/1.200"]);
    relay.configure(relayConfiguration());
    expect(relay.routes.slice(1)).toEqual([`remove ${address}/32 ${access}`]);
    relay.configure(relayConfiguration({ accessRoutes: true }));
    expect(relay.routes.slice(2).sort()).toEqual(
      [`add ${address}/32 ${access}`, "add 10.2.0.9/32 ge-0/0/1.200"].sort(),
    );
  });
});

describe("exchanges", () => {
  it("end for want of an answer", () => {
    const world = new RelayWorld4();
    world.client({ type: MessageType4.DHCPDISCOVER });
    expect(nextRelayDeadlineMs4(world.state)).toBe(startMs + 60_000);
    world.pass(60);
    expect(world.states).toEqual({});
    expect(world.notes).toEqual({ "exchange unanswered": 1 });
    expect(nextRelayDeadlineMs4(world.state)).toBeNull();
  });

  it("are bounded: the oldest goes", () => {
    const world = worldWith({}, {}, { exchangesPendingMax: 8 });
    for (let xid = 0; xid < 100; xid += 1) world.client({ type: MessageType4.DHCPDISCOVER, xid });
    expect(world.states).toEqual({ INIT: 8 });
    expect(world.notes).toEqual({ "exchange forgotten": 92 });
  });

  it("go on under another configuration, where their interface is still there", () => {
    const world = new RelayWorld4();
    world.client({ type: MessageType4.DHCPDISCOVER });
    world.client({ type: MessageType4.DHCPDISCOVER, xid: 2 }, { interfaceName: "ge-0/0/1.200" });
    world.configure(relayConfiguration({ accessInterfaces: [accessInterface()] }));
    expect(world.states).toEqual({ INIT: 1 });
    expect(world.state.exchanges.size).toBe(1);
    world.server({ type: MessageType4.DHCPOFFER, yiaddr: address, server });
    expect(world.states).toEqual({ SELECTING: 1 });
  });

  it("nothing is relayed where no relay agent is configured any more", () => {
    const world = new RelayWorld4();
    world.client({ type: MessageType4.DHCPDISCOVER });
    world.step({ kind: "configuration", relays: [], interfaces });
    expect(world.state.exchanges.size).toBe(0);
    world.client(message({ type: MessageType4.DHCPDISCOVER }));
    expect(world.drops).toEqual({ "no relay": 1 });
  });
});
