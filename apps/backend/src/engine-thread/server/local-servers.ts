import type { Family } from "@leasewire/api";
import type { BindingInput, BindingTable } from "@leasewire/bindings";
import {
  type AddressPool4,
  type AddressPool6,
  addressPoolConfigurations,
  type ConfigTree,
  dhcpServiceLimits,
  type LocalServerConfiguration,
  localServerConfigurations,
} from "@leasewire/config";
import {
  type Arrival,
  LeasequeryConnections,
  type LocalAddress,
  type RandomSource,
  type ReconfigureAnswer,
  type ReconfigureRequest,
  responderScopes4,
  responderScopes6,
  type ServerOutput,
  type ServerSend,
  StormGuard,
} from "@leasewire/engines";
import { type InstanceName, type Ipv4Address, parseIpv4 } from "@leasewire/net";
import type { DatagramArrival, openServerDatagrams } from "@leasewire/transport";
import { decodeMessage4, decodeMessage6, MessageType4 } from "@leasewire/wire";
import { DeadlineTimer } from "../deadline-timer.ts";
import { nodeDuid } from "../identity.ts";
import { engineThreadLimits } from "../limits.ts";
import type { Prepared } from "../prepared.ts";
import { DatagramSockets, type ServerSocket } from "./datagram-sockets.ts";
import { type ServerEngine, type ServerEngine4, type ServerEngine6, serverEngine4, serverEngine6 } from "./engines.ts";
import { IndividualQueries, isLeasequery6, type QueryReply } from "./individual-queries.ts";
import { firstAddress4, localAddresses } from "./interfaces.ts";
import { LeasequeryListeners } from "./leasequery-listeners.ts";
import { PromiseGate } from "./promise-gate.ts";

export interface LocalServersParts {
  readonly node: string;
  readonly tables: Readonly<Record<Family, BindingTable>>;
  readonly random: RandomSource;
  readonly now: () => number;
  readonly durableSequence: (family: Family) => number;
  /** The tables changed: whoever follows them has work. */
  readonly onChanged: () => void;
  readonly onFault: (error: Error) => void;
  readonly reconfigureSecret?: Uint8Array | undefined;
  readonly open?: typeof openServerDatagrams | undefined;
}

const tableChangesPerStepMin = 1024;
const followStepsMax = 64;

/** Where the message came in that is being answered. */
interface Source {
  readonly socket: ServerSocket;
  readonly arrival: Arrival;
}

const families = [4, 6] as const;

/**
 * The local servers of this node: their engines, sockets and what waits for the database between them.
 *
 * Invariants:
 *   - Changes of a step are in the table before the next step of that family.
 *   - A send that promises leaves only once its changes are durable, and not at all if the table refused one of them.
 *   - A configuration is in force whole, or not at all.
 */
export class LocalServers {
  readonly #parts: LocalServersParts;
  readonly #engine4: ServerEngine4;
  readonly #engine6: ServerEngine6;
  readonly #engines: Readonly<Record<Family, ServerEngine>>;
  readonly #sockets: DatagramSockets;
  readonly #timer: DeadlineTimer;
  readonly gate = new PromiseGate();
  readonly guard = new StormGuard();
  readonly queries: IndividualQueries;
  readonly served: LeasequeryConnections;
  readonly #listeners: LeasequeryListeners;
  #servers: readonly LocalServerConfiguration[] = [];
  #pools: readonly (AddressPool4 | AddressPool6)[] = [];
  #localAddresses: readonly LocalAddress[] = [];
  #localAddressesTimer: NodeJS.Timeout | null = null;
  #changed = false;
  /** Sequence of each table up to which its engine has certainly followed. */
  readonly #followed: Record<Family, number> = { 4: 0, 6: 0 };
  /** A configuration is prepared and neither applied nor given up: sockets are not touched meanwhile. */
  #preparing = false;
  #batchNow = 0;
  refusedChanges = 0;
  sendsFailed = 0;

