import type { SystemInfo } from "@leasewire/api";

export type Alarm = SystemInfo["alarms"][number];

/** What is wrong right now. An alarm stands until what raised it clears it; each has one id. */
export class Alarms {
  readonly #standing = new Map<string, Alarm>();
  readonly #listeners: ((count: number) => void)[] = [];

  raise(id: string, alarm: Alarm): void {
    const before = this.#standing.get(id);
    if (before !== undefined && before.text === alarm.text && before.severity === alarm.severity) return;
    this.#standing.set(id, alarm);
    this.#tell();
  }

  clear(id: string): void {
    if (this.#standing.delete(id)) this.#tell();
  }

  list(): readonly Alarm[] {
    return [...this.#standing.values()].sort((a, b) =>
      a.severity === b.severity ? 0 : a.severity === "critical" ? -1 : 1,
    );
  }

  onChange(listener: (count: number) => void): void {
    this.#listeners.push(listener);
  }

  #tell() {
    for (const listener of this.#listeners) listener(this.#standing.size);
  }
}
