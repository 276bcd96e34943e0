import type { BindingRow } from "./bindings.ts";
import type { Family } from "./common.ts";
import type { ServedConnection } from "./connections.ts";
import type { GuardView } from "./guard.ts";
import type { ImportJob } from "./imports.ts";
import type { LeasequeryRun } from "./leasequery.ts";
import type { PoolsView } from "./pools.ts";
import type { BulkRun } from "./recovery.ts";
import type { StreamView } from "./streams.ts";

/** Changes of the binding table, batched: at most one message per family and `bindingBatchPeriodMs`. */
export interface BindingsChanged {
  readonly family: Family;
  /** First and last sequence of the batch. A gap to the last one seen means: fetch again. */
  readonly fromSequence: number;
  readonly toSequence: number;
  /** Latest state of each binding changed in the batch. */
  readonly rows: readonly BindingRow[];
  readonly removed: readonly string[];
}

export const bindingBatchPeriodMs = 100;
/** A batch above this size is replaced by `bindingsOverflow`: the browser fetches its page again. */
export const bindingBatchRowsMax = 500;

/** Events from the backend to the browser (socket.io, path `/socket.io`, same credentials as the API). */
export interface ServerEvents {
  bindings(batch: BindingsChanged): void;
  bindingsOverflow(notice: { readonly family: Family; readonly toSequence: number }): void;
  /** Every change of the family up to `sequence` is in the database. */
  durable(mark: { readonly family: Family; readonly sequence: number }): void;
  /** State of a leasequery run, at each change. */
  run(run: LeasequeryRun): void;
  /** State of a bulk run, at each change; while it receives at most one a `recoveryEventPeriodMs`. */
  recovery(run: BulkRun): void;
  /** A stream of active leasequery: at each change of phase, otherwise at most one a `recoveryEventPeriodMs`. */
  stream(stream: StreamView): void;
  configuration(event: {
    readonly kind: "candidate" | "commit";
    readonly by: string;
    readonly commitId: string | null;
  }): void;
  alarms(count: number): void;
  /** All pools, connections, requestors or imports, when something about them changed; at most one a `watchPeriodMs`. */
  pools(view: PoolsView): void;
  connections(connections: readonly ServedConnection[]): void;
  guard(view: GuardView): void;
  imports(jobs: readonly ImportJob[]): void;
}

export const watchPeriodMs = 1000;
export const recoveryEventPeriodMs = 250;

/** Rooms a browser joins while a page shows them. */
export type Watch =
  | "bindings4"
  | "bindings6"
  | "runs"
  | "recovery"
  | "streams"
  | "configuration"
  | "pools"
  | "connections"
  | "guard"
  | "imports";

export interface ClientEvents {
  watch(rooms: readonly Watch[], done: () => void): void;
  unwatch(rooms: readonly Watch[]): void;
}
