import type { BindingInput, Family } from "@leasewire/bindings";
import type { InstanceName, Ipv4Address, Ipv6Address } from "@leasewire/net";
import type { RequestorRelay } from "./relay.ts";

/** What the operator asks for; texts are parsed already. */
export interface RunRequest {
  readonly id: string;
  readonly key: RunKey;
  /** Limits the run; absent parts match every instance. */
  readonly logicalSystem?: string | undefined;
  readonly routingInstance?: string | undefined;
  /** Canonical text; excludes `serverGroup`. */
  readonly serverAddress?: string | undefined;
  readonly serverGroup?: string | undefined;
  readonly startedBy: string;
  /** Command-line form, for display. */
  readonly command: string;
}

export type RunKey =
  | {
      readonly family: 4;
      readonly kind: "address";
      readonly address: Ipv4Address;
      readonly gatewayAddress: Ipv4Address;
    }
  | {
      readonly family: 4;
      readonly kind: "mac";
      readonly hardwareType: number;
      readonly hardwareAddress: Uint8Array;
      readonly gatewayAddress: Ipv4Address;
    }
  | {
      readonly family: 4;
      readonly kind: "client-id";
      readonly clientId: Uint8Array;
      readonly gatewayAddress: Ipv4Address;
    }
  | {
      readonly family: 6;
      readonly kind: "address";
      /** An address, or the first one of a prefix. */
      readonly address: Ipv6Address;
      readonly linkAddress?: Ipv6Address | undefined;
    }
  | {
      readonly family: 6;
      readonly kind: "client-id";
      readonly duid: Uint8Array;
      readonly linkAddress?: Ipv6Address | undefined;
    };

export type RequestorInput =
  | { readonly kind: "start-run"; readonly request: RunRequest }
  | {
      readonly kind: "datagram";
      readonly family: Family;
      /** Of the relay whose socket it came to. */
      readonly instance: InstanceName;
      /** Canonical text, without scope. */
      readonly sourceAddress: string;
      readonly sourcePort: number;
      /** Not changed afterwards. */
      readonly bytes: Uint8Array;
    }
  /** Time passed: whatever is due is done. */
  | { readonly kind: "deadline" }
  /** A committed configuration: every relay that may query, of both families. */
  | { readonly kind: "configuration"; readonly relays: readonly RequestorRelay[] }
  | { readonly kind: "cancel-run"; readonly id: string }
  /** The operating system refused a send. `reason` is a plain clause: "the network is unreachable". */
  | { readonly kind: "send-failed"; readonly xid: number; readonly reason: string }
  /** The table refused a change that an answer brought. */
  | { readonly kind: "change-refused"; readonly runId: string; readonly bindingId: string; readonly message: string }
  | {
      readonly kind: "clear-statistics";
      readonly family: Family;
      readonly logicalSystem?: string | undefined;
      readonly routingInstance?: string | undefined;
      /** Only the counters of individual leasequery. */
      readonly what?: "leasequery" | undefined;
    };

/** A binding to put into the table, on behalf of a run. */
export interface RequestorChange {
  readonly family: Family;
  readonly binding: BindingInput;
  readonly bindingId: string;
  readonly cause: string;
  readonly runId: string;
}

export interface RequestorSend {
  readonly family: Family;
  readonly instance: InstanceName;
  readonly address: string;
  readonly port: number;
  readonly bytes: Uint8Array;
  readonly xid: number;
}

/** Something worth a line in the trace; it is counted already. */
export interface RequestorNote {
  readonly family: Family;
  readonly instance: InstanceName;
  readonly kind: "drop" | "note";
  readonly name: string;
  readonly text: string;
}

export interface RequestorOutput {
  readonly changes: RequestorChange[];
  readonly sends: RequestorSend[];
  readonly notes: RequestorNote[];
  /** Ids of runs that changed. */
  readonly runs: Set<string>;
  /** Why an operator's command was not carried out. */
  refusal: RequestorRefusal | null;
}

export interface RequestorRefusal {
  readonly code:
    | "limit"
    | "no-relay"
    | "no-server"
    | "server-unknown"
    | "group-unknown"
    | "run-unknown"
    | "run-finished";
  /** Names the limit, the place and the remedy. */
  readonly message: string;
  readonly field?: string;
}

export function emptyOutput(): RequestorOutput {
  return { changes: [], sends: [], notes: [], runs: new Set(), refusal: null };
}
