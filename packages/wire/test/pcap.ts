import { readFileSync } from "node:fs";

/**
 * As much of pcapng, pcap and the headers below DHCP as the tests need. Checksums are left zero where a judge does not ask for them.
 */

/** The packets of a pcapng file: the data of every Enhanced Packet Block, in order. */
export function readPcapng(path: string | URL): readonly Uint8Array[] {
  const file = readFileSync(path);
  const bytes = new Uint8Array(file.buffer, file.byteOffset, file.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const packets: Uint8Array[] = [];
  let littleEndian = true;
  for (let at = 0; at + 12 <= bytes.length; ) {
    // The section header's type reads the same both ways; its magic tells the order of what follows.
    if (view.getUint32(at, true) === 0x0a0d0d0a) littleEndian = view.getUint32(at + 8, true) === 0x1a2b3c4d;
    const type = view.getUint32(at, littleEndian);
    const length = view.getUint32(at + 4, littleEndian);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) throw new Error(`broken pcapng block at ${at}`);
    if (type === 6) {
      const captured = view.getUint32(at + 20, littleEndian);
      packets.push(bytes.subarray(at + 28, at + 28 + captured));
    }
    at += length;
  }
  return packets;
}

/** A pcap file of Ethernet frames. */
export function encodePcap(frames: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(24 + frames.reduce((sum, frame) => sum + 16 + frame.length, 0));
  const view = new DataView(out.buffer);
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 262_144, true);
  view.setUint32(20, 1, true);
  let at = 24;
  for (const [i, frame] of frames.entries()) {
    view.setUint32(at, 1_700_000_000 + i, true);
    view.setUint32(at + 8, frame.length, true);
    view.setUint32(at + 12, frame.length, true);
    out.set(frame, at + 16);
    at += 16 + frame.length;
  }
  return out;
}

export interface Datagram {
  readonly family: 4 | 6;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** The UDP datagram in an Ethernet frame; `undefined` for anything else, fragments included. */
export function udpOf(frame: Uint8Array): Datagram | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 34) return undefined;
  const etherType = view.getUint16(12);
  if (etherType === 0x0800 && frame[23] === 17 && (view.getUint16(20) & 0x3fff) === 0) {
    return datagram(4, view, 14 + ((frame[14] as number) & 15) * 4);
  }
  if (etherType === 0x86dd && frame[20] === 17) return datagram(6, view, 54);
  return undefined;
}

function datagram(family: 4 | 6, view: DataView, at: number): Datagram {
  const length = view.getUint16(at + 4);
  return {
    family,
    sourcePort: view.getUint16(at),
    destinationPort: view.getUint16(at + 2),
    payload: new Uint8Array(view.buffer, view.byteOffset + at + 8, length - 8),
  };
}

export function wrapUdp4(payload: Uint8Array, sourcePort = 67, destinationPort = 67): Uint8Array {
  const udp = udpHeader(payload, sourcePort, destinationPort);
  const ip = Uint8Array.of(0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2);
  new DataView(ip.buffer).setUint16(2, 20 + udp.length);
  return ethernet(0x0800, ip, udp);
}

export function wrapUdp6(payload: Uint8Array, sourcePort = 547, destinationPort = 547): Uint8Array {
  const udp = udpHeader(payload, sourcePort, destinationPort);
  return ethernet(0x86dd, ipv6Header(17, udp.length), udp);
}

/** One segment with the whole payload, to or from port 547. */
export function wrapTcp6(payload: Uint8Array, clientPort: number): Uint8Array {
  const tcp = new Uint8Array(20 + payload.length);
  const view = new DataView(tcp.buffer);
  view.setUint16(0, clientPort);
  view.setUint16(2, 547);
  view.setUint32(4, 1);
  view.setUint32(8, 1);
  view.setUint16(12, 0x5018);
  view.setUint16(14, 65_535);
  tcp.set(payload, 20);
  return ethernet(0x86dd, ipv6Header(6, tcp.length), tcp);
}

function udpHeader(payload: Uint8Array, sourcePort: number, destinationPort: number): Uint8Array {
  const udp = new Uint8Array(8 + payload.length);
  const view = new DataView(udp.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, udp.length);
  udp.set(payload, 8);
  return udp;
}

function ipv6Header(nextHeader: number, length: number): Uint8Array {
  const ip = new Uint8Array(40);
  ip[0] = 0x60;
  new DataView(ip.buffer).setUint16(4, length);
  ip[6] = nextHeader;
  ip[7] = 64;
  ip.set([0x20, 0x01, 0x0d, 0xb8], 8);
  ip[23] = 1;
  ip.set([0x20, 0x01, 0x0d, 0xb8], 24);
  ip[39] = 2;
  return ip;
}

function ethernet(etherType: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([
    2,
    0,
    0,
    0,
    0,
    1,
    2,
    0,
    0,
    0,
    0,
    2,
    etherType >> 8,
    etherType & 255,
    ...parts.flatMap((part) => [...part]),
  ]);
}
