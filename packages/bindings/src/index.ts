/** The binding table: columns, indexes, change log, and the one place that changes them. No I/O, no clock. */
export * from "./binding.ts";
export * from "./binding-id.ts";
export { ChangeLog, LogReader } from "./change-log.ts";
export * from "./conflict.ts";
export type { KeyCursor } from "./key-index.ts";
export * from "./limits.ts";
export { LoggedChange, type Place } from "./logged-change.ts";
export * from "./query.ts";
export { FIELDS, Field, type FieldNumber } from "./record.ts";
export { RowView } from "./row-view.ts";
export {
  BindingTable,
  type BindingTableOptions,
  ChainCursor,
  type PutResult,
  type RemoveResult,
  RowCursor,
} from "./table.ts";
