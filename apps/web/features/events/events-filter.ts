import type { AuditEntry } from "@leasewire/api";

export const outcomeFilters = ["all", "done", "refused", "failed"] as const;
export type OutcomeFilter = (typeof outcomeFilters)[number];

/** Every word has to occur somewhere in the entry. */
export function shownEntries(
  entries: readonly AuditEntry[],
  words: string,
  outcome: OutcomeFilter,
): readonly AuditEntry[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    if (outcome !== "all" && entry.outcome !== outcome) return false;
    const text = `${entry.actor} ${entry.via} ${entry.action} ${entry.subject} ${entry.detail}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
