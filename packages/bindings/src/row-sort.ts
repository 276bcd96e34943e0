/**
 * Stable sorting of rows in slices. Each function is a generator that yields the cost of the work done since the last
 * yield, in row visits; between yields the table may change. Keys are therefore copied before they are sorted by, and
 * a key that changes in the middle costs the order of that row, nothing else.
 */
const CHUNK = 1024;
/** One radix step of a row costs this fraction of a row visit. */
const RADIX_COST = 1 / 16;
/** Runs of equal keys up to this length are sorted by comparison in one slice. */
const RUN_MAX = 256;

export type NumberKey = (row: number, word: number) => number;

/** Key of `words` unsigned 32-bit numbers, most significant first. */
export function* sortByNumbers(rows: Uint32Array, words: number, key: NumberKey): Generator<number, void> {
  const n = rows.length;
  const keys: Uint32Array[] = [];
  for (let word = 0; word < words; word += 1) {
    const column = new Uint32Array(n);
    for (let from = 0; from < n; from += CHUNK) {
      const to = Math.min(from + CHUNK, n);
      for (let i = from; i < to; i += 1) column[i] = key(rows[i]!, word);
      yield to - from;
    }
    keys.push(column);
  }
  yield* radixSort(rows, 0, n, keys);
}

/** A key of octets: `locate` sets where the key of a row is. */
export interface BytesKey {
  bytes: Uint8Array;
  start: number;
  length: number;
  locate(row: number): void;
}

export function* sortByBytes(rows: Uint32Array, key: BytesKey): Generator<number, void> {
  const ranges: { from: number; to: number; depth: number }[] = [{ from: 0, to: rows.length, depth: 0 }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const { from, to } = range;
    const n = to - from;
    const depth = yield* commonPrefix(rows, from, to, range.depth, key);
    if (depth < 0) continue;
    const high = new Uint32Array(n);
    const low = new Uint32Array(n);
    const ends = new Uint32Array(n);
    for (let at = 0; at < n; at += CHUNK) {
      const end = Math.min(at + CHUNK, n);
      for (let i = at; i < end; i += 1) {
        key.locate(rows[from + i]!);
        high[i] = wordAt(key, depth);
        low[i] = wordAt(key, depth + 4);
        ends[i] = Math.min(key.length, depth + 8);
      }
      yield end - at;
    }
    const order = yield* radixSort(rows, from, to, [high, low, ends]);
    let start = 0;
    let cost = 0;
    for (let i = 1; i <= n; i += 1) {
      cost += RADIX_COST;
      if (cost >= CHUNK) {
        yield cost;
        cost = 0;
      }
      if (i < n) {
        const a = order[i - 1]!;
        const b = order[i]!;
        if (high[a] === high[b] && low[a] === low[b] && ends[a] === ends[b]) continue;
      }
      const length = i - start;
      if (length > 1 && ends[order[start]!] === depth + 8) {
        if (length <= RUN_MAX) {
          sortRun(rows, from + start, from + i, depth + 8, key);
          cost += length * 4;
        } else {
          ranges.push({ from: from + start, to: from + i, depth: depth + 8 });
        }
      }
      start = i;
    }
    yield cost;
  }
}

/** Where the keys of a range begin to differ, at or after `depth`; −1 when they do not. */
function* commonPrefix(
  rows: Uint32Array,
  from: number,
  to: number,
  depth: number,
  key: BytesKey,
): Generator<number, number> {
  if (to - from < 2) return -1;
  key.locate(rows[from]!);
  const first = key.bytes.slice(key.start, key.start + key.length);
  let common = first.length;
  let differs = false;
  for (let at = from; at < to; at += CHUNK) {
    const end = Math.min(at + CHUNK, to);
    for (let i = at; i < end && !(differs && common <= depth); i += 1) {
      key.locate(rows[i]!);
      if (key.length !== first.length) differs = true;
      const shorter = Math.min(common, key.length);
      let same = Math.min(depth, shorter);
      while (same < shorter && key.bytes[key.start + same] === first[same]) same += 1;
      if (same < common) {
        common = same;
        differs = true;
      }
    }
    yield end - at;
  }
  return differs ? Math.max(common, depth) : -1;
}

