import type { BindingInput, BindingTable } from "@leasewire/bindings";
import { expect, test } from "vitest";
import {
  ACTIVE,
  NOW_SECONDS,
  RELAY4,
  RELAY6,
  RecoveryWorld,
  ResponderWorld,
  type ServerPeer,
} from "../../../test/recovery-world.ts";
import { lease4, lease6, prefix6 } from "../../../test/responder-world.ts";
import { type RandomSource, seededRandom } from "../../random.ts";
import type { BaseTime } from "./messages.ts";

/**
 * Worlds in which everything goes wrong that can: connections break at any octet, servers restart, relays fall over and come
 * back with what was stored, or empty; clocks are hours apart. In the end the relay holds what the server holds.
 *
 * More of them, or one again: `CONVERGENCE_SEEDS=5000` or `CONVERGENCE_SEED=1234 vitest run …/convergence.test.ts`.
 */
const seedOf = process.env.CONVERGENCE_SEED;
const seeds =
  seedOf !== undefined
    ? [Number(seedOf)]
    : Array.from({ length: Number(process.env.CONVERGENCE_SEEDS ?? 30) }, (_, i) => i + 1);

test.each([4, 6] as const)(
  "DHCPv%i: the relay's view becomes the server's, whatever happens",
  { timeout: 600_000 },
  (family) => {
    for (const seed of seeds) {
      try {
        live(family, seed);
      } catch (error) {
        throw new Error(`seed ${seed} (CONVERGENCE_SEED=${seed} replays it): ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  },
);

const HOSTS = 24;

// Connections that break before the first answer look like a server without active leasequery.
const LIMITS = { activeRefusalsMax: 1000 };

class Life {
  readonly random: RandomSource;
  readonly family: 4 | 6;
  readonly address: string;
  readonly skew: number;
  world: RecoveryWorld;
  peer: ServerPeer;
  /** Seconds since the beginning. */
  age = 0;
  baseTimes: BaseTime[] = [];
  durable = 0;

  constructor(family: 4 | 6, seed: number) {
    this.random = seededRandom(seed);
    this.family = family;
    this.address = family === 4 ? "192.0.2.1" : "2001:db8::1";
    this.skew = [0, 0, 7200, -7200, 36_000][this.upTo(5)]!;
    this.world = this.#relay(seed);
    this.peer = this.world.serve(this.address, new ResponderWorld(), this.skew);
    this.world.restored();
  }

  upTo(limit: number): number {
    return this.random.uint32() % limit;
  }

  #relay(seed: number): RecoveryWorld {
    const world = new RecoveryWorld([{ ...(this.family === 4 ? RELAY4 : RELAY6), active: ACTIVE }], LIMITS, seed);
    world.durableAtOnce = false;
    world.chunk = [0, 0, 1, 100, 5000][this.upTo(5)]!;
    return world;
  }

  /** A client comes, renews or goes. */
  change(): void {
    const { server } = this.peer;
    server.now = this.world.now + this.skew * 1000;
    const at = Math.floor(server.now / 1000);
    const host = 1 + this.upTo(HOSTS);
    const prefix = this.family === 6 && this.upTo(3) === 0;
    const state = [2, 2, 2, 2, 3, 4][this.upTo(6)]!;
    const more: Partial<BindingInput> = {
      state,
      startTimeOfStateSeconds: at,
      clientLastTransactionTimeSeconds: at,
      expiresAtSeconds: state === 2 ? at + 100_000 + this.upTo(1000) : 0,
      preferredUntilSeconds: state === 2 ? at + 90_000 : 0,
    };
    server.put(this.family === 4 ? lease4(host, more) : prefix ? prefix6(1, host, more) : lease6(1, host, more));
  }

  /** Something of what the relay has decided is stored. */
  store(all: boolean): void {
    const { sequence } = this.world.tables[this.family];
    if (sequence === this.durable) return;
    this.durable += all ? sequence - this.durable : 1 + this.upTo(sequence - this.durable);
    this.world.step({ kind: "durable", family: this.family, sequence: this.durable });
    this.#keepBaseTimes();
  }

  pass(seconds: number): void {
    this.age += seconds;
    this.world.pass(seconds);
  }

  breakConnections(): void {
    for (const link of this.world.peerLinks.values()) {
      const first = link.sent[0];
      // In the middle of what is on its way.
      if (first !== undefined) link.sent.splice(0, link.sent.length, first.slice(0, this.upTo(first.length)));
      link.end("the server broke the connection off");
    }
  }

  restartServer(): void {
    this.breakConnections();
    this.world.settle();
    const { tables } = this.peer.server;
    const again = new ResponderWorld();
    const configured = again.tables as { 4: BindingTable; 6: BindingTable };
    // The same bindings behind another engine: it knows nothing of the connections there were.
    copyTable(tables[this.family], configured[this.family], Number.MAX_SAFE_INTEGER);
    this.peer = this.world.serve(this.address, again, this.skew);
    this.#keepCutting();
  }

  /** The relay falls over: what was not stored is lost, or everything. */
  restartRelay(empty: boolean): void {
    const old = this.world;
    for (const link of old.peerLinks.values()) this.peer.closed(link);
    const world = this.#relay(this.random.uint32());
    world.now = old.now;
    if (empty) this.durable = 0;
    else {
      copyTable(old.tables[this.family], world.tables[this.family], this.durable);
      this.durable = world.tables[this.family].sequence;
    }
    this.world = world;
    world.peers.set(this.address, this.peer);
    world.step({ kind: "durable", family: this.family, sequence: this.durable });
    world.restored(this.baseTimes);
    this.#keepBaseTimes();
  }

  #keepBaseTimes(): void {
    const last = this.world.baseTimes.at(-1);
    if (last !== undefined) this.baseTimes = [last];
  }

  #keepCutting(): void {
    if (this.upTo(3) === 0) this.peer.cutAfter = 1 + this.upTo(4000);
  }

  /** ACTIVE leases, with when the client was heard, seconds since the beginning by our clock. */
  held(table: BindingTable, skew: number): Map<string, number> {
    const found = new Map<string, number>();
    for (let row = 1; row <= table.rowLast; row += 1) {
      const binding = table.at(row);
      if (binding === undefined || binding.state !== 2) continue;
      const address = `${Buffer.from(binding.address).toString("hex")}/${binding.prefixLength}`;
      found.set(address, binding.clientLastTransactionTimeSeconds - skew - NOW_SECONDS);
    }
    return found;
  }
}

function copyTable(from: BindingTable, to: BindingTable, upTo: number): void {
  const rows: number[] = [];
  for (let row = 1; row <= from.rowLast; row += 1) if (from.has(row) && from.sequenceOf(row) <= upTo) rows.push(row);
  rows.sort((a, b) => from.sequenceOf(a) - from.sequenceOf(b));
  for (const row of rows) {
    const binding = from.at(row)!;
    to.restore(binding, from.sequenceOf(row), binding.changedAtSeconds);
  }
}

function live(family: 4 | 6, seed: number): void {
  const life = new Life(family, seed);
  for (let i = 0; i < 8; i += 1) life.change();
  for (let step = 0; step < 60; step += 1) {
    switch (life.upTo(12)) {
      case 0:
        life.breakConnections();
        break;
      case 1:
        if (life.upTo(3) === 0) life.restartServer();
        break;
      case 2:
        if (life.upTo(3) === 0) life.restartRelay(life.upTo(3) === 0);
        break;
      case 3:
        life.pass(life.upTo(200));
        break;
      case 4:
        life.peer.cutAfter = 1 + life.upTo(3000);
        break;
      case 5:
      case 6:
        life.store(life.upTo(2) === 0);
        break;
      default:
        for (let i = life.upTo(4); i >= 0; i -= 1) life.change();
        life.world.settle();
    }
  }
  life.peer.cutAfter = undefined;
  life.store(true);
  // Reconnects back off to a minute; a gap is filled within five.
  life.pass(700);
  const relay = life.held(life.world.tables[family], 0);
  const server = life.held(life.peer.server.tables[family], life.skew);
  expect(life.world.stream(family).phase).toBe("Active");
  expect([...relay.keys()].sort()).toEqual([...server.keys()].sort());
  // A DHCPv6 message tells all leases of a client with the latest of their times (RFC 5007 §4.1.2.3).
  if (family === 6) return;
  // Whole seconds ago of two clocks, and what counts as equal.
  for (const [address, heard] of server) expect(Math.abs(heard - relay.get(address)!)).toBeLessThanOrEqual(3);
}
