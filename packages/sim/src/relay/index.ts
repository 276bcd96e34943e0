/** The relay in front of clients, in an access node. */
export * from "./circuit.ts";
export * from "./relay4.ts";
export * from "./relay6.ts";
export * from "./relayed-client4.ts";
export * from "./relayed-client6.ts";
