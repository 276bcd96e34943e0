import type {
  ConnectionPhase,
  Counter,
  EngineConnection,
  Family,
  InstanceSelector,
  ServerActivePeer,
  ServerBulkConnections,
} from "@leasewire/api";
import { ActiveAnswer, type Connection, type LeasequeryConnections } from "@leasewire/engines";
import { instancesMatching } from "../instances.ts";

/** A connection as it is shown. */
export function connectionView(connection: Readonly<Connection>): EngineConnection {
  const { family, instance, peerAddress, peerPort, localAddress, localPort, answers } = connection;
  return {
    id: String(connection.id),
    family,
    instance,
    peerAddress,
    peerPort,
    localAddress,
    localPort,
    phase: phaseOf(connection),
    tls: connection.secured,
    tlsPeer: connection.tlsPeer ?? null,
    sinceMs: connection.sinceMs,
    lastReceivedAtMs: connection.lastReceivedAtMs,
    lastSentAtMs: connection.lastSentAtMs,
    messagesReceived: connection.messagesReceived,
    messagesSent: connection.messagesSent,
    octetsSent: connection.octetsSent,
    backlogOctets: connection.backlogOctets,
    backlogChanges: streamsOf(connection).reduce((sum, stream) => sum + stream.backlogChanges, 0),
    queries: answers.map(({ xid, kind, key, phase, startedAtMs, told, progress }) => ({
      xid: `0x${xid.toString(16).padStart(family === 4 ? 8 : 6, "0")}`,
      kind,
      key,
      phase,
      startedAtMs,
      bindingsSent: told,
      percent: progress === null ? null : Math.floor(progress * 100),
    })),
  };
}

/** A requestor with an active query: `show dhcp[v6] server active-leasequery`. */
export function activePeer(connection: Readonly<Connection>, stream: ActiveAnswer): ServerActivePeer {
  const idleTimeoutSeconds = connection.scopes?.active?.idleTimeoutSeconds ?? 0;
  return {
    connectionId: String(connection.id),
    family: connection.family,
    address: connection.peerAddress,
    port: connection.peerPort,
    localAddress: connection.localAddress,
    localPort: connection.localPort,
    instance: connection.instance,
    role: "responder",
    state: stream.phase,
    tls: connection.secured,
    upSinceMs: stream.startedAtMs,
    bindingsSent: stream.told,
    idleTimeoutSeconds,
    timeoutSeconds: connection.scopes?.active?.timeoutSeconds ?? 0,
    keepalivePeriodSeconds: Math.min(idleTimeoutSeconds / 2, 60),
    lastSentAtMs: connection.lastSentAtMs,
    lastReceivedAtMs: connection.lastReceivedAtMs,
    lastBaseTimeSeconds: stream.lastBaseTimeSeconds,
    catchUpStartSeconds: stream.startSeconds ?? null,
    lastStatus: stream.lastStatus,
    backlogChanges: stream.backlogChanges,
    counters: streamCounters(stream),
  };
}

export function streamsOf({ answers }: Readonly<Connection>): ActiveAnswer[] {
  return answers.filter((answer): answer is ActiveAnswer => answer instanceof ActiveAnswer);
}

/** `show dhcp[v6] server statistics bulk-leasequery-connections`. */
export function bulkConnections(
  served: LeasequeryConnections,
  family: Family,
  selector: InstanceSelector,
  startedAtMs: number,
): ServerBulkConnections {
  const all = [...served.counters()].filter((one) => one.family === family);
  const names = new Set(
    instancesMatching(
      all.map(({ instance }) => instance),
      selector,
    ),
  );
  const chosen = all.filter(({ instance }) => names.has(instance)).map(({ counters }) => counters);
  const sum = (of: (counters: (typeof chosen)[number]) => number) =>
    chosen.reduce((total, counters) => total + of(counters), 0);
  const open = [...served.all()].filter((connection) => connection.family === family);
  const openNames = new Set(
    instancesMatching(
      open.map(({ instance }) => instance),
      selector,
    ),
  );
  return {
    family,
    sinceMs: chosen.length === 0 ? startedAtMs : Math.min(...chosen.map(({ sinceMs }) => sinceMs)),
    accepted: sum(({ accepted }) => accepted),
    notAccepted: sum(({ notAccepted }) => notAccepted),
    closedDueToError: sum(({ closedDueToError }) => closedDueToError),
    closedDueToMaxEmptyReplies: sum(({ closedDueToMaxEmptyReplies }) => closedDueToMaxEmptyReplies),
    inFlight: open.filter(({ instance }) => openNames.has(instance)).length,
  };
}

function streamCounters(stream: ActiveAnswer): Counter[] {
  return [
    { name: "messages", value: stream.messages, explanation: "Messages told on the stream." },
    {
      name: "keepalives",
      value: stream.keepalives,
      explanation: "Messages without a change, to show that all is well.",
    },
    { name: "data missing", value: stream.dataMissing, explanation: "Times that DataMissing was told." },
    { name: "catch-up complete", value: stream.catchUpComplete, explanation: "Times that CatchUpComplete was told." },
  ];
}

function phaseOf({ stage, answers }: Readonly<Connection>): ConnectionPhase {
  if (stage === "tls" || stage === "handshake") return "handshake";
  if (stage !== "open") return "closing";
  return answers[0]?.phase ?? "idle";
}
