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
  const take = (other: number): boolean => {
    if (leases.count === CLIENT_LEASES_MAX) {
      leases.cut = true;
      return false;
    }
    leases.rows[leases.count] = other;
    leases.count += 1;
    return true;
  };
  view.readNumbers(row);
  if (withRow || isHeld(view, instanceId, origins, nowSeconds)) take(row);
  if (view.isOnlyOfClient) return;
  for (const next of [(r: number) => table.nextOfClient(r), (r: number) => table.previousOfClient(r)]) {
    let visits = 0;
    for (let other = next(row); other !== 0; other = next(other)) {
      visits += 1;
      if (visits > CLIENT_LEASES_MAX) {
        leases.cut = true;
        break;
      }
      view.readNumbers(other);
      if (!isHeld(view, instanceId, origins, nowSeconds) || links.linkOf(other) !== leases.link) continue;
      if (relayId !== undefined && !isThrough(view, relayId)) continue;
      if (isToldAlready?.(other) === true) continue;
      if (!take(other)) break;
    }
  }
  if (leases.count > 1) {
    // The one heard of last in front.
    leases.rows
      .subarray(0, leases.count)
      .sort((a, b) => table.clientLastTransactionTimeSecondsOf(b) - table.clientLastTransactionTimeSecondsOf(a));
  }
}

/** Whether the binding was made through the relay of that DUID. */
export function isThrough(view: RowView, relayId: Uint8Array): boolean {
  view.readFields();
  return view.fieldIs(Field.relayId, relayId);
}

/** A lease without an end in the record has no valid lifetime that could be told (RFC 5007 §4.1.2.2). */
export function isHeld(view: RowView, instanceId: number, origins: number, nowSeconds: number): boolean {
  return isTold(view, instanceId, origins) && isLeased(view, nowSeconds) && view.expiresAtSeconds !== 0;
}
