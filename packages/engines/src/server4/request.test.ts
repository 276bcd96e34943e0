import { BindingState } from "@leasewire/bindings";
import { MessageType4, OptionCode4 } from "@leasewire/wire";
import { describe, expect, it, test } from "vitest";
import {
  answerOf,
  attached,
  configuration,
  D,
  host,
  ip,
  macOf,
  pool,
  R,
  relayed,
  request,
  startMs,
  utf8,
  World4,
} from "../../test/server4-world.ts";

const giaddr = "10.1.0.1";
const server = "192.0.2.1";
const direct = { ...attached, interfaceName: undefined, sourceAddress: "10.1.0.10", unicast: true };

describe("RFC 2131 §4.3.2 SELECTING: option 54 and 50, ciaddr zero", () => {
  it("takes up the offer: DHCPACK that leaves once the lease is stored", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    const output = world.send({ type: R, giaddr, requested: "10.1.0.10", server, clientId: utf8("other") });
    expect(answerOf(output)?.type).toBe("DHCPNAK");
    const taken = world.send({ type: R, giaddr, requested: "10.1.0.10", server });
    expect(answerOf(taken)).toMatchObject({ type: "DHCPACK", yiaddr: "10.1.0.10", send: { promises: true } });
    expect(taken.changes).toEqual([
      { binding: expect.objectContaining({ state: BindingState.ACTIVE }), cause: "leased" },
    ]);
    expect(world.pool()).toMatchObject({ active: 1, offered: 0 });
  });

  it("again: the same answer, and the lease counts from now", () => {
    const world = new World4();
    world.lease();
    const again = { type: R, giaddr, requested: "10.1.0.10", server };
    const first = world.ask(again);
    expect(world.ask(again).message.bytes).toEqual(first.message.bytes);
    world.pass(4);
    const later = world.send(again);
    expect(answerOf(later)?.message.bytes).toEqual(first.message.bytes);
    expect(later.changes).toMatchObject([
      { cause: "renewed", binding: { expiresAtSeconds: startMs / 1000 + 4 + 3600 } },
    ]);
  });

  it("another server's: our offer is withdrawn, nothing is said", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    expect(world.silence({ type: R, giaddr, requested: "10.99.0.10", server: "198.51.100.9" })).toBe(
      "other server chosen",
    );
    expect(world.pool()).toMatchObject({ offered: 0, free: 10 });
  });

  it("an offer forgotten in a restart is as good, while nobody has the address", () => {
    const world = new World4();
    const { yiaddr } = world.ask({ type: D, giaddr });
    world.restart();
    expect(world.ask({ type: R, giaddr, requested: yiaddr, server })).toMatchObject({ type: "DHCPACK", yiaddr });
    expect(world.ask({ type: R, giaddr, requested: yiaddr, server, mac: 2 }).type).toBe("DHCPNAK");
  });

  it("a request that comes late does not end the lease that the client has by now", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    world.pass(61);
    world.ask({ type: D, mac: 2, giaddr, requested: "10.1.0.10" });
    expect(world.lease()).toBe("10.1.0.11");
    world.pass(61);
    const late = { type: R, giaddr, requested: "10.1.0.10", server };
    expect(world.ask(late).type).toBe("DHCPNAK");
    expect(world.stateOf("10.1.0.11")).toBe("ACTIVE");
  });

  test.each([
    ["offered to somebody else", "10.1.0.10", "nak not the client's address"],
    ["leased to somebody else", "10.1.0.11", "nak not the client's address"],
    ["of another network", "10.7.0.11", "nak wrong network"],
    ["of the network, given out by nobody", "10.1.0.9", "nak not the client's address"],
  ] as const)("an address %s: DHCPNAK", (_, requested, reason) => {
    const world = new World4();
    world.ask({ type: D, mac: 8, giaddr });
    world.lease({ mac: 9 });
    const nak = world.ask({ type: R, giaddr, requested, server });
    expect(nak).toMatchObject({ type: "DHCPNAK", yiaddr: "0.0.0.0", send: { promises: false } });
    expect(world.counter("notes", reason)).toBe(1);
    expect(world.table.size).toBe(1);
  });
});

