/** What a timeline holds: the links are its own, nobody else touches them. */
export interface Timed<T> {
  earlier: T | undefined;
  later: T | undefined;
}

/**
 * Things in the order in which they were put at the end; any of them can be taken out. All in constant time, however
 * many there are.
 */
export class Timeline<T extends Timed<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first;
  }

  /** Puts at the end what is in no timeline. */
  push(item: T): void {
    item.earlier = this.#last;
    item.later = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.later = item;
    this.#last = item;
    this.#size += 1;
  }

  /** Takes out what is in this timeline. */
  remove(item: T): void {
    if (item.earlier === undefined) this.#first = item.later;
    else item.earlier.later = item.later;
    if (item.later === undefined) this.#last = item.earlier;
    else item.later.earlier = item.earlier;
    item.earlier = undefined;
    item.later = undefined;
    this.#size -= 1;
  }
}
