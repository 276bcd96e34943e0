import type { LeasequeryRunDetail, LeasequeryStartInput } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import { renderBindingDetail } from "../render/binding.ts";
import { renderProgress, renderRun } from "../render/run.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
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
  const run = await followRun(context, id);
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

async function followRun(context: CommandContext, id: string): Promise<LeasequeryRunDetail> {
  const { client, output } = context;
  const interrupted = context.listenForInterrupt();
  let cancelled = false;
  let drawnLines = 0;
  for (;;) {
    if (interrupted.aborted && !cancelled) {
      cancelled = true;
      // It may have ended in this very moment; then its outcome is shown all the same.
      await client.leasequery.cancel.mutate({ id }).catch(() => undefined);
    }
    const run = await client.leasequery.run.query({ id });
    const finished = run.finishedAtMs !== null;
    const settled = run.stored || run.state === "failed" || run.state === "cancelled";
    const done = finished && (settled || context.now() - run.finishedAtMs > storeWaitMsMax);
    if (output.progressOnStderr) {
      const erase = drawnLines === 0 ? "" : `\u001b[${drawnLines}A\u001b[J`;
      const text = done ? "" : renderProgress(run, context.now());
      output.stderr(erase + text);
      drawnLines = text.split("\n").length - 1;
    }
    if (done) return run;
    await context.sleep(pollPeriodMs);
  }
}
