import type { ConnectionPhase, GuardLimits, GuardRequestor, ServedConnection, ServedQuery } from "@leasewire/api";
import type { MarkTone } from "#ui/mark.tsx";

/** What each phase of a served connection is called, and what it means. */
export const phases: Readonly<
  Record<ConnectionPhase, { readonly label: string; readonly tone: MarkTone; readonly meaning: string }>
> = {
  handshake: { label: "TLS handshake", tone: "info", meaning: "Both sides agree on keys; nothing is asked yet." },
  idle: { label: "idle", tone: "dim", meaning: "Open, and nothing is asked. It is closed when the time is over." },
  bulk: { label: "bulk", tone: "info", meaning: "The bindings asked for are being sent." },
  "catch-up": { label: "catch-up", tone: "warn", meaning: "What the requestor missed is being sent." },
  active: { label: "active", tone: "good", meaning: "The requestor is told every change as it happens." },
  closing: { label: "closing", tone: "dim", meaning: "The last octets go out." },
};

/** How far a query is: `12,345 bindings, 40 %`. */
export function progressText(query: ServedQuery, count: (value: number) => string): string {
  const sent = `${count(query.bindingsSent)} ${query.bindingsSent === 1 ? "binding" : "bindings"}`;
  return query.percent === null ? sent : `${sent}, ${Math.floor(query.percent)} %`;
}

/** Backlog from which a requestor counts as not keeping up. */
export const backlogOctetsSlow = 65_536;

export function isSlow(connection: Pick<ServedConnection, "backlogOctets" | "messagesPerSecond">): boolean {
  return connection.backlogOctets >= backlogOctetsSlow && connection.messagesPerSecond === 0;
}

/** Share of the judged window that nobody knew, 0 to 100; null while too few were asked to judge. */
export function unknownPercent(requestor: GuardRequestor, limits: GuardLimits | undefined): number | null {
  const enough = Math.max(1, limits?.unknownQueriesMin ?? 1);
  return requestor.windowQueries < enough ? null : (requestor.windowUnknown * 100) / requestor.windowQueries;
}

/** How close a requestor is to what the guard allows. */
export function requestorTone(requestor: GuardRequestor, limits: GuardLimits | undefined): MarkTone {
  if (requestor.quarantine !== null) return "bad";
  if (limits === undefined) return "good";
  const unknown = unknownPercent(requestor, limits);
  const near =
    requestor.queriesPerSecond >= limits.queriesPerSecondMax * nearShare ||
    (unknown !== null && unknown >= limits.unknownRatioMaxPercent * nearShare);
  return near ? "warn" : "good";
}

const nearShare = 0.8;
