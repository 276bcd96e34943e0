import type { Ipv6Address } from "@leasewire/net";
import type { WireResult } from "../error.ts";
import type { ClientData6 } from "./client-data.ts";
import { MessageType6, OptionCode6 } from "./codes.ts";
import { encodeMessage6, type Option6 } from "./encode.ts";
import { unexpectedType6 } from "./leasequery.ts";
import type { Message6 } from "./message.ts";
import { type KnownOptionCode6, type OptionValue6, option6, readOption6 } from "./registry.ts";
import type { Status6 } from "./status-code.ts";

/**
 * LEASEQUERY-REPLY, LEASEQUERY-DATA and LEASEQUERY-DONE: everything that answers a leasequery (RFC 5007 §4.4, RFC 5460 §5.2,
 * RFC 7653 §6.2.3). Which option belongs in which of them is the engine's business.
 */
export interface LeaseReply6 {
  readonly messageType:
    | (typeof MessageType6)["LEASEQUERY-REPLY"]
    | (typeof MessageType6)["LEASEQUERY-DATA"]
    | (typeof MessageType6)["LEASEQUERY-DONE"];
  readonly transactionId: number;
  readonly serverDuid?: Uint8Array;
  /** Of the requestor, as in its query. */
  readonly clientDuid?: Uint8Array;
  readonly status?: Status6;
  /** Server's clock at the time of sending; seconds since 2000 modulo 2^32. */
  readonly baseTimeSeconds?: number;
  readonly clientData?: ClientData6;
  /** The links a client has bindings on, where there are several. */
  readonly clientLinks?: readonly Ipv6Address[];
  /** Options without a field of their own, in order. */
  readonly options?: readonly Option6[];
}

/** The fields that are one option each, in the order in which they are written. */
const optionFields = [
  ["serverDuid", OptionCode6.SERVERID],
  ["clientDuid", OptionCode6.CLIENTID],
  ["status", OptionCode6.STATUS_CODE],
  ["baseTimeSeconds", OptionCode6.LQ_BASE_TIME],
  ["clientData", OptionCode6.CLIENT_DATA],
  ["clientLinks", OptionCode6.LQ_CLIENT_LINK],
] as const satisfies readonly (readonly [keyof LeaseReply6, KnownOptionCode6])[];

const codesWithField: ReadonlySet<number> = new Set(optionFields.map(([, code]) => code));

export function leaseReply6(reply: LeaseReply6): Uint8Array {
  const options: Option6[] = [];
  for (const [field, code] of optionFields) {
    const value = reply[field];
    if (value !== undefined) options.push(option6(code, value as OptionValue6<typeof code>));
  }
  return encodeMessage6({
    messageType: reply.messageType,
    transactionId: reply.transactionId,
    options: [...options, ...(reply.options ?? [])],
  });
}

/**
 * The typed reply. Octets are views of the message; of an option that may stand only once the first counts.
 * Errors: `message-type-unexpected`; those of the options read.
 */
export function readLeaseReply6(message: Message6): WireResult<LeaseReply6> {
  const { messageType } = message;
  if (
    messageType !== MessageType6["LEASEQUERY-REPLY"] &&
    messageType !== MessageType6["LEASEQUERY-DATA"] &&
    messageType !== MessageType6["LEASEQUERY-DONE"]
  ) {
    return unexpectedType6(message, "LEASEQUERY-REPLY, LEASEQUERY-DATA or LEASEQUERY-DONE");
  }
  const values: Record<string, unknown> = {};
  for (const [field, code] of optionFields) {
    const value = readOption6(message, code);
    if (!value.ok) return value;
    if (value.value !== undefined) values[field] = value.value;
  }
  const options: Option6[] = [];
  for (const { code, data } of message.options()) if (!codesWithField.has(code)) options.push({ code, data });
  return { ok: true, value: { messageType, transactionId: message.transactionId, ...values, options } };
}
