import { z } from "zod";
import type { Family } from "./common.ts";
import type { Counter } from "./statistics.ts";

export const connectionId = z.object({ id: z.string().max(64) });

/**
 * Where a connection that a requestor opened stands. `handshake`: TLS is being agreed. `idle`: open, nothing is asked.
 * `bulk`: the bindings asked for are being sent. `catch-up`: what the requestor missed is being sent. `active`: changes
 * are told as they happen. `closing`: the last octets go out.
 */
export const connectionPhases = ["handshake", "idle", "bulk", "catch-up", "active", "closing"] as const;
export type ConnectionPhase = (typeof connectionPhases)[number];

export interface ServedQuery {
  /** Transaction id, hex. */
  readonly xid: string;
  readonly kind: "bulk" | "active";
  /** What is asked for, printable: `by relay-id 0x0011`, `all configured addresses`. */
  readonly key: string;
  readonly phase: "bulk" | "catch-up" | "active";
  readonly startedAtMs: number;
  /** Bindings told for this query. */
  readonly bindingsSent: number;
  /** How far the walk over the bindings is, 0 to 100; null where there is no end to it, or it is not known. */
  readonly percent: number | null;
}

/** A connection for bulk or active leasequery that a requestor opened, with its counters since it was accepted. */
export interface EngineConnection {
  readonly id: string;
  readonly family: Family;
  readonly instance: string;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly phase: ConnectionPhase;
  readonly tls: boolean;
  /** Name in the certificate of the requestor, printable; null without one. */
  readonly tlsPeer: string | null;
  readonly sinceMs: number;
  readonly lastReceivedAtMs: number | null;
  readonly lastSentAtMs: number | null;
  readonly messagesReceived: number;
  readonly messagesSent: number;
  readonly octetsSent: number;
  /** Octets that wait for the requestor to read. */
  readonly backlogOctets: number;
  /** Changes an active query has still to tell. */
  readonly backlogChanges: number;
  readonly queries: readonly ServedQuery[];
}

export interface ServedConnection extends EngineConnection {
  /** Over the last second or so; since it was accepted at the first look. */
  readonly messagesPerSecond: number;
}

/** A requestor with an active query: `show dhcp[v6] server active-leasequery`. */
export interface ServerActivePeer {
  readonly connectionId: string;
  readonly family: Family;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly instance: string;
  readonly role: "responder";
  readonly state: "bulk" | "catch-up" | "active";
  readonly tls: boolean;
  readonly upSinceMs: number;
  readonly bindingsSent: number;
  readonly idleTimeoutSeconds: number;
  readonly timeoutSeconds: number;
  readonly keepalivePeriodSeconds: number;
  readonly lastSentAtMs: number | null;
  readonly lastReceivedAtMs: number | null;
  /** Newest base-time told, unix seconds. */
  readonly lastBaseTimeSeconds: number | null;
  /** From when on changes were asked for; null: only from now on. */
  readonly catchUpStartSeconds: number | null;
  /** Last status told, by name; null when none was. */
  readonly lastStatus: string | null;
  readonly backlogChanges: number;
  /** Messages by type, keepalives, DataMissing, CatchUpComplete, errors. */
  readonly counters: readonly Counter[];
}

export interface ServerActive {
  readonly family: Family;
  readonly peers: readonly ServerActivePeer[];
}
