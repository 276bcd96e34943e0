import type { Answer, BindingClearInput } from "@leasewire/api";
import { type BindingInput, BindingState, type BindingTable, openQuery } from "@leasewire/bindings";
import { originsOf, readPrefix, roleOf } from "./binding-filter.ts";
import { instancesMatching } from "./instances.ts";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";

/**
 * `clear dhcp[v6] relay|server binding`: by address (or delegated prefix), by interface, or all, of the instances meant.
 * Exactly one of the three. A relay forgets the binding; a server keeps it as RESET, so that those who ask for changes
 * learn of it, and its address is free. `onEnded` is told: of the binding as it is now, or as it was at the relay.
 */
export async function clearBindings(
  table: BindingTable,
  input: BindingClearInput,
  by: string,
  nowSeconds: () => number,
  onEnded: (binding: BindingInput & { readonly row?: number }) => void,
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
    const cause = `cleared by ${by}`;
    if (input.role === "relay") {
      const binding = table.at(row);
      if (binding === undefined || table.remove(row, cause, nowSeconds()).outcome !== "removed") continue;
      onEnded(binding);
      cleared += 1;
      continue;
    }
    const binding = resetBinding(table, row, nowSeconds());
    if (binding === undefined || table.put(binding, cause, nowSeconds()).outcome !== "updated") continue;
    onEnded(binding);
    cleared += 1;
  }
  return { ok: true, value: { cleared } };
}

function resetBinding(table: BindingTable, row: number, nowSeconds: number): BindingInput | undefined {
  const binding = table.at(row);
  if (binding === undefined || binding.state === BindingState.RESET) return undefined;
  return { ...binding, state: BindingState.RESET, startTimeOfStateSeconds: nowSeconds, expiresAtSeconds: 0 };
}

function refused(code: "BAD_REQUEST" | "NOT_FOUND", message: string, field?: string): Answer<never> {
  return { ok: false, refusal: { code, message, field } };
}
