import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tshark = "/usr/bin/tshark";

export interface BulkJudgement {
  readonly type: string;
  readonly size: string;
  /** Codes of all options it has seen, nested ones too. */
  readonly options: readonly string[];
  readonly complaints: string;
}

/** What tshark reads in DHCPv6 messages over TCP, each in a connection of its own. */
export function judgeBulk6(messages: readonly Uint8Array[]): BulkJudgement[] {
  if (!existsSync(tshark))
    throw new Error("tshark is missing: install it with `apt-get install tshark`; it is the judge");
  const directory = mkdtempSync(join(tmpdir(), "leasewire-judge-"));
  try {
    const file = join(directory, "messages.pcap");
    writeFileSync(file, pcap(messages.map(frame)));
    const fields = [
      "dhcpv6.bulk_leasequery.msgtype",
      "dhcpv6.bulk_leasequery.size",
      "dhcpv6.option.type",
      "_ws.expert.message",
      "_ws.malformed",
    ].flatMap((field) => ["-e", field]);
    const output = execFileSync(tshark, ["-r", file, "-T", "fields", "-E", "separator=|", ...fields], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output
      .split("\n")
      .slice(0, messages.length)
      .map((line) => {
        const [type = "", size = "", options = "", ...complaints] = line.split("|");
        return { type, size, options: options.split(","), complaints: complaints.join("") };
      });
  } finally {
    rmSync(directory, { recursive: true });
  }
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
