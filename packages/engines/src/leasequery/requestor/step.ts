import { instanceMatches } from "../../instance-choice.ts";
import { onConfiguration } from "./configuration.ts";
import { type Context, countDrop, countNote } from "./context.ts";
import { onDatagram } from "./datagram.ts";
import { onDeadline } from "./deadline.ts";
import { finish } from "./finish.ts";
import { emptyOutput, type RequestorInput, type RequestorOutput } from "./messages.ts";
import { settleQuery } from "./query.ts";
import { startRun } from "./start-run.ts";
import type { RequestorState } from "./state.ts";
import { clearCounters } from "./statistics.ts";
import { remove } from "./waiting.ts";

/**
 * The individual leasequery requestor: decides what an input leads to. Changes `state` in place, and nothing else; the
 * same state, inputs, times and random numbers give the same outputs.
 *
 * `now` is milliseconds since 1970. `changes` go to the binding table before the next step, `sends` to the sockets.
 */
export function step(state: RequestorState, input: RequestorInput, now: number): RequestorOutput {
  const context: Context = { state, now, out: emptyOutput() };
  switch (input.kind) {
    case "start-run":
      startRun(context, input.request);
      break;
    case "datagram":
      onDatagram(context, input);
      break;
    case "deadline":
      onDeadline(context);
      break;
    case "configuration":
      onConfiguration(context, input.relays);
      break;
    case "cancel-run":
      cancelRun(context, input.id);
      break;
    case "send-failed":
      onSendFailed(context, input.xid, input.reason);
      break;
    case "change-refused":
      onChangeRefused(context, input.runId, input.bindingId, input.message);
      break;
    case "clear-statistics":
      for (const counters of state.counters.values()) {
        if (counters.family === input.family && instanceMatches(counters.instance, input)) {
          clearCounters(counters, input.what, now);
        }
      }
      break;
  }
  return context.out;
}

function cancelRun(context: Context, id: string): void {
  const run = context.state.runs.get(id);
  if (run === undefined) {
    context.out.refusal = { code: "run-unknown", message: `There is no leasequery run ${id} any more.` };
    return;
  }
  if (run.state !== "running") {
    context.out.refusal = { code: "run-finished", message: "The run is finished already: there is nothing to cancel." };
    return;
  }
  for (const reply of context.state.waiting.filter((waiting) => waiting.query.server.run === run)) {
    remove(context.state.waiting, reply);
  }
  for (const server of run.servers) {
    for (const query of server.queries) {
      if (query.state !== "pending" && query.state !== "waiting") continue;
      settleQuery(context, query, "cancelled", "Cancelled by the operator.");
    }
  }
  finish(context, run, "cancelled");
}

/** The query stays open: the next attempt may get through. */
function onSendFailed(context: Context, xid: number, reason: string): void {
  const query = context.state.queries.get(xid);
  if (query === undefined) return;
  const { relay, run, address } = query.server;
  query.sendError = reason;
  query.explanation = `error: ${reason} (sending to ${address}); it is tried again.`;
  countNote(context, relay.family, relay.instance, "send failed", 1, query.explanation);
  context.out.runs.add(run.id);
}

function onChangeRefused(context: Context, runId: string, bindingId: string, message: string): void {
  const run = context.state.runs.get(runId);
  if (run === undefined) return;
  run.bindingIds.delete(bindingId);
  for (const server of run.servers) {
    const query = server.queries.findLast((candidate) => candidate.state === "confirmed");
    if (query === undefined) continue;
    countDrop(context, server.relay.family, server.relay.instance, "processing aborted", message);
    query.state = "dropped";
    query.explanation = `The lease could not be recorded: ${message}`;
    context.out.runs.add(runId);
    if (run.state === "confirmed") finish(context, run, "failed");
    return;
  }
}
