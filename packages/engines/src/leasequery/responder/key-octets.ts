/**
 * Copies of keys, for look-ups that want an array of the key's own length: one array for each length, used again and
 * again. A key is good until the next one of that length.
 */
export class KeyOctets {
  readonly #byLength: (Uint8Array | undefined)[] = [];

  copy(bytes: Uint8Array, at: number, length: number): Uint8Array {
    if (length > KEPT_LENGTH_MAX) return bytes.slice(at, at + length);
    let key = this.#byLength[length];
    if (key === undefined) {
      key = new Uint8Array(length);
      this.#byLength[length] = key;
    }
    for (let i = 0; i < length; i += 1) key[i] = bytes[at + i]!;
    return key;
  }
}

const KEPT_LENGTH_MAX = 255;
