import type { BindingTable } from "@leasewire/bindings";
import type { AccessInterface, RelayConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import type { RandomSource } from "../random.ts";
import type { InterfaceIndex } from "../relay-common/interface-text.ts";
import type { RelaySend } from "../relay-common/messages.ts";
import { newRelayCounters, type RelayCounters } from "../relay-common/statistics.ts";
import { type Timed, Timeline } from "../server-common/timeline.ts";
import { FollowedRows } from "./follow-table.ts";
import type { Information } from "./information.ts";
import { RELAY4_LIMITS_DEFAULT, type Relay4Limits } from "./limits.ts";
import { PacketBuffer } from "./packet-buffer.ts";
import type { RelayDropReason4 } from "./reasons.ts";
import { MessageScanner } from "./scan.ts";

/**
 * The DHCPv4 relay agents of all instances.
 *
 * Invariants:
 *   - What is bound is what the table says; exchanges under way are here.
 *   - `exchanges` of the relays and of the state hold the same exchanges; `exchangesByState` counts them.
 *   - Every collection is bounded by a field of `limits` or by the configuration, whatever arrives.
 */
export interface Relay4State {
  readonly limits: Relay4Limits;
  readonly random: RandomSource;
  readonly table: BindingTable;
  readonly relays: Map<InstanceName, Relay4>;
  /** Earliest end first. */
  readonly exchanges: Timeline<Exchange4>;
  readonly counters: Map<InstanceName, RelayCounters>;
  readonly message: MessageScanner;
  readonly packets: PacketBuffer;
  /** Bindings by access interface, where routes or client limits need to know. */
  readonly rows: FollowedRows;
}

/** The DHCPv4 relay agent of an instance. */
export interface Relay4 {
  readonly instance: InstanceName;
  readonly configuration: RelayConfiguration;
  readonly counters: RelayCounters;
  readonly accesses: ReadonlyMap<string, Access4>;
  readonly circuits: InterfaceIndex<Access4>;
  /** Access interfaces by what stands in giaddr; null where several share it. */
  readonly byGiaddr: ReadonlyMap<number, Access4 | null>;
  /** Access interfaces by their addresses, canonical text. */
  readonly byAddress: ReadonlyMap<string, Access4>;
  /** Every address of this relay agent. */
  readonly ownAddresses: ReadonlySet<number>;
  readonly serverAddresses: ReadonlySet<string>;
  readonly exchanges: Map<string, Exchange4>;
  /** By `ExchangeState`. */
  readonly exchangesByState: Int32Array;
  /** Addresses whose bindings are being restored. */
  readonly restoring: Set<number>;
}

/** An access interface, prepared: what is the same for every message is made once. */
export interface Access4 {
  readonly name: string;
  readonly configuration: AccessInterface;
  /** Why nothing is relayed here. */
  readonly refusal: RelayDropReason4 | undefined;
  readonly giaddr: number;
  readonly giaddrOctets: Uint8Array;
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  readonly information: Information;
  /** The same for what came by unicast (RFC 5010). */
  readonly unicastInformation: Information;
  /** The same with the circuit and remote ID that came in, where those are kept. */
  readonly informationWith: (
    circuitId: Uint8Array | undefined,
    remoteId: Uint8Array | undefined,
    unicast: boolean,
  ) => Information;
  readonly destinations: readonly RelaySend["to"][];
  /** Counts its clients, 0 where they are not counted. */
  readonly number: number;
}

/** Where a client is in its exchange with the servers, as far as the relay agent saw it. */
export const ExchangeState = {
  INIT: 0,
  SELECTING: 1,
  REQUESTING: 2,
  RENEWING: 3,
  REBINDING: 4,
  /** A DHCPINFORM: in none of the states of a lease. */
  INFORM: 5,
} as const;
export type ExchangeState = (typeof ExchangeState)[keyof typeof ExchangeState];

/** What a client and its servers are talking about. */
export interface Exchange4 extends Timed<Exchange4> {
  readonly relay: Relay4;
  readonly key: string;
  access: Access4;
  state: ExchangeState;
  /** Option 61 of the request. */
  clientId: Uint8Array | undefined;
  /** Address the client asks for or has, 0 none: a binding of it ends if the server refuses. */
  refusable: number;
  /** Options of the client to keep with the binding, in wire form. */
  options: Uint8Array | undefined;
  /** Option 82 came from a device nearer to the client and goes back to it. */
  keptInformation: boolean;
  expiresAtMs: number;
}

/** The table holds what was learnt or restored before; there is no relay agent until a `configuration` names one. */
export function createRelay4(options: {
  readonly table: BindingTable;
  readonly random: RandomSource;
  readonly limits?: Partial<Relay4Limits>;
}): Relay4State {
  const limits = { ...RELAY4_LIMITS_DEFAULT, ...options.limits };
  return {
    limits,
    random: options.random,
    table: options.table,
    relays: new Map(),
    exchanges: new Timeline(),
    counters: new Map(),
    message: new MessageScanner(),
    packets: new PacketBuffer(),
    rows: new FollowedRows(options.table, limits),
  };
}

export function countersOf(state: Relay4State, instance: InstanceName, now: number): RelayCounters {
  let counters = state.counters.get(instance);
  if (counters === undefined) {
    counters = newRelayCounters(instance, now);
    state.counters.set(instance, counters);
  }
  return counters;
}
