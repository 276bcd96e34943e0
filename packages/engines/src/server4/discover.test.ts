import { BindingState } from "@leasewire/bindings";
import { ipv4ToBytes } from "@leasewire/net";
import { MessageType4 } from "@leasewire/wire";
import { describe, expect, it, test } from "vitest";
import { configuration, D, host, ip, macOf, pool, R, relayed, utf8, World4 } from "../../test/server4-world.ts";

const giaddr = "10.1.0.1";

describe("RFC 2131 §4.3.1: which address is offered", () => {
  it("the next free one, of a new client", () => {
    const world = new World4();
    expect(world.ask({ type: D, mac: 1, giaddr }).yiaddr).toBe("10.1.0.10");
    expect(world.ask({ type: D, mac: 2, giaddr }).yiaddr).toBe("10.1.0.11");
    expect(world.pool()).toEqual(
      expect.objectContaining({ total: 10, active: 0, offered: 2, declined: 0, reserved: 0, free: 8 }),
    );
    expect(world.table.size).toBe(0);
  });

  it("the same again, as long as the offer stands", () => {
    const world = new World4();
    const first = world.ask({ type: D, mac: 1, giaddr, xid: 7 });
    world.pass(10);
    const again = world.ask({ type: D, mac: 1, giaddr, xid: 7 });
    expect(again.message.bytes).toEqual(first.message.bytes);
    expect(world.pool().offered).toBe(1);
  });

  it("the current lease, whatever is asked for", () => {
    const world = new World4();
    expect(world.lease({ mac: 1 })).toBe("10.1.0.10");
    world.pass(100);
    expect(world.ask({ type: D, mac: 1, giaddr, requested: "10.1.0.15" }).yiaddr).toBe("10.1.0.10");
    // It is the client's already: nothing is kept for it.
    expect(world.pool()).toMatchObject({ active: 1, offered: 0 });
  });

  test.each([
    ["expired", (world: World4) => world.pass(4000)],
    [
      "released",
      (world: World4) =>
        world.send({ type: MessageType4.DHCPRELEASE, mac: 1, ciaddr: "10.1.0.10", server: "192.0.2.1" }),
    ],
  ])("the last lease once it is %s, while nobody else has it", (_, end) => {
    const world = new World4();
    world.lease({ mac: 1 });
    end(world);
    world.lease({ mac: 2 });
    expect(world.stateOf("10.1.0.11")).toBe("ACTIVE");
    expect(world.ask({ type: D, mac: 1, giaddr, requested: "10.1.0.15" }).yiaddr).toBe("10.1.0.10");
  });

  it("not the last lease if somebody else has it now", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    world.pass(4000);
    world.lease({ mac: 2, requested: "10.1.0.10" });
    expect(world.binding("10.1.0.10")?.hardwareAddress).toEqual(macOf(2));
    expect(world.ask({ type: D, mac: 1, giaddr }).yiaddr).toBe("10.1.0.11");
  });

  test.each([
    ["10.1.0.15", "10.1.0.15"],
    ["10.1.0.9", "10.1.0.11"],
    ["10.2.0.15", "10.1.0.11"],
    ["10.1.0.10", "10.1.0.11"],
  ])("asked for %s, %s", (requested, offered) => {
    const world = new World4();
    world.lease({ mac: 9 });
    expect(world.ask({ type: D, mac: 1, giaddr, requested }).yiaddr).toBe(offered);
  });

  it("every address once, then none", () => {
    const world = new World4();
    const addresses = new Set<string>();
    for (let mac = 1; mac <= 10; mac += 1) addresses.add(world.lease({ mac }));
    expect(addresses.size).toBe(10);
    expect(world.silence({ type: D, mac: 11, giaddr })).toBe("pool exhausted");
    expect(world.pool()).toMatchObject({ active: 10, free: 0 });
  });

  it("an address rests as long as it can before another client gets it", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    world.send({ type: MessageType4.DHCPRELEASE, mac: 1, ciaddr: "10.1.0.10", server: "192.0.2.1" });
    for (let mac = 2; mac <= 10; mac += 1) expect(world.lease({ mac })).not.toBe("10.1.0.10");
    expect(world.lease({ mac: 11 })).toBe("10.1.0.10");
  });

  it("an offer goes back to the pool when nobody takes it up", () => {
    const world = new World4();
    world.ask({ type: D, mac: 1, giaddr });
    world.pass(59);
    expect(world.pool().offered).toBe(1);
    world.pass(2);
    expect(world.pool()).toMatchObject({ offered: 0, free: 10 });
    expect(world.counter("notes", "offer expired")).toBe(1);
  });

  it("no more offers at a time than offersPendingMax", () => {
    const world = new World4(configuration(), { offersPendingMax: 2 });
    world.ask({ type: D, mac: 1, giaddr });
    world.ask({ type: D, mac: 2, giaddr });
    expect(world.silence({ type: D, mac: 3, giaddr })).toBe("too many offers");
    world.ask({ type: D, mac: 2, giaddr });
    world.pass(61);
    world.ask({ type: D, mac: 3, giaddr });
  });

  it("excluded addresses are not given out", () => {
    const world = new World4(
      configuration({ pools: [pool({ excluded: [{ low: ip("10.1.0.10"), high: ip("10.1.0.17") }] })] }),
    );
    expect(world.pool()).toMatchObject({ total: 2, free: 2 });
    expect(world.ask({ type: D, mac: 1, giaddr, requested: "10.1.0.12" }).yiaddr).toBe("10.1.0.18");
  });

  it("a client that moved to another link gets an address there", () => {
    const other = pool({
      name: "others",
      network: { address: ip("10.2.0.0"), length: 24 },
      ranges: [{ name: "r", low: ip("10.2.0.10"), high: ip("10.2.0.19") }],
    });
    const world = new World4(configuration({ pools: [pool(), other] }));
    world.ask({ type: D, mac: 1, giaddr });
    expect(world.ask({ type: D, mac: 1, giaddr: "10.2.0.1" }).yiaddr).toBe("10.2.0.10");
    expect(world.pool("customers").offered).toBe(0);
    world.lease({ mac: 2 });
    // One client may have a lease on each of two links (RFC 2131 §4.2).
    expect(world.lease({ mac: 2, giaddr: "10.2.0.1" })).toBe("10.2.0.11");
    expect(world.stateOf("10.1.0.11")).toBe("ACTIVE");
  });
});

