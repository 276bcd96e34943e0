import { formatIpv4 } from "@leasewire/net";
import { endBinding } from "./binding.ts";
import { type Context4, drop } from "./context.ts";
import { placeOf } from "./leases.ts";
import { isOwnIdentifier } from "./reply.ts";
import type { Request4 } from "./request.ts";

/** DHCPRELEASE (RFC 2131 §4.3.4): the lease ends; what is known of the client stays. There is no answer. */
export function onRelease(context: Context4, request: Request4): void {
  const { server, ciaddr, serverIdentifier } = request;
  if (serverIdentifier !== undefined && !isOwnIdentifier(request, serverIdentifier)) {
    drop(context, server.instance, "other server chosen", formatIpv4(serverIdentifier));
    return;
  }
  if (ciaddr === 0) {
    drop(context, server.instance, "no ciaddr");
    return;
  }
  const place = placeOf(context.state, request, ciaddr);
  if (place === undefined || !place.isOwnLease) {
    drop(context, server.instance, "not leased to the client", formatIpv4(ciaddr));
    return;
  }
  endBinding(context, place.row, "released");
}
