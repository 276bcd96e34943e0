import { tsharkFields } from "./tshark.ts";

/** What tshark reads in DHCPv6 answers: type of the innermost message, and what it complains of, frame by frame. */
export function judge6(answers: readonly Uint8Array[]): { readonly type: string; readonly complaints: string }[] {
  return tsharkFields(answers.map(frame), ["dhcpv6.msgtype"]).map(({ values: [types = ""], complaints }) => ({
    type: types.split(",").at(-1) ?? "",
    complaints,
  }));
}

/** Ethernet, IPv6 and UDP from port 547 to port 547. */
function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(62 + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60]);
  view.setUint16(18, 8 + payload.length);
  bytes.set([17, 64, 0x20, 1, 0x0d, 0xb8], 20);
  bytes[37] = 1;
  bytes.set([0x20, 1, 0x0d, 0xb8], 38);
  bytes[53] = 2;
  view.setUint16(54, 547);
  view.setUint16(56, 547);
  view.setUint16(58, 8 + payload.length);
  bytes.set(payload, 62);
  view.setUint16(60, checksum(bytes, 8 + payload.length));
  return bytes;
}

/** Of UDP with its pseudo header (RFC 8200 §8.1). */
function checksum(bytes: Uint8Array, udpLength: number): number {
  let sum = 17 + udpLength;
  for (let at = 22; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff || 0xffff;
}
