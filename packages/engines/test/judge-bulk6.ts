import { tsharkFields } from "./tshark.ts";

export interface BulkJudgement {
  readonly type: string;
  readonly size: string;
  /** Codes of all options it has seen, nested ones too. */
  readonly options: readonly string[];
  readonly complaints: string;
}

/** What tshark reads in DHCPv6 messages over TCP, each in a connection of its own. */
export function judgeBulk6(messages: readonly Uint8Array[]): BulkJudgement[] {
  const fields = ["dhcpv6.bulk_leasequery.msgtype", "dhcpv6.bulk_leasequery.size", "dhcpv6.option.type"];
  return tsharkFields(messages.map(frame), fields).map(
    ({ values: [type = "", size = "", options = ""], complaints }) => ({
      type,
      size,
      options: options.split(","),
      complaints,
    }),
  );
}

/** Ethernet, IPv6 and TCP from port 547, the message behind its size. */
function frame(message: Uint8Array, i: number): Uint8Array {
  const length = 20 + 2 + message.length;
  const bytes = new Uint8Array(54 + length);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x86, 0xdd, 0x60]);
  view.setUint16(18, length);
  bytes.set([6, 64, 0x20, 1, 0x0d, 0xb8], 20);
  bytes[37] = 1;
  bytes.set([0x20, 1, 0x0d, 0xb8], 38);
  bytes[53] = 2;
  view.setUint16(54, 547);
  view.setUint16(56, 40_000 + i);
  view.setUint32(58, 1);
  view.setUint32(62, 1);
  // Header of five words, PSH and ACK.
  bytes[66] = 0x50;
  bytes[67] = 0x18;
  view.setUint16(68, 65_535);
  view.setUint16(74, message.length);
  bytes.set(message, 76);
  return bytes;
}
