import { parameters } from "../grammar.ts";
import { renderLeasequeryStatistics, renderMessageStatistics } from "../render/statistics.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { instanceSelector } from "./instance.ts";

export async function showStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const input = { family, ...instanceSelector(given) };
  if (given.get(parameters.leasequery)) {
    const statistics = await client.statistics.relayLeasequery.query(input);
    if (context.json) printJson(context, statistics);
    else output.stdout(renderLeasequeryStatistics(statistics));
  } else {
    const statistics = await client.statistics.relay.query(input);
    if (context.json) printJson(context, statistics);
    else output.stdout(renderMessageStatistics(statistics));
  }
  return 0;
}

export async function clearStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const what = given.get(parameters.leasequery) ? ("leasequery" as const) : undefined;
  const result = await client.statistics.clear.mutate({ family, ...instanceSelector(given), what });
  if (context.json) printJson(context, result);
  else output.stdout(`The ${what ?? "relay"} statistics of DHCPv${family} are cleared.\n`);
  return 0;
}
