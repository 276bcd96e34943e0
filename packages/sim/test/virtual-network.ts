import { BindingTable } from "@leasewire/bindings";
import { type LocalServerConfiguration, localServerConfigurations, parseConfiguration } from "@leasewire/config";
import {
  createServer4,
  createServer6,
  nextServerDeadlineMs4,
  nextServerDeadlineMs6,
  type RandomSource,
  randomFraction,
  type Server4State,
  type Server6State,
  type ServerOutput,
  seededRandom,
  step4,
  step6,
} from "@leasewire/engines";
import type { InstanceName } from "@leasewire/net";
import {
  createLabNetwork,
  heldLeases,
  type LabDatagram,
  type LabInput,
  type LabNetwork,
  type LabOutput,
  labStatements,
  nextLabDeadlineMs,
  stepLabNetwork,
} from "../src/index.ts";
import { labPlaces } from "./places.ts";
import { VirtualRelays } from "./virtual-relays.ts";

/** 2026-01-01 00:00 UTC: where virtual time begins, ms. */
const startMs = 1_767_225_600_000;
const instance: InstanceName = "core:default";
const loopback = { 4: "127.0.0.1", 6: "::1" } as const;

/** What happens to a datagram on each of its ways; parts of 1. */
export interface Weather {
  readonly loss: number;
  readonly duplication: number;
  /** Each copy takes as long as it likes up to this, so that they overtake each other. */
  readonly delayMsMax: number;
}

export const calm: Weather = { loss: 0, duplication: 0, delayMsMax: 0 };

export interface VirtualNetworkOptions {
  readonly seed: number;
  readonly weather: Weather;
  readonly households?: number;
}

/**
 * The lab's households, relay agents and servers as the lab's configuration has them: the real engines of both families,
 * with nothing between them but weather; in virtual time.
 */
export class VirtualNetwork {
  /** Of the servers and of the relay agents, as on a node. */
  readonly tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
  readonly lab: LabNetwork;
  readonly relays: VirtualRelays;
  now = startMs;
  weather: Weather;
  /** Calls back for every step of the lab. */
  watch: (output: LabOutput) => void = () => {};
  drops = 0;
  readonly #random: RandomSource;
  readonly #servers: readonly LocalServerConfiguration[];
  #engine4!: Server4State;
  #engine6!: Server6State;
  readonly #underway: { readonly dueMs: number; readonly arrive: () => void }[] = [];

