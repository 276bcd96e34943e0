import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodePcap } from "./pcap.ts";

const tshark = "/usr/bin/tshark";

/** Values of each field in the order in which tshark meets them, depth first. */
export type Judgement = ReadonlyMap<string, readonly string[]>;

/** What tshark says of each frame, in one run: the fields asked for, by name. */
export function judge(frames: readonly Uint8Array[], fields: readonly string[]): readonly Judgement[] {
  if (!existsSync(tshark))
    throw new Error("tshark is missing: install it with `apt-get install tshark`; it is the judge of these tests");
  const directory = mkdtempSync(join(tmpdir(), "leasewire-judge-"));
  try {
    const file = join(directory, "frames.pcap");
    writeFileSync(file, encodePcap(frames));
    const output = execFileSync(
      tshark,
      [
        "-r",
        file,
        "-T",
        "fields",
        "-E",
        "occurrence=a",
        "-E",
        "aggregator=|",
        "-E",
        "separator=/t",
        ...fields.flatMap((field) => ["-e", field]),
      ],
      { encoding: "utf8", maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "ignore"] },
    );
    const lines = output.split("\n").slice(0, frames.length);
    if (lines.length !== frames.length)
      throw new Error(`tshark spoke of ${lines.length} frames, there are ${frames.length}`);
    return lines.map((line) => {
      const columns = line.split("\t");
      return new Map(fields.map((field, i) => [field, columns[i] ? columns[i].split("|") : []]));
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}
