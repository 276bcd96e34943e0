import type { AddressRange4 } from "./scopes.ts";

/** One bit for each address of some ranges, in order: which of them have been told. */
export class AddressMarks {
  readonly #lows: Float64Array;
  readonly #highs: Float64Array;
  /** Slot of the first address of each range. */
  readonly #slots: Float64Array;
  readonly #bits: Uint8Array;
  readonly size: number;
  #last = 0;

  /** `ranges` in order, without overlap. */
  constructor(ranges: readonly AddressRange4[]) {
    this.#lows = Float64Array.from(ranges, ({ low }) => low);
    this.#highs = Float64Array.from(ranges, ({ high }) => high);
    this.#slots = new Float64Array(ranges.length);
    let size = 0;
    ranges.forEach(({ low, high }, i) => {
      this.#slots[i] = size;
      size += high - low + 1;
    });
    this.size = size;
    this.#bits = new Uint8Array(Math.ceil(size / 8));
  }

  /** Place of the address among all, −1 if it is in no range. */
  slotOf(address: number): number {
    const lows = this.#lows;
    let range = this.#last;
    if (range >= lows.length || address < lows[range]! || address > this.#highs[range]!) {
      let low = 0;
      let high = lows.length - 1;
      while (low <= high) {
        const middle = (low + high) >>> 1;
        if (lows[middle]! > address) high = middle - 1;
        else low = middle + 1;
      }
      if (high < 0 || address > this.#highs[high]!) return -1;
      range = high;
      this.#last = range;
    }
    return this.#slots[range]! + address - lows[range]!;
  }

  has(slot: number): boolean {
    return (this.#bits[Math.floor(slot / 8)]! & (1 << (slot % 8))) !== 0;
  }

  add(slot: number): void {
    this.#bits[Math.floor(slot / 8)]! |= 1 << (slot % 8);
  }

  /** The first slot at or after this one that has no mark; `size` if there is none. Looks at no more than `octetsMax` octets of marks: then it gives the slot to go on from, marked. */
  nextFree(from: number, octetsMax: number): number {
    let slot = from;
    for (let looked = 0; slot < this.size && looked < octetsMax; looked += 1) {
      const octet = this.#bits[Math.floor(slot / 8)]!;
      if (octet === 255) {
        slot = (Math.floor(slot / 8) + 1) * 8;
        continue;
      }
      const end = Math.min(this.size, (Math.floor(slot / 8) + 1) * 8);
      for (; slot < end; slot += 1) if ((octet & (1 << (slot % 8))) === 0) return slot;
    }
    return Math.min(slot, this.size);
  }

  addressOf(slot: number): number {
    const slots = this.#slots;
    let low = 0;
    let high = slots.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (slots[middle]! > slot) high = middle - 1;
      else low = middle;
    }
    return this.#lows[low]! + slot - slots[low]!;
  }
}
