import { EXPIRES_NEVER } from "@leasewire/bindings";
import type { IaAnswer } from "./exchange.ts";

const INFINITE = EXPIRES_NEVER;

export interface Times {
  readonly t1Seconds: number;
  readonly t2Seconds: number;
}

/**
 * T1 and T2, the same for all IAs of an answer (RFC 9915 §18.3.2, §18.3.4): as configured, else 0.5 and 0.8 times the shortest
 * preferred lifetime (§21.4), of several pools the shortest. Without a lease 0.
 */
export function timesOf(answers: readonly IaAnswer[]): Times {
  let t1 = INFINITE;
  let t2 = INFINITE;
  let valid = INFINITE;
  let some = false;
  for (const { ia, leases } of answers) {
    if (ia.kind === "ta") continue;
    for (const { pool } of leases) {
      const { preferredLifetimeSeconds, validLifetimeSeconds, renewalTimeSeconds, rebindingTimeSeconds } =
        pool.configuration;
      // A deprecated address is renewed by what it is still valid.
      const preferred = preferredLifetimeSeconds === 0 ? validLifetimeSeconds : preferredLifetimeSeconds;
      t1 = Math.min(t1, renewalTimeSeconds ?? part(preferred, 0.5));
      t2 = Math.min(t2, rebindingTimeSeconds ?? part(preferred, 0.8));
      valid = Math.min(valid, validLifetimeSeconds);
      some = true;
    }
  }
  if (!some) return { t1Seconds: 0, t2Seconds: 0 };
  // A client discards an IA whose T1 is greater than its T2, and neither helps once the lease is over.
  t2 = Math.min(t2, valid);
  return { t1Seconds: Math.min(t1, t2), t2Seconds: t2 };
}

function part(seconds: number, factor: number): number {
  return seconds === INFINITE ? INFINITE : Math.floor(seconds * factor);
}
