/** The lab: what its server is configured with, its gateways and households, and what there is to query. */
export { type LabEndpoint, labServerStatements } from "./configuration.ts";
export * from "./examples.ts";
export type { LabClient, LabHousehold } from "./household.ts";
export * from "./network.ts";
export { LAB_GATEWAYS, type LabGateway } from "./topology.ts";
