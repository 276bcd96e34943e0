/** Everything in the table that can grow, and how far. */
export interface TableLimits {
  bindingsMax: number;
  /** Variable parts of the rows and interned values. */
  arenaBytesMax: number;
  /** Variable part of one binding: client-id, relay information, options and the like. */
  recordBytesMax: number;
  instancesMax: number;
  serverAddressesMax: number;
  /** Distinct link addresses, server identifiers and interface names together. */
  internedMax: number;
  /** Changes a slow reader may be behind before it has to resynchronise. */
  logEntriesMax: number;
  logBytesMax: number;
  logReadersMax: number;
  /** Distinct causes among the changes kept in the log. */
  causesMax: number;
  /** How long an ended binding stays, so that catch-up is exact. */
  endedRetentionSeconds: number;
}

export const TABLE_LIMITS_DEFAULT: TableLimits = {
  bindingsMax: 16_000_000,
  arenaBytesMax: 8 * 1024 ** 3,
  recordBytesMax: 30_000,
  instancesMax: 4096,
  serverAddressesMax: 65_535,
  internedMax: 4_000_000,
  logEntriesMax: 131_072,
  logBytesMax: 128 * 1024 ** 2,
  logReadersMax: 64,
  causesMax: 4096,
  endedRetentionSeconds: 86_400,
};

/** Rows are numbered in 26 bits: a link word of a row is found at row × 23 without leaving 31-bit integers. */
export const BINDINGS_MAX_POSSIBLE = 2 ** 26;

export type TableRefusal =
  | {
      readonly code: "limit-reached";
      readonly limit: keyof TableLimits;
      readonly max: number;
      readonly message: string;
    }
  | { readonly code: "input-invalid"; readonly field: string; readonly message: string }
  | { readonly code: "row-unknown"; readonly row: number; readonly message: string }
  | { readonly code: "sequence-not-ascending"; readonly sequence: number; readonly message: string };

export function limitReached(limit: keyof TableLimits, max: number): TableRefusal {
  return {
    code: "limit-reached",
    limit,
    max,
    message: `The binding table has reached ${limit} (${max}): raise the limit or remove what is no longer needed.`,
  };
}

export function inputInvalid(field: string, message: string): TableRefusal {
  return { code: "input-invalid", field, message };
}
