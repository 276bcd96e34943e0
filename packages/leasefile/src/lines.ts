import { leaseFileLimits } from "./limits.ts";

const newline = 10;

export interface LineHandler {
  line(text: string, number: number): void;
  /** Longer than `lineOctetsMax`; `start` is its beginning. */
  tooLong(start: string, number: number): void;
}

/**
 * Cuts octets into lines of text. A byte order mark is left out, and a carriage return before the newline; octets that are no
 * UTF-8 become U+FFFD.
 */
export class LineReader {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #pending = new Uint8Array(1024);
  #pendingLength = 0;
  #skipping = false;
  #number = 0;

  /** Lines begun so far. */
  get number(): number {
    return this.#number + (this.#pendingLength > 0 || this.#skipping ? 1 : 0);
  }

  feed(chunk: Uint8Array, handler: LineHandler): void {
    let at = 0;
    while (at < chunk.length) {
      const end = chunk.indexOf(newline, at);
      const upTo = end < 0 ? chunk.length : end;
      if (this.#skipping) {
        if (end >= 0) this.#finishSkipped();
      } else if (end >= 0 && this.#pendingLength === 0 && upTo - at <= leaseFileLimits.lineOctetsMax) {
        this.#line(chunk.subarray(at, upTo), handler);
      } else {
        this.#keep(chunk.subarray(at, upTo), handler);
        if (end >= 0) this.#flush(handler);
      }
      at = upTo + 1;
    }
  }

  end(handler: LineHandler): void {
    if (this.#pendingLength > 0 || this.#skipping) this.#flush(handler);
  }

  #flush(handler: LineHandler): void {
    if (this.#skipping) {
      this.#finishSkipped();
      return;
    }
    const length = this.#pendingLength;
    this.#pendingLength = 0;
    this.#line(this.#pending.subarray(0, length), handler);
  }

  #finishSkipped(): void {
    this.#skipping = false;
    this.#number += 1;
  }

  #keep(octets: Uint8Array, handler: LineHandler): void {
    const length = this.#pendingLength + octets.length;
    if (length > leaseFileLimits.lineOctetsMax) {
      // The refusal repeats the beginning only: enough of it is at hand whatever the cut.
      this.#reserve(leaseFileLimits.lineOctetsMax);
      this.#pending.set(octets.subarray(0, leaseFileLimits.lineOctetsMax - this.#pendingLength), this.#pendingLength);
      const start = this.#decoder.decode(this.#pending.subarray(0, leaseFileLimits.lineOctetsMax));
      this.#pendingLength = 0;
      this.#skipping = true;
      handler.tooLong(start, this.#number + 1);
      return;
    }
    this.#reserve(length);
    this.#pending.set(octets, this.#pendingLength);
    this.#pendingLength = length;
  }

  #reserve(length: number): void {
    if (length <= this.#pending.length) return;
    const pending = new Uint8Array(Math.min(Math.max(length, this.#pending.length * 2), leaseFileLimits.lineOctetsMax));
    pending.set(this.#pending.subarray(0, this.#pendingLength));
    this.#pending = pending;
  }

  #line(octets: Uint8Array, handler: LineHandler): void {
    this.#number += 1;
    let start = 0;
    if (this.#number === 1 && octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf) start = 3;
    let end = octets.length;
    if (end > start && octets[end - 1] === 13) end -= 1;
    handler.line(
      this.#decoder.decode(start === 0 && end === octets.length ? octets : octets.subarray(start, end)),
      this.#number,
    );
  }
}