/** Sorts rows[from…to) by the key columns; returns the order as positions in the columns. */
function* radixSort(
  rows: Uint32Array,
  from: number,
  to: number,
  keys: readonly Uint32Array[],
): Generator<number, Uint32Array> {
  const n = to - from;
  let order = new Uint32Array(n);
  let other = new Uint32Array(n);
  for (let at = 0; at < n; at += CHUNK * 16) {
    const end = Math.min(at + CHUNK * 16, n);
    for (let i = at; i < end; i += 1) order[i] = i;
    yield (end - at) * RADIX_COST;
  }
  const counts = new Uint32Array(256);
  for (let word = keys.length - 1; word >= 0; word -= 1) {
    const column = keys[word]!;
    for (let shift = 0; shift < 32; shift += 8) {
      counts.fill(0);
      for (let at = 0; at < n; at += CHUNK * 16) {
        const end = Math.min(at + CHUNK * 16, n);
        countDigits(column, at, end, shift, counts);
        yield ((end - at) * RADIX_COST) / 4;
      }
      // A digit in which all keys agree, such as the front of a common prefix, needs no pass.
      if (counts.includes(n)) continue;
      let total = 0;
      for (let digit = 0; digit < 256; digit += 1) {
        const count = counts[digit]!;
        counts[digit] = total;
        total += count;
      }
      for (let at = 0; at < n; at += CHUNK * 4) {
        const end = Math.min(at + CHUNK * 4, n);
        scatter(column, order, other, at, end, shift, counts);
        yield (end - at) * RADIX_COST;
      }
      const swap = order;
      order = other;
      other = swap;
    }
  }
  for (let at = 0; at < n; at += CHUNK * 4) {
    const end = Math.min(at + CHUNK * 4, n);
    for (let i = at; i < end; i += 1) other[i] = rows[from + order[i]!]!;
    yield (end - at) * RADIX_COST;
  }
  for (let at = 0; at < n; at += CHUNK * 16) {
    const end = Math.min(at + CHUNK * 16, n);
    for (let i = at; i < end; i += 1) rows[from + i] = other[i]!;
    yield (end - at) * RADIX_COST;
  }
  return order;
}

function countDigits(column: Uint32Array, from: number, to: number, shift: number, counts: Uint32Array): void {
  for (let i = from; i < to; i += 1) {
    const digit = (column[i]! >>> shift) & 255;
    counts[digit] = counts[digit]! + 1;
  }
}

function scatter(
  column: Uint32Array,
  order: Uint32Array,
  other: Uint32Array,
  from: number,
  to: number,
  shift: number,
  next: Uint32Array,
): void {
  for (let i = from; i < to; i += 1) {
    const at = order[i]!;
    const digit = (column[at]! >>> shift) & 255;
    const place = next[digit]!;
    other[place] = at;
    next[digit] = place + 1;
  }
}

function sortRun(rows: Uint32Array, from: number, to: number, depth: number, key: BytesKey): void {
  const keyed = Array.from(rows.subarray(from, to), (row) => {
    key.locate(row);
    return { row, rest: key.bytes.slice(Math.min(key.start + depth, key.start + key.length), key.start + key.length) };
  });
  keyed.sort((a, b) => compareOctets(a.rest, b.rest));
  for (let i = 0; i < keyed.length; i += 1) rows[from + i] = keyed[i]!.row;
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function wordAt(key: BytesKey, depth: number): number {
  const left = key.length - depth;
  if (left <= 0) return 0;
  const { bytes } = key;
  const at = key.start + depth;
  let word = bytes[at]! << 24;
  if (left > 1) word |= bytes[at + 1]! << 16;
  if (left > 2) word |= bytes[at + 2]! << 8;
  if (left > 3) word |= bytes[at + 3]!;
  return word >>> 0;
}
