/** What the DHCPv4 and the DHCPv6 relay agent share. */
export type { RelayInput, RelayInterface, RelayOutput, RelayRoute, RelaySend } from "./messages.ts";
export type { RelayBindingStates, RelayAgentStatisticsView } from "./statistics.ts";
