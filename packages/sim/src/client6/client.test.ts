import { seededRandom } from "@leasewire/engines";
import { type Ipv6Address, parseIpv6 } from "@leasewire/net";
import {
  decodeMessage6,
  encodeMessage6,
  iaAddress,
  iaPrefix,
  identityAssociation,
  type Message6,
  MessageType6,
  messageTypeName6,
  type Option6,
  OptionCode6,
  StatusCode6,
  status6,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import type { ClientInput } from "../client.ts";
import { createClient6, stepClient6 } from "./client.ts";

const duid = Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 1);
const servers = [Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 9, 1), Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 9, 2)];
const status = (code: number) => ({ code: 13, data: status6.encode({ code, text: new Uint8Array(0) }) });

function ipv6(text: string): Ipv6Address {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

interface Given {
  readonly server?: number;
  readonly options?: readonly Option6[];
  readonly validSeconds?: number;
  readonly prefix?: boolean;
  readonly naStatus?: number;
  readonly t1Seconds?: number;
  readonly t2Seconds?: number;
  readonly transactionId?: number;
}

class World {
  readonly client = createClient6(
    {
      duid,
      associations: [
        { kind: "address", iaid: 1 },
        { kind: "prefix", iaid: 1 },
      ],
    },
    seededRandom(5),
  );
  readonly sent: { readonly at: number; readonly type: string; readonly message: Message6 }[] = [];
  readonly events: string[] = [];
  now = 0;

  step(input: ClientInput<Message6>): void {
    const out = stepClient6(this.client, input, this.now);
    for (const { bytes } of out.sends) {
      const message = decoded(bytes);
      this.sent.push({ at: this.now / 1000, type: messageTypeName6(message.messageType)!, message });
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

  get types(): string[] {
    return this.sent.map(({ type }) => type);
  }

  answer(messageType: MessageType6, given: Given = {}): void {
    const { server = 0, options = [], validSeconds = 1000, prefix = true, naStatus, transactionId } = given;
    const times = { t1Seconds: given.t1Seconds ?? 0, t2Seconds: given.t2Seconds ?? 0 };
    const lifetimes = { preferredLifetimeSeconds: validSeconds, validLifetimeSeconds: validSeconds, options: [] };
    const address = {
      code: OptionCode6.IAADDR,
      data: iaAddress.encode({ address: ipv6("2001:db8::7"), ...lifetimes }),
    };
    const delegated = iaPrefix.encode({ prefix: ipv6("2001:db8:100::"), prefixLength: 56, ...lifetimes });
    const association = (code: number, inside: readonly Option6[]) => ({
      code,
      data: identityAssociation.encode({ iaid: 1, ...times, options: inside }),
    });
    const all = [
      { code: OptionCode6.CLIENTID, data: duid },
      { code: OptionCode6.SERVERID, data: servers[server]! },
      association(OptionCode6.IA_NA, naStatus === undefined ? [address] : [status(naStatus)]),
      ...(prefix ? [association(OptionCode6.IA_PD, [{ code: OptionCode6.IAPREFIX, data: delegated }])] : []),
      ...options,
    ];
    const id = transactionId ?? this.client.exchange?.transactionId ?? 0;
    this.step({ kind: "message", message: decoded(encodeMessage6({ messageType, transactionId: id, options: all })) });
  }

  /** Bound since `now`. */
  bound(given: Given = {}): this {
    this.step({ kind: "start" });
    this.until(1);
    this.answer(MessageType6.ADVERTISE, { options: [{ code: OptionCode6.PREFERENCE, data: Uint8Array.of(255) }] });
    this.answer(MessageType6.REPLY, given);
    expect(this.client.phase).toBe("bound");
    return this;
  }
}

function decoded(bytes: Uint8Array): Message6 {
  const message = decodeMessage6(bytes);
  if (!message.ok || message.value.kind !== "message") throw new Error("no message of a client");
  return message.value;
}

/** Each wait is about twice the one before, no more than a tenth of that off, and at most `max` (RFC 9915 §15). */
function expectWaits(at: readonly number[], initial: number, max: number): void {
  let before = initial / 2;
  for (let i = 1; i < at.length; i += 1) {
    const wait = at[i]! - at[i - 1]!;
    const expected = Math.min(2 * before, max);
    expect(Math.abs(wait - expected), `wait ${i}: ${wait} s after ${before} s`).toBeLessThanOrEqual(expected / 10);
    before = wait;
  }
}

describe("a DHCPv6 client", () => {
  test("waits less than a second, then repeats SOLICIT ever more slowly", () => {
    const world = new World();
    world.step({ kind: "start" });
    expect(world.sent).toEqual([]);
    world.until(20_000);
    expect(new Set(world.types)).toEqual(new Set(["SOLICIT"]));
    const at = world.sent.map((one) => one.at);
    expect(at[0]).toBeLessThan(1);
    // The first wait is longer than SOL_TIMEOUT (§18.2.1).
    expect(at[1]! - at[0]!).toBeGreaterThan(1);
    expectWaits(at, 1, 3600);
    const elapsed = world.sent.map(({ message }) => message.option(OptionCode6.ELAPSED_TIME)!);
    expect(elapsed[0]).toEqual(Uint8Array.of(0, 0));
    expect(elapsed.at(-1)).toEqual(Uint8Array.of(255, 255));
    expect(new Set(world.sent.map(({ message }) => message.transactionId)).size).toBe(1);
  });

  test("heeds SOL_MAX_RT, even in an answer that gives nothing", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.until(1);
    const refusing = { naStatus: StatusCode6.NoAddrsAvail, prefix: false };
    world.answer(MessageType6.ADVERTISE, {
      ...refusing,
      options: [{ code: OptionCode6.SOL_MAX_RT, data: Uint8Array.of(0, 0, 0, 59) }],
    });
    expect(world.client.solicitRetryMsMax).toBe(3_600_000);
    world.answer(MessageType6.ADVERTISE, {
      ...refusing,
      options: [{ code: OptionCode6.SOL_MAX_RT, data: Uint8Array.of(0, 0, 0, 120) }],
    });
    expect(world.client).toMatchObject({ solicitRetryMsMax: 120_000, phase: "soliciting" });
  });

  test("collects advertisements for the first wait and takes the best; after it the first one", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.until(1);
    const preference = (value: number) => [{ code: OptionCode6.PREFERENCE, data: Uint8Array.of(value) }];
    world.answer(MessageType6.ADVERTISE, { server: 0, options: preference(7) });
    world.answer(MessageType6.ADVERTISE, { server: 1, options: preference(9) });
    expect(world.client.phase).toBe("soliciting");
    world.until(2.2);
    expect(world.types).toEqual(["SOLICIT", "REQUEST"]);
    expect(world.sent[1]!.message.option(OptionCode6.SERVERID)).toEqual(servers[1]);

    const late = new World();
    late.step({ kind: "start" });
    late.until(3);
    late.answer(MessageType6.ADVERTISE);
    expect(late.types).toEqual(["SOLICIT", "SOLICIT", "REQUEST"]);
  });

  test("gives a silent server up after ten REQUESTs", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.until(1);
    world.answer(MessageType6.ADVERTISE, { options: [{ code: OptionCode6.PREFERENCE, data: Uint8Array.of(255) }] });
    world.until(300);
    const requests = world.sent.filter(({ type }) => type === "REQUEST");
    expect(requests).toHaveLength(10);
    expectWaits(
      requests.map(({ at }) => at),
      1,
      30,
    );
    expect(world.types.at(-1)).toBe("SOLICIT");
  });

  test("renews at T1, rebinds at T2, loses all when the last lifetime is over", () => {
    const world = new World().bound({ t1Seconds: 500, t2Seconds: 800 });
    world.until(1001);
    const later = world.sent.slice(2);
    const renews = later.filter(({ type }) => type === "RENEW").map(({ at }) => at);
    const rebinds = later.filter(({ type }) => type === "REBIND").map(({ at }) => at);
    expect([renews[0], rebinds[0]]).toEqual([501, 801]);
    expectWaits(renews, 10, 600);
    expectWaits(rebinds, 10, 600);
    expect(renews.at(-1)).toBeLessThan(801);
    const message = (type: string) => later.find((one) => one.type === type)!.message;
    expect(message("RENEW").option(OptionCode6.SERVERID)).toEqual(servers[0]);
    expect(message("REBIND").option(OptionCode6.SERVERID)).toBeUndefined();
    expect(world.types.at(-1)).toBe("SOLICIT");
    expect(later.at(-1)!.at).toBe(1001);
    expect(world.events).toEqual(["bound", "lost"]);
  });

  test("without T1 and T2 of the server: half and four fifths of the preferred lifetime, from when it asked", () => {
    const world = new World().bound();
    expect(world.client).toMatchObject({ renewMs: 501_000, rebindMs: 801_000 });
    world.until(520);
    world.answer(MessageType6.REPLY, { t1Seconds: 100, t2Seconds: 200 });
    expect(world.client).toMatchObject({ renewMs: 601_000, rebindMs: 701_000 });
    expect(world.client.leases.map(({ endMs }) => endMs)).toEqual([1_501_000, 1_501_000]);
    expect(world.events).toEqual(["bound", "renewed"]);
  });

  test("a lifetime of zero ends a lease, an infinite one lasts", () => {
    const world = new World().bound({ validSeconds: 0xffff_ffff });
    world.until(10_000_000);
    expect([world.sent.length, world.client.phase]).toEqual([2, "bound"]);

    const ended = new World().bound();
    ended.until(502);
    ended.answer(MessageType6.REPLY, { validSeconds: 0 });
    expect([ended.client.leases, ended.client.phase, ended.events]).toEqual([[], "waiting", ["bound", "lost"]]);
  });

  test("a server that does not know the lease is asked for it anew", () => {
    const world = new World().bound();
    world.until(502);
    world.answer(MessageType6.REPLY, { naStatus: StatusCode6.NoBinding, prefix: false });
    expect([world.client.phase, world.types.at(-1)]).toEqual(["requesting", "REQUEST"]);
    world.answer(MessageType6.REPLY);
    expect(world.events).toEqual(["bound", "lost", "bound"]);
  });

  test("an unspecified failure is no answer", () => {
    const world = new World().bound();
    world.until(502);
    world.answer(MessageType6.REPLY, { options: [status(StatusCode6.UnspecFail)] });
    expect(world.client.phase).toBe("renewing");
    world.until(515);
    expect(world.types.slice(2)).toEqual(["RENEW", "RENEW"]);
  });

  test("stops using its leases with the first RELEASE, and says it four times at most", () => {
    const world = new World().bound();
    world.step({ kind: "release" });
    expect([world.client.leases, world.events]).toEqual([[], ["bound", "released"]]);
    world.until(100);
    const releases = world.sent.filter(({ type }) => type === "RELEASE");
    expect(releases).toHaveLength(4);
    expectWaits(
      releases.map(({ at }) => at),
      1,
      Number.POSITIVE_INFINITY,
    );
    const { message } = releases[0]!;
    expect([message.option(OptionCode6.ORO), message.option(OptionCode6.SERVERID)]).toEqual([undefined, servers[0]]);
    const inside = identityAssociation.decode(message.option(OptionCode6.IA_PD)!);
    expect(inside.ok && inside.value.options.map(({ code }) => code)).toEqual([OptionCode6.IAPREFIX]);
    expect(world.client.phase).toBe("off");

    const answered = new World().bound();
    answered.step({ kind: "release" });
    answered.answer(MessageType6.REPLY, { naStatus: StatusCode6.NoBinding, prefix: false });
    expect(answered.client.phase).toBe("off");
  });

  test("heeds nothing of another transaction or client", () => {
    const world = new World();
    world.step({ kind: "start" });
    world.until(1);
    world.answer(MessageType6.REPLY);
    world.answer(MessageType6.ADVERTISE, { transactionId: 0x00ff_ffff });
    expect([world.client.phase, world.client.advertised]).toEqual(["soliciting", null]);
  });
});
