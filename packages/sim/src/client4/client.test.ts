import { seededRandom } from "@leasewire/engines";
import { type Ipv4Address, ipv4ToBytes } from "@leasewire/net";
import { decodeMessage4, encodeMessage4, type Message4, MessageType4, messageTypeName4, Op4 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import type { ClientInput } from "../client.ts";
import { createClient4, stepClient4 } from "./client.ts";

const hardwareAddress = Uint8Array.of(2, 0, 0, 0, 0, 1);
const address = 0x0a00_0001 as Ipv4Address;
const server = 0xc000_0201 as Ipv4Address;
const uint32 = (value: number) => ipv4ToBytes(value);

interface Sent {
  readonly at: number;
  readonly type: string;
  readonly message: Message4;
  readonly unicast: boolean;
}

/** A client, what it sent and when, and answers by hand. */
class World {
  readonly client = createClient4({ hardwareAddress }, seededRandom(3));
  readonly sent: Sent[] = [];
  readonly events: string[] = [];
  now = 0;

  step(input: ClientInput<Message4>): void {
    const out = stepClient4(this.client, input, this.now);
    for (const { bytes, unicast } of out.sends) {
      const message = decoded(bytes);
      this.sent.push({ at: this.now / 1000, type: messageTypeName4(message.messageType!)!, message, unicast });
    }
    this.events.push(...out.events);
  }

  until(seconds: number): void {
    for (;;) {
      const { deadlineMs } = this.client;
      if (deadlineMs === null || deadlineMs > seconds * 1000) break;
      this.now = Math.max(this.now, deadlineMs);
      this.step({ kind: "deadline" });
    }
    this.now = seconds * 1000;
  }

  answer(type: MessageType4, more: { xid?: number; leaseSeconds?: number; op?: number; times?: boolean } = {}): void {
    const { xid = this.client.xid, leaseSeconds = 1000, op = Op4.BOOTREPLY, times = false } = more;
    const options = [
      { code: 53, data: Uint8Array.of(type) },
      { code: 54, data: uint32(server) },
    ];
    if (type !== MessageType4.DHCPNAK) options.push({ code: 51, data: uint32(leaseSeconds) });
    if (times) options.push({ code: 58, data: uint32(100) }, { code: 59, data: uint32(700) });
    const yiaddr = type === MessageType4.DHCPNAK ? 0 : address;
    this.step({ kind: "message", message: decoded(encodeMessage4({ op, xid, yiaddr, options })) });
  }

  bound(more: { leaseSeconds?: number; times?: boolean } = {}): this {
    this.step({ kind: "start" });
    this.answer(MessageType4.DHCPOFFER, more);
    this.answer(MessageType4.DHCPACK, more);
    return this;
  }
}

function decoded(bytes: Uint8Array): Message4 {
  const message = decodeMessage4(bytes);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

/** Seconds between transmissions, as RFC 2131 §4.1 has them before it adds or takes up to one. */
function expectWaits(sent: readonly Sent[], waits: readonly number[]): void {
  expect(sent).toHaveLength(waits.length + 1);
  waits.forEach((wait, i) => {
    const between = sent[i + 1]!.at - sent[i]!.at;
    expect(Math.abs(between - wait), `wait ${i}: ${between} s`).toBeLessThanOrEqual(1);
  });
}

describe("a DHCPv4 client", () => {
  test("asks again after 4, 8, 16, 32 and then every 64 seconds, in one transaction", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.until(320);
    expectWaits(world.sent, [4, 8, 16, 32, 64, 64, 64, 64]);
    expect(new Set(world.sent.map(({ message }) => message.xid)).size).toBe(1);
    expect(world.sent.map(({ message }) => message.secs)).toEqual(world.sent.map(({ at }) => Math.floor(at)));
  });

  test("gives a silent server up after a minute and begins anew", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.answer(MessageType4.DHCPOFFER);
    world.until(66);
    const requests = world.sent.filter(({ type }) => type === "DHCPREQUEST");
    expectWaits(requests, [4, 8, 16]);
    expect(requests.map(({ message }) => message.secs)).toEqual([0, 0, 0, 0]);
    expect(requests[0]!.message.option(50)).toEqual(uint32(address));
    expect(requests[0]!.message.option(54)).toEqual(uint32(server));
    expect(world.sent.map(({ type }) => type).slice(5)).toContain("DHCPDISCOVER");
    expect(world.sent.at(-1)!.message.xid).not.toBe(requests[0]!.message.xid);
  });

  test("turns to its server at T1, to any at T2, and loses the lease at its end", () => {
    const world = new World().bound();
    world.until(1000);
    const later = world.sent.slice(2);
    // Half of what is left until T2 or the end, and never less than a minute (RFC 2131 §4.4.5).
    expect(later.map(({ at, type, unicast }) => [Math.round(at), type, unicast])).toEqual([
      [500, "DHCPREQUEST", true],
      [688, "DHCPREQUEST", true],
      [781, "DHCPREQUEST", true],
      [841, "DHCPREQUEST", true],
      [875, "DHCPREQUEST", false],
      [938, "DHCPREQUEST", false],
      [998, "DHCPREQUEST", false],
      [1000, "DHCPDISCOVER", false],
    ]);
    for (const { message, type } of later.slice(0, -1)) {
      expect([type, message.ciaddr, message.option(50), message.option(54)]).toEqual([
        "DHCPREQUEST",
        address,
        undefined,
        undefined,
      ]);
    }
    expect(world.events).toEqual(["bound", "lost"]);
  });

  test("heeds T1 and T2 of the server, and counts a lease from when it asked", () => {
    const world = new World().bound({ times: true });
    world.until(99);
    expect(world.sent).toHaveLength(2);
    world.until(160);
    world.answer(MessageType4.DHCPACK, { times: true });
    expect(world.client.lease).toMatchObject({ renewMs: 200_000, rebindMs: 800_000, endMs: 1_100_000 });
    expect(world.events).toEqual(["bound", "renewed"]);
  });

  test("a lease without end is never renewed", () => {
    const world = new World().bound({ leaseSeconds: 0xffff_ffff });
    world.until(10_000_000);
    expect([world.sent.length, world.client.phase]).toEqual([2, "bound"]);
  });

  test("refused, it begins anew within ten seconds and no sooner than after one", () => {
    const world = new World().bound();
    world.until(501);
    world.answer(MessageType4.DHCPNAK);
    expect([world.client.phase, world.client.lease, world.events]).toEqual(["init", null, ["bound", "lost"]]);
    world.until(502);
    expect(world.sent).toHaveLength(3);
    world.until(511);
    expect(world.sent[3]).toMatchObject({ type: "DHCPDISCOVER" });
  });

  test("a release is said once, by unicast, and tells no more than who it is", () => {
    const world = new World().bound();
    world.step({ kind: "release" });
    world.until(1000);
    expect(world.sent.slice(2)).toMatchObject([{ type: "DHCPRELEASE", unicast: true }]);
    const { message } = world.sent[2]!;
    expect([message.ciaddr, message.option(54), message.option(55)]).toEqual([address, uint32(server), undefined]);
    expect(world.events).toEqual(["bound", "released"]);
  });

  test("heeds nothing of another transaction, no request, and nothing it did not ask for", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.answer(MessageType4.DHCPACK);
    world.answer(MessageType4.DHCPNAK);
    world.answer(MessageType4.DHCPOFFER, { xid: 1 });
    world.answer(MessageType4.DHCPOFFER, { op: Op4.BOOTREQUEST });
    expect(world.client.phase).toBe("selecting");
    world.answer(MessageType4.DHCPOFFER);
    world.answer(MessageType4.DHCPOFFER);
    expect(world.client.phase).toBe("requesting");
    world.answer(MessageType4.DHCPACK);
    world.answer(MessageType4.DHCPNAK);
    expect([world.client.phase, world.events]).toEqual(["bound", ["bound"]]);
  });
});
