import type {
  Answer,
  ClearServerStatisticsInput,
  Counter,
  EngineConnection,
  EnginePools,
  Family,
  GuardLimits,
  GuardQuarantineInput,
  GuardReleaseInput,
  GuardRequestor,
  GuardView,
  InstanceSelector,
  Refusal,
  ServedInput,
  ServerActive,
  ServerBulkConnections,
  ServerStatistics,
} from "@leasewire/api";
import { guardRequestorsShownMax } from "@leasewire/api";
import {
  ActiveAnswer,
  activeStreamViews,
  bulkConnectionsView,
  type ConnectionView,
  connectionView,
  connectionViews,
  type Requestor,
  type ServerCounterView,
} from "@leasewire/engines";
import { formatOpaque, type InstanceName } from "@leasewire/net";
import { canonicalAddress } from "../canonical-address.ts";
import { instancesMatching } from "../instances.ts";
import type { LocalServers } from "./local-servers.ts";
import { poolId, poolView, runningServer } from "./pool-views.ts";

const families = [4, 6] as const;

/** What people and metrics see of the local servers, and what people do to them. */
export class ServerDesk {
  readonly #servers: LocalServers;
  readonly #now: () => number;

  constructor(servers: LocalServers, now: () => number) {
    this.#servers = servers;
    this.#now = now;
  }

  pools(input: ServedInput): EnginePools {
    this.#servers.followTables();
    const statistics = new Map(
      families.flatMap((family) =>
        this.#servers
          .engine(family)
          .poolStatistics()
          .map((one) => [poolId({ family, ...one }), one] as const),
      ),
    );
    const { pools, configurations } = this.#servers;
    return {
      pools: selected(pools, input).map((pool) => poolView(pool, statistics.get(poolId(pool)))),
      servers: selected(configurations, input).flatMap((server) => {
        const socket = this.#servers.socketOf(server.family, server.instance);
        return socket === undefined ? [] : [runningServer(server, socket.datagrams.port)];
      }),
    };
  }

