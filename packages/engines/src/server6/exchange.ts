import type { RelayMessage6 } from "@leasewire/wire";
import type { Arrival } from "../server-common/messages.ts";
import { octetsKey } from "../server-common/octets.ts";
import type { Context6 } from "./context.ts";
import { hostsOf } from "./identity.ts";
import { type ClientRow, rowsOfClient } from "./leases.ts";
import type { Pool6, Range6 } from "./pools.ts";
import type { IaRequest, Request6 } from "./request.ts";
import type { Host6, Link6, Server6 } from "./state.ts";

/** One message of one client, and what its answer is made of. */
export interface Exchange6 {
  readonly context: Context6;
  readonly server: Server6;
  readonly link: Link6;
  readonly arrival: Arrival;
  /** Outermost (nearest the server) first. */
  readonly relays: readonly RelayMessage6[];
  readonly request: Request6;
  readonly duid: Uint8Array;
  readonly duidKey: string;
  readonly rows: readonly ClientRow[];
  readonly hosts: readonly Host6[];
  /** Answered so far, IA by IA: nothing is given to two of them. */
  readonly answers: IaAnswer[];
}

/** A lease to be told to the client, with its lifetimes from now on. */
export interface Lease6 {
  readonly address: Uint8Array;
  readonly length: number;
  readonly pool: Pool6;
  /** undefined: in no range, as reserved and imported leases may be. */
  readonly range: Range6 | undefined;
  readonly slot: number;
  /** The row of the running lease that is extended; 0 for a new lease. */
  readonly row: number;
}

export interface IaAnswer {
  readonly ia: IaRequest;
  readonly leases: readonly Lease6[];
  /** Told with lifetimes of 0: not to be used any more. */
  readonly gone: readonly { readonly address: Uint8Array; readonly length: number }[];
  /** A `StatusCode6` for the IA; 0 none. */
  readonly status: number;
}

export function beginExchange(
  context: Context6,
  server: Server6,
  link: Link6,
  arrival: Arrival,
  relays: readonly RelayMessage6[],
  request: Request6,
  duid: Uint8Array,
): Exchange6 {
  const { state, nowSeconds } = context;
  const duidKey = octetsKey(duid);
  return {
    context,
    server,
    link,
    arrival,
    relays,
    request,
    duid,
    duidKey,
    rows: rowsOfClient(state.table, server.instance, duid, nowSeconds, state.limits.rowsPerClientMax),
    hosts: hostsOf(server, duid, duidKey, relays),
    answers: [],
  };
}

/** Rows of an IA. */
export function rowsOfIa(exchange: Exchange6, ia: IaRequest): ClientRow[] {
  return exchange.rows.filter((row) => row.kind === ia.kind && row.iaid === ia.iaid);
}
