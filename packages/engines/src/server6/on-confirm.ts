import { MessageType6, StatusCode6 } from "@leasewire/wire";
import { drop, note } from "./context.ts";
import type { Exchange6 } from "./exchange.ts";
import { sendReply } from "./reply.ts";
import { isOffLink } from "./select-lease.ts";

/** RFC 9915 §18.3.3: whether the addresses belong to the link; without any, or where we know none of the link, silence. Delegated prefixes say nothing of a link. */
export function onConfirm(exchange: Exchange6): void {
  const { context, server, request, link } = exchange;
  if (link.addressPools.length === 0) {
    drop(context, server.instance, "no pool");
    return;
  }
  let some = false;
  let onLink = true;
  for (const ia of request.ias) {
    if (ia.kind === "pd") continue;
    for (const { address } of ia.leases) {
      some = true;
      onLink &&= !isOffLink(exchange, address, false);
    }
  }
  if (!some) {
    drop(context, server.instance, "no addresses to confirm");
    return;
  }
  if (!onLink) note(context, server.instance, "not on link");
  sendReply(exchange, {
    messageType: MessageType6.REPLY,
    status: onLink ? StatusCode6.Success : StatusCode6.NotOnLink,
    configuration: false,
    promises: false,
  });
}
