import { type Binding, BindingState } from "@leasewire/bindings";
import { formatIpv4, formatIpv6, ipv4FromBytes } from "@leasewire/net";
import { describe, expect, test } from "vitest";
import { calm, VirtualNetwork, type Weather } from "../../test/virtual-network.ts";
import { heldLeases } from "./examples.ts";
import { isEveryoneBound, type LabOutput } from "./network.ts";

/** Runs one history for every seed, or for LEASEWIRE_SEED alone; a failure says how to see it again. */
function forSeeds(count: number, run: (seed: number) => void): void {
  const chosen = process.env.LEASEWIRE_SEED;
  const seeds = chosen === undefined ? Array.from({ length: count }, (_, seed) => seed) : [Number(chosen)];
  for (const seed of seeds) {
    try {
      run(seed);
    } catch (error) {
      const replay = `LEASEWIRE_SEED=${seed} npx vitest run packages/sim/src/lab/network.test.ts`;
      throw new Error(`seed ${seed} failed; to replay it alone: ${replay}`, { cause: error });
    }
  }
}

/** On each of the two ways to the server. */
const storm: Weather = { loss: 0.13, duplication: 0.1, delayMsMax: 1_500 };

/** Nobody holds what somebody else holds. */
function expectSoleHolders(network: VirtualNetwork): void {
  const shared = [...network.holders()].filter(([, clients]) => clients.length > 1);
  expect(shared).toEqual([]);
}

describe("the lab's households, relay agents and servers", { timeout: 120_000 }, () => {
  test("in calm weather all of them are there within half a minute, and every lease is a binding", () => {
    const network = new VirtualNetwork({ seed: 1, weather: calm });
    network.pass(33);
    const expected = network.lab.lives.filter(({ present }) => present);
    expect(expected).toHaveLength(56);
    const holders = network.holders();
    // 56 households with three leases each, and the six oddities have one more.
    expect(holders.size).toBe(56 * 3 + 6);
    expectSoleHolders(network);
    for (const [table, family] of [
      [network.tables[4], 4],
      [network.tables[6], 6],
    ] as const) {
      const active = table.counts("core:default")[BindingState.ACTIVE];
      const held = [...holders.values()].filter(([client]) => client!.includes(`/${family}/`));
      expect([family, active]).toEqual([family, held.length]);
    }
    expect(network.drops).toBe(0);
  });

  test("the relay agents know every lease, and on which interface its client is", () => {
    const network = new VirtualNetwork({ seed: 1, weather: calm });
    network.pass(33);
    expect([...network.relays.dropped]).toEqual([]);
    expect(placesOf(network)).toEqual(expectedPlaces(network));
    const places = [...placesOf(network).values()];
    expect(new Set(places).size).toBe(8);
    expect(places.length).toBe(56 * 3 + 6);
  });

  test("a relay agent that forgot everything knows it again once its clients have renewed", () => {
    const network = new VirtualNetwork({ seed: 1, weather: calm, households: 24 });
    network.pass(33);
    network.lives({ kind: "settle" });
    const before = placesOf(network);
    const forgotten = network.relays.restartEmpty("bng-a:default");
    expect(forgotten).toBeGreaterThan(30);
    const left = [...placesOf(network).values()];
    expect(left).toHaveLength(before.size - forgotten);
    expect(left.filter((place) => place.startsWith("bng-a"))).toEqual([]);
    network.pass(80);
    expect(placesOf(network)).toEqual(before);
    expect([...network.relays.dropped]).toEqual([]);
  });

  test("they renew, leave with and without a word, and return", () => {
    const network = new VirtualNetwork({ seed: 2, weather: calm, households: 40 });
    const events = new Map<string, number>();
    network.watch = ({ events: some }: LabOutput) => {
      for (const { event } of some) events.set(event, (events.get(event) ?? 0) + 1);
    };
    const states = new Set<number>();
    for (let minute = 0; minute < 15; minute += 1) {
      network.pass(60);
      for (const table of [network.tables[4], network.tables[6]])
        for (let row = 1; row <= table.rowLast; row += 1) if (table.has(row)) states.add(table.stateOf(row));
    }
    expect([...states].sort()).toEqual([BindingState.ACTIVE, BindingState.EXPIRED, BindingState.RELEASED]);
    expect(events.get("lost")).toBeUndefined();
    expect(events.get("released")).toBeGreaterThan(10);
    expect(events.get("bound")).toBeGreaterThan(100);
    // T1 is 75 s: about 85 clients for 15 minutes.
    expect(events.get("renewed")).toBeGreaterThan(600);
  });

  test("loss, duplicates, late datagrams and restarts: nobody shares a lease, and in the end all have their own", () => {
    let bound = 0;
    forSeeds(6, (seed) => {
      const network = new VirtualNetwork({ seed, weather: storm, households: 24 });
      network.watch = ({ events }) => {
        if (events.length > 0) expectSoleHolders(network);
        bound += events.filter(({ event }) => event === "bound").length;
      };
      for (let round = 0; round < 4; round += 1) {
        network.pass(120);
        network.restartServer();
      }
      network.lives({ kind: "settle" });
      expect(network.pass(3_600, () => isEveryoneBound(network.lab.lives))).toBe(true);
      expectSoleHolders(network);
      expect(network.drops).toBe(0);
      // What a client believes to hold, the server has leased to it, and its relay agent knows.
      for (const lease of network.holders().keys()) expect([lease, isLeased(network, lease)]).toEqual([lease, true]);
      const known = placesOf(network);
      for (const [lease, place] of expectedPlaces(network)) expect([lease, known.get(lease)]).toEqual([lease, place]);
    });
    // The histories are not about nothing.
    if (process.env.LEASEWIRE_SEED === undefined) expect(bound).toBeGreaterThan(250);
  });

  test("one seed gives one history", () => {
    const history = (seed: number) => {
      const network = new VirtualNetwork({ seed, weather: storm, households: 12 });
      const lines: string[] = [];
      network.watch = ({ events }) => {
        for (const { household, event } of events) lines.push(`${network.now} ${household.name} ${event}`);
      };
      network.pass(300);
      return lines;
    };
    expect(history(7)).toEqual(history(7));
    expect(history(7)).not.toEqual(history(8));
  });
});

