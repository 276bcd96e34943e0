import { type BindingTable, type ChainCursor, RowView } from "@leasewire/bindings";
import type { AccessInterface, RelayConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import type { RandomSource } from "../random.ts";
import type { InterfaceIndex } from "../relay-common/interface-text.ts";
import type { RelayInterface, RelayRoute } from "../relay-common/messages.ts";
import { newRelayCounters, type RelayCounters } from "../relay-common/statistics.ts";
import { type Timed, Timeline } from "../server-common/timeline.ts";
import { Slab } from "../server6/slab.ts";
import { RowColumn } from "../server6/state.ts";
import { RELAY6_LIMITS_DEFAULT, type Relay6Limits } from "./limits.ts";

export interface Relay6Options {
  readonly table: BindingTable;
  /** Bindings of DHCPv4, which `use-option-82` takes its texts from; only read. */
  readonly table4?: BindingTable;
  readonly random: RandomSource;
  readonly limits?: Partial<Relay6Limits>;
}

/**
 * The DHCPv6 relay agents of all instances.
 *
 * Passing on needs none of what is remembered here but the configuration: a relay agent that has just started, or whose
 * limits are reached, passes on all the same. What is remembered is there to learn bindings.
 *
 * Invariants:
 *   - An exchange is in `exchangesOfClients` of its relay agent and in `exchanges`, or in neither.
 *   - `bound` of a place is the number of rows whose standing is that place.
 *   - Every collection is bounded by a field of `limits`, by the table or by the configuration, whatever arrives.
 */
export interface Relay6State {
  readonly limits: Relay6Limits;
  readonly random: RandomSource;
  readonly table: BindingTable;
  readonly table4: BindingTable | undefined;
  readonly view: RowView;
  readonly relays: Map<InstanceName, Relay6>;
  /** What the relay agents were made of, to be compared with the next configuration. */
  layout: unknown;
  readonly counters: Map<InstanceName, RelayCounters>;
  /** Those of all instances, the one that ends first in front. */
  readonly exchanges: Timeline<Exchange6>;
  /** Element `number` is the place of that number; 0 is none. */
  places: readonly (Place6 | undefined)[];
  /** For each row the number of the place it counts as bound in, 0 for none; `DECLINED` for a declined address. */
  readonly rowStandings: RowColumn;
  tableChanges: ChainCursor;
  /** Whether all changes of the table were looked at the last time; after a configuration all of it is. */
  caughtUp: boolean;
  /** The longest declined first. */
  readonly declined: Timeline<DeclinedRow>;
  /** By row. */
  readonly routes: Map<number, InstalledRoute>;
  /** Keys of bindings under restore, all instances together. */
  restoringCount: number;
  /** Octets of source addresses by their text. */
  readonly sources: Map<string, Uint8Array>;
  /** Messages towards servers are put together here. */
  readonly slab: Slab;
  /** Of the last step. */
  nowMs: number;
}

/** The DHCPv6 relay agent of an instance. */
export interface Relay6 {
  readonly instance: InstanceName;
  readonly configuration: RelayConfiguration;
  readonly counters: RelayCounters;
  /** Own address that messages to servers leave from, `::` if any may be taken. */
  readonly ownAddress: Uint8Array;
  /** Servers of messages that came in on no access interface. */
  readonly servers: readonly ServerTarget[];
  readonly access: ReadonlyMap<string, Access6>;
  readonly byInterfaceId: InterfaceIndex<Access6>;
  /** By link-address as a key; null: several interfaces have it. */
  readonly byLinkAddress: ReadonlyMap<string, Access6 | null>;
  /** Bindings that name none of the interfaces. */
  readonly unplaced: Place6;
  /** By DUID as a key: the first of the client's exchanges, the others linked behind it. */
  readonly exchangesOfClients: Map<string, Exchange6>;
  /** What is being restored, by address and length as a key. */
  readonly restoring: Map<string, { readonly address: Uint8Array; readonly length: number }>;
  /** In front of messages of relay agents that are on no access interface. */
  readonly remoteHead: Uint8Array;
}

export interface ServerTarget {
  readonly kind: "server";
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
}

/** Where bindings are counted: an access interface, or what of a relay agent is on none. */
export interface Place6 {
  readonly number: number;
  readonly instance: InstanceName;
  bound: number;
  /** Rows of each client, by DUID as a key; only where the number of clients is limited. */
  readonly clients: ClientCount | undefined;
}

export interface ClientCount {
  readonly rowsOfClient: Map<string, number>;
  /** DUID as a key, by row. */
  readonly clientOfRow: Map<number, string>;
}

/** An access interface of a relay agent. */
export interface Access6 extends Place6 {
  readonly name: string;
  readonly configuration: AccessInterface;
  readonly interface: RelayInterface | undefined;
  readonly servers: readonly ServerTarget[];
  /** link-address of messages of clients here: a global one, else a link-local one, else `::`. */
  readonly linkAddress: Uint8Array;
  readonly linkIsGlobal: boolean;
  /** Whether link-address alone says that it is this interface. */
  readonly linkIsUnique: boolean;
  /** undefined: not sent, or not the same for all clients (`use-option-82`). */
  readonly interfaceId: Uint8Array | undefined;
  /** Data of the option: enterprise number and text. */
  readonly remoteId: Uint8Array | undefined;
  readonly subscriberId: Uint8Array | undefined;
  /** A description is required, and the interface has none. */
  readonly nameless: boolean;
  /** Whether what goes in front of a client's message is the same for all clients here. */
  readonly headIsFixed: boolean;
  /** In front of a client's message: see `head.ts`. */
  readonly clientHead: Uint8Array;
}

/** A message of a client that was passed on and whose answer is awaited. */
export interface Exchange6 extends Timed<Exchange6> {
  readonly relay: Relay6;
  readonly duidKey: string;
  /** The client's next one. */
  next: Exchange6 | undefined;
  transactionId: number;
  messageType: number;
  access: Access6 | undefined;
  /**
   * What was sent to the servers, with 16 octets of own address in front; the client's message in it, and, where the client
   * is on an interface of ours rather than behind another relay agent, the end of what is in front of RELAY_MSG, else 0.
   */
  sent: Uint8Array;
  /** peer-address of it, as text. */
  peerText: string;
  messageAt: number;
  headEnd: number;
  /** An ADVERTISE was passed on. */
  advertised: boolean;
  expiresAtMs: number;
}

export interface DeclinedRow extends Timed<DeclinedRow> {
  readonly row: number;
  readonly generation: number;
  readonly dueSeconds: number;
}

export type InstalledRoute = Omit<RelayRoute, "kind">;

/** The table may hold bindings already; they are found in it once a `configuration` says which relay agents there are. */
export function createRelay6(options: Relay6Options): Relay6State {
  const limits = { ...RELAY6_LIMITS_DEFAULT, ...options.limits };
  const { table } = options;
  return {
    limits,
    random: options.random,
    table,
    table4: options.table4,
    view: new RowView(table),
    relays: new Map(),
    layout: undefined,
    counters: new Map(),
    exchanges: new Timeline(),
    places: [undefined],
    rowStandings: new RowColumn(),
    tableChanges: table.chain({ afterSequence: table.sequence }),
    caughtUp: true,
    declined: new Timeline(),
    routes: new Map(),
    restoringCount: 0,
    sources: new Map(),
    slab: new Slab(limits.forwardOctetsMax + 16),
    nowMs: 0,
  };
}

export function countersOf(state: Relay6State, instance: InstanceName, now: number): RelayCounters {
  let counters = state.counters.get(instance);
  if (counters === undefined) {
    counters = newRelayCounters(instance, now);
    state.counters.set(instance, counters);
  }
  return counters;
}
