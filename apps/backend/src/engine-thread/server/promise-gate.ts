import type { Family } from "@leasewire/api";
import { engineThreadLimits } from "../limits.ts";

/** Where a send leaves through. */
export interface Flushable {
  flush(): void;
}

interface Waiting {
  /** Last change that the send promises. */
  readonly sequence: number;
  readonly through: Flushable;
  readonly send: () => void;
}

/**
 * Sends that promise something wait here until what they promise is durable (ARCHITECTURE.md, invariants); everything a
 * transaction made durable leaves in one flush.
 *
 * Invariants:
 *   - Sends of a family leave in the order in which they came.
 *   - At most `promisesWaitingMax` of a family wait; the oldest is given up and counted: its client asks again.
 */
export class PromiseGate {
  readonly #families: Readonly<Record<Family, Queue>>;
  dropped = 0;

  constructor(waitingMax: number = engineThreadLimits.promisesWaitingMax) {
    this.#families = { 4: new Queue(waitingMax), 6: new Queue(waitingMax) };
  }

  get waiting(): number {
    return this.#families[4].length + this.#families[6].length;
  }

  /** `sequence` never runs backwards within a family but for a client that repeats itself: then it waits a little longer. */
  hold(family: Family, sequence: number, through: Flushable, send: () => void): void {
    if (!this.#families[family].push({ sequence, through, send })) this.dropped += 1;
  }

  /** Everything of the family up to that sequence is durable. */
  release(family: Family, durableSequence: number): void {
    const queue = this.#families[family];
    const touched = new Set<Flushable>();
    for (let next = queue.first; next !== undefined && next.sequence <= durableSequence; next = queue.first) {
      queue.shift();
      next.send();
      touched.add(next.through);
    }
    for (const through of touched) through.flush();
  }

  /** What waits is not sent any more. */
  clear(): void {
    this.#families[4].clear();
    this.#families[6].clear();
  }
}

/** A ring: neither end costs more with what waits. */
class Queue {
  readonly #max: number;
  #ring: (Waiting | undefined)[] = new Array(64);
  #head = 0;
  #length = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get length(): number {
    return this.#length;
  }

  get first(): Waiting | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  /** False when the oldest had to make room. */
  push(waiting: Waiting): boolean {
    const full = this.#length >= this.#max;
    if (full) this.shift();
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) % this.#ring.length] = waiting;
    this.#length += 1;
    return !full;
  }

  shift(): void {
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length -= 1;
  }

  clear(): void {
    this.#ring = new Array(64);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const ring = new Array<Waiting | undefined>(this.#ring.length * 2);
    for (let i = 0; i < this.#length; i += 1) ring[i] = this.#ring[(this.#head + i) % this.#ring.length];
    this.#ring = ring;
    this.#head = 0;
  }
}
