import { MessageType6, OptionCode6 } from "@leasewire/wire";
import { uint32Of } from "../responder/octets.ts";

const NONE = -1;

/**
 * Finds the parts of one LEASEQUERY-REPLY, -DATA or -DONE where it lies. One reader is used again and again: what it says
 * holds until the next `read`. All places are in `bytes`; a length of −1 means absent.
 */
export class ReplyReader6 {
  bytes: Uint8Array = new Uint8Array(0);
  messageType = 0;
  transactionId = 0;
  serverAt = 0;
  serverLength = NONE;
  /** The requestor's identifier, in a LEASEQUERY-REPLY. */
  requestorAt = 0;
  requestorLength = NONE;
  statusCode = NONE;
  statusText: Uint8Array | undefined;
  /** Seconds of the DHCPv6 epoch. */
  baseTime = NONE;
  hasClientData = false;
  hasClientLinks = false;

  clientAt = 0;
  clientLength = NONE;
  cltTimeSeconds = NONE;
  /** Places of the contents of IAADDR and IAPREFIX options; `leaseIsPrefix` tells which. */
  readonly leaseAt: Int32Array;
  readonly leaseIsPrefix: Uint8Array;
  leases = 0;
  /** More leases than there is room for. */
  leasesCut = false;
  relayAt = 0;
  relayLength = NONE;
  /** Relays between the server and the client, those before ours included. */
  hops = 0;
  linkAt = 0;
  interfaceAt = 0;
  interfaceLength = NONE;
  remoteAt = 0;
  remoteLength = NONE;
  relayIdAt = 0;
  relayIdLength = NONE;
  linkLayerAt = 0;
  linkLayerLength = NONE;
  /** Options of the client that have no column of their own, as they came. */
  restAt = 0;
  restLength = NONE;
  #restInPieces = false;

  constructor(leasesMax: number) {
    this.leaseAt = new Int32Array(leasesMax);
    this.leaseIsPrefix = new Uint8Array(leasesMax);
  }

  /** Gives null, or the code of what is wrong. */
  read(bytes: Uint8Array, start: number, end: number): string | null {
    this.bytes = bytes;
    this.messageType = bytes[start]!;
    this.transactionId = (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!;
    this.serverLength = NONE;
    this.requestorLength = NONE;
    this.statusCode = NONE;
    this.statusText = undefined;
    this.baseTime = NONE;
    this.hasClientData = false;
    this.hasClientLinks = false;
    let at = start + 4;
    while (at < end) {
      if (at + 4 > end) return "option-truncated";
      const code = (bytes[at]! << 8) | bytes[at + 1]!;
      const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      const from = at + 4;
      const next = from + length;
      if (next > end) return "option-truncated";
      switch (code) {
        case OptionCode6.CLIENT_DATA: {
          if (this.hasClientData) break;
          this.hasClientData = true;
          const wrong = this.#readClient(bytes, from, next);
          if (wrong !== null) return wrong;
          break;
        }
        case OptionCode6.SERVERID:
          if (this.serverLength >= 0) break;
          this.serverAt = from;
          this.serverLength = length;
          break;
        case OptionCode6.CLIENTID:
          if (this.requestorLength >= 0) break;
          this.requestorAt = from;
          this.requestorLength = length;
          break;
        case OptionCode6.STATUS_CODE:
          if (length < 2) return "option-length";
          this.statusCode = (bytes[from]! << 8) | bytes[from + 1]!;
          this.statusText = bytes.subarray(from + 2, next);
          break;
        case OptionCode6.LQ_BASE_TIME:
          if (length !== 4) return "option-length";
          this.baseTime = uint32Of(bytes, from);
          break;
        case OptionCode6.LQ_CLIENT_LINK:
          this.hasClientLinks = true;
      }
      at = next;
    }
    return null;
  }

  #readClient(bytes: Uint8Array, start: number, end: number): string | null {
    this.clientLength = NONE;
    this.cltTimeSeconds = NONE;
    this.leases = 0;
    this.leasesCut = false;
    this.relayLength = NONE;
    this.hops = 0;
    this.interfaceLength = NONE;
    this.remoteLength = NONE;
    this.relayIdLength = NONE;
    this.linkLayerLength = NONE;
    this.restLength = NONE;
    this.#restInPieces = false;
    let at = start;
    while (at < end) {
      if (at + 4 > end) return "option-truncated";
      const code = (bytes[at]! << 8) | bytes[at + 1]!;
      const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      const from = at + 4;
      const next = from + length;
      if (next > end) return "option-truncated";
      switch (code) {
        case OptionCode6.CLIENTID:
          if (this.clientLength >= 0) break;
          this.clientAt = from;
          this.clientLength = length;
          break;
        case OptionCode6.IAADDR:
          if (length < 24) return "option-length";
          this.#lease(from, 0);
          break;
        case OptionCode6.IAPREFIX:
          if (length < 25 || bytes[from + 8]! > 128) return "option-length";
          this.#lease(from, 1);
          break;
        // Leases belong here unwrapped (RFC 5007 §4.1.2.2); wrapped ones mean the same.
        case OptionCode6.IA_NA:
        case OptionCode6.IA_PD:
        case OptionCode6.IA_TA: {
          const inner = code === OptionCode6.IA_TA ? 4 : 12;
          if (length < inner) return "option-length";
          const wrong = this.#readWrapped(bytes, from + inner, next);
          if (wrong !== null) return wrong;
          break;
        }
        case OptionCode6.CLT_TIME:
          if (length !== 4) return "option-length";
          this.cltTimeSeconds = uint32Of(bytes, from);
          break;
        case OptionCode6.LQ_RELAY_DATA: {
          if (this.relayLength >= 0) break;
          this.relayAt = from;
          this.relayLength = length;
          const wrong = this.#readRelay(bytes, from, next);
          if (wrong !== null) return wrong;
          break;
        }
        default:
          if (code === OptionCode6.CLIENT_LINKLAYER_ADDR && this.linkLayerLength < 0) {
            this.linkLayerAt = from;
            this.linkLayerLength = length;
          }
          if (this.restLength < 0) {
            this.restAt = at;
            this.restLength = next - at;
          } else if (this.restAt + this.restLength === at) this.restLength += next - at;
          else this.#restInPieces = true;
      }
      at = next;
    }
    if (this.#restInPieces) this.#joinRest(bytes, start, end);
    return null;
  }

  #readWrapped(bytes: Uint8Array, start: number, end: number): string | null {
    let at = start;
    while (at < end) {
      if (at + 4 > end) return "option-truncated";
      const code = (bytes[at]! << 8) | bytes[at + 1]!;
      const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      const from = at + 4;
      if (from + length > end) return "option-truncated";
      if (code === OptionCode6.IAADDR && length >= 24) this.#lease(from, 0);
      else if (code === OptionCode6.IAPREFIX && length >= 25 && bytes[from + 8]! <= 128) this.#lease(from, 1);
      at = from + length;
    }
    return null;
  }

