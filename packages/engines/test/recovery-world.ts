import { BindingTable, type Family } from "@leasewire/bindings";
import { type InstanceName, ipv4ToBytes } from "@leasewire/net";
import {
  type BaseTime,
  type BulkRequest,
  type BulkRun,
  createRecovery,
  nextRecoveryDeadlineMs,
  type RecoveryInput,
  type RecoveryLimits,
  type RecoveryNote,
  type RecoveryOutput,
  type RecoveryRefusal,
  type RecoveryRelay,
  type RecoveryState,
  type RestoringBinding,
  type StreamView,
  stepRecovery,
  viewBulkRun,
  viewStream,
} from "../src/leasequery/recovery/index.ts";
import { FILL_BYTES_MIN } from "../src/leasequery/responder/index.ts";
import { seededRandom } from "../src/random.ts";
import { INSTANCE, NOW_SECONDS, RELAY_DUID, ResponderWorld, SCOPES4, SCOPES6 } from "./responder-world.ts";

export const RELAY4: RecoveryRelay = {
  instance: INSTANCE,
  family: 4,
  servers: [{ address: "192.0.2.1", port: 67, group: "servers" }],
  relayId: RELAY_DUID,
  bulk: { attempts: 3, timeoutSeconds: 10, triggerAutomatic: false },
  interfaces: ["ge"],
  replyRetriesMax: 3,
  replyRetrySeconds: 5,
};
export const RELAY6: RecoveryRelay = {
  ...RELAY4,
  family: 6,
  servers: [{ address: "2001:db8::1", port: 547, group: "servers" }],
};
export const ACTIVE = { timeoutSeconds: 60, idleTimeoutSeconds: 60, mode: "insecure" } as const;

const SMALL = { limits: { logEntriesMax: 2048, logBytesMax: 1 << 20 } };

/** What stands at the other end of a connection. */
export interface Peer {
  /** The requestor has sent octets. */
  receive(bytes: Uint8Array, link: PeerLink): void;
  /** The requestor has closed. */
  closed?(link: PeerLink): void;
  connected?(link: PeerLink): void;
}

export class PeerLink {
  readonly world: RecoveryWorld;
  readonly id: number;
  readonly address: string;
  open = true;
  paused = false;
  /** Octets on their way to the requestor. */
  readonly sent: Uint8Array[] = [];
  endsWith: string | undefined;
  secured = false;

  constructor(world: RecoveryWorld, id: number, address: string) {
    this.world = world;
    this.id = id;
    this.address = address;
  }

  send(...messages: readonly Uint8Array[]): this {
    for (const message of messages) {
      const framed = new Uint8Array(message.length + 2);
      framed[0] = message.length >>> 8;
      framed[1] = message.length;
      framed.set(message, 2);
      this.sent.push(framed);
    }
    return this;
  }

  end(reason = "the server closed the connection"): void {
    this.endsWith = reason;
  }
}

/** A server of ours at the other end, with a clock of its own. */
export class ServerPeer implements Peer {
  readonly server: ResponderWorld;
  readonly skewSeconds: number;
  readonly #links = new Map<number, number>();
  readonly #buffer = new Uint8Array(FILL_BYTES_MIN);
  /** Octets it sends before the connection breaks; undefined: all. */
  cutAfter: number | undefined;
  #sent = 0;

  constructor(server: ResponderWorld, skewSeconds = 0) {
    this.server = server;
    this.skewSeconds = skewSeconds;
  }

  connected(link: PeerLink): void {
    this.#tick(link.world);
    const family = link.address.includes(":") ? 6 : 4;
    const accepted = this.server.engine.accept(
      {
        family,
        instance: INSTANCE,
        peerAddress: family === 4 ? "10.0.0.254" : "2001:db8::fe",
        peerPort: 40_000 + link.id,
        localAddress: link.address,
        localPort: family === 4 ? 67 : 547,
      },
      this.server.now,
    );
    if (accepted.accepted) this.#links.set(link.id, accepted.id);
    else link.end();
  }

  receive(bytes: Uint8Array, link: PeerLink): void {
    this.#tick(link.world);
    const id = this.#links.get(link.id);
    if (id !== undefined) this.server.engine.receive(id, bytes, this.server.now);
  }

  closed(link: PeerLink): void {
    this.#tick(link.world);
    const id = this.#links.get(link.id);
    if (id !== undefined) this.server.engine.closed(id, false, this.server.now);
    this.#links.delete(link.id);
  }

