/** What the DHCPv4 and the DHCPv6 server share. */
export type { ServerCounterView, ServerSelector, ServerStatisticsView } from "./counters.ts";
export type {
  Arrival,
  LocalAddress,
  PoolStatistics,
  ServerChange,
  ServerNote,
  ServerOutput,
  ServerProbe,
  ServerSend,
} from "./messages.ts";
