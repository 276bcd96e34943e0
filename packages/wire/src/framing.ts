import { type WireError, wireError } from "./error.ts";
import { messageLengthMax } from "./limits.ts";

/**
 * Messages on a TCP connection: each behind a two-octet count of the octets that follow (RFC 6926 §6.1, RFC 5460 §5.1,
 * RFC 7724 §5.1, RFC 7653 §6.1). Several frames may sit in one segment, and one frame may span many.
 */

export const frameHeaderLength = 2;

/** The message behind its size. A message longer than 65535 octets is our own bug. */
export function frame(message: Uint8Array): Uint8Array {
  if (message.length > messageLengthMax) throw new RangeError(`a message of ${message.length} octets has no frame`);
  const framed = new Uint8Array(frameHeaderLength + message.length);
  framed[0] = message.length >>> 8;
  framed[1] = message.length;
  framed.set(message, frameHeaderLength);
  return framed;
}

export interface FrameReaderLimits {
  /** Shorter frames cannot be a message: `messageLengthMin4` or `messageLengthMin6`. */
  readonly messageLengthMin: number;
  readonly messageLengthMax?: number;
}

export interface FramesRead {
  /** Complete messages, without their size. A view of the chunk where the chunk holds all of it. */
  readonly frames: readonly Uint8Array[];
  /** Set from the first protocol error on; the connection is to be closed. Frames before the error are still delivered. */
  readonly error?: WireError;
}

/**
 * Cuts a stream into messages. Holds at most one incomplete frame (`pendingBytes` ≤ 2 + messageLengthMax), and never more memory
 * than twice the octets that really came, whatever size the peer announces.
 * Errors: `frame-too-short`, `frame-too-long`, and `frame-truncated` from `end`.
 */
export class FrameReader {
  readonly #messageLengthMin: number;
  readonly #messageLengthMax: number;
  /** The incomplete frame, its size included: the first `#pendingLength` octets of `#pending`. */
  #pending = new Uint8Array(0);
  #pendingLength = 0;
  /** Octets taken from the stream so far, for the offset of an error. */
  #consumed = 0;
  #error: WireError | undefined;

  constructor(limits: FrameReaderLimits) {
    this.#messageLengthMin = limits.messageLengthMin;
    this.#messageLengthMax = Math.min(limits.messageLengthMax ?? messageLengthMax, messageLengthMax);
  }

  get pendingBytes(): number {
    return this.#pendingLength;
  }

  push(chunk: Uint8Array): FramesRead {
    const frames: Uint8Array[] = [];
    let at = 0;
    while (this.#error === undefined && at < chunk.length) {
      if (this.#pendingLength === 0 && chunk.length - at >= frameHeaderLength) {
        const length = ((chunk[at] as number) << 8) | (chunk[at + 1] as number);
        if (!this.#accepts(length)) break;
        const end = at + frameHeaderLength + length;
        if (end <= chunk.length) {
          frames.push(chunk.subarray(at + frameHeaderLength, end));
          this.#consumed += end - at;
          at = end;
          continue;
        }
      }
      at += this.#fill(chunk, at);
      const complete = this.#takeComplete();
      if (complete !== undefined) frames.push(complete);
    }
    return this.#error === undefined ? { frames } : { frames, error: this.#error };
  }

  /** The stream has ended: an error if it did so inside a frame. */
  end(): WireError | undefined {
    if (this.#error === undefined && this.#pendingLength > 0) {
      this.#error = wireError(
        "frame-truncated",
        this.#consumed,
        `the stream ended ${this.#pendingLength} octets into a frame`,
      ).error;
    }
    return this.#error;
  }

  /** Adds octets to the incomplete frame: up to the end of its size first, then up to the end of its message. */
  #fill(chunk: Uint8Array, at: number): number {
    const wanted = this.#pendingLength < frameHeaderLength ? frameHeaderLength : frameHeaderLength + this.#announced();
    const count = Math.min(wanted - this.#pendingLength, chunk.length - at);
    if (this.#pendingLength + count > this.#pending.length) {
      const larger = new Uint8Array(Math.min(wanted, Math.max((this.#pendingLength + count) * 2, 64)));
      larger.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = larger;
    }
    this.#pending.set(chunk.subarray(at, at + count), this.#pendingLength);
    this.#pendingLength += count;
    return count;
  }

  #takeComplete(): Uint8Array | undefined {
    if (this.#pendingLength < frameHeaderLength) return undefined;
    const length = this.#announced();
    if (!this.#accepts(length) || this.#pendingLength < frameHeaderLength + length) return undefined;
    const message = this.#pending.subarray(frameHeaderLength, frameHeaderLength + length);
    this.#consumed += this.#pendingLength;
    this.#pending = new Uint8Array(0);
    this.#pendingLength = 0;
    return message;
  }

  #announced(): number {
    return ((this.#pending[0] as number) << 8) | (this.#pending[1] as number);
  }

  #accepts(length: number): boolean {
    if (length < this.#messageLengthMin) {
      this.#error = wireError(
        "frame-too-short",
        this.#consumed,
        `a frame of ${length} octets cannot be a message: the shortest has ${this.#messageLengthMin}`,
      ).error;
    } else if (length > this.#messageLengthMax) {
      this.#error = wireError(
        "frame-too-long",
        this.#consumed,
        `a frame of ${length} octets is longer than the ${this.#messageLengthMax} allowed`,
      ).error;
    }
    return this.#error === undefined;
  }
}
