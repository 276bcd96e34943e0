import type { LeasequeryRunDetail, LeasequeryStartInput } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import { renderBindingDetail } from "../render/binding.ts";
import { renderProgress, renderRun } from "../render/run.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { followRun } from "./follow-run.ts";
import { instanceSelector } from "./instance.ts";

const pollPeriodMs = 200;
/** How long a finished run may take to reach the database before we stop waiting and say so. */
const storeWaitMsMax = 5_000;

/** Starts the query, follows it to its end, and shows what each server said and what is known now. */
export function requestLeasequery(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  return queryIndividually(context, startInput(context, family));
}

export async function queryIndividually(context: CommandContext, input: LeasequeryStartInput): Promise<ExitCode> {
  const { client } = context;
  const { id } = await client.leasequery.start.mutate(input);
  const run = await followQuery(context, id);
  const bindings = await Promise.all(run.bindingIds.map((binding) => client.bindings.detail.query({ id: binding })));
  if (context.json) {
    printJson(context, { ...run, bindings: bindings.map((binding) => binding.row) });
  } else {
    context.output.stdout(renderRun(run));
    for (const binding of bindings) context.output.stdout(`\n${renderBindingDetail(binding, context.now() / 1000)}`);
  }
  return run.state === "confirmed" || run.state === "unconfirmed" ? 0 : 1;
}

function startInput({ arguments: given }: CommandContext, family: 4 | 6): LeasequeryStartInput {
  const target = {
    ...instanceSelector(given),
    serverAddress: given.get(parameters.serverAddress),
    serverGroup: given.get(parameters.serverGroup),
  };
  return family === 4
    ? {
        family,
        key: given.get(parameters.queryKey4)!,
        gatewayAddress: given.get(parameters.gatewayAddress)!,
        ...target,
      }
    : {
        family,
        key: given.get(parameters.queryKey6)!,
        linkAddress: given.get(parameters.linkAddress),
        ...target,
      };
}

function followQuery(context: CommandContext, id: string): Promise<LeasequeryRunDetail> {
  const { leasequery } = context.client;
  return followRun(context, {
    read: () => leasequery.run.query({ id }),
    cancel: () => leasequery.cancel.mutate({ id }),
    done: ({ finishedAtMs, stored, state }) => {
      if (finishedAtMs === null) return false;
      const settled = stored || state === "failed" || state === "cancelled";
      return settled || context.now() - finishedAtMs > storeWaitMsMax;
    },
    render: (run) => renderProgress(run, context.now()),
    pollPeriodMs,
  });
}
