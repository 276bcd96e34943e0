import {
  decodeMessage4,
  encodeMessage4,
  encodeOptions4,
  messageLengthMin4,
  OptionCode4,
  RelayAgentSubOption,
} from "@leasewire/wire";
import { ownColumns4 } from "../common/columns.ts";
import { uint32Of } from "../responder/octets.ts";

/** Absent, of numbers that are never negative. */
const NONE = -1;

/**
 * Finds the parts of one DHCPv4 reply where it lies. One reader is used again and again: what it says holds until the next
 * `read`. All places are in `bytes`, a length of −1 means absent.
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
  /** What was read, or a copy with the pieces of options joined. */
  bytes: Uint8Array = new Uint8Array(0);
  chaddrAt = 0;
  /** Content of option 61. */
  clientAt = 0;
  clientLength = NONE;
  /** Content of option 82, and its sub-options. */
  relayAt = 0;
  relayLength = NONE;
  circuitAt = 0;
  circuitLength = NONE;
  remoteAt = 0;
  remoteLength = NONE;
  relayIdAt = 0;
  relayIdLength = NONE;
  linkSelectionAt = NONE;
  /** Options that have no column of their own, as they came. */
  restAt = 0;
  restLength = NONE;

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
    this.xid = uint32Of(bytes, start + 4);
    this.ciaddr = uint32Of(bytes, start + 12);
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
    this.clientLength = NONE;
    this.relayLength = NONE;
    this.restLength = NONE;
    let inPieces = false;
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
          this.leaseTimeSeconds = uint32Of(bytes, from);
          break;
        case OptionCode4.baseTime:
          if (length !== 4) return "option-length";
          this.baseTimeSeconds = uint32Of(bytes, from);
          break;
        case OptionCode4.startTimeOfState:
          if (length !== 4) return "option-length";
          this.startTimeOfStateSeconds = uint32Of(bytes, from);
          break;
        case OptionCode4.clientLastTransactionTime:
          if (length !== 4) return "option-length";
          this.clientLastTransactionTimeSeconds = uint32Of(bytes, from);
          break;
        case OptionCode4.serverIdentifier:
          if (length !== 4) return "option-length";
          this.serverIdentifier = uint32Of(bytes, from);
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
          if (this.clientLength >= 0) inPieces = true;
          this.clientAt = from;
          this.clientLength = length;
          break;
        case OptionCode4.relayAgentInformation:
          if (this.relayLength >= 0) inPieces = true;
          this.relayAt = from;
          this.relayLength = length;
          break;
        default:
          if (ownColumns4.has(code)) break;
          if (this.restLength < 0) {
            this.restAt = at;
            this.restLength = next - at;
          } else if (this.restAt + this.restLength === at) this.restLength += next - at;
          else inPieces = true;
      }
      at = next;
    }
    if (inPieces) this.#join(bytes, start, end);
    this.#readRelayInformation();
    return null;
  }

  #readRelayInformation(): void {
    this.circuitLength = NONE;
    this.remoteLength = NONE;
    this.relayIdLength = NONE;
    this.linkSelectionAt = NONE;
    const { bytes } = this;
    let at = this.relayAt;
    const end = at + this.relayLength;
    while (at + 2 <= end) {
      const length = bytes[at + 1]!;
      const from = at + 2;
      if (from + length > end) return;
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

  /**
   * Options that came in pieces (RFC 3396), or with others between those that are kept: the message is copied, with the
   * pieces one behind the other after it.
   */
  #join(bytes: Uint8Array, start: number, end: number): void {
    const message = bytes.subarray(start, end);
    const client: number[] = [];
    const relay: number[] = [];
    const rest: number[] = [];
    for (let at = messageLengthMin4; at < message.length && message[at] !== OptionCode4.end; ) {
      const code = message[at]!;
      if (code === OptionCode4.pad) {
        at += 1;
        continue;
      }
      const next = at + 2 + message[at + 1]!;
      if (code === OptionCode4.clientIdentifier) client.push(...message.subarray(at + 2, next));
      else if (code === OptionCode4.relayAgentInformation) relay.push(...message.subarray(at + 2, next));
      else if (!ownColumns4.has(code)) rest.push(...message.subarray(at, next));
      at = next;
    }
    this.bytes = Uint8Array.of(...message, ...client, ...relay, ...rest);
    this.chaddrAt = 28;
    this.clientAt = message.length;
    if (this.clientLength >= 0) this.clientLength = client.length;
    this.relayAt = this.clientAt + client.length;
    if (this.relayLength >= 0) this.relayLength = relay.length;
    this.restAt = this.relayAt + relay.length;
    if (this.restLength >= 0) this.restLength = rest.length;
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
