import type { BindingTable, ChainCursor } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import type { RandomSource } from "../random.ts";
import { newCounters, type ServerCounters } from "../server-common/counters.ts";
import type { Arrival } from "../server-common/messages.ts";
import { type Timed, Timeline } from "../server-common/timeline.ts";
import { SERVER4_LIMITS_DEFAULT, type Server4Limits } from "./limits.ts";
import type { AddressRange, Pool4 } from "./pools.ts";
import { ReplyBuffer } from "./reply-buffer.ts";

/**
 * The DHCPv4 servers of all instances.
 *
 * Invariants:
 *   - An address is offered or leased to at most one client. What is leased is what the table says; offers are here.
 *   - `offersByClient` and `offersByAddress` of the servers and `offers` hold the same offers.
 *   - Every pending probe belongs to an offer.
 *   - Every collection is bounded by a field of `limits` or by the configuration, whatever arrives.
 */
export interface Server4State {
  readonly limits: Server4Limits;
  readonly random: RandomSource;
  readonly table: BindingTable;
  readonly servers: Map<InstanceName, Server4>;
  /** Earliest end first. */
  readonly offers: Timeline<Offer>;
  /** By token, oldest first. */
  readonly probes: Map<number, Probe>;
  readonly counters: Map<InstanceName, ServerCounters>;
  readonly reply: ReplyBuffer;
  /** What others did to the table. */
  readonly tableChanges: ChainCursor;
  /** Whether the marks of the pools show all of it: then an address without mark has no lease. */
  isCaughtUp: boolean;
  granting: boolean;
  nextToken: number;
  /** No abandoned address has rested long enough before; infinite when there is none. */
  abandonedDueMs: number;
  /** The earliest time at which a pending probe may be overdue; infinite when there is none. */
  probesDueMs: number;
}

/** The DHCPv4 server of an instance. */
export interface Server4 {
  readonly instance: InstanceName;
  configuration: LocalServerConfiguration;
  readonly counters: ServerCounters;
  readonly pools: readonly Pool4[];
  /** Of all pools, in order of address, without overlap. */
  readonly ranges: readonly AddressRange[];
  /** `low` of each of them. */
  readonly lows: Float64Array;
  readonly hosts: HostIndex;
  /** Hosts by reserved address. */
  readonly reservations: ReadonlyMap<number, Host4>;
  /** Pools by link, filled as links are met. */
  readonly links: Map<number, readonly Pool4[]>;
  /** Pools by client interface. */
  interfaces: ReadonlyMap<string, InterfacePools>;
  /** Addresses that name this server in option 54. */
  ownIdentifiers: ReadonlySet<number>;
  /** What stands in option 54 unless the pool or the relay says otherwise; 0: the address the message came to. */
  identifier: number;
  readonly offersByClient: Map<string, Offer>;
  readonly offersByAddress: Map<number, Offer>;
  /** Numbers of client interfaces, and how many leases each has; only where clients are limited by interface. */
  readonly interfaceNumbers: Map<string, number>;
  readonly clientsByInterface: number[];
}

export interface InterfacePools {
  readonly pools: readonly Pool4[];
  /** First address of the interface, 0 if it has none. */
  readonly address: number;
}

export interface Host4 {
  readonly name: string;
  readonly pool: Pool4;
  readonly address: number;
  readonly kind: "hardware-address" | "client-id" | "duid" | "circuit-id" | "remote-id";
  readonly key: string;
}

/** Hosts by the key they are known by. */
export type HostIndex = Readonly<Record<Host4["kind"], ReadonlyMap<string, readonly Host4[]>>>;

/** An address kept for a client that has not asked for it yet. */
export interface Offer extends Timed<Offer> {
  readonly server: Server4;
  /** Of the client. */
  readonly key: string;
  readonly range: AddressRange;
  readonly slot: number;
  readonly address: number;
  expiresAtMs: number;
  /** Token of the pending probe, −1 if there is none. */
  probe: number;
}

/** A probe under way, and the DISCOVER that waits for it. */
export interface Probe {
  readonly token: number;
  readonly offer: Offer;
  /** The latest DISCOVER of the client, a copy. */
  message: Uint8Array;
  arrival: Arrival;
  /** Addresses tried for it, this one included. */
  readonly tried: number;
  readonly overdueAtMs: number;
}

/** An address marked abandoned. */
export interface AbandonedAddress extends Timed<AbandonedAddress> {
  readonly range: AddressRange;
  readonly slot: number;
  readonly sinceSeconds: number;
}

/**
 * The table holds what was leased before and is told what changes; leases of earlier are found in it once a
 * `configuration` says which pools there are.
 */
export function createServer4(options: {
  readonly table: BindingTable;
  readonly random: RandomSource;
  readonly limits?: Partial<Server4Limits>;
}): Server4State {
  const limits = { ...SERVER4_LIMITS_DEFAULT, ...options.limits };
  return {
    limits,
    random: options.random,
    table: options.table,
    servers: new Map(),
    offers: new Timeline(),
    probes: new Map(),
    counters: new Map(),
    reply: new ReplyBuffer(limits.replyOctetsMax),
    tableChanges: options.table.chain({ afterSequence: options.table.sequence }),
    isCaughtUp: false,
    granting: true,
    // Results of probes that an earlier engine began are not taken for results of ours.
    nextToken: options.random.uint32(),
    abandonedDueMs: Number.POSITIVE_INFINITY,
    probesDueMs: Number.POSITIVE_INFINITY,
  };
}

export function countersOf(state: Server4State, instance: InstanceName, now: number): ServerCounters {
  let counters = state.counters.get(instance);
  if (counters === undefined) {
    counters = newCounters(instance, now);
    state.counters.set(instance, counters);
  }
  return counters;
}