/** Interface of every lease that a relay agent knows, by address or prefix. */
function placesOf({ tables }: VirtualNetwork): Map<string, string> {
  const places = new Map<string, string>();
  for (const table of [tables[4], tables[6]])
    for (let row = 1; row <= table.rowLast; row += 1) {
      if (!table.has(row) || table.stateOf(row) !== BindingState.ACTIVE) continue;
      const { instance, interfaceName, origin, circuitId } = table.at(row)!;
      if (instance === "core:default") continue;
      expect([origin, new TextDecoder().decode(circuitId)]).toEqual(["gleaned", interfaceName]);
      places.set(textOf(table.at(row)!), `${instance.split(":")[0]} ${interfaceName}`);
    }
  return new Map([...places].sort());
}

function expectedPlaces({ lab }: VirtualNetwork): Map<string, string> {
  const places = [...heldLeases(lab)].flatMap(([{ client }, leases]) =>
    leases.map((lease) => [lease, `${client.gateway.name} ${client.interfaceName}`] as const),
  );
  return new Map(places.sort());
}

function isLeased({ tables }: VirtualNetwork, lease: string): boolean {
  const table = lease.includes(":") ? tables[6] : tables[4];
  for (let row = 1; row <= table.rowLast; row += 1) {
    if (!table.has(row) || table.stateOf(row) !== BindingState.ACTIVE) continue;
    const binding = table.at(row)!;
    if (binding.instance === "core:default" && textOf(binding) === lease) return true;
  }
  return false;
}

function textOf({ address, kind, prefixLength }: Binding): string {
  if (address.length === 4) return formatIpv4(ipv4FromBytes(address));
  return kind === "address" ? formatIpv6(address) : `${formatIpv6(address)}/${prefixLength}`;
}
