import { BindingState, EXPIRES_NEVER, Field, type RowView } from "@leasewire/bindings";
import { MessageType4, Op4, OptionCode4 } from "@leasewire/wire";
import { isLeased, remainingSeconds, startOfStateTold, stateTold } from "./lease.ts";
import { writeOctets, writeUint32 } from "./octets.ts";

/** What a DHCPREQUEST without a parameter request list would be told of the lease itself (RFC 4388 §6.2). */
const requestedByDefault: readonly number[] = [
  OptionCode4.leaseTime,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
];

export interface ReplyPlanOptions4 {
  /** On TCP each message stands behind its size. */
  readonly framed: boolean;
  readonly xid: number;
  /** As in the query (UDP); 0 on TCP. */
  readonly giaddr: number;
  readonly serverIdentifier: number;
  readonly parameterRequestList: readonly number[];
  readonly sensitiveOptions?: readonly number[] | undefined;
  /** Option 82 is told, asked for or not (RFC 6148 §4.3). */
  readonly relayInformationAlways?: boolean;
}

/**
 * How the replies to one query look, worked out once: what does not change is copied, the rest is written from the row.
 *
 * Options stand in the order of the parameter request list (RFC 2132 §9.8), the server identifier in front of them, what
 * was not asked for behind, and option 82 last (RFC 3046 §2.1).
 */
export class ReplyPlan4 {
  readonly framed: boolean;
  readonly serverIdentifier: number;
  /** Size, header, cookie and option 53, the type not yet set. */
  readonly head: Uint8Array;
  /** Codes to answer, in order, as far as they may be told. */
  readonly codes: readonly number[];
  readonly associatedIpsRequested: boolean;
  readonly relayInformation: boolean;
  /** Octets of a reply beside those of the row's record and of associated-ip. */
  readonly fixedBytesMax: number;

  constructor(options: ReplyPlanOptions4) {
    const { framed, parameterRequestList, sensitiveOptions } = options;
    this.framed = framed;
    this.serverIdentifier = options.serverIdentifier;
    const start = framed ? 2 : 0;
    this.head = new Uint8Array(start + 243);
    this.head[start] = Op4.BOOTREPLY;
    writeUint32(this.head, start + 4, options.xid);
    writeUint32(this.head, start + 24, options.giaddr);
    writeUint32(this.head, start + 236, 0x6382_5363);
    this.head[start + 240] = OptionCode4.messageType;
    this.head[start + 241] = 1;
    const requested = new Set(parameterRequestList.length === 0 ? requestedByDefault : parameterRequestList);
    for (const code of sensitiveOptions ?? []) requested.delete(code);
    this.associatedIpsRequested = requested.has(OptionCode4.associatedIp);
    this.relayInformation = requested.has(OptionCode4.relayAgentInformation) || options.relayInformationAlways === true;
    this.codes = [...requested].filter((code) => !writtenElsewhere.has(code));
    this.fixedBytesMax = this.head.length + 1 + 6 + this.codes.length * 8 + 64;
  }

  /** Whether a reply about this row fits in so many octets, at a guess that is never too low. */
  fits(view: RowView, octets: number): boolean {
    return octets >= this.fixedBytesMax + view.recordLength + (view.recordLength >>> 5);
  }
}

/** The longest reply there can be: a record is at most 30,000 octets. */
export const REPLY_BYTES_MAX = 65_537;

/** Options that have a place of their own, or that are never stored with a binding. */
const writtenElsewhere: ReadonlySet<number> = new Set([
  OptionCode4.pad,
  OptionCode4.overload,
  OptionCode4.messageType,
  OptionCode4.serverIdentifier,
  OptionCode4.parameterRequestList,
  OptionCode4.relayAgentInformation,
  OptionCode4.associatedIp,
  OptionCode4.statusCode,
  OptionCode4.queryStartTime,
  OptionCode4.queryEndTime,
  OptionCode4.vss,
  OptionCode4.end,
]);