describe("RFC 2131 §4.3.2 INIT-REBOOT: only option 50", () => {
  it("the lease it has: DHCPACK", () => {
    const world = new World4();
    world.lease();
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.10" })).toMatchObject({
      type: "DHCPACK",
      yiaddr: "10.1.0.10",
    });
  });

  it("a lease that has run out, still free: DHCPACK", () => {
    const world = new World4();
    world.lease();
    world.pass(4000);
    expect(world.stateOf("10.1.0.10")).toBe("EXPIRED");
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.10" }).type).toBe("DHCPACK");
    expect(world.stateOf("10.1.0.10")).toBe("ACTIVE");
  });

  test.each([
    ["another network", "192.168.1.5", "nak wrong network"],
    ["an address that is not the one it has", "10.1.0.12", "nak not the client's address"],
    ["an address that somebody else has", "10.1.0.11", "nak not the client's address"],
  ] as const)("%s: DHCPNAK", (_, requested, reason) => {
    const world = new World4();
    world.lease({ mac: 1 });
    world.lease({ mac: 2 });
    expect(world.ask({ type: R, mac: 1, giaddr, requested }).type).toBe("DHCPNAK");
    expect(world.counter("notes", reason)).toBe(1);
  });

  it("no record of the client: silence; DHCPNAK where the server is authoritative", () => {
    const world = new World4();
    expect(world.silence({ type: R, giaddr, requested: "10.1.0.12" })).toBe("no record of the client");
    world.configure(configuration({ authoritative: true }));
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.12" }).type).toBe("DHCPNAK");
    expect(world.counter("notes", "nak unknown lease")).toBe(1);
  });

  it("the address reserved for it, never leased before: DHCPACK; any other: DHCPNAK", () => {
    const world = new World4(
      configuration({ pools: [pool({ hosts: [host("hardware-address", macOf(1), "10.1.0.12")] })] }),
    );
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.13" }).type).toBe("DHCPNAK");
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.12" }).type).toBe("DHCPACK");
  });

  it("on a link that nobody configured: silence", () => {
    expect(new World4().silence({ type: R, giaddr: "10.5.0.1", requested: "10.5.0.12" })).toBe("no pool");
  });
});

describe("RFC 2131 §4.3.2 RENEWING: ciaddr, by unicast", () => {
  it("extends the lease and answers to ciaddr", () => {
    const world = new World4();
    world.lease();
    world.pass(1800);
    const output = world.send({ type: R, ciaddr: "10.1.0.10" }, direct);
    expect(output.sends).toMatchObject([{ promises: true, to: { kind: "unicast", address: "10.1.0.10", port: 68 } }]);
    expect(answerOf(output)?.message.ciaddr).toBe(ip("10.1.0.10"));
    expect(output.changes).toMatchObject([
      {
        cause: "renewed",
        binding: {
          startTimeOfStateSeconds: startMs / 1000,
          clientLastTransactionTimeSeconds: startMs / 1000 + 1800,
          expiresAtSeconds: startMs / 1000 + 1800 + 3600,
        },
      },
    ]);
  });

  it("keeps what the relay told of the client, which renews past it (RFC 3046 §2.2)", () => {
    const world = new World4();
    world.lease({ circuitId: "ge-0/0/1:7", remoteId: "cpe" });
    world.pass(1800);
    world.ask({ type: R, ciaddr: "10.1.0.10" }, direct);
    expect(world.binding("10.1.0.10")).toMatchObject({
      circuitId: utf8("ge-0/0/1:7"),
      remoteId: utf8("cpe"),
      linkAddress: Uint8Array.of(10, 1, 0, 1),
    });
  });

  test.each([
    ["circuit-id", { circuitId: "port-7" }],
    ["remote-id", { remoteId: "port-7" }],
  ] as const)("keeps an address that is reserved for its %s, which only the relay tells", (kind, relay) => {
    const world = new World4(configuration({ pools: [pool({ hosts: [host(kind, utf8("port-7"), "10.1.0.12")] })] }));
    expect(world.lease({ ...relay, mac: 3 })).toBe("10.1.0.12");
    expect(world.ask({ type: R, mac: 3, ciaddr: "10.1.0.12" }, direct).type).toBe("DHCPACK");
    expect(world.ask({ type: R, mac: 3, ciaddr: "10.1.0.12" }, direct).type).toBe("DHCPACK");
    // On another port it is not the client's, and nobody else's who says nothing of a port.
    expect(world.ask({ type: R, mac: 3, giaddr, ciaddr: "10.1.0.12", circuitId: "port-8" }).type).toBe("DHCPNAK");
    expect(world.ask({ type: R, mac: 4, ciaddr: "10.1.0.12" }, direct).type).toBe("DHCPNAK");
  });

  it("where the socket does not tell unicast from broadcast, what came from no link of ours was unicast", () => {
    const world = new World4();
    world.lease();
    expect(world.ask({ type: R, ciaddr: "10.1.0.10" }, { ...direct, unicast: undefined }).type).toBe("DHCPACK");
  });

  it("an address that somebody else has now: DHCPNAK to where the client is", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    const { type, send } = world.ask({ type: R, mac: 2, ciaddr: "10.1.0.10" }, direct);
    expect(type).toBe("DHCPNAK");
    expect(send).toMatchObject({ promises: false, to: { kind: "unicast", address: "10.1.0.10" } });
  });

  it("an address that is given out no more: DHCPNAK", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    world.configure(
      configuration({ pools: [pool({ ranges: [{ name: "r", low: ip("10.1.0.15"), high: ip("10.1.0.19") }] })] }),
    );
    expect(world.ask({ type: R, mac: 1, ciaddr: "10.1.0.10" }, direct).type).toBe("DHCPNAK");
  });

  test.each([
    [false, "no record of the client"],
    [true, undefined],
  ])("no record of the lease, authoritative %s", (authoritative, reason) => {
    const world = new World4(configuration({ authoritative }));
    if (reason === undefined) expect(world.ask({ type: R, ciaddr: "10.1.0.10" }, direct).type).toBe("DHCPNAK");
    else expect(world.silence({ type: R, ciaddr: "10.1.0.10" }, direct)).toBe(reason);
  });
});

