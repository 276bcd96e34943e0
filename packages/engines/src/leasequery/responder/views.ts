import type { InstanceName } from "@leasewire/net";
import { instanceParts } from "@leasewire/net";
import type { ServerSelector } from "../../server-common/counters.ts";
import { ActiveAnswer } from "./active.ts";
import type { Connection } from "./connection.ts";
import type { LeasequeryConnections } from "./connections.ts";
import { KEEPALIVE_SECONDS_MAX, TIMEOUT_SECONDS_DEFAULT } from "./limits.ts";
import { type ConnectionReason, REASONS } from "./reasons.ts";

/** What pages and commands show of served connections: plain values, copied out. */

export interface ConnectionView {
  readonly id: string;
  readonly family: 4 | 6;
  readonly instance: InstanceName;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly phase: "handshake" | "idle" | "bulk" | "catch-up" | "active" | "closing";
  readonly tls: boolean;
  /** Name in the certificate of the requestor as it came: to be made printable. */
  readonly tlsPeer: string | null;
  readonly sinceMs: number;
  readonly lastReceivedAtMs: number | null;
  readonly lastSentAtMs: number | null;
  readonly messagesReceived: number;
  readonly messagesSent: number;
  readonly octetsSent: number;
  readonly backlogOctets: number;
  readonly backlogChanges: number;
  readonly queries: readonly {
    readonly xid: string;
    readonly kind: "bulk" | "active";
    readonly key: string;
    readonly phase: "bulk" | "catch-up" | "active";
    readonly startedAtMs: number;
    readonly bindingsSent: number;
    /** 0 to 100; null where it is not known. */
    readonly percent: number | null;
  }[];
}

export interface ActiveStreamView {
  readonly connectionId: string;
  readonly family: 4 | 6;
  readonly instance: InstanceName;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly state: "catch-up" | "active";
  readonly tls: boolean;
  readonly upSinceMs: number;
  readonly bindingsSent: number;
  readonly idleTimeoutSeconds: number;
  readonly timeoutSeconds: number;
  readonly keepalivePeriodSeconds: number;
  readonly lastSentAtMs: number | null;
  readonly lastReceivedAtMs: number | null;
  readonly lastBaseTimeSeconds: number | null;
  readonly catchUpStartSeconds: number | null;
  readonly lastStatus: string | null;
  readonly backlogChanges: number;
  readonly counters: readonly { readonly name: string; readonly value: number }[];
}

export interface BulkConnectionsView {
  readonly sinceMs: number;
  readonly accepted: number;
  readonly notAccepted: number;
  readonly closedDueToError: number;
  readonly closedDueToMaxEmptyReplies: number;
  readonly inFlight: number;
  readonly reasons: readonly {
    readonly name: ConnectionReason;
    readonly value: number;
    readonly explanation: string;
  }[];
}

export type ConnectionSelector = ServerSelector & { readonly family?: 4 | 6 | undefined };

/** Oldest first. */
export function connectionViews(engine: LeasequeryConnections, selector: ConnectionSelector): ConnectionView[] {
  return [...engine.all()].filter((one) => isSelected(one, selector)).map(connectionView);
}

export function connectionView(connection: Readonly<Connection>): ConnectionView {
  const { answers } = connection;
  const stream = answers.find((answer): answer is ActiveAnswer => answer instanceof ActiveAnswer);
  return {
    id: String(connection.id),
    family: connection.family,
    instance: connection.instance,
    peerAddress: connection.peerAddress,
    peerPort: connection.peerPort,
    localAddress: connection.localAddress,
    localPort: connection.localPort,
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
    backlogChanges: stream?.backlogChanges ?? 0,
    queries: answers.map((answer) => ({
      xid: answer.xid.toString(16).padStart(connection.family === 4 ? 8 : 6, "0"),
      kind: answer.kind,
      key: answer.key,
      phase: answer.phase,
      startedAtMs: answer.startedAtMs,
      bindingsSent: answer.told,
      percent: answer.progress === null ? null : Math.floor(answer.progress * 100),
    })),
  };
}

export function activeStreamViews(engine: LeasequeryConnections, selector: ConnectionSelector): ActiveStreamView[] {
  const views: ActiveStreamView[] = [];
  for (const connection of engine.all()) {
    if (!isSelected(connection, selector)) continue;
    for (const answer of connection.answers) {
      if (!(answer instanceof ActiveAnswer)) continue;
      const idleTimeoutSeconds = connection.scopes?.active?.idleTimeoutSeconds ?? KEEPALIVE_SECONDS_MAX;
      views.push({
        connectionId: String(connection.id),
        family: connection.family,
        instance: connection.instance,
        address: connection.peerAddress,
        port: connection.peerPort,
        localAddress: connection.localAddress,
        localPort: connection.localPort,
        state: answer.phase,
        tls: connection.secured,
        upSinceMs: answer.startedAtMs,
        bindingsSent: answer.told,
        idleTimeoutSeconds,
        timeoutSeconds: connection.scopes?.active?.timeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT,
        keepalivePeriodSeconds: Math.min(idleTimeoutSeconds / 2, KEEPALIVE_SECONDS_MAX),
        lastSentAtMs: connection.lastSentAtMs,
        lastReceivedAtMs: connection.lastReceivedAtMs,
        lastBaseTimeSeconds: answer.lastBaseTimeSeconds,
        catchUpStartSeconds: answer.startSeconds ?? null,
        lastStatus: answer.lastStatus,
        backlogChanges: answer.backlogChanges,
        counters: [
          { name: "messages", value: answer.messages },
          { name: "bindings", value: answer.told },
          { name: "keepalives", value: answer.keepalives },
          { name: "CatchUpComplete", value: answer.catchUpComplete },
          { name: "DataMissing", value: answer.dataMissing },
        ],
      });
    }
  }
  return views;
}

/** Counters of the chosen instances together. `now` where nothing was counted. */
export function bulkConnectionsView(
  engine: LeasequeryConnections,
  selector: ConnectionSelector,
  now: number,
): BulkConnectionsView {
  const sums = { accepted: 0, notAccepted: 0, closedDueToError: 0, closedDueToMaxEmptyReplies: 0 };
  const reasons = new Map<ConnectionReason, number>();
  let sinceMs = now;
  for (const { family, instance, counters } of engine.counters()) {
    if (!isSelected({ family, instance }, selector)) continue;
    sinceMs = Math.min(sinceMs, counters.sinceMs);
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += counters[name];
    for (const [reason, value] of counters.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + value);
  }
  return {
    sinceMs,
    ...sums,
    inFlight: [...engine.all()].filter((one) => isSelected(one, selector)).length,
    reasons: Array.from(reasons, ([name, value]) => ({ name, value, explanation: REASONS[name] })),
  };
}

function phaseOf({ stage, answers }: Readonly<Connection>): ConnectionView["phase"] {
  if (stage === "tls" || stage === "handshake") return "handshake";
  if (stage === "ending" || stage === "aborting") return "closing";
  return answers.find(({ kind }) => kind === "active")?.phase ?? (answers.length > 0 ? "bulk" : "idle");
}

function isSelected(
  { family, instance }: { readonly family: 4 | 6; readonly instance: InstanceName },
  selector: ConnectionSelector,
): boolean {
  const { logicalSystem = "default", routingInstance = "default" } = instanceParts(instance);
  return (
    (selector.family === undefined || selector.family === family) &&
    (selector.logicalSystem === undefined || selector.logicalSystem === logicalSystem) &&
    (selector.routingInstance === undefined || selector.routingInstance === routingInstance)
  );
}
