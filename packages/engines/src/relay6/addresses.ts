import { formatIpv6, isIpv6Unspecified, parseIpv6 } from "@leasewire/net";
import { HeadAt } from "./head.ts";
import type { Exchange6, Relay6State } from "./state.ts";

/** Octets of the address a message came from; undefined where nothing can be sent back to it. Remembered. */
export function octetsOfSource(state: Relay6State, text: string): Uint8Array | undefined {
  const { sources, limits } = state;
  let octets = sources.get(text);
  if (octets === undefined) {
    const parsed = parseIpv6(text);
    if (!parsed.ok) return undefined;
    octets = parsed.value;
    if (sources.size >= limits.sourcesRememberedMax) sources.clear();
    sources.set(text, octets);
  }
  return octets;
}

/** Canonical text of the address in a RELAY-REPL: as a rule the one that the client, or the relay agent nearer to it, sent from. */
export function textOfPeer(peer: Uint8Array, exchange: Exchange6 | undefined): string {
  if (exchange !== undefined) {
    const { sent, peerText } = exchange;
    let same = 0;
    while (same < 16 && sent[HeadAt.peerAddress + same] === peer[same]) same += 1;
    if (same === 16) return peerText;
  }
  return formatIpv6(peer);
}

/** Link-local (fe80::/10). */
export function isLinkLocal(address: Uint8Array): boolean {
  return address[0] === 0xfe && (address[1]! & 0xc0) === 0x80;
}

/** GUA or ULA: unicast, and neither link-local nor unspecified. */
export function isGlobal(address: Uint8Array): boolean {
  return isReachable(address) && !isLinkLocal(address);
}

/** Whether something can be sent there: neither unspecified nor multicast. Relay agents of one machine are at its loopback address. */
export function isReachable(address: Uint8Array): boolean {
  return address[0] !== 0xff && !isIpv6Unspecified(address);
}
