import { formatOpaque } from "@leasewire/net";
import { wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";
import { statusCodeName4 } from "./codes.ts";

/** Option 151 (RFC 6926 §6.2.2): how a query went, with a text for people. */
export interface Status4 {
  readonly code: number;
  /** UTF-8 as it came, perhaps empty. From the network: show it through `formatOpaque` or as escaped text. */
  readonly text: Uint8Array;
}

export const status4: Format<Status4> = {
  decode: (data) => {
    if (data.length === 0) return wrongLength(data, "at least 1 is needed");
    const nul = data.indexOf(0, 1);
    if (nul >= 0) return wireError("option-text-nul", nul, "has a NUL in its text, which must not have one");
    return { ok: true, value: { code: data[0] as number, text: data.subarray(1) } };
  },
  encode: ({ code, text }) => {
    const out = new Uint8Array(1 + text.length);
    out[0] = code;
    out.set(text, 1);
    return out;
  },
  show: ({ code, text }) => {
    const name = `${statusCodeName4(code) ?? "status"} (${code})`;
    return text.length === 0 ? name : `${name}: ${formatOpaque(text)}`;
  },
};