describe("reservations", () => {
  const circuit = [{ code: 1, data: utf8("ge-0/0/1:100") }];
  const remote = [{ code: 2, data: utf8("cpe-7") }];
  const duid = Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 9);
  const hosts = [
    host("hardware-address", macOf(1), "10.1.0.12"),
    host("client-id", utf8("printer"), "10.1.0.13"),
    host("duid", duid, "10.1.0.14"),
    host("circuit-id", utf8("ge-0/0/1:100"), "10.1.0.200"),
    host("remote-id", utf8("cpe-7"), "10.1.0.16"),
  ];
  const reserved = () => new World4(configuration({ pools: [pool({ hosts })] }));

  test.each([
    ["hardware address", { mac: 1 }, "10.1.0.12"],
    [
      "hardware address, though it sends a client identifier (RFC 4361 §6.3)",
      { mac: 1, clientId: utf8("x") },
      "10.1.0.12",
    ],
    ["client identifier", { mac: 50, clientId: utf8("printer") }, "10.1.0.13"],
    ["DUID in the client identifier", { mac: 50, clientId: Uint8Array.of(255, 0, 0, 0, 1, ...duid) }, "10.1.0.14"],
    ["circuit-id, outside of the ranges", { mac: 50, relaySubOptions: circuit }, "10.1.0.200"],
    ["remote-id", { mac: 50, relaySubOptions: remote }, "10.1.0.16"],
  ])("by %s", (_, fields, address) => {
    const world = reserved();
    expect(world.pool()).toMatchObject({ total: 11, reserved: 5, free: 6 });
    expect(world.lease({ ...fields, requested: "10.1.0.19" } as never)).toBe(address);
    expect(world.pool()).toMatchObject({ total: 11, active: 1, reserved: 4, free: 6 });
  });

  it("others get what is not reserved, whatever they ask for", () => {
    const world = reserved();
    const addresses = [];
    for (let mac = 20; mac < 26; mac += 1) addresses.push(world.lease({ mac, requested: "10.1.0.12" } as never));
    expect(addresses.sort()).toEqual(["10.1.0.10", "10.1.0.11", "10.1.0.15", "10.1.0.17", "10.1.0.18", "10.1.0.19"]);
    expect(world.silence({ type: D, mac: 30, giaddr })).toBe("pool exhausted");
    expect(world.lease({ mac: 1 })).toBe("10.1.0.12");
  });

  it("of a client that has another lease: it moves, and the other lease ends", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    world.configure(configuration({ pools: [pool({ hosts })] }));
    expect(world.lease({ mac: 1 })).toBe("10.1.0.12");
    expect(world.stateOf("10.1.0.10")).toBe("RELEASED");
    expect(world.pool()).toMatchObject({ active: 1 });
  });

  it("held by somebody else when it was made: another address until it is free, and that one is told", () => {
    const world = new World4();
    world.lease({ mac: 2, requested: "10.1.0.12" });
    world.lease({ mac: 2 });
    const moved = world.binding("10.1.0.12");
    expect(moved).toBeDefined();
    world.configure(configuration({ pools: [pool({ hosts })] }));
    const offer = world.ask({ type: D, mac: 1, giaddr });
    expect(offer.yiaddr).not.toBe("10.1.0.12");
    expect(world.counter("notes", "reserved address in use")).toBe(1);
    // The holder cannot keep it.
    expect(world.ask({ type: R, mac: 2, giaddr, ciaddr: "10.1.0.12" }).type).toBe("DHCPNAK");
  });
});

