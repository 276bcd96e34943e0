import type { BindingColumn } from "@leasewire/api";

/** Columns the backend can sort by. */
export const sortableColumnIds = [
  "address",
  "state",
  "hardwareAddress",
  "clientId",
  "expiresAt",
  "clientLastTransactionTime",
  "startTimeOfState",
  "lastChange",
  "interfaceName",
  "circuitId",
  "remoteId",
  "relayId",
  "linkAddress",
] as const satisfies readonly BindingColumn[];

/** Every column of the table, in its order. */
export const columnIds = [
  "address",
  "state",
  "hardwareAddress",
  "clientId",
  "hostName",
  "iaid",
  "expiresAt",
  "interfaceName",
  "circuitId",
  "remoteId",
  "relayId",
  "linkAddress",
  "serverAddress",
  "origin",
  "instance",
  "clientLastTransactionTime",
  "startTimeOfState",
  "lastChange",
  "stored",
] as const;
export type ColumnId = (typeof columnIds)[number];

/** Shown until one chooses: what fits 1280 pixels. */
export const defaultColumnIds: readonly ColumnId[] = [
  "address",
  "state",
  "hardwareAddress",
  "clientId",
  "expiresAt",
  "interfaceName",
  "circuitId",
  "remoteId",
  "linkAddress",
  "stored",
];

/** The same for leases of a local server: the client's own name, and when it was heard. */
export const serverColumnIds: readonly ColumnId[] = [
  "address",
  "state",
  "hardwareAddress",
  "hostName",
  "clientId",
  "expiresAt",
  "clientLastTransactionTime",
  "circuitId",
  "linkAddress",
  "stored",
];

export const columnNames: Readonly<Record<ColumnId, string>> = {
  address: "Address",
  state: "State",
  hardwareAddress: "MAC",
  clientId: "Client identifier",
  hostName: "Host name",
  iaid: "IAID",
  expiresAt: "Time left",
  interfaceName: "Interface",
  circuitId: "Circuit-id",
  remoteId: "Remote-id",
  relayId: "Relay-id",
  linkAddress: "Link address",
  serverAddress: "Server",
  origin: "Origin",
  instance: "Instance",
  clientLastTransactionTime: "Client last heard",
  startTimeOfState: "In this state since",
  lastChange: "Change no.",
  stored: "Stored",
};
