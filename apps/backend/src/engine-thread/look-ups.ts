import type { Family, InstanceSelector, LookupAnswer, LookupBinding, LookupRunInput } from "@leasewire/api";
import { BindingState, type BindingTable } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { bindingRow } from "./binding-rows.ts";
import { instancesMatching } from "./instances.ts";
import { engineThreadLimits, yieldToPackets } from "./limits.ts";
import { type LookupKey, readLookupKey } from "./lookup-key.ts";

type Tables = Readonly<Record<Family, BindingTable>>;

const families = [4, 6] as const;
/** Bindings of one key that are told apart; what is beyond is only counted. */
const bindingsPerKeyMax = 10_000;

/** One answer for each line that is not empty, in their order. */
export async function lookUp(
  tables: Tables,
  durableSequence: (family: Family) => number,
  { lines, family, ...selector }: LookupRunInput,
): Promise<readonly LookupAnswer[]> {
  const answers: LookupAnswer[] = [];
  const instances = { 4: instancesOf(tables[4], selector), 6: instancesOf(tables[6], selector) };
  for (const [index, line] of lines.entries()) {
    if (index > 0 && index % engineThreadLimits.lookupLinesPerSlice === 0) await yieldToPackets();
    if (line.trim() === "") continue;
    answers.push(answerTo(tables, durableSequence, instances, line, family));
  }
  return answers;
}

function instancesOf(table: BindingTable, selector: InstanceSelector): InstanceName[] {
  return instancesMatching(table.instanceNames(), selector);
}

function answerTo(
  tables: Tables,
  durableSequence: (family: Family) => number,
  instances: Readonly<Record<Family, readonly InstanceName[]>>,
  line: string,
  family: Family | undefined,
): LookupAnswer {
  const text = printable(line.trim());
  const read = readLookupKey(line, family);
  if (!read.ok) {
    return {
      text,
      result: "unreadable",
      kind: null,
      key: null,
      binding: null,
      further: 0,
      source: null,
      message: read.message,
    };
  }
  const { key } = read;
  let best: { readonly family: Family; readonly row: number } | null = null;
  let found = 0;
  for (const each of families) {
    if (family !== undefined && each !== family) continue;
    const table = tables[each];
    for (const row of rowsOf(table, instances[each], key)) {
      found += 1;
      if (best === null || isBetter(table, row, tables[best.family], best.row)) best = { family: each, row };
    }
  }
  const binding = best === null ? undefined : tables[best.family].at(best.row);
  if (best === null || binding === undefined) {
    return { ...known(text, key), result: "none", binding: null, further: 0, source: null, message: notKnown };
  }
  const shown: LookupBinding = bindingRow(best.family, binding, durableSequence(best.family));
  const more = found === 1 ? "" : `, and ${found - 1} more`;
  return {
    ...known(text, key),
    result: "found",
    binding: shown,
    further: found - 1,
    source: "table",
    message: `${shown.state} ${shown.address} in ${shown.instance}${more}.`,
  };
}

const notKnown = "Nothing is known of it here.";

function known(text: string, { kind, text: key }: LookupKey): Pick<LookupAnswer, "text" | "kind" | "key"> {
  return { text, kind, key };
}

function* rowsOf(table: BindingTable, instances: readonly InstanceName[], key: LookupKey): Generator<number> {
  const octets = key.octets[table.family];
  if (octets === undefined) return;
  let count = 0;
  for (const instance of instances) {
    switch (key.kind) {
      case "address":
      case "prefix": {
        const row =
          key.length === undefined ? table.byAddress(instance, octets) : table.byPrefix(instance, octets, key.length);
        if (row > 0) yield row;
        break;
      }
      case "mac":
      case "client-id":
        for (const row of key.kind === "mac"
          ? table.byHardwareAddress(instance, octets)
          : table.byClientId(instance, octets)) {
          yield row;
          count += 1;
          if (count >= bindingsPerKeyMax) return;
        }
    }
  }
}

/** Active before ended, then the latest transaction. */
function isBetter(table: BindingTable, row: number, other: BindingTable, otherRow: number): boolean {
  const active = table.stateOf(row) === BindingState.ACTIVE;
  const otherActive = other.stateOf(otherRow) === BindingState.ACTIVE;
  if (active !== otherActive) return active;
  return table.clientLastTransactionTimeSecondsOf(row) > other.clientLastTransactionTimeSecondsOf(otherRow);
}

function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
