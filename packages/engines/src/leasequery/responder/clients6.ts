import { type BindingTable, Field, type RowView } from "@leasewire/bindings";
import { isTold } from "./answer.ts";
import { isLeased } from "./lease.ts";
import type { LinksOfRows } from "./links6.ts";
import { CLIENT_LEASES_MAX, type ClientLeases } from "./write6.ts";

/**
 * Gathers what one message tells: the leases that the client of a row holds on the link of that row (RFC 5007 §4.1.2.2:
 * all with a valid lifetime that is not 0). Looks at no more than `CLIENT_LEASES_MAX` rows on either side of it, however
 * many use one DUID.
 *
 * `withRow`: the row itself is told, though its lease may have ended. `relayId`: of a restricted requestor, which is told
 * of what came through it alone. `isToldAlready`: leases of a client that has too many for one message.
 */
export function gatherClient(
  table: BindingTable,
  view: RowView,
  links: LinksOfRows,
  row: number,
  instanceId: number,
  origins: number,
  withRow: boolean,
  nowSeconds: number,
  leases: ClientLeases,
  relayId?: Uint8Array,
  isToldAlready?: (row: number) => boolean,
): void {
  leases.count = 0;
  leases.cut = false;
  leases.link = links.linkOf(row);
  view.readNumbers(row);
  if (withRow || isHeld(view, instanceId, origins, nowSeconds)) leases.rows[leases.count++] = row;
  if (view.isOnlyOfClient) return;
  for (let direction = 0; direction < 2; direction += 1) {
    const forward = direction === 0;
    let visits = 0;
    let other = row;
    for (;;) {
      other = forward ? table.nextOfClient(other) : table.previousOfClient(other);
      if (other === 0) break;
      visits += 1;
      if (visits > CLIENT_LEASES_MAX) {
        leases.cut = true;
        break;
      }
      view.readNumbers(other);
      if (!isHeld(view, instanceId, origins, nowSeconds) || links.linkOf(other) !== leases.link) continue;
      if (relayId !== undefined && !isThrough(view, relayId)) continue;
      if (isToldAlready?.(other) === true) continue;
      if (leases.count === CLIENT_LEASES_MAX) {
        leases.cut = true;
        break;
      }
      leases.rows[leases.count++] = other;
    }
  }
  latestInFront(table, leases);
}

/** Sorts so that the one heard of last is in front; equals stay as they are. */
function latestInFront(table: BindingTable, { rows, count }: ClientLeases): void {
  const at = (row: number): number => table.clientLastTransactionTimeSecondsOf(row);
  if (count > SORTED_BY_HAND_MAX) {
    rows.subarray(0, count).sort((a, b) => at(b) - at(a));
    return;
  }
  for (let i = 1; i < count; i += 1) {
    const row = rows[i]!;
    const moment = at(row);
    let to = i;
    for (; to > 0 && at(rows[to - 1]!) < moment; to -= 1) rows[to] = rows[to - 1]!;
    rows[to] = row;
  }
}

/** A client has an address and a prefix or two: for so few a view and a call of `sort` cost more than sorting. */
const SORTED_BY_HAND_MAX = 16;

/** Whether the binding was made through the relay of that DUID. */
export function isThrough(view: RowView, relayId: Uint8Array): boolean {
  view.readFields();
  return view.fieldIs(Field.relayId, relayId);
}

/** A lease without an end in the record has no valid lifetime that could be told (RFC 5007 §4.1.2.2). */
export function isHeld(view: RowView, instanceId: number, origins: number, nowSeconds: number): boolean {
  return isTold(view, instanceId, origins) && isLeased(view, nowSeconds) && view.expiresAtSeconds !== 0;
}
