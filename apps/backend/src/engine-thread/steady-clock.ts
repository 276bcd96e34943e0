/**
 * Milliseconds since 1970 that never jump while something waits: deadlines must not move when the machine's clock is
 * set. In idle moments it takes over what the machine's clock says.
 */
export class SteadyClock {
  #base = Date.now() - performance.now();

  now(): number {
    return Math.floor(this.#base + performance.now());
  }

  nowSeconds(): number {
    return Math.floor(this.now() / 1000);
  }

  /** Call only when nothing waits for a deadline. */
  adopt(): void {
    this.#base = Date.now() - performance.now();
  }
}
