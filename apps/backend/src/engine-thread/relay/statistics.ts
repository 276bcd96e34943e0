import type { Counter, Family, RelayStatistics } from "@leasewire/api";

type Counted = Omit<RelayStatistics, "family" | "forwarded">;

/** What a relay counted as requestor and as relay agent, together: both are one to whoever looks. */
export function sumOf(
  family: Family,
  requestor: Counted,
  agent: Counted & Pick<RelayStatistics, "forwarded">,
): RelayStatistics {
  return {
    family,
    sinceMs: Math.min(requestor.sinceMs, agent.sinceMs),
    dropsTotal: requestor.dropsTotal + agent.dropsTotal,
    drops: merged(requestor.drops, agent.drops),
    notes: merged(requestor.notes, agent.notes),
    received: merged(requestor.received, agent.received),
    sent: merged(requestor.sent, agent.sent),
    forwarded: agent.forwarded,
  };
}

function merged(one: readonly Counter[], other: readonly Counter[]): Counter[] {
  const byName = new Map(one.map((counter) => [counter.name, counter]));
  for (const counter of other) {
    const known = byName.get(counter.name);
    byName.set(counter.name, known === undefined ? counter : { ...known, value: known.value + counter.value });
  }
  return [...byName.values()];
}
