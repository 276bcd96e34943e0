import { type Services, watchPeriodMs } from "@leasewire/api";

/** Views that change all the time while traffic flows: they are told as they stand, not change by change. */
export const watchedViews = ["pools", "connections", "guard", "imports"] as const;
export type WatchedView = (typeof watchedViews)[number];

/** Imports shown live. */
const importsShown = 20;

export interface WatchedParts {
  readonly services: Pick<Services, WatchedView>;
  /** How many browsers have the view open. */
  readonly watchers: (view: WatchedView) => number;
  readonly tell: (view: WatchedView, value: unknown) => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * Asks for each view that some browser shows, once a `watchPeriodMs`, and tells it when it differs from what was told
 * last. Nobody looks: nothing is asked.
 */
export class Watched {
  readonly #parts: WatchedParts;
  readonly #told = new Map<WatchedView, string>();
  #timer: NodeJS.Timeout | null = null;
  #asking = false;

  constructor(parts: WatchedParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), watchPeriodMs);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** One round. A round that takes longer than the period is not overtaken by the next. */
  async look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (const view of watchedViews) {
        if (this.#parts.watchers(view) === 0) {
          this.#told.delete(view);
          continue;
        }
        const answer = await this.#ask(view);
        if (!answer.ok) continue;
        const text = JSON.stringify(answer.value);
        if (this.#told.get(view) === text) continue;
        this.#told.set(view, text);
        this.#parts.tell(view, answer.value);
      }
    } catch (error) {
      this.#parts.onFault(error);
    } finally {
      this.#asking = false;
    }
  }

  #ask(view: WatchedView) {
    const { services } = this.#parts;
    return view === "imports" ? services.imports.list({ limit: importsShown }) : services[view].list({});
  }
}
