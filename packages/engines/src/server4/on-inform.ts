import { type Context4, drop } from "./context.ts";
import { linkText } from "./on-discover.ts";
import { informReply } from "./reply.ts";
import { poolsOfLink, type Request4 } from "./request.ts";

/** DHCPINFORM (RFC 2131 §4.3.5): parameters for an address that the client has otherwise; no lease is looked at. */
export function onInform(context: Context4, request: Request4): void {
  const { server, ciaddr } = request;
  if (ciaddr === 0) {
    drop(context, server.instance, "no ciaddr");
    return;
  }
  // The network of the address itself tells best what holds there; the link only if no pool has that network.
  const own = poolsOfLink(context.state, server, ciaddr);
  const [pool] = own.length > 0 ? own : request.pools;
  if (pool === undefined) drop(context, server.instance, "no pool", linkText(request));
  else informReply(context, request, pool);
}
