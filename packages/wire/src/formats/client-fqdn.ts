import { formatOpaque } from "@leasewire/net";
import { type Format, wrongLength } from "../format.ts";
import { decodeName, showName } from "./domain-names.ts";

/** Option 81 (RFC 4702 §2). The name stays in octets: E says whether they are labels or the older ASCII form. */
export interface ClientFqdn4 {
  readonly flags: number;
  readonly rcode1: number;
  readonly rcode2: number;
  readonly name: Uint8Array;
}

/** Option 39 (RFC 4704 §4): flags and labels, perhaps without the root at the end. */
export interface ClientFqdn6 {
  readonly flags: number;
  readonly name: Uint8Array;
}

const encoded = 0x04;

export const clientFqdn4: Format<ClientFqdn4> = {
  decode: (data) =>
    data.length < 3
      ? wrongLength(data, "at least 3 are needed")
      : {
          ok: true,
          value: {
            flags: data[0] as number,
            rcode1: data[1] as number,
            rcode2: data[2] as number,
            name: data.subarray(3),
          },
        },
  encode: ({ flags, rcode1, rcode2, name }) => Uint8Array.of(flags, rcode1, rcode2, ...name),
  show: ({ flags, name }) =>
    `${(flags & encoded) !== 0 ? showLabels(name) : formatOpaque(name)} (flags ${letters(flags, "SOEN")})`,
};

export const clientFqdn6: Format<ClientFqdn6> = {
  decode: (data) =>
    data.length < 1
      ? wrongLength(data, "at least 1 is needed")
      : { ok: true, value: { flags: data[0] as number, name: data.subarray(1) } },
  encode: ({ flags, name }) => Uint8Array.of(flags, ...name),
  show: ({ flags, name }) => `${showLabels(name)} (flags ${letters(flags, "SON")})`,
};

/** A partial name lacks the root (RFC 4704 §4.2): it is shown without the dot at its end. */
function showLabels(name: Uint8Array): string {
  const whole = decodeName(name, 0, false);
  if (whole.ok && whole.value.end === name.length)
    return `${showName(whole.value.name)}${whole.value.name.length === 0 ? "" : "."}`;
  const terminated = new Uint8Array(name.length + 1);
  terminated.set(name);
  const partial = decodeName(terminated, 0, false);
  return partial.ok && partial.value.end === terminated.length ? showName(partial.value.name) : formatOpaque(name);
}

function letters(flags: number, names: string): string {
  const set = [...names].filter((_, bit) => (flags & (1 << bit)) !== 0).join("");
  return set === "" ? "none" : set;
}
