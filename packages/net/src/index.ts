/**
 * Addresses, prefixes and identifiers: text is parsed once at the edge and formatted once on the way out.
 * Parsers return values; a refusal says what is wrong and how to mend it.
 */
export * from "./bytes.ts";
export * from "./client-identifier.ts";
export * from "./duid.ts";
export * from "./hex.ts";
export * from "./instance.ts";
export * from "./ipv4.ts";
export * from "./ipv6.ts";
export * from "./mac.ts";
export * from "./opaque.ts";
export * from "./prefix.ts";
export * from "./relay-identifier.ts";
export * from "./remote-id.ts";
export * from "./result.ts";
export * from "./time.ts";