describe("who a client is (RFC 2131 §4.2, RFC 4361 §6.3)", () => {
  it("its client identifier, whatever its hardware address is", () => {
    const world = new World4();
    expect(world.lease({ mac: 1, clientId: utf8("one") })).toBe("10.1.0.10");
    expect(world.lease({ mac: 2, clientId: utf8("one") })).toBe("10.1.0.10");
    expect(world.lease({ mac: 1, clientId: utf8("two") })).toBe("10.1.0.11");
    // Without an identifier it is another client still.
    expect(world.lease({ mac: 1 })).toBe("10.1.0.12");
  });

  it("its hardware address and type, failing that", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    const bytes = world.ask({ type: D, mac: 1, giaddr }).message.bytes;
    expect(bytes[1]).toBe(1);
    expect(world.lease({ mac: 1, clientId: Uint8Array.of(1, ...macOf(1)) })).toBe("10.1.0.11");
  });

  test.each([
    ["no identity", { mac: new Uint8Array(0) }, "no client identity"],
    ["an identifier beyond clientIdentifierOctetsMax", { clientId: new Uint8Array(300) }, "client identifier too long"],
  ])("%s", (_, fields, reason) => {
    expect(new World4().silence({ type: D, giaddr, ...fields })).toBe(reason);
  });
});

describe("where the client is", () => {
  const pools = [
    pool(),
    pool({
      name: "second",
      network: { address: ip("10.2.0.0"), length: 24 },
      ranges: [{ name: "r", low: ip("10.2.0.10"), high: ip("10.2.0.19") }],
      linkAddresses: [{ address: ip("172.16.0.0"), length: 16 }],
    }),
  ];
  const select = (address: string) => [{ code: 5, data: ipv4ToBytes(ip(address)) }];

  test.each([
    ["giaddr", { giaddr: "10.2.0.1" }, "10.2.0.10"],
    ["a link that the pool serves beside its network", { giaddr: "172.16.9.1" }, "10.2.0.10"],
    [
      "link selection before giaddr (RFC 3527 §3)",
      { giaddr: "10.1.0.1", relaySubOptions: select("10.2.0.0") },
      "10.2.0.10",
    ],
    ["the network of the interface", {}, "10.1.0.10"],
    ["link selection without giaddr is nobody's word", { relaySubOptions: select("10.2.0.0") }, "10.1.0.10"],
  ])("%s", (_, fields, address) => {
    expect(new World4(configuration({ pools })).ask({ type: D, ...fields }).yiaddr).toBe(address);
  });

  it("the answer goes where it would without link selection (RFC 3527 §3)", () => {
    const world = new World4(configuration({ pools }));
    const { send } = world.ask({ type: D, giaddr: "10.1.0.1", relaySubOptions: select("10.2.0.0") });
    expect(send.to).toEqual({ kind: "unicast", address: "10.1.0.1", port: 67 });
  });

  test.each([
    ["a link without pool", { giaddr: "10.3.0.1" }],
    ["a link selection without pool", { giaddr: "10.1.0.1", relaySubOptions: select("10.3.0.0") }],
  ])("%s is silent", (_, fields) => {
    expect(new World4(configuration({ pools })).silence({ type: D, ...fields })).toBe("no pool");
  });

  it("a pool of another instance serves nobody here", () => {
    const vrf = "default:red" as const;
    const world = new World4([
      configuration(),
      configuration({ instance: vrf, pools: [pool({ instance: vrf, name: "red", leaseTimeSeconds: 60 })] }),
    ]);
    const arrival = { ...relayed, instance: vrf };
    // The same addresses in both, each leased on its own.
    expect(world.lease({ mac: 1 })).toBe("10.1.0.10");
    expect(world.ask({ type: D, mac: 2, giaddr }, arrival).yiaddr).toBe("10.1.0.10");
    expect(world.silence({ type: D, mac: 2, giaddr }, { ...relayed, instance: "default:blue" })).toBe("no server");
  });

  it("a second pool of the link is used when the first is full", () => {
    const small = pool({ ranges: [{ name: "r", low: ip("10.1.0.10"), high: ip("10.1.0.10") }] });
    const more = pool({
      name: "more",
      network: { address: ip("10.9.0.0"), length: 24 },
      ranges: [{ name: "r", low: ip("10.9.0.10"), high: ip("10.9.0.10") }],
      linkAddresses: [{ address: ip("10.1.0.0"), length: 24 }],
    });
    const world = new World4(configuration({ pools: [more, small] }));
    expect(world.lease({ mac: 1 })).toBe("10.1.0.10");
    expect(world.lease({ mac: 2 })).toBe("10.9.0.10");
    expect(world.silence({ type: D, mac: 3, giaddr })).toBe("pool exhausted");
  });
});

