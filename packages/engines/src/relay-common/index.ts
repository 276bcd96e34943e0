/** What the DHCPv4 and the DHCPv6 relay agent share. */
export { InterfaceIndex, interfaceText, remoteIdText } from "./interface-text.ts";
export type { RelayInput, RelayInterface, RelayOutput, RelayRoute, RelaySend } from "./messages.ts";
export { serversOf } from "./servers.ts";
export type { RelayAgentStatisticsView, RelayBindingStates } from "./statistics.ts";