export interface ReplyParts4 {
  /** Option 54: over UDP always, in a stream of replies in the first (RFC 6926 §8.3). */
  readonly withServerIdentifier: boolean;
  /** Content of option 221, of a binding of another VPN. */
  readonly vss?: Uint8Array | undefined;
  /** UDP only (RFC 6926 §5, RFC 7724 §7.4). */
  readonly associatedIps?: readonly number[] | undefined;
}

export const PLAIN: ReplyParts4 = { withServerIdentifier: false };

/**
 * Writes the reply about a row: DHCPLEASEACTIVE if the lease holds, otherwise DHCPLEASEUNASSIGNED (RFC 6926 §8.3). There
 * must be room, see `fits`. Gives where it ends.
 */
export function writeLease4(
  plan: ReplyPlan4,
  parts: ReplyParts4,
  view: RowView,
  into: Uint8Array,
  start: number,
  nowSeconds: number,
): number {
  const { head } = plan;
  const { bytes, starts, lengths } = view;
  into.set(head, start);
  const message = plan.framed ? start + 2 : start;
  writeUint32(into, message + 12, view.addressWord);
  const hardwareLength = lengths[Field.hardwareAddress]!;
  if (hardwareLength > 0) {
    const length = hardwareLength > 16 ? 16 : hardwareLength;
    into[message + 1] = view.hardwareType;
    into[message + 2] = length;
    const from = starts[Field.hardwareAddress]!;
    for (let i = 0; i < length; i += 1) into[message + 28 + i] = bytes[from + i]!;
  }
  const leased = isLeased(view, nowSeconds);
  into[message + 242] = leased ? MessageType4.DHCPLEASEACTIVE : MessageType4.DHCPLEASEUNASSIGNED;
  let at = start + head.length;
  if (parts.withServerIdentifier) at = writeNumber(into, at, OptionCode4.serverIdentifier, plan.serverIdentifier);
  const { codes } = plan;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    switch (code) {
      case OptionCode4.leaseTime: {
        // For any state with an end (RFC 6926 §8.3-4).
        const { expiresAtSeconds } = view;
        if (expiresAtSeconds > nowSeconds)
          at = writeNumber(into, at, code, remainingSeconds(expiresAtSeconds, nowSeconds));
        break;
      }
      case OptionCode4.renewalTime:
      case OptionCode4.rebindingTime: {
        const moment = leased ? timerAt(view, code === OptionCode4.renewalTime ? 0.5 : 0.875) : 0;
        if (moment > nowSeconds) at = writeNumber(into, at, code, moment - nowSeconds);
        break;
      }
      case OptionCode4.clientLastTransactionTime: {
        const moment = view.clientLastTransactionTimeSeconds;
        if (moment !== 0) at = writeNumber(into, at, code, nowSeconds > moment ? nowSeconds - moment : 0);
        break;
      }
      case OptionCode4.startTimeOfState: {
        const moment = startOfStateTold(view, nowSeconds);
        if (moment !== 0) at = writeNumber(into, at, code, nowSeconds > moment ? nowSeconds - moment : 0);
        break;
      }
      case OptionCode4.baseTime:
        at = writeNumber(into, at, code, nowSeconds);
        break;
      case OptionCode4.dhcpState:
        at = writeOctet(into, at, code, stateTold(view, nowSeconds));
        break;
      case OptionCode4.dataSource:
        if (view.dataSource !== 0) at = writeOctet(into, at, code, view.dataSource);
        break;
      case OptionCode4.clientIdentifier:
        if (lengths[Field.clientId]! > 0)
          at = writeSplit(into, at, code, bytes, starts[Field.clientId]!, lengths[Field.clientId]!);
        break;
      default:
        if (lengths[Field.options]! > 0) at = writeStored(into, at, code, view);
    }
  }
  return finish(plan, parts, view, into, start, at);
}

