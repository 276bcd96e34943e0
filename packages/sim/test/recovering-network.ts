import { type Binding, type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import {
  type ConfigTree,
  type LocalServerConfiguration,
  localServerConfigurations,
  parseConfiguration,
  relayConfigurations,
} from "@leasewire/config";
import {
  type BaseTime,
  createRecovery,
  createServer4,
  createServer6,
  FILL_BYTES_MIN,
  LeasequeryConnections,
  nextRecoveryDeadlineMs,
  nextServerDeadlineMs4,
  nextServerDeadlineMs6,
  type RandomSource,
  type RecoveryInput,
  type RecoveryRelay,
  type RecoveryState,
  randomFraction,
  responderScopes4,
  responderScopes6,
  type Server4Input,
  type Server4State,
  type Server6Input,
  type Server6State,
  type ServerOutput,
  type ServerSend,
  StormGuard,
  seededRandom,
  step4,
  step6,
  stepRecovery,
} from "@leasewire/engines";
import { type InstanceName, type Ipv4Address, ipv4FromBytes } from "@leasewire/net";
import {
  createLabNetwork,
  LAB_GATEWAYS,
  type LabInput,
  type LabNetwork,
  labStatements,
  nextLabDeadlineMs,
  stepLabNetwork,
} from "../src/index.ts";
import { labPlaces } from "./places.ts";
import { VirtualRelays } from "./virtual-relays.ts";

const startMs = 1_767_225_600_000;
const families = [4, 6] as const;
const loopback = { 4: "127.0.0.1", 6: "::1" } as const;
const duid = Uint8Array.of(0, 3, 0, 1, 2, 0x4c, 0x57, 0, 0, 1);
const smallLog = { limits: { logEntriesMax: 4096, logBytesMax: 1 << 20 } };
const none = Number.POSITIVE_INFINITY;
/** Times are told as seconds ago: whole ones of two clocks, and an answer that was under way. */
const transitSecondsMax = 6;

type Tables = { readonly 4: BindingTable; readonly 6: BindingTable };

/** What happens to a datagram on each of its ways; parts of 1. */
export interface Faults {
  readonly loss: number;
  readonly duplication: number;
  /** Cut off at any octet. */
  readonly truncation: number;
  readonly delayMsMax: number;
  /** Of connections: broken off somewhere in what they carry. */
  readonly reset: number;
}

export const faultless: Faults = { loss: 0, duplication: 0, truncation: 0, delayMsMax: 0, reset: 0 };

/** What survives: rows as they were when they were last stored, and up to where. */
class Disk {
  sequence = 0;
  readonly #rows = new Map<string, Binding>();

  store(table: BindingTable): void {
    for (const row of table.changedSince({ afterSequence: this.sequence })) {
      const binding = table.at(row);
      if (binding !== undefined) this.#rows.set(keyOf(binding), binding);
    }
    this.sequence = table.sequence;
  }

  load(family: 4 | 6): BindingTable {
    const table = new BindingTable(family, smallLog);
    const rows = [...this.#rows.values()].sort((a, b) => a.sequence - b.sequence);
    for (const binding of rows) table.restore(binding, binding.sequence, binding.changedAtSeconds);
    this.sequence = table.sequence;
    return table;
  }
}

/** When the client of each binding was last heard of, as a table has it. */
class Heard {
  #sequence = 0;
  readonly #seconds = new Map<string, number>();

  /** Catches up with the table; names a binding whose client is now said to have been heard of earlier than before. */
  follow(table: BindingTable): string | undefined {
    if (table.sequence === this.#sequence) return undefined;
    let older: string | undefined;
    for (const row of table.changedSince({ afterSequence: this.#sequence })) {
      const binding = table.at(row);
      if (binding === undefined) continue;
      const key = keyOf(binding);
      const was = this.#seconds.get(key) ?? 0;
      const is = binding.clientLastTransactionTimeSeconds;
      if (is < was - transitSecondsMax) older = `${key}: ${was - is} s`;
      this.#seconds.set(key, is);
    }
    this.#sequence = table.sequence;
    return older;
  }
}

/** A leasequery connection, in order and whole until it breaks. */
interface Link {
  readonly connection: number;
  readonly family: 4 | 6;
  /** At the server, once it stands. */
  accepted: number | undefined;
  dueToServerMs: number;
  dueToRelayMs: number;
  open: boolean;
}

export interface RecoveringNetworkOptions {
  readonly seed: number;
  readonly faults: Faults;
  readonly households: number;
  /** How far the server's clock is ahead of the relay agents'. */
  readonly skewSeconds: number;
}

/**
 * Households, two relay agents that recover by bulk and active leasequery, and their server: each side with tables, a clock
 * and a disk of its own; faulty ways between all of them, and crashes. The real engines of both families, in virtual time.
 */
export class RecoveringNetwork {
  now = startMs;
  faults: Faults;
  readonly random: RandomSource;
  readonly skewSeconds: number;
  readonly lab: LabNetwork;
  /** What clients say reaches nobody, and they do nothing, from here on. */
  silent = false;
  server: Tables = tables();
  relay: Tables = tables();
  /** How often each happened. */
  readonly counts = { lost: 0, duplicated: 0, truncated: 0, resets: 0, recovered: 0 };
  #serverDisk = { 4: new Disk(), 6: new Disk() };
  #relayDisk = { 4: new Disk(), 6: new Disk() };
  #baseTimes = new Map<string, BaseTime>();
  #engine4!: Server4State;
  #engine6!: Server6State;
  #responder!: LeasequeryConnections;
  /** Answers whose changes are not stored yet. */
  #promises: { readonly family: 4 | 6; readonly sequence: number; readonly send: ServerSend }[] = [];
  #relays!: VirtualRelays;
  recovery!: RecoveryState;
  #heard = { 4: new Heard(), 6: new Heard() };
  readonly #links = new Map<number, Link>();
  readonly #buffer = new Uint8Array(FILL_BYTES_MIN);
  readonly #underway: { readonly dueMs: number; readonly arrive: () => void }[] = [];

  constructor({ seed, faults, households, skewSeconds }: RecoveringNetworkOptions) {
    this.random = seededRandom(seed);
    this.faults = faults;
    this.skewSeconds = skewSeconds;
    this.lab = createLabNetwork({ random: this.random, now: this.now, households });
    this.#startServer();
    this.#startRelays();
  }

  below(limit: number): number {
    return this.random.uint32() % limit;
  }

  /** The server falls over and comes back with what was stored. */
  restartServer(): void {
    for (const link of [...this.#links.values()]) this.#break(link);
    this.#promises = [];
    this.server = { 4: this.#serverDisk[4].load(4), 6: this.#serverDisk[6].load(6) };
    this.#startServer();
  }

  /** The relay agents fall over, with what was stored or with nothing. */
  restartRelays(empty: boolean): void {
    for (const link of [...this.#links.values()]) {
      link.open = false;
      this.#links.delete(link.connection);
      if (link.accepted !== undefined) this.#responder.closed(link.accepted, true, this.#serverNow());
    }
    if (empty) {
      this.#relayDisk = { 4: new Disk(), 6: new Disk() };
      this.#baseTimes = new Map();
    }
    this.relay = { 4: this.#relayDisk[4].load(4), 6: this.#relayDisk[6].load(6) };
    this.#startRelays();
  }

  breakConnections(): void {
    for (const link of [...this.#links.values()]) this.#break(link);
  }

  storeServer(): void {
    for (const family of families) this.#serverDisk[family].store(this.server[family]);
    const kept = this.#promises;
    this.#promises = [];
    for (const one of kept) this.#answer(one.family, one.send);
    this.#pump();
  }

  storeRelays(): void {
    for (const family of families) {
      this.#relayDisk[family].store(this.relay[family]);
      this.#recover({ kind: "durable", family, sequence: this.relay[family].sequence });
    }
  }

  pass(seconds: number): void {
    const untilMs = this.now + seconds * 1000;
    for (;;) {
      const next = Math.max(this.now, this.#nextMs());
      if (next > untilMs) break;
      this.now = next;
      this.#happen();
    }
    this.now = untilMs;
  }

  #serverNow(): number {
    return this.now + this.skewSeconds * 1000;
  }

  #startServer(): void {
    this.#engine4 = createServer4({ table: this.server[4], random: this.random });
    this.#engine6 = createServer6({ table: this.server[6], random: this.random });
    this.#responder = new LeasequeryConnections({
      tables: this.server,
      durable: (family) => this.#serverDisk[family].sequence,
      guard: new StormGuard(),
    });
    const of = (family: 4 | 6) => theServers.filter((server) => server.family === family);
    for (const family of families) this.#serve(family, { kind: "configuration", servers: of(family) });
    this.#responder.configure(
      {
        servers4: of(4).map((server) =>
          responderScopes4(server, ipv4FromBytes(Uint8Array.of(127, 0, 0, 1)) as Ipv4Address),
        ),
        servers6: of(6).map((server) => responderScopes6(server, duid)),
        tcpConnectionsAcceptedMax: 100,
      },
      this.#serverNow(),
    );
  }

  #startRelays(): void {
    this.#heard = { 4: new Heard(), 6: new Heard() };
    this.#relays = new VirtualRelays({
      tree: theTree,
      tables: this.relay,
      random: this.random,
      now: () => this.now,
      toServer: (family, sourcePort, bytes) =>
        this.#send(bytes, (arrived) => {
          const sourceAddress = loopback[family];
          const { instance } = theServers[0]!;
          const arrival = { instance, sourceAddress, sourcePort, localAddress: sourceAddress };
          this.#serve(family, { kind: "datagram", arrival, bytes: arrived });
        }),
      toClients: ({ family, interfaceName, bytes }) =>
        this.#send(bytes, (arrived) => this.#live({ kind: "datagram", family, interfaceName, bytes: arrived })),
    });
    // Connections that break before the first answer look like a server without active leasequery.
    this.recovery = createRecovery({ tables: this.relay, random: this.random, limits: { activeRefusalsMax: 1000 } });
    this.#recover({ kind: "configuration", relays: theRecoveryRelays, requestedConnectionsMax: 10 });
    for (const family of families)
      this.#recover({ kind: "durable", family, sequence: this.#relayDisk[family].sequence });
    this.#recover({
      kind: "restored",
      baseTimes: [...this.#baseTimes.values()],
      bound: (family, instance) => this.relay[family].counts(instance)[BindingState.ACTIVE] ?? 0,
    });
  }

  #live(input: LabInput): void {
    if (this.silent) return;
    for (const datagram of stepLabNetwork(this.lab, input, this.now).sends) {
      this.#send(datagram.bytes, (bytes) => this.#relays.fromClient({ ...datagram, bytes }));
    }
  }

  #serve(family: 4 | 6, input: Server4Input & Server6Input): void {
    const now = this.#serverNow();
    const output: ServerOutput = family === 4 ? step4(this.#engine4, input, now) : step6(this.#engine6, input, now);
    for (const { binding, cause } of output.changes) put(this.server[family], binding, cause, now);
    for (const send of output.sends) {
      const copy = { ...send, bytes: send.bytes.slice() };
      if (!send.promises) this.#answer(family, copy);
      else this.#promises.push({ family, sequence: this.server[family].sequence, send: copy });
    }
    if (output.changes.length > 0) this.#at(this.now + this.below(300), () => this.storeServer());
    else if (output.sends.some(({ promises }) => promises)) this.storeServer();
  }

  #answer(family: 4 | 6, { bytes, to }: ServerSend): void {
    if (to.kind !== "unicast") throw new Error("an answer that passes the relay agents by");
    this.#send(bytes, (arrived) => this.#relays.fromServer(family, to.port, arrived));
  }

  #recover(input: RecoveryInput): void {
    const heard = this.#heard;
    for (const family of families) heard[family].follow(this.relay[family]);
    const before = this.relay[4].sequence + this.relay[6].sequence;
    const out = stepRecovery(this.recovery, input, this.now);
    this.counts.recovered += this.relay[4].sequence + this.relay[6].sequence - before;
    for (const family of families) {
      const older = heard[family].follow(this.relay[family]);
      if (older !== undefined) throw new Error(`leasequery put something older in the place of ${older}`);
    }
    for (const one of out.baseTimes) this.#baseTimes.set(`${one.family} ${one.instance} ${one.server}`, one);
    for (const { connection, family } of out.connects) {
      const link = { connection, family, accepted: undefined, dueToServerMs: 0, dueToRelayMs: 0, open: true };
      this.#links.set(connection, link);
      this.#toServer(link, () => this.#connect(link));
    }
    for (const { connection, bytes } of out.writes) {
      const link = this.#links.get(connection);
      const copy = bytes.slice();
      if (link === undefined) continue;
      this.#toServer(link, () => {
        if (link.accepted !== undefined) this.#responder.receive(link.accepted, copy, this.#serverNow());
      });
    }
    if (out.secures.length > 0) throw new Error("nothing here is secured");
    for (const connection of out.closes) {
      const link = this.#links.get(connection);
      if (link === undefined) continue;
      link.open = false;
      this.#links.delete(connection);
      if (link.accepted !== undefined) this.#responder.closed(link.accepted, false, this.#serverNow());
    }
  }

  #connect(link: Link): void {
    const address = loopback[link.family];
    const { instance } = theServers[0]!;
    const accepted = this.#responder.accept(
      {
        family: link.family,
        instance,
        peerAddress: address,
        peerPort: 40_000 + (link.connection % 20_000),
        localAddress: address,
        localPort: labPlaces[link.family]!.serverPort,
      },
      this.#serverNow(),
    );
    if (!accepted.accepted) {
      this.#break(link);
      return;
    }
    link.accepted = accepted.id;
    this.#toRelay(link, () => this.#recover({ kind: "connected", connection: link.connection, secure: false }));
  }

  /** What is on its way is lost. */
  #break(link: Link): void {
    if (!link.open) return;
    link.open = false;
    this.#links.delete(link.connection);
    if (link.accepted !== undefined) this.#responder.closed(link.accepted, true, this.#serverNow());
    this.counts.resets += 1;
    const { connection } = link;
    const { recovery } = this;
    this.#at(this.now, () => {
      if (this.recovery === recovery) this.#recover({ kind: "closed", connection, reason: "the connection broke" });
    });
  }

  /** What the server has to say on its connections. */
  #pump(): void {
    this.#responder.tick(this.#serverNow());
    for (const link of [...this.#links.values()]) {
      const id = link.accepted;
      if (id === undefined) continue;
      for (let i = 0; i < 1000 && link.open; i += 1) {
        const next = this.#responder.next(id);
        if (next === "end" || next === "abort") this.#toRelay(link, () => this.#break(link));
        if (next !== "fill") break;
        const octets = this.#responder.fill(id, this.#buffer, this.#serverNow());
        this.#responder.sent(id, octets, this.#serverNow());
        if (octets > 0) this.#carry(link, this.#buffer.slice(0, octets));
      }
    }
  }

  #carry(link: Link, bytes: Uint8Array): void {
    const cut = this.#chance(this.faults.reset) ? this.#cutOf(bytes) : undefined;
    const whole = cut === undefined ? bytes : bytes.subarray(0, cut);
    // In pieces: reads end where they like.
    const middle = whole.length === 0 ? 0 : this.below(whole.length);
    for (const piece of [whole.slice(0, middle), whole.slice(middle)]) {
      if (piece.length === 0) continue;
      this.#toRelay(link, () => {
        this.#recover({ kind: "received", connection: link.connection, bytes: piece });
        piece.fill(0xee);
      });
    }
    if (cut !== undefined) this.#toRelay(link, () => this.#break(link));
  }

  /** Where a connection breaks: between two messages, or inside one. */
  #cutOf(bytes: Uint8Array): number {
    if (this.below(2) === 0) return this.below(bytes.length);
    const boundaries = [0];
    for (let at = 0; at + 2 <= bytes.length; ) {
      at += 2 + bytes[at]! * 256 + bytes[at + 1]!;
      if (at <= bytes.length) boundaries.push(at);
    }
    return boundaries[this.below(boundaries.length)]!;
  }

  #toServer(link: Link, arrive: () => void): void {
    link.dueToServerMs = Math.max(link.dueToServerMs, this.now + this.below(this.faults.delayMsMax + 1));
    this.#at(link.dueToServerMs, () => {
      if (link.open) arrive();
    });
  }

  #toRelay(link: Link, arrive: () => void): void {
    link.dueToRelayMs = Math.max(link.dueToRelayMs, this.now + this.below(this.faults.delayMsMax + 1));
    this.#at(link.dueToRelayMs, () => {
      if (link.open) arrive();
    });
  }

  #send(bytes: Uint8Array, arrive: (bytes: Uint8Array) => void): void {
    const copies = this.#chance(this.faults.loss) ? 0 : this.#chance(this.faults.duplication) ? 2 : 1;
    if (copies === 0) this.counts.lost += 1;
    if (copies === 2) this.counts.duplicated += 1;
    for (let i = 0; i < copies; i += 1) {
      const cut = this.#chance(this.faults.truncation);
      if (cut) this.counts.truncated += 1;
      const copy = bytes.slice(0, cut ? this.below(bytes.length) : bytes.length);
      this.#at(this.now + this.below(this.faults.delayMsMax + 1), () => arrive(copy));
    }
  }

  #chance(part: number): boolean {
    return part > 0 && randomFraction(this.random) < part;
  }

  #at(dueMs: number, arrive: () => void): void {
    this.#underway.push({ dueMs, arrive });
  }

  #nextMs(): number {
    const skewMs = this.skewSeconds * 1000;
    let next = Math.min(
      this.silent ? none : nextLabDeadlineMs(this.lab),
      (nextServerDeadlineMs4(this.#engine4) ?? none) - skewMs,
      (nextServerDeadlineMs6(this.#engine6) ?? none) - skewMs,
      (this.#responder.nextDeadlineMs() ?? none) - skewMs,
      this.#relays.nextDeadlineMs(),
      nextRecoveryDeadlineMs(this.recovery) ?? none,
      // Leases run out.
      (Math.floor(this.now / 5000) + 1) * 5000,
    );
    for (const { dueMs } of this.#underway) if (dueMs < next) next = dueMs;
    return next;
  }

  #happen(): void {
    for (const family of families) {
      while (!this.server[family].expire(Math.floor(this.#serverNow() / 1000), 1000).done);
      while (!this.relay[family].expire(Math.floor(this.now / 1000), 1000).done);
      this.#serve(family, { kind: "deadline" });
      if (this.server[family].sequence > this.#serverDisk[family].sequence && this.now % 5000 === 0) this.storeServer();
    }
    this.#relays.deadline();
    this.#recover({ kind: "deadline" });
    for (;;) {
      const due = this.#underway.findIndex(({ dueMs }) => dueMs <= this.now);
      if (due < 0) break;
      this.#underway.splice(due, 1)[0]!.arrive();
    }
    this.#live({ kind: "deadline" });
    this.#pump();
  }
}

function tables(): Tables {
  return { 4: new BindingTable(4, smallLog), 6: new BindingTable(6, smallLog) };
}

function put(table: BindingTable, binding: BindingInput, cause: string, nowMs: number): void {
  const result = table.put(binding, cause, Math.floor(nowMs / 1000));
  if (result.outcome === "refused") throw new Error(result.refusal.message);
}

function keyOf({ instance, address, prefixLength }: BindingInput): string {
  return `${instance} ${address.join(".")}/${prefixLength}`;
}

/** The lab's, with leases that do not run out while recovery takes its time, and bulk leasequery for both families. */
function configuration(): ConfigTree {
  const text = labStatements(labPlaces)
    .join("\n")
    .replace(/maximum-lease-time \d+/g, "maximum-lease-time 6000")
    .replace(/valid-lifetime \d+/g, "valid-lifetime 6000")
    .replace(/preferred-lifetime \d+/g, "preferred-lifetime 5000")
    .replace(/t1-renewal-time \d+/g, "t1-renewal-time 200")
    .replace(/t2-rebinding-time \d+/g, "t2-rebinding-time 600");
  const { tree, findings } = parseConfiguration(text);
  if (findings.length > 0) throw new Error(findings[0]!.message);
  return tree;
}

function recoveryRelays(tree: ConfigTree): RecoveryRelay[] {
  return relayConfigurations(tree).map((relay) => {
    const { instance, family, serverGroups, relayId, bulkLeasequery: bulk, activeLeasequery: active } = relay;
    if (bulk === undefined || active === undefined) throw new Error("the lab's relay agents recover");
    const { attempts, timeoutSeconds, triggerAutomatic } = bulk;
    return {
      instance,
      family,
      servers: serverGroups.flatMap(({ name, servers }) => servers.map((one) => ({ ...one, group: name }))),
      relayId,
      bulk: { attempts, timeoutSeconds, triggerAutomatic },
      active: {
        timeoutSeconds: active.timeoutSeconds,
        idleTimeoutSeconds: active.idleTimeoutSeconds,
        mode: "insecure",
      },
      interfaces: relay.interfaces,
      replyRetriesMax: 1,
      replyRetrySeconds: 1,
    } satisfies RecoveryRelay;
  });
}

/** The bindings of a relay agent's clients: at the server by its relay identifier, at the relay agent by its instance. */
export function bindingsThrough(
  table: BindingTable,
  of: { relayId: Uint8Array } | { instance: InstanceName },
): Binding[] {
  const found: Binding[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) {
    const binding = table.at(row);
    if (binding === undefined) continue;
    const its =
      "relayId" in of
        ? binding.relayId !== undefined && String(binding.relayId) === String(of.relayId)
        : binding.instance === of.instance;
    if (its) found.push(binding);
  }
  return found;
}

export const gateways = LAB_GATEWAYS.map(({ name, relayId }) => ({
  relayId,
  instance: `${name}:default` as InstanceName,
}));

// The same for every history.
const theTree = configuration();
const theServers: readonly LocalServerConfiguration[] = localServerConfigurations(theTree).map((server) =>
  server.family === 6 ? { ...server, duid } : server,
);
const theRecoveryRelays = recoveryRelays(theTree);
