import { formatClientIdentifier, formatDuid, formatIpv4, formatIpv6, formatMac } from "@leasewire/net";
import { type Context, countersOf } from "./context.ts";
import { finishIfDone } from "./finish.ts";
import type { RequestorRefusal, RunKey, RunRequest } from "./messages.ts";
import { openQuery } from "./query.ts";
import type { Question } from "./question.ts";
import type { RequestorRelay, RequestorServer } from "./relay.ts";
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

interface Target {
  readonly relay: RequestorRelay;
  readonly server: RequestorServer;
}

function selectTargets(context: Context, request: RunRequest): readonly Target[] | RequestorRefusal {
  const { state } = context;
  const { limits } = state;
  const { family } = request.key;
  let active = 0;
  for (const run of state.runs.values()) if (run.state === "running") active += 1;
  if (active >= limits.runsActiveMax) {
    return refusal(
      "limit",
      `${active} leasequery runs are under way, which is the limit (runsActiveMax): wait for one to end, or cancel one.`,
    );
  }
  const relays = [...state.relays.values()].filter(
    (relay) => relay.family === family && instanceMatches(relay.instance, request),
  );
  if (relays.length === 0) return refusal("no-relay", noRelay(request));

  const targets = relays.flatMap((relay) => relay.servers.map((server) => ({ relay, server })));
  const word = family === 4 ? "dhcp-relay" : "dhcp-relay dhcpv6";
  if (targets.length === 0) {
    return refusal(
      "no-server",
      `The relay knows no server to ask: add "set forwarding-options ${word} server-group NAME ADDRESS".`,
    );
  }
  const chosen = targets.filter(
    ({ server }) =>
      (request.serverAddress === undefined || server.address === request.serverAddress) &&
      (request.serverGroup === undefined || server.group === request.serverGroup),
  );
  if (chosen.length === 0 && request.serverAddress !== undefined) {
    return {
      ...refusal(
        "server-unknown",
        `${request.serverAddress} is not a server of a relay that can ask: add "set forwarding-options ${word} server-group NAME ${request.serverAddress}", or choose one of ${some(targets.map(({ server }) => server.address))}.`,
      ),
      field: "serverAddress",
    };
  }
  if (chosen.length === 0) {
    return {
      ...refusal(
        "group-unknown",
        `No relay that can ask has a server group ${request.serverGroup} with servers: choose one of ${some(targets.flatMap(({ server }) => server.group ?? []))}.`,
      ),
      field: "serverGroup",
    };
  }
  if (chosen.length > limits.serversPerRunMax) {
    return refusal(
      "limit",
      `The query would go to ${chosen.length} servers; a run asks at most ${limits.serversPerRunMax} (serversPerRunMax): limit it by server-group, routing-instance or logical-system.`,
    );
  }
  if (state.queries.size + chosen.length > limits.queriesInFlightMax) {
    return refusal(
      "limit",
      `${state.queries.size} queries wait for an answer; with ${chosen.length} more the limit of ${limits.queriesInFlightMax} (queriesInFlightMax) would be passed: wait for a run to end.`,
    );
  }
  return chosen;
}

/** Whether an instance is meant by a command's tail; a part that is not given matches all. */
export function instanceMatches(
  instance: string,
  selector: { readonly logicalSystem?: string | undefined; readonly routingInstance?: string | undefined },
): boolean {
  const colon = instance.indexOf(":");
  return (
    (selector.logicalSystem === undefined || selector.logicalSystem === instance.slice(0, colon)) &&
    (selector.routingInstance === undefined || selector.routingInstance === instance.slice(colon + 1))
  );
}

function noRelay({ key, logicalSystem, routingInstance }: RunRequest): string {
  const where = [
    logicalSystem === undefined ? "" : `logical-systems ${logicalSystem} `,
    routingInstance === undefined ? "" : `routing-instances ${routingInstance} `,
  ].join("");
  const place = where === "" ? "" : ` in ${where.trim()}`;
  const word = key.family === 4 ? "dhcp-relay" : "dhcp-relay dhcpv6";
  return `No DHCPv${key.family} relay${place} can send leasequeries: add "set ${where}forwarding-options ${word} leasequery".`;
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

const namedMax = 5;

function some(names: readonly string[]): string {
  const unique = [...new Set(names)];
  if (unique.length === 0) return "none, as no group has a server";
  return unique.length <= namedMax ? unique.join(", ") : `${unique.slice(0, namedMax).join(", ")} …`;
}

function refusal(code: RequestorRefusal["code"], message: string): RequestorRefusal {
  return { code, message };
}