  /** The tables are restored already: what is leased is found in them. */
  constructor(parts: LocalServersParts) {
    this.#parts = parts;
    this.#engine4 = serverEngine4(parts.tables[4], parts.random);
    this.#engine6 = serverEngine6(parts.tables[6], parts.random, parts.reconfigureSecret);
    this.#engines = { 4: this.#engine4, 6: this.#engine6 };
    this.queries = new IndividualQueries(parts.tables, this.guard);
    this.served = new LeasequeryConnections({
      tables: parts.tables,
      durable: parts.durableSequence,
      guard: this.guard,
    });
    this.#listeners = new LeasequeryListeners(this.served, parts.onFault);
    this.#timer = new DeadlineTimer(
      parts.now,
      () => earliest(this.#engine4.nextDeadlineMs(), this.#engine6.nextDeadlineMs()),
      () => this.#onDeadline(),
    );
    this.#sockets = new DatagramSockets(
      {
        onArrival: ({ family, instance, datagrams }, batch, index) => {
          // One moment for all of a batch.
          if (index === 0) this.#batchNow = this.#now;
          return this.queries.answerArrival(family, instance, datagrams, batch, index, this.#batchNow);
        },
        onDatagram: (socket, address, port, bytes, arrival) => this.#onDatagram(socket, address, port, bytes, arrival),
        onSendFailed: () => {
          this.sendsFailed += 1;
        },
        onFault: parts.onFault,
      },
      parts.open,
    );
  }

  get configurations(): readonly LocalServerConfiguration[] {
    return this.#servers;
  }

  /** Every pool that is configured, given out or not. */
  get pools(): readonly (AddressPool4 | AddressPool6)[] {
    return this.#pools;
  }

  get sockets(): readonly ServerSocket[] {
    return this.#sockets.all;
  }

  engine(family: Family): ServerEngine {
    return this.#engines[family];
  }

  socketOf(family: Family, instance: InstanceName): ServerSocket | undefined {
    return this.#sockets.of(family, instance);
  }

