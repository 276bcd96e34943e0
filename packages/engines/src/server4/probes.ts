import { formatIpv4 } from "@leasewire/net";
import type { Context4 } from "./context.ts";
import type { Request4 } from "./request.ts";
import type { Offer, Probe, Server4State } from "./state.ts";

/** Asks the network whether somebody uses the offered address; the DISCOVER waits. The caller has checked the limit. */
export function startProbe(
  { state, now, out }: Context4,
  { message, arrival, giaddr, server }: Request4,
  offer: Offer,
  tried: number,
  timeoutMs: number,
): void {
  const token = state.nextToken;
  state.nextToken = token >= Number.MAX_SAFE_INTEGER ? 0 : token + 1;
  const overdueAtMs = now + timeoutMs + state.limits.probeGraceMs;
  offer.probe = token;
  state.probes.set(token, { token, offer, message: message.bytes.slice(), arrival, tried, overdueAtMs });
  state.probesDueMs = Math.min(state.probesDueMs, overdueAtMs);
  out.probes.push({
    token,
    instance: server.instance,
    interfaceName: giaddr === 0 ? arrival.interfaceName : undefined,
    address: formatIpv4(offer.address),
    timeoutMs,
  });
}

export function forgetProbe(state: Server4State, probe: Probe): void {
  state.probes.delete(probe.token);
  probe.offer.probe = -1;
}
