/** Connections for bulk and active leasequery. */
export * from "./connect-leasequery.ts";
export * from "./serve-leasequery.ts";
export type { TlsMaterial } from "./served-socket.ts";