  /** Moves what the server has to say; true if there was something. */
  pump(world: RecoveryWorld): boolean {
    this.#tick(world);
    this.server.engine.tick(this.server.now);
    let any = false;
    for (const [linkId, id] of this.#links) {
      const link = world.peerLinks.get(linkId);
      if (link === undefined || link.paused || link.endsWith !== undefined) continue;
      for (let i = 0; i < 10_000; i += 1) {
        const next = this.server.engine.next(id);
        if (next === "fill") {
          const octets = this.server.engine.fill(id, this.#buffer, this.server.now);
          this.server.engine.sent(id, octets, this.server.now);
          if (octets === 0) continue;
          let bytes = this.#buffer.slice(0, octets);
          if (this.cutAfter !== undefined && this.#sent + octets >= this.cutAfter) {
            bytes = bytes.slice(0, this.cutAfter - this.#sent);
            this.cutAfter = undefined;
            this.#sent = 0;
            link.sent.push(bytes);
            link.end("the server broke the connection off");
            any = true;
            break;
          }
          this.#sent += octets;
          link.sent.push(bytes);
          any = true;
          continue;
        }
        if (next === "end" || next === "abort") {
          link.end();
          any = true;
        }
        break;
      }
    }
    return any;
  }

  #tick(world: RecoveryWorld): void {
    this.server.now = world.now + this.skewSeconds * 1000;
  }
}

/** Recovery, its tables, and servers at the other ends, in a time of their own. */
export class RecoveryWorld {
  now = NOW_SECONDS * 1000;
  // A short log: there are thousands of worlds.
  readonly tables = { 4: new BindingTable(4, SMALL), 6: new BindingTable(6, SMALL) } as const;
  readonly state: RecoveryState;
  readonly peers = new Map<string, Peer>();
  readonly peerLinks = new Map<number, PeerLink>();
  readonly refused = new Map<string, string>();
  readonly notes: RecoveryNote[] = [];
  readonly restoring: RestoringBinding[] = [];
  readonly baseTimes: BaseTime[] = [];
  readonly connectedTo: string[] = [];
  /** Octets in one read; 0: as they are sent. */
  chunk = 0;
  /** What a step writes is durable at once. */
  durableAtOnce = true;
  refusal: RecoveryRefusal | null = null;
  #runs = 0;

  constructor(relays: readonly RecoveryRelay[] = [RELAY4, RELAY6], limits: Partial<RecoveryLimits> = {}, seed = 1) {
    this.state = createRecovery({ tables: this.tables, random: seededRandom(seed), limits });
    this.configure(relays);
  }

  configure(relays: readonly RecoveryRelay[], requestedConnectionsMax = 3): this {
    this.step({ kind: "configuration", relays, requestedConnectionsMax });
    return this;
  }

  restored(baseTimes: readonly BaseTime[] = []): this {
    this.step({
      kind: "restored",
      baseTimes,
      bound: (family, instance) => this.tables[family].counts(instance)[2] ?? 0,
    });
    return this;
  }

  /** A server of ours at an address. */
  serve(address: string, server = new ResponderWorld(), skewSeconds = 0): ServerPeer {
    const peer = new ServerPeer(server, skewSeconds);
    this.peers.set(address, peer);
    return peer;
  }

  run(more: Partial<BulkRequest> = {}): string {
    this.#runs += 1;
    const id = more.id ?? `run-${this.#runs}`;
    this.step({
      kind: "start-run",
      request: {
        id,
        family: 4,
        key: { kind: "relay-id" },
        startedBy: "alice",
        command: "request dhcp relay bulk-leasequery",
        cause: "operator",
        ...more,
      },
    });
    return id;
  }

  bulk(id: string): BulkRun {
    const run = this.state.runs.get(id);
    if (run === undefined) throw new Error(`no run ${id}`);
    return viewBulkRun(run, this.now);
  }

  stream(family: Family = 4): StreamView {
    for (const stream of this.state.streams.values())
      if (stream.relay.family === family) return viewStream(this.state, stream, this.now);
    throw new Error("no stream");
  }

  step(input: RecoveryInput): RecoveryOutput {
    const out = stepRecovery(this.state, input, this.now);
    this.refusal = out.refusal;
    this.notes.push(...out.notes);
    this.restoring.push(...out.restoring);
    this.baseTimes.push(...out.baseTimes);
    for (const { connection, address } of out.connects) {
      const link = new PeerLink(this, connection, address);
      this.connectedTo.push(address);
      this.peerLinks.set(connection, link);
    }
    for (const { connection, bytes } of out.writes) {
      const link = this.peerLinks.get(connection);
      if (link?.open === true) this.peers.get(link.address)?.receive(bytes, link);
    }
    for (const id of out.secures) this.#secures.push(id);
    for (const id of out.pauses) this.#link(id).paused = true;
    for (const id of out.resumes) this.#link(id).paused = false;
    for (const id of out.closes) {
      const link = this.#link(id);
      link.open = false;
      this.peers.get(link.address)?.closed?.(link);
      this.peerLinks.delete(id);
    }
    if (this.durableAtOnce && input.kind !== "durable") {
      for (const family of [4, 6] as const) {
        const { sequence } = this.tables[family];
        if (sequence > this.state.durable[family]) this.step({ kind: "durable", family, sequence });
      }
    }
    return out;
  }

