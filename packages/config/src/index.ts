/**
 * The configuration: one schema that parser, printer, commit check, completion and documentation share.
 * Pure: no I/O, no clock; runs in the browser as well.
 */

export * from "./check.ts";
export * from "./commit.ts";
export * from "./compare.ts";
export * from "./completions.ts";
export { configurationReference } from "./document.ts";
export * from "./effective.ts";
export * from "./finding.ts";
export * from "./history.ts";
export * from "./limits.ts";
export type { PoolOption } from "./pool-options.ts";
export type { AddressPool4, AddressPool6, HostKey } from "./pools.ts";
export { printBraces } from "./print-braces.ts";
export { printSet, setStatements } from "./print-set.ts";
export { RULES } from "./rules/all.ts";
export type { Rule } from "./rules/rule.ts";
export type { EnumValue, ValueType } from "./schema/value.ts";
export { type SchemaStatement, schemaNodes } from "./schema/walk.ts";
export { applyStatements, type Parsed, parseConfiguration } from "./text/parse.ts";
export { activePart, type ConfigTree, EMPTY_TREE } from "./tree.ts";
