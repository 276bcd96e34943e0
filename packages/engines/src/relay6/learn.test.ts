import { type Binding, type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import { formatIpv6, formatIpv6Prefix } from "@leasewire/net";
import { encodeRelayMessage6, MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  accessInterface,
  chainOf,
  INSTANCE,
  PLAIN,
  RELAY_ID,
  type Relayed,
  type RelayWorld6,
  relay,
  relayInterface,
  relayWorld6,
  SERVER,
} from "../../test/relay6-world.ts";
import {
  type Asked,
  asRequested,
  client,
  configuration,
  type Heard,
  heard,
  ip,
  type MessageName,
  message,
  SERVER_DUID,
  START,
  type World6,
  world6,
  wrapped,
} from "../../test/server6-world.ts";
import { nextRelayDeadlineMs6, relayBindingStates6, relayStatistics6, stepRelay6 } from "./index.ts";

const NAME = "ge-0/0/1.100";
/** That of `accessInterface`: the server there has pools for the link. */
const OWN_ADDRESS = "2001:db8:ffff::1";

/** A relay agent and a DHCPv6 server of ours behind it. */
interface Network {
  readonly relay: RelayWorld6;
  readonly server: World6;
  /** A client sends, the server answers, the answer reaches the client. */
  say(name: MessageName, asked?: Asked, interfaceName?: string): Heard & { readonly back: Relayed | undefined };
  pass(seconds: number): void;
}

function network(world = relayWorld6([relay({ listenAddress: OWN_ADDRESS })]), server = world6()): Network {
  return {
    relay: world,
    server,
    say(name, asked = {}, interfaceName = NAME) {
      const forwarded = world.fromClient(message(name, asked), { interfaceName });
      const arrival = { instance: INSTANCE, sourceAddress: OWN_ADDRESS, sourcePort: 547, unicast: true };
      const output = server.step({ kind: "datagram", arrival, bytes: forwarded.sends[0]!.bytes });
      const answer = heard(output);
      const back = output.sends[0] === undefined ? undefined : world.fromServer(output.sends[0].bytes);
      return { ...answer, back };
    },
    pass(seconds) {
      world.pass(seconds);
      server.pass(seconds);
    },
  };
}

/** SOLICIT and REQUEST by way of the relay agent; the IAs as the client asks for them from then on. */
function obtain(net: Network, ias: readonly string[], more: Asked = {}, interfaceName?: string): string[] {
  const advertised = net.say("SOLICIT", { ...more, ias }, interfaceName);
  const wanted = advertised.ias.filter((text) => text.includes("(")).map(asRequested);
  return net.say("REQUEST", { ...more, ias: wanted, xid: 2 }, interfaceName).ias.map(asRequested);
}

function bindings(table: BindingTable): Binding[] {
  const all: Binding[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) if (table.has(row)) all.push(table.at(row)!);
  return all;
}

const stateName = (state: number) => Object.entries(BindingState).find(([, value]) => value === state)![0];

/** `2001:db8:1::100 ACTIVE`, in order of address. */
function held(table: BindingTable): string[] {
  return bindings(table)
    .map(({ address, prefixLength, kind, state }) => {
      const text =
        kind === "prefix" ? formatIpv6Prefix({ address: address as never, length: prefixLength }) : formatIpv6(address);
      return `${text} ${stateName(state)}`;
    })
    .sort();
}

const leases = (ias: readonly string[]) => ias.flatMap((text) => text.split(" ").slice(2)).sort();
const note = (world: RelayWorld6, name: string) =>
  relayStatistics6(world.state, {}, world.now).notes.find((one) => one.name === name)?.value ?? 0;
const states = (world: RelayWorld6) =>
  Object.fromEntries(Object.entries(relayBindingStates6(world.state, {})).filter(([, value]) => value > 0));

describe("bindings are learnt from REPLYs", () => {
  test("what is kept is what the server keeps, but for whose it is", () => {
    const net = network();
    const options = [{ code: OptionCode6.VENDOR_CLASS, data: Uint8Array.of(0, 0, 0, 9, 0, 1, 65) }];
    obtain(net, ["na 1", "pd 2", "ta 3"], { options });
    const learnt = bindings(net.relay.table);
    expect(learnt).toHaveLength(3);
    for (const binding of learnt) {
      const row = net.server.table.byPrefix(INSTANCE, binding.address, binding.prefixLength);
      const { origin: _, interfaceName: __, id: ___, row: ____, sequence: _____, ...kept } = net.server.table.at(row)!;
      expect(binding).toMatchObject({
        ...kept,
        origin: "gleaned",
        interfaceName: NAME,
        serverAddress: SERVER,
        serverIdentifier: SERVER_DUID,
        relayId: RELAY_ID,
      });
    }
  });

  test.each([
    { name: "SOLICIT", cause: "REPLY to a SOLICIT", rapid: true },
    { name: "REQUEST", cause: "REPLY to a REQUEST" },
    { name: "RENEW", cause: "REPLY to a RENEW" },
    { name: "REBIND", cause: "REPLY to a REBIND" },
  ] as const)("to a $name", ({ name, cause, ...rest }) => {
    const net = network(undefined, world6(configuration({ rapidCommit: true })));
    const rapid = "rapid" in rest ? [{ code: OptionCode6.RAPID_COMMIT, data: new Uint8Array(0) }] : [];
    const asked = name === "SOLICIT" ? ["na 1"] : obtain(net, ["na 1"]);
    net.pass(100);
    const { back } = net.say(name, { ias: asked, options: rapid, xid: 3 });
    expect(back!.output.changes.map((change) => change.cause)).toEqual([cause]);
    const { binding } = back!.output.changes[0]!;
    expect(binding).toMatchObject({
      state: BindingState.ACTIVE,
      iaid: 1,
      expiresAtSeconds: START / 1000 + 4100,
      preferredUntilSeconds: START / 1000 + 3100,
      clientLastTransactionTimeSeconds: START / 1000 + 100,
      // The state goes on where it began.
      startTimeOfStateSeconds: START / 1000 + (name === "SOLICIT" ? 100 : 0),
    });
  });

  test("a CONFIRM that is answered with Success is hearing from the client, on the interface it is on now", () => {
    const two = relay({
      listenAddress: OWN_ADDRESS,
      accessInterfaces: [accessInterface(), accessInterface("ge-0/0/1.200")],
    });
    const net = network(relayWorld6([two], [relayInterface(), relayInterface("ge-0/0/1.200", ["2001:db8:1::2"])]));
    const asked = obtain(net, ["na 1"]);
    net.pass(10);
    net.say("CONFIRM", { ias: asked, xid: 3 }, "ge-0/0/1.200");
    expect(bindings(net.relay.table)[0]).toMatchObject({
      interfaceName: "ge-0/0/1.200",
      clientLastTransactionTimeSeconds: START / 1000 + 10,
      expiresAtSeconds: START / 1000 + 4000,
    });
  });

  test("lifetimes of 0 end a binding, NoBinding to a RENEW those of the IA", () => {
    const net = network();
    const [na, pd] = obtain(net, ["na 1", "pd 2"]);
    // The server forgets the address; the prefix it tells to be of no use any more.
    const lost = net.server.table.byPrefix(INSTANCE, ip(leases([na!])[0]!), 128);
    net.server.table.remove(lost, "test", START / 1000);
    const pools = configuration().pools.filter(({ name }) => name !== "pd");
    net.server.configure({ ...configuration(), pools });
    const renewed = net.say("RENEW", { ias: [pd!], xid: 3 });
    expect(renewed.ias[0]).toContain("(0/0)");
    expect(held(net.relay.table)).toEqual([`${leases([na!])[0]} ACTIVE`, `${leases([pd!])[0]} EXPIRED`].sort());
  });

  test("NoBinding ends what the client holds of the IA, if it comes to a RENEW", () => {
    const reply = (inner: Uint8Array) =>
      encodeRelayMessage6({
        messageType: MessageType6["RELAY-REPL"],
        hopCount: 0,
        linkAddress: ip("2001:db8:1::1"),
        peerAddress: ip("fe80::c"),
        options: [{ code: OptionCode6.RELAY_MSG, data: inner }],
      });
    const noBinding = option6(OptionCode6.IA_NA, {
      iaid: 1,
      t1Seconds: 0,
      t2Seconds: 0,
      options: [{ code: OptionCode6.STATUS_CODE, data: Uint8Array.of(0, 3) }],
    });
    for (const [name, left] of [
      ["REBIND", "ACTIVE"],
      ["RENEW", "EXPIRED"],
    ] as const) {
      const net = network();
      const ias = obtain(net, ["na 1", "na 2"]);
      net.relay.fromClient(message(name, { ias: [ias[0]!], xid: 9 }));
      net.relay.fromServer(reply(message("REPLY", { server: SERVER_DUID, xid: 9, options: [noBinding] })));
      const first = leases([ias[0]!])[0];
      expect(held(net.relay.table)).toContain(`${first} ${left}`);
      expect(held(net.relay.table)).toHaveLength(2);
      expect(held(net.relay.table)).toContain(`${leases([ias[1]!])[0]} ACTIVE`);
    }
  });

  test("RELEASE and DECLINE end what they name once they are answered", () => {
    const net = network();
    const [na, other, pd] = obtain(net, ["na 1", "na 2", "pd 3"]);
    net.relay.fromClient(message("RELEASE", { ias: [na!], xid: 5 }));
    expect(held(net.relay.table).every((text) => text.endsWith("ACTIVE"))).toBe(true);
    net.say("RELEASE", { ias: [na!], xid: 5 });
    net.say("DECLINE", { ias: [other!, pd!], xid: 6 });
    expect(held(net.relay.table)).toEqual(
      [`${leases([na!])[0]} RELEASED`, `${leases([other!])[0]} ABANDONED`, `${leases([pd!])[0]} ACTIVE`].sort(),
    );
    expect(note(net.relay, "binding released")).toBe(1);
    expect(note(net.relay, "binding declined")).toBe(1);
    // An ABANDONED binding is not left for ever.
    net.relay.pass(86_500);
    expect(held(net.relay.table)).toContain(`${leases([other!])[0]} AVAILABLE`);
  });

  test("a RELEASE that nobody answers ends what it names in the end", () => {
    const net = network();
    const ias = obtain(net, ["na 1"]);
    net.relay.fromClient(message("RELEASE", { ias, xid: 5 }));
    net.relay.pass(31);
    expect(held(net.relay.table)).toEqual([`${leases(ias)[0]} RELEASED`]);
    expect(note(net.relay, "release unanswered")).toBe(1);
  });

  test("nobody ends the binding of somebody else", () => {
    const net = network();
    const ias = obtain(net, ["na 1"]);
    for (const name of ["RELEASE", "DECLINE"] as const) {
      net.say(name, { ias, duid: client(2), xid: 5 });
      net.relay.pass(60);
    }
    expect(held(net.relay.table)).toEqual([`${leases(ias)[0]} ACTIVE`]);
  });

  test("a binding ends when its lease does", () => {
    const net = network();
    const ias = obtain(net, ["na 1"]);
    net.relay.pass(3999);
    expect(states(net.relay)).toEqual({ BOUND: 1 });
    net.relay.pass(2);
    expect(held(net.relay.table)).toEqual([`${leases(ias)[0]} EXPIRED`]);
    expect(states(net.relay)).toEqual({});
  });

  test.each([
    { ahead: 0, kept: false },
    { ahead: 50, kept: true },
    // No clock is that wrong: it cannot have been.
    { ahead: 500, kept: false },
  ])("what is newer in the table, by $ahead s, stays: $kept (RFC 6926 §7.6)", ({ ahead, kept }) => {
    const net = network();
    const ias = obtain(net, ["na 1"]);
    const stored: BindingInput = {
      ...bindings(net.relay.table)[0]!,
      clientLastTransactionTimeSeconds: START / 1000 + ahead,
      remoteId: Uint8Array.of(9, 9),
      origin: "active",
    };
    net.relay.table.put(stored, "test", START / 1000);
    net.say("RENEW", { ias, xid: 3 });
    expect(bindings(net.relay.table)[0]!.origin).toBe(kept ? "active" : "gleaned");
    expect(note(net.relay, "older than the stored binding")).toBe(kept ? 1 : 0);
    expect(note(net.relay, "stored binding of the future")).toBe(ahead === 500 ? 1 : 0);
    net.pass(600);
    net.say("RENEW", { ias, xid: 4 });
    expect(bindings(net.relay.table)[0]!.origin).toBe("gleaned");
  });
});

describe("which REPLYs count", () => {
  const advertised = (net: Network) => net.say("SOLICIT", { ias: ["na 1"] }).ias.map(asRequested);

  test("one without a message of a client seen here is passed on, not learnt from", () => {
    const net = network();
    const ias = advertised(net);
    const fresh = network(undefined, net.server);
    // The relay agent is not the one that the REQUEST went through.
    const { sends } = net.relay.fromClient(message("REQUEST", { ias, xid: 2 }));
    const arrival = { instance: INSTANCE, sourceAddress: OWN_ADDRESS, sourcePort: 547 };
    const answer = net.server.step({ kind: "datagram", arrival, bytes: sends[0]!.bytes }).sends[0]!.bytes;
    expect(fresh.relay.fromServer(answer).said).toEqual([`REPLY to fe80::c 546 on ${NAME}`]);
    expect(held(fresh.relay.table)).toEqual([]);
    expect(note(fresh.relay, "reply without request")).toBe(1);
    // Where the request was seen it is learnt from, once: what comes after the first is of no use to the client.
    net.relay.fromServer(answer);
    net.relay.fromServer(answer);
    expect(held(net.relay.table)).toHaveLength(1);
    expect(note(net.relay, "binding learnt")).toBe(1);
    expect(note(net.relay, "reply without request")).toBe(1);
  });

  test("one of a server that the client did not choose does not", () => {
    const net = network();
    const ias = advertised(net);
    const request = net.relay.fromClient(message("REQUEST", { ias, xid: 2, server: client(50) }));
    const other = world6(configuration({ duid: client(50) }));
    const arrival = { instance: INSTANCE, sourceAddress: OWN_ADDRESS, sourcePort: 547 };
    const answer = other.step({ kind: "datagram", arrival, bytes: request.sends[0]!.bytes }).sends[0]!.bytes;
    // The same exchange, but of the server that the client names now.
    net.relay.fromClient(message("REQUEST", { ias, xid: 2 }));
    expect(net.relay.fromServer(answer).said).toEqual([`REPLY to fe80::c 546 on ${NAME}`]);
    expect(held(net.relay.table)).toEqual([]);
    expect(note(net.relay, "reply of another server")).toBe(1);
  });

  test("one that comes too late does not", () => {
    const net = network();
    const ias = advertised(net);
    const request = net.relay.fromClient(message("REQUEST", { ias, xid: 2 }));
    const arrival = { instance: INSTANCE, sourceAddress: OWN_ADDRESS, sourcePort: 547 };
    const answer = net.server.step({ kind: "datagram", arrival, bytes: request.sends[0]!.bytes }).sends[0]!.bytes;
    net.relay.pass(31);
    net.relay.fromServer(answer);
    expect(held(net.relay.table)).toEqual([]);
    expect(note(net.relay, "exchange unanswered")).toBeGreaterThan(0);
    expect(nextRelayDeadlineMs6(net.relay.state)).toBeNull();
  });

  test("a malformed one is learnt from as far as it can be read", () => {
    const net = network();
    net.relay.fromClient(message("REQUEST", { ias: ["na 1"], xid: 2 }));
    const good = option6(OptionCode6.IA_NA, {
      iaid: 1,
      t1Seconds: 0,
      t2Seconds: 0,
      options: [
        option6(OptionCode6.IAADDR, {
          address: ip("2001:db8:1::5"),
          preferredLifetimeSeconds: 10,
          validLifetimeSeconds: 20,
          options: [],
        }),
        // Preferred beyond valid: this one is discarded (RFC 9915 §21.6).
        option6(OptionCode6.IAADDR, {
          address: ip("2001:db8:1::6"),
          preferredLifetimeSeconds: 30,
          validLifetimeSeconds: 20,
          options: [],
        }),
        option6(OptionCode6.IAADDR, {
          address: ip("2001:db8:1::7"),
          preferredLifetimeSeconds: 20,
          validLifetimeSeconds: 20,
          options: [],
        }),
      ],
    });
    const short = { code: OptionCode6.IA_PD, data: new Uint8Array(5) };
    const reply = message("REPLY", { server: SERVER_DUID, xid: 2, options: [short, good] });
    net.relay.fromServer(
      encodeRelayMessage6({
        messageType: MessageType6["RELAY-REPL"],
        hopCount: 0,
        linkAddress: ip("2001:db8:1::1"),
        peerAddress: ip("fe80::c"),
        options: [{ code: OptionCode6.RELAY_MSG, data: reply }],
      }),
    );
    expect(held(net.relay.table)).toEqual(["2001:db8:1::5 ACTIVE", "2001:db8:1::7 ACTIVE"]);
    expect(note(net.relay, "reply not read")).toBe(1);
    expect(note(net.relay, "preferred beyond valid")).toBe(1);
  });
});

describe("behind another relay agent", () => {
  test("the binding is of the circuit nearest to the client; relay data has all layers", () => {
    const world = relayWorld6([relay({ listenAddress: OWN_ADDRESS })]);
    const server = world6();
    const layer = {
      link: "2001:db8:1::9",
      options: [
        option6(OptionCode6.INTERFACE_ID, new TextEncoder().encode("port 3")),
        option6(OptionCode6.RELAY_ID, client(77)),
      ],
    };
    const send = (bytes: Uint8Array) => {
      const { sends } = world.fromClient(wrapped(bytes, { relays: [layer] }), { source: "2001:db8:9::9", port: 547 });
      const arrival = { instance: INSTANCE, sourceAddress: OWN_ADDRESS, sourcePort: 547 };
      const output = server.step({ kind: "datagram", arrival, bytes: sends[0]!.bytes });
      return { heard: heard(output), back: world.fromServer(output.sends[0]!.bytes) };
    };
    const ias = send(message("SOLICIT", { ias: ["na 1", "pd 2"] })).heard.ias.map(asRequested);
    const { back } = send(message("REQUEST", { ias, xid: 2 }));
    expect(back.said).toEqual([`RELAY-REPL to 2001:db8:9::9 547 on ${NAME}`]);
    expect(chainOf(back.sends[0]!.bytes).relays).toHaveLength(1);
    const learnt = bindings(world.table);
    expect(learnt).toHaveLength(2);
    for (const binding of learnt) {
      const row = server.table.byPrefix(INSTANCE, binding.address, binding.prefixLength);
      const { relayAgentInformation, circuitId, relayId, linkAddress } = server.table.at(row)!;
      expect(binding).toMatchObject({ relayAgentInformation, circuitId, relayId, linkAddress, interfaceName: NAME });
    }
  });
});

describe("states (of the client, as the relay agent sees them)", () => {
  test("from INIT to RELEASE", () => {
    const net = network();
    net.relay.fromClient(message("SOLICIT", { ias: ["na 1"] }));
    expect(states(net.relay)).toEqual({ INIT: 1 });
    const { ias } = net.say("SOLICIT", { ias: ["na 1"] });
    expect(states(net.relay)).toEqual({ SELECTING: 1 });
    const asked = ias.map(asRequested);
    net.relay.fromClient(message("REQUEST", { ias: asked, xid: 2 }));
    expect(states(net.relay)).toEqual({ REQUESTING: 1 });
    net.say("REQUEST", { ias: asked, xid: 2 });
    net.relay.pass(1);
    expect(states(net.relay)).toEqual({ BOUND: 1 });
    net.relay.fromClient(message("RENEW", { ias: asked, xid: 3 }));
    expect(states(net.relay)).toEqual({ RENEWING: 1 });
    net.relay.fromClient(message("REBIND", { ias: asked, xid: 4 }));
    expect(states(net.relay)).toEqual({ REBINDING: 1 });
    net.say("REBIND", { ias: asked, xid: 4 });
    expect(states(net.relay)).toEqual({ BOUND: 1 });
    net.relay.fromClient(message("RELEASE", { ias: asked, xid: 5 }));
    expect(states(net.relay)).toEqual({ RELEASE: 1 });
    net.say("RELEASE", { ias: asked, xid: 5 });
    net.relay.pass(1);
    expect(states(net.relay)).toEqual({});
    expect(relayBindingStates6(net.relay.state, { routingInstance: "other" }).BOUND).toBe(0);
  });

  test("what is in the table already counts: restored, recovered, brought by peers; what a server gave out does not", () => {
    const net = network();
    obtain(net, ["na 1", "na 2", "na 3", "pd 4"]);
    const table = new BindingTable(6);
    bindings(net.relay.table).forEach((binding, i) => {
      const origin = (["bulk", "peer", "server", "active"] as const)[i]!;
      table.put({ ...binding, origin, interfaceName: i === 1 ? undefined : NAME }, "test", START / 1000);
    });
    const again = relayWorld6(undefined, undefined, { table, limits: { tableChangesPerDeadlineMax: 2 } });
    expect(nextRelayDeadlineMs6(again.state)).toBe(START);
    again.pass(0);
    again.pass(1);
    expect(states(again)).toEqual({ BOUND: 3 });
    expect(again.state.relays.get(INSTANCE)!.access.get(NAME)!.bound).toBe(2);
    // What an operator clears is taken out of the table.
    const gone = table.at(1)!;
    table.remove(1, "cleared", START / 1000);
    again.step({ kind: "cleared", binding: gone });
    expect(states(again)).toEqual({ BOUND: 2 });
  });
});

describe("a binding under restore", () => {
  test("its client's packets are dropped and counted meanwhile", () => {
    const net = network();
    const [na, pd] = obtain(net, ["na 1", "pd 2"]);
    const address = ip(leases([na!])[0]!);
    net.relay.step({ kind: "restoring", instance: INSTANCE, address });
    const said = (ias: string[]) => net.relay.fromClient(message("RENEW", { ias, xid: 7 })).said.join();
    expect(said([na!])).toBe("drop: binding being restored");
    expect(said([pd!, na!])).toBe("drop: binding being restored");
    const behind = wrapped(message("RENEW", { ias: [na!] }), { relays: [{ link: "2001:db8:1::9" }] });
    expect(net.relay.fromClient(behind, { source: "fe80::9" }).said).toEqual(["drop: binding being restored"]);
    expect(said([pd!])).toBe("RELAY-FORW to 2001:db8:5::1 547");
    expect(relayBindingStates6(net.relay.state, {}).restore).toBe(1);
    net.relay.step({ kind: "restoring", instance: INSTANCE, address, done: true });
    expect(said([na!])).toBe("RELAY-FORW to 2001:db8:5::1 547");
    const prefix = leases([pd!])[0]!.split("/");
    const restoring = { kind: "restoring", instance: INSTANCE } as const;
    net.relay.step({ ...restoring, address: ip(prefix[0]!), prefixLength: Number(prefix[1]) });
    expect(said([pd!])).toBe("drop: binding being restored");
    net.relay.step({ ...restoring, address: null });
    // Asked for by an address in it.
    const inside = ip(prefix[0]!);
    inside[15] = 9;
    net.relay.step({ ...restoring, address: inside });
    expect(said([pd!])).toBe("drop: binding being restored");
    expect(said([na!])).toBe("RELAY-FORW to 2001:db8:5::1 547");
    net.relay.step({ ...restoring, address: null });
    expect(said([pd!])).toBe("RELAY-FORW to 2001:db8:5::1 547");
    expect(net.relay.state.restoringCount).toBe(0);
  });

  test("as many as restoringMax", () => {
    const world = relayWorld6(undefined, undefined, { limits: { restoringMax: 2 } });
    for (let i = 1; i <= 3; i += 1)
      world.step({ kind: "restoring", instance: INSTANCE, address: ip(`2001:db8:1::${i}`) });
    expect(relayBindingStates6(world.state, {}).restore).toBe(2);
    expect(note(world, "too many restored")).toBe(1);
  });
});

describe("overrides", () => {
  const overridden = (overrides: Parameters<typeof accessInterface>[1]) =>
    network(relayWorld6([relay({ listenAddress: OWN_ADDRESS, accessInterfaces: [accessInterface(NAME, overrides)] })]));

  test("interface-client-limit: clients that hold something there may go on, another may not begin", () => {
    const net = overridden({ overrides: { interfaceClientLimit: 2 } });
    const first = obtain(net, ["na 1", "pd 1"]);
    obtain(net, ["na 1"], { duid: client(2) });
    const begin = () =>
      net.relay.fromClient(message("SOLICIT", { ias: ["na 1"], duid: client(3), xid: 9 })).said.join();
    expect(begin()).toBe("drop: client limit");
    expect(net.relay.fromClient(message("SOLICIT", { ias: ["na 5"], xid: 8 })).said.join()).toContain("RELAY-FORW");
    // One of two leases given back: the client is still there.
    net.say("RELEASE", { ias: [first[0]!], xid: 10 });
    expect(begin()).toBe("drop: client limit");
    net.say("RELEASE", { ias: [first[1]!], xid: 11 });
    expect(begin()).toBe("RELAY-FORW to 2001:db8:5::1 547");
  });

  test("no-bind-on-request: who is not known is not relayed", () => {
    const net = overridden({ overrides: { noBindOnRequest: true } });
    const said = (name: MessageName, xid: number) =>
      net.relay.fromClient(message(name, { ias: ["na 1 2001:db8:1::5"], xid })).said.join();
    for (const name of ["REQUEST", "RENEW", "REBIND"] as const) expect(said(name, 1)).toBe("drop: unknown client");
    const ias = obtain(net, ["na 1"]);
    net.relay.pass(100);
    expect(net.relay.fromClient(message("RENEW", { ias, xid: 4 })).said.join()).toContain("RELAY-FORW");
  });

  test("send-release-on-delete: the server is told in the client's name", () => {
    const net = overridden({ overrides: { sendReleaseOnDelete: true } });
    obtain(net, ["na 1", "pd 2", "ta 3"]);
    const arrival = { instance: INSTANCE, sourceAddress: OWN_ADDRESS, sourcePort: 547 };
    for (const binding of bindings(net.relay.table)) {
      net.relay.table.remove(binding.row, "cleared", START / 1000);
      const { sends } = net.relay.step({ kind: "cleared", binding });
      const output = net.server.step({ kind: "datagram", arrival, bytes: sends[0]!.bytes });
      const { to } = net.relay.fromServer(output.sends[0]!.bytes).sends[0]!;
      expect(to).toMatchObject({ kind: "link", interfaceName: NAME, address: "fe80::c" });
    }
    expect(held(net.server.table).map((text) => text.split(" ")[1])).toEqual(["RELEASED", "RELEASED", "RELEASED"]);
    expect(note(net.relay, "release sent")).toBe(3);
    const silent = network();
    obtain(silent, ["na 1"]);
    const binding = bindings(silent.relay.table)[0]!;
    expect(silent.relay.step({ kind: "cleared", binding }).sends).toEqual([]);
  });
});

describe("routes of delegated prefixes", () => {
  const routed = (more: object = {}) =>
    relayWorld6([relay({ listenAddress: OWN_ADDRESS, accessRoutes: true, ...more })]);

  test("come with the binding, by the client's address, and go with it", () => {
    const net = network(routed());
    const [, pd] = obtain(net, ["na 1", "pd 2"]);
    const [prefix, length] = leases([pd!])[0]!.split("/");
    const route = {
      instance: INSTANCE,
      prefix: ip(prefix!),
      length: Number(length),
      interfaceName: NAME,
      nextHop: "fe80::c",
    };
    expect(net.relay.pass(1)).toEqual([{ kind: "add", ...route }]);
    // A renewal changes nothing of it.
    net.say("RENEW", { ias: [pd!], xid: 4 });
    expect(net.relay.pass(1)).toEqual([]);
    net.say("RELEASE", { ias: [pd!], xid: 5 });
    expect(net.relay.pass(1)).toEqual([{ kind: "remove", ...route }]);
    expect(net.relay.state.routes.size).toBe(0);
  });

  test("of recovered bindings, at the end of a lease, of a cleared binding, and when they are no longer configured", () => {
    const net = network(routed());
    obtain(net, ["pd 2"]);
    const binding = bindings(net.relay.table)[0]!;
    const begin = () => {
      const table = new BindingTable(6);
      table.put({ ...binding, origin: "bulk" }, "test", START / 1000);
      const world = relayWorld6([relay({ accessRoutes: true })], undefined, { table });
      expect(world.pass(1).map(({ kind }) => kind)).toEqual(["add"]);
      return world;
    };
    expect(begin().pass(5000)[0]).toMatchObject({ kind: "remove", nextHop: "fe80::c" });
    const cleared = begin();
    cleared.table.remove(1, "cleared", START / 1000);
    expect(cleared.step({ kind: "cleared", binding: { ...binding, row: 1 } }).routes[0]!.kind).toBe("remove");
    expect(begin().configure([relay()]).routes[0]!.kind).toBe("remove");
    const moved = begin();
    moved.configure([relay({ accessRoutes: true, accessInterfaces: [accessInterface("ge-0/0/9.0")] })]);
    expect(moved.pass(1).map(({ kind }) => kind)).toEqual(["remove"]);
  });

  test("are off unless configured, and at most routesMax", () => {
    const off = network();
    obtain(off, ["pd 2"]);
    expect(off.relay.pass(1)).toEqual([]);
    const few = network(
      relayWorld6([relay({ listenAddress: OWN_ADDRESS, accessRoutes: true })], undefined, { limits: { routesMax: 1 } }),
    );
    obtain(few, ["pd 2", "pd 3"]);
    expect(few.relay.pass(1)).toHaveLength(1);
    expect(note(few.relay, "no route")).toBe(1);
  });

  test("a neighbour behind others: the layer that this relay agent wrote tells it", () => {
    const net = network(routed({ accessInterfaces: [accessInterface(NAME, { relayAgentInterfaceId: PLAIN })] }));
    obtain(net, ["pd 2"]);
    const binding = bindings(net.relay.table)[0]!;
    // As a server has it that was reached through one more relay agent.
    const outer = encodeRelayMessage6({
      messageType: MessageType6["RELAY-FORW"],
      hopCount: 1,
      linkAddress: ip("::"),
      peerAddress: ip(OWN_ADDRESS),
      options: [{ code: OptionCode6.RELAY_MSG, data: binding.relayAgentInformation!.slice(16) }],
    });
    const relayAgentInformation = Uint8Array.of(...ip("2001:db8:8::8"), ...outer);
    const table = new BindingTable(6);
    table.put({ ...binding, relayAgentInformation }, "test", START / 1000);
    expect(relayWorld6([relay({ accessRoutes: true })], undefined, { table }).pass(1)[0]!.nextHop).toBe("fe80::c");
  });
});

describe("bounds", () => {
  test("exchanges: the oldest is forgotten, passing on goes on", () => {
    const limits = { exchangesPendingMax: 10, exchangesPerClientMax: 2 };
    const world = relayWorld6(undefined, undefined, { limits });
    for (let i = 0; i < 100; i += 1) {
      const { said } = world.fromClient(message("SOLICIT", { ias: ["na 1"], duid: client(i), xid: 1 }));
      expect(said).toEqual(["RELAY-FORW to 2001:db8:5::1 547"]);
    }
    expect(world.state.exchanges.size).toBe(10);
    expect(world.state.relays.get(INSTANCE)!.exchangesOfClients.size).toBe(10);
    for (let xid = 0; xid < 5; xid += 1) world.fromClient(message("SOLICIT", { ias: ["na 1"], duid: client(99), xid }));
    expect(world.state.exchanges.size).toBe(10);
    expect(states(world)).toEqual({ INIT: 10 });
    world.pass(60);
    expect(world.state.exchanges.size).toBe(0);
    expect(world.state.relays.get(INSTANCE)!.exchangesOfClients.size).toBe(0);
  });

  test("a repetition is the same exchange", () => {
    const world = relayWorld6();
    for (let i = 0; i < 5; i += 1) world.fromClient(message("SOLICIT", { ias: ["na 1"], xid: 1 }));
    expect(states(world)).toEqual({ INIT: 1 });
  });

  test("a configuration that changes nothing leaves exchanges alone, another keeps what is bound", () => {
    const net = network();
    obtain(net, ["na 1"]);
    net.relay.fromClient(message("SOLICIT", { ias: ["na 1"], duid: client(2), xid: 9 }));
    net.relay.configure([relay({ listenAddress: OWN_ADDRESS })]);
    expect(states(net.relay)).toMatchObject({ INIT: 1 });
    net.relay.configure([relay({ maximumHopCount: 4 })]);
    net.relay.pass(1);
    expect(states(net.relay)).toEqual({ BOUND: 1 });
    net.relay.configure([]);
    net.relay.pass(1);
    expect(states(net.relay)).toEqual({});
    expect(stepRelay6(net.relay.state, { kind: "deadline" }, START).changes).toEqual([]);
  });
});
