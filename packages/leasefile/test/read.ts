import { DEFAULT_INSTANCE } from "@leasewire/net";
import {
  createLeaseFileParser,
  formatRefusal,
  type LeaseFileFormat,
  type LeaseRecord,
  type LeaseRefusal,
} from "../src/index.ts";

export const nowSeconds = 1_796_000_000;

export interface Read {
  readonly records: LeaseRecord[];
  readonly refusals: LeaseRefusal[];
  readonly wrongFormat: LeaseRefusal | undefined;
  /** Refusals as the person sees them. */
  readonly lines: string[];
}

/** Reads a file whole, or cut at the given places. Octets are copied, as whoever keeps them must. */
export function read(format: LeaseFileFormat, file: string | Uint8Array, cuts: readonly number[] = []): Read {
  const octets = new Uint8Array(typeof file === "string" ? new TextEncoder().encode(file) : file);
  const parser = createLeaseFileParser(format, { instance: DEFAULT_INSTANCE, nowSeconds });
  const records: LeaseRecord[] = [];
  const refusals: LeaseRefusal[] = [];
  const sink = {
    record: (record: LeaseRecord) => records.push(structuredClone(record)),
    refusal: (refusal: LeaseRefusal) => refusals.push(refusal),
  };
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    // A copy each time, overwritten afterwards: whoever reads from a stream uses its buffer again.
    const chunk = octets.slice(from, cut);
    parser.feed(chunk, sink);
    chunk.fill(0xff);
    from = Math.max(from, cut);
  }
  parser.feed(octets.slice(from), sink);
  parser.end(sink);
  return { records, refusals, wrongFormat: parser.wrongFormat, lines: refusals.map(formatRefusal) };
}

export function hex(octets: Uint8Array | undefined): string | undefined {
  return octets === undefined ? undefined : Buffer.from(octets).toString("hex");
}
