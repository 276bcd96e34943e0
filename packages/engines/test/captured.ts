import { readFileSync } from "node:fs";
import { formatIpv4, ipv4FromBytes } from "@leasewire/net";

/** A DHCPv4 datagram out of a capture of real peers. */
export interface Captured4 {
  readonly atSeconds: number;
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly bytes: Uint8Array;
}

/** The UDP datagrams over IPv4 of one of the captures that lie with the codecs; those seen on two interfaces once. */
export function captured4(name: string): readonly Captured4[] {
  const file = readFileSync(new URL(`../../wire/test/captures/${name}.pcapng`, import.meta.url));
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const datagrams: Captured4[] = [];
  const seen = new Map<string, number>();
  for (let at = 0; at + 12 <= file.length; at += view.getUint32(at + 4, true)) {
    // Enhanced Packet Block; the captures are little-endian with nanoseconds.
    if (view.getUint32(at, true) !== 6) continue;
    const atSeconds = (view.getUint32(at + 12, true) * 2 ** 32 + view.getUint32(at + 16, true)) / 1e9;
    const frame = new Uint8Array(file.subarray(at + 28, at + 28 + view.getUint32(at + 20, true)));
    const udp = 14 + (frame[14]! & 15) * 4;
    if (frame.length < 42 || frame[12] !== 8 || frame[13] !== 0 || frame[23] !== 17) continue;
    const header = new DataView(frame.buffer);
    const datagram = {
      atSeconds,
      source: formatIpv4(ipv4FromBytes(frame, 26)),
      sourcePort: header.getUint16(udp),
      destination: formatIpv4(ipv4FromBytes(frame, 30)),
      destinationPort: header.getUint16(udp + 2),
      bytes: frame.slice(udp + 8, udp + header.getUint16(udp + 4)),
    };
    const identity = `${datagram.source} ${datagram.destination} ${datagram.bytes.join()}`;
    if (atSeconds - (seen.get(identity) ?? 0) > 0.01) datagrams.push(datagram);
    seen.set(identity, atSeconds);
  }
  return datagrams;
}