describe("limits of clients by interface", () => {
  it("counts leases of the interface, not of relays", () => {
    const world = new World4(configuration({ clientLimitPerInterface: 2 }));
    const here = { flags: 0x8000 };
    const arrivalLease = (mac: number) => {
      const offer = world.ask({ type: D, mac, ...here });
      return world.ask({ type: R, mac, ...here, requested: offer.yiaddr, server: "192.0.2.1" });
    };
    expect(arrivalLease(1).type).toBe("DHCPACK");
    const kept = world.ask({ type: D, mac: 2, ...here });
    world.ask({ type: D, mac: 3, ...here });
    expect(arrivalLease(2).yiaddr).toBe(kept.yiaddr);
    // Offered before the limit was reached, and refused now.
    expect(world.silence({ type: R, mac: 3, ...here, requested: "10.1.0.12", server: "192.0.2.1" })).toBe(
      "client limit",
    );
    expect(world.silence({ type: D, mac: 4, ...here })).toBe("client limit");
    world.lease({ mac: 5 });
    // Who has a lease keeps it.
    expect(arrivalLease(1).type).toBe("DHCPACK");
    world.send({ type: MessageType4.DHCPRELEASE, mac: 1, ciaddr: "10.1.0.10", server: "192.0.2.1" });
    expect(arrivalLease(4).type).toBe("DHCPACK");
    world.restart();
    expect(world.silence({ type: D, mac: 6, ...here })).toBe("client limit");
  });
});

describe("what others do to the table", () => {
  function importLeases(world: World4): void {
    for (let i = 10; i < 15; i += 1) {
      const put = world.table.put(
        {
          instance: "default:default",
          address: ipv4ToBytes(ip(`10.1.0.${i}`)),
          prefixLength: 32,
          kind: "address",
          state: BindingState.ACTIVE,
          hardwareType: 1,
          hardwareAddress: macOf(100 + i),
          startTimeOfStateSeconds: 1,
          clientLastTransactionTimeSeconds: 1,
          expiresAtSeconds: 0xffffffff,
          dataSource: 0,
          origin: "import",
        },
        "import",
        1,
      );
      expect(put.outcome).toBe("inserted");
    }
  }

  it("an imported lease is held", () => {
    const world = new World4();
    importLeases(world);
    expect(world.ask({ type: D, mac: 1, giaddr }).yiaddr).toBe("10.1.0.15");
    expect(world.ask({ type: D, mac: 113, giaddr }).yiaddr).toBe("10.1.0.13");
    expect(world.pool()).toMatchObject({ active: 5, offered: 1, free: 4 });
  });

  it("more changes than a step follows: the row itself decides, for as many tries", () => {
    const some = new World4(configuration(), { tableChangesPerStepMax: 3 });
    importLeases(some);
    expect(some.ask({ type: D, mac: 1, giaddr }).yiaddr).toBe("10.1.0.15");
    const few = new World4(configuration(), { tableChangesPerStepMax: 1 });
    importLeases(few);
    expect(few.silence({ type: D, mac: 1, giaddr })).toBe("catching up");
    for (let i = 0; i < 3; i += 1) few.send({ type: D, mac: 1, giaddr });
    expect(few.ask({ type: D, mac: 1, giaddr }).yiaddr).toBe("10.1.0.15");
  });

  it("a binding that an operator cleared is free again", () => {
    const world = new World4();
    world.lease({ mac: 1 });
    const binding = world.binding("10.1.0.10")!;
    world.table.remove(binding.row, "cleared by admin", 1);
    world.step({ kind: "cleared", binding });
    expect(world.pool()).toMatchObject({ active: 0, free: 10 });
  });
});
