/** The lab: what its server and relay agents are configured with, its gateways and households, and what there is to query. */
export { labStatements } from "./configuration.ts";
export * from "./examples.ts";
export type { LabClient, LabHousehold } from "./household.ts";
export * from "./network.ts";
export type { LabFamilyPlaces, LabPlaces } from "./places.ts";
export { LAB_GATEWAYS, type LabGateway, type LabInterface } from "./topology.ts";
