import { type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import { formatIpv6 } from "@leasewire/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  client,
  configuration,
  ip,
  LINK,
  leaseOf,
  message,
  NA,
  obtain,
  PD,
  pool,
  prefix,
  range,
  START,
  world6,
} from "../../test/server6-world.ts";
import { isReservedInterfaceIdentifier, Pool6, Range6 } from "./pools.ts";
import { poolStatistics6 } from "./statistics.ts";
import {
  addressOf,
  addWords,
  newWords,
  shiftWordsLeft,
  shiftWordsRight,
  subtractWords,
  type Words,
  wordsOf,
} from "./words.ts";

function imported(address: string, prefixLength: number, more: Partial<BindingInput> = {}): BindingInput {
  return {
    instance: "default:default",
    address: ip(address),
    prefixLength,
    kind: prefixLength === 128 ? "address" : "prefix",
    state: BindingState.ACTIVE,
    hardwareType: 1,
    clientId: client(500),
    iaid: 1,
    startTimeOfStateSeconds: START / 1000,
    clientLastTransactionTimeSeconds: START / 1000,
    expiresAtSeconds: START / 1000 + 3600,
    dataSource: 0,
    origin: "import",
    ...more,
  };
}

describe("words", () => {
  const number = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
  const words = (value: bigint): Words =>
    Uint32Array.from([96n, 64n, 32n, 0n], (bits) => Number((value >> bits) & 0xffff_ffffn));
  const value = (of: Words) => [...of].reduce((sum, word) => (sum << 32n) | BigInt(word), 0n);

  test("reckon as 128-bit numbers do", () => {
    const all = (1n << 128n) - 1n;
    fc.assert(
      fc.property(number, number, fc.nat(127), (a, b, bits) => {
        expect(value(addWords(words(a), words(b), newWords()))).toBe((a + b) & all);
        expect(value(subtractWords(words(a), words(b), newWords()))).toBe((a - b) & all);
        expect(value(shiftWordsLeft(words(a), bits, newWords()))).toBe((a << BigInt(bits)) & all);
        expect(value(shiftWordsRight(words(a), bits, newWords()))).toBe(a >> BigInt(bits));
        expect(value(wordsOf(addressOf(words(a))))).toBe(a);
        const own = words(a);
        expect(value(shiftWordsLeft(own, bits, own))).toBe((a << BigInt(bits)) & all);
      }),
    );
  });
});

describe("ranges", () => {
  const owner = new Pool6(NA);
  const made = (low: string, high: string, unit: number) =>
    new Range6(owner, 1, wordsOf(ip(low)), wordsOf(ip(high)), unit, 2 ** 24);

  test.each<[string, string, number, number]>([
    ["2001:db8::5", "2001:db8::5", 128, 1],
    ["2001:db8::", "2001:db8::ff", 128, 256],
    ["2001:db8::", "2001:dbf:ffff:ff00::", 56, 2 ** 27],
    ["2001:db8::", "2001:db8:0:ff00::", 56, 256],
    ["2001:db8::", "2001:db8:0:ffff:ffff:ffff:ffff:ffff", 56, 256],
    ["2001:db8::", "2001:db8:0:0:ffff:ffff:ffff:ffff", 128, 2 ** 64],
  ])("%s to %s in units of /%d: %d slots", (low, high, unit, slots) => {
    expect(made(low, high, unit).slots).toBe(slots);
  });

  test("a slot and its address name each other, and nothing outside has a slot", () => {
    const delegating = made("2001:db8:a000::", "2001:db8:a0ff:ff00::", 56);
    fc.assert(
      fc.property(fc.nat(65_535), (slot) => {
        expect(delegating.slotOf(wordsOf(delegating.addressOfSlot(slot)))).toBe(slot);
      }),
    );
    expect(delegating.slotOf(wordsOf(ip("2001:db8:a000:1ff:ffff::1")))).toBe(1);
    expect(delegating.slotOf(wordsOf(ip("2001:db8:9fff:ffff::")))).toBe(-1);
    expect(delegating.slotOf(wordsOf(ip("2001:db8:a100::")))).toBe(-1);
  });

  test("of a whole /64 addresses are drawn from all over it, within it", () => {
    const huge = made("2001:db8::", "2001:db8:0:0:ffff:ffff:ffff:ffff", 128);
    let seed = 1;
    const uint32 = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed;
    };
    const drawn = Array.from({ length: 500 }, () => huge.drawnAddress(uint32));
    for (const address of drawn) expect(huge.slotOf(wordsOf(address))).toBeGreaterThanOrEqual(0);
    expect(new Set(drawn.map(formatIpv6)).size).toBe(500);
    expect(new Set(drawn.map((address) => address[8])).size).toBeGreaterThan(100);
  });

  test.each([
    ["2001:db8::", true],
    ["2001:db8::1", false],
    ["2001:db8::200:5eff:fe00:5212", true],
    ["2001:db8::200:5eff:fd00:5212", false],
    ["2001:db8::fdff:ffff:ffff:ff80", true],
    ["2001:db8::fdff:ffff:ffff:ff7f", false],
  ])("RFC 5453: %s is reserved: %s", (text, reserved) => {
    expect(isReservedInterfaceIdentifier(wordsOf(ip(text)))).toBe(reserved);
  });
});

