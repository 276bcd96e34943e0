import { formatClientIdentifier, formatDuid, formatIpv4, formatIpv6, formatMac } from "@leasewire/net";
import { chooseTargets, type Target } from "../common/targets.ts";
import { type Context, countersOf } from "./context.ts";
import { finishIfDone } from "./finish.ts";
import type { RequestorRefusal, RunKey, RunRequest } from "./messages.ts";
import { openQuery } from "./query.ts";
import type { Question } from "./question.ts";
import type { RequestorRelay } from "./relay.ts";
import type { Run, RunServer } from "./state.ts";

/** Starts a run: one query to each server that is asked. Refuses whole what cannot be asked. */
export function startRun(context: Context, request: RunRequest): void {
  const { state, now, out } = context;
  const { key } = request;
  const targets = selectTargets(context, request);
  if ("code" in targets) {
    out.refusal = targets;
    return;
  }
  const run: Run = {
    id: request.id,
    family: key.family,
    keyKind: key.kind,
    key: keyText(key),
    gatewayAddress: key.family === 4 ? formatIpv4(key.gatewayAddress) : null,
    linkAddress: key.family === 6 && key.linkAddress !== undefined ? formatIpv6(key.linkAddress) : null,
    command: request.command,
    startedBy: request.startedBy,
    startedAtMs: now,
    finishedAtMs: null,
    state: "running",
    outcome: `Asking ${targets.length === 1 ? "1 server" : `${targets.length} servers`}.`,
    servers: [],
    bindingIds: new Set(),
    exchanges: [],
    exchangeBytes: 0,
    exchangesLeftOut: 0,
    confirmedAtMs: null,
    confirmedBy: null,
    endings: [],
  };
  state.runs.set(run.id, run);
  out.runs.add(run.id);
  for (const relay of new Set(targets.map((target) => target.relay))) {
    countersOf(context, relay.family, relay.instance).totalQueries += 1;
  }
  for (const { relay, server } of targets) {
    const { address, port, group } = server;
    const runServer: RunServer = {
      run,
      relay,
      address,
      port,
      group,
      queries: [],
      confirmedReplies: 0,
      unconfirmedReplies: 0,
    };
    run.servers.push(runServer);
    openQuery(context, runServer, questionOf(key), null);
  }
  finishIfDone(context, run);
}

function selectTargets(context: Context, request: RunRequest): readonly Target<RequestorRelay>[] | RequestorRefusal {
  const { state } = context;
  const { limits } = state;
  let active = 0;
  for (const run of state.runs.values()) if (run.state === "running") active += 1;
  if (active >= limits.runsActiveMax) {
    return refusal(
      "limit",
      `${active} leasequery runs are under way, which is the limit (runsActiveMax): wait for one to end, or cancel one.`,
    );
  }
  const chosen = chooseTargets(
    state.relays.values(),
    { ...request, family: request.key.family },
    limits.serversPerRunMax,
    "leasequery",
  );
  if ("code" in chosen) return chosen;
  if (state.queries.size + chosen.length > limits.queriesInFlightMax) {
    return refusal(
      "limit",
      `${state.queries.size} queries wait for an answer; with ${chosen.length} more the limit of ${limits.queriesInFlightMax} (queriesInFlightMax) would be passed: wait for a run to end.`,
    );
  }
  return chosen;
}

function questionOf(key: RunKey): Question {
  switch (key.kind) {
    case "mac": {
      const { hardwareType, hardwareAddress, gatewayAddress } = key;
      return { family: 4, kind: "mac", hardwareType, hardwareAddress, gatewayAddress };
    }
    case "address":
      return key.family === 4
        ? { family: 4, kind: "address", address: key.address, gatewayAddress: key.gatewayAddress }
        : { family: 6, kind: "address", address: key.address, linkAddress: key.linkAddress };
    case "client-id":
      return key.family === 4
        ? { family: 4, kind: "client-id", clientId: key.clientId, gatewayAddress: key.gatewayAddress }
        : { family: 6, kind: "client-id", duid: key.duid, linkAddress: key.linkAddress };
  }
}

function keyText(key: RunKey): string {
  switch (key.kind) {
    case "mac":
      return formatMac(key.hardwareAddress);
    case "address":
      return key.family === 4 ? formatIpv4(key.address) : formatIpv6(key.address);
    case "client-id":
      return key.family === 4 ? formatClientIdentifier(key.clientId) : formatDuid(key.duid);
  }
}

function refusal(code: RequestorRefusal["code"], message: string): RequestorRefusal {
  return { code, message };
}
