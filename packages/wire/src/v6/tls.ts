import type { WireResult } from "../error.ts";
import { MessageType6, OptionCode6 } from "./codes.ts";
import { encodeMessage6 } from "./encode.ts";
import { unexpectedType6 } from "./leasequery.ts";
import type { Message6 } from "./message.ts";
import { option6, readOption6 } from "./registry.ts";
import type { Status6 } from "./status-code.ts";

/** STARTTLS and the REPLY to it, the first messages of a connection (RFC 7653 §6.2.2, §8.2, §9.1). */
export interface Tls6 {
  readonly transactionId: number;
  readonly direction: "request" | "reply";
  /** Of a reply: absent means accepted; TLSConnectionRefused (15) refuses. */
  readonly status?: Status6;
}

export function tls6(message: Tls6): Uint8Array {
  return encodeMessage6({
    messageType: message.direction === "request" ? MessageType6.STARTTLS : MessageType6.REPLY,
    transactionId: message.transactionId,
    options: message.status === undefined ? [] : [option6(OptionCode6.STATUS_CODE, message.status)],
  });
}

/** Errors: `message-type-unexpected`; those of option 13 in a reply. Options of a request are ignored. */
export function readTls6(message: Message6): WireResult<Tls6> {
  const { messageType, transactionId } = message;
  if (messageType === MessageType6.STARTTLS) return { ok: true, value: { transactionId, direction: "request" } };
  if (messageType !== MessageType6.REPLY) return unexpectedType6(message, "STARTTLS or REPLY");
  const status = readOption6(message, OptionCode6.STATUS_CODE);
  if (!status.ok) return status;
  return {
    ok: true,
    value: { transactionId, direction: "reply", ...(status.value === undefined ? {} : { status: status.value }) },
  };
}
