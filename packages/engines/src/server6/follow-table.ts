import { BindingState } from "@leasewire/bindings";
import { addressOfRow } from "./leases.ts";
import { freeSlot } from "./offers.ts";
import { type Range6, rangeAt } from "./pools.ts";
import type { DeclinedLease, Server6, Server6State } from "./state.ts";
import { newWords, type Words } from "./words.ts";

const LEASED = 1;
const DECLINED = 2;

/** Learns what happened to the table: leases of ours stored, leases run out, imported, cleared by an operator. */
export function followTable(state: Server6State, changesMax: number): void {
  const { rows } = state.tableChanges.next(changesMax);
  for (const row of rows) visit(state, row);
}

/** Finds anew what is leased of the ranges. Time grows with the table. */
export function rebuild(state: Server6State): void {
  const { table } = state;
  state.rowStandings.clear();
  for (let first = state.declined.first; first !== undefined; first = state.declined.first)
    state.declined.remove(first);
  const declined: DeclinedLease[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) {
    if (!table.has(row)) continue;
    visit(state, row);
    if (table.stateOf(row) !== BindingState.ABANDONED) continue;
    const instance = table.instanceOf(row);
    const server = state.servers.get(instance);
    if (server === undefined || table.prefixLengthOf(row) !== 128) continue;
    const told = table.expiresAtSecondsOf(row);
    const dueSeconds = told !== 0 ? told : table.startTimeOfStateSecondsOf(row) + state.limits.declinedRetentionSeconds;
    declined.push({ instance, address: addressOfRow(table, row), dueSeconds, earlier: undefined, later: undefined });
  }
  declined.sort((a, b) => a.dueSeconds - b.dueSeconds);
  for (const one of declined) state.declined.push(one);
  state.tableChanges.close();
  state.tableChanges = table.chain({ afterSequence: table.sequence });
}

const words: Words = newWords();

function visit(state: Server6State, row: number): void {
  const { table, rowStandings } = state;
  const before = rowStandings.get(row);
  let after = 0;
  let server: Server6 | undefined;
  let range: Range6 | undefined;
  if (table.has(row)) {
    server = state.servers.get(table.instanceOf(row));
    if (server !== undefined) {
      const length = table.prefixLengthOf(row);
      for (let i = 0; i < 4; i += 1) words[i] = table.addressWordOf(row, i);
      const bindingState = table.stateOf(row);
      const standing =
        bindingState === BindingState.ACTIVE ? LEASED : bindingState === BindingState.ABANDONED ? DECLINED : 0;
      range = rangeAt(length === 128 ? server.addressRanges : server.prefixRanges, words);
      if (length !== 128) foreignLength(server, row, length, range, standing, before);
      if (standing !== 0 && range !== undefined && !range.pool.excludes(words, length))
        after = range.number * 4 + standing;
    }
  }
  if (before === after) return;
  rowStandings.set(row, after);
  count(state, before, -1);
  count(state, after, 1);
  if (range === undefined || range.taken === undefined || server === undefined) return;
  if (range.unit !== table.prefixLengthOf(row)) return;
  const slot = range.slotOf(words);
  if (after !== 0) range.taken.add(slot);
  else freeSlot(state, server, range, slot, addressOfRow(table, row));
}

function count(state: Server6State, standing: number, by: number): void {
  const range = state.ranges[standing >>> 2];
  if (range === undefined) return;
  if ((standing & 3) === LEASED) range.active += by;
  else range.declined += by;
}

/**
 * A prefix of another length than its range gives out, as an import may bring it. A longer one takes the slot it lies in, a
 * shorter one all slots it covers.
 */
function foreignLength(
  server: Server6,
  row: number,
  length: number,
  own: Range6 | undefined,
  standing: number,
  before: number,
): void {
  for (const range of server.prefixRanges) {
    if (range.unit === length) continue;
    if (length > range.unit) {
      if (range !== own) continue;
      const slot = range.slotOf(words);
      const wasThere = before !== 0;
      if (standing !== 0 && !wasThere) {
        range.fragments.set(slot, (range.fragments.get(slot) ?? 0) + 1);
        range.taken?.add(slot);
      } else if (standing === 0 && wasThere) {
        const left = (range.fragments.get(slot) ?? 1) - 1;
        if (left > 0) range.fragments.set(slot, left);
        else {
          range.fragments.delete(slot);
          if (!range.blocked?.has(slot)) range.taken?.remove(slot);
        }
      }
      continue;
    }
    if (standing === 0) {
      range.covers.delete(row);
      continue;
    }
    const span = range.span(words, length);
    if (span !== undefined) range.covers.set(row, span);
  }
}