describe("RFC 2131 §4.3.2 REBINDING: ciaddr, by broadcast", () => {
  it("through a relay: extends the lease, answers through the relay, and takes what it tells now", () => {
    const world = new World4();
    world.lease({ circuitId: "old" });
    world.pass(3200);
    const { type, send } = world.ask({ type: R, giaddr, ciaddr: "10.1.0.10", circuitId: "new" });
    expect(type).toBe("DHCPACK");
    expect(send.to).toEqual({ kind: "unicast", address: giaddr, port: 67 });
    expect(world.binding("10.1.0.10")).toMatchObject({ circuitId: utf8("new") });
  });

  it("on a link where the address does not belong: DHCPNAK", () => {
    const world = new World4();
    expect(world.ask({ type: R, giaddr, ciaddr: "10.8.0.10" }).type).toBe("DHCPNAK");
    expect(world.counter("notes", "nak wrong network")).toBe(1);
  });

  it("an unknown lease: silence, another server may have given it", () => {
    expect(new World4().silence({ type: R, giaddr, ciaddr: "10.1.0.10" })).toBe("no record of the client");
  });

  it("from a client on our link: answered by unicast to ciaddr", () => {
    const world = new World4();
    world.lease();
    expect(world.ask({ type: R, ciaddr: "10.1.0.10" }).send.to).toEqual({
      kind: "unicast",
      address: "10.1.0.10",
      port: 68,
    });
  });
});

test("a DHCPREQUEST that asks for nothing is dropped", () => {
  const world = new World4();
  expect(world.silence({ type: R, giaddr })).toBe("no address asked for");
  expect(world.silence({ type: R, giaddr, server })).toBe("no address asked for");
});

describe("RFC 2131 §4.3.4 DHCPRELEASE", () => {
  it("ends the lease, without an answer; what is known of the client stays", () => {
    const world = new World4();
    world.lease({ clientId: utf8("c"), circuitId: "x" });
    world.pass(60);
    const output = world.send(
      { type: MessageType4.DHCPRELEASE, ciaddr: "10.1.0.10", server, clientId: utf8("c") },
      direct,
    );
    expect(output.sends).toEqual([]);
    expect(world.binding("10.1.0.10")).toMatchObject({
      state: BindingState.RELEASED,
      startTimeOfStateSeconds: startMs / 1000 + 60,
      clientLastTransactionTimeSeconds: startMs / 1000 + 60,
      clientId: utf8("c"),
      circuitId: utf8("x"),
    });
    expect(world.pool()).toMatchObject({ active: 0, free: 10 });
  });

  test.each([
    ["of another client", { mac: 2, ciaddr: "10.1.0.10", server }, "not leased to the client"],
    ["of an address that is not leased", { ciaddr: "10.1.0.11", server }, "not leased to the client"],
    ["of an address of nobody's pool", { ciaddr: "10.9.0.11", server }, "not leased to the client"],
    ["to another server", { ciaddr: "10.1.0.10", server: "192.0.2.99" }, "other server chosen"],
    ["without ciaddr", { server }, "no ciaddr"],
  ])("%s: dropped", (_, fields, reason) => {
    const world = new World4();
    world.lease({ mac: 1 });
    expect(world.silence({ type: MessageType4.DHCPRELEASE, ...fields }, direct)).toBe(reason);
    expect(world.stateOf("10.1.0.10")).toBe("ACTIVE");
  });

  it("twice: the second one finds nothing to end", () => {
    const world = new World4();
    world.lease();
    world.send({ type: MessageType4.DHCPRELEASE, ciaddr: "10.1.0.10", server }, direct);
    expect(world.silence({ type: MessageType4.DHCPRELEASE, ciaddr: "10.1.0.10", server }, direct)).toBe(
      "not leased to the client",
    );
  });
});

