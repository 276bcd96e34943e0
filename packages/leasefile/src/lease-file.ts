import type { BindingInput, Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";

export const leaseFileFormats = ["kea-csv4", "kea-csv6", "isc-leases", "csv"] as const;
export type LeaseFileFormat = (typeof leaseFileFormats)[number];

/** One lease of the file, ready for the table. Octets may be views into what was read: copy what is kept. */
export interface LeaseRecord {
  /** Line of the file it begins in, from 1. */
  readonly line: number;
  readonly family: Family;
  readonly binding: BindingInput;
  /** The file says that the lease is gone: it ends a binding that is there, and makes none. */
  readonly onlyEnds: boolean;
}

/** A row that is not a lease, and why. */
export interface LeaseRefusal {
  readonly line: number;
  /** Character of the line where the value begins, from 1, where it is one value that is wrong. */
  readonly column?: number | undefined;
  /** What is wrong, a clause without a full stop. */
  readonly what: string;
  /** How to mend it, likewise. */
  readonly remedy: string;
  /** Beginning of the row, printable. */
  readonly text: string;
}

export interface LeaseFileSink {
  record(record: LeaseRecord): void;
  refusal(refusal: LeaseRefusal): void;
}

export interface LeaseFileOptions {
  /** The instance the bindings are put in. */
  readonly instance: InstanceName;
  /** Leases that ended before are told as EXPIRED. Unix seconds. */
  readonly nowSeconds: number;
}

/**
 * Reads a lease file as it comes, in chunks of any size.
 *
 * Invariants:
 *   - What it tells does not depend on where the chunks were cut.
 *   - It never throws, whatever the octets are, and holds at most one line or statement.
 *   - Every row of the file is told exactly once: as a record or as a refusal. Later rows of an address follow earlier
 *     ones and take their place, as in the journals these files are.
 */
export interface LeaseFileParser {
  feed(chunk: Uint8Array, sink: LeaseFileSink): void;
  /** The file has ended: tells what was left over. */
  end(sink: LeaseFileSink): void;
  /** The file is of another format: nothing further is read. */
  readonly wrongFormat: LeaseRefusal | undefined;
  /** Lines begun so far. */
  readonly line: number;
}

/** A refusal as one line: `line 7, column 12: what: remedy`. */
export function formatRefusal({ line, column, what, remedy }: Omit<LeaseRefusal, "text">): string {
  return `line ${line}${column === undefined ? "" : `, column ${column}`}: ${what}: ${remedy}`;
}
