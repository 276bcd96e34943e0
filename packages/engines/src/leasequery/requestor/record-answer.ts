import type { BindingInput } from "@leasewire/bindings";
import type { Context } from "./context.ts";
import { endQuery } from "./query.ts";
import { recordLeases } from "./record.ts";
import type { Query } from "./state.ts";

/** Records the leases of an answer and ends its query. */
export function recordAnswer(context: Context, query: Query, leases: readonly BindingInput[]): void {
  const { server } = query;
  const result = recordLeases(context, query, leases);
  if (result.recorded + result.unchanged === 0 && result.older > 0) {
    endQuery(
      context,
      query,
      "dropped",
      "The answer tells of an earlier transaction of the client than the stored binding; the stored one was kept.",
    );
    return;
  }
  server.confirmedReplies += 1;
  if (server.run.confirmedAtMs === null) {
    server.run.confirmedAtMs = context.now;
    server.run.confirmedBy = server.address;
    hurryOthers(context, query);
  }
  endQuery(context, query, "confirmed", confirmedText(query, result.recorded, result.unchanged));
}

/**
 * A query is sent again only as long as nothing is confirmed (Junos), but what other servers know may be
 * newer (RFC 4388 §6.8): they get a short while to answer.
 */
function hurryOthers(context: Context, query: Query): void {
  const latest = context.now + context.state.limits.otherServersGraceMs;
  for (const server of query.server.run.servers) {
    for (const other of server.queries) {
      if (other === query || other.label !== null || other.deadlineMs === null) continue;
      other.deadlineMs = Math.min(other.deadlineMs, latest);
    }
  }
}

function confirmedText(query: Query, recorded: number, unchanged: number): string {
  const about = query.label === null ? "" : ` (${query.label})`;
  if (recorded === 0) return `The lease is confirmed as it is stored${about}.`;
  if (unchanged === 0) return `${recorded === 1 ? "1 lease" : `${recorded} leases`} recorded${about}.`;
  return `${recorded} of ${recorded + unchanged} leases recorded, the others are stored already${about}.`;
}
