import type { Family } from "@leasewire/bindings";
import type { InstanceName, Ipv6Address } from "@leasewire/net";
import type { RequestorServer } from "../requestor/relay.ts";

/** A relay agent that may ask for leases in bulk, of one family in one instance. */
export interface RecoveryRelay {
  readonly instance: InstanceName;
  readonly family: Family;
  readonly servers: readonly RequestorServer[];
  /** DHCPv4: octets of sub-option 12 of option 82. DHCPv6: the DUID, also that of the requestor. */
  readonly relayId?: Uint8Array | undefined;
  readonly bulk: {
    /** Connections tried for each server of a run in all. */
    readonly attempts: number;
    /** Wait before each further one. */
    readonly timeoutSeconds: number;
    /** DHCPv6: a run by the own relay-id at start, if no binding is there. */
    readonly triggerAutomatic: boolean;
    /** `secure`: over TLS only. Absent: without. */
    readonly mode?: "secure" | "insecure" | undefined;
  };
  readonly active?: RecoveryActive | undefined;
  /**
   * Client interfaces by name. With any, a lease must name one of them to be recorded. Without, leases are recorded
   * unplaced.
   */
  readonly interfaces: readonly string[];
  /**
   * The client interface that circuit-id or interface-id octets name, where the relay writes another form of it than a
   * name. Absent: they hold the name, perhaps behind a prefix that ends in `:`.
   */
  readonly interfaceOf?: ((octets: Uint8Array) => string | undefined) | undefined;
  /** giaddr or link-address of an interface; it is recorded where the server does not tell one. */
  readonly linkAddressOf?: ((interfaceName: string) => Uint8Array | undefined) | undefined;
  /** Leases whose interface is not there yet: how often they are tried again, and when (`system processes dhcp-service`). */
  readonly replyRetriesMax: number;
  readonly replyRetrySeconds: number;
  /** Canonical text: the address connections are made from. */
  readonly localAddress?: string | undefined;
  /** Linux device connections are made through. */
  readonly device?: string | undefined;
}

export interface RecoveryActive {
  /** Wait for replies of the initial bulk and the catch-up. */
  readonly timeoutSeconds: number;
  /** Silence after which the connection is given up; never less than ACTIVE_LQ_RCV_TIMEOUT. */
  readonly idleTimeoutSeconds: number;
  /** `secure`: over TLS only (RFC 7724 §7.2, RFC 7653 §8.2). */
  readonly mode: "secure" | "insecure";
}

export type BulkKey =
  /** `value` absent: the own relay-id. */
  | { readonly kind: "relay-id"; readonly value?: Uint8Array | undefined }
  /** DHCPv4: octets. DHCPv6: enterprise number and remote-id, as in option 37. */
  | { readonly kind: "remote-id"; readonly value: Uint8Array }
  /** DHCPv6: the client's DUID. */
  | { readonly kind: "client-id"; readonly value: Uint8Array }
  /** DHCPv4. */
  | { readonly kind: "mac"; readonly hardwareType: number; readonly value: Uint8Array }
  | { readonly kind: "all-configured" }
  /** DHCPv6; of DHCPv4 the caller makes an individual query. */
  | { readonly kind: "address"; readonly value: Ipv6Address }
  | { readonly kind: "link-address"; readonly value: Ipv6Address };

export type BulkCause = "operator" | "automatic" | "active" | "gap" | "repetition";

/** What is asked for; texts are parsed already. */
export interface BulkRequest {
  readonly id: string;
  readonly family: Family;
  /** Limits the run; absent parts match every instance. */
  readonly logicalSystem?: string | undefined;
  readonly routingInstance?: string | undefined;
  /** Canonical text; excludes `serverGroup`. */
  readonly serverAddress?: string | undefined;
  readonly serverGroup?: string | undefined;
  readonly key: BulkKey;
  /** DHCPv6: only leases on this link. */
  readonly linkAddress?: Ipv6Address | undefined;
  /** Only what changed at or after, at or before that moment; unix seconds by the servers' clock. */
  readonly queryStartTimeSeconds?: number | undefined;
  readonly queryEndTimeSeconds?: number | undefined;
  /** From each server only what changed since its last stored base-time. */
  readonly incremental?: boolean | undefined;
  /** Bindings expected where that is known of another run; absent: those that the table holds. */
  readonly expected?: number | undefined;
  readonly startedBy: string;
  /** Command-line form, for display. */
  readonly command: string;
  readonly cause: BulkCause;
}

/** Where a later query may begin: every binding told before this moment of the server's clock is stored. */
export interface BaseTime {
  readonly family: Family;
  readonly instance: InstanceName;
  /** Canonical text. */
  readonly server: string;
  /** Unix seconds by the server's clock. 0: the relay has lost its bindings, and the base-time with them. */
  readonly baseTimeSeconds: number;
}

