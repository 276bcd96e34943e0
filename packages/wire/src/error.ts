import type { Result } from "@leasewire/net";

/**
 * What can be wrong with octets from the network, precise enough to count by.
 *
 * - `message-…`  the message as a whole
 * - `option-…`   an option, or an area of options
 * - `query-…`    a leasequery that is well formed but not a query (which primary key is missing or doubled)
 * - `reply-…`    a leasequery answer that lacks what its type must have
 * - `relay-…`    relay forwarding
 * - `frame-…`    the two-octet size before each message on TCP
 */
export type WireErrorCode =
  | "message-truncated"
  | "message-too-long"
  | "message-type-missing"
  | "message-type-unexpected"
  | "cookie-missing"
  | "hardware-address-length"
  | "option-truncated"
  | "option-count"
  | "option-length"
  | "option-value"
  | "option-missing"
  | "option-overload"
  | "option-text-nul"
  | "query-giaddr-zero"
  | "query-missing"
  | "query-several"
  | "query-address-set"
  | "query-hardware-address"
  | "query-end-time"
  | "query-key-not-allowed"
  | "query-type-unknown"
  | "query-option-missing"
  | "reply-ciaddr-zero"
  | "relay-nesting"
  | "relay-hop-count"
  | "relay-message-missing"
  | "frame-too-short"
  | "frame-too-long"
  | "frame-truncated";

export interface WireError {
  readonly code: WireErrorCode;
  /** Where, in octets from the start of what was given to decode. */
  readonly offset: number;
  /** The code of the option concerned, where there is one. */
  readonly option?: number;
  /** A plain sentence for a person. */
  readonly message: string;
}

export function wireError(
  code: WireErrorCode,
  offset: number,
  message: string,
  option?: number,
): { ok: false; error: WireError } {
  return { ok: false, error: option === undefined ? { code, offset, message } : { code, offset, option, message } };
}

export type WireResult<T> = Result<T, WireError>;

/** Names the option in an error that its format found: a format knows only the octets of the value. */
export function inOption<T>(result: WireResult<T>, option: number, name: string, offset: number): WireResult<T> {
  if (result.ok) return result;
  const { error } = result;
  return wireError(error.code, offset + error.offset, `option ${option} (${name}) ${error.message}`, option);
}
