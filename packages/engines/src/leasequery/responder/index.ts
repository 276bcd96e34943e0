/** The answering side of leasequery: what a server says of its bindings. */
export * from "./respond4.ts";
export * from "./respond6.ts";
export * from "./scopes.ts";
