import { BINDING_ORIGINS, BindingState, Field } from "@leasewire/bindings";
import { octetsKey } from "../server-common/octets.ts";
import type { Context6 } from "./context.ts";
import { followRoute } from "./routes.ts";
import type { Place6, Relay6 } from "./state.ts";

/** A declined address: in no place. */
const DECLINED = 0xffff_ffff;

/**
 * Learns what happened to the table: what was learnt of packets, recovered by leasequery, ran out, was cleared by an operator. At
 * most so many changes at a time.
 */
export function followTable(context: Context6, changesMax: number): void {
  const { rows, done } = context.state.tableChanges.next(changesMax);
  context.state.caughtUp = done;
  for (const row of rows) visit(context, row);
}

/** A row that was removed is in no list of changes: whoever removes one says so. */
export function followRow(context: Context6, row: number): void {
  visit(context, row);
}

/** Counts anew what each relay agent has bound: the whole table is gone through, step by step. */
export function followFromStart({ state }: Context6): void {
  const { table } = state;
  state.rowStandings.clear();
  for (let first = state.declined.first; first !== undefined; first = state.declined.first)
    state.declined.remove(first);
  state.tableChanges.close();
  state.tableChanges = table.chain({ afterSequence: 0 });
  state.caughtUp = false;
}

/** Whether changes wait to be looked at. */
export function isBehind({ tableChanges, caughtUp }: Context6["state"]): boolean {
  return !caughtUp || tableChanges.peek(1) !== 0;
}

/** What another server gave out, or an import brought, is not of the relay agent. */
const FOREIGN_ORIGINS = new Set([BINDING_ORIGINS.indexOf("server"), BINDING_ORIGINS.indexOf("import")]);

function visit(context: Context6, row: number): void {
  const { state } = context;
  const { table, view, rowStandings, places } = state;
  const before = rowStandings.get(row);
  let after = 0;
  let relay: Relay6 | undefined;
  if (view.readNumbers(row)) {
    relay = state.relays.get(table.instanceOf(row));
    if (relay !== undefined && !FOREIGN_ORIGINS.has(view.origin)) {
      if (view.state === BindingState.ACTIVE) after = placeOf(context, relay, row).number;
      else if (view.state === BindingState.ABANDONED) after = DECLINED;
    }
  }
  if (before !== after) {
    rowStandings.set(row, after);
    leave(places[before], row);
    const place = places[after];
    if (place !== undefined) place.bound += 1;
    if (after === DECLINED) {
      state.declined.push({
        row,
        generation: table.generation(row),
        dueSeconds: view.startTimeOfStateSeconds + state.limits.declinedRetentionSeconds,
        earlier: undefined,
        later: undefined,
      });
    }
  }
  const clients = places[after]?.clients;
  if (clients !== undefined) {
    const duid = table.fieldOf(row, Field.clientId);
    const key = duid === undefined ? "" : octetsKey(duid);
    if (clients.clientOfRow.get(row) !== key) {
      forgetClient(places[after]!, row);
      clients.clientOfRow.set(row, key);
      clients.rowsOfClient.set(key, (clients.rowsOfClient.get(key) ?? 0) + 1);
    }
  }
  followRoute(context, row, after === DECLINED ? undefined : places[after], relay);
}

function placeOf({ state }: Context6, relay: Relay6, row: number): Place6 {
  const name = state.table.interfaceNameOf(row);
  return (name === undefined ? undefined : relay.access.get(name)) ?? relay.unplaced;
}

function leave(place: Place6 | undefined, row: number): void {
  if (place === undefined) return;
  place.bound -= 1;
  forgetClient(place, row);
}

function forgetClient({ clients }: Place6, row: number): void {
  const key = clients?.clientOfRow.get(row);
  if (clients === undefined || key === undefined) return;
  clients.clientOfRow.delete(row);
  const left = (clients.rowsOfClient.get(key) ?? 1) - 1;
  if (left > 0) clients.rowsOfClient.set(key, left);
  else clients.rowsOfClient.delete(key);
}
