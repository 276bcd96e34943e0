import type { Answer, BindingClearInput } from "@leasewire/api";
import { type BindingTable, openQuery } from "@leasewire/bindings";
import { originsOf, readPrefix, roleOf } from "./binding-filter.ts";
import { instancesMatching } from "./instances.ts";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";

/**
 * `clear dhcp[v6] relay binding`: by address (or delegated prefix), by interface, or all, of the instances meant.
 * Exactly one of the three.
 */
export async function clearBindings(
  table: BindingTable,
  input: BindingClearInput,
  by: string,
  nowSeconds: () => number,
): Promise<Answer<{ readonly cleared: number }>> {
  const given = [input.address !== undefined, input.interfaceName !== undefined, input.all === true];
  if (given.filter(Boolean).length !== 1) {
    return refused("BAD_REQUEST", "Say which bindings to clear: an address, an interface, or all; one of them.");
  }
  const instances = instancesMatching(table.instanceNames(), input);
  const rows: { row: number; generation: number }[] = [];
  const collect = (row: number) => rows.push({ row, generation: table.generation(row) });
  if (input.address !== undefined) {
    const prefix = readPrefix(table.family, input.address.trim());
    if (!prefix.ok) return refused("BAD_REQUEST", prefix.error.message, "address");
    for (const instance of instances) {
      const row = table.byPrefix(instance, prefix.value.address, prefix.value.length);
      const binding = table.at(row);
      if (binding !== undefined && roleOf(binding.origin) === input.role) collect(row);
    }
    if (rows.length === 0) {
      return refused(
        "NOT_FOUND",
        `There is no binding of ${input.address.trim()} to clear at the ${input.role}.`,
        "address",
      );
    }
  } else {
    const query = openQuery(table, { instances, interfaceName: input.interfaceName, origins: originsOf(input.role) });
    while (!query.step()) await yieldToPackets();
    for (const row of query.rows) collect(row);
  }
  let cleared = 0;
  for (const [index, { row, generation }] of rows.entries()) {
    if (index > 0 && index % engineThreadLimits.clearRowsPerSlice === 0) await yieldToPackets();
    if (table.generation(row) !== generation) continue;
    if (table.remove(row, `cleared by ${by}`, nowSeconds()).outcome === "removed") cleared += 1;
  }
  return { ok: true, value: { cleared } };
}

function refused(code: "BAD_REQUEST" | "NOT_FOUND", message: string, field?: string): Answer<never> {
  return { ok: false, refusal: { code, message, field } };
}
