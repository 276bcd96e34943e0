import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const tshark = "/usr/bin/tshark";

/**
 * What tshark shows of Ethernet frames: for each the wanted fields, in order, and behind them what it complains of; empty
 * when nothing.
 */
export function tsharkFields(
  frames: readonly Uint8Array[],
  fields: readonly string[],
): { readonly values: readonly string[]; readonly complaints: string }[] {
  if (!existsSync(tshark))
    throw new Error("tshark is missing: install it with `apt-get install tshark`; it is the judge");
  const directory = mkdtempSync(join(tmpdir(), "leasewire-judge-"));
  try {
    const file = join(directory, "frames.pcap");
    writeFileSync(file, pcap(frames));
    const wanted = [...fields, "_ws.expert.message", "_ws.malformed"].flatMap((field) => ["-e", field]);
    const output = execFileSync(tshark, ["-r", file, "-T", "fields", "-E", "separator=|", ...wanted], {
      encoding: "utf8",
      maxBuffer: 1 << 24,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output
      .split("\n")
      .slice(0, frames.length)
      .map((line) => {
        const cells = line.split("|");
        return { values: cells.slice(0, fields.length), complaints: cells.slice(fields.length).join("") };
      });
  } finally {
    rmSync(directory, { recursive: true });
  }
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
