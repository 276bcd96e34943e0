import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tshark = "/usr/bin/tshark";

/** What tshark reads in DHCPv4 replies sent to a relay: message type, and what it complains of, frame by frame. */
export function judge4(replies: readonly Uint8Array[]): { readonly type: string; readonly complaints: string }[] {
  if (!existsSync(tshark))
    throw new Error("tshark is missing: install it with `apt-get install tshark`; it is the judge");
  const directory = mkdtempSync(join(tmpdir(), "leasewire-judge-"));
  try {
    const file = join(directory, "replies.pcap");
    writeFileSync(file, pcap(replies.map(frame)));
    const fields = ["dhcp.option.dhcp", "_ws.expert.message", "_ws.malformed"].flatMap((field) => ["-e", field]);
    const output = execFileSync(tshark, ["-r", file, "-T", "fields", "-E", "separator=|", ...fields], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output
      .split("\n")
      .slice(0, replies.length)
      .map((line) => {
        const [type = "", ...complaints] = line.split("|");
        return { type, complaints: complaints.join("") };
      });
  } finally {
    rmSync(directory, { recursive: true });
  }
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
