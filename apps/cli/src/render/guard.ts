import type { GuardRequestor, GuardView } from "@leasewire/api";
import { renderTable } from "./table.ts";
import { utcTextMs } from "./time.ts";

export function renderRequestors({ requestors, total }: GuardView): string {
  if (requestors.length === 0) return "No requestor has sent an individual leasequery.\n";
  const table = renderTable<GuardRequestor>(
    [
      { title: "Requestor", value: (one) => one.address },
      { title: "Instance", value: (one) => one.instance },
      { title: "Queries/s", value: (one) => rate(one.queriesPerSecond), align: "right" },
      { title: "Queries", value: (one) => one.queries, align: "right" },
      { title: "Unknown", value: (one) => `${one.windowUnknown} of ${one.windowQueries}`, align: "right" },
      { title: "Dropped", value: (one) => one.dropped, align: "right" },
      { title: "Quarantined until", value: (one) => one.quarantine && utcTextMs(one.quarantine.untilMs) },
      { title: "By", value: (one) => one.quarantine && (one.quarantine.by ?? "storm guard") },
      { title: "Reason", value: (one) => one.quarantine?.reason },
    ],
    requestors,
  );
  return total > requestors.length ? `${table}${total - requestors.length} more are not shown.\n` : table;
}

function rate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}