export type RecoveryInput =
  /** A committed configuration: every relay with bulk leasequery, of both families. */
  | {
      readonly kind: "configuration";
      readonly relays: readonly RecoveryRelay[];
      /** `request-max-tcp-connections`: of bulk runs, the whole chassis. */
      readonly requestedConnectionsMax: number;
    }
  /** The stored bindings are back in the table: streams and automatic runs begin. */
  | {
      readonly kind: "restored";
      /** Bindings a relay holds. */
      readonly bound: (family: Family, instance: InstanceName) => number;
      readonly baseTimes: readonly BaseTime[];
    }
  | { readonly kind: "start-run"; readonly request: BulkRequest }
  | { readonly kind: "cancel-run" | "pause-run" | "resume-run" | "retry-run"; readonly id: string }
  /** The connection stands; again with `secure` once TLS is agreed. */
  | { readonly kind: "connected"; readonly connection: number; readonly secure: boolean }
  /** Octets as they came; read during the step only. */
  | { readonly kind: "received"; readonly connection: number; readonly bytes: Uint8Array }
  /** `reason` is a plain clause: "the server closed the connection". */
  | { readonly kind: "closed"; readonly connection: number; readonly reason: string }
  /** Everything up to this sequence of the family's table is stored. */
  | { readonly kind: "durable"; readonly family: Family; readonly sequence: number }
  /** Whether connections are read at all: silence that is our own doing ends nothing. */
  | { readonly kind: "reading"; readonly held: boolean }
  /** The relay has lost what it knew while it ran: its base-times count no more, its streams begin anew. */
  | { readonly kind: "bindings-lost"; readonly family: Family; readonly instance: InstanceName }
  | {
      readonly kind: "restart-stream";
      readonly family: Family;
      readonly instance: InstanceName;
      readonly server: string;
      /** A full bulk first, whatever base-time is known. */
      readonly resync?: boolean | undefined;
    }
  | { readonly kind: "deadline" }
  | {
      readonly kind: "clear-statistics";
      readonly family: Family;
      readonly logicalSystem?: string | undefined;
      readonly routingInstance?: string | undefined;
      /** Of one server only. */
      readonly server?: string | undefined;
    };

/** A connection to open. What becomes of it comes back as `connected`, `received` and `closed` with its number. */
export interface RecoveryConnect {
  readonly connection: number;
  readonly family: Family;
  readonly instance: InstanceName;
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string | undefined;
  readonly device?: string | undefined;
  /** It will be secured: the certificates of the relay are needed. */
  readonly tls: boolean;
}

/** A lease that was told and is kept until its access interface is there. */
export interface RestoringBinding {
  readonly family: Family;
  readonly instance: InstanceName;
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  readonly prefixLength: number;
  /** It is in the table now, or was given up. */
  readonly done: boolean;
}

export interface RecoveryNote {
  readonly family: Family;
  readonly instance: InstanceName;
  readonly kind: "drop" | "note";
  readonly name: string;
  readonly text: string;
}

/** What a step leads to. Bindings are in the table already. Carry out in this order. */
export interface RecoveryOutput {
  readonly connects: RecoveryConnect[];
  readonly writes: { readonly connection: number; readonly bytes: Uint8Array }[];
  /** Begin the TLS handshake, as the client, once everything written has left; then `connected` with `secure`. */
  readonly secures: number[];
  /** Stop reading, read on. */
  readonly pauses: number[];
  readonly resumes: number[];
  /** Close in good order. No `closed` is expected for them; one does no harm. */
  readonly closes: number[];
  /** To be stored from now on. */
  readonly baseTimes: BaseTime[];
  /** Client packets for these wait for the relay agent to be told `done` (input `restoring` of the relay engines). */
  readonly restoring: RestoringBinding[];
  /** Ids of runs that changed. */
  readonly runs: Set<string>;
  /** Keys of streams that changed, see `StreamView.key`. */
  readonly streams: Set<string>;
  readonly notes: RecoveryNote[];
  /** Why an operator's command was not carried out. */
  refusal: RecoveryRefusal | null;
}

export interface RecoveryRefusal {
  readonly code:
    | "limit"
    | "no-relay"
    | "no-server"
    | "server-unknown"
    | "group-unknown"
    | "key-unsupported"
    | "relay-id-missing"
    | "base-time-unknown"
    | "run-unknown"
    | "run-finished"
    | "run-running"
    | "stream-unknown";
  /** Names the limit, the place and the remedy. */
  readonly message: string;
  readonly field?: string;
}

export function emptyRecoveryOutput(): RecoveryOutput {
  return {
    connects: [],
    writes: [],
    secures: [],
    pauses: [],
    resumes: [],
    closes: [],
    baseTimes: [],
    restoring: [],
    runs: new Set(),
    streams: new Set(),
    notes: [],
    refusal: null,
  };
}
