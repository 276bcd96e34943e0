import { getSystemErrorName } from "node:util";
import type { Result } from "@leasewire/net";
import { addon, addonAbsence } from "../addon.ts";
import { addressOctets } from "../address-words.ts";
import { explainBindFailure, type TransportError } from "../errors.ts";

/**
 * Descriptor of a TCP socket that is bound to an address and to a Linux device, for `net.Server` to listen on: Node has no
 * way to bind to a device. (That the device of a VRF works like any other has not been tried.)
 */
export function boundStream({
  family,
  address,
  port,
  device,
}: {
  readonly family: 4 | 6;
  readonly address?: string | undefined;
  readonly port: number;
  readonly device: string;
}): Result<number, TransportError> {
  const where = `${address ?? "every address"} port ${port}`;
  const native = addon();
  if (native === null) {
    const message = `Cannot listen on ${where} at device ${device}: only the addon binds to devices, and ${addonAbsence()}.`;
    return { ok: false, error: { code: "addon-required", message } };
  }
  const refuse = (code: string) => ({ ok: false, error: explainBindFailure(code, where, port, device) }) as const;
  const octets = addressOctets(family, address ?? (family === 4 ? "0.0.0.0" : "::"));
  if (octets === null) return refuse("EINVAL");
  const descriptor = native.stream(family, octets, port, device);
  return descriptor < 0 ? refuse(getSystemErrorName(descriptor)) : { ok: true, value: descriptor };
}