  constructor({ seed, weather, households }: VirtualNetworkOptions) {
    this.#random = seededRandom(seed);
    this.weather = weather;
    const tree = labTree();
    this.#servers = localServerConfigurations(tree).map((server) =>
      server.family === 6 ? { ...server, duid: Uint8Array.of(0, 3, 0, 1, 2, 0x4c, 0x57, 0, 0, 1) } : server,
    );
    this.lab = createLabNetwork({ random: this.#random, now: this.now, households });
    this.relays = new VirtualRelays({
      tree,
      tables: this.tables,
      random: this.#random,
      now: () => this.now,
      toServer: (family, sourcePort, bytes) => this.#send(() => this.#toServer(family, sourcePort, bytes)),
      toClients: (datagram) => this.#send(() => this.lives({ kind: "datagram", ...datagram })),
    });
    this.restartServer();
  }

  /** What was offered is forgotten, what was leased is not. */
  restartServer(): void {
    this.#engine4 = createServer4({ table: this.tables[4], random: this.#random });
    this.#engine6 = createServer6({ table: this.tables[6], random: this.#random });
    for (const family of [4, 6] as const) {
      const servers = this.#servers.filter((server) => server.family === family);
      this.#served(step(this, family, { kind: "configuration", servers }), family);
    }
  }

  lives(input: LabInput = { kind: "deadline" }): void {
    const output = stepLabNetwork(this.lab, input, this.now);
    this.drops += output.drops;
    for (const datagram of output.sends) this.#send(() => this.#toRelay(datagram));
    this.watch(output);
  }

  /** Until that many seconds later, or until `enough`; true in that case. */
  pass(seconds: number, enough: () => boolean = () => false): boolean {
    const untilMs = this.now + seconds * 1000;
    for (;;) {
      if (enough()) return true;
      const next = this.#nextMs();
      if (next > untilMs) break;
      this.now = Math.max(this.now, next);
      this.#happen();
    }
    this.now = untilMs;
    return enough();
  }

  step4 = (input: Parameters<typeof step4>[1]) => step4(this.#engine4, input, this.now);
  step6 = (input: Parameters<typeof step6>[1]) => step6(this.#engine6, input, this.now);

  /** Who holds what: text of the address or prefix, and names of clients. */
  holders(): Map<string, string[]> {
    const holders = new Map<string, string[]>();
    for (const [device, leases] of heldLeases(this.lab)) {
      const name = `${device.household.name}/${device.client.family}/${device.household.clients.indexOf(device.client)}`;
      for (const lease of leases) holders.set(lease, [...(holders.get(lease) ?? []), name]);
    }
    return holders;
  }

  #nextMs(): number {
    let next = Math.min(
      nextLabDeadlineMs(this.lab),
      nextServerDeadlineMs4(this.#engine4) ?? Number.POSITIVE_INFINITY,
      nextServerDeadlineMs6(this.#engine6) ?? Number.POSITIVE_INFINITY,
      this.relays.nextDeadlineMs(),
      // Leases run out by the second.
      (Math.floor(this.now / 1000) + 1) * 1000,
    );
    for (const { dueMs } of this.#underway) if (dueMs < next) next = dueMs;
    return next;
  }

  #happen(): void {
    const seconds = Math.floor(this.now / 1000);
    for (const table of [this.tables[4], this.tables[6]]) while (!table.expire(seconds, 1000).done);
    for (const family of [4, 6] as const) this.#served(step(this, family, { kind: "deadline" }), family);
    this.relays.deadline();
    for (;;) {
      const due = this.#underway.findIndex(({ dueMs }) => dueMs <= this.now);
      if (due < 0) break;
      this.#underway.splice(due, 1)[0]!.arrive();
    }
    this.lives();
  }

  #send(arrive: () => void): void {
    const { loss, duplication, delayMsMax } = this.weather;
    const below = (part: number) => randomFraction(this.#random) < part;
    const copies = below(loss) ? 0 : below(duplication) ? 2 : 1;
    for (let i = 0; i < copies; i += 1) {
      this.#underway.push({ dueMs: this.now + randomFraction(this.#random) * delayMsMax, arrive });
    }
  }

  #toRelay(datagram: LabDatagram): void {
    this.relays.fromClient(datagram);
  }

  #toServer(family: 4 | 6, sourcePort: number, bytes: Uint8Array): void {
    const sourceAddress = loopback[family];
    const arrival = { instance, sourceAddress, sourcePort, localAddress: sourceAddress };
    this.#served(step(this, family, { kind: "datagram", arrival, bytes }), family);
  }

  #served(output: ServerOutput, family: 4 | 6): void {
    for (const { binding, cause } of output.changes) {
      const result = this.tables[family].put(binding, cause, Math.floor(this.now / 1000));
      if (result.outcome === "refused") throw new Error(result.refusal.message);
    }
    if (output.probes.length > 0) throw new Error("the lab's server does not probe");
    for (const { bytes, to } of output.sends) {
      if (to.kind !== "unicast") throw new Error("an answer that passes the relay agents by");
      const { port } = to;
      const copy = bytes.slice();
      this.#send(() => this.relays.fromServer(family, port, copy));
    }
  }
}

function step(
  network: VirtualNetwork,
  family: 4 | 6,
  input: Parameters<VirtualNetwork["step4"]>[0] & Parameters<VirtualNetwork["step6"]>[0],
): ServerOutput {
  return family === 4 ? network.step4(input) : network.step6(input);
}

function labTree() {
  const { tree, findings } = parseConfiguration(labStatements(labPlaces).join("\n"));
  if (findings.length > 0) throw new Error(findings[0]!.message);
  return tree;
}
