import { encodeOptions4, MessageType4 } from "@leasewire/wire";
import { describe, expect, it } from "vitest";
import { captured4 } from "../../test/captured.ts";
import {
  answerOf,
  attached,
  configuration,
  host,
  instance,
  ip,
  pool,
  relayed,
  request,
  utf8,
  World4,
} from "../../test/server4-world.ts";
import { seededRandom } from "../index.ts";

/** One to four of bit flips, extreme octets, truncations, and pieces of other messages. */
function mutate(source: Uint8Array, other: Uint8Array, below: (limit: number) => number): Uint8Array {
  let bytes = source.slice();
  for (let rounds = 1 + below(4); rounds > 0 && bytes.length > 1; rounds -= 1) {
    const at = below(2) === 0 && bytes.length > 240 ? 240 + below(bytes.length - 240) : below(bytes.length);
    switch (below(5)) {
      case 0:
        bytes[at] = bytes[at]! ^ (1 << below(8));
        break;
      case 1:
        bytes[at] = [0, 1, 0x7f, 0x80, 0xfe, 0xff][below(6)]!;
        break;
      case 2:
        if (below(4) === 0) bytes = bytes.slice(0, at);
        break;
      case 3: {
        const from = below(other.length);
        bytes.set(other.subarray(from, from + Math.min(below(64), bytes.length - at)), at);
        break;
      }
      default:
        bytes.copyWithin(at, Math.min(at + below(16), bytes.length - 1));
    }
  }
  return bytes;
}

describe("hostile datagrams", () => {
  it("30,000 mutations of real messages: none throws, what is answered can be read, the table takes every change", () => {
    const seeds = [
      "v4-dhclient-dora-renew-release-via-relay",
      "v4-dhclient-decline-via-relay",
      "v4-dhcpcd-dora-via-relay",
      "v4-udhcpc-broadcastflag-via-relay",
      "v4-leasequery-isc-dhcpd",
    ]
      .flatMap(captured4)
      .map(({ bytes }) => bytes)
      .filter((bytes) => bytes[0] === 1);
    seeds.push(
      request({
        type: MessageType4.DHCPINFORM,
        ciaddr: "10.1.0.9",
        giaddr: "10.1.0.1",
        circuitId: "c",
        clientId: utf8("x"),
      }),
      request({ type: MessageType4.DHCPDISCOVER, options: [{ code: 80, data: new Uint8Array(0) }] }),
    );
    const random = seededRandom(7);
    const below = (limit: number) => random.uint32() % limit;
    const world = new World4(
      configuration({
        serverIdentifier: ip("10.99.0.2"),
        addressProbe: { timeoutMs: 100 },
        rapidCommit: true,
        authoritative: true,
        clientLimitPerInterface: 50,
        pools: [
          pool({
            ranges: [{ name: "r", low: ip("10.1.0.10"), high: ip("10.1.200.250") }],
            network: { address: ip("10.0.0.0"), length: 8 },
            hosts: [host("circuit-id", utf8("eth0"), "10.1.0.12")],
          }),
        ],
      }),
      { offersPendingMax: 100, linksRememberedMax: 10 },
    );
    let answers = 0;
    for (let i = 0; i < 30_000; i += 1) {
      const bytes = mutate(seeds[below(seeds.length)]!, seeds[below(seeds.length)]!, below);
      const arrival = [relayed, attached, { instance, sourceAddress: "10.1.0.9", sourcePort: 68, unicast: true }][
        below(3)
      ]!;
      const output = world.datagram(bytes, arrival);
      if (answerOf(output) !== undefined) answers += 1;
      for (const probe of output.probes) {
        world.step({ kind: "probe-result", token: probe.token, inUse: below(20) === 0 });
      }
      if (below(50) === 0) world.pass(below(30));
    }
    expect(answers).toBeGreaterThan(3000);
    const { state } = world;
    expect(state.offers.size).toBeLessThanOrEqual(100);
    expect(state.servers.get(instance)!.links.size).toBeLessThanOrEqual(10);
    // Names of counters come from closed lists: what arrives cannot make more of them.
    const counters = state.counters.get(instance)!;
    expect(counters.drops.size + counters.notes.size + counters.received.size + counters.sent.size).toBeLessThan(60);
  });

  it("options in pieces, in sname and in file are read as one (RFC 3396 §7)", () => {
    const world = new World4();
    const bytes = request({
      type: MessageType4.DHCPDISCOVER,
      giaddr: "10.1.0.1",
      options: [{ code: 52, data: Uint8Array.of(3) }],
    });
    bytes.set([...encodeOptions4([{ code: 61, data: utf8("cli") }]), 255], 108);
    bytes.set([...encodeOptions4([{ code: 61, data: utf8("ent") }]), 255], 44);
    expect(answerOf(world.datagram(bytes))?.message.option(61)).toEqual(utf8("client"));
  });

  it("a flood of DISCOVERs of ever new clients ends at the pool, and time frees it", () => {
    const world = new World4();
    for (let mac = 1; mac <= 1000; mac += 1) world.send({ type: MessageType4.DHCPDISCOVER, mac, giaddr: "10.1.0.1" });
    expect(world.pool()).toMatchObject({ offered: 10, free: 0 });
    expect(world.counter("drops", "pool exhausted")).toBe(990);
    expect(world.table.size).toBe(0);
    world.pass(61);
    expect(world.pool()).toMatchObject({ offered: 0, free: 10 });
  });
});
