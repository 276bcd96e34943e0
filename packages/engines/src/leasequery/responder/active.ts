import { type BindingTable, type ChainCursor, RowView } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { type Answer, isTold, VISITS_PER_FILL } from "./answer.ts";
import { originsTold } from "./lease.ts";

/**
 * More than was asked for is told in catch-up: a change can have been decided so long before it was durable, and a
 * base-time of between must not hide it.
 */
export const CATCH_UP_OVERLAP_SECONDS = 60;

export interface ActiveContext {
  readonly table: BindingTable;
  readonly instance: InstanceName;
  readonly origins: "own" | "all" | undefined;
  /** Only changes up to this sequence are told. */
  readonly durable: () => number;
  /** From when on changes are asked for, unix seconds; undefined: from now on. */
  readonly startSeconds: number | undefined;
  readonly now: number;
}

export type StreamStatus = "data-missing" | "catch-up-complete" | "keepalive" | "terminated";

/**
 * A stream of changes that does not end (RFC 7724 §8.2, RFC 7653 §9.3): a place in the chain of last changes. A binding
 * that changes faster than the requestor reads moves on in the chain, so that a slow one is told the latest state only,
 * and nothing piles up for it.
 */
export abstract class ActiveAnswer implements Answer {
  readonly kind = "active";
  readonly key = "every change";
  readonly startedAtMs: number;
  readonly startSeconds: number | undefined;
  abstract readonly xid: number;
  told = 0;
  messages = 0;
  keepalives = 0;
  dataMissing = 0;
  catchUpComplete = 0;
  phase: "catch-up" | "active" = "active";
  state: "more" | "room" | "waiting" | "done" = "more";
  lastStatus: string | null = null;
  lastBaseTimeSeconds: number | null = null;

  protected readonly table: BindingTable;
  protected readonly view: RowView;
  protected readonly durable: () => number;
  protected readonly origins: number;
  protected readonly instance: InstanceName;
  #cursor: ChainCursor | undefined;
  /** Sequence of the table when the query came: with it the catch-up ends. */
  #catchUpTo = 0;
  /** When the last row passed had changed; everything before has been told. */
  #passedAtSeconds = 0;
  #passedSequence = 0;
  #historySeen: number;
  /** What was durable when the next row could not be told yet: it waits until more is. */
  #notYetAt = -1;
  /** What is to be said before anything else. */
  readonly #statuses: StreamStatus[] = [];
  #ending: string | undefined;

