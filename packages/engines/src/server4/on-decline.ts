import { formatIpv4 } from "@leasewire/net";
import { abandon } from "./binding.ts";
import { type Context4, drop, note } from "./context.ts";
import { placeOf } from "./leases.ts";
import { removeOffer } from "./offers.ts";
import { isOwnIdentifier } from "./reply.ts";
import type { Request4 } from "./request.ts";

/**
 * DHCPDECLINE (RFC 2131 §4.3.3): the client found the address in use, so it is not given out for a while. Only an address
 * that it was given or offered can be declined: otherwise anyone could empty the pool. There is no answer.
 */
export function onDecline(context: Context4, request: Request4): void {
  const { server, requested, serverIdentifier, key } = request;
  if (serverIdentifier !== undefined && !isOwnIdentifier(request, serverIdentifier)) {
    drop(context, server.instance, "other server chosen", formatIpv4(serverIdentifier));
    return;
  }
  if (requested === undefined || requested === 0) {
    drop(context, server.instance, "no address asked for");
    return;
  }
  const place = placeOf(context.state, request, requested);
  const offer = server.offersByAddress.get(requested);
  const offered = offer?.key === key ? offer : undefined;
  const leased = place?.isOwnLease === true;
  if (place === undefined || (!leased && offered === undefined)) {
    drop(context, server.instance, "not leased to the client", formatIpv4(requested));
    return;
  }
  if (offered !== undefined) removeOffer(context.state, offered);
  abandon(context, request, place, "declined");
  note(context, server.instance, "address declined", formatIpv4(requested));
}