describe("RFC 2131 §4.3.3 DHCPDECLINE", () => {
  const decline = { type: MessageType4.DHCPDECLINE, giaddr, requested: "10.1.0.10", server };

  it("the address is left alone, the client gets another one", () => {
    const world = new World4();
    world.lease();
    expect(world.send(decline).sends).toEqual([]);
    expect(world.binding("10.1.0.10")).toMatchObject({ state: BindingState.ABANDONED, hardwareAddress: undefined });
    expect(world.pool()).toMatchObject({ active: 0, declined: 1, free: 9 });
    expect(world.lease()).toBe("10.1.0.11");
    expect(world.counter("notes", "address declined")).toBe(1);
  });

  it("an address that was offered can be declined too", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    world.send(decline);
    expect(world.pool()).toMatchObject({ declined: 1, offered: 0 });
  });

  test.each([
    ["of another client's address", { ...decline, mac: 2 }, "not leased to the client"],
    ["of an address that nobody gave it", { ...decline, requested: "10.1.0.14" }, "not leased to the client"],
    ["for another server", { ...decline, server: "192.0.2.9" }, "other server chosen"],
    ["without an address", { ...decline, requested: undefined }, "no address asked for"],
  ])("%s: dropped, or anyone could empty the pool", (_, fields, reason) => {
    const world = new World4();
    world.lease({ mac: 1 });
    expect(world.silence(fields as never)).toBe(reason);
    expect(world.pool().declined).toBe(0);
  });

  it("is given out again when it rested long enough", () => {
    const world = new World4(configuration(), { abandonedRetentionSeconds: 3600 });
    world.lease();
    world.send(decline);
    world.pass(3599);
    expect(world.pool().declined).toBe(1);
    world.pass(1);
    expect(world.stateOf("10.1.0.10")).toBe("AVAILABLE");
    expect(world.pool()).toMatchObject({ declined: 0, free: 10 });
  });

  it("or when its pool runs dry, the one that rested longest first", () => {
    const world = new World4();
    for (const [mac, address] of [
      [1, "10.1.0.10"],
      [2, "10.1.0.11"],
    ] as const) {
      world.lease({ mac });
      world.send({ ...decline, mac, requested: address });
      world.pass(10);
    }
    for (let mac = 3; mac <= 10; mac += 1) world.lease({ mac });
    world.restart();
    expect(world.lease({ mac: 11 })).toBe("10.1.0.10");
    expect(world.counter("notes", "abandoned address used again")).toBe(1);
    expect(world.ask({ type: D, mac: 12, giaddr }).yiaddr).toBe("10.1.0.11");
    expect(world.silence({ type: D, mac: 13, giaddr })).toBe("pool exhausted");
    // A client that asks for an abandoned address by itself does not get it.
    expect(world.ask({ type: R, mac: 14, giaddr, requested: "10.1.0.11" }).type).toBe("DHCPNAK");
  });
});

describe("RFC 2131 §4.3.5 DHCPINFORM", () => {
  const inform = { type: MessageType4.DHCPINFORM, ciaddr: "10.1.0.77", parameters: [1, 3, 6, 51] };

  it("parameters by unicast, no address, no times; no lease is touched", () => {
    const world = new World4();
    world.lease();
    const sequence = world.table.sequence;
    const output = world.send(inform);
    const { message, send, type } = answerOf(output)!;
    expect(type).toBe("DHCPACK");
    expect(send).toMatchObject({ promises: false, to: { kind: "unicast", address: "10.1.0.77", port: 68 } });
    expect(message.yiaddr).toBe(0);
    expect([...message.options()].map(({ code }) => code)).toEqual([53, 54, 1, 3, 6]);
    expect(output.changes).toEqual([]);
    expect(world.table.sequence).toBe(sequence);
  });

  it("through a relay it is answered through the relay", () => {
    expect(new World4().ask({ ...inform, giaddr }).send.to).toEqual({ kind: "unicast", address: giaddr, port: 67 });
  });

  test.each([
    [{ ciaddr: undefined }, "no ciaddr"],
    [{ ciaddr: "10.9.9.9" }, "no pool"],
  ])("%o: dropped", (fields, reason) => {
    expect(new World4().silence({ ...inform, ...fields } as never, { ...direct, unicast: true })).toBe(reason);
  });
});

