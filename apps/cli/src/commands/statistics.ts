import { parameters } from "../grammar.ts";
import { renderLeasequeryStatistics, renderRelayBulkConnections, renderRelayStatistics } from "../render/statistics.ts";
import { type CommandContext, type ExitCode, print } from "./context.ts";
import { instanceSelector } from "./instance.ts";

export async function showStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const input = { family, ...instanceSelector(given) };
  if (given.get(parameters.leasequery)) {
    return print(context, await client.statistics.relayLeasequery.query(input), renderLeasequeryStatistics);
  }
  if (given.get(parameters.bulkConnections)) {
    return print(context, await client.statistics.relayBulkConnections.query(input), renderRelayBulkConnections);
  }
  return print(context, await client.statistics.relay.query(input), renderRelayStatistics);
}

export async function clearStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const what = given.get(parameters.leasequery)
    ? ("leasequery" as const)
    : given.get(parameters.bulkConnections)
      ? ("bulk-leasequery-connections" as const)
      : undefined;
  const result = await client.statistics.clear.mutate({ family, ...instanceSelector(given), what });
  return print(context, result, () => `The ${what ?? "relay"} statistics of DHCPv${family} are cleared.\n`);
}
