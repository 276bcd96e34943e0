import type { EngineApi } from "../engine-thread/messages.ts";
import type { Remote } from "../threads/rpc.ts";
import { type PoolHistoryBook, type PoolHistoryStore, poolHistorySpans } from "./pool-history.ts";

/** The past of the pools is written to the database this often, and when the program stops. */
export const poolHistoryWriteMs = 300_000;

export interface PoolSamplerParts {
  readonly engine: Pick<Remote<EngineApi>, "serverPools">;
  readonly book: PoolHistoryBook;
  readonly store: PoolHistoryStore;
  readonly now: () => number;
  readonly onFault: (error: unknown) => void;
}

/** Looks at the pools now and then and takes it down. */
export class PoolSampler {
  readonly #parts: PoolSamplerParts;
  #timer: NodeJS.Timeout | null = null;
  #busy: Promise<void> = Promise.resolve();
  #writtenAtMs: number;
  #changed = false;
  #stopped = false;

  constructor(parts: PoolSamplerParts) {
    this.#parts = parts;
    this.#writtenAtMs = parts.now();
  }

  async start(): Promise<void> {
    const { book, store, onFault } = this.#parts;
    const text = await store.read().catch((error: unknown) => {
      onFault(error);
      return null;
    });
    if (this.#stopped) return;
    if (text !== null) book.load(text);
    this.#timer = setInterval(() => this.look(), poolHistorySpans.hour.periodSeconds * 1000);
    this.#timer.unref();
    this.look();
  }

  /** One look now, after the one that may be under way. */
  look(): Promise<void> {
    this.#busy = this.#busy.then(() => this.#look()).catch((error: unknown) => this.#parts.onFault(error));
    return this.#busy;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#busy;
    await this.#write().catch((error: unknown) => this.#parts.onFault(error));
  }

  async #look(): Promise<void> {
    const { engine, book, now } = this.#parts;
    const { pools } = await engine.serverPools({});
    if (pools.length === 0) return;
    book.sample(pools, Math.floor(now() / 1000));
    this.#changed = true;
    if (now() - this.#writtenAtMs >= poolHistoryWriteMs) await this.#write();
  }

  async #write(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    this.#writtenAtMs = this.#parts.now();
    await this.#parts.store.write(this.#parts.book.print());
  }
}
