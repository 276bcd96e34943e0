/** What is known of octets met before. */
export interface Known<Value> {
  /** Never given twice by those that share their numbers. */
  readonly id: number;
  readonly octets: Uint8Array;
  readonly value: Value;
}

/**
 * Remembers what short runs of octets mean, so that each is worked out once: a circuit-id to its interface. Looked up in
 * place, without making anything. When `max` different ones are known, all are forgotten.
 */
export class KnownOctets<Value> {
  readonly #max: number;
  readonly #work: (octets: Uint8Array) => Value;
  readonly #numbers: { last: number };
  #slots: (Known<Value> | undefined)[] = new Array(64);
  #count = 0;

  /** `work` gets a copy. */
  constructor(max: number, numbers: { last: number }, work: (octets: Uint8Array) => Value) {
    this.#numbers = numbers;
    this.#max = max;
    this.#work = work;
  }

  get size(): number {
    return this.#count;
  }

  of(bytes: Uint8Array, at: number, length: number): Known<Value> {
    let slots = this.#slots;
    let slot = hash(bytes, at, length) & (slots.length - 1);
    for (;;) {
      const known = slots[slot];
      if (known === undefined) break;
      if (isSame(known.octets, bytes, at, length)) return known;
      slot = (slot + 1) & (slots.length - 1);
    }
    if (this.#count >= this.#max) {
      this.clear();
      slots = this.#slots;
    } else if (this.#count * 2 >= slots.length) {
      slots = this.#grow();
    }
    const octets = bytes.slice(at, at + length);
    this.#numbers.last += 1;
    const known = { id: this.#numbers.last, octets, value: this.#work(octets) };
    this.#count += 1;
    insert(slots, known);
    return known;
  }

  clear(): void {
    this.#slots = new Array(64);
    this.#count = 0;
  }

  #grow(): (Known<Value> | undefined)[] {
    const larger: (Known<Value> | undefined)[] = new Array(this.#slots.length * 2);
    for (const known of this.#slots) if (known !== undefined) insert(larger, known);
    this.#slots = larger;
    return larger;
  }
}

function insert<Value>(slots: (Known<Value> | undefined)[], known: Known<Value>): void {
  let slot = hash(known.octets, 0, known.octets.length) & (slots.length - 1);
  while (slots[slot] !== undefined) slot = (slot + 1) & (slots.length - 1);
  slots[slot] = known;
}

/**
 * FNV-1a. Who can choose circuit-ids is the relay's own access network through the server; `max` bounds what crafted ones
 * could cost.
 */
function hash(bytes: Uint8Array, at: number, length: number): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < length; i += 1) value = Math.imul(value ^ bytes[at + i]!, 0x01000193);
  return (value ^ (value >>> 15)) >>> 0;
}

function isSame(octets: Uint8Array, bytes: Uint8Array, at: number, length: number): boolean {
  if (octets.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (octets[i] !== bytes[at + i]) return false;
  return true;
}
