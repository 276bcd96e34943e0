import type { Family } from "@leasewire/api";
import { type Binding, type BindingTable, openQuery } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { originsOf } from "../binding-filter.ts";
import { engineThreadLimits, yieldToPackets } from "../limits.ts";

/** Removes every binding that the relay of an instance has learnt, in slices between packets. Answers how many there were. */
export async function forgetBindings(
  table: BindingTable,
  instance: InstanceName,
  cause: string,
  nowSeconds: () => number,
  onRemoved: (family: Family, binding: Binding) => void,
): Promise<number> {
  const query = openQuery(table, { instances: [instance], origins: originsOf("relay") });
  while (!query.step()) await yieldToPackets();
  const rows = [...query.rows].map((row) => ({ row, generation: table.generation(row) }));
  let removed = 0;
  for (const [index, { row, generation }] of rows.entries()) {
    if (index > 0 && index % engineThreadLimits.forgetRowsPerSlice === 0) await yieldToPackets();
    const binding = table.generation(row) === generation ? table.at(row) : undefined;
    if (binding === undefined || table.remove(row, cause, nowSeconds()).outcome !== "removed") continue;
    onRemoved(table.family, binding);
    removed += 1;
  }
  return removed;
}
