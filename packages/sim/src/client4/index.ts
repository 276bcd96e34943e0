/** A DHCPv4 client: `client.ts` decides, `messages.ts` writes and reads. */
export * from "./client.ts";
export * from "./messages.ts";
