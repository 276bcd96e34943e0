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
import type { InstanceName, Ipv4Address } from "@leasewire/net";
import {
  createLabNetwork,
  heldLeases,
  LAB_GATEWAYS,
  type LabDatagram,
  type LabInput,
  type LabNetwork,
  type LabOutput,
  labServerStatements,
  nextLabDeadlineMs,
  stepLabNetwork,
} from "../src/index.ts";

/** 2026-01-01 00:00 UTC: where virtual time begins, ms. */
const startMs = 1_767_225_600_000;
const instance: InstanceName = "core:default";
const giaddr = 0x7f00_0001 as Ipv4Address;
const portBase = 20_000;

/** What happens to a datagram on its way; parts of 1. */
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

/** The lab's households and the real engines of both families, with nothing between them but weather; in virtual time. */
export class VirtualNetwork {
  readonly tables = { 4: new BindingTable(4), 6: new BindingTable(6) };
  readonly lab: LabNetwork;
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
    this.#servers = labServers();
    this.lab = createLabNetwork({ random: this.#random, now: this.now, giaddr, households });
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
    for (const datagram of output.sends) this.#send(() => this.#toServer(datagram));
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

  #toServer({ family, gateway, bytes }: LabDatagram): void {
    const sourceAddress = family === 4 ? "127.0.0.1" : "::1";
    const sourcePort = portBase + LAB_GATEWAYS.indexOf(gateway);
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
      if (to.kind !== "unicast") throw new Error("an answer that passes the gateways by");
      const gateway = LAB_GATEWAYS[to.port - portBase]!;
      this.#send(() => this.lives({ kind: "datagram", family, gateway, bytes: bytes.slice() }));
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

function labServers(): LocalServerConfiguration[] {
  const endpoints = [
    { address: "127.0.0.1", port: 10_067 },
    { address: "::1", port: 10_547 },
  ] as const;
  const { tree, findings } = parseConfiguration(labServerStatements(...endpoints).join("\n"));
  if (findings.length > 0) throw new Error(findings[0]!.message);
  const duid = Uint8Array.of(0, 3, 0, 1, 2, 0x4c, 0x57, 0, 0, 1);
  return localServerConfigurations(tree).map((server) => (server.family === 6 ? { ...server, duid } : server));
}
