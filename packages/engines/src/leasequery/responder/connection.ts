import type { InstanceName } from "@leasewire/net";
import type { FrameReader } from "@leasewire/wire";
import type { Answer } from "./answer.ts";
import type { ConnectionReason } from "./reasons.ts";
import type { ResponderPolicy, ResponderScopes4, ResponderScopes6 } from "./scopes.ts";

/** A connection that a requestor has opened to a server of this node. Addresses are canonical text without scope. */
export interface ConnectionArrival {
  readonly family: 4 | 6;
  readonly instance: InstanceName;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
}

/**
 * `open`: queries are taken. `tls`: TLS was granted, the answer goes out. `handshake`: TLS is being agreed. `ending`: what
 * is left goes out, then the end. `aborting`: closed as it is.
 */
export type ConnectionStage = "open" | "tls" | "handshake" | "ending" | "aborting";

export interface Connection extends ConnectionArrival {
  readonly id: number;
  readonly sinceMs: number;
  scopes: ResponderScopes4 | ResponderScopes6 | undefined;
  readonly frames: FrameReader;
  /** Whole queries that came and wait for others to be answered. */
  readonly waiting: Uint8Array[];
  /** Messages ready to be sent before anything else, behind their size. */
  readonly ready: Uint8Array[];
  /** In work, served in turn. */
  readonly answers: Answer[];
  turn: number;
  stage: ConnectionStage;
  reason: ConnectionReason | undefined;
  secured: boolean;
  tlsPeer: string | undefined;
  peerEnded: boolean;
  /** In a row. */
  emptyReplies: number;
  messagesReceived: number;
  messagesSent: number;
  octetsSent: number;
  /** Octets handed to the transport that it has not got rid of. */
  backlogOctets: number;
  lastReceivedAtMs: number | null;
  lastSentAtMs: number | null;
  /** Since when nothing is outstanding. */
  idleSinceMs: number;
  /** Since when the transport has not got rid of anything, while it has something. */
  blockedSinceMs: number;
}

export function policyOf({ scopes }: Connection): ResponderPolicy | undefined {
  return scopes;
}

/** Puts the size in front. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(2 + message.length);
  frame[0] = message.length >>> 8;
  frame[1] = message.length;
  frame.set(message, 2);
  return frame;
}
