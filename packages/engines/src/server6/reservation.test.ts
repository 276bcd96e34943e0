import { BindingState } from "@leasewire/bindings";
import type { AddressPool6 } from "@leasewire/config";
import { OptionCode6, option6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  asRequested,
  client,
  configuration,
  ip,
  LINK,
  leaseOf,
  message,
  NA,
  obtain,
  PD,
  prefix,
  range,
  world6,
} from "../../test/server6-world.ts";
import { poolStatistics6 } from "./statistics.ts";

type Host = AddressPool6["hosts"][number];
const ADDRESS = "2001:db8:1::150";
const key = (kind: Host["key"]["kind"], ...value: number[]) => ({ kind, value: Uint8Array.from(value) });
const servedWith = (na: Host[], pd: Host[] = []) =>
  configuration({
    pools: [
      { ...NA, hosts: na },
      { ...PD, hosts: pd },
    ],
  });

const LLT = Uint8Array.from([0, 1, 0, 1, 9, 9, 9, 9, 2, 0, 0, 0, 0, 77]);
const WAY = {
  relays: [
    {
      link: LINK,
      options: [
        option6(OptionCode6.INTERFACE_ID, Uint8Array.of(7, 7)),
        option6(OptionCode6.REMOTE_ID, { enterprise: 2636, remoteId: Uint8Array.of(1, 2, 3) }),
        { code: OptionCode6.CLIENT_LINKLAYER_ADDR, data: Uint8Array.of(0, 1, 6, 5, 4, 3, 2, 1) },
      ],
    },
    { link: "::", options: [option6(OptionCode6.INTERFACE_ID, Uint8Array.of(8, 8))] },
  ],
};

