/** What a commit opens beyond what is open. */
export interface Opened<Place, Held> {
  /** Every place that is open now, with what is open there. */
  readonly places: readonly (readonly [Place, Held])[];
  /** What is held now is what the places hold; `adopt` tells it of its place, then what no place wants is closed. */
  apply(adopt: (held: Held, place: Place) => void): Promise<void>;
  /** Closes again what was opened. */
  discard(): Promise<void>;
}

/**
 * Sockets that outlive commits, by the key of the place they are open at: what is wanted and not open is opened before
 * anything is applied, what stays is kept as it is, and what is not wanted any more is closed afterwards.
 */
export class HeldOpen<Place extends { readonly key: string }, Held> {
  readonly #close: (held: Held) => Promise<void>;
  #held = new Map<string, Held>();

  constructor(close: (held: Held) => Promise<void>) {
    this.#close = close;
  }

  get size(): number {
    return this.#held.size;
  }

  all(): IterableIterator<Held> {
    return this.#held.values();
  }

  /** `open` gives undefined where it cannot be opened; that place is left out. No two places have the same key. */
  async prepare(
    places: readonly Place[],
    open: (place: Place) => Promise<Held | undefined>,
  ): Promise<Opened<Place, Held>> {
    const next = new Map<string, Held>();
    const opened: Held[] = [];
    const at: [Place, Held][] = [];
    for (const place of places) {
      const kept = this.#held.get(place.key);
      const held = kept ?? (await open(place));
      if (held === undefined) continue;
      if (kept === undefined) opened.push(held);
      next.set(place.key, held);
      at.push([place, held]);
    }
    return {
      places: at,
      apply: async (adopt) => {
        const old = this.#held;
        this.#held = next;
        for (const [place, held] of at) adopt(held, place);
        await this.#closeAll([...old].filter(([key]) => !next.has(key)).map(([, held]) => held));
      },
      discard: () => this.#closeAll(opened),
    };
  }

  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held = new Map();
    await this.#closeAll(held);
  }

  async #closeAll(held: readonly Held[]): Promise<void> {
    await Promise.all(held.map(this.#close));
  }
}
