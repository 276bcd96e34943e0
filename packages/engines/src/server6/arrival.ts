import { parseIpv6 } from "@leasewire/net";
import type { Server6State } from "./state.ts";

const UNKNOWN = new Uint8Array(16);

/** Octets of the address a message came from; `::` for a text that is no address. Remembered: relays are few. */
export function octetsOfSource(state: Server6State, text: string): Uint8Array {
  const { sources, limits } = state;
  let octets = sources.get(text);
  if (octets === undefined) {
    const parsed = parseIpv6(text);
    octets = parsed.ok ? parsed.value : UNKNOWN;
    if (sources.size >= limits.sourcesRememberedMax) sources.clear();
    sources.set(text, octets);
  }
  return octets;
}