  constructor(context: ActiveContext) {
    const { table, startSeconds, now } = context;
    this.table = table;
    this.view = new RowView(table);
    this.durable = context.durable;
    this.instance = context.instance;
    this.origins = originsTold(context.origins);
    this.startSeconds = startSeconds;
    this.startedAtMs = now;
    const nowSeconds = Math.floor(now / 1000);
    this.#historySeen = table.historyFromSeconds;
    this.#passedAtSeconds = startSeconds ?? nowSeconds;
    this.#passedSequence = this.durable();
    const historyFrom = Math.max(this.#historySeen, nowSeconds - table.limits.endedRetentionSeconds);
    if (startSeconds === undefined) {
      this.#cursor = table.chain({ afterSequence: this.#passedSequence });
    } else if (startSeconds < historyFrom) {
      this.#statuses.push("data-missing");
      this.#cursor = table.chain({ afterSequence: this.#passedSequence });
    } else {
      this.phase = "catch-up";
      this.#catchUpTo = table.sequence;
      this.#passedSequence = 0;
      this.#cursor = table.chain({ seconds: Math.max(0, startSeconds - CATCH_UP_OVERLAP_SECONDS) });
    }
  }

  get progress(): number | null {
    return this.phase === "catch-up" ? Math.min(1, this.#passedSequence / Math.max(1, this.#catchUpTo)) : null;
  }

  /** Changes not yet told, at most: those of bindings that changed again count more than once. */
  get backlogChanges(): number {
    if (this.#cursor?.peek(1) === 0) return 0;
    return Math.max(0, this.table.sequence - this.#passedSequence);
  }

  /** Whether there is something to write now. */
  get isPending(): boolean {
    if (this.#statuses.length > 0 || this.#ending !== undefined || this.state === "more" || this.state === "room") {
      return true;
    }
    const row = this.#cursor?.peek(1) ?? 0;
    if (row <= 0) return row < 0;
    const durable = this.durable();
    return durable !== this.#notYetAt && this.table.sequenceOf(row) <= durable;
  }

  keepalive(): void {
    if (this.#statuses.length === 0) this.#statuses.push("keepalive");
  }

  terminate(text: string): void {
    this.#ending ??= text;
  }

  close(): void {
    this.#cursor?.close();
    this.#cursor = undefined;
  }

  fill(into: Uint8Array, start: number, end: number, now: number): number {
    const nowSeconds = Math.floor(now / 1000);
    const instanceId = this.table.instanceIdOf(this.instance);
    const durable = this.durable();
    this.state = "more";
    this.beginFill();
    let at = start;
    for (;;) {
      const status = this.#statuses[0] ?? (this.#ending === undefined ? undefined : "terminated");
      if (status !== undefined) {
        const after = this.writeStatus(status, this.#ending ?? "", into, at, end, this.#baseTimeSeconds(nowSeconds));
        if (after < 0) return this.#stop("room", at);
        at = after;
        this.messages += 1;
        this.#count(status, nowSeconds);
        if (status === "terminated") {
          this.close();
          return this.#stop("done", at);
        }
        this.#statuses.shift();
        continue;
      }
      const first = this.writeFirst(into, at, end, nowSeconds);
      if (first < 0) return this.#stop("room", at);
      if (first > at) this.messages += 1;
      at = first;
      break;
    }
    const cursor = this.#cursor;
    if (cursor === undefined) return this.#stop("done", at);
    for (let visits = 0; visits < VISITS_PER_FILL; visits += 1) {
      const row = cursor.peek(VISITS_PER_FILL);
      if (row < 0) return at;
      if (row === 0 || (this.phase === "catch-up" && this.table.sequenceOf(row) > this.#catchUpTo)) {
        if (row === 0) {
          this.#passedAtSeconds = nowSeconds;
          this.#historySeen = this.table.historyFromSeconds;
        }
        if (this.phase === "catch-up") {
          this.phase = "active";
          this.#statuses.push("catch-up-complete");
          return at;
        }
        if (row === 0) return this.#stop("waiting", at);
      }
      if (this.table.historyFromSeconds !== this.#historySeen) {
        this.#historySeen = this.table.historyFromSeconds;
        if (this.#historySeen > this.#passedAtSeconds) {
          this.#loseHistory(nowSeconds);
          return at;
        }
      }
      const sequence = this.table.sequenceOf(row);
      if (sequence > durable) return this.#stop("waiting", at);
      this.view.readNumbers(row);
      if (isTold(this.view, instanceId, this.origins)) {
        const after = this.writeRow(row, instanceId, durable, into, at, end, nowSeconds);
        if (after === NO_ROOM) return this.#stop("room", at);
        if (after === NOT_YET) {
          this.#notYetAt = durable;
          return this.#stop("waiting", at);
        }
        if (after > at) {
          this.told += 1;
          this.messages += 1;
          this.lastBaseTimeSeconds = nowSeconds;
          at = after;
        }
      }
      cursor.pass(row);
      this.#passedSequence = sequence;
      this.#passedAtSeconds = this.table.changedAtSecondsOf(row);
    }
    return at;
  }

  protected beginFill(): void {}

  /** Writes what opens the stream, once. */
  protected abstract writeFirst(into: Uint8Array, at: number, end: number, nowSeconds: number): number;
  protected abstract writeRow(
    row: number,
    instanceId: number,
    durable: number,
    into: Uint8Array,
    at: number,
    end: number,
    nowSeconds: number,
  ): number;
  protected abstract writeStatus(
    status: StreamStatus,
    text: string,
    into: Uint8Array,
    at: number,
    end: number,
    baseTimeSeconds: number,
  ): number;
  /** As RFC and pages call it. */
  protected abstract nameOf(status: StreamStatus): string;

  /** What was to be told has left the table: the stream goes on from now (RFC 7724 §7.4.1, RFC 7653 §8.4.1). */
  #loseHistory(nowSeconds: number): void {
    this.#cursor?.close();
    this.#passedSequence = this.durable();
    this.#passedAtSeconds = nowSeconds;
    this.#cursor = this.table.chain({ afterSequence: this.#passedSequence });
    this.phase = "active";
    this.#statuses.push("data-missing");
  }

  /** A base-time that a requestor may come back with: nothing that it has not been told lies too far before it. */
  #baseTimeSeconds(nowSeconds: number): number {
    const row = this.#cursor?.peek(1) ?? 0;
    if (row <= 0 || this.phase === "catch-up") return nowSeconds;
    return Math.min(nowSeconds, this.table.changedAtSecondsOf(row) + CATCH_UP_OVERLAP_SECONDS);
  }

  #count(status: StreamStatus, nowSeconds: number): void {
    this.lastStatus = this.nameOf(status);
    this.lastBaseTimeSeconds = nowSeconds;
    if (status === "keepalive") this.keepalives += 1;
    else if (status === "data-missing") this.dataMissing += 1;
    else if (status === "catch-up-complete") this.catchUpComplete += 1;
  }

  #stop(state: "room" | "waiting" | "done", at: number): number {
    this.state = state;
    return at;
  }
}

export const NO_ROOM = -1;
export const NOT_YET = -2;
