import { type WireError, type WireResult, wireError } from "./error.ts";

/**
 * How the value of an option is laid out: read, written and shown by one object. The registries map option codes to formats, and
 * everything that touches a value (typed readers, builders, `describe`) goes through them.
 *
 * `decode(encode(x))` gives x. `decode` sees exactly the octets of the value; its error messages go on from "option 51 (…) ".
 */
export interface Format<T> {
  decode(data: Uint8Array): WireResult<T>;
  encode(value: T): Uint8Array;
  /** One line for people; client text made safe. */
  show(value: T): string;
  /** The parts of a structured value, with offsets counted from the start of `data`. */
  parts?(data: Uint8Array): readonly DescribedField[];
  /** What stands inside the value from octet `from` on: DHCPv6 options or a whole message, described below it. */
  readonly nested?: { readonly kind: "options6" | "message6" | "message4"; readonly from: number };
}

/** One field of a message for people. `offset` and `length` cover all of its octets, code and length of an option included. */
export interface DescribedField {
  readonly name: string;
  readonly value: string;
  readonly offset: number;
  readonly length: number;
  readonly note?: string;
  readonly children?: readonly DescribedField[];
}

export function wrongLength(data: Uint8Array, wanted: string): { ok: false; error: WireError } {
  return wireError("option-length", 0, `has ${octetCount(data.length)}, ${wanted}`);
}

export function octetCount(count: number): string {
  return count === 1 ? "1 octet" : `${count} octets`;
}