describe("reservations", () => {
  test.each<[string, Host["key"], Uint8Array, boolean]>([
    ["DUID", key("duid", ...client(1)), client(1), true],
    ["client-id is the DUID", key("client-id", ...client(1)), client(1), true],
    ["another DUID", key("duid", ...client(2)), client(1), false],
    ["Interface-ID of the relay nearest to the client", key("circuit-id", 7, 7), client(1), true],
    ["Interface-ID of another relay", key("circuit-id", 8, 8), client(1), false],
    ["Remote-ID with its enterprise number", key("remote-id", 0, 0, 0x0a, 0x4c, 1, 2, 3), client(1), true],
    ["Remote-ID without", key("remote-id", 1, 2, 3), client(1), true],
    ["Remote-ID of another enterprise", key("remote-id", 0, 0, 0, 9, 1, 2, 3), client(1), false],
    ["hardware address told by the relay", key("hardware-address", 6, 5, 4, 3, 2, 1), client(1), true],
    ["the one in the DUID counts only without it", key("hardware-address", 2, 0, 0, 0, 0, 77), LLT, false],
  ])("by %s", (_, hostKey, duid, matches) => {
    const world = world6(servedWith([{ name: "h", key: hostKey, address: ip(ADDRESS) }]));
    const given = leaseOf(obtain(world, ["na 1"], { duid }, WAY).ias[0]);
    if (matches) expect(given).toBe(ADDRESS);
    else expect(given).not.toBe(ADDRESS);
  });

  test("by the hardware address in a DUID-LLT or DUID-LL", () => {
    for (const [duid, last] of [
      [LLT, 77],
      [client(5), 5],
    ] as const) {
      const world = world6(
        servedWith([{ name: "h", key: key("hardware-address", 2, 0, 0, 0, 0, last), address: ip(ADDRESS) }]),
      );
      expect(leaseOf(obtain(world, ["na 1"], { duid }).ias[0])).toBe(ADDRESS);
    }
  });

  test("an address and a prefix, also outside of the ranges", () => {
    const host = { name: "h", key: key("duid", ...client(1)) };
    const world = world6(
      servedWith([{ ...host, address: ip("2001:db8:1::9999") }], [{ ...host, prefix: prefix("2001:db8:a000::/52") }]),
    );
    const granted = obtain(world, ["na 1", "pd 2"]);
    expect(granted.ias.map((text) => leaseOf(text))).toEqual(["2001:db8:1::9999", "2001:db8:a000::/52"]);
    world.pass(1500);
    expect(world.send(message("RENEW", { ias: granted.ias.map(asRequested) })).ias).toEqual(granted.ias);
  });

  test("nobody else gets it, asked for or not, and its IAs share it once", () => {
    const one = { ...NA, ranges: [{ name: "r", low: ip("2001:db8:1::150"), high: ip("2001:db8:1::151") }] };
    const hosts = [{ name: "h", key: key("duid", ...client(1)), address: ip(ADDRESS) }];
    const world = world6(configuration({ pools: [{ ...one, hosts }] }));
    expect(poolStatistics6(world.state)).toMatchObject([{ total: 2, reserved: 1, free: 1 }]);
    expect(leaseOf(obtain(world, [`na 1 ${ADDRESS}`], { duid: client(2) }).ias[0])).toBe("2001:db8:1::151");
    expect(world.send(message("SOLICIT", { duid: client(3), ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    const own = world.send(message("SOLICIT", { ias: ["na 1", "na 2"] }));
    expect([leaseOf(own.ias[0]), own.ias[1]]).toEqual([ADDRESS, "na 2: NoAddrsAvail"]);
    obtain(world, ["na 1"]);
    expect(poolStatistics6(world.state)).toMatchObject([{ total: 2, active: 2, reserved: 0, free: 0 }]);
    world.pass(5000);
    expect(poolStatistics6(world.state)).toMatchObject([{ total: 2, active: 0, reserved: 1, free: 1 }]);
    expect(world.send(message("SOLICIT", { duid: client(3), ias: [`na 1 ${ADDRESS}`] })).ias[0]).not.toContain(ADDRESS);
  });

  test.each(["2001:db8:a000::/52", "2001:db8:a000:300::/60"])(
    "what overlaps the prefix %s is not delegated",
    (reserved) => {
      const ranges = [range("2001:db8:a000::", "2001:db8:a000:f00::", 56)];
      const hosts = [{ name: "h", key: key("duid", ...client(1)), prefix: prefix(reserved) }];
      const world = world6(configuration({ pools: [NA, { ...PD, ranges, hosts }] }));
      const given = Array.from({ length: 16 }, (_, i) =>
        obtain(world, ["pd 1 2001:db8:a000:300::/56"], { duid: client(10 + i) }).ias.map((text) => leaseOf(text)),
      ).flat();
      expect(given).toHaveLength(reserved.endsWith("52") ? 0 : 15);
      expect(given).not.toContain("2001:db8:a000:300::/56");
      expect(leaseOf(obtain(world, ["pd 1"]).ias[0])).toBe(reserved);
    },
  );

  test("made for an address somebody leases: the host gets another one, and its own when the other is gone", () => {
    const world = world6();
    const other = obtain(world, [`na 1 ${ADDRESS}`], { duid: client(2) });
    expect(leaseOf(other.ias[0])).toBe(ADDRESS);
    world.configure(servedWith([{ name: "h", key: key("duid", ...client(1)), address: ip(ADDRESS) }]));
    const heard = obtain(world, ["na 1"]);
    expect(leaseOf(heard.ias[0])).not.toBe(ADDRESS);
    expect(heard.output.notes.map(({ reason }) => reason)).toContain("reserved lease in use");
    // The other one is not extended any more.
    const renewed = world.send(message("RENEW", { duid: client(2), ias: other.ias.map(asRequested) }));
    expect(renewed.ias[0]).toContain(`${ADDRESS} (0/0)`);
    expect(leaseOf(renewed.ias[0])).not.toBe(ADDRESS);
    expect(world.table.counts("default:default")[BindingState.EXPIRED]).toBe(1);
    const own = world.send(message("RENEW", { ias: heard.ias.map(asRequested) }));
    expect(own.ias[0]).toContain(`${ADDRESS} (3000/4000)`);
    expect(own.ias[0]).toContain("(0/0)");
  });
});

describe("client limit of an interface", () => {
  test("a further client is not answered; those that have a lease are", () => {
    const world = world6(configuration({ clientLimitPerInterface: 2 }));
    for (const number of [1, 2]) obtain(world, ["na 1", "pd 1"], { duid: client(number) }, WAY);
    const third = message("SOLICIT", { duid: client(3), ias: ["na 1"] });
    expect(world.send(third, WAY).said).toBe("drop: client limit");
    expect(world.send(message("REQUEST", { duid: client(3), ias: ["na 1"] }), WAY).said).toBe("drop: client limit");
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 2"] }), WAY).said).toBe("ADVERTISE");
    // Another interface has a limit of its own.
    const elsewhere = { relays: [{ link: LINK, options: [option6(OptionCode6.INTERFACE_ID, Uint8Array.of(9))] }] };
    expect(world.send(third, elsewhere).said).toBe("ADVERTISE");
    world.pass(5000);
    expect(world.send(third, WAY).said).toBe("ADVERTISE");
  });
});
