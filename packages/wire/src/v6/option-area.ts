import { type WireResult, wireError } from "../error.ts";
import { optionCountMax6 } from "../limits.ts";
import { readUint16 } from "../octets.ts";
import type { Option6 } from "./encode.ts";

const headerLength = 4;

export interface OptionInstance6 extends Option6 {
  /** Of the code. */
  readonly offset: number;
}

/** The offset of the option at or after `at`, or -1 where no whole option header is left. */
export function nextOption6(at: number, to: number): number {
  return at + headerLength <= to ? at : -1;
}

/** The offset just behind the option at `at`: always at least four octets further. */
export function optionEnd6(bytes: Uint8Array, at: number): number {
  return at + headerLength + readUint16(bytes, at + 2);
}

/**
 * Looks at every option of an area once, without copying: together they must fill it (RFC 9915 §21.1). Options within options are
 * not looked at. Gives the number of options. Errors: `option-truncated`, `option-count`.
 */
export function checkOptionArea6(bytes: Uint8Array, from = 0, to: number = bytes.length): WireResult<number> {
  let count = 0;
  let at = from;
  while (at < to) {
    if (at + headerLength > to)
      return wireError(
        "option-truncated",
        at,
        `${to - at} octets are left where an option header of ${headerLength} is due`,
      );
    const code = readUint16(bytes, at);
    const end = optionEnd6(bytes, at);
    if (end > to)
      return wireError(
        "option-truncated",
        at,
        `option ${code} says ${readUint16(bytes, at + 2)} octets, ${to - at - headerLength} are left`,
        code,
      );
    count += 1;
    if (count > optionCountMax6) return wireError("option-count", at, `more than ${optionCountMax6} options`, code);
    at = end;
  }
  return { ok: true, value: count };
}

/** The options of an area in their order, as views. Stops at the first that does not fit. */
export function* options6(bytes: Uint8Array, from = 0, to: number = bytes.length): Generator<OptionInstance6> {
  for (let at = nextOption6(from, to); at >= 0; at = nextOption6(optionEnd6(bytes, at), to)) {
    const end = optionEnd6(bytes, at);
    if (end > to) return;
    yield { code: readUint16(bytes, at), data: bytes.subarray(at + headerLength, end), offset: at };
  }
}

/** The options from octet `from` to the end, whole or not at all. Values are views. Errors as for `checkOptionArea6`. */
export function decodeOptions6(bytes: Uint8Array, from = 0): WireResult<readonly Option6[]> {
  const checked = checkOptionArea6(bytes, from);
  if (!checked.ok) return checked;
  const options: Option6[] = [];
  for (const { code, data } of options6(bytes, from)) options.push({ code, data });
  return { ok: true, value: options };
}

/** An area that has been checked: looks options up in it. The messages are areas too. */
export class OptionArea6 {
  readonly bytes: Uint8Array;
  /** Where the options begin. */
  readonly optionsOffset: number;

  constructor(bytes: Uint8Array, optionsOffset: number) {
    this.bytes = bytes;
    this.optionsOffset = optionsOffset;
  }

  /** The value of the first option of that code, a view; `undefined` if there is none. */
  option(code: number): Uint8Array | undefined {
    const at = this.optionOffset(code);
    return at < 0 ? undefined : this.bytes.subarray(at + headerLength, optionEnd6(this.bytes, at));
  }

  has(code: number): boolean {
    return this.optionOffset(code) >= 0;
  }

  /** Offset of the code of the first such option, -1 if there is none. */
  optionOffset(code: number): number {
    const { bytes } = this;
    for (
      let at = nextOption6(this.optionsOffset, bytes.length);
      at >= 0;
      at = nextOption6(optionEnd6(bytes, at), bytes.length)
    ) {
      if (readUint16(bytes, at) === code) return at;
    }
    return -1;
  }

  /** The values of every option of that code. */
  *optionsOf(code: number): Generator<Uint8Array> {
    for (const option of this.options()) if (option.code === code) yield option.data;
  }

  options(): Generator<OptionInstance6> {
    return options6(this.bytes, this.optionsOffset);
  }
}
