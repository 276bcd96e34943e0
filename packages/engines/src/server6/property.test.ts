import { BindingState } from "@leasewire/bindings";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asRequested,
  client,
  configuration,
  type Heard,
  heard,
  LINK,
  type MessageName,
  message,
  pool,
  prefix,
  range,
  type World6,
  world6,
  wrapped,
} from "../../test/server6-world.ts";
import { rangeAt, readAddress } from "./pools.ts";
import { poolStatistics6 } from "./statistics.ts";
import { newWords } from "./words.ts";

/** As many clients as leases, so that they run out, and short ones, so that they end. */
const POOLS = [
  pool("na", "2001:db8:1::/64", {
    ranges: [range("2001:db8:1::10", "2001:db8:1::15"), range("2001:db8:1::20", "2001:db8:1::21")],
    excluded: [{ low: range("2001:db8:1::13", "::").low, high: range("2001:db8:1::13", "::").low }],
    hosts: [{ name: "h", key: { kind: "duid", value: client(3) }, address: range("2001:db8:1::12", "::").low }],
    preferredLifetimeSeconds: 60,
    validLifetimeSeconds: 100,
  }),
  pool("pd", "2001:db8:a000::/48", {
    ranges: [range("2001:db8:a000::", "2001:db8:a000:400::", 56)],
    linkAddresses: [prefix("2001:db8:1::/64")],
    preferredLifetimeSeconds: 60,
    validLifetimeSeconds: 100,
  }),
];

type Action =
  | {
      readonly kind: "solicit" | "renew" | "rebind" | "release" | "decline";
      readonly client: number;
      readonly fate: number;
    }
  | { readonly kind: "deliver"; readonly which: number; readonly lost: boolean; readonly again: boolean }
  | { readonly kind: "pass"; readonly seconds: number }
  | { readonly kind: "restart" | "configure" };

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("solicit" as const), client: fc.nat(9), fate: fc.nat(9) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("renew" as const, "rebind" as const, "release" as const, "decline" as const),
      client: fc.nat(9),
      fate: fc.nat(9),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("deliver" as const),
      which: fc.nat(50),
      lost: fc.boolean(),
      again: fc.boolean(),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds: fc.constantFrom(1, 5, 30, 61, 101) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("restart" as const, "configure" as const) }) },
);

/** What a client believes to hold: until when, by lease. */
type Beliefs = Map<string, { until: number; ia: string }>;

class Clients {
  readonly world: World6 = world6(configuration({ pools: POOLS, rapidCommit: true }), {
    limits: { declinedRetentionSeconds: 150 },
  });
  /** On the wire to the server. */
  pending: { client: number; bytes: Uint8Array; ending: boolean; epoch: number }[] = [];
  readonly beliefs: Beliefs[] = Array.from({ length: 10 }, () => new Map());
  /** Raised by RELEASE and DECLINE: the answer to a message of before is not heard any more. */
  readonly epochs: number[] = new Array(10).fill(0);
  granted = 0;

  act(action: Action): void {
    const { world } = this;
    switch (action.kind) {
      case "solicit":
        this.#send(action.client, "SOLICIT", ["na 1", "pd 1"], action.fate % 3 === 0);
        break;
      case "renew":
      case "rebind":
        this.#send(action.client, action.kind === "renew" ? "RENEW" : "REBIND", this.#held(action.client));
        break;
      case "release":
      case "decline": {
        const held = this.#held(action.client);
        // The client stops using them with the message, whether or not it arrives.
        this.beliefs[action.client]!.clear();
        this.epochs[action.client]! += 1;
        this.#send(action.client, action.kind === "release" ? "RELEASE" : "DECLINE", held);
        break;
      }
      case "deliver": {
        if (this.pending.length === 0) return;
        const at = action.which % this.pending.length;
        const { client: who, bytes, ending, epoch } = this.pending[at]!;
        if (!action.again || ending) this.pending.splice(at, 1);
        if (action.lost) return;
        const told = heard(world.step({ kind: "datagram", arrival: ARRIVAL, bytes }));
        // Half of the replies get lost.
        if (action.which % 2 === 0) this.#hear(who, told, epoch);
        return;
      }
      case "pass":
        world.pass(action.seconds);
        break;
      case "restart":
        world.restart();
        break;
      case "configure":
        // Pools that differ are made anew.
        this.#configured += 1;
        world.configure(configuration({ pools: this.#pools(), rapidCommit: true }));
        break;
    }
  }

  #configured = 0;
  #pools() {
    const options = this.#configured % 3 === 0 ? [] : [{ code: 23, data: new Uint8Array(16) }];
    return POOLS.map((one) => ({ ...one, options }));
  }

  #held(who: number): string[] {
    const ias = new Map<string, string[]>();
    for (const [lease, { ia, until }] of this.beliefs[who]!) {
      if (until > this.world.now) ias.set(ia, [...(ias.get(ia) ?? []), lease]);
    }
    return [...ias].map(([ia, leases]) => [ia, ...leases].join(" "));
  }

  #send(who: number, name: MessageName, ias: readonly string[], rapid = false): void {
    if (ias.length === 0) return;
    // A RELEASE that arrives after its client got the lease again ends it: no server can tell.
    this.pending = this.pending.filter((other) => other.client !== who || !other.ending);
    const ending = name === "RELEASE" || name === "DECLINE";
    const options = rapid ? [{ code: 14, data: new Uint8Array(0) }] : [];
    const bytes = wrapped(message(name, { duid: client(who), ias, options }), { relays: [{ link: LINK }] });
    this.pending.push({ client: who, bytes, ending, epoch: this.epochs[who]! });
    if (this.pending.length > 40) this.pending.shift();
  }

