import { MessageType6, StatusCode6 } from "@leasewire/wire";
import { isOverClientLimit } from "./client-limit.ts";
import { drop, note } from "./context.ts";
import type { Exchange6, IaAnswer } from "./exchange.ts";
import { grantAll } from "./grant.ts";
import { answerNew } from "./on-solicit.ts";
import { sendReply } from "./reply.ts";
import type { IaRequest } from "./request.ts";
import { isOffLink } from "./select-lease.ts";

/** RFC 9915 §18.3.2: bindings for every IA of the message. */
export function onRequest(exchange: Exchange6): void {
  const { context, server } = exchange;
  if (isOverClientLimit(exchange)) {
    drop(context, server.instance, "client limit");
    return;
  }
  for (const ia of exchange.request.ias) exchange.answers.push(answerRequest(exchange, ia));
  grantAll(exchange, "REQUEST");
  sendReply(exchange, { messageType: MessageType6.REPLY, configuration: true, reconfigureKey: true, promises: true });
}

/** Addresses of another link are an error of the client's, told by NotOnLink; prefixes are not tied to the link that way. */
function answerRequest(exchange: Exchange6, ia: IaRequest): IaAnswer {
  if (ia.kind !== "pd" && ia.leases.some(({ address }) => isOffLink(exchange, address, false))) {
    note(exchange.context, exchange.server.instance, "not on link");
    return { ia, leases: [], gone: [], status: StatusCode6.NotOnLink };
  }
  return answerNew(exchange, ia);
}
