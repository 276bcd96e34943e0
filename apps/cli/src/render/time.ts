import { formatUtcSeconds } from "@leasewire/net";

/** `2026-11-24 07:12:31 UTC`, as Junos writes times. */
export function utcText(seconds: number): string {
  return formatUtcSeconds(seconds).replace("T", " ").replace("Z", " UTC");
}

export function utcTextMs(ms: number): string {
  return utcText(Math.floor(ms / 1000));
}