describe("messages that are not for a server", () => {
  const bootp = request({ giaddr });
  const bare = bootp.slice();
  bare.fill(0, 236);
  const reply = request({ type: D, giaddr });
  reply[0] = 2;

  test.each([
    ["BOOTP with a vendor area, without message type (RFC 1534 §2)", bootp, "bootp"],
    ["BOOTP without magic cookie", bare, "bootp"],
    ["a BOOTREPLY", reply, "wrong op"],
    ["DHCPOFFER", request({ type: MessageType4.DHCPOFFER, giaddr }), "wrong message type"],
    [
      "DHCPLEASEQUERY, which the responder answers",
      request({ type: MessageType4.DHCPLEASEQUERY, giaddr }),
      "wrong message type",
    ],
    ["an unknown type", request({ type: 99, giaddr }), "wrong message type"],
    ["a truncated message", bootp.slice(0, 200), "malformed message-truncated"],
    [
      "option 50 of three octets",
      request({ type: D, giaddr, options: [{ code: 50, data: new Uint8Array(3) }] }),
      "malformed option",
    ],
    [
      "a message beyond requestOctetsMax",
      request({ type: D, giaddr, options: [{ code: 60, data: new Uint8Array(5000) }] }),
      "message too long",
    ],
  ])("%s: dropped and counted", (_, bytes, reason) => {
    const world = new World4();
    const output = world.datagram(bytes, relayed);
    expect(output).toMatchObject({ sends: [], changes: [], notes: [{ kind: "drop", reason }] });
    expect(world.counter("drops", reason)).toBe(1);
  });
});

describe("while leases cannot be stored", () => {
  it("nothing is granted, what promises nothing is answered; afterwards all is as before", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    const { yiaddr } = world.ask({ type: D, mac: 2, giaddr });
    world.step({ kind: "granting", allowed: false });
    expect(world.silence({ type: D, mac: 3, giaddr })).toBe("granting paused");
    expect(world.silence({ type: R, mac: 2, giaddr, requested: yiaddr, server })).toBe("granting paused");
    expect(world.silence({ type: R, mac: 1, giaddr, ciaddr: "10.1.0.10" })).toBe("granting paused");
    expect(world.ask({ type: R, mac: 1, giaddr, requested: "10.7.0.1" }).type).toBe("DHCPNAK");
    expect(world.ask({ type: MessageType4.DHCPINFORM, giaddr, ciaddr: "10.1.0.77" }).type).toBe("DHCPACK");
    expect(world.table.size).toBe(1);
    world.step({ kind: "granting", allowed: true });
    expect(world.ask({ type: R, mac: 2, giaddr, requested: yiaddr, server }).type).toBe("DHCPACK");
  });
});

describe("a change that the table refuses", () => {
  it("leaves the address free, and the next request tries again", () => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    // The backend drops the send; nothing reaches the table.
    const { table } = world;
    const put = table.put.bind(table);
    table.put = () => ({ outcome: "unchanged", row: 0, sequence: 0 });
    world.send({ type: R, giaddr, requested: "10.1.0.10", server });
    table.put = put;
    expect(world.pool()).toMatchObject({ active: 0, offered: 0, free: 10 });
    expect(world.ask({ type: R, giaddr, requested: "10.1.0.10", server }).type).toBe("DHCPACK");
  });
});

describe("RFC 4039 rapid commit", () => {
  const wish = { type: D, giaddr, options: [{ code: OptionCode4.rapidCommit, data: new Uint8Array(0) }] };

  it("DHCPACK with option 80 at once where it is configured", () => {
    const world = new World4(configuration({ rapidCommit: true }));
    const output = world.send(wish);
    expect(answerOf(output)).toMatchObject({ type: "DHCPACK", yiaddr: "10.1.0.10", send: { promises: true } });
    expect(answerOf(output)?.message.option(OptionCode4.rapidCommit)).toEqual(new Uint8Array(0));
    expect(world.stateOf("10.1.0.10")).toBe("ACTIVE");
    expect(world.ask({ type: D, mac: 2, giaddr }).type).toBe("DHCPOFFER");
  });

  it("DHCPOFFER without it where it is not", () => {
    const offer = new World4().ask(wish);
    expect(offer.type).toBe("DHCPOFFER");
    expect(offer.message.has(OptionCode4.rapidCommit)).toBe(false);
  });
});
