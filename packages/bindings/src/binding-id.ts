import {
  formatIpv4,
  formatIpv6,
  type InstanceName,
  ipv4FromBytes,
  ipv4ToBytes,
  parseInstance,
  parseIpv4,
  parseIpv6,
  type Result,
} from "@leasewire/net";
import type { Family } from "./binding.ts";

export interface BindingIdParts {
  family: Family;
  instance: InstanceName;
  address: Uint8Array;
  prefixLength: number;
}

/** The text identity of a binding: `4/default:default/192.0.2.7/32`, `6/default:blue/2001:db8:1::/56`. */
export function bindingId(family: Family, instance: string, address: Uint8Array, prefixLength: number): string {
  const text = family === 4 ? formatIpv4(ipv4FromBytes(address)) : formatIpv6(address);
  return `${family}/${instance}/${text}/${prefixLength}`;
}

/** The inverse of `bindingId`. Errors: `binding-id-syntax`, or that of the part which is wrong. */
export function parseBindingId(text: string): Result<BindingIdParts> {
  const parts = text.split("/");
  const [familyText, instanceText, addressText, lengthText] = parts;
  if (
    parts.length !== 4 ||
    (familyText !== "4" && familyText !== "6") ||
    instanceText === undefined ||
    addressText === undefined ||
    !/^\d{1,3}$/.test(lengthText ?? "")
  ) {
    return syntax("write FAMILY/LS:RI/ADDRESS/LENGTH, such as 4/default:default/192.0.2.7/32");
  }
  const family = familyText === "4" ? 4 : 6;
  const instance = parseInstance(instanceText);
  if (!instance.ok) return instance;
  const prefixLength = Number(lengthText);
  if (prefixLength > (family === 4 ? 32 : 128)) return syntax(`the length is at most ${family === 4 ? 32 : 128}`);
  if (family === 4) {
    const address = parseIpv4(addressText);
    if (!address.ok) return address;
    return { ok: true, value: { family, instance: instance.value, address: ipv4ToBytes(address.value), prefixLength } };
  }
  const address = parseIpv6(addressText);
  if (!address.ok) return address;
  return { ok: true, value: { family, instance: instance.value, address: address.value, prefixLength } };
}

function syntax(remedy: string): Result<BindingIdParts> {
  return {
    ok: false,
    error: { code: "binding-id-syntax", message: `This is not the identity of a binding: ${remedy}.` },
  };
}
