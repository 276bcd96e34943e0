import type { Ipv4Address } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import type { Vss } from "../formats/vss.ts";
import { DhcpState, MessageType4, Op4, OptionCode4 } from "./codes.ts";
import { encodeMessage4, type Option4 } from "./encode.ts";
import { unexpectedType } from "./leasequery.ts";
import type { Message4 } from "./message.ts";
import { type KnownOptionCode4, type OptionValue4, option4, readOption4 } from "./registry.ts";
import type { Status4 } from "./status-code.ts";

/**
 * DHCPLEASEACTIVE, DHCPLEASEUNASSIGNED and DHCPLEASEUNKNOWN: what a server says of one address, over UDP (RFC 4388 §6.4) and in bulk
 * and active streams (RFC 6926 §8.3, RFC 7724 §8.2). Every option is optional here; which must be there is the engine's business.
 */
export interface LeaseReply4 {
  readonly messageType:
    | typeof MessageType4.DHCPLEASEACTIVE
    | typeof MessageType4.DHCPLEASEUNASSIGNED
    | typeof MessageType4.DHCPLEASEUNKNOWN;
  readonly xid: number;
  /** As in the query (UDP). */
  readonly giaddr?: Ipv4Address;
  /** The address the reply is about. */
  readonly ciaddr: Ipv4Address;
  readonly htype?: number;
  /** Up to 16 octets. */
  readonly chaddr?: Uint8Array;
  readonly serverIdentifier?: Ipv4Address;
  /** Server's clock at the time of sending, seconds since 1970. */
  readonly baseTimeSeconds?: number;
  /** Remaining; 0xffffffff is infinite. */
  readonly leaseTimeSeconds?: number;
  readonly renewalTimeSeconds?: number;
  readonly rebindingTimeSeconds?: number;
  /** Seconds before base-time. */
  readonly startTimeOfStateSeconds?: number;
  /** Seconds before base-time, or before the time of sending where there is no base-time. */
  readonly clientLastTransactionTimeSeconds?: number;
  readonly dhcpState?: number;
  readonly dataSource?: number;
  readonly status?: Status4;
  readonly vendorClassIdentifier?: Uint8Array;
  readonly clientIdentifier?: Uint8Array;
  /** UDP only (RFC 6926 §5, RFC 7724 §7.4). */
  readonly associatedIps?: readonly Ipv4Address[];
  readonly vss?: Vss;
  /** Content of option 82 as it stands. */
  readonly relayAgentInformation?: Uint8Array;
  /** Options without a field of their own, in order. */
  readonly options?: readonly Option4[];
}

/** The fields that are one option each, in the order in which they are written when the query asks for no other. */
const optionFields = [
  ["serverIdentifier", OptionCode4.serverIdentifier],
  ["baseTimeSeconds", OptionCode4.baseTime],
  ["leaseTimeSeconds", OptionCode4.leaseTime],
  ["renewalTimeSeconds", OptionCode4.renewalTime],
  ["rebindingTimeSeconds", OptionCode4.rebindingTime],
  ["startTimeOfStateSeconds", OptionCode4.startTimeOfState],
  ["clientLastTransactionTimeSeconds", OptionCode4.clientLastTransactionTime],
  ["dhcpState", OptionCode4.dhcpState],
  ["dataSource", OptionCode4.dataSource],
  ["status", OptionCode4.statusCode],
  ["vendorClassIdentifier", OptionCode4.vendorClassIdentifier],
  ["clientIdentifier", OptionCode4.clientIdentifier],
  ["associatedIps", OptionCode4.associatedIp],
  ["vss", OptionCode4.vss],
] as const satisfies readonly (readonly [keyof LeaseReply4, KnownOptionCode4])[];

const codesWithField: ReadonlySet<number> = new Set([
  OptionCode4.messageType,
  OptionCode4.relayAgentInformation,
  ...optionFields.map(([, code]) => code),
]);

/**
 * The message of a reply. With the query's parameter request list the options follow its order, the rest behind them
 * (RFC 2132 §9.8); the server identifier stays in front and option 82 last.
 */
export function leaseReply4(reply: LeaseReply4, parameterRequestList: readonly number[] = []): Uint8Array {
  const options: Option4[] = [];
  for (const [field, code] of optionFields) {
    const value = reply[field];
    if (value !== undefined) options.push(option4(code, value as OptionValue4<typeof code>));
  }
  options.push(...(reply.options ?? []));
  if (parameterRequestList.length > 0) sortByRequest(options, parameterRequestList);
  if (reply.relayAgentInformation !== undefined) {
    options.push({ code: OptionCode4.relayAgentInformation, data: reply.relayAgentInformation });
  }
  options.unshift(option4(OptionCode4.messageType, reply.messageType));
  return encodeMessage4({
    op: Op4.BOOTREPLY,
    xid: reply.xid,
    htype: reply.htype ?? 0,
    chaddr: reply.chaddr,
    ciaddr: reply.ciaddr,
    giaddr: reply.giaddr,
    options,
  });
}

/**
 * The typed reply. Octets are views of the message.
 * Errors: `message-type-missing`, `message-type-unexpected`; `reply-ciaddr-zero` where an ACTIVE or UNASSIGNED names no address
 * (RFC 4388 §6.4.1); those of the options read.
 */
export function readLeaseReply4(message: Message4): WireResult<LeaseReply4> {
  const messageType = message.messageType;
  if (
    messageType !== MessageType4.DHCPLEASEACTIVE &&
    messageType !== MessageType4.DHCPLEASEUNASSIGNED &&
    messageType !== MessageType4.DHCPLEASEUNKNOWN
  ) {
    return unexpectedType(message, "DHCPLEASEACTIVE, DHCPLEASEUNASSIGNED or DHCPLEASEUNKNOWN");
  }
  if (messageType !== MessageType4.DHCPLEASEUNKNOWN && message.ciaddr === 0) {
    return wireError("reply-ciaddr-zero", 12, "ciaddr is zero: the reply names no address");
  }
  const values: Record<string, unknown> = {};
  for (const [field, code] of optionFields) {
    const value = readOption4(message, code);
    if (!value.ok) return value;
    if (value.value !== undefined) values[field] = value.value;
  }
  const relayAgentInformation = message.option(OptionCode4.relayAgentInformation);
  if (relayAgentInformation !== undefined) values.relayAgentInformation = relayAgentInformation;
  if (message.hlen !== 0) values.chaddr = message.chaddr;
  if (message.htype !== 0) values.htype = message.htype;
  if (message.giaddr !== 0) values.giaddr = message.giaddr;
  const options: Option4[] = [];
  for (const { code, data } of message.joinedOptions()) if (!codesWithField.has(code)) options.push({ code, data });
  return { ok: true, value: { messageType, xid: message.xid, ciaddr: message.ciaddr, ...values, options } };
}

/** The state a reply tells: option 156, otherwise ACTIVE of a DHCPLEASEACTIVE (RFC 6926 §6.2.7); `undefined` where it is not said. */
export function stateOf(reply: LeaseReply4): number | undefined {
  return reply.dhcpState ?? (reply.messageType === MessageType4.DHCPLEASEACTIVE ? DhcpState.ACTIVE : undefined);
}

function sortByRequest(options: Option4[], parameterRequestList: readonly number[]): void {
  const rank = (code: number): number => {
    if (code === OptionCode4.serverIdentifier) return -1;
    const index = parameterRequestList.indexOf(code);
    return index < 0 ? parameterRequestList.length : index;
  };
  options.sort((a, b) => rank(a.code) - rank(b.code));
}
