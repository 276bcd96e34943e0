import type { BulkRun, BulkStartInput } from "@leasewire/api";
import { secondsAt, type TimeText } from "@leasewire/net";
import { parameters } from "../grammar.ts";
import { renderBulkProgress, renderBulkRun, renderComparison, renderGroups, renderRuns } from "../render/recovery.ts";
import { type CommandContext, CommandRefusal, type ExitCode, print } from "./context.ts";
import { followRun } from "./follow-run.ts";
import { instanceSelector } from "./instance.ts";
import { queryIndividually } from "./request-leasequery.ts";

const pollPeriodMs = 250;
/** How long a finished run may take to reach the database before we stop waiting and say so. */
const storeWaitMsMax = 30_000;
const runsShown = 50;

/** Starts a bulk query, follows it to its end, and shows what each server told. */
export async function requestBulkLeasequery(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const key4 = given.get(parameters.bulkKey4);
  if (family === 4 && key4?.kind === "address") return askIndividually(context, key4.address);
  const { id } = await client.recovery.start.mutate(startInput(context, family));
  return showRun(context, await followBulkRun(context, id));
}

/** `request recovery retry`: as the request that began the run. */
export async function followAgain(context: CommandContext): Promise<ExitCode> {
  const { id } = await context.client.recovery.retry.mutate({ id: context.arguments.get(parameters.runId)! });
  return showRun(context, await followBulkRun(context, id));
}

export async function requestRecovery(
  context: CommandContext,
  action: "pause" | "resume" | "cancel",
): Promise<ExitCode> {
  const id = context.arguments.get(parameters.runId)!;
  const run = await context.client.recovery[action].mutate({ id });
  return print(context, run, () => `Run ${id} is ${run.state}.\n`);
}

export async function showRecoveryRuns(context: CommandContext): Promise<ExitCode> {
  return print(context, await context.client.recovery.list.query({ limit: runsShown }), renderRuns);
}

export async function showRecoveryRun(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const id = given.get(parameters.runId)!;
  const [run, groups] = await Promise.all([client.recovery.get.query({ id }), client.recovery.groups.query({ id })]);
  return print(context, { ...run, ...groups }, () => `${renderBulkRun(run)}\n${renderGroups(groups)}`);
}

export async function showRecoveryComparison(context: CommandContext): Promise<ExitCode> {
  const { client, arguments: given } = context;
  const first = given.get(parameters.runId)!;
  const second = given.get(parameters.otherRunId)!;
  return print(context, await client.recovery.compare.query({ first, second }), renderComparison);
}

function showRun(context: CommandContext, run: BulkRun): ExitCode {
  print(context, run, renderBulkRun);
  return run.state === "complete" ? 0 : 1;
}

function startInput(context: CommandContext, family: 4 | 6): BulkStartInput {
  const { arguments: given, now } = context;
  const seconds = (time: TimeText | undefined) => time && secondsAt(time, now() / 1000);
  const qualifiers = {
    ...instanceSelector(given),
    serverAddress: given.get(parameters.serverAddress),
    serverGroup: given.get(parameters.serverGroup),
    queryStartTimeSeconds: seconds(given.get(parameters.queryStartTime)),
    queryEndTimeSeconds: seconds(given.get(parameters.queryEndTime)),
    incremental: given.get(parameters.incremental),
  };
  return family === 4
    ? { family, key: key4(context), ...qualifiers }
    : { family, key: key6(context), ...qualifiers, linkAddress: given.get(parameters.onLink) };
}

function key4({ arguments: given }: CommandContext): Extract<BulkStartInput, { family: 4 }>["key"] {
  const key = given.get(parameters.bulkKey4);
  const remoteId = given.get(parameters.remoteId4);
  if (key?.kind === "mac" || key?.kind === "client-id") return key;
  if (remoteId !== undefined) return { kind: "remote-id", remoteId };
  if (given.get(parameters.allConfigured)) return { kind: "all-configured" };
  // No key at all means the relay itself (RFC 6926 would take it for all configured addresses).
  return { kind: "relay-id", relayId: given.get(parameters.relayId) };
}

function key6({ arguments: given }: CommandContext): Extract<BulkStartInput, { family: 6 }>["key"] {
  const key = given.get(parameters.bulkKey6);
  const remoteId = given.get(parameters.remoteId6);
  const linkAddress = given.get(parameters.linkAddr);
  if (key !== undefined) return key;
  if (remoteId !== undefined) return { kind: "remote-id", remoteId };
  if (linkAddress !== undefined) return { kind: "link-address", linkAddress };
  return { kind: "relay-id", relayId: given.get(parameters.relayId) };
}

/** DHCPv4 bulk leasequery has no query by address (RFC 6926 §8.2). */
async function askIndividually(context: CommandContext, address: string): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const selector = instanceSelector(given);
  for (const qualifier of [parameters.queryStartTime, parameters.queryEndTime, parameters.incremental]) {
    if (given.get<unknown>(qualifier) !== undefined) {
      throw new CommandRefusal(
        `an address is asked for individually, and there "${qualifier.word}" means nothing: leave it out.`,
      );
    }
  }
  const { relays } = await client.leasequery.targets.query();
  const gatewayAddress = relays.find(
    ({ family, instance, unavailable, gatewayAddress }) =>
      family === 4 &&
      gatewayAddress !== null &&
      unavailable === null &&
      (selector.logicalSystem === undefined || instance.split(":")[0] === selector.logicalSystem) &&
      (selector.routingInstance === undefined || instance.split(":")[1] === selector.routingInstance),
  )?.gatewayAddress;
  if (gatewayAddress === undefined || gatewayAddress === null) {
    throw new CommandRefusal(
      `DHCPv4 has no bulk query by address, and no relay has an address of its own to ask individually from: use "request dhcp relay leasequery ${address} gateway-address ADDRESS".`,
    );
  }
  output.stderr("DHCPv4 has no bulk query by address: asked by individual leasequery.\n");
  return queryIndividually(context, {
    family: 4,
    key: { kind: "address", address },
    gatewayAddress,
    ...selector,
    serverAddress: given.get(parameters.serverAddress),
    serverGroup: given.get(parameters.serverGroup),
  });
}

function followBulkRun(context: CommandContext, id: string): Promise<BulkRun> {
  const { recovery } = context.client;
  return followRun(context, {
    read: () => recovery.get.query({ id }),
    cancel: () => recovery.cancel.mutate({ id }),
    done: (run) => run.finishedAtMs !== null && (run.stored || context.now() - run.finishedAtMs > storeWaitMsMax),
    render: (run) => renderBulkProgress(run, context.now()),
    pollPeriodMs,
  });
}
