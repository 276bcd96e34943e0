import { BINDING_ORIGINS, BindingState, Field, type FieldNumber, RowView } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { Context } from "./context.ts";
import type { Judge } from "./judge.ts";
import type { Known, KnownOctets } from "./known-octets.ts";
import type { Group, Relay, Run } from "./state.ts";

export function newGroup(relayId: Uint8Array | null, interfaceName: string | null): Group {
  return { relayId, interfaceName, expected: 0, expectedTold: 0, recovered: 0, stale: 0 };
}

/** Notes that a server of the run has told of the row that the judge has just settled. */
export function markTold(context: Context, run: Run, relay: Relay, judge: Judge): void {
  const { row, draft } = judge;
  if (row === 0) return;
  const octet = row >>> 3;
  if (octet >= run.told.length) {
    const larger = new Uint8Array(Math.max(octet + 1, run.told.length * 2, 1024));
    larger.set(run.told);
    run.told = larger;
  }
  const bit = 1 << (row & 7);
  if ((run.told[octet]! & bit) !== 0) return;
  run.told[octet]! |= bit;
  const length = draft.lengths[Field.relayId]!;
  const relayId = length <= 0 ? null : relay.relayIds.of(draft.bytes, draft.starts[Field.relayId]!, length);
  const group = groupOf(context, run, relayId, judge.placeNumber, draft.interfaceName);
  if (draft.state === BindingState.ACTIVE) group.recovered += 1;
  if (judge.wasHeld) {
    group.expected += 1;
    group.expectedTold += 1;
  }
}

function groupOf(
  context: Context,
  run: Run,
  relayId: Known<unknown> | null,
  placeNumber: number,
  interfaceName: string | undefined,
): Group {
  const key = (relayId?.id ?? 0) * 2 ** 26 + placeNumber;
  const known = run.groups.get(key);
  if (known !== undefined) return known;
  if (run.groups.size >= context.state.limits.groupsPerRunMax) {
    run.groupsLeftOut += 1;
    return run.leftOut;
  }
  const group = newGroup(relayId?.octets ?? null, interfaceName ?? null);
  run.groups.set(key, group);
  return group;
}

/**
 * Goes on with holding the table against what a complete run was told, a slice at a time: ACTIVE leases of the relay that
 * no server has told of are stale. True when it is through.
 */
export function walkTable(context: Context, run: Run): boolean {
  const { walk } = run;
  if (walk === null) return true;
  const { family } = run.request;
  const table = context.state.tables[family];
  const view = new RowView(table);
  const instances = new Map<number, Relay>();
  for (const { relay } of run.servers) instances.set(table.instanceIdOf(relay.instance), relay);
  for (let visits = context.state.limits.rowsPerStepMax; visits > 0; visits -= 1) {
    const row = walk.peek();
    if (row === 0) {
      walk.close();
      run.walk = null;
      return true;
    }
    walk.pass(row);
    if (!view.readNumbers(row) || view.state !== BindingState.ACTIVE) continue;
    if ((run.told[row >>> 3] ?? 0) & (1 << (row & 7))) continue;
    if (view.origin === ORIGIN_SERVER || view.origin === ORIGIN_IMPORT) continue;
    // What was learnt while the run was under way was not there to be told.
    if (table.sequenceOf(row) > run.sequenceAtStart) continue;
    const relay = instances.get(view.instanceId);
    if (relay === undefined || !isOf(run, view, relay)) continue;
    view.readFields();
    const relayId = knownOf(relay.relayIds, view, Field.relayId);
    const place = knownOf(relay.places, view, Field.circuitId);
    const group = groupOf(context, run, relayId, place?.id ?? 0, table.interfaceNameOf(row));
    group.expected += 1;
    group.stale += 1;
  }
  return false;
}

/** Whether a row is one that the run's query is about: of the relay-id asked for, or of any. */
function isOf(run: Run, view: RowView, relay: Relay): boolean {
  const { key } = run.request;
  if (key.kind !== "relay-id") return true;
  const asked = key.value ?? relay.configured.relayId;
  view.readFields();
  // A lease gleaned from a relay that writes no relay-id is of this relay all the same.
  if (view.lengths[Field.relayId]! < 0) return key.value === undefined;
  return asked !== undefined && view.fieldIs(Field.relayId, asked);
}

function knownOf<Value>(known: KnownOctets<Value>, view: RowView, field: FieldNumber): Known<Value> | null {
  const length = view.lengths[field]!;
  return length <= 0 ? null : known.of(view.bytes, view.starts[field]!, length);
}

export function heldBy(context: Context, family: 4 | 6, instance: InstanceName): number {
  return context.state.tables[family].counts(instance)[BindingState.ACTIVE] ?? 0;
}

const ORIGIN_SERVER = BINDING_ORIGINS.indexOf("server");
const ORIGIN_IMPORT = BINDING_ORIGINS.indexOf("import");
