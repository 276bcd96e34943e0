/**
 * Lease files of other servers, and our own CSV: read as they come, in chunks, into bindings. No I/O, no clock. What is no lease
 * is a refusal with its line; nothing here throws on what a file holds.
 */
export * from "./lease-file.ts";
export * from "./limits.ts";
export { csvColumns, csvHeader, formatCsvRow } from "./own-csv.ts";
export { createLeaseFileParser } from "./parser.ts";
