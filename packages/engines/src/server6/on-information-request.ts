import { MessageType6 } from "@leasewire/wire";
import type { Exchange6 } from "./exchange.ts";
import { sendReply } from "./reply.ts";

/** RFC 9915 §18.3.6: configuration without leases; also to a client that does not name itself. */
export function onInformationRequest(exchange: Exchange6): void {
  sendReply(exchange, { messageType: MessageType6.REPLY, configuration: true, promises: false });
}
