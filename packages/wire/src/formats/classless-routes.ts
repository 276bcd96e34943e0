import { formatIpv4, type Ipv4Address, ipv4FromBytes, ipv4ToBytes } from "@leasewire/net";
import { wireError } from "../error.ts";
import { type Format, wrongLength } from "../format.ts";

export interface ClasslessRoute {
  readonly destination: Ipv4Address;
  /** 0..32 */
  readonly length: number;
  readonly router: Ipv4Address;
}

/** Option 121 (RFC 3442): prefix length, only as many octets of the destination as it covers, router. */
export const classlessRoutes: Format<readonly ClasslessRoute[]> = {
  decode: (data) => {
    if (data.length < 5) return wrongLength(data, "at least 5 are needed");
    const value: ClasslessRoute[] = [];
    let at = 0;
    while (at < data.length) {
      const length = data[at] as number;
      if (length > 32)
        return wireError("option-value", at, `has a route with the prefix length ${length}, 32 is the most`);
      const significant = (length + 7) >> 3;
      const end = at + 1 + significant + 4;
      if (end > data.length) return wireError("option-length", at, "ends inside a route");
      const destination = new Uint8Array(4);
      destination.set(data.subarray(at + 1, at + 1 + significant));
      value.push({ destination: ipv4FromBytes(destination), length, router: ipv4FromBytes(data, end - 4) });
      at = end;
    }
    return { ok: true, value };
  },
  encode: (value) =>
    Uint8Array.from(
      value.flatMap(({ destination, length, router }) => [
        length,
        ...ipv4ToBytes(destination).subarray(0, (length + 7) >> 3),
        ...ipv4ToBytes(router),
      ]),
    ),
  show: (value) =>
    value
      .map(({ destination, length, router }) => `${formatIpv4(destination)}/${length} via ${formatIpv4(router)}`)
      .join(", "),
};
