import { BindingState } from "@leasewire/bindings";
import { countsClients } from "../server-common/interface-overrides.ts";
import { type AddressRange, Mark } from "./pools.ts";
import type { AbandonedAddress, Server4, Server4State } from "./state.ts";

/** Brings the marks of the pools up to what the table says, a bounded number of changes in a call. */
export function followTable(state: Server4State): void {
  const { rows, done } = state.tableChanges.next(state.limits.tableChangesPerStepMax);
  state.isCaughtUp = done;
  for (const row of rows) {
    const server = state.servers.get(state.table.instanceOf(row));
    if (server === undefined) continue;
    const address = state.table.addressWordOf(row, 0);
    const range = rangeOf(server, address);
    if (range !== undefined) markRow(state, server, range, address - range.low, row);
  }
}

/** The range that an address of the instance lies in; no two overlap. */
export function rangeOf({ ranges, lows }: Server4, address: number): AddressRange | undefined {
  let from = 0;
  let to = lows.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (lows[middle]! <= address) from = middle + 1;
    else to = middle;
  }
  const range = ranges[from - 1];
  return range !== undefined && address <= range.high ? range : undefined;
}

/** Marks a slot as its row says; `row` < 1: there is none. */
export function markRow(state: Server4State, server: Server4, range: AddressRange, slot: number, row: number): void {
  const { table } = state;
  const rowState = row < 1 ? 0 : table.stateOf(row);
  const before = range.marks[slot]!;
  let marks = before & ~(Mark.leased | Mark.abandoned);
  if (rowState === BindingState.ACTIVE) marks |= Mark.leased;
  else if (rowState === BindingState.ABANDONED) marks |= Mark.abandoned;
  range.setMarks(slot, marks);

  const isAbandoned = (marks & Mark.abandoned) !== 0;
  if ((before & Mark.abandoned) !== 0 && !isAbandoned) forgetAbandoned(range, slot);
  if (isAbandoned && !range.abandoned.has(slot)) {
    rememberAbandoned(state, range, slot, table.startTimeOfStateSecondsOf(row));
  }
  if (countsClients(server.configuration)) {
    countClient(server, range, slot, (marks & Mark.leased) === 0 ? undefined : table.interfaceNameOf(row));
  }
}

function rememberAbandoned(state: Server4State, range: AddressRange, slot: number, sinceSeconds: number): void {
  const abandoned: AbandonedAddress = { range, slot, sinceSeconds, earlier: undefined, later: undefined };
  range.abandoned.set(slot, abandoned);
  range.pool.abandoned.push(abandoned);
  const dueMs = (sinceSeconds + state.limits.abandonedRetentionSeconds) * 1000;
  state.abandonedDueMs = Math.min(state.abandonedDueMs, dueMs);
}

function forgetAbandoned(range: AddressRange, slot: number): void {
  const abandoned = range.abandoned.get(slot);
  if (abandoned === undefined) return;
  range.abandoned.delete(slot);
  range.pool.abandoned.remove(abandoned);
}

/** Keeps the number of leases of each client interface. */
function countClient(server: Server4, range: AddressRange, slot: number, interfaceName: string | undefined): void {
  range.interfaces ??= new Uint16Array(range.marks.length);
  let number = 0;
  if (interfaceName !== undefined) {
    number = server.interfaceNumbers.get(interfaceName) ?? 0;
    if (number === 0 && server.interfaceNumbers.size < 0xffff) {
      number = server.interfaceNumbers.size + 1;
      server.interfaceNumbers.set(interfaceName, number);
    }
  }
  const before = range.interfaces[slot]!;
  if (before === number) return;
  range.interfaces[slot] = number;
  server.clientsByInterface[before] = (server.clientsByInterface[before] ?? 0) - 1;
  server.clientsByInterface[number] = (server.clientsByInterface[number] ?? 0) + 1;
}
