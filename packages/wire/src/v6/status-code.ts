import { formatOpaque } from "@leasewire/net";
import { wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";
import { readUint16, writeUint16 } from "../octets.ts";
import { statusCodeName6 } from "./codes.ts";

/** Option 13 (RFC 9915 §21.13). */
export interface Status6 {
  readonly code: number;
  /** UTF-8 as it came, perhaps empty. From the network: show it through `formatOpaque` or as escaped text. */
  readonly text: Uint8Array;
}

export const status6: Format<Status6> = {
  decode: (data) => {
    if (data.length < 2) return wrongLength(data, "at least 2 are needed");
    // A NUL at the end is forbidden too, but servers in the field send it: it is kept and shown, not refused. Inside the text it
    // would hide what follows.
    const nul = data.indexOf(0, 2);
    if (nul >= 0 && nul < data.length - 1) return wireError("option-text-nul", nul, "has a NUL inside its text");
    return { ok: true, value: { code: readUint16(data, 0), text: data.subarray(2) } };
  },
  encode: ({ code, text }) => {
    const out = new Uint8Array(2 + text.length);
    writeUint16(out, 0, code);
    out.set(text, 2);
    return out;
  },
  show: ({ code, text }) => {
    const name = `${statusCodeName6(code) ?? "status"} (${code})`;
    return text.length === 0 ? name : `${name}: ${formatOpaque(text)}`;
  },
};
