import { parameters } from "../grammar.ts";
import { renderRequestors } from "../render/guard.ts";
import { renderPools } from "../render/pools.ts";
import { renderReconfigured } from "../render/reconfigure.ts";
import {
  renderActivePeerDetails,
  renderActivePeerStatistics,
  renderActivePeers,
  renderServerBulkConnections,
} from "../render/served.ts";
import { renderMessageStatistics } from "../render/statistics.ts";
import { type CommandContext, CommandRefusal, type ExitCode, print, printJson } from "./context.ts";
import { instanceSelector } from "./instance.ts";

export async function showServerStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const input = { family, ...instanceSelector(given) };
  return given.get(parameters.bulkConnections)
    ? print(context, await client.statistics.serverBulkConnections.query(input), renderServerBulkConnections)
    : print(context, await client.statistics.server.query(input), renderMessageStatistics);
}

export async function showServerActiveLeasequery(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const all = await client.statistics.serverActive.query({ family, ...instanceSelector(given) });
  const address = given.get(parameters.peer);
  if (address === undefined) return print(context, all, renderActivePeers);
  const peers = all.peers.filter((peer) => peer.address === address);
  if (peers.length === 0) {
    throw new CommandRefusal(`no connection of ${address} for active leasequery of DHCPv${family} is open.`);
  }
  return given.get(parameters.details)
    ? print(context, { ...all, peers }, renderActivePeerDetails)
    : print(context, { ...all, peers }, renderActivePeerStatistics);
}

export async function showPools(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const view = await context.client.pools.list.query({ family, ...instanceSelector(context.arguments) });
  return print(context, view, ({ pools }) => renderPools(pools));
}

export async function showRequestors(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const view = await context.client.guard.list.query({ family, ...instanceSelector(context.arguments) });
  return print(context, view, renderRequestors);
}

export async function requestRequestor(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const address = given.get(family === 4 ? parameters.requestor4 : parameters.requestor6) ?? "";
  const requestor = { family, ...instanceSelector(given), address };
  const quarantines = given.get(parameters.quarantine) === true;
  const result = quarantines
    ? await client.guard.quarantine.mutate({
        ...requestor,
        seconds: given.get(parameters.seconds),
        reason: given.get(parameters.reason),
      })
    : await client.guard.release.mutate(requestor);
  if (context.json) printJson(context, result);
  else output.stdout(`${address} is ${quarantines ? "quarantined" : "released"}.\n`);
  return 0;
}

/** Tells DHCPv6 clients to come back; fails where not one could be told. */
export async function requestReconfigure(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const ask = given.get(parameters.rebind)
    ? "rebind"
    : given.get(parameters.informationRequest)
      ? "information-request"
      : "renew";
  const target = given.get(parameters.reconfigureKey) ?? { kind: "all" as const };
  const outcome = await client.bindings.reconfigure.mutate({ ...instanceSelector(given), target, ask });
  print(context, outcome, (value) => renderReconfigured(value, ask));
  return outcome.started > 0 ? 0 : 1;
}

export async function clearServerStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const what = given.get(parameters.bulkConnections) ? ("bulk-leasequery-connections" as const) : undefined;
  const result = await client.statistics.clearServer.mutate({ family, ...instanceSelector(given), what });
  return print(context, result, () => `The ${what ?? "server"} statistics of DHCPv${family} are cleared.\n`);
}

export async function clearServerActiveStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const peerAddress = given.get(parameters.peer);
  const what = "active-leasequery" as const;
  const result = await client.statistics.clearServer.mutate({ family, ...instanceSelector(given), what, peerAddress });
  return print(context, result, () => `The active-leasequery statistics of ${peerAddress} are cleared.\n`);
}
