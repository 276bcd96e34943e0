import { type WireResult, wireError } from "../error.ts";
import type { Option4 } from "./encode.ts";

/**
 * Option 82 (RFC 3046 §2.0): sub-options of one octet code, one octet length; no pad, no terminator, so that 0 and 255 are codes
 * like any other.
 */

export interface RelayAgentSubOptionInstance {
  readonly code: number;
  readonly data: Uint8Array;
  /** Of the code octet, within option 82. */
  readonly offset: number;
}

/** The first instance of a sub-option, a view; `undefined` if there is none before the first that does not fit. */
export function relayAgentSubOption(information: Uint8Array, subOption: number): Uint8Array | undefined {
  for (let at = 0; at + 1 < information.length; ) {
    const end = at + 2 + (information[at + 1] as number);
    if (end > information.length) return undefined;
    if (information[at] === subOption) return information.subarray(at + 2, end);
    at = end;
  }
  return undefined;
}

/** The sub-options in their order, up to the first that does not fit. */
export function* relayAgentSubOptions(information: Uint8Array): Generator<RelayAgentSubOptionInstance> {
  for (let at = 0; at + 1 < information.length; ) {
    const end = at + 2 + (information[at + 1] as number);
    if (end > information.length) return;
    yield { code: information[at] as number, data: information.subarray(at + 2, end), offset: at };
    at = end;
  }
}

/** As above, but whole or not at all. Errors: `option-truncated`, offset within option 82. */
export function decodeRelayAgentInformation(
  information: Uint8Array,
): WireResult<readonly RelayAgentSubOptionInstance[]> {
  const subOptions = [...relayAgentSubOptions(information)];
  const last = subOptions.at(-1);
  const end = last === undefined ? 0 : last.offset + 2 + last.data.length;
  return end === information.length
    ? { ok: true, value: subOptions }
    : wireError(
        "option-truncated",
        end,
        `has sub-option ${information[end]} that does not fit in its ${information.length} octets`,
      );
}

/** A sub-option's value longer than 255 octets is our own bug: RFC 3396 does not split sub-options. */
export function encodeRelayAgentInformation(subOptions: readonly Option4[]): Uint8Array {
  let length = 0;
  for (const { code, data } of subOptions) {
    if (data.length > 255) throw new RangeError(`sub-option ${code} of ${data.length} octets`);
    length += 2 + data.length;
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const { code, data } of subOptions) {
    out[at] = code;
    out[at + 1] = data.length;
    out.set(data, at + 2);
    at += 2 + data.length;
  }
  return out;
}
