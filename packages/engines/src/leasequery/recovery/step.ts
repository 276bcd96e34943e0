import { instanceMatches } from "../../instance-choice.ts";
import { onConfiguration } from "./configuration.ts";
import type { Context } from "./context.ts";
import { onDeadline, onReading } from "./deadline.ts";
import { onDurable } from "./ledger.ts";
import { emptyRecoveryOutput, type RecoveryInput, type RecoveryOutput } from "./messages.ts";
import { onClosed } from "./on-closed.ts";
import { onConnected } from "./on-connected.ts";
import { onReceived } from "./on-received.ts";
import { onRestored } from "./on-restored.ts";
import { commandRun, startRun } from "./runs.ts";
import type { RecoveryState } from "./state.ts";
import { clearCounters } from "./statistics.ts";
import { onBindingsLost, restartStream } from "./streams.ts";

/**
 * Bulk runs and active streams: decides what an input leads to. Changes `state` and the binding tables it was made with,
 * in place, and nothing else; the same state, inputs, times and random numbers give the same outputs.
 *
 * `now` is milliseconds since 1970. Inputs of one connection come in the order in which they happened.
 */
export function stepRecovery(state: RecoveryState, input: RecoveryInput, now: number): RecoveryOutput {
  const context: Context = { state, now, out: emptyRecoveryOutput() };
  switch (input.kind) {
    case "received":
      onReceived(context, input.connection, input.bytes);
      break;
    case "connected":
      onConnected(context, input.connection, input.secure);
      break;
    case "closed":
      onClosed(context, input.connection, input.reason);
      break;
    case "durable":
      onDurable(context, input.family, input.sequence);
      break;
    case "deadline":
      onDeadline(context);
      break;
    case "configuration":
      onConfiguration(context, input.relays, input.requestedConnectionsMax);
      break;
    case "restored":
      onRestored(context, input);
      break;
    case "start-run":
      startRun(context, input.request);
      break;
    case "cancel-run":
    case "pause-run":
    case "resume-run":
    case "retry-run":
      commandRun(context, input.kind, input.id);
      break;
    case "reading":
      onReading(context, input.held);
      break;
    case "bindings-lost": {
      const relay = state.relays.get(`${input.family}|${input.instance}`);
      if (relay !== undefined) onBindingsLost(context, relay);
      break;
    }
    case "restart-stream": {
      const stream = state.streams.get(`${input.family}|${input.instance}|${input.server}`);
      if (stream === undefined)
        context.out.refusal = {
          code: "stream-unknown",
          message: `There is no active leasequery to ${input.server} in instance ${input.instance}: it needs "active-leasequery" and the server in a server group.`,
          field: "server",
        };
      else restartStream(context, stream, input.resync === true);
      break;
    }
    case "clear-statistics":
      clearCounters(state, input, now, (instance) => instanceMatches(instance, input));
  }
  return context.out;
}
