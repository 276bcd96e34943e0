import { formatIpv6, type Ipv6Address } from "@leasewire/net";
import { type Format, wrongLength } from "../format.ts";

/**
 * Option 47 (RFC 5007 §4.1.2.4): the relay the server heard the client through, and its RELAY-FORW (perhaps with others inside)
 * without the innermost message.
 */
export interface LqRelayData6 {
  /** A view when decoded. */
  readonly peerAddress: Ipv6Address;
  /** A message for `decodeMessage6`; its innermost relay message holds no RELAY_MSG. A view when decoded. */
  readonly message: Uint8Array;
}

export const lqRelayData: Format<LqRelayData6> = {
  nested: { kind: "message6", from: 16 },
  decode: (data) =>
    data.length < 16
      ? wrongLength(data, "at least 16 are needed")
      : { ok: true, value: { peerAddress: data.subarray(0, 16) as Ipv6Address, message: data.subarray(16) } },
  encode: ({ peerAddress, message }) => {
    const out = new Uint8Array(16 + message.length);
    out.set(peerAddress, 0);
    out.set(message, 16);
    return out;
  },
  show: ({ peerAddress }) => `relay ${formatIpv6(peerAddress)}`,
};
