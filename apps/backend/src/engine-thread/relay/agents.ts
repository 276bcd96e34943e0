import type { Family, InstanceSelector, RelayStatistics } from "@leasewire/api";
import type { BindingInput, BindingTable } from "@leasewire/bindings";
import {
  type ConfigTree,
  hostName,
  type LogicalInterface,
  type RelayConfiguration,
  relayConfigurations,
} from "@leasewire/config";
import {
  type Arrival,
  clearRelayStatistics4,
  clearRelayStatistics6,
  createRelay4,
  createRelay6,
  nextRelayDeadlineMs4,
  nextRelayDeadlineMs6,
  type RandomSource,
  type RelayBindingStates,
  type RelayInput,
  type RelayInterface,
  type RelayOutput,
  relayBindingStates4,
  relayBindingStates6,
  relayStatistics4,
  relayStatistics6,
  stepRelay4,
  stepRelay6,
} from "@leasewire/engines";
import type { InstanceName } from "@leasewire/net";
import type { DatagramArrival, openServerDatagrams } from "@leasewire/transport";
import { DeadlineTimer } from "../deadline-timer.ts";
import { engineThreadLimits } from "../limits.ts";
import type { Prepared } from "../prepared.ts";
import { type AgentSocket, AgentSockets } from "./agent-sockets.ts";
import { interfacesInService, relayInterfaces } from "./interfaces.ts";
import { isLeasequeryReply } from "./leasequery-replies.ts";
import { isForwarding } from "./places.ts";
import { identified } from "./relays.ts";
import type { TellRestoring } from "./restoring.ts";
import { RouteTable } from "./routes.ts";

export interface RelayAgentsParts {
  readonly node: string;
  readonly tables: Readonly<Record<Family, BindingTable>>;
  readonly random: RandomSource;
  readonly now: () => number;
  /** The tables changed: whoever follows them has work. */
  readonly onChanged: () => void;
  /** An answer to a leasequery came to the socket of a relay agent. */
  readonly onLeasequeryReply: (
    family: Family,
    instance: InstanceName,
    address: string,
    port: number,
    bytes: Uint8Array,
  ) => void;
  /** A leasequery given to `sendQuery` could not be sent. */
  readonly onQueryFailed: (xid: number, reason: string) => void;
  readonly onFault: (error: Error) => void;
  readonly open?: typeof openServerDatagrams | undefined;
  readonly routes?: RouteTable;
}

/** The relay agent of one family. */
interface RelayEngine {
  step(input: RelayInput, now: number): RelayOutput;
  nextDeadlineMs(): number | null;
  statistics(selector: InstanceSelector, now: number): Omit<RelayStatistics, "family">;
  bindingStates(selector: InstanceSelector): RelayBindingStates;
  clearStatistics(selector: InstanceSelector, now: number): void;
}

const families = [4, 6] as const;

/**
 * The relay agents of this node: their engines, sockets and routes. A relay agent promises nothing, so nothing of it waits
 * for the database.
 *
 * Invariants:
 *   - Changes of a step are in the table before the next step of that family.
 *   - A configuration is in force whole, or not at all.
 */
export class RelayAgents {
  readonly #parts: RelayAgentsParts;
  readonly #engines: Readonly<Record<Family, RelayEngine>>;
  readonly #sockets: AgentSockets;
  readonly #routes: RouteTable;
  readonly #timer: DeadlineTimer;
  #relays: readonly RelayConfiguration[] = [];
  #interfaces: readonly LogicalInterface[] = [];
  #hostName: string | undefined;
  /** Interfaces of each family as the engines know them. */
  #known: Readonly<Record<Family, readonly RelayInterface[]>> = { 4: [], 6: [] };
  #watch: NodeJS.Timeout | null = null;
  #preparing = false;
  #changed = false;
  /** Queries sent lately through a socket of ours, by where they went: a failure is told by that. */
  readonly #queries = new Map<string, number[]>();
  /** Messages that came in at an interface of no relay agent. */
  elsewhere = 0;
  refusedChanges = 0;
  sendsFailed = 0;
  routesWithoutDevice = 0;

