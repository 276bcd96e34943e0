/** Simulated networks: the lab's server and its subscribers. */

export * from "./client/client4.ts";
export * from "./client/client6.ts";
export * from "./lab/lab-server.ts";
export type { LabLease, LabSubscriber } from "./lab/subscriber.ts";
export { LAB_GATEWAYS, LAB_SERVER_DUID, type LabGateway } from "./lab/topology.ts";
