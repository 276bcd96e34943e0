import { z } from "zod";
import type { Family } from "./common.ts";

export const importFormats = ["kea-csv4", "kea-csv6", "isc-leases", "csv"] as const;
export type ImportFormat = (typeof importFormats)[number];

/** Refused rows that are kept, one line each; further ones are counted. */
export const importRefusalsKeptMax = 1000;

export const importListInput = z.object({ limit: z.number().int().min(1).max(100).default(20) });
export const importId = z.object({ id: z.string().max(64) });

/**
 * `reading`: rows are taken in. `storing`: all are read and wait for the database. `done`: they are stored. `refused`:
 * nothing was taken, since all or nothing was asked for and a row is wrong, or the file is of another format.
 * `cancelled`, `failed`: what was taken until then stays, except when all or nothing was asked for.
 */
export const importStates = ["reading", "storing", "done", "refused", "cancelled", "failed"] as const;
export type ImportState = (typeof importStates)[number];

export interface ImportJob {
  readonly id: string;
  readonly format: ImportFormat;
  /** As the sender called it, printable. */
  readonly fileName: string;
  readonly instance: string;
  readonly allOrNothing: boolean;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly state: ImportState;
  readonly octetsRead: number;
  /** null where the sender does not say. */
  readonly octetsTotal: number | null;
  readonly rowsRead: number;
  readonly rowsTaken: number;
  /** Rows that a later row of the file, or a newer binding of the table, makes void. */
  readonly rowsPassedOver: number;
  readonly rowsRefused: number;
  /** Bindings taken, by family. */
  readonly bindings: Readonly<Record<Family, number>>;
  /** One sentence for the operator. */
  readonly outcome: string;
}

export interface ImportRefusal {
  /** Line of the file, from 1. */
  readonly line: number;
  /** What is wrong and what is expected. */
  readonly message: string;
  /** Beginning of the row, printable. */
  readonly text: string;
}

export interface ImportJobDetail extends ImportJob {
  /** The first `importRefusalsKeptMax`. */
  readonly refusals: readonly ImportRefusal[];
}