  #hear(who: number, told: Heard, epoch: number): void {
    if (told.said === "ADVERTISE") {
      const wanted = told.ias.filter((text) => text.includes("(")).map(asRequested);
      if (epoch === this.epochs[who]) this.#send(who, "REQUEST", wanted);
      return;
    }
    if (told.said !== "REPLY" || epoch !== this.epochs[who]) return;
    for (const text of told.ias) {
      const [ia, rest] = text.split(": ") as [string, string];
      for (const [, lease, , valid] of rest.matchAll(/(\S+) \((\d+)\/(\d+)\)/g)) {
        if (Number(valid) === 0) this.beliefs[who]!.delete(lease!);
        else {
          this.granted += 1;
          this.beliefs[who]!.set(lease!, { until: this.world.now + Number(valid) * 1000, ia });
        }
      }
    }
  }

  /** Leases that two clients believe to hold. */
  shared(): string[] {
    const holders = new Map<string, number>();
    const twice: string[] = [];
    this.beliefs.forEach((beliefs, who) => {
      for (const [lease, { until }] of beliefs) {
        if (until <= this.world.now) continue;
        const other = holders.get(lease);
        if (other !== undefined && other !== who) twice.push(`${lease}: ${other} and ${who}`);
        holders.set(lease, who);
      }
    });
    return twice;
  }
}

const ARRIVAL = { instance: "default:default", sourceAddress: "2001:db8:ffff::1", sourcePort: 547 } as const;

/** Pool counters by counting rows and offers. */
function counted(world: World6): Record<string, { active: number; declined: number; offered: number }> {
  const counts: Record<string, { active: number; declined: number; offered: number }> = {};
  const server = [...world.state.servers.values()][0]!;
  for (const { configuration: one } of server.pools) counts[one.name] = { active: 0, declined: 0, offered: 0 };
  const words = newWords();
  for (let row = 1; row <= world.table.rowLast; row += 1) {
    const binding = world.table.at(row);
    if (binding === undefined) continue;
    const ranges = binding.prefixLength === 128 ? server.addressRanges : server.prefixRanges;
    const name = rangeAt(ranges, readAddress(binding.address, words))?.pool.configuration.name;
    if (name === undefined) continue;
    if (binding.state === BindingState.ACTIVE) counts[name]!.active += 1;
    if (binding.state === BindingState.ABANDONED) counts[name]!.declined += 1;
  }
  for (const { range: within } of [...server.offersByClient.values()].flat()) {
    if (within !== undefined) counts[within.pool.configuration.name]!.offered += 1;
  }
  return counts;
}

describe("random clients over a network that loses, doubles and reorders", () => {
  test("no lease is held by two clients, and pool counters equal counting", () => {
    let granted = 0;
    fc.assert(
      fc.property(fc.array(action, { minLength: 100, maxLength: 250 }), (actions) => {
        const clients = new Clients();
        for (const one of actions) {
          clients.act(one);
          expect(clients.shared()).toEqual([]);
          const counts = counted(clients.world);
          for (const view of poolStatistics6(clients.world.state)) {
            const { name, total, active, declined, offered, reserved, free } = view;
            expect({ name, active, declined, offered }).toEqual({ name, ...counts[name] });
            expect(active + declined + offered + reserved + free).toBe(total);
            expect(total).toBe(name === "na" ? 7 : 5);
          }
        }
        granted += clients.granted;
      }),
      { numRuns: 60, seed: 7 },
    );
    expect(granted).toBeGreaterThan(500);
  });
});
