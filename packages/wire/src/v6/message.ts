import type { Ipv6Address } from "@leasewire/net";
import { type WireResult, wireError } from "../error.ts";
import { messageLengthMax, messageLengthMin6, relayMessageLengthMin6, relayNestingMax } from "../limits.ts";
import { readUint24 } from "../octets.ts";
import { isRelayMessageType6, OptionCode6 } from "./codes.ts";
import { checkOptionArea6, OptionArea6 } from "./option-area.ts";

/**
 * Checks a DHCPv6 message (RFC 9915 §8, §9) and wraps it; nothing is copied, and values are read when asked for. `bytes` must not be
 * changed afterwards. Only the outer options are checked; options within options and relayed messages are when they are read.
 *
 * Errors: `message-truncated`, `message-too-long`, `option-truncated`, `option-count`.
 */
export function decodeMessage6(bytes: Uint8Array): WireResult<Message6 | RelayMessage6> {
  return decodeNested(bytes, 0);
}

function decodeNested(bytes: Uint8Array, depth: number): WireResult<Message6 | RelayMessage6> {
  const relayed = bytes.length > 0 && isRelayMessageType6(bytes[0] as number);
  const lengthMin = relayed ? relayMessageLengthMin6 : messageLengthMin6;
  if (bytes.length < lengthMin) {
    return wireError(
      "message-truncated",
      bytes.length,
      `a DHCPv6 ${relayed ? "relay message" : "message"} has at least ${lengthMin} octets, this one has ${bytes.length}`,
    );
  }
  if (bytes.length > messageLengthMax) {
    return wireError(
      "message-too-long",
      messageLengthMax,
      `a message has at most ${messageLengthMax} octets, this one has ${bytes.length}`,
    );
  }
  const checked = checkOptionArea6(bytes, lengthMin);
  if (!checked.ok) return checked;
  return { ok: true, value: relayed ? new RelayMessage6(bytes, depth) : new Message6(bytes) };
}

/** A checked message between client and server, or of a leasequery. Made by `decodeMessage6` only. */
export class Message6 extends OptionArea6 {
  readonly kind = "message";

  constructor(bytes: Uint8Array) {
    super(bytes, messageLengthMin6);
  }

  get messageType(): number {
    return this.bytes[0] as number;
  }
  /** 24 bits. */
  get transactionId(): number {
    return readUint24(this.bytes, 1);
  }
}

/** A checked RELAY-FORW or RELAY-REPL. Made by `decodeMessage6` only. */
export class RelayMessage6 extends OptionArea6 {
  readonly kind = "relay";
  /** How many relay messages this one lies in. */
  readonly #depth: number;

  constructor(bytes: Uint8Array, depth: number) {
    super(bytes, relayMessageLengthMin6);
    this.#depth = depth;
  }

  get messageType(): number {
    return this.bytes[0] as number;
  }
  get hopCount(): number {
    return this.bytes[1] as number;
  }
  /** A view. */
  get linkAddress(): Ipv6Address {
    return this.bytes.subarray(2, 18) as Ipv6Address;
  }
  /** A view. */
  get peerAddress(): Ipv6Address {
    return this.bytes.subarray(18, 34) as Ipv6Address;
  }

  /**
   * The message inside. Errors: `relay-message-missing` (as in option 47, whose innermost relay message has none, RFC 5007
   * §4.1.2.4), `relay-nesting`, and those of `decodeMessage6`, with the offset within this message.
   */
  relayed(): WireResult<Message6 | RelayMessage6> {
    const at = this.optionOffset(OptionCode6.RELAY_MSG);
    if (at < 0)
      return wireError(
        "relay-message-missing",
        this.bytes.length,
        "the relay message holds no message",
        OptionCode6.RELAY_MSG,
      );
    if (this.#depth + 1 > relayNestingMax)
      return wireError("relay-nesting", at, `more than ${relayNestingMax} relay messages inside one another`);
    const inner = decodeNested(this.option(OptionCode6.RELAY_MSG) as Uint8Array, this.#depth + 1);
    if (inner.ok) return inner;
    const { code, offset, message, option } = inner.error;
    return wireError(code, at + 4 + offset, message, option);
  }
}
