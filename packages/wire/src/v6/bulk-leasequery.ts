import { MessageType6 } from "./codes.ts";
import { type LeaseReply6, leaseReply6 } from "./lease-reply.ts";

/**
 * Bulk leasequery (RFC 5460). The query is the LEASEQUERY of `leasequery.ts`; the answer begins with a LEASEQUERY-REPLY of
 * `lease-reply.ts`, goes on with LEASEQUERY-DATA, and ends with LEASEQUERY-DONE. `readLeaseReply6` reads all three.
 */

/** One further client on one link (§5.2.1). On an active stream also a keepalive or a status, without client data (RFC 7653 §8.4). */
export function leasequeryData6(data: Omit<LeaseReply6, "messageType">): Uint8Array {
  return leaseReply6({ ...data, messageType: MessageType6["LEASEQUERY-DATA"] });
}

/** The end of an answer that had data (§5.2.2); with a status where it ended early. */
export function leasequeryDone6(done: Omit<LeaseReply6, "messageType" | "clientData" | "clientLinks">): Uint8Array {
  return leaseReply6({ ...done, messageType: MessageType6["LEASEQUERY-DONE"] });
}

/** The types allowed on a bulk connection (§4); with active leasequery also ACTIVELEASEQUERY, STARTTLS and REPLY (RFC 7653). */
export function isBulkMessageType6(messageType: number, active: boolean): boolean {
  return (
    (messageType >= MessageType6.LEASEQUERY && messageType <= MessageType6["LEASEQUERY-DATA"]) ||
    (active && isActiveOnly(messageType))
  );
}

function isActiveOnly(messageType: number): boolean {
  return (
    messageType === MessageType6.ACTIVELEASEQUERY ||
    messageType === MessageType6.STARTTLS ||
    messageType === MessageType6.REPLY
  );
}
