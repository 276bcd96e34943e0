import { type Binding, BindingState, type BindingTable, EXPIRES_NEVER } from "@leasewire/bindings";

/** Whether the lease still holds: the table may not have moved an overdue one to EXPIRED yet. */
export function isLeased(binding: Binding, nowSeconds: number): boolean {
  const { state, expiresAtSeconds } = binding;
  if (state !== BindingState.ACTIVE) return false;
  return expiresAtSeconds === 0 || expiresAtSeconds === EXPIRES_NEVER || expiresAtSeconds > nowSeconds;
}

/** What remains until a moment: infinite stays infinite (it is not counted down), a moment that has passed is 0. */
export function remainingSeconds(momentSeconds: number, nowSeconds: number): number {
  return momentSeconds === EXPIRES_NEVER ? EXPIRES_NEVER : Math.max(0, momentSeconds - nowSeconds);
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
