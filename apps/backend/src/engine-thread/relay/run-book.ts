import type { Family, LeasequeryExchange, LeasequeryRun, LeasequeryRunDetail } from "@leasewire/api";
import { type Exchange, exchangesOf, type RequestorState, type Run, viewRun } from "@leasewire/engines";
import { formatHex } from "@leasewire/net";
import { describeMessage4, describeMessage6 } from "@leasewire/wire";
import { engineThreadLimits } from "../limits.ts";

interface Entry {
  readonly run: Run;
  /** Rises with every change of the run. */
  version: number;
  /** The version that is in the database. */
  writtenVersion: number;
  /** Sequences that must be durable before the run may be called stored. */
  readonly needed: Record<Family, number>;
}

export interface RunBookParts {
  readonly state: RequestorState;
  readonly durableSequence: (family: Family) => number;
  /** Sequence of the last change of a binding, 0 if it is gone. */
  readonly sequenceOf: (bindingId: string) => number;
  readonly writeRun: (run: LeasequeryRunDetail) => Promise<void>;
  readonly emit: (run: LeasequeryRun) => void;
}

/**
 * What is shown and stored of leasequery runs. A run is called stored only once every binding it brought is durable and
 * the run itself, as it is, has been written.
 */
export class RunBook {
  readonly #parts: RunBookParts;
  readonly #entries = new Map<string, Entry>();
  readonly #dirty = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: RunBookParts) {
    this.#parts = parts;
  }

  /** A run changed. */
  changed(id: string): void {
    const run = this.#parts.state.runs.get(id);
    const entry = this.#entries.get(id) ?? (run && { run, version: 0, writtenVersion: 0, needed: { 4: 0, 6: 0 } });
    if (entry === undefined) return;
    this.#entries.set(id, entry);
    entry.version += 1;
    this.#show(id);
    this.#forget();
  }

  /** The step that changed the run has been carried out: what the run found in the table or put there must be durable. */
  applied(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.run.state === "running") return;
    const { family, bindingIds } = entry.run;
    for (const binding of bindingIds) {
      entry.needed[family] = Math.max(entry.needed[family], this.#parts.sequenceOf(binding));
    }
  }

  run(id: string): LeasequeryRun | null {
    const entry = this.#entries.get(id);
    return entry === undefined ? null : this.#view(entry);
  }

  detail(id: string): LeasequeryRunDetail | null {
    const entry = this.#entries.get(id);
    return entry === undefined ? null : { ...this.#view(entry), exchanges: exchanges(entry.run) };
  }

  /** Newest first. */
  runs(): readonly LeasequeryRun[] {
    return [...this.#entries.values()].reverse().map((entry) => this.#view(entry));
  }

  /** Writes every finished run whose bindings are durable. Rejects when the database refuses. */
  async writeFinished(): Promise<void> {
    for (const [id, entry] of [...this.#entries]) {
      if (entry.run.state === "running" || entry.writtenVersion === entry.version) continue;
      if (!this.#isDurable(entry)) continue;
      const { version } = entry;
      await this.#parts.writeRun({ ...viewRun(entry.run), stored: true, exchanges: exchanges(entry.run) });
      entry.writtenVersion = version;
      this.#show(id);
    }
    this.#forget();
  }

  get unwritten(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.writtenVersion !== entry.version) count += 1;
    return count;
  }

  /** Tells what is still to be told, at once. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#tell();
  }

  #show(id: string): void {
    this.#dirty.add(id);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, engineThreadLimits.runEventPeriodMs);
  }

  #tell(): void {
    for (const id of this.#dirty) {
      const run = this.run(id);
      if (run !== null) this.#parts.emit(run);
    }
    this.#dirty.clear();
  }

  #view(entry: Entry): LeasequeryRun {
    const stored = entry.run.state !== "running" && entry.writtenVersion === entry.version && this.#isDurable(entry);
    return { ...viewRun(entry.run), stored };
  }

  #isDurable({ needed }: Entry): boolean {
    return needed[4] <= this.#parts.durableSequence(4) && needed[6] <= this.#parts.durableSequence(6);
  }

  /** The engine forgets old runs; here one stays until it is written, within bounds. */
  #forget(): void {
    let unwritten = this.unwritten;
    for (const [id, entry] of this.#entries) {
      if (this.#parts.state.runs.has(id)) continue;
      const isWritten = entry.writtenVersion === entry.version;
      if (!isWritten && unwritten <= engineThreadLimits.runsUnwrittenMax) continue;
      if (!isWritten) unwritten -= 1;
      this.#entries.delete(id);
    }
  }
}

function exchanges(run: Run): LeasequeryExchange[] {
  return exchangesOf(run).map((exchange) => exchangeView(run.family, exchange));
}

function exchangeView(family: Family, exchange: Exchange): LeasequeryExchange {
  const { atMs, direction, instance, peer, message, xid, bytes, dropReason, dropExplanation } = exchange;
  return {
    atMs,
    direction,
    instance,
    peer,
    message,
    xid,
    hex: formatHex(bytes),
    fields: family === 4 ? describeMessage4(bytes) : describeMessage6(bytes),
    dropReason,
    dropExplanation,
  };
}
