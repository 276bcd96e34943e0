import type { BindingTable, ChainCursor } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import type { RandomSource } from "../random.ts";
import { newCounters, type ServerCounters } from "../server-common/counters.ts";
import { type Timed, Timeline } from "../server-common/timeline.ts";
import { SERVER6_LIMITS_DEFAULT, type Server6Limits } from "./limits.ts";
import type { Pool6, Range6 } from "./pools.ts";
import { ReplyBuffer6 } from "./reply-buffer.ts";
import type { IaKind } from "./request.ts";
import { Slab } from "./slab.ts";

/** HMAC-MD5 (RFC 2104): 16 octets. */
export type HmacMd5 = (key: Uint8Array, message: Uint8Array) => Uint8Array;

export interface Server6Options {
  readonly table: BindingTable;
  readonly random: RandomSource;
  readonly limits?: Partial<Server6Limits>;
  /** Without it no client is told that it may be reconfigured. */
  readonly hmacMd5?: HmacMd5;
  /**
   * At least 16 secret octets from which the reconfigure keys of the clients are made (RFC 9915 §20.4.2). Keep them over
   * restarts: with others, clients refuse every RECONFIGURE until their next REQUEST. Absent: drawn from `random`.
   */
  readonly reconfigureSecret?: Uint8Array;
  /** Whether IA_TA is served as RFC 8415 §21.5 has it. RFC 9915 §21.5 made it obsolete; false: it is ignored. Default true. */
  readonly temporaryAddresses?: boolean;
}

/**
 * The DHCPv6 servers of all instances.
 *
 * Invariants:
 *   - An address or prefix is offered or leased to at most one IA of one client. What is leased is what the table says; offers
 *     are here.
 *   - `offersByClient` of the servers and `offers` hold the same offers, and `offers` of the ranges those of their slots.
 *   - Every collection is bounded by a field of `limits`, by the table or by the configuration, whatever arrives.
 */
export interface Server6State {
  readonly limits: Server6Limits;
  readonly random: RandomSource;
  readonly table: BindingTable;
  readonly hmacMd5: HmacMd5 | undefined;
  readonly reconfigureSecret: Uint8Array;
  readonly temporaryAddresses: boolean;
  readonly servers: Map<InstanceName, Server6>;
  /** What the servers were made of, to be compared with the next configuration. */
  layout: unknown;
  /** Element `number` is the range of that number; 0 is none. */
  ranges: readonly (Range6 | undefined)[];
  /** Earliest end first. */
  readonly offers: Timeline<Offer6>;
  /** The longest declined first. */
  readonly declined: Timeline<DeclinedLease>;
  readonly counters: Map<InstanceName, ServerCounters>;
  readonly reply: ReplyBuffer6;
  /** Relay data of bindings is put together here. */
  readonly relayData: Slab;
  /** What others did to the table, and what became of our own changes. */
  tableChanges: ChainCursor;
  /** For each row what it last counted as: 4 · number of the range + 1 (leased) or 2 (declined); 0 nothing. */
  readonly rowStandings: RowColumn;
  /** By instance and DUID. */
  readonly reconfigures: Map<string, Reconfigure6>;
  /** Octets of source addresses by their text. */
  readonly sources: Map<string, Uint8Array>;
  granting: boolean;
  /** Last replay detection value used. */
  replayDetection: number;
}

/** The DHCPv6 server of an instance. */
export interface Server6 {
  readonly instance: InstanceName;
  readonly configuration: LocalServerConfiguration;
  readonly duid: Uint8Array;
  readonly counters: ServerCounters;
  readonly pools: readonly Pool6[];
  /** Of all pools, in order of address, without overlap. */
  readonly addressRanges: readonly Range6[];
  readonly prefixRanges: readonly Range6[];
  /** By link-address, filled as links are met. */
  readonly links: Map<string, Link6>;
  readonly interfaces: ReadonlyMap<string, Link6>;
  readonly hosts: HostIndex6;
  /** Hosts by reserved address or prefix. */
  readonly reservations: ReadonlyMap<string, readonly Host6[]>;
  /** By DUID; one for each IA, at most `leasesPerClientMax` of a client. */
  readonly offersByClient: Map<string, Offer6[]>;
}

