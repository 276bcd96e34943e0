import type { Context } from "./context.ts";
import { endBindings } from "./record.ts";
import type { Query, QueryState, Run, RunServer, RunState, ServerState } from "./state.ts";

/** What became of a server, from its queries: a lease anywhere outweighs every other answer. */
export function serverState(server: RunServer): ServerState {
  for (const state of precedence) {
    if (server.queries.some((query) => query.state === state)) {
      return state === "pending" || state === "waiting" ? "querying" : state;
    }
  }
  // Every answer only listed links, and none of them could be asked.
  return "unconfirmed";
}

const precedence = [
  "pending",
  "waiting",
  "confirmed",
  "refused",
  "dropped",
  "error",
  "silent",
  "unconfirmed",
  "cancelled",
] as const satisfies readonly Exclude<QueryState, "followed">[];

/** The run ends once none of its queries is open: then leases that no server confirmed end, and the outcome is told. */
export function finishIfDone(context: Context, run: Run): void {
  if (run.state !== "running") return;
  if (run.servers.some((server) => server.queries.some(isOpen))) return;
  finish(context, run, stateOf(run));
}

export function finish(context: Context, run: Run, state: RunState): void {
  run.state = state;
  run.finishedAtMs = context.now;
  const ended = state === "unconfirmed" || state === "failed" ? endBindings(context, run) : 0;
  run.endings.length = 0;
  run.outcome = outcomeOf(run, ended);
  context.out.runs.add(run.id);
  forgetOldRuns(context);
}

export function isOpen(query: Query): boolean {
  return query.state === "pending" || query.state === "waiting";
}

function stateOf(run: Run): RunState {
  const states = new Set(run.servers.map(serverState));
  if (states.has("confirmed")) return "confirmed";
  if (states.has("unconfirmed")) return "unconfirmed";
  return "failed";
}

function outcomeOf(run: Run, ended: number): string {
  const subject = subjectOf(run);
  const states = run.servers.map((server) => ({ server, state: serverState(server) }));
  const having = (state: ServerState) => states.filter((entry) => entry.state === state);
  switch (run.state) {
    case "confirmed": {
      const leases = run.bindingIds.size;
      const by = having("confirmed").map(({ server }) => server.address);
      const what = leases === 1 ? "1 lease" : `${leases} leases`;
      return `${listed(by)} confirmed ${what} for ${subject}.`;
    }
    case "unconfirmed": {
      const by = having("unconfirmed").map(({ server }) => server.address);
      const rest = states.length - by.length;
      const mark =
        ended === 0 ? "" : ` ${ended === 1 ? "The stored binding was" : `${ended} stored bindings were`} ended.`;
      const others =
        rest === 0 ? "" : ` ${rest === 1 ? "One other server" : `${rest} other servers`} gave no usable answer.`;
      return `No lease for ${subject}, says ${listed(by)}.${mark}${others}`;
    }
    case "cancelled":
      return "Cancelled before every server had answered.";
    default:
      return failedOutcome(subject, states);
  }
}

function failedOutcome(subject: string, states: readonly { server: RunServer; state: ServerState }[]): string {
  const only = states[0];
  if (states.length === 1 && only !== undefined) {
    const last = only.server.queries.find((query) => query.state === only.state) ?? only.server.queries[0];
    return `Nothing learned about ${subject}: ${only.server.address}: ${last?.explanation ?? only.state}`;
  }
  const counts = new Map<ServerState, number>();
  for (const { state } of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = [...counts].map(([state, count]) => `${count} ${failureWords[state]}`);
  return `Nothing learned about ${subject}: of ${states.length} servers ${parts.join(", ")}.`;
}

const failureWords: Record<ServerState, string> = {
  querying: "still asked",
  confirmed: "confirmed",
  unconfirmed: "knew nothing",
  refused: "refused",
  dropped: "gave an answer that could not be used",
  silent: "gave no answer",
  error: "could not be reached",
  cancelled: "cancelled",
};

function subjectOf(run: Run): string {
  switch (run.keyKind) {
    case "address":
      return run.key;
    case "mac":
      return `MAC address ${run.key}`;
    case "client-id":
      return `client ${run.key}`;
  }
}

const listedMax = 3;

function listed(addresses: readonly string[]): string {
  const unique = [...new Set(addresses)];
  if (unique.length > listedMax)
    return `${unique.slice(0, listedMax).join(", ")} and ${unique.length - listedMax} more`;
  return unique.length < 2 ? (unique[0] ?? "no server") : `${unique.slice(0, -1).join(", ")} and ${unique.at(-1)}`;
}

function forgetOldRuns(context: Context): void {
  const { runs, limits } = context.state;
  let finished = 0;
  for (const run of runs.values()) if (run.state !== "running") finished += 1;
  for (const run of runs.values()) {
    if (finished <= limits.runsRememberedMax) return;
    if (run.state === "running") continue;
    runs.delete(run.id);
    finished -= 1;
  }
}
