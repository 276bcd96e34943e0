import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tshark = "/usr/bin/tshark";

/** What tshark reads in DHCPv6 answers: type of the innermost message, and what it complains of, frame by frame. */
export function judge6(answers: readonly Uint8Array[]): { readonly type: string; readonly complaints: string }[] {
  if (!existsSync(tshark))
    throw new Error("tshark is missing: install it with `apt-get install tshark`; it is the judge");
  const directory = mkdtempSync(join(tmpdir(), "leasewire-judge-"));
  try {
    const file = join(directory, "answers.pcap");
    writeFileSync(file, pcap(answers.map(frame)));
    const fields = ["dhcpv6.msgtype", "_ws.expert.message", "_ws.malformed"].flatMap((field) => ["-e", field]);
    const output = execFileSync(tshark, ["-r", file, "-T", "fields", "-E", "separator=|", ...fields], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output
      .split("\n")
      .slice(0, answers.length)
      .map((line) => {
        const [types = "", ...complaints] = line.split("|");
        return { type: types.split(",").at(-1) ?? "", complaints: complaints.join("") };
      });
  } finally {
    rmSync(directory, { recursive: true });
  }
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

function pcap(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(24 + frames.reduce((sum, one) => sum + 16 + one.length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 65_535);
  view.setUint32(20, 1);
  let at = 24;
  for (const one of frames) {
    view.setUint32(at + 8, one.length);
    view.setUint32(at + 12, one.length);
    bytes.set(one, at + 16);
    at += 16 + one.length;
  }
  return bytes;
}