/** A link, and the pools for the clients on it. */
export interface Link6 {
  /** The relay's link-address, or the address of our own interface. */
  readonly address: Uint8Array | undefined;
  readonly pools: readonly Pool6[];
  readonly addressPools: readonly Pool6[];
  readonly prefixPools: readonly Pool6[];
  /** Ranges of addresses, and of prefixes to delegate, in the order in which they are used. */
  readonly addressRanges: readonly Range6[];
  readonly prefixRanges: readonly Range6[];
}

export type HostKeyKind6 = "duid" | "circuit-id" | "remote-id" | "hardware-address";

export interface Host6 {
  readonly name: string;
  readonly pool: Pool6;
  readonly kind: HostKeyKind6;
  readonly key: string;
  /** Whichever is reserved: 128 for an address. */
  readonly leases: readonly { readonly address: Uint8Array; readonly length: number }[];
}

/** Hosts by the key they are known by. */
export type HostIndex6 = Readonly<Record<HostKeyKind6, ReadonlyMap<string, readonly Host6[]>>>;

/** Kept for an IA whose client has not asked for it yet. */
export interface Offer6 extends Timed<Offer6> {
  readonly server: Server6;
  /** DUID of the client as a key. */
  readonly duidKey: string;
  readonly kind: IaKind;
  readonly iaid: number;
  readonly address: Uint8Array;
  readonly length: number;
  /** undefined: reserved, and in no range. */
  readonly range: Range6 | undefined;
  readonly slot: number;
  expiresAtMs: number;
}

export interface DeclinedLease extends Timed<DeclinedLease> {
  readonly instance: InstanceName;
  readonly address: Uint8Array;
  readonly dueSeconds: number;
}

/** A client that is being told to come back. */
export interface Reconfigure6 {
  readonly key: string;
  readonly instance: InstanceName;
  readonly duid: Uint8Array;
  /** Of the message that is awaited. */
  readonly messageType: number;
  sent: number;
  timeoutMs: number;
  dueMs: number;
}

const SEGMENT_SHIFT = 15;
const SEGMENT_MASK = (1 << SEGMENT_SHIFT) - 1;

/** A number for each row of the table, 0 where none was set. Grows by segments: nothing is ever copied. */
export class RowColumn {
  readonly #segments: Uint32Array[] = [];

  get(row: number): number {
    return this.#segments[row >>> SEGMENT_SHIFT]?.[row & SEGMENT_MASK] ?? 0;
  }

  set(row: number, value: number): void {
    const index = row >>> SEGMENT_SHIFT;
    while (this.#segments.length <= index) this.#segments.push(new Uint32Array(1 << SEGMENT_SHIFT));
    this.#segments[index]![row & SEGMENT_MASK] = value;
  }

  clear(): void {
    for (const segment of this.#segments) segment.fill(0);
  }
}

/**
 * The table holds what was leased before and is told what changes; leases of earlier are found in it once a
 * `configuration` says which pools there are.
 */
export function createServer6(options: Server6Options): Server6State {
  const limits = { ...SERVER6_LIMITS_DEFAULT, ...options.limits };
  return {
    limits,
    random: options.random,
    table: options.table,
    hmacMd5: options.hmacMd5,
    reconfigureSecret: options.reconfigureSecret ?? drawnSecret(options.random),
    temporaryAddresses: options.temporaryAddresses ?? true,
    servers: new Map(),
    layout: undefined,
    ranges: [undefined],
    offers: new Timeline(),
    declined: new Timeline(),
    counters: new Map(),
    reply: new ReplyBuffer6(limits.replyOctetsMax),
    relayData: new Slab(limits.storedRelayOctetsMax),
    tableChanges: options.table.chain({ afterSequence: options.table.sequence }),
    rowStandings: new RowColumn(),
    reconfigures: new Map(),
    sources: new Map(),
    granting: true,
    replayDetection: 0,
  };
}

export function countersOf(state: Server6State, instance: InstanceName, now: number): ServerCounters {
  let counters = state.counters.get(instance);
  if (counters === undefined) {
    counters = newCounters(instance, now);
    state.counters.set(instance, counters);
  }
  return counters;
}

function drawnSecret(random: RandomSource): Uint8Array {
  const secret = new Uint8Array(16);
  new Uint32Array(secret.buffer).forEach((_, i, words) => {
    words[i] = random.uint32();
  });
  return secret;
}
