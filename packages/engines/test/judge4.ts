import { tsharkFields } from "./tshark.ts";

/** What tshark reads in DHCPv4 replies sent to a relay: message type, and what it complains of, frame by frame. */
export function judge4(replies: readonly Uint8Array[]): { readonly type: string; readonly complaints: string }[] {
  return tsharkFields(replies.map(frame), ["dhcp.option.dhcp"]).map(({ values: [type = ""], complaints }) => ({
    type,
    complaints,
  }));
}

/** Ethernet, IPv4 and UDP from port 67 to port 67; no UDP checksum. */
function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(42 + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]);
  view.setUint16(16, 28 + payload.length);
  bytes.set([64, 17], 22);
  bytes.set([192, 0, 2, 1, 10, 1, 0, 1], 26);
  view.setUint16(34, 67);
  view.setUint16(36, 67);
  view.setUint16(38, 8 + payload.length);
  bytes.set(payload, 42);
  return bytes;
}
