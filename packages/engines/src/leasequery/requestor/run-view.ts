import type { Family } from "@leasewire/bindings";
import { isOpen, serverState } from "./finish.ts";
import type { KeyKind } from "./question.ts";
import type { Exchange, Query, Run, RunServer, RunState, ServerState } from "./state.ts";
import { attemptsOf, firstXid } from "./statistics.ts";

/** One server of a run, as it is shown: its queries taken together. */
export interface RunServerView {
  readonly instance: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  readonly serverGroup: string | null;
  readonly xid: string;
  readonly state: ServerState;
  readonly attempts: number;
  readonly attemptsMax: number;
  readonly nextAttemptAtMs: number | null;
  readonly roundTripMs: number | null;
  readonly explanation: string;
}

/** A run, copied out: it does not change when the run does. */
export interface RunView {
  readonly id: string;
  readonly family: Family;
  readonly keyKind: KeyKind;
  readonly key: string;
  readonly gatewayAddress: string | null;
  readonly linkAddress: string | null;
  readonly command: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
  readonly state: RunState;
  readonly outcome: string;
  readonly servers: readonly RunServerView[];
  readonly bindingIds: readonly string[];
}

export function viewRun(run: Run): RunView {
  return {
    id: run.id,
    family: run.family,
    keyKind: run.keyKind,
    key: run.key,
    gatewayAddress: run.gatewayAddress,
    linkAddress: run.linkAddress,
    command: run.command,
    startedBy: run.startedBy,
    startedAtMs: run.startedAtMs,
    finishedAtMs: run.finishedAtMs,
    state: run.state,
    outcome: run.outcome,
    servers: run.servers.map(viewServer),
    bindingIds: [...run.bindingIds],
  };
}

/** In order of time; messages beyond the limits of the run are not kept. */
export function exchangesOf(run: Run): readonly Exchange[] {
  return run.exchanges;
}

function viewServer(server: RunServer): RunServerView {
  const [first] = server.queries;
  const open = server.queries.filter(isOpen);
  const times = open.flatMap((query) => (query.deadlineMs !== null && willAskAgain(query) ? [query.deadlineMs] : []));
  return {
    instance: server.relay.instance,
    serverAddress: server.address,
    serverPort: server.port,
    serverGroup: server.group,
    xid: firstXid(server),
    state: serverState(server),
    attempts: attemptsOf(server),
    attemptsMax: server.queries.reduce((total, query) => total + query.attemptsMax, 0),
    nextAttemptAtMs: times.length === 0 ? null : Math.min(...times),
    roundTripMs: first?.roundTripMs ?? null,
    explanation: explanationOf(server),
  };
}

function willAskAgain(query: Query): boolean {
  const settled = query.label === null && query.server.run.confirmedAtMs !== null;
  return !settled && query.attempts < query.attemptsMax;
}

const explanationsMax = 4;

/** The one explanation of a plain query; with further queries, each with what it was about. */
function explanationOf(server: RunServer): string {
  const [first, ...others] = server.queries;
  if (first === undefined) return "";
  if (others.length === 0) return first.explanation;
  const parts = others.slice(0, explanationsMax).map((query) => `${query.label ?? "query"}: ${query.explanation}`);
  const more = others.length > explanationsMax ? ` And ${others.length - explanationsMax} more.` : "";
  return `${first.explanation} ${parts.join(" ")}${more}`;
}
