import {
  decodeMessage4,
  encodeMessage4,
  encodeOptions4,
  messageLengthMin4,
  OptionCode4,
  RelayAgentSubOption,
} from "@leasewire/wire";
import { ownColumns4 } from "../common/columns.ts";

/** Absent, of numbers that are never negative. */
const NONE = -1;

/**
 * Finds the parts of one DHCPv4 reply where it lies. One reader is used again and again: what it says holds until the next
 * `read`. Octets are a place in `bytes`, or in an array of their own where an option was split (RFC 3396).
 */
export class ReplyReader4 {
  op = 0;
  htype = 0;
  hlen = 0;
  xid = 0;
  /** As a number. */
  ciaddr = 0;
  messageType = NONE;
  leaseTimeSeconds = NONE;
  baseTimeSeconds = NONE;
  /** Seconds before base-time. */
  startTimeOfStateSeconds = NONE;
  clientLastTransactionTimeSeconds = NONE;
  dhcpState = NONE;
  dataSource = NONE;
  /** Option 54 as a number. */
  serverIdentifier = NONE;
  statusCode = NONE;
  statusText: Uint8Array | undefined;
  bytes: Uint8Array = new Uint8Array(0);
  chaddrAt = 0;
  /** Content of option 61. */
  clientId: Uint8Array | undefined;
  /** Content of option 82, and the places of its sub-options in it; length −1: absent. */
  relayInformation: Uint8Array | undefined;
  circuitAt = 0;
  circuitLength = NONE;
  remoteAt = 0;
  remoteLength = NONE;
  relayIdAt = 0;
  relayIdLength = NONE;
  linkSelectionAt = NONE;
  /** The first `restLength` octets: options that have no column of their own, as they came. */
  rest: Uint8Array = new Uint8Array(1024);
  restLength = 0;

  /** Gives null, or the code of what is wrong. */
  read(bytes: Uint8Array, start: number, end: number): string | null {
    if (end - start < messageLengthMin4) return "message-too-short";
    if (
      bytes[start + 236] !== 0x63 ||
      bytes[start + 237] !== 0x82 ||
      bytes[start + 238] !== 0x53 ||
      bytes[start + 239] !== 0x63
    ) {
      return "magic-cookie";
    }
    this.op = bytes[start]!;
    this.htype = bytes[start + 1]!;
    this.hlen = bytes[start + 2]!;
    if (this.hlen > 16) return "hlen";
    this.xid = uint32(bytes, start + 4);
    this.ciaddr = uint32(bytes, start + 12);
    this.bytes = bytes;
    this.chaddrAt = start + 28;
    this.messageType = NONE;
    this.leaseTimeSeconds = NONE;
    this.baseTimeSeconds = NONE;
    this.startTimeOfStateSeconds = NONE;
    this.clientLastTransactionTimeSeconds = NONE;
    this.dhcpState = NONE;
    this.dataSource = NONE;
    this.serverIdentifier = NONE;
    this.statusCode = NONE;
    this.statusText = undefined;
    this.clientId = undefined;
    this.relayInformation = undefined;
    this.restLength = 0;
    let clientAt = 0;
    let clientLength = NONE;
    let relayAt = 0;
    let relayLength = NONE;
    let at = start + messageLengthMin4;
    while (at < end) {
      const code = bytes[at]!;
      if (code === OptionCode4.pad) {
        at += 1;
        continue;
      }
      if (code === OptionCode4.end) break;
      if (at + 2 > end) return "option-truncated";
      const length = bytes[at + 1]!;
      const from = at + 2;
      const next = from + length;
      if (next > end) return "option-truncated";
      switch (code) {
        case OptionCode4.messageType:
          if (length !== 1) return "option-length";
          this.messageType = bytes[from]!;
          break;
        case OptionCode4.leaseTime:
          if (length !== 4) return "option-length";
          this.leaseTimeSeconds = uint32(bytes, from);
          break;
        case OptionCode4.baseTime:
          if (length !== 4) return "option-length";
          this.baseTimeSeconds = uint32(bytes, from);
          break;
        case OptionCode4.startTimeOfState:
          if (length !== 4) return "option-length";
          this.startTimeOfStateSeconds = uint32(bytes, from);
          break;
        case OptionCode4.clientLastTransactionTime:
          if (length !== 4) return "option-length";
          this.clientLastTransactionTimeSeconds = uint32(bytes, from);
          break;
        case OptionCode4.serverIdentifier:
          if (length !== 4) return "option-length";
          this.serverIdentifier = uint32(bytes, from);
          break;
        case OptionCode4.dhcpState:
          if (length !== 1) return "option-length";
          this.dhcpState = bytes[from]!;
          break;
        case OptionCode4.dataSource:
          if (length !== 1) return "option-length";
          this.dataSource = bytes[from]!;
          break;
        case OptionCode4.statusCode:
          if (length < 1) return "option-length";
          this.statusCode = bytes[from]!;
          this.statusText = bytes.subarray(from + 1, next);
          break;
        case OptionCode4.overload:
          return this.#readOverloaded(bytes, start, end);
        case OptionCode4.clientIdentifier:
          if (clientLength >= 0) this.clientId = join(bytes, this.clientId, clientAt, clientLength, from, length);
          clientAt = from;
          clientLength = length;
          break;
        case OptionCode4.relayAgentInformation:
          if (relayLength >= 0)
            this.relayInformation = join(bytes, this.relayInformation, relayAt, relayLength, from, length);
          relayAt = from;
          relayLength = length;
          break;
        default:
          if (!ownColumns4.has(code)) this.#keep(bytes, at, next);
      }
      at = next;
    }
    if (clientLength >= 0) this.clientId ??= bytes.subarray(clientAt, clientAt + clientLength);
    if (relayLength >= 0) this.relayInformation ??= bytes.subarray(relayAt, relayAt + relayLength);
    this.#readRelayInformation();
    return null;
  }

