import { MessageType6, StatusCode6 } from "@leasewire/wire";
import { rapidCommitAt } from "../server-common/interface-overrides.ts";
import { isOverClientLimit } from "./client-limit.ts";
import { drop, note } from "./context.ts";
import type { Exchange6, IaAnswer } from "./exchange.ts";
import { grantAll, offerAll } from "./grant.ts";
import { sendReply } from "./reply.ts";
import type { IaRequest } from "./request.ts";
import { selectLeases } from "./select-lease.ts";

/** RFC 9915 §18.3.1, §18.3.9: an ADVERTISE of what a REQUEST would bring, or with Rapid Commit the lease itself. */
export function onSolicit(exchange: Exchange6): void {
  const { context, server, request } = exchange;
  if (isOverClientLimit(exchange)) {
    drop(context, server.instance, "client limit");
    return;
  }
  for (const ia of request.ias) exchange.answers.push(answerNew(exchange, ia));
  const some = exchange.answers.some(({ leases }) => leases.length > 0);
  if (request.rapidCommit && some && rapidCommitAt(server.configuration, exchange.arrival.interfaceName)) {
    grantAll(exchange, "SOLICIT with rapid commit");
    sendReply(exchange, {
      messageType: MessageType6.REPLY,
      rapidCommit: true,
      configuration: true,
      reconfigureKey: true,
      promises: true,
    });
    return;
  }
  if (context.state.offers.size + exchange.answers.length > context.state.limits.offersPendingMax) {
    drop(context, server.instance, "too many offers");
    return;
  }
  offerAll(exchange);
  sendReply(exchange, { messageType: MessageType6.ADVERTISE, configuration: true, promises: false });
}

/** Leases for an IA, or why there are none. */
export function answerNew(exchange: Exchange6, ia: IaRequest): IaAnswer {
  const leases = selectLeases(exchange, ia);
  if (leases.length > 0) return { ia, leases, gone: [], status: 0 };
  note(exchange.context, exchange.server.instance, "pool exhausted");
  return { ia, leases, gone: [], status: noneAvailable(ia) };
}

export function noneAvailable(ia: IaRequest): number {
  return ia.kind === "pd" ? StatusCode6.NoPrefixAvail : StatusCode6.NoAddrsAvail;
}
