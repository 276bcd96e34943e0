import { parameters } from "../grammar.ts";
import { renderStreamDetails, renderStreamStatistics, renderStreams } from "../render/streams.ts";
import { type CommandContext, CommandRefusal, type ExitCode, print } from "./context.ts";
import { instanceSelector } from "./instance.ts";

export async function showRelayActiveLeasequery(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given, now } = context;
  const all = await client.statistics.relayActive.query({ family, ...instanceSelector(given) });
  const address = given.get(parameters.peer);
  if (address === undefined) return print(context, all, ({ peers }) => renderStreams(peers));
  const peers = all.peers.filter((peer) => peer.server === address);
  if (peers.length === 0) {
    throw new CommandRefusal(
      `no relay has active leasequery of DHCPv${family} with ${address}: "show dhcp${family === 4 ? "" : "v6"} relay active-leasequery" lists the servers.`,
    );
  }
  const render = given.get(parameters.details) ? renderStreamDetails : renderStreamStatistics;
  return print(context, { ...all, peers }, () => render(peers, now()));
}

export async function requestActiveRestart(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const peerAddress = given.get(parameters.peer)!;
  const result = await client.streams.restart.mutate({
    family,
    ...instanceSelector(given),
    peerAddress,
    resync: given.get(parameters.resync),
  });
  const connections = result.restarted === 1 ? "1 connection" : `${result.restarted} connections`;
  return print(context, result, () => `${connections} to ${peerAddress} restarted.\n`);
}

export async function clearRelayActiveStatistics(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const peerAddress = given.get(parameters.peer);
  const what = "active-leasequery" as const;
  const result = await client.statistics.clear.mutate({ family, ...instanceSelector(given), what, peerAddress });
  return print(context, result, () => `The active-leasequery statistics of ${peerAddress} are cleared.\n`);
}
