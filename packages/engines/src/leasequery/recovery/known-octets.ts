/** What is known of octets met before. */
export interface Known<Value> {
  /** Never given twice by those that share their numbers. */
  readonly id: number;
  readonly octets: Uint8Array;
  readonly value: Value;
}

/**
 * Remembers what short runs of octets mean, so that each is worked out once: a circuit-id to its interface. Looked up in
 * place, without making anything; the octets of all lie together, as a walk over thousands of interfaces meets each of them
 * cold. When `max` different ones are known, all are forgotten.
 */
export class KnownOctets<Value> {
  readonly #max: number;
  readonly #numbers: { last: number };
  readonly #work: (octets: Uint8Array) => Value;
  /** By slot: the hash, and 1 + the place in `#known`; 0: free. */
  #hashes = new Int32Array(SLOTS);
  #places = new Int32Array(SLOTS);
  readonly #known: Known<Value>[] = [];
  #starts = new Int32Array(SLOTS);
  #octets = new Uint8Array(1024);
  #octetsLength = 0;
  /** What was found last: relays tell of one interface after the other, and of one relay-id all the time. */
  #last = 0;

  /** `work` gets a copy. */
  constructor(max: number, numbers: { last: number }, work: (octets: Uint8Array) => Value) {
    this.#max = max;
    this.#numbers = numbers;
    this.#work = work;
  }

  get size(): number {
    return this.#known.length;
  }

  of(bytes: Uint8Array, at: number, length: number): Known<Value> {
    if (this.#last < this.#known.length && this.#is(this.#last, bytes, at, length)) return this.#known[this.#last]!;
    const hash = hashOf(bytes, at, length);
    const mask = this.#hashes.length - 1;
    for (let slot = hash & mask; this.#places[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      const place = this.#places[slot]! - 1;
      if (!this.#is(place, bytes, at, length)) continue;
      this.#last = place;
      return this.#known[place]!;
    }
    return this.#learn(bytes, at, length, hash);
  }

  #learn(bytes: Uint8Array, at: number, length: number, hash: number): Known<Value> {
    if (this.#known.length >= this.#max) this.#forget();
    else if (this.#known.length * 2 >= this.#hashes.length) this.#grow();
    const octets = bytes.slice(at, at + length);
    this.#numbers.last += 1;
    const known = { id: this.#numbers.last, octets, value: this.#work(octets) };
    const place = this.#known.push(known) - 1;
    if (this.#octetsLength + length > this.#octets.length) {
      const larger = new Uint8Array((this.#octetsLength + length) * 2);
      larger.set(this.#octets.subarray(0, this.#octetsLength));
      this.#octets = larger;
    }
    this.#starts[place] = this.#octetsLength;
    this.#octets.set(octets, this.#octetsLength);
    this.#octetsLength += length;
    this.#starts[place + 1] = this.#octetsLength;
    this.#insert(hash, place);
    this.#last = place;
    return known;
  }

  #insert(hash: number, place: number): void {
    const mask = this.#hashes.length - 1;
    let slot = hash & mask;
    while (this.#places[slot] !== 0) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#places[slot] = place + 1;
  }

  #grow(): void {
    const slots = this.#hashes.length * 2;
    const starts = new Int32Array(slots);
    starts.set(this.#starts);
    this.#starts = starts;
    const hashes = this.#hashes;
    const places = this.#places;
    this.#hashes = new Int32Array(slots);
    this.#places = new Int32Array(slots);
    for (let slot = 0; slot < places.length; slot += 1)
      if (places[slot] !== 0) this.#insert(hashes[slot]!, places[slot]! - 1);
  }

  #forget(): void {
    this.#known.length = 0;
    this.#places.fill(0);
    this.#octetsLength = 0;
    this.#last = 0;
  }

  #is(place: number, bytes: Uint8Array, at: number, length: number): boolean {
    const start = this.#starts[place]!;
    if (this.#starts[place + 1]! - start !== length) return false;
    const octets = this.#octets;
    for (let i = length - 1; i >= 0; i -= 1) if (octets[start + i] !== bytes[at + i]) return false;
    return true;
  }
}

/** A power of two. */
const SLOTS = 64;

/** FNV-1a. What crafted octets could cost is bounded by `max`. */
function hashOf(bytes: Uint8Array, at: number, length: number): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < length; i += 1) value = Math.imul(value ^ bytes[at + i]!, 0x01000193);
  return value ^ (value >>> 15);
}