  /** The tables are restored already: what was learnt is found in them. */
  constructor(parts: RelayAgentsParts) {
    this.#parts = parts;
    this.#engines = {
      4: engine4(parts.tables[4], parts.random),
      6: engine6(parts.tables, parts.random),
    };
    this.#routes = parts.routes ?? new RouteTable({ onFault: parts.onFault });
    this.#timer = new DeadlineTimer(
      parts.now,
      () => earliest(this.#engines[4].nextDeadlineMs(), this.#engines[6].nextDeadlineMs()),
      () => this.#onDeadline(),
    );
    this.#sockets = new AgentSockets(
      {
        onDatagram: (socket, address, port, bytes, arrival) => this.#onDatagram(socket, address, port, bytes, arrival),
        onSendFailed: (_socket, address, port, reason) => this.#onSendFailed(address, port, reason),
        onFault: parts.onFault,
      },
      parts.open,
    );
  }

  /** Nothing waits for a moment: the clock may be set. */
  get isIdle(): boolean {
    return families.every((family) => this.#engines[family].nextDeadlineMs() === null);
  }

  async prepare(tree: ConfigTree): Promise<Prepared> {
    this.#preparing = true;
    const relays = relayConfigurations(tree).map((relay) => identified(relay, this.#parts.node));
    const interfaces = interfacesInService(tree);
    const sockets = await this.#sockets.prepare(relays, interfaces);
    return {
      findings: sockets.findings,
      apply: async () => {
        this.#relays = relays;
        this.#interfaces = interfaces;
        this.#hostName = hostName(tree);
        // Engines first: what arrives on a new socket finds its relay agent.
        this.#configureEngines();
        this.#watchInterfaces();
        await sockets.apply();
        this.#preparing = false;
      },
      discard: async () => {
        await sockets.discard();
        this.#preparing = false;
      },
    };
  }

  /** Sends a leasequery from the socket that the relay agent shares with its requestor; false where there is none. */
  sendQuery(
    family: Family,
    instance: InstanceName,
    address: string,
    port: number,
    bytes: Uint8Array,
    xid: number,
  ): boolean {
    if (!this.#sockets.sendToServer(family, instance, address, port, bytes)) return false;
    const key = `${address}#${port}`;
    const sent = this.#queries.get(key) ?? [];
    sent.push(xid);
    if (sent.length > queriesRememberedMax) sent.shift();
    this.#queries.set(key, sent);
    if (this.#queries.size > serversRememberedMax) this.#queries.delete(this.#queries.keys().next().value!);
    return true;
  }

  /** The binding as it was before an operator ended it. */
  cleared(family: Family, binding: BindingInput & { readonly row?: number }): void {
    this.#apply(family, this.#engines[family].step({ kind: "cleared", binding }, this.#now));
  }

  /** The binding is gone with everything the relay knew: nobody is told of it. */
  forgotten(family: Family, binding: BindingInput & { readonly row?: number }): void {
    this.#apply(family, { ...this.#engines[family].step({ kind: "cleared", binding }, this.#now), sends: [] });
  }

  /** Instances whose relay passes messages on. */
  get forwardingInstances(): InstanceName[] {
    return [...new Set(this.#relays.filter(isForwarding).map(({ instance }) => instance))];
  }

  /** A binding has been told and cannot be kept yet, or that is over. */
  readonly restoring: TellRestoring = (family, instance, address, prefixLength, done) => {
    const input = { kind: "restoring", instance, address, prefixLength, done } as const;
    this.#apply(family, this.#engines[family].step(input, this.#now));
  };

  statistics(family: Family, selector: InstanceSelector): Omit<RelayStatistics, "family"> {
    return this.#engines[family].statistics(selector, this.#now);
  }

  bindingStates(family: Family, selector: InstanceSelector): RelayBindingStates {
    return this.#engines[family].bindingStates(selector);
  }

  clearStatistics(family: Family, selector: InstanceSelector): void {
    this.#engines[family].clearStatistics(selector, this.#now);
  }

  metrics(add: (name: string, value: number, labels?: Record<string, string>) => void): void {
    for (const family of families) {
      const labels = { family: String(family) };
      for (const { instance } of this.#relays.filter((relay) => relay.family === family && isForwarding(relay))) {
        const [logicalSystem, routingInstance] = instance.split(":");
        const { drops, notes, received, sent, forwarded } = this.statistics(family, { logicalSystem, routingInstance });
        const own = { ...labels, instance };
        for (const { name, value } of drops) add("relay_agent_drops_total", value, { ...own, reason: name });
        for (const { name, value } of notes) add("relay_agent_notes_total", value, { ...own, note: name });
        for (const { name, value } of received) add("relay_agent_received_total", value, { ...own, message: name });
        for (const { name, value } of sent) add("relay_agent_sent_total", value, { ...own, message: name });
        for (const { name, value } of forwarded) add("relay_agent_forwarded_total", value, { ...own, direction: name });
      }
    }
    for (const { datagrams, place } of this.#sockets.all) {
      const labels = { family: String(place.family), socket: `${place.address ?? "*"}#${place.port}` };
      const { received, sent, sendFailed, sendDropped, lost } = datagrams.statistics();
      add("relay_agent_datagrams_received_total", received, labels);
      add("relay_agent_datagrams_sent_total", sent, labels);
      add("relay_agent_datagrams_send_failed_total", sendFailed, labels);
      add("relay_agent_datagrams_send_dropped_total", sendDropped, labels);
      if (lost !== null) add("relay_agent_datagrams_lost_total", lost, labels);
    }
    add("relay_agent_elsewhere_total", this.elsewhere);
    add("relay_agent_unreachable_total", this.#sockets.unreachable);
    add("relay_agent_changes_refused_total", this.refusedChanges);
    add("relay_routes_written_total", this.#routes.written);
    add("relay_routes_failed_total", this.#routes.failed);
    add("relay_routes_dropped_total", this.#routes.dropped);
    add("relay_routes_without_device_total", this.routesWithoutDevice);
    add("relay_routes_restarts_total", this.#routes.restarts);
    add("relay_routes_waiting", this.#routes.waiting);
  }

  async close(): Promise<void> {
    this.#timer.stop();
    if (this.#watch !== null) clearInterval(this.#watch);
    await this.#sockets.close();
    await this.#routes.close();
  }

  get #now(): number {
    return this.#parts.now();
  }

  #configureEngines(): void {
    this.#known = { 4: relayInterfaces(4, this.#interfaces), 6: relayInterfaces(6, this.#interfaces) };
    for (const family of families) {
      const relays = this.#relays.filter((relay) => relay.family === family);
      const interfaces = this.#known[family];
      const input = { kind: "configuration", relays, interfaces, hostName: this.#hostName } as const;
      this.#apply(family, this.#engines[family].step(input, this.#now));
    }
  }

  /** Devices come and go, and their addresses: what the configuration does not say is taken from them. */
  #watchInterfaces(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
    if (!this.#interfaces.some(({ device }) => device !== undefined) || !this.#relays.some(isForwarding)) return;
    this.#watch = setInterval(() => {
      if (this.#preparing) return;
      const same = families.every(
        (family) => textOf(relayInterfaces(family, this.#interfaces)) === textOf(this.#known[family]),
      );
      if (!same) this.#configureEngines();
    }, engineThreadLimits.localAddressesPeriodMs);
    this.#watch.unref();
  }

  #onDatagram(
    { place }: AgentSocket,
    sourceAddress: string,
    sourcePort: number,
    bytes: Uint8Array,
    from: DatagramArrival,
  ): void {
    const { family, links, server, datagramLink } = place;
    const access = datagramLink ?? (from.interfaceName === undefined ? undefined : links.get(from.interfaceName));
    const instance = access?.instance ?? server;
    if (instance === undefined) {
      this.elsewhere += 1;
      return;
    }
    if (access === undefined && isLeasequeryReply(family, bytes)) {
      this.#parts.onLeasequeryReply(family, instance, sourceAddress, sourcePort, bytes);
      return;
    }
    const { interfaceName } = access ?? {};
    const arrival: Arrival =
      datagramLink === undefined
        ? { instance, interfaceName, sourceAddress, sourcePort, ...arrivalOf(from) }
        : { instance, interfaceName, ...clientBehind(family, sourceAddress, sourcePort) };
    this.#apply(family, this.#engines[family].step({ kind: "datagram", arrival, bytes }, this.#now));
  }

  #onSendFailed(address: string, port: number, reason: string): void {
    this.sendsFailed += 1;
    const key = `${address}#${port}`;
    const asked = this.#queries.get(key);
    if (asked === undefined) return;
    this.#queries.delete(key);
    for (const xid of asked) this.#parts.onQueryFailed(xid, reason);
  }

  #onDeadline(): void {
    for (const family of families) {
      const due = this.#engines[family].nextDeadlineMs();
      if (due !== null && due <= this.#now) {
        this.#apply(family, this.#engines[family].step({ kind: "deadline" }, this.#now));
      }
    }
    this.#timer.schedule();
  }

  /** Carries out what an engine decided: changes first, since the next step looks at the table. */
  #apply(family: Family, { changes, sends, routes }: RelayOutput): void {
    if (changes.length > 0) {
      const table = this.#parts.tables[family];
      const nowSeconds = Math.floor(this.#now / 1000);
      for (const { binding, cause } of changes) {
        if (table.put(binding, cause, nowSeconds).outcome === "refused") this.refusedChanges += 1;
      }
      this.#tellChanged();
    }
    for (const send of sends) this.#sockets.send(family, send);
    for (const { instance, interfaceName, ...route } of routes) {
      const relay = this.#relays.find((one) => one.family === family && one.instance === instance);
      const device = relay?.devices.get(interfaceName);
      if (device === undefined) this.routesWithoutDevice += 1;
      else this.#routes.put({ ...route, device, vrf: relay?.vrfDevice });
    }
    this.#timer.schedule();
  }

  /** Once for all datagrams of a turn: what they change goes to the database together. */
  #tellChanged(): void {
    if (this.#changed) return;
    this.#changed = true;
    queueMicrotask(() => {
      this.#changed = false;
      this.#parts.onChanged();
    });
  }
}

function arrivalOf({ localAddress, unicast }: DatagramArrival): Pick<Arrival, "localAddress" | "unicast"> {
  return { localAddress, unicast };
}

/**
 * What carries a datagram link is not the network it stands for: in DHCPv6 the far end counts as a client's link-local address,
 * which is where every answer is addressed to.
 */
function clientBehind(
  family: Family,
  sourceAddress: string,
  sourcePort: number,
): Pick<Arrival, "sourceAddress" | "sourcePort"> {
  return family === 4
    ? { sourceAddress, sourcePort }
    : { sourceAddress: `fe80::${sourcePort.toString(16)}`, sourcePort };
}

/** Queries to one server, and servers, whose sending may still fail. */
const queriesRememberedMax = 64;
const serversRememberedMax = 256;

function engine4(table: BindingTable, random: RandomSource): RelayEngine {
  const state = createRelay4({ table, random });
  return {
    step: (input, now) => stepRelay4(state, input, now),
    nextDeadlineMs: () => nextRelayDeadlineMs4(state),
    statistics: (selector, now) => relayStatistics4(state, selector, now),
    bindingStates: (selector) => relayBindingStates4(state, selector),
    clearStatistics: (selector, now) => clearRelayStatistics4(state, selector, now),
  };
}

function engine6(tables: Readonly<Record<Family, BindingTable>>, random: RandomSource): RelayEngine {
  const state = createRelay6({ table: tables[6], table4: tables[4], random });
  return {
    step: (input, now) => stepRelay6(state, input, now),
    nextDeadlineMs: () => nextRelayDeadlineMs6(state),
    statistics: (selector, now) => relayStatistics6(state, selector, now),
    bindingStates: (selector) => relayBindingStates6(state, selector),
    clearStatistics: (selector, now) => clearRelayStatistics6(state, selector, now),
  };
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

function textOf(interfaces: readonly RelayInterface[]): string {
  return interfaces
    .map(({ instance, name, addresses, hardwareAddress }) =>
      [
        instance,
        name,
        ...addresses.map(({ address, length }) => `${address.join(".")}/${length}`),
        hardwareAddress,
      ].join(" "),
    )
    .join("\n");
}
