import { type Binding, BindingState, type BindingTable, EXPIRES_NEVER } from "@leasewire/bindings";

/** Whether the lease still holds: the table may not have moved an overdue one to EXPIRED yet. */
function isLeased(binding: Binding, nowSeconds: number): boolean {
  const { state, expiresAtSeconds } = binding;
  if (state !== BindingState.ACTIVE) return false;
  return expiresAtSeconds === 0 || expiresAtSeconds === EXPIRES_NEVER || expiresAtSeconds > nowSeconds;
}

/** The leased ones among rows, the one heard of last in front; equals in order of address. */
export function leasedBindings(table: BindingTable, rows: Iterable<number>, nowSeconds: number): Binding[] {
  const bindings: Binding[] = [];
  for (const row of rows) {
    const binding = table.at(row);
    if (binding !== undefined && isLeased(binding, nowSeconds)) bindings.push(binding);
  }
  return bindings.sort(
    (a, b) =>
      b.clientLastTransactionTimeSeconds - a.clientLastTransactionTimeSeconds ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}