  /** Lets everything happen that happens without time passing. */
  settle(rounds = 10_000): this {
    for (let i = 0; i < rounds; i += 1) if (!this.#round()) return this;
    throw new Error("it does not come to rest");
  }

  /** Lets time pass, with everything that is due. */
  pass(seconds: number): this {
    const until = this.now + seconds * 1000;
    for (let i = 0; i < 100_000; i += 1) {
      this.settle();
      const due = nextRecoveryDeadlineMs(this.state) ?? Number.POSITIVE_INFINITY;
      // Servers have deadlines of their own: keepalives.
      const serverDue = Math.min(
        ...[...this.peers.values()].map((peer) =>
          peer instanceof ServerPeer
            ? (peer.server.engine.nextDeadlineMs() ?? Number.POSITIVE_INFINITY) - peer.skewSeconds * 1000
            : Number.POSITIVE_INFINITY,
        ),
      );
      const next = Math.max(this.now, Math.min(due, serverDue));
      if (next > until) break;
      this.now = next;
      if (due <= next) this.step({ kind: "deadline" });
    }
    this.now = until;
    return this.settle();
  }

  readonly #secures: number[] = [];
  readonly #connected = new Set<number>();

  #link(id: number): PeerLink {
    return this.peerLinks.get(id) ?? new PeerLink(this, id, "");
  }

  #round(): boolean {
    let any = false;
    for (const [id, link] of [...this.peerLinks]) {
      if (!this.#connected.has(id)) {
        const peer = this.peers.get(link.address);
        any = true;
        if (peer === undefined && !this.silent.has(link.address)) {
          this.peerLinks.delete(id);
          this.step({ kind: "closed", connection: id, reason: "connection refused: nothing listens there" });
          continue;
        }
        this.#connected.add(id);
        if (peer === undefined) continue;
        peer.connected?.(link);
        this.step({ kind: "connected", connection: id, secure: false });
        continue;
      }
      if (link.paused) continue;
      const bytes = link.sent.shift();
      if (bytes !== undefined) {
        any = true;
        const size = this.chunk === 0 ? bytes.length : this.chunk;
        for (let at = 0; at < bytes.length && this.peerLinks.has(id); at += size) {
          // The buffer is read into again: what is kept of it must be a copy.
          const read = bytes.slice(at, at + size);
          this.step({ kind: "received", connection: id, bytes: read });
          read.fill(0xee);
        }
      } else if (link.endsWith !== undefined) {
        any = true;
        this.peerLinks.delete(id);
        this.peers.get(link.address)?.closed?.(link);
        this.step({ kind: "closed", connection: id, reason: link.endsWith });
      }
    }
    for (const id of this.#secures.splice(0)) {
      any = true;
      const link = this.peerLinks.get(id);
      if (link === undefined) continue;
      link.secured = true;
      this.step({ kind: "connected", connection: id, secure: true });
    }
    for (const peer of this.peers.values()) if (peer instanceof ServerPeer && peer.pump(this)) any = true;
    return any;
  }

  /** Addresses that say nothing at all. */
  readonly silent = new Set<string>();
}

export function addressOf(host: number): Uint8Array {
  return ipv4ToBytes((0x0a000000 + host) as never);
}

/** What a relay must agree with the server about, of every ACTIVE lease. */
export function leasesOf(table: BindingTable, instance: InstanceName = INSTANCE): string[] {
  const found: string[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) {
    const binding = table.at(row);
    if (binding === undefined || binding.instance !== instance || binding.state !== 2) continue;
    const hex = (octets: Uint8Array | undefined): string => Buffer.from(octets ?? []).toString("hex");
    found.push(
      [
        hex(binding.address),
        binding.prefixLength,
        hex(binding.clientId),
        binding.clientLastTransactionTimeSeconds,
        binding.expiresAtSeconds,
        hex(binding.remoteId),
      ].join(" "),
    );
  }
  return found.sort();
}

export { INSTANCE, NOW_SECONDS, RELAY_DUID, ResponderWorld, SCOPES4, SCOPES6 };

/** A server that does as it is told: `answer` gets each query with its transaction id. */
export class ScriptedPeer implements Peer {
  readonly queries: Uint8Array[] = [];
  closes = 0;
  connections = 0;
  readonly #answer: (xid: number, link: PeerLink, query: Uint8Array, number: number) => void;

  constructor(answer: (xid: number, link: PeerLink, query: Uint8Array, number: number) => void) {
    this.#answer = answer;
  }

  connected(): void {
    this.connections += 1;
  }

  receive(bytes: Uint8Array, link: PeerLink): void {
    const query = bytes.slice(2);
    this.queries.push(query);
    const xid = link.address.includes(":")
      ? (query[1]! << 16) | (query[2]! << 8) | query[3]!
      : ((query[4]! << 24) | (query[5]! << 16) | (query[6]! << 8) | query[7]!) >>> 0;
    this.#answer(xid, link, query, this.queries.length);
  }

  closed(): void {
    this.closes += 1;
  }
}