/** Writes DHCPLEASEUNASSIGNED about a configured address of which nothing is known but that it is free. */
export function writeFree4(
  plan: ReplyPlan4,
  parts: ReplyParts4,
  address: number,
  into: Uint8Array,
  start: number,
  nowSeconds: number,
): number {
  into.set(plan.head, start);
  const message = plan.framed ? start + 2 : start;
  writeUint32(into, message + 12, address);
  into[message + 242] = MessageType4.DHCPLEASEUNASSIGNED;
  let at = start + plan.head.length;
  if (parts.withServerIdentifier) at = writeNumber(into, at, OptionCode4.serverIdentifier, plan.serverIdentifier);
  const { codes } = plan;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    if (code === OptionCode4.baseTime) at = writeNumber(into, at, code, nowSeconds);
    else if (code === OptionCode4.dhcpState) at = writeOctet(into, at, code, BindingState.AVAILABLE);
  }
  return finish(plan, parts, undefined, into, start, at);
}

/** T1 or T2 of a lease; 0 where there is none to tell. */
function timerAt({ expiresAtSeconds, clientLastTransactionTimeSeconds: since }: RowView, fraction: number): number {
  if (since === 0 || expiresAtSeconds === 0 || expiresAtSeconds === EXPIRES_NEVER) return 0;
  return since + Math.floor((expiresAtSeconds - since) * fraction);
}

function finish(
  plan: ReplyPlan4,
  parts: ReplyParts4,
  view: RowView | undefined,
  into: Uint8Array,
  start: number,
  from: number,
): number {
  let at = from;
  const { vss, associatedIps } = parts;
  if (vss !== undefined) at = writeSplit(into, at, OptionCode4.vss, vss, 0, vss.length);
  if (associatedIps !== undefined) at = writeAddresses(into, at, associatedIps);
  if (view !== undefined && plan.relayInformation) {
    const length = view.lengths[Field.relayAgentInformation]!;
    if (length >= 0) {
      const at82 = view.starts[Field.relayAgentInformation]!;
      at = writeSplit(into, at, OptionCode4.relayAgentInformation, view.bytes, at82, length);
    }
  }
  into[at] = OptionCode4.end;
  at += 1;
  if (plan.framed) {
    const size = at - start - 2;
    into[start] = size >>> 8;
    into[start + 1] = size;
  }
  return at;
}

function writeNumber(into: Uint8Array, at: number, code: number, value: number): number {
  into[at] = code;
  into[at + 1] = 4;
  into[at + 2] = value >>> 24;
  into[at + 3] = value >>> 16;
  into[at + 4] = value >>> 8;
  into[at + 5] = value;
  return at + 6;
}

function writeOctet(into: Uint8Array, at: number, code: number, value: number): number {
  into[at] = code;
  into[at + 1] = 1;
  into[at + 2] = value;
  return at + 3;
}

/** An option of any length: in pieces of 255 octets where it is longer (RFC 3396 §6). */
function writeSplit(
  into: Uint8Array,
  start: number,
  code: number,
  bytes: Uint8Array,
  from: number,
  length: number,
): number {
  let at = start;
  let done = 0;
  do {
    const piece = length - done > 255 ? 255 : length - done;
    into[at] = code;
    into[at + 1] = piece;
    writeOctets(into, at + 2, bytes, from + done, piece);
    at += 2 + piece;
    done += piece;
  } while (done < length);
  return at;
}

function writeAddresses(into: Uint8Array, start: number, addresses: readonly number[]): number {
  let at = start;
  for (let i = 0; i < addresses.length; i += 63) {
    const count = Math.min(63, addresses.length - i);
    into[at] = OptionCode4.associatedIp;
    into[at + 1] = count * 4;
    at += 2;
    for (let j = 0; j < count; j += 1, at += 4) writeUint32(into, at, addresses[i + j]!);
  }
  return at;
}

/** The pieces of a code among the options stored with the binding, as they were; what does not fit its length is left out. */
function writeStored(into: Uint8Array, start: number, code: number, { bytes, starts, lengths }: RowView): number {
  let at = start;
  let from = starts[Field.options]!;
  const end = from + lengths[Field.options]!;
  while (from + 1 < end) {
    const found = bytes[from]!;
    if (found === OptionCode4.pad) {
      from += 1;
      continue;
    }
    const length = bytes[from + 1]!;
    if (found === OptionCode4.end || from + 2 + length > end) break;
    if (found === code) {
      writeOctets(into, at, bytes, from, 2 + length);
      at += 2 + length;
    }
    from += 2 + length;
  }
  return at;
}