describe("what is given out", () => {
  test("every address of a range once, then none; excluded and reserved identifiers never", () => {
    const small = pool("na", "2001:db8:1::/64", {
      ranges: [range("2001:db8:1::", "2001:db8:1::f")],
      excluded: [{ low: ip("2001:db8:1::4"), high: ip("2001:db8:1::7") }],
    });
    const world = world6(configuration({ pools: [small] }));
    const given = Array.from({ length: 11 }, (_, i) => leaseOf(obtain(world, ["na 1"], { duid: client(i) }).ias[0]));
    expect([...given].sort()).toEqual(
      ["1", "2", "3", "8", "9", "a", "b", "c", "d", "e", "f"].map((last) => `2001:db8:1::${last}`),
    );
    expect(world.send(message("SOLICIT", { duid: client(99), ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    expect(poolStatistics6(world.state)).toEqual([
      { name: "na", instance: "default:default", total: 11, active: 11, offered: 0, declined: 0, reserved: 0, free: 0 },
    ]);
  });

  test("a whole /64 and a /20 of /64s", () => {
    const whole = pool("na", "2001:db8:1::/64", {
      ranges: [range("2001:db8:1::", "2001:db8:1:0:ffff:ffff:ffff:ffff")],
    });
    const many = pool("pd", "2001::/20", {
      ranges: [range("2001::", "2001:fff:ffff:ffff::", 64)],
      linkAddresses: [prefix("2001:db8:1::/64")],
    });
    const world = world6(configuration({ pools: [whole, many] }));
    const given = Array.from({ length: 200 }, (_, i) =>
      obtain(world, ["na 1", "pd 1"], { duid: client(i) }).ias.map((text) => leaseOf(text)),
    );
    expect(new Set(given.flat()).size).toBe(400);
    for (const [address, delegated] of given) {
      expect(address).toMatch(/^2001:db8:1:0?:/);
      expect(delegated).toMatch(/\/64$/);
    }
    const wanted = "2001:db8:1:0:1234:5678:9abc:def0";
    expect(leaseOf(obtain(world, [`na 1 ${wanted}`], { duid: client(1000) }).ias[0])).toBe(wanted);
    expect(leaseOf(obtain(world, [`na 1 ${wanted}`], { duid: client(1001) }).ias[0])).not.toBe(wanted);
    expect(poolStatistics6(world.state).map(({ active, offered }) => [active, offered])).toEqual([
      [202, 0],
      [200, 0],
    ]);
    world.pass(5000);
    expect(poolStatistics6(world.state).map(({ active }) => active)).toEqual([0, 0]);
  });

  test("an address that nobody held before is preferred to one that somebody may come back for", () => {
    const world = world6();
    const first = Array.from({ length: 20 }, (_, i) => leaseOf(obtain(world, ["na 1"], { duid: client(i) }).ias[0]));
    world.pass(5000);
    const others = Array.from({ length: 100 }, (_, i) =>
      leaseOf(obtain(world, ["na 1"], { duid: client(100 + i) }).ias[0]),
    );
    expect(others.filter((address) => first.includes(address))).toEqual([]);
    const back = Array.from({ length: 20 }, (_, i) => leaseOf(obtain(world, ["na 1"], { duid: client(i) }).ias[0]));
    expect(back).toEqual(first);
  });

  test("which address comes next does not follow from the last one (§13.1)", () => {
    const world = world6();
    const given = Array.from(
      { length: 40 },
      (_, i) => ip(leaseOf(obtain(world, ["na 1"], { duid: client(i) }).ias[0]))[15]!,
    );
    const steps = new Set(given.map((octet, i) => octet - (given[i - 1] ?? 0)));
    expect(steps.size).toBeGreaterThan(20);
  });

  test("pools of several links stay apart", () => {
    const other = pool("other", "2001:db8:2::/64", { ranges: [range("2001:db8:2::1", "2001:db8:2::ff")] });
    const world = world6(configuration({ pools: [NA, PD, other] }));
    expect(leaseOf(obtain(world, ["na 1"]).ias[0])).toMatch(/^2001:db8:1::/);
    const way = { relays: [{ link: "2001:db8:2::1" }] };
    const there = obtain(world, ["na 1"], { duid: client(2) }, way);
    expect(leaseOf(there.ias[0])).toMatch(/^2001:db8:2::/);
    expect(world.send(message("SOLICIT", { duid: client(3), ias: ["pd 1"] }), way).ias).toEqual([
      "pd 1: NoPrefixAvail",
    ]);
    // A client that moves gets an address of its new link, and its old one is not on link there.
    expect(world.send(message("CONFIRM", { ias: ["na 1 2001:db8:1::101"] }), way).reply?.option(13)?.[1]).toBe(4);
    expect(leaseOf(obtain(world, ["na 1"], {}, way).ias[0])).toMatch(/^2001:db8:2::/);
  });
});

describe("leases that others brought into the table", () => {
  test("before the start: they are not given to anybody else, and their clients keep them", () => {
    const table = new BindingTable(6);
    for (let i = 0; i < 256; i += 1) {
      if (i !== 0x42) table.put(imported(`2001:db8:1::${(0x100 + i).toString(16)}`, 128), "import", START / 1000);
    }
    const world = world6(configuration(), { table });
    expect(poolStatistics6(world.state)[0]).toMatchObject({ total: 256, active: 255, free: 1 });
    expect(leaseOf(obtain(world, ["na 1"]).ias[0])).toBe("2001:db8:1::142");
    const own = world.send(message("RENEW", { duid: client(500), ias: ["na 1 2001:db8:1::150"] }));
    expect(own.ias[0]).toContain("2001:db8:1::150 (3000/4000)");
    expect(own.output.changes[0]?.binding.origin).toBe("server");
  });

  test("while it runs, also before the change was noticed; and freed when they are cleared", () => {
    const one = pool("one", "2001:db8:1::/64", { ranges: [range("2001:db8:1::5", "2001:db8:1::5")] });
    const world = world6(configuration({ pools: [one] }), {
      limits: { tableChangesPerStepMax: 0, slotVisitsMax: 100 },
    });
    world.table.put(imported("2001:db8:1::5", 128), "import", START / 1000);
    expect(world.send(message("SOLICIT", { ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    const following = world6(configuration({ pools: [one] }));
    following.table.put(imported("2001:db8:1::5", 128), "import", START / 1000);
    expect(following.send(message("SOLICIT", { ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    following.table.put(
      imported("2001:db8:1::5", 128, { state: BindingState.RESET }),
      "cleared by admin",
      START / 1000,
    );
    expect(leaseOf(following.send(message("SOLICIT", { ias: ["na 1"] })).ias[0])).toBe("2001:db8:1::5");
  });

  test("removed while it was active: the engine is told", () => {
    const one = pool("one", "2001:db8:1::/64", { ranges: [range("2001:db8:1::5", "2001:db8:1::5")] });
    const world = world6(configuration({ pools: [one] }));
    const { binding } = obtain(world, ["na 1"]).output.changes[0]!;
    poolStatistics6(world.state);
    world.table.remove(world.table.byPrefix(binding.instance, binding.address, 128), "removed", START / 1000);
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    world.step({ kind: "cleared", binding });
    expect(leaseOf(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).ias[0])).toBe("2001:db8:1::5");
  });

  test.each<[string, string, number]>([
    ["longer than a delegated one", "2001:db8:a000:10::", 60],
    ["shorter than a delegated one", "2001:db8:a000::", 55],
    ["of the whole range", "2001:db8:a000::", 48],
  ])("a prefix %s: what overlaps it is not delegated, until it ends", (_, address, length) => {
    const two = pool("pd", "2001:db8:a000::/48", {
      ranges: [range("2001:db8:a000::", "2001:db8:a000:100::", 56)],
      linkAddresses: [prefix("2001:db8:1::/64")],
    });
    const world = world6(configuration({ pools: [two] }));
    world.table.put(imported(address, length), "import", START / 1000);
    const first = world.send(message("SOLICIT", { ias: ["pd 1 2001:db8:a000::/56"] }));
    expect(first.ias[0]).not.toContain("2001:db8:a000::/56");
    expect(first.ias[0]?.includes("NoPrefixAvail")).toBe(length < 56);
    world.restart();
    expect(world.send(message("SOLICIT", { ias: ["pd 1 2001:db8:a000::/56"] })).ias[0]).not.toContain("a000::/56");
    world.pass(3601);
    expect(leaseOf(world.send(message("SOLICIT", { ias: ["pd 1 2001:db8:a000::/56"] })).ias[0])).toBe(
      "2001:db8:a000::/56",
    );
  });
});

describe("configuration", () => {
  test("ranges that overlap an earlier one are left out; a server without DUID is", () => {
    const twice = pool("twice", "2001:db8:1::/64", {
      ranges: [range("2001:db8:1::100", "2001:db8:1::1ff"), range("2001:db8:1::180", "2001:db8:1::280")],
    });
    expect(poolStatistics6(world6(configuration({ pools: [twice] })).state)[0]?.total).toBe(256);
    const { duid: _, ...none } = configuration();
    expect(world6(none).send(message("SOLICIT", { ias: ["na 1"] })).said).toBe("drop: no server");
  });

  test("a commit that leaves pools and links as they are keeps what was offered, and counts", () => {
    const world = world6();
    const offered = world.send(message("SOLICIT", { ias: ["na 1"] }));
    const copy = structuredClone(configuration({ rapidCommit: true }));
    world.configure(copy);
    expect(world.state.offers.size).toBe(1);
    expect(poolStatistics6(world.state)[0]).toMatchObject({ offered: 1, free: 255 });
    const rapid = [{ code: 14, data: new Uint8Array(0) }];
    const granted = world.send(message("SOLICIT", { ias: ["na 1"], options: rapid }));
    expect([granted.said, ...granted.ias]).toEqual(["REPLY", ...offered.ias]);
    expect(poolStatistics6(world.state)[0]).toMatchObject({ active: 1, offered: 0 });
    expect(world.state.offers.size).toBe(0);
  });

  test("what was offered from other pools is not kept, what is leased is", () => {
    const world = world6();
    const granted = obtain(world, ["na 1"]);
    world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] }));
    expect(world.state.offers.size).toBe(1);
    world.configure(configuration({ pools: [{ ...NA, validLifetimeSeconds: 4001 }, PD] }));
    expect(world.state.offers.size).toBe(0);
    expect(poolStatistics6(world.state)[0]).toMatchObject({ active: 1, offered: 0, free: 255 });
    expect(leaseOf(obtain(world, ["na 1"]).ias[0])).toBe(leaseOf(granted.ias[0]));
  });

  test("linksRememberedMax and sourcesRememberedMax are kept", () => {
    const world = world6(configuration(), { limits: { linksRememberedMax: 4, sourcesRememberedMax: 4 } });
    for (let i = 0; i < 20; i += 1) {
      obtain(
        world,
        ["na 1"],
        { duid: client(i) },
        { source: `2001:db8:ffff::${i}`, relays: [{ link: `2001:db8:1::${i}` }] },
      );
    }
    expect([...world.state.servers.values()][0]!.links.size).toBeLessThanOrEqual(4);
    expect(world.state.sources.size).toBeLessThanOrEqual(4);
    expect(world.send(message("SOLICIT", { ias: ["na 1"] }), { relays: [{ link: LINK }] }).said).toBe("ADVERTISE");
  });
});
