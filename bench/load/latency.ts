/** Milliseconds. */
export interface LatencyReport {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Every sample is kept: percentiles are exact. */
export class Samples {
  readonly #values: Float32Array;
  #count = 0;

  constructor(most: number) {
    this.#values = new Float32Array(most);
  }

  add(milliseconds: number): void {
    if (this.#count < this.#values.length) this.#values[this.#count++] = milliseconds;
  }

  report(): LatencyReport {
    const sorted = this.#values.slice(0, this.#count).sort();
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
  }
}
