import { decodeMessage4, MessageType4 } from "@leasewire/wire";
import type { Context4 } from "./context.ts";
import { removeOffer } from "./offers.ts";
import { onProbeFree, onProbeInUse } from "./on-discover.ts";
import { forgetProbe } from "./probes.ts";
import { readRequest } from "./request.ts";

/** Goes on with the DISCOVER that waited for the probe. Results of probes that were given up are of no interest. */
export function onProbeResult(context: Context4, token: number, inUse: boolean): void {
  const { state } = context;
  const probe = state.probes.get(token);
  if (probe === undefined) return;
  const { offer, arrival } = probe;
  const decoded = decodeMessage4(probe.message);
  const request = decoded.ok
    ? readRequest(state, offer.server, arrival, decoded.value, MessageType4.DHCPDISCOVER)
    : "malformed option";
  if (typeof request === "string") {
    // It was read once, so it can be read again; should that ever fail, nothing is promised.
    forgetProbe(state, probe);
    removeOffer(state, offer);
    return;
  }
  if (inUse) onProbeInUse(context, probe, request);
  else onProbeFree(context, probe, request);
}
