import { type WireResult, wireError } from "../error.ts";
import { optionCountMax4 } from "../limits.ts";

const pad = 0;
const end = 255;

/** One option as it stands in the message; a long value may continue in further instances of the same code (RFC 3396). */
export interface OptionInstance4 {
  readonly code: number;
  /** A view. */
  readonly data: Uint8Array;
  /** Of the code octet. */
  readonly offset: number;
}

/**
 * The offset of the next option at or after `at`, or -1 at End or the end of the area. Always moves on, so that a loop over it ends
 * after at most `to − at` steps whatever the octets are.
 */
export function nextOption4(bytes: Uint8Array, at: number, to: number): number {
  let next = at;
  while (next < to && bytes[next] === pad) next += 1;
  return next + 1 < to && bytes[next] !== end ? next : -1;
}

/** The offset just behind the option at `at`. */
export function optionEnd4(bytes: Uint8Array, at: number): number {
  return at + 2 + (bytes[at + 1] as number);
}

/**
 * Looks at every option of an area once, without copying: each must lie inside it. A missing End is let pass (as by other DHCP
 * implementations); what follows End is not looked at. Gives the number of options.
 * Errors: `option-truncated`, `option-count`.
 */
export function checkOptionArea4(bytes: Uint8Array, from: number, to: number): WireResult<number> {
  let count = 0;
  let at = from;
  while (at < to) {
    const code = bytes[at] as number;
    if (code === pad) {
      at += 1;
      continue;
    }
    if (code === end) break;
    if (at + 1 >= to) return wireError("option-truncated", at, `option ${code} ends before its length`, code);
    const optionEnd = optionEnd4(bytes, at);
    if (optionEnd > to) {
      return wireError(
        "option-truncated",
        at,
        `option ${code} says ${bytes[at + 1]} octets, ${to - at - 2} are left`,
        code,
      );
    }
    count += 1;
    if (count > optionCountMax4) return wireError("option-count", at, `more than ${optionCountMax4} options`, code);
    at = optionEnd;
  }
  return { ok: true, value: count };
}

/** The options of a checked area in their order. On an unchecked one it stops at the first that does not fit. */
export function* options4(bytes: Uint8Array, from = 0, to: number = bytes.length): Generator<OptionInstance4> {
  for (let at = nextOption4(bytes, from, to); at >= 0; at = nextOption4(bytes, optionEnd4(bytes, at), to)) {
    const optionEnd = optionEnd4(bytes, at);
    if (optionEnd > to) return;
    yield { code: bytes[at] as number, data: bytes.subarray(at + 2, optionEnd), offset: at };
  }
}
