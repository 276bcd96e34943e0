import type { Family } from "@leasewire/api";
import type { EngineEvent } from "./messages.ts";

/** Browsers are told how far the database is at most this often, for each family. */
export const durableNewsPeriodMs = 50;

/**
 * Passes events on, and of the durable marks that come faster than anybody can look only the latest: under load there are
 * hundreds of transactions a second.
 */
export function withoutHaste(emit: (event: EngineEvent) => void): (event: EngineEvent) => void {
  const waiting = new Map<Family, EngineEvent>();
  const resting = new Set<Family>();
  return function pass(event) {
    if (event.kind !== "durable") return emit(event);
    const { family } = event;
    if (resting.has(family)) {
      waiting.set(family, event);
      return;
    }
    emit(event);
    resting.add(family);
    setTimeout(() => {
      resting.delete(family);
      const latest = waiting.get(family);
      waiting.delete(family);
      if (latest !== undefined) pass(latest);
    }, durableNewsPeriodMs);
  };
}
