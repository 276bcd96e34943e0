import { formatHex, formatOpaque } from "@leasewire/net";
import { wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";

/**
 * Virtual Subnet Selection (RFC 6607 §3.5): which VPN an address belongs to. The same in option 221, sub-option 151 and
 * DHCPv6 option 68; "all" exists only as a qualifier of DHCPv4 bulk leasequery (RFC 6926 §6.2.9).
 */
export type Vss =
  | { readonly kind: "name"; readonly name: Uint8Array }
  | { readonly kind: "vpn-id"; readonly vpnId: Uint8Array }
  | { readonly kind: "all" }
  | { readonly kind: "global" }
  | { readonly kind: "other"; readonly type: number; readonly information: Uint8Array };

const vpnIdLength = 7;

export const vss: Format<Vss> = {
  decode: (data) => {
    if (data.length === 0) return wrongLength(data, "at least 1 is needed");
    const type = data[0] as number;
    const information = data.subarray(1);
    switch (type) {
      case 0:
        return information.includes(0)
          ? wireError(
              "option-text-nul",
              1 + information.indexOf(0),
              "has a NUL in the name of the VPN, which must not have one",
            )
          : { ok: true, value: { kind: "name", name: information } };
      case 1:
        return information.length === vpnIdLength
          ? { ok: true, value: { kind: "vpn-id", vpnId: information } }
          : wrongLength(data, `${vpnIdLength + 1} are needed for a VPN-ID`);
      case 254:
        return information.length === 0
          ? { ok: true, value: { kind: "all" } }
          : wrongLength(data, "1 is needed for all VPNs");
      case 255:
        return information.length === 0
          ? { ok: true, value: { kind: "global" } }
          : wrongLength(data, "1 is needed for the global VPN");
      default:
        return { ok: true, value: { kind: "other", type, information } };
    }
  },
  encode: (value) => {
    switch (value.kind) {
      case "name":
        return prefixed(0, value.name);
      case "vpn-id":
        return prefixed(1, value.vpnId);
      case "all":
        return Uint8Array.of(254);
      case "global":
        return Uint8Array.of(255);
      case "other":
        return prefixed(value.type, value.information);
    }
  },
  show: (value) => {
    switch (value.kind) {
      case "name":
        return `VPN ${formatOpaque(value.name)}`;
      case "vpn-id":
        return `VPN-ID ${formatHex(value.vpnId.subarray(0, 3))}:${formatHex(value.vpnId.subarray(3))}`;
      case "all":
        return "all VPNs";
      case "global":
        return "the global VPN";
      case "other":
        return `VSS type ${value.type} ${formatOpaque(value.information)}`.trimEnd();
    }
  },
};

function prefixed(type: number, information: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + information.length);
  out[0] = type;
  out.set(information, 1);
  return out;
}
