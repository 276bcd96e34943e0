import { BindingState, type BindingTable, Field } from "@leasewire/bindings";
import { equalBytes } from "@leasewire/net";
import { octetsKey } from "../server-common/octets.ts";
import { rangeOf } from "./follow-table.ts";
import { type AddressRange, Mark } from "./pools.ts";
import type { Request4 } from "./request.ts";
import type { Host4, Server4State } from "./state.ts";

/** An address of the pools, and what the table has of it now; looked up when it is asked for. */
export class Place {
  readonly range: AddressRange;
  readonly slot: number;
  readonly address: number;
  readonly #state: Server4State;
  readonly #request: Request4;
  #row = unread;

  constructor(state: Server4State, request: Request4, range: AddressRange, address: number) {
    this.#state = state;
    this.#request = request;
    this.range = range;
    this.slot = address - range.low;
    this.address = address;
  }

  /** Of the table, −1 if it has none. */
  get row(): number {
    if (this.#row === unread) this.#row = rowOf(this.#state.table, this.#request, this.address);
    return this.#row;
  }

  /** ACTIVE, ABANDONED, or another state, which may read 0 as well. */
  get rowState(): number {
    const marks = this.range.marks[this.slot]!;
    if (this.#state.isCaughtUp && (marks & (Mark.leased | Mark.abandoned)) === 0) return 0;
    return this.row < 0 ? 0 : this.#state.table.stateOf(this.row);
  }

  /** Whether the row is of the client that asks. */
  get own(): boolean {
    return this.row >= 0 && isOf(this.#state.table, this.row, this.#request);
  }

  /**
   * Whether the client holds it because of where it is: renewing past its relay, it cannot show that again, but the lease
   * says where it was given.
   */
  get isHeldAsHost(): boolean {
    const host = this.#request.server.reservations.get(this.address);
    if (host === undefined || !this.isOwnLease) return false;
    if (host.kind !== "circuit-id" && host.kind !== "remote-id") return false;
    const field = host.kind === "circuit-id" ? Field.circuitId : Field.remoteId;
    const stored = this.#state.table.fieldOf(this.row, field);
    return stored !== undefined && octetsKey(stored) === host.key;
  }

  /** Whether it is leased to the client that asks. */
  get isOwnLease(): boolean {
    return this.rowState === BindingState.ACTIVE && this.own;
  }
}

const unread = -2;

/** Where an address is, undefined if none of the pools of the instance holds it. */
export function placeOf(state: Server4State, request: Request4, address: number): Place | undefined {
  const range = rangeOf(request.server, address);
  return range === undefined ? undefined : new Place(state, request, range, address);
}

/** What keeps an address from the client; "none" if it can have it. */
export type Obstacle = "none" | "excluded" | "reserved" | "leased" | "abandoned" | "offered";

export function obstacleOf(request: Request4, place: Place): Obstacle {
  const { range, slot, address, rowState } = place;
  const marks = range.marks[slot]!;
  if ((marks & Mark.excluded) !== 0) return "excluded";
  if ((marks & Mark.reserved) !== 0 && !isReservedFor(request, place)) return "reserved";
  // A lease that has run out counts until the table says so: nothing is lost by waiting.
  if (rowState === BindingState.ACTIVE && !place.own) return "leased";
  const offer = (marks & Mark.offered) === 0 ? undefined : request.server.offersByAddress.get(address);
  if (offer !== undefined && offer.key !== request.key) return "offered";
  // Marked in this very step, the row may not say so yet.
  const isAbandoned =
    rowState === BindingState.ABANDONED || (rowState !== BindingState.ACTIVE && (marks & Mark.abandoned) !== 0);
  if (isAbandoned && offer === undefined) return "abandoned";
  return "none";
}

/** What the table knows of the client on its link. */
export interface ClientLeases {
  /** Its lease, row −1 if it has none. */
  readonly active: number;
  /** Of what it had, the one heard of last; −1 if there is none. */
  readonly last: number;
  /** Further leases of it on this link: it should not have any. */
  readonly others: readonly number[];
}

export function leasesOf({ table, limits }: Server4State, request: Request4): ClientLeases {
  const { server, clientId, hardwareAddress, pools } = request;
  let active = -1;
  let activeTime = -1;
  let last = -1;
  let lastTime = -1;
  const others: number[] = [];
  let left = limits.rowsPerClientMax;
  if (clientId === undefined) {
    for (const row of table.byHardwareAddress(server.instance, hardwareAddress)) {
      if (left === 0) break;
      left -= 1;
      if (isOf(table, row, request)) take(row);
    }
  } else {
    let row = table.firstOfClient(server.instance, clientId);
    for (; row !== 0 && left > 0; row = table.nextOfClient(row)) {
      left -= 1;
      take(row);
    }
  }
  return { active, last, others };

  function take(row: number): void {
    const rowState = table.stateOf(row);
    if (rowState === BindingState.ABANDONED) return;
    const range = rangeOf(server, table.addressWordOf(row, 0));
    if (range === undefined || !pools.includes(range.pool)) return;
    const time = table.clientLastTransactionTimeSecondsOf(row);
    if (rowState === BindingState.ACTIVE) {
      if (active >= 0) others.push(time > activeTime ? active : row);
      if (time <= activeTime) return;
      active = row;
      activeTime = time;
    } else if (time > lastTime) {
      last = row;
      lastTime = time;
    }
  }
}

/**
 * The host that the client is known as in the pools of its link. A hardware address in the configuration names its client
 * even if that sends a client identifier (RFC 4361 §6.3).
 */
export function hostOf(request: Request4): Host4 | undefined {
  const { server, clientId, hardwareAddress, circuitId, remoteId, pools } = request;
  if (server.reservations.size === 0) return undefined;
  return (
    find("hardware-address", hardwareAddress) ??
    find("client-id", clientId) ??
    find("duid", clientId && duidOf(clientId)) ??
    find("circuit-id", circuitId) ??
    find("remote-id", remoteId)
  );

  function find(kind: Host4["kind"], value: Uint8Array | undefined): Host4 | undefined {
    const hosts = server.hosts[kind];
    if (hosts.size === 0 || value === undefined) return undefined;
    return hosts.get(octetsKey(value))?.find(({ pool }) => pools.includes(pool));
  }
}

function isReservedFor(request: Request4, place: Place): boolean {
  return hostOf(request)?.address === place.address || (request.relayInformation === undefined && place.isHeldAsHost);
}

/** The DUID in a client identifier: type 255, four octets of IAID, the DUID (RFC 4361 §6.1). */
function duidOf(clientId: Uint8Array): Uint8Array | undefined {
  return clientId[0] === 255 && clientId.length > 5 ? clientId.subarray(5) : undefined;
}

/** Whether the binding is of the client that asks: same identifier, or neither has one and same hardware (RFC 2131 §4.2). */
export function isOf(table: BindingTable, row: number, { clientId, hardwareAddress, message }: Request4): boolean {
  const stored = table.fieldOf(row, Field.clientId);
  if (clientId !== undefined) return stored !== undefined && equalBytes(stored, clientId);
  if (stored !== undefined || table.hardwareTypeOf(row) !== message.htype) return false;
  const hardware = table.fieldOf(row, Field.hardwareAddress);
  return hardware !== undefined && equalBytes(hardware, hardwareAddress);
}

const octets = new Uint8Array(4);

/** The row of exactly that address, −1 if the table has none. */
export function rowOf(table: BindingTable, { server }: Request4, address: number): number {
  octets[0] = address >>> 24;
  octets[1] = address >>> 16;
  octets[2] = address >>> 8;
  octets[3] = address;
  return table.byPrefix(server.instance, octets, 32);
}
