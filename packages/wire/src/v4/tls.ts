import type { WireResult } from "../error.ts";
import { MessageType4, Op4, OptionCode4 } from "./codes.ts";
import { encodeMessage4, type Option4 } from "./encode.ts";
import { unexpectedType } from "./leasequery.ts";
import type { Message4 } from "./message.ts";
import { option4, readOption4 } from "./registry.ts";
import type { Status4 } from "./status-code.ts";

/** DHCPTLS, the first message of a connection both ways (RFC 7724 §7.2, §8.1). */
export interface Tls4 {
  readonly xid: number;
  readonly direction: "request" | "reply";
  /** Of a reply: absent means accepted; TLSConnectionRefused (8) refuses. */
  readonly status?: Status4;
}

export function tls4(message: Tls4): Uint8Array {
  const options: Option4[] = [option4(OptionCode4.messageType, MessageType4.DHCPTLS)];
  if (message.status !== undefined) options.push(option4(OptionCode4.statusCode, message.status));
  return encodeMessage4({
    op: message.direction === "request" ? Op4.BOOTREQUEST : Op4.BOOTREPLY,
    xid: message.xid,
    options,
  });
}

/** Errors: `message-type-missing`, `message-type-unexpected`; those of option 151 in a reply. Options of a request are ignored. */
export function readTls4(message: Message4): WireResult<Tls4> {
  if (message.messageType !== MessageType4.DHCPTLS) return unexpectedType(message, "DHCPTLS");
  if (message.op === Op4.BOOTREQUEST) return { ok: true, value: { xid: message.xid, direction: "request" } };
  const status = readOption4(message, OptionCode4.statusCode);
  if (!status.ok) return status;
  return {
    ok: true,
    value: { xid: message.xid, direction: "reply", ...(status.value === undefined ? {} : { status: status.value }) },
  };
}