  #lease(at: number, isPrefix: 0 | 1): void {
    if (this.leases >= this.leaseAt.length) {
      this.leasesCut = true;
      return;
    }
    this.leaseAt[this.leases] = at;
    this.leaseIsPrefix[this.leases] = isPrefix;
    this.leases += 1;
  }

  /** Peer-address, then the RELAY-FORW as the server got it (RFC 5007 §4.1.2.4); the relay next to the client counts. */
  #readRelay(bytes: Uint8Array, start: number, end: number): string | null {
    let message = start + 16;
    let until = end;
    for (;;) {
      if (until - message < 34) return "relay-message-too-short";
      if (bytes[message] !== MessageType6["RELAY-FORW"]) return "message-type-unexpected";
      this.hops += 1;
      const hopCount = bytes[message + 1]!;
      this.linkAt = message + 2;
      this.interfaceLength = NONE;
      this.remoteLength = NONE;
      this.relayIdLength = NONE;
      this.linkLayerLength = NONE;
      let inner = NONE;
      let innerEnd = 0;
      let at = message + 34;
      while (at < until) {
        if (at + 4 > until) return "option-truncated";
        const code = (bytes[at]! << 8) | bytes[at + 1]!;
        const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
        const from = at + 4;
        if (from + length > until) return "option-truncated";
        switch (code) {
          case OptionCode6.INTERFACE_ID:
            this.interfaceAt = from;
            this.interfaceLength = length;
            break;
          case OptionCode6.REMOTE_ID:
            this.remoteAt = from;
            this.remoteLength = length;
            break;
          case OptionCode6.RELAY_ID:
            this.relayIdAt = from;
            this.relayIdLength = length;
            break;
          case OptionCode6.CLIENT_LINKLAYER_ADDR:
            this.linkLayerAt = from;
            this.linkLayerLength = length;
            break;
          case OptionCode6.RELAY_MSG:
            inner = from;
            innerEnd = from + length;
        }
        at = from + length;
      }
      if (inner === NONE || bytes[inner] !== MessageType6["RELAY-FORW"] || inner >= innerEnd) {
        // A hop count without the message inside: the server has cut the relays before ours off.
        this.hops = Math.max(this.hops, hopCount + 1);
        return null;
      }
      message = inner;
      until = innerEnd;
    }
  }

  /** Others lie between the options that are kept: a copy, with those one behind the other after it. */
  #joinRest(bytes: Uint8Array, start: number, end: number): void {
    const pieces: number[] = [];
    for (let at = start; at < end; ) {
      const code = (bytes[at]! << 8) | bytes[at + 1]!;
      const next = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
      if (!ownColumns6.has(code)) pieces.push(...bytes.subarray(at, next));
      at = next;
    }
    // Places stay what they are: nothing before the end has moved.
    const joined = new Uint8Array(end + pieces.length);
    joined.set(bytes.subarray(0, end), 0);
    joined.set(pieces, end);
    this.bytes = joined;
    this.restAt = end;
    this.restLength = pieces.length;
  }
}

const ownColumns6: ReadonlySet<number> = new Set<number>([
  OptionCode6.CLIENTID,
  OptionCode6.IAADDR,
  OptionCode6.IAPREFIX,
  OptionCode6.IA_NA,
  OptionCode6.IA_TA,
  OptionCode6.IA_PD,
  OptionCode6.CLT_TIME,
  OptionCode6.LQ_RELAY_DATA,
]);
