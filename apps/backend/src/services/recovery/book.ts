import type { BulkRun, StreamView } from "@leasewire/api";
import type { RecoveryRepository, StoredBaseTime } from "@leasewire/db";
import type { InstanceName } from "@leasewire/net";
import type { FinishedBulkRun, RunningBulkRun, StreamEventTold } from "../../engine-thread/messages.ts";
import { recoveryServiceLimits as limits } from "./limits.ts";

export interface RecoveryBookParts {
  readonly node: string;
  readonly store: Pick<RecoveryRepository, "putRun" | "addEvents" | "putBaseTime" | "forgetBaseTimes" | "forgetEvents">;
  readonly tellRun: (run: BulkRun) => void;
  readonly tellStream: (stream: StreamView) => void;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

/**
 * Writes down what the engine thread tells of runs and streams, in order of importance: runs, base-times, events. While the
 * database refuses it is kept, within limits, and tried again. A base-time comes here only once all that was told before it
 * is stored; writing it late costs a longer catch-up and nothing else.
 */
export class RecoveryBook {
  readonly #parts: RecoveryBookParts;
  readonly #runs = new Map<string, FinishedBulkRun>();
  readonly #baseTimes = new Map<string, StoredBaseTime>();
  #events: StreamEventTold[] = [];
  /** When the run that is stored finished, by id. */
  readonly #stored = new Map<string, number | null>();
  #writing: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #forgottenAtMs = 0;
  #stopped = false;
  runsGivenUp = 0;
  eventsGivenUp = 0;

  constructor(parts: RecoveryBookParts) {
    this.#parts = parts;
  }

  shown(run: RunningBulkRun): BulkRun {
    const stored = run.finishedAtMs !== null && this.#stored.get(run.id) === run.finishedAtMs;
    return { ...run, stored };
  }

  run(run: RunningBulkRun): void {
    this.#parts.tellRun(this.shown(run));
  }

  stream(stream: StreamView): void {
    this.#parts.tellStream(stream);
  }

  finished(finished: FinishedBulkRun): void {
    this.#runs.delete(finished.run.id);
    this.#runs.set(finished.run.id, finished);
    this.runsGivenUp += cutOldest(this.#runs, limits.runsUnwrittenMax);
    this.#write();
  }

  streamEvents(events: readonly StreamEventTold[]): void {
    this.#events.push(...events);
    const over = this.#events.length - limits.eventsUnwrittenMax;
    if (over > 0) {
      this.#events.splice(0, over);
      this.eventsGivenUp += over;
    }
    this.#write();
  }

  baseTimes(baseTimes: readonly StoredBaseTime[]): void {
    for (const one of baseTimes) this.#baseTimes.set(`${one.family}|${one.instance}|${one.server}`, one);
    this.#write();
  }

  /** The relay of that instance begins from nothing, whatever was known. Rejects when the database refuses. */
  async forgetBaseTimes(instance: InstanceName): Promise<void> {
    for (const [key, one] of this.#baseTimes) if (one.instance === instance) this.#baseTimes.delete(key);
    await this.#parts.store.forgetBaseTimes(this.#parts.node, instance);
  }

  /** Writes what is there, once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#writing;
    await this.#writeAll().catch((error: unknown) => this.#parts.onFault(error));
  }

  metrics(): { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[] {
    const of = (name: string, value: number) => ({ name: `leasewire_recovery_${name}`, labels: {}, value });
    return [
      of("runs_unwritten", this.#runs.size),
      of("runs_given_up_total", this.runsGivenUp),
      of("stream_events_unwritten", this.#events.length),
      of("stream_events_given_up_total", this.eventsGivenUp),
    ];
  }

  #write(): void {
    if (this.#writing !== null || this.#retry !== null || this.#stopped) return;
    this.#writing = this.#writeAll()
      .catch((error: unknown) => {
        this.#parts.onFault(error);
        if (this.#stopped) return;
        this.#retry = setTimeout(() => {
          this.#retry = null;
          this.#write();
        }, limits.retryMs);
        this.#retry.unref();
      })
      .finally(() => {
        this.#writing = null;
        if (this.#runs.size + this.#baseTimes.size + this.#events.length > 0) this.#write();
      });
  }

  async #writeAll(): Promise<void> {
    const { node, store, now } = this.#parts;
    for (const [id, finished] of this.#runs) {
      const run = { ...finished.run, stored: true };
      await store.putRun(node, run, finished.groups);
      // It may have been retried and finished again meanwhile.
      if (this.#runs.get(id) === finished) this.#runs.delete(id);
      this.#stored.delete(id);
      this.#stored.set(id, run.finishedAtMs);
      cutOldest(this.#stored, limits.storedRememberedMax);
      this.#parts.tellRun(run);
    }
    for (const [key, baseTime] of this.#baseTimes) {
      await store.putBaseTime(node, baseTime);
      if (this.#baseTimes.get(key) === baseTime) this.#baseTimes.delete(key);
    }
    while (this.#events.length > 0) {
      const events = this.#events.slice(0, limits.eventsPerWriteMax);
      await store.addEvents(node, events);
      // What was given up meanwhile was among those.
      const written = new Set(events);
      this.#events = this.#events.filter((event) => !written.has(event));
    }
    if (now() - this.#forgottenAtMs < limits.eventsForgetPeriodMs) return;
    this.#forgottenAtMs = now();
    await store.forgetEvents(node, now() - limits.eventsRetentionMs);
  }
}

/** Answers how many were removed. */
function cutOldest(map: Map<string, unknown>, max: number): number {
  let removed = 0;
  for (const key of map.keys()) {
    if (map.size <= max) break;
    map.delete(key);
    removed += 1;
  }
  return removed;
}