  connections(input: ServedInput): readonly EngineConnection[] {
    return connectionViews(this.#servers.served, input).map(printable);
  }

  closeConnection(id: string): Answer<EngineConnection> {
    const { served } = this.#servers;
    const connection = served.connection(Number(id));
    if (connection === undefined) {
      return refuse("NOT_FOUND", `There is no connection ${JSON.stringify(id)} any more.`, "id");
    }
    served.close(connection.id, this.#now());
    return { ok: true, value: printable(connectionView(connection)) };
  }

  statistics(family: Family, selector: InstanceSelector): ServerStatistics {
    const now = this.#now();
    const server = this.#servers.engine(family).statistics(selector, now);
    const queries = this.#servers.queries.counters(family, selector);
    const connections = this.#connectionCounters(family, selector);
    const [query, answer] =
      family === 4 ? ["DHCPLEASEQUERY", "answers to DHCPLEASEQUERY"] : ["LEASEQUERY", "LEASEQUERY-REPLY"];
    const drops = merged(server.drops, queries.drops, connections.reasons);
    return {
      family,
      sinceMs: Math.min(server.sinceMs, ...queries.sinceMs, connections.sinceMs),
      dropsTotal: drops.reduce((sum, { value }) => sum + value, 0),
      drops,
      notes: server.notes,
      received: merged(
        server.received,
        counted(query!, queries.received, "Queries over UDP, one by one."),
        connections.received,
      ),
      sent: merged(server.sent, counted(answer!, queries.sent, "Answers over UDP."), connections.sent),
    };
  }

  bulkConnections(family: Family, selector: InstanceSelector): ServerBulkConnections {
    const { reasons: _reasons, ...view } = bulkConnectionsView(
      this.#servers.served,
      { family, ...selector },
      this.#now(),
    );
    return { family, ...view };
  }

  active(family: Family, selector: InstanceSelector): ServerActive {
    const peers = activeStreamViews(this.#servers.served, { family, ...selector });
    return {
      family,
      peers: peers.map(({ counters, ...peer }) => ({
        ...peer,
        role: "responder",
        counters: counters.map(({ name, value }) => ({ name, value, explanation: streamCounters[name] ?? "" })),
      })),
    };
  }

  clearStatistics({ family, what, peerAddress, ...selector }: ClearServerStatisticsInput): void {
    const now = this.#now();
    const { served } = this.#servers;
    if (what !== "bulk-leasequery-connections") {
      for (const connection of selected([...served.all()], { family, ...selector })) {
        if (peerAddress !== undefined && connection.peerAddress !== canonicalAddress(family, peerAddress.trim()))
          continue;
        for (const answer of connection.answers) if (answer instanceof ActiveAnswer) clearStream(answer);
      }
    }
    if (what !== "active-leasequery") served.clearCounters({ family, ...selector }, now);
    if (what !== undefined) return;
    this.#servers.engine(family).clearStatistics(selector, now);
    this.#servers.queries.clearCounters(family, selector, now);
  }

  guard(input: ServedInput): GuardView {
    const requestors = this.#servers.guard.view(input, this.#now());
    return {
      limits: selected(this.#servers.configurations, input).map(
        ({ family, instance, leasequeryGuard }): GuardLimits => ({ family, instance, ...leasequeryGuard }),
      ),
      requestors: requestors
        .slice(0, guardRequestorsShownMax)
        .map((one): GuardRequestor => ({ ...one, id: `${one.family}/${one.instance}/${one.address}` })),
      total: requestors.length,
    };
  }

  quarantine(input: GuardQuarantineInput, by: string): Answer<{ readonly changed: number }> {
    const found = this.#requestors(input);
    if (!found.ok) return found;
    const now = this.#now();
    for (const { requestor, quarantineSeconds } of found.value) {
      const untilMs = now + (input.seconds ?? quarantineSeconds) * 1000;
      const reason = input.reason?.trim() || "put there by hand";
      this.#servers.guard.quarantine(requestor, { sinceMs: now, untilMs, reason, by });
    }
    return { ok: true, value: { changed: found.value.length } };
  }

  release(input: GuardReleaseInput): Answer<{ readonly changed: number }> {
    const found = this.#requestors(input);
    if (!found.ok) return found;
    const now = this.#now();
    const changed = found.value.filter(({ requestor }) => this.#servers.guard.release(requestor, now)).length;
    if (changed > 0) return { ok: true, value: { changed } };
    return refuse("NOT_FOUND", `${input.address.trim()} is not in quarantine.`, "address");
  }

  /** Counters and gauges for /metrics. */
  metrics(add: (name: string, value: number, labels?: Record<string, string>) => void): void {
    const servers = this.#servers;
    for (const { family, instance } of servers.configurations) {
      const labels = { family: String(family), instance };
      const selector = selectorOf(instance);
      const { received, sent, drops, notes } = this.statistics(family, selector);
      for (const { name, value } of received) add("server_received_total", value, { ...labels, message: name });
      for (const { name, value } of sent) add("server_sent_total", value, { ...labels, message: name });
      for (const { name, value } of drops) add("server_drops_total", value, { ...labels, reason: name });
      for (const { name, value } of notes) add("server_notes_total", value, { ...labels, note: name });
      const bulk = this.bulkConnections(family, selector);
      add("server_connections", bulk.inFlight, labels);
      add("server_connections_accepted_total", bulk.accepted, labels);
      add("server_connections_not_accepted_total", bulk.notAccepted, labels);
      add("server_connections_broken_total", bulk.closedDueToError, labels);
    }
    for (const pool of this.pools({}).pools) {
      const labels = { family: String(pool.family), instance: pool.instance, pool: pool.name };
      for (const state of ["active", "offered", "declined", "reserved", "free"] as const) {
        add("pool_addresses", pool[state], { ...labels, state });
      }
    }
    for (const socket of servers.sockets) {
      const labels = { family: String(socket.family), instance: socket.instance };
      const { received, sent, sendFailed, sendDropped, lost } = socket.datagrams.statistics();
      add("server_datagrams_received_total", received, labels);
      add("server_datagrams_sent_total", sent, labels);
      add("server_datagrams_send_failed_total", sendFailed + sendDropped, labels);
      if (lost !== null) add("server_datagrams_lost_total", lost, labels);
    }
    const requestors = servers.guard.view({}, this.#now());
    add("guard_requestors", requestors.length);
    add("guard_quarantined", requestors.filter(({ quarantine }) => quarantine !== null).length);
    add("guard_forgotten_total", servers.guard.forgotten);
    add("server_promises_waiting", servers.gate.waiting);
    add("server_promises_given_up_total", servers.gate.dropped);
    add("server_changes_refused_total", servers.refusedChanges);
  }

  #connectionCounters(family: Family, selector: InstanceSelector) {
    const { served } = this.#servers;
    const view = bulkConnectionsView(served, { family, ...selector }, this.#now());
    const messages = selected([...served.counters()], { family, ...selector });
    const named = (of: "received" | "sent") =>
      messages.flatMap((one) =>
        [...one.messages[of]].map(([name, value]) => ({ name, value, explanation: "On connections." })),
      );
    return {
      sinceMs: view.sinceMs,
      reasons: view.reasons.filter(({ name }) => !inOrder.has(name)),
      received: named("received"),
      sent: named("sent"),
    };
  }

  /** The requestor at every server that the selector means. */
  #requestors(
    input: GuardReleaseInput,
  ): Answer<readonly { readonly requestor: Requestor; readonly quarantineSeconds: number }[]> {
    const { family } = input;
    const address = canonicalAddress(family, input.address.trim());
    if (address === undefined) {
      return refuse("BAD_REQUEST", `${JSON.stringify(input.address)} is not an IPv${family} address.`, "address");
    }
    const servers = selected(this.#servers.configurations, input);
    if (servers.length === 0) {
      const words = family === 4 ? "dhcp-local-server" : "dhcp-local-server dhcpv6";
      return refuse("CONFLICT", `No DHCPv${family} local server is running there: set system services ${words} …`);
    }
    return {
      ok: true,
      value: servers.map(({ instance, leasequeryGuard }) => ({
        requestor: { family, instance, address },
        quarantineSeconds: leasequeryGuard.quarantineSeconds,
      })),
    };
  }
}

const streamCounters: Readonly<Record<string, string>> = {
  messages: "Messages told on the stream.",
  bindings: "Changes of bindings among them.",
  keepalives: "Messages without a change, to show that all is well.",
  CatchUpComplete: "Times that the requestor was told that it has caught up.",
  DataMissing: "Times that the requestor was told that changes are missing.",
};

function clearStream(stream: ActiveAnswer): void {
  stream.messages = 0;
  stream.told = 0;
  stream.keepalives = 0;
  stream.catchUpComplete = 0;
  stream.dataMissing = 0;
}

/** A name in a certificate is text from outside. */
function printable(view: ConnectionView): EngineConnection {
  const { tlsPeer } = view;
  return { ...view, tlsPeer: tlsPeer === null ? null : formatOpaque(new TextEncoder().encode(tlsPeer)) };
}

/** Reasons for which connections end in good order: no drops. */
const inOrder: ReadonlySet<string> = new Set(["peer-closed", "idle", "stopped", "operator", "reconfigured"]);

function selected<T extends { readonly family: Family; readonly instance: InstanceName }>(
  all: readonly T[],
  { family, ...selector }: ServedInput,
): T[] {
  const names = new Set(
    instancesMatching(
      all.map(({ instance }) => instance),
      selector,
    ),
  );
  return all.filter((one) => (family === undefined || one.family === family) && names.has(one.instance));
}

function selectorOf(instance: InstanceName): InstanceSelector {
  const colon = instance.indexOf(":");
  return { logicalSystem: instance.slice(0, colon), routingInstance: instance.slice(colon + 1) };
}

function counted(name: string, value: number, explanation: string): Counter[] {
  return value === 0 ? [] : [{ name, value, explanation }];
}

function merged(...lists: readonly (readonly (Counter | ServerCounterView)[])[]): Counter[] {
  const sums = new Map<string, Counter>();
  for (const counter of lists.flat()) {
    const { name, value, explanation } = counter;
    const known = sums.get(name);
    sums.set(name, { name, value: (known?.value ?? 0) + value, explanation: known?.explanation ?? explanation });
  }
  return [...sums.values()].filter(({ value }) => value > 0).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function refuse(code: Refusal["code"], message: string, field?: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message, field } };
}