  circuitId(): Uint8Array | undefined {
    return part(this.relayInformation, this.circuitAt, this.circuitLength);
  }

  remoteId(): Uint8Array | undefined {
    return part(this.relayInformation, this.remoteAt, this.remoteLength);
  }

  relayId(): Uint8Array | undefined {
    return part(this.relayInformation, this.relayIdAt, this.relayIdLength);
  }

  #readRelayInformation(): void {
    this.circuitLength = NONE;
    this.remoteLength = NONE;
    this.relayIdLength = NONE;
    this.linkSelectionAt = NONE;
    const bytes = this.relayInformation;
    if (bytes === undefined) return;
    let at = 0;
    while (at + 2 <= bytes.length) {
      const length = bytes[at + 1]!;
      const from = at + 2;
      if (from + length > bytes.length) return;
      switch (bytes[at]) {
        case RelayAgentSubOption.circuitId:
          this.circuitAt = from;
          this.circuitLength = length;
          break;
        case RelayAgentSubOption.remoteId:
          this.remoteAt = from;
          this.remoteLength = length;
          break;
        case RelayAgentSubOption.relayId:
          this.relayIdAt = from;
          this.relayIdLength = length;
          break;
        case RelayAgentSubOption.linkSelection:
          if (length === 4) this.linkSelectionAt = from;
      }
      at = from + length;
    }
  }

  #keep(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.restLength + length > this.rest.length) {
      const larger = new Uint8Array((this.restLength + length) * 2);
      larger.set(this.rest.subarray(0, this.restLength));
      this.rest = larger;
    }
    const { rest } = this;
    for (let i = 0; i < length; i += 1) rest[this.restLength + i] = bytes[from + i]!;
    this.restLength += length;
  }

  /** Options that go on in `file` and `sname`: rare enough to be written anew in one piece. */
  #readOverloaded(bytes: Uint8Array, start: number, end: number): string | null {
    const decoded = decodeMessage4(bytes.subarray(start, end));
    if (!decoded.ok) return decoded.error.code;
    const { op, xid, htype, chaddr, ciaddr } = decoded.value;
    const head = encodeMessage4({ op, xid, htype, chaddr, ciaddr, options: [] });
    const options = encodeOptions4(
      [...decoded.value.joinedOptions()].filter(({ code }) => code !== OptionCode4.overload),
    );
    const flat = new Uint8Array(messageLengthMin4 + options.length + 1);
    flat.set(head.subarray(0, messageLengthMin4), 0);
    flat.set(options, messageLengthMin4);
    flat[flat.length - 1] = OptionCode4.end;
    return this.read(flat, 0, flat.length);
  }
}

function part(bytes: Uint8Array | undefined, at: number, length: number): Uint8Array | undefined {
  return bytes === undefined || length < 0 ? undefined : bytes.subarray(at, at + length);
}

/** The pieces of a split option, one behind the other. */
function join(
  bytes: Uint8Array,
  joined: Uint8Array | undefined,
  at: number,
  length: number,
  from: number,
  more: number,
): Uint8Array {
  const first = joined ?? bytes.subarray(at, at + length);
  const all = new Uint8Array(first.length + more);
  all.set(first, 0);
  all.set(bytes.subarray(from, from + more), first.length);
  return all;
}

export function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