  /** Nothing waits for a moment: the clock may be set. */
  get isIdle(): boolean {
    return families.every((family) => this.#engines[family].nextDeadlineMs() === null);
  }

  async prepare(tree: ConfigTree): Promise<Prepared> {
    this.#preparing = true;
    const servers = localServerConfigurations(tree).map((server) => this.#identified(server));
    const prepared = [await this.#sockets.prepare(servers), await this.#listeners.prepare(servers)];
    return {
      findings: prepared.flatMap((part) => part.findings),
      apply: async () => {
        this.#servers = servers;
        this.#pools = addressPoolConfigurations(tree);
        this.#localAddresses = localAddresses(servers);
        // Engines first: what arrives on a new socket finds its server.
        this.#configureEngines();
        this.#configureResponders(dhcpServiceLimits(tree).tcpConnectionsAcceptedMax);
        this.#watchLocalAddresses();
        await Promise.all(prepared.map((part) => part.apply()));
        this.#preparing = false;
      },
      discard: async () => {
        await Promise.all(prepared.map((part) => part.discard()));
        this.#preparing = false;
      },
    };
  }

  /** Everything of the family up to that sequence is committed. */
  durable(family: Family, sequence: number): void {
    this.gate.release(family, sequence);
    this.served.durableAdvanced();
  }

  /** Whether leases can be stored: without a database nothing may be promised. */
  granting(allowed: boolean): void {
    for (const family of families)
      this.#apply(family, this.#engines[family].step({ kind: "granting", allowed }, this.#now));
  }

  /** This binding was ended in the table by somebody else than the server. */
  cleared(family: Family, binding: BindingInput): void {
    this.#apply(family, this.#engines[family].step({ kind: "cleared", binding }, this.#now));
  }

  /** Tells a DHCPv6 client to come back. */
  reconfigure(request: ReconfigureRequest): ReconfigureAnswer {
    const output = this.#engine6.reconfigure(request, this.#now);
    this.#apply(6, output);
    return output.reconfigure!;
  }

  /**
   * Lets the engines learn what others did to the tables (expiry, imports), a bounded part in a call: each step follows at
   * least `tableChangesPerStepMin` changes. They look a row up before they give its address away; this is for what is shown.
   */
  followTables(): void {
    for (const family of families) {
      const { sequence } = this.#parts.tables[family];
      const behind = sequence - this.#followed[family];
      if (behind <= 0) continue;
      const steps = Math.min(followStepsMax, Math.ceil(behind / tableChangesPerStepMin));
      for (let step = 0; step < steps; step += 1) {
        this.#apply(family, this.#engines[family].step({ kind: "deadline" }, this.#now));
      }
      this.#followed[family] = Math.min(sequence, this.#followed[family] + steps * tableChangesPerStepMin);
    }
  }

  /** Requestors are told that it ends; what waits for the database may still leave. */
  async quiesce(): Promise<void> {
    this.#timer.stop();
    if (this.#localAddressesTimer !== null) clearInterval(this.#localAddressesTimer);
    this.served.stop(this.#now);
    await this.#listeners.close();
  }

  /** After the last change is durable, or given up. */
  async close(): Promise<void> {
    this.gate.clear();
    await this.#sockets.close();
  }

  get #now(): number {
    return this.#parts.now();
  }

  #identified(server: LocalServerConfiguration): LocalServerConfiguration {
    if (server.family === 4 || server.duid !== undefined) return server;
    return { ...server, duid: nodeDuid("server", this.#parts.node, server.instance) };
  }

  #configureEngines(): void {
    for (const family of families) {
      const servers = this.#servers.filter((server) => server.family === family);
      const input = { kind: "configuration", servers, localAddresses: this.#localAddresses } as const;
      this.#apply(family, this.#engines[family].step(input, this.#now));
      this.#followed[family] = this.#parts.tables[family].sequence;
    }
  }

  #configureResponders(tcpConnectionsAcceptedMax: number): void {
    const servers4 = this.#servers
      .filter(({ family }) => family === 4)
      .map((server) => ({ server, scopes: responderScopes4(server, serverIdentifier(server)) }));
    const servers6 = this.#servers
      .filter(({ family }) => family === 6)
      .map((server) => ({ server, scopes: responderScopes6(server, server.duid!) }));
    this.queries.configure(
      [...servers4, ...servers6].map(({ server, scopes }) => ({
        family: server.family,
        scopes,
        allowed: server.allowLeasequery !== undefined,
        listenPort: server.listenPort,
      })),
    );
    this.served.configure(
      {
        servers4: servers4.map(({ scopes }) => scopes),
        servers6: servers6.map(({ scopes }) => scopes),
        tcpConnectionsAcceptedMax,
      },
      this.#now,
    );
  }

  /** Addresses come and go with links: the servers must know on which networks their clients are. */
  #watchLocalAddresses(): void {
    if (this.#localAddressesTimer !== null) clearInterval(this.#localAddressesTimer);
    this.#localAddressesTimer = null;
    if (this.#sockets.all.length === 0 && this.#servers.every(({ interfaces }) => interfaces.length === 0)) return;
    this.#localAddressesTimer = setInterval(() => {
      if (this.#preparing) return;
      const found = localAddresses(this.#servers);
      if (textOf(found) === textOf(this.#localAddresses)) return;
      this.#localAddresses = found;
      this.#configureEngines();
      // An interface that has come needs a socket of its own. What cannot be opened is tried again at the next change.
      void this.#sockets
        .prepare(this.#servers)
        .then((prepared) => prepared.apply())
        .catch(this.#parts.onFault);
    }, engineThreadLimits.localAddressesPeriodMs);
    this.#localAddressesTimer.unref();
  }

  #onDatagram(socket: ServerSocket, address: string, port: number, bytes: Uint8Array, from: DatagramArrival): void {
    const arrival: Arrival = {
      instance: socket.instance,
      interfaceName: from.interfaceName === undefined ? undefined : socket.interfaces.get(from.interfaceName),
      localAddress: from.localAddress,
      sourceAddress: address,
      sourcePort: port,
      unicast: from.unicast,
    };
    if (socket.family === 4) this.#onDatagram4(socket, arrival, bytes);
    else this.#onDatagram6(socket, arrival, bytes);
  }

  #onDatagram4(socket: ServerSocket, arrival: Arrival, bytes: Uint8Array): void {
    const now = this.#now;
    const decoded = decodeMessage4(bytes);
    if (!decoded.ok) {
      this.#apply(4, this.#engine4.step({ kind: "datagram", arrival, bytes }, now));
      return;
    }
    const message = decoded.value;
    if (message.messageType === MessageType4.DHCPLEASEQUERY) {
      reply(socket, this.queries.answer4(arrival, message, now), arrival);
      return;
    }
    this.#apply(4, this.#engine4.message(arrival, message, now), { socket, arrival });
  }

  #onDatagram6(socket: ServerSocket, arrival: Arrival, bytes: Uint8Array): void {
    const now = this.#now;
    const decoded = decodeMessage6(bytes);
    if (!decoded.ok) {
      this.#apply(6, this.#engine6.step({ kind: "datagram", arrival, bytes }, now));
      return;
    }
    if (isLeasequery6(decoded.value)) {
      reply(socket, this.queries.answer6(arrival, decoded.value, now), arrival);
      return;
    }
    this.#apply(6, this.#engine6.message(arrival, decoded.value, now), { socket, arrival });
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

  /** Carries out what an engine decided: changes first, since sends may promise them. */
  #apply(family: Family, output: ServerOutput, from?: Source): void {
    const { changes, sends, probes } = output;
    let promised = 0;
    let refused = false;
    if (changes.length > 0) {
      const table = this.#parts.tables[family];
      const nowSeconds = Math.floor(this.#now / 1000);
      for (const { binding, cause } of changes) {
        const result = table.put(binding, cause, nowSeconds);
        if (result.outcome === "refused") {
          refused = true;
          this.refusedChanges += 1;
          this.#engines[family].step({ kind: "cleared", binding }, this.#now);
        } else {
          promised = Math.max(promised, result.sequence);
        }
      }
      this.#tellChanged();
    }
    for (const send of sends) {
      const socket =
        send.to.kind === "unicast" && from !== undefined
          ? from.socket
          : this.#sockets.of(family, send.instance, send.to.kind === "link" ? send.to.interfaceName : undefined);
      if (socket === undefined || (send.promises && refused)) continue;
      if (!send.promises) {
        this.#send(socket, send, from?.arrival);
        continue;
      }
      // Without a change of its own it promises what was decided before.
      const sequence = changes.length > 0 ? promised : this.#parts.tables[family].sequence;
      if (sequence <= this.#parts.durableSequence(family)) this.#send(socket, send, from?.arrival);
      else this.gate.hold(family, sequence, socket.datagrams, () => this.#send(socket, send, from?.arrival));
    }
    for (const probe of probes) {
      const socket = this.#sockets.of(4, probe.instance, probe.interfaceName);
      const device = probe.interfaceName === undefined ? undefined : socket?.devices.get(probe.interfaceName);
      const asked = socket?.datagrams.probe(device, probe.address, probe.timeoutMs) ?? Promise.resolve(false);
      void asked
        .catch(() => false)
        .then((inUse) => this.#apply(4, this.#engine4.probeResult(probe.token, inUse, this.#now)));
    }
    this.#timer.schedule();
  }

  #send(socket: ServerSocket, { to, bytes }: ServerSend, arrival: Arrival | undefined): void {
    const localAddress = arrival?.unicast === true ? arrival.localAddress : undefined;
    if (to.kind === "unicast") {
      socket.datagrams.send(to.address, to.port, bytes, localAddress === undefined ? undefined : { localAddress });
      return;
    }
    const device = socket.devices.get(to.interfaceName);
    // The interface has gone with a commit: so has its client.
    if (device === undefined) return;
    socket.datagrams.sendOnLink(device, to.address, to.port, to.hardwareAddress, bytes, localAddress);
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

function reply({ datagrams }: ServerSocket, answer: QueryReply | null, { unicast, localAddress }: Arrival): void {
  if (answer === null) return;
  datagrams.send(answer.address, answer.port, answer.bytes, unicast === true ? { localAddress } : undefined);
}

/** Option 54 of answers to queries; a server on every address, without one configured, has the machine's first. */
function serverIdentifier({ serverIdentifier: configured, listenAddress }: LocalServerConfiguration): Ipv4Address {
  if (configured !== undefined) return configured;
  const parsed = parseIpv4(listenAddress ?? firstAddress4());
  return parsed.ok ? parsed.value : (0 as Ipv4Address);
}

function earliest(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

function textOf(addresses: readonly LocalAddress[]): string {
  return addresses
    .map((one) => `${one.instance} ${one.interfaceName} ${one.address.join(".")}/${one.length}`)
    .join("\n");
}
