/** Clients of DHCP, the relays they are behind, and the network of the lab. */

export * from "./client.ts";
export * from "./client4/index.ts";
export * from "./client6/index.ts";
export * from "./lab/index.ts";
export * from "./relay/index.ts";
