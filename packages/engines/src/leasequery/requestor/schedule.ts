import type { Family } from "@leasewire/bindings";
import { type RandomSource, randomSigned } from "../../random.ts";

/** Longest interval of DHCPv4 (RFC 2131 §4.1, which RFC 4388 §6.6 refers to). */
export const retransmission4MsMax = 64_000;
/** LQ_MAX_RT of DHCPv6 (RFC 5007 §4.1.4). */
export const retransmission6MsMax = 10_000;

/**
 * How long to wait for an answer before query number `attempt` + 1, in ms.
 *
 * `timeoutMs` is the first interval (Junos `leasequery timeout`); from there the RFC's exponential backoff goes on.
 * DHCPv4: doubled each time up to 64 s, each ±1 s; for first intervals below 4 s a quarter of the interval instead, which
 * is the proportion of the RFC's own first one. DHCPv6: RT = 2·RTprev + RAND·RTprev with RAND in ±0.1, up to LQ_MAX_RT
 * (RFC 9915 §15), or up to `timeoutMs` where that is longer.
 */
export function retransmissionIntervalMs(
  family: Family,
  timeoutMs: number,
  attempt: number,
  previousMs: number,
  random: RandomSource,
): number {
  const rand = randomSigned(random);
  if (family === 4) {
    const base = Math.min(timeoutMs * 2 ** (attempt - 1), Math.max(retransmission4MsMax, timeoutMs));
    return Math.round(base + rand * Math.min(1000, base / 4));
  }
  const max = Math.max(retransmission6MsMax, timeoutMs);
  const next = attempt === 1 ? timeoutMs + (rand / 10) * timeoutMs : 2 * previousMs + (rand / 10) * previousMs;
  return Math.round(next > max && attempt > 1 ? max + (rand / 10) * max : next);
}
