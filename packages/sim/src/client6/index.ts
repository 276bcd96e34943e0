/** A DHCPv6 client: `client.ts` decides, `messages.ts` writes and reads, `retransmission.ts` says how often. */
export * from "./client.ts";
export * from "./messages.ts";
