/** What must have happened before the program serves: named conditions, each with what it still waits for. */
export class Readiness {
  readonly #waiting = new Map<string, string>();

  constructor(conditions: Readonly<Record<string, string>>) {
    for (const [name, reason] of Object.entries(conditions)) this.#waiting.set(name, reason);
  }

  met(name: string): void {
    this.#waiting.delete(name);
  }

  unmet(name: string, reason: string): void {
    this.#waiting.set(name, reason);
  }

  /** Empty when ready. */
  reasons(): readonly string[] {
    return [...this.#waiting.values()];
  }
}
