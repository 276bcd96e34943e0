import type { InstanceName } from "@leasewire/net";
import { AddressIndex, addressToWords, maskWords } from "./address-index.ts";
import { Arena } from "./arena.ts";
import {
  BINDING_ORIGINS,
  type Binding,
  type BindingDraft,
  type BindingFacts,
  type BindingInput,
  BindingState,
  EXPIRES_NEVER,
  type Family,
  isEnded,
} from "./binding.ts";
import { ChangeLog } from "./change-log.ts";
import { ExpiryWheel } from "./expiry-wheel.ts";
import { HalfSipHash } from "./half-sip-hash.ts";
import { Interner, TextPool } from "./interner.ts";
import { type KeyCursor, KeyIndex } from "./key-index.ts";
import {
  BINDINGS_MAX_POSSIBLE,
  inputInvalid,
  limitReached,
  TABLE_LIMITS_DEFAULT,
  type TableLimits,
  type TableRefusal,
} from "./limits.ts";
import { copyBytes, Field, type FieldNumber, RecordReader, RecordWriter, recordLength, sameBytes } from "./record.ts";
import { RowImage, RowImageReader } from "./row-image.ts";
import {
  FLAG_PREFERRED,
  FLAG_PREFIX,
  FLAG_USED,
  originOfFlags,
  prefixLengthOfFlags,
  Row,
  Rows,
  stateOfFlags,
} from "./row-layout.ts";

export type PutResult =
  | { readonly outcome: "inserted" | "updated" | "unchanged"; readonly row: number; readonly sequence: number }
  | { readonly outcome: "refused"; readonly refusal: TableRefusal };
export type RemoveResult =
  | { readonly outcome: "removed"; readonly sequence: number }
  | { readonly outcome: "refused"; readonly refusal: TableRefusal };

export interface BindingTableOptions {
  limits?: Partial<TableLimits>;
  /** Key of the hash tables: 64 random bits, so that clients cannot choose identifiers that collide. */
  hashKey?: readonly [number, number];
}

/**
 * The bindings of one address family, and the only code that changes them.
 *
 * A row is addressed by a number; the number of a removed row is used again, and `generation(row)` tells the
 * difference. Every change goes through `put` and `remove`; `restore` is `put` with the sequence of earlier.
 *
 * Invariants:
 *   - `sequence` rises by one with every change; no gaps, no reuse. A put that changes nothing is no change.
 *   - (instance, address, prefix length) is unique.
 *   - Every index answers exactly the rows that hold the key; a removed row is in none.
 *   - `changedSince` walks the rows in order of their last change, latest first; `changedAtSeconds` never runs
 *     backwards along it, whatever the clock does.
 *   - A refusal leaves everything as it was. Nothing here throws on input.
 *   - No operation's time depends on the number of rows, but for `verify` in tests; memory grows by segments.
 *   - `counts` equals what counting the rows would give.
 */
export class BindingTable {
  readonly family: Family;
  readonly limits: Readonly<TableLimits>;
  readonly log: ChangeLog;

  /** @internal */ readonly rows: Rows;
  /** @internal */ readonly addressWords: number;
  /** @internal */ readonly arena: Arena;
  /** @internal */ readonly values: Interner;
  /** @internal */ readonly instances: TextPool;
  /** @internal */ readonly serverAddresses: TextPool;
  /** @internal */ readonly byAddressIndex: AddressIndex;
  /** @internal */ readonly keyIndexes: readonly KeyIndex[];

  readonly #causes: TextPool;
  readonly #images: RowImageReader;
  readonly #image = new RowImage();
  readonly #wheel: ExpiryWheel;
  readonly #record: RecordWriter;
  readonly #oldRecord = new RecordReader();
  /** Of the keys of the row that is being inserted. */
  readonly #hashes = new Int32Array(KEY_INDEXES.length);
  /** What was read only to have it at hand: were it not kept, the compiler would leave the reading out. */
  /** @internal */ touched = 0;
  readonly #readRecord = new RecordReader();
  readonly #words = new Uint32Array(4);
  readonly #encoder = new TextEncoder();
  readonly #encoded = new Map<string, Uint8Array>();
  /** What the put before had: nearly always what the next one has. */
  #lastLinkAddress = 0;
  #lastServerIdentifier = 0;
  readonly #decoder = new TextDecoder();
  /** By id of the instance: bindings by state, and behind them how many there are in all. */
  readonly #stateCounts: (Int32Array | undefined)[] = [];
  /** What was looked up last, and at which sequence. */
  readonly #found = { sequence: -1, instanceId: 0, prefixLength: 0, hash: 0, row: 0, words: new Uint32Array(4) };
  readonly #chainCursors = new Set<ChainCursor>();
  readonly #rowCursors = new Set<RowCursor>();
  #historyFromSeconds = 0;
  #rowLast = 0;
  #rowFree = 0;
  #size = 0;
  #sequence = 0;
  #changedAtSeconds = 0;
  #chainHead = 0;
  #chainTail = 0;
  #endedHead = 0;
  #endedTail = 0;

  constructor(family: Family, options: BindingTableOptions = {}) {
    this.family = family;
    const limits = { ...TABLE_LIMITS_DEFAULT, ...options.limits };
    limits.bindingsMax = Math.min(limits.bindingsMax, BINDINGS_MAX_POSSIBLE - 1);
    limits.recordBytesMax = Math.min(limits.recordBytesMax, TABLE_LIMITS_DEFAULT.recordBytesMax);
    limits.instancesMax = Math.min(limits.instancesMax, 65_535);
    limits.serverAddressesMax = Math.min(limits.serverAddressesMax, 65_535);
    this.limits = limits;
    this.addressWords = family === 4 ? 1 : 4;
    const hash = new HalfSipHash(options.hashKey ?? [0x6c656173, 0x65776972]);
    this.arena = new Arena(limits.arenaBytesMax);
    this.values = new Interner(this.arena, hash, limits.internedMax);
    this.instances = new TextPool(limits.instancesMax);
    this.serverAddresses = new TextPool(limits.serverAddressesMax);
    this.#causes = new TextPool(limits.causesMax);
    this.rows = new Rows(family);
    this.byAddressIndex = new AddressIndex(this.addressWords, this.rows, hash);
    this.keyIndexes = KEY_INDEXES.map(({ field, word }) => new KeyIndex(this.arena, this.rows, hash, word, field));
    this.#wheel = new ExpiryWheel(this.rows);
    this.#record = new RecordWriter(limits.recordBytesMax);
    this.#images = new RowImageReader(family, this.values, this.instances, this.serverAddresses);
    this.log = new ChangeLog(limits, this.values, this.instances, this.serverAddresses, this.#causes, this.#images);
    this.rows.grow(1);
  }

  /** Number of bindings. */
  get size(): number {
    return this.#size;
  }

  /** Sequence of the last change, 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Rows are numbered 1 … rowLast; some of them may be unused. */
  get rowLast(): number {
    return this.#rowLast;
  }

  /** Octets held by everything here, the change log apart. */
  get bytes(): number {
    let bytes = this.rows.bytes + this.arena.bytes + this.values.bytes + this.byAddressIndex.bytes;
    for (const index of this.keyIndexes) bytes += index.bytes;
    return bytes;
  }

  /**
   * Inserts or updates the binding of (instance, address, prefixLength). Times are unsigned 32-bit unix seconds.
   * Refusals: `input-invalid`, `limit-reached`.
   */
  put(input: BindingInput, cause: string, nowSeconds: number): PutResult {
    return this.#put(input, this.#record.write(input), cause, nowSeconds, 0);
  }

  /** The same as `put` for a writer who has the octets in a buffer: nothing is made for a field. */
  putDraft(draft: BindingDraft, cause: string, nowSeconds: number): PutResult {
    return this.#put(draft, this.#record.writeDraft(draft), cause, nowSeconds, 0);
  }

  /**
   * Puts back what was stored: the binding with the sequence and time of its last change. Sequences must ascend from
   * call to call, gaps are the changes since overwritten. The log stays empty and continues after the last.
   * Refusals: those of `put`, `sequence-not-ascending`.
   */
  restore(input: BindingInput, sequence: number, changedAtSeconds: number): PutResult {
    if (sequence <= this.#sequence || !Number.isSafeInteger(sequence)) {
      return refused({
        code: "sequence-not-ascending",
        sequence,
        message: `A binding with sequence ${sequence} cannot be restored after sequence ${this.#sequence}: restore in order of sequence, before the first change.`,
      });
    }
    return this.#put(input, this.#record.write(input), "restore", changedAtSeconds, sequence);
  }

  /** The next change gets `sequence + 1`: the stored log may have gone further than the rows it left behind. */
  restoreSequence(sequence: number): void {
    if (sequence <= this.#sequence || !Number.isSafeInteger(sequence)) return;
    this.#sequence = sequence;
    this.log.startAfter(sequence);
  }

  /** Refusal: `row-unknown`. */
  remove(row: number, cause: string, nowSeconds: number): RemoveResult {
    if (!this.has(row)) {
      return refused({ code: "row-unknown", row, message: `There is no binding in row ${row}: it has been removed.` });
    }
    const causeId = this.#retainCause(cause);
    if (causeId < 0) return refused(limitReached("causesMax", this.limits.causesMax));
    this.#changedAtSeconds = Math.max(this.#changedAtSeconds, nowSeconds);
    this.#sequence += 1;
    this.#forget(row);
    this.#unlinkChain(row);
    this.#unlinkDue(row);
    this.#unlinkFromLink(row);
    const ref = this.rows.get(row, Row.recordRef);
    const bytes = this.arena.segment(ref);
    this.#oldRecord.read(bytes, this.arena.offset(ref));
    for (const index of this.keyIndexes) index.remove(row, bytes, this.#oldRecord);
    this.byAddressIndex.remove(row);
    this.#count(this.rows.instanceId(row), this.stateOf(row), -1);
    this.#setChange(row);
    this.log.append(this.#load(row), true, causeId);
    this.#releaseIds(row);
    this.arena.free(ref);
    this.rows.set(row, Row.flags, 0);
    this.rows.set(row, Row.hardwareTypeAndGeneration, (this.generation(row) + 1) & 0xffff);
    this.rows.set(row, Row.chainNext, this.#rowFree);
    this.#rowFree = row;
    this.#size -= 1;
    this.arena.tidy(4, this.#moved);
    return { outcome: "removed", sequence: this.#sequence };
  }

  has(row: number): boolean {
    return row > 0 && row <= this.#rowLast && (this.rows.get(row, Row.flags) & FLAG_USED) !== 0;
  }

  /** How often the row has been given up, modulo 65536: a row number with another generation is another binding. */
  generation(row: number): number {
    return row > 0 && row <= this.#rowLast ? this.rows.unsigned(row, Row.hardwareTypeAndGeneration) & 0xffff : -1;
  }

  /** A copy of the binding in that row, undefined if there is none. */
  at(row: number): Binding | undefined {
    return this.has(row) ? this.#images.binding(this.#load(row)) : undefined;
  }

  sequenceOf(row: number): number {
    return this.rows.unsigned(row, Row.sequenceHigh) * 2 ** 32 + this.rows.unsigned(row, Row.sequenceLow);
  }

  stateOf(row: number): number {
    return stateOfFlags(this.rows.get(row, Row.flags));
  }

  // One number of a row without copying the rest out. The row must be in use (`has`).

  instanceOf(row: number): InstanceName {
    return this.instances.text(this.rows.instanceId(row)) as InstanceName;
  }

  /** 32 bits of the address: word 0 is all of an IPv4 address, or the first four octets of an IPv6 one. */
  addressWordOf(row: number, word: number): number {
    return this.rows.addressWord(row, word);
  }

  prefixLengthOf(row: number): number {
    return prefixLengthOfFlags(this.rows.get(row, Row.flags));
  }

  hardwareTypeOf(row: number): number {
    return this.rows.unsigned(row, Row.hardwareTypeAndGeneration) >>> 16;
  }

  startTimeOfStateSecondsOf(row: number): number {
    return this.rows.unsigned(row, Row.startTimeOfState);
  }

  clientLastTransactionTimeSecondsOf(row: number): number {
    return this.rows.unsigned(row, Row.clientLastTransactionTime);
  }

  expiresAtSecondsOf(row: number): number {
    return this.rows.unsigned(row, Row.expiresAt);
  }

  /** DHCPv6; undefined if the binding names none. */
  iaidOf(row: number): number | undefined {
    const ref = this.rows.unsigned(row, Row.recordRef);
    this.#readRecord.read(this.arena.segment(ref), this.arena.offset(ref));
    return this.#readRecord.iaid;
  }

  /** DHCPv6: when the preferred lifetime ends; that of the valid lifetime where none was given. */
  preferredUntilSecondsOf(row: number): number {
    return (this.rows.get(row, Row.flags) & FLAG_PREFERRED) === 0
      ? this.rows.unsigned(row, Row.expiresAt)
      : this.rows.unsigned(row, Row.preferredUntil);
  }

  /** Stands for giaddr or link-address among the rows that are there now; 0: none. See `linkAddressOfId`. */
  linkAddressIdOf(row: number): number {
    return this.rows.unsigned(row, Row.linkAddressId);
  }

  /** A copy of the octets that the id stands for. */
  linkAddressOfId(id: number): Uint8Array | undefined {
    return this.values.value(id);
  }

  /** Stands for the instance while it has rows; 0: it has none. */
  instanceIdOf(instance: InstanceName): number {
    return this.instances.find(instance);
  }

  interfaceNameOf(row: number): string | undefined {
    const octets = this.values.value(this.rows.unsigned(row, Row.interfaceNameId));
    return octets === undefined ? undefined : this.#decoder.decode(octets);
  }

  /** A view into the arena, valid until the next change; undefined if the binding has no such field. */
  fieldOf(row: number, field: FieldNumber): Uint8Array | undefined {
    const ref = this.rows.unsigned(row, Row.recordRef);
    const bytes = this.arena.segment(ref);
    this.#readRecord.read(bytes, this.arena.offset(ref));
    const length = this.#readRecord.lengths[field]!;
    if (length < 0) return undefined;
    const start = this.#readRecord.starts[field]!;
    return bytes.subarray(start, start + length);
  }

  /** Octets of a field, −1 if the binding has no such field. */
  fieldLengthOf(row: number, field: FieldNumber): number {
    const ref = this.rows.unsigned(row, Row.recordRef);
    this.#readRecord.read(this.arena.segment(ref), this.arena.offset(ref));
    return this.#readRecord.lengths[field]!;
  }

  /**
   * The row that holds the address: its own, else that of the longest prefix around it; −1 if none.
   * `address` has 4 or 16 octets.
   */
  byAddress(instance: InstanceName, address: Uint8Array): number {
    const row = this.byPrefix(instance, address, this.addressWords * 32);
    if (row > 0) return row;
    const instanceId = this.instances.find(instance);
    if (instanceId === 0 || address.length !== this.addressWords * 4) return -1;
    return this.byAddressIndex.covering(instanceId, this.#words) || -1;
  }

  /** The row of exactly this address and length; −1 if none. A `put` of it that follows at once does not look again. */
  byPrefix(instance: InstanceName, address: Uint8Array, prefixLength: number): number {
    const instanceId = this.instances.find(instance);
    if (instanceId === 0 || address.length !== this.addressWords * 4) return -1;
    addressToWords(address, this.#words);
    if (prefixLength < this.addressWords * 32) maskWords(this.#words, this.addressWords, prefixLength);
    return this.#find(instanceId, prefixLength) || -1;
  }

  /** Rows with that client identifier or DUID, in no particular order; stop iterating at the next change. */
  byClientId(instance: InstanceName, clientId: Uint8Array): Generator<number, void> {
    return this.byField(Field.clientId, instance, clientId);
  }

  byHardwareAddress(instance: InstanceName, hardwareAddress: Uint8Array): Generator<number, void> {
    return this.byField(Field.hardwareAddress, instance, hardwareAddress);
  }

  byRelayId(instance: InstanceName, relayId: Uint8Array): Generator<number, void> {
    return this.byField(Field.relayId, instance, relayId);
  }

  byRemoteId(instance: InstanceName, remoteId: Uint8Array): Generator<number, void> {
    return this.byField(Field.remoteId, instance, remoteId);
  }

  byCircuitId(instance: InstanceName, circuitId: Uint8Array): Generator<number, void> {
    return this.byField(Field.circuitId, instance, circuitId);
  }

  /** Rows with that giaddr or link-address. */
  *byLinkAddress(instance: InstanceName, linkAddress: Uint8Array): Generator<number, void> {
    const instanceId = this.instances.find(instance);
    const id = this.values.find(linkAddress);
    if (instanceId === 0 || id === 0) return;
    let row = this.values.rowsHead(id);
    while (row !== 0) {
      const next = this.rows.get(row, Row.linkNext);
      if (this.rows.instanceId(row) === instanceId) yield row;
      row = next;
    }
  }

  /**
   * Rows whose last change is at or after that second, or after that sequence; latest first. Removals are only in the
   * log. Stop iterating at the next change; to walk while the table changes, use `chain`.
   */
  *changedSince(since: { seconds: number } | { afterSequence: number }): Generator<number, void> {
    let row = this.#chainTail;
    while (row !== 0) {
      if ("seconds" in since) {
        if (this.rows.unsigned(row, Row.changedAtSeconds) < since.seconds) return;
      } else if (this.sequenceOf(row) <= since.afterSequence) return;
      const prev = this.rows.get(row, Row.chainPrev);
      yield row;
      row = prev;
    }
  }

  /**
   * A cursor over the rows changed after that sequence, oldest change first, which stays right while the table
   * changes: a row that changes again is met again at its new place, a removed one is passed over.
   */
  chain(since: { seconds: number } | { afterSequence: number }): ChainCursor {
    const cursor = new ChainCursor(this, since, () => this.#chainCursors.delete(cursor));
    this.#chainCursors.add(cursor);
    return cursor;
  }

  /**
   * A walk over the rows with that key which stays right while the table changes; `close` it. Rows that get the key
   * after the walk has begun are not met; a row is met once, whatever happens to it.
   */
  keyCursor(field: FieldNumber, instance: InstanceName, key: Uint8Array): KeyCursor {
    return this.keyIndexes[field]!.open(this.instances.find(instance), key);
  }

  /** A walk over all rows in order of their number which stays right while the table changes; `close` it. */
  rowCursor(): RowCursor {
    const cursor = new RowCursor(this.#rowLast, () => this.#rowCursors.delete(cursor));
    this.#rowCursors.add(cursor);
    return cursor;
  }

  /** Walks that are open: what a test looks at to see that none was forgotten. */
  get cursorCount(): number {
    let count = this.#chainCursors.size + this.#rowCursors.size;
    for (const index of this.keyIndexes) count += index.cursorCount;
    return count;
  }

  /** A row with that client identifier or DUID, 0 if there is none; the others follow by `nextOfClient`. */
  firstOfClient(instance: InstanceName, clientId: Uint8Array): number {
    const instanceId = this.instances.find(instance);
    return instanceId === 0 ? 0 : this.keyIndexes[Field.clientId]!.first(instanceId, clientId);
  }

  /** The rows before and after this one among those with its client identifier; 0: none. */
  previousOfClient(row: number): number {
    return this.keyIndexes[Field.clientId]!.previous(row);
  }

  nextOfClient(row: number): number {
    return this.keyIndexes[Field.clientId]!.next(row);
  }

  changedAtSecondsOf(row: number): number {
    return this.rows.unsigned(row, Row.changedAtSeconds);
  }

  /**
   * What changed from this second on is all in the chain, as far as bindings of this server go: rows removed since took
   * what changed before with them. 0: nothing was removed. A fresh start knows nothing of earlier removals.
   */
  get historyFromSeconds(): number {
    return this.#historyFromSeconds;
  }

  /** @internal */ get chainTail(): number {
    return this.#chainTail;
  }

  /** @internal */ get chainHead(): number {
    return this.#chainHead;
  }

  /** Number of bindings by state in one instance: element s counts state s. */
  counts(instance: InstanceName): readonly number[] {
    const counts = this.#stateCounts[this.instances.find(instance)];
    return Array.from({ length: STATES }, (_, state) => counts?.[state] ?? 0);
  }

  /** Instances that have bindings. */
  instanceNames(): InstanceName[] {
    const names: InstanceName[] = [];
    for (const [name, id] of this.instances.entries()) {
      if (this.#stateCounts[id] !== undefined) names.push(name as InstanceName);
    }
    return names;
  }

  /**
   * Makes overdue ACTIVE rows EXPIRED, at most `rowsMax` of them; `done` is false when some may be left. The state
   * begins at the second the lease ended.
   */
  expire(nowSeconds: number, rowsMax: number): { expired: number; done: boolean } {
    let expired = 0;
    // A row moved to a finer level of the wheel is work as well, if less.
    let moves = rowsMax * 4;
    while (expired < rowsMax) {
      const row = this.#wheel.due(nowSeconds, moves);
      moves -= this.#wheel.lastMoves;
      if (row < 0) return { expired, done: false };
      if (row === 0) return { expired, done: true };
      if (!this.#expireRow(row, nowSeconds)) return { expired, done: false };
      expired += 1;
    }
    return { expired, done: false };
  }

  /**
   * Removes ended rows whose last change is older than the retention, at most `rowsMax` of them, oldest first; `done`
   * is false when some may be left.
   */
  sweep(
    nowSeconds: number,
    rowsMax: number,
    retentionSeconds = this.limits.endedRetentionSeconds,
  ): {
    removed: number;
    done: boolean;
  } {
    let removed = 0;
    while (removed < rowsMax) {
      const row = this.#endedHead;
      if (row === 0) return { removed, done: true };
      const changedAt = this.rows.unsigned(row, Row.changedAtSeconds);
      if (changedAt + retentionSeconds > nowSeconds) return { removed, done: true };
      if (this.remove(row, "retention", nowSeconds).outcome === "refused") return { removed, done: false };
      removed += 1;
    }
    return { removed, done: false };
  }

  /** `length` is that of the record just written, −1 if it is too long. Nobody else inserts or updates rows. */
  #put(input: BindingFacts, length: number, cause: string, nowSeconds: number, restoredSequence: number): PutResult {
    const invalid = this.#invalid(input);
    if (invalid !== undefined) return refused(invalid);
    addressToWords(input.address, this.#words);
    if (input.prefixLength < this.addressWords * 32) maskWords(this.#words, this.addressWords, input.prefixLength);
    if (length < 0) return refused(limitReached("recordBytesMax", this.limits.recordBytesMax));
    const knownInstance = this.instances.find(input.instance);
    const existing = knownInstance === 0 ? 0 : this.#find(knownInstance, input.prefixLength);
    if (existing === 0 && this.#size >= this.limits.bindingsMax) {
      return refused(limitReached("bindingsMax", this.limits.bindingsMax));
    }

    // What an update reads lies in four places far apart: asked for together, they are waited for once.
    if (existing !== 0) this.touched = this.#touchNeighbours(existing);
    const refusal = this.#retainIds(input, cause);
    if (refusal !== undefined) return refused(refusal);
    if (existing !== 0 && restoredSequence === 0 && this.#same(existing, length)) {
      this.#releaseRetained();
      return { outcome: "unchanged", row: existing, sequence: this.sequenceOf(existing) };
    }
    // The last thing that can be refused; from here on everything succeeds.
    let ref = existing === 0 ? -1 : this.rows.unsigned(existing, Row.recordRef);
    const inPlace = existing !== 0 && this.arena.fits(ref, length);
    if (!inPlace) {
      ref = this.arena.allocate(length, existing || this.#rowFree || this.#rowLast + 1);
      if (ref < 0) {
        this.#releaseRetained();
        return refused(limitReached("arenaBytesMax", this.limits.arenaBytesMax));
      }
    }

    const hash =
      knownInstance === 0
        ? this.byAddressIndex.hashOf(this.#retained.instance, this.#words, input.prefixLength)
        : this.#found.hash;
    this.#changedAtSeconds = Math.max(this.#changedAtSeconds, nowSeconds);
    this.#sequence = restoredSequence === 0 ? this.#sequence + 1 : restoredSequence;
    const row = existing === 0 ? this.#insert(ref, length, hash) : this.#update(existing, ref, length, inPlace);
    if (restoredSequence === 0) this.log.append(this.#load(row), false, this.#retained.cause);
    else {
      this.#causes.release(this.#retained.cause);
      this.log.startAfter(restoredSequence);
    }
    this.arena.tidy(2, this.#moved);
    return { outcome: existing === 0 ? "inserted" : "updated", row, sequence: this.#sequence };
  }

  /** The row of the address in `#words`, 0 if there is none; asked again before anything changed, the answer is kept. */
  #find(instanceId: number, prefixLength: number): number {
    const found = this.#found;
    const words = this.#words;
    if (
      found.sequence !== this.#sequence ||
      found.words[0] !== words[0] ||
      found.instanceId !== instanceId ||
      found.prefixLength !== prefixLength ||
      found.words[1] !== words[1] ||
      found.words[2] !== words[2] ||
      found.words[3] !== words[3]
    ) {
      found.sequence = this.#sequence;
      found.instanceId = instanceId;
      found.prefixLength = prefixLength;
      for (let i = 0; i < 4; i += 1) found.words[i] = words[i]!;
      found.hash = this.byAddressIndex.hashOf(instanceId, words, prefixLength);
      found.row = this.byAddressIndex.find(found.hash, instanceId, words, prefixLength);
    }
    return found.row;
  }

  #touchNeighbours(row: number): number {
    const { rows } = this;
    const ref = rows.get(row, Row.recordRef);
    return (
      rows.get(rows.get(row, Row.chainPrev), Row.chainNext) ^
      rows.get(rows.get(row, Row.chainNext), Row.chainPrev) ^
      this.arena.segment(ref)[this.arena.offset(ref)]!
    );
  }

  #insert(ref: number, length: number, hash: number): number {
    const { rows } = this;
    let row = this.#rowFree;
    if (row === 0) {
      row = this.#rowLast + 1;
      rows.grow(row + 1);
      this.#rowLast = row;
    } else {
      this.#rowFree = rows.get(row, Row.chainNext);
    }
    this.#size += 1;
    for (const cursor of this.#rowCursors) cursor.inserted(row);
    rows.set(row, Row.address, this.#words[0]!);
    if (this.family === 6) {
      rows.set(row, Row.address1, this.#words[1]!);
      rows.set(row, Row.address2, this.#words[2]!);
      rows.set(row, Row.address3, this.#words[3]!);
    }
    this.#writeRecord(row, ref, length);
    this.#writeFixed(row);
    this.byAddressIndex.insert(row, hash);
    const { keyIndexes } = this;
    const record = this.#record;
    const hashes = this.#hashes;
    for (let i = 0; i < keyIndexes.length; i += 1) {
      hashes[i] = keyIndexes[i]!.hashOf(this.#retained.instance, record.bytes, record);
    }
    let touched = 0;
    for (let i = 0; i < keyIndexes.length; i += 1) touched ^= keyIndexes[i]!.touch(hashes[i]!);
    this.touched = touched;
    for (let i = 0; i < keyIndexes.length; i += 1) keyIndexes[i]!.insert(row, record.bytes, record, hashes[i]!);
    this.#linkToLink(row);
    this.#linkChain(row);
    this.#linkDue(row);
    this.#count(this.#retained.instance, stateOfFlags(this.#retained.flags), 1);
    return row;
  }

  #update(row: number, ref: number, length: number, inPlace: boolean): number {
    const { rows, keyIndexes } = this;
    const retained = this.#retained;
    const oldRef = rows.get(row, Row.recordRef);
    const changedKeys = this.#changedKeys(oldRef, length);
    if (changedKeys !== 0) {
      const bytes = this.arena.segment(oldRef);
      for (let i = 0; i < keyIndexes.length; i += 1) {
        if ((changedKeys & (1 << i)) !== 0) keyIndexes[i]!.remove(row, bytes, this.#oldRecord);
      }
    }
    const moveLink = rows.get(row, Row.linkAddressId) !== retained.linkAddress;
    if (moveLink) this.#unlinkFromLink(row);
    this.#unlinkChain(row);
    const oldState = this.stateOf(row);
    const state = stateOfFlags(retained.flags);
    const staysDue =
      this.#isInWheel(row) && isTimed(state, retained.expiresAt) && this.#wheel.mayStay(row, retained.expiresAt);
    if (!staysDue) this.#unlinkDue(row);
    this.#releaseIds(row);
    if (!inPlace) this.arena.free(oldRef);
    this.#writeRecord(row, ref, length);
    this.#writeFixed(row);
    if (changedKeys !== 0) {
      for (let i = 0; i < keyIndexes.length; i += 1) {
        if ((changedKeys & (1 << i)) === 0) continue;
        const hash = keyIndexes[i]!.hashOf(retained.instance, this.#record.bytes, this.#record);
        keyIndexes[i]!.insert(row, this.#record.bytes, this.#record, hash);
      }
    }
    if (moveLink) this.#linkToLink(row);
    this.#linkChain(row);
    if (!staysDue) this.#linkDue(row);
    if (state !== oldState) {
      this.#count(retained.instance, oldState, -1);
      this.#count(retained.instance, state, 1);
    }
    return row;
  }

  /** Bit i is set when the key of index i differs between the stored record and the one just written. */
  #changedKeys(oldRef: number, length: number): number {
    const bytes = this.arena.segment(oldRef);
    const offset = this.arena.offset(oldRef);
    const written = this.#record.bytes;
    if (recordLength(bytes, offset) === length && sameBytes(bytes, offset + 4, written, 4, length - 4)) return 0;
    this.#oldRecord.read(bytes, offset);
    const record = this.#record;
    let changed = 0;
    for (let i = 0; i < KEY_INDEXES.length; i += 1) {
      const field = KEY_INDEXES[i]!.field;
      const oldLength = this.#oldRecord.lengths[field]!;
      if (
        oldLength !== record.lengths[field] ||
        !sameBytes(bytes, this.#oldRecord.starts[field]!, written, record.starts[field]!, oldLength)
      ) {
        changed |= 1 << i;
      }
    }
    return changed;
  }

  #writeRecord(row: number, ref: number, length: number): void {
    copyBytes(this.#record.bytes, 4, length - 4, this.arena.segment(ref), this.arena.offset(ref) + 4);
    this.rows.set(row, Row.recordRef, ref);
  }

  #writeFixed(row: number): void {
    const retained = this.#retained;
    const rows = this.rows.of(row);
    const at = this.rows.at(row);
    rows[at + Row.flags] = retained.flags;
    rows[at + Row.instanceAndServer] = (retained.instance << 16) | retained.serverAddress;
    rows[at + Row.expiresAt] = retained.expiresAt;
    rows[at + Row.clientLastTransactionTime] = retained.clientLastTransactionTime;
    rows[at + Row.startTimeOfState] = retained.startTimeOfState;
    rows[at + Row.linkAddressId] = retained.linkAddress;
    rows[at + Row.serverIdentifierId] = retained.serverIdentifier;
    rows[at + Row.interfaceNameId] = retained.interfaceName;
    const generation = rows[at + Row.hardwareTypeAndGeneration]! & 0xffff;
    rows[at + Row.hardwareTypeAndGeneration] = (retained.hardwareType << 16) | generation;
    if (this.family === 6) rows[at + Row.preferredUntil] = retained.preferredUntil;
    this.#setChange(row);
  }

  #setChange(row: number): void {
    const rows = this.rows.of(row);
    const at = this.rows.at(row);
    rows[at + Row.changedAtSeconds] = this.#changedAtSeconds;
    rows[at + Row.sequenceLow] = this.#sequence;
    rows[at + Row.sequenceHigh] = Math.floor(this.#sequence / 2 ** 32);
  }

  /** What a put is about to store beside the record, every id counted once for the row. */
  readonly #retained = {
    flags: 0,
    startTimeOfState: 0,
    clientLastTransactionTime: 0,
    expiresAt: 0,
    preferredUntil: 0,
    hardwareType: 0,
    instance: 0,
    serverAddress: 0,
    linkAddress: 0,
    serverIdentifier: 0,
    interfaceName: 0,
    cause: 0,
  };

  #retainIds(input: BindingFacts, cause: string): TableRefusal | undefined {
    const retained = this.#retained;
    retained.startTimeOfState = input.startTimeOfStateSeconds;
    retained.clientLastTransactionTime = input.clientLastTransactionTimeSeconds;
    retained.expiresAt = input.expiresAtSeconds;
    retained.hardwareType = input.hardwareType;
    const preferred = this.family === 6 ? input.preferredUntilSeconds : undefined;
    retained.preferredUntil = preferred ?? 0;
    retained.flags =
      input.state |
      (BINDING_ORIGINS.indexOf(input.origin) << 4) |
      (input.kind === "prefix" ? FLAG_PREFIX : 0) |
      (input.dataSource << 8) |
      (input.prefixLength << 16) |
      (preferred === undefined ? 0 : FLAG_PREFERRED) |
      FLAG_USED;
    retained.serverAddress = 0;
    retained.linkAddress = 0;
    retained.serverIdentifier = 0;
    retained.interfaceName = 0;
    retained.cause = 0;
    retained.instance = this.instances.retainText(input.instance);
    if (retained.instance < 0) {
      retained.instance = 0;
      return limitReached("instancesMax", this.limits.instancesMax);
    }
    if (input.serverAddress !== undefined) {
      retained.serverAddress = this.serverAddresses.retainText(input.serverAddress);
      if (retained.serverAddress < 0) {
        retained.serverAddress = 0;
        return this.#giveUp("serverAddressesMax");
      }
    }
    if (input.linkAddress !== undefined) {
      retained.linkAddress = this.values.retainAgain(this.#lastLinkAddress, input.linkAddress);
      if (retained.linkAddress < 0) {
        retained.linkAddress = 0;
        return this.#giveUp("internedMax");
      }
      this.#lastLinkAddress = retained.linkAddress;
    }
    if (input.serverIdentifier !== undefined) {
      retained.serverIdentifier = this.values.retainAgain(this.#lastServerIdentifier, input.serverIdentifier);
      if (retained.serverIdentifier < 0) {
        retained.serverIdentifier = 0;
        return this.#giveUp("internedMax");
      }
      this.#lastServerIdentifier = retained.serverIdentifier;
    }
    if (input.interfaceName !== undefined) {
      retained.interfaceName = this.values.retainValue(this.#octetsOf(input.interfaceName));
      if (retained.interfaceName < 0) {
        retained.interfaceName = 0;
        return this.#giveUp("internedMax");
      }
    }
    retained.cause = this.#retainCause(cause);
    if (retained.cause < 0) {
      retained.cause = 0;
      return this.#giveUp("causesMax");
    }
    return undefined;
  }

  /** Encoding a text costs more than all the rest of a put: those met lately are kept. */
  #octetsOf(text: string): Uint8Array {
    let octets = this.#encoded.get(text);
    if (octets === undefined) {
      octets = this.#encoder.encode(text);
      if (text.length > ENCODED_LENGTH_MAX) return octets;
      if (this.#encoded.size >= ENCODED_MAX) this.#encoded.clear();
      this.#encoded.set(text, octets);
    }
    return octets;
  }

  /** Causes live as long as the log mentions them: the log makes room before a new one is refused. */
  #retainCause(cause: string): number {
    let id = this.#causes.retainText(cause);
    while (id < 0 && this.log.evictOldest()) id = this.#causes.retainText(cause);
    return id;
  }

  #giveUp(limit: keyof TableLimits): TableRefusal {
    this.#releaseRetained();
    return limitReached(limit, this.limits[limit]);
  }

  #releaseRetained(): void {
    const retained = this.#retained;
    this.instances.release(retained.instance);
    this.serverAddresses.release(retained.serverAddress);
    this.values.release(retained.linkAddress);
    this.values.release(retained.serverIdentifier);
    this.values.release(retained.interfaceName);
    this.#causes.release(retained.cause);
  }

  #releaseIds(row: number): void {
    const rows = this.rows.of(row);
    const at = this.rows.at(row);
    const instanceAndServer = rows[at + Row.instanceAndServer]!;
    this.instances.release(instanceAndServer >>> 16);
    this.serverAddresses.release(instanceAndServer & 0xffff);
    this.values.release(rows[at + Row.linkAddressId]!);
    this.values.release(rows[at + Row.serverIdentifierId]!);
    this.values.release(rows[at + Row.interfaceNameId]!);
  }

  #same(row: number, length: number): boolean {
    const retained = this.#retained;
    const rows = this.rows.of(row);
    const at = this.rows.at(row);
    if (
      rows[at + Row.flags] !== retained.flags ||
      rows[at + Row.expiresAt]! >>> 0 !== retained.expiresAt ||
      rows[at + Row.clientLastTransactionTime]! >>> 0 !== retained.clientLastTransactionTime ||
      rows[at + Row.startTimeOfState]! >>> 0 !== retained.startTimeOfState ||
      (this.family === 6 && rows[at + Row.preferredUntil]! >>> 0 !== retained.preferredUntil) ||
      rows[at + Row.linkAddressId] !== retained.linkAddress ||
      rows[at + Row.serverIdentifierId] !== retained.serverIdentifier ||
      rows[at + Row.interfaceNameId] !== retained.interfaceName ||
      (rows[at + Row.instanceAndServer]! & 0xffff) !== retained.serverAddress ||
      rows[at + Row.hardwareTypeAndGeneration]! >>> 16 !== retained.hardwareType
    ) {
      return false;
    }
    const ref = rows[at + Row.recordRef]!;
    const bytes = this.arena.segment(ref);
    const offset = this.arena.offset(ref);
    return recordLength(bytes, offset) === length && sameBytes(bytes, offset + 4, this.#record.bytes, 4, length - 4);
  }

  #invalid(input: BindingFacts): TableRefusal | undefined {
    const octets = this.addressWords * 4;
    if (input.address.length !== octets) return inputInvalid("address", `An address has ${octets} octets.`);
    if (!isUnsigned(input.prefixLength, octets * 8)) {
      return inputInvalid("prefixLength", `A prefix length is 0 to ${octets * 8}.`);
    }
    if (input.kind === "address" && input.prefixLength !== octets * 8) {
      return inputInvalid("prefixLength", `An address has the prefix length ${octets * 8}.`);
    }
    if (!isUnsigned(input.state, 8) || input.state === 0) return inputInvalid("state", "A state is 1 to 8.");
    if (!isUnsigned(input.hardwareType, 0xffff)) return inputInvalid("hardwareType", "A hardware type is 0 to 65535.");
    if (!isUnsigned(input.dataSource, 255)) return inputInvalid("dataSource", "A data source is 0 to 255.");
    if (!BINDING_ORIGINS.includes(input.origin)) {
      return inputInvalid("origin", `An origin is one of ${BINDING_ORIGINS.join(", ")}.`);
    }
    if (input.iaid !== undefined && !isUnsigned(input.iaid, 0xffffffff)) {
      return inputInvalid("iaid", "An IAID is 0 to 4294967295.");
    }
    if (
      !isUnsigned(input.startTimeOfStateSeconds, 0xffffffff) ||
      !isUnsigned(input.clientLastTransactionTimeSeconds, 0xffffffff) ||
      !isUnsigned(input.expiresAtSeconds, 0xffffffff) ||
      (input.preferredUntilSeconds !== undefined && !isUnsigned(input.preferredUntilSeconds, 0xffffffff))
    ) {
      return inputInvalid("seconds", "A time is whole unix seconds, 0 to 4294967295.");
    }
    return undefined;
  }

  #expireRow(row: number, nowSeconds: number): boolean {
    const causeId = this.#retainCause("expired");
    if (causeId < 0) return false;
    this.#changedAtSeconds = Math.max(this.#changedAtSeconds, nowSeconds);
    this.#sequence += 1;
    this.#unlinkChain(row);
    this.#unlinkDue(row);
    this.rows.set(row, Row.flags, (this.rows.get(row, Row.flags) & ~15) | BindingState.EXPIRED);
    this.rows.set(row, Row.startTimeOfState, this.rows.get(row, Row.expiresAt));
    this.#setChange(row);
    this.#linkChain(row);
    this.#linkDue(row);
    const instanceId = this.rows.instanceId(row);
    this.#count(instanceId, BindingState.ACTIVE, -1);
    this.#count(instanceId, BindingState.EXPIRED, 1);
    this.log.append(this.#load(row), false, causeId);
    return true;
  }

  /** @internal Rows with that key in one of the indexed fields. */
  *byField(field: FieldNumber, instance: InstanceName, key: Uint8Array): Generator<number, void> {
    const instanceId = this.instances.find(instance);
    if (instanceId === 0) return;
    const index = this.keyIndexes[field]!;
    let row = index.first(instanceId, key);
    while (row !== 0) {
      const next = index.next(row);
      yield row;
      row = next;
    }
  }

  #load(row: number): RowImage {
    const image = this.#image;
    const rows = this.rows.of(row);
    const at = this.rows.at(row);
    image.row = row;
    image.flags = rows[at + Row.flags]!;
    image.address[0] = rows[at + Row.address]!;
    if (this.family === 6) {
      image.address[1] = rows[at + Row.address1]!;
      image.address[2] = rows[at + Row.address2]!;
      image.address[3] = rows[at + Row.address3]!;
      image.preferredUntilSeconds = rows[at + Row.preferredUntil]! >>> 0;
    }
    image.startTimeOfStateSeconds = rows[at + Row.startTimeOfState]! >>> 0;
    image.clientLastTransactionTimeSeconds = rows[at + Row.clientLastTransactionTime]! >>> 0;
    image.expiresAtSeconds = rows[at + Row.expiresAt]! >>> 0;
    image.linkAddressId = rows[at + Row.linkAddressId]!;
    image.serverIdentifierId = rows[at + Row.serverIdentifierId]!;
    image.interfaceNameId = rows[at + Row.interfaceNameId]!;
    image.instanceAndServer = rows[at + Row.instanceAndServer]!;
    image.hardwareType = rows[at + Row.hardwareTypeAndGeneration]! >>> 16;
    image.changedAtSeconds = rows[at + Row.changedAtSeconds]! >>> 0;
    image.sequence = this.sequenceOf(row);
    const ref = rows[at + Row.recordRef]!;
    image.bytes = this.arena.segment(ref);
    image.offset = this.arena.offset(ref);
    return image;
  }

  /** A row of this server leaves, and with it what the chain knows of it: that it ended, or, if it has not, that it goes. */
  #forget(row: number): void {
    if ((OWN_ORIGINS & (1 << originOfFlags(this.rows.get(row, Row.flags)))) === 0) return;
    const lost = isEnded(this.stateOf(row)) ? this.changedAtSecondsOf(row) : this.#changedAtSeconds;
    this.#historyFromSeconds = Math.max(this.#historyFromSeconds, lost + 1);
  }

  readonly #moved = (owner: number, ref: number): void => {
    if (owner < 0) this.values.moved(-owner, ref);
    else this.rows.set(owner, Row.recordRef, ref);
  };

  #count(instanceId: number, state: number, by: number): void {
    let counts = this.#stateCounts[instanceId];
    if (counts === undefined) {
      counts = new Int32Array(STATES + 1);
      this.#stateCounts[instanceId] = counts;
    }
    counts[state] = counts[state]! + by;
    const all = counts[STATES]! + by;
    counts[STATES] = all;
    if (all === 0) this.#stateCounts[instanceId] = undefined;
  }

  #linkChain(row: number): void {
    const tail = this.#chainTail;
    this.rows.set(row, Row.chainPrev, tail);
    this.rows.set(row, Row.chainNext, 0);
    if (tail === 0) this.#chainHead = row;
    else this.rows.set(tail, Row.chainNext, row);
    this.#chainTail = row;
  }

  #unlinkChain(row: number): void {
    const { rows } = this;
    const prev = rows.get(row, Row.chainPrev);
    const next = rows.get(row, Row.chainNext);
    for (const cursor of this.#chainCursors) cursor.leaving(row, prev);
    if (prev === 0) this.#chainHead = next;
    else rows.set(prev, Row.chainNext, next);
    if (next === 0) this.#chainTail = prev;
    else rows.set(next, Row.chainPrev, prev);
  }

  /** ACTIVE rows with an end wait in the wheel, ended rows in a list by last change, others in neither. */
  #linkDue(row: number): void {
    if (this.#isInWheel(row)) {
      this.#wheel.add(row);
    } else if (isEnded(this.stateOf(row))) {
      const { rows } = this;
      const tail = this.#endedTail;
      rows.set(row, Row.duePrev, tail);
      rows.set(row, Row.dueNext, 0);
      if (tail === 0) this.#endedHead = row;
      else rows.set(tail, Row.dueNext, row);
      this.#endedTail = row;
    }
  }

  #unlinkDue(row: number): void {
    if (this.#isInWheel(row)) {
      this.#wheel.remove(row);
    } else if (isEnded(this.stateOf(row))) {
      const { rows } = this;
      const prev = rows.get(row, Row.duePrev);
      const next = rows.get(row, Row.dueNext);
      if (prev === 0) this.#endedHead = next;
      else rows.set(prev, Row.dueNext, next);
      if (next === 0) this.#endedTail = prev;
      else rows.set(next, Row.duePrev, prev);
      rows.set(row, Row.duePrev, 0);
      rows.set(row, Row.dueNext, 0);
    }
  }

  #isInWheel(row: number): boolean {
    return isTimed(this.stateOf(row), this.rows.unsigned(row, Row.expiresAt));
  }

  #linkToLink(row: number): void {
    const { rows } = this;
    const id = rows.get(row, Row.linkAddressId);
    if (id === 0) return;
    const head = this.values.rowsHead(id);
    rows.set(row, Row.linkPrev, 0);
    rows.set(row, Row.linkNext, head);
    if (head !== 0) rows.set(head, Row.linkPrev, row);
    this.values.setRowsHead(id, row);
  }

  #unlinkFromLink(row: number): void {
    const { rows } = this;
    const id = rows.get(row, Row.linkAddressId);
    if (id === 0) return;
    const prev = rows.get(row, Row.linkPrev);
    const next = rows.get(row, Row.linkNext);
    if (prev === 0) this.values.setRowsHead(id, next);
    else rows.set(prev, Row.linkNext, next);
    if (next !== 0) rows.set(next, Row.linkPrev, prev);
    rows.set(row, Row.linkPrev, 0);
    rows.set(row, Row.linkNext, 0);
  }
}

/** A place in the chain of changes that survives changes; see `BindingTable.chain`. */
export class ChainCursor {
  readonly #table: BindingTable;
  readonly #since: { seconds: number } | { afterSequence: number };
  readonly #close: () => void;
  #positioned = false;
  /** Last row delivered or, while looking for the start, the row up to which everything is recent enough; 0 = before the first. */
  #row = 0;
  #seeking = 0;

  constructor(table: BindingTable, since: { seconds: number } | { afterSequence: number }, close: () => void) {
    this.#table = table;
    this.#since = since;
    this.#close = close;
    this.#seeking = table.chainTail;
  }

  /**
   * The next rows, at most `rowsMax` visits of work; `done` when the end of the chain was reached, after which further
   * calls give what has changed meanwhile.
   */
  next(rowsMax: number): { rows: number[]; done: boolean } {
    const rows: number[] = [];
    let visits = rowsMax;
    if (!this.#positioned) {
      while (this.#seeking !== 0 && this.#isRecent(this.#seeking)) {
        if (visits === 0) return { rows, done: false };
        visits -= 1;
        this.#seeking = this.#table.rows.get(this.#seeking, Row.chainPrev);
      }
      this.#row = this.#seeking;
      this.#positioned = true;
    }
    while (visits > 0) {
      const next = this.#row === 0 ? this.#table.chainHead : this.#table.rows.get(this.#row, Row.chainNext);
      if (next === 0) return { rows, done: true };
      this.#row = next;
      rows.push(next);
      visits -= 1;
    }
    return { rows, done: false };
  }

  /**
   * The row that comes next, without passing it: 0 at the end of the chain for now, −1 when the start has not been found
   * within `visitsMax` rows: ask again.
   */
  peek(visitsMax: number): number {
    if (!this.#positioned) {
      for (let visits = 0; this.#seeking !== 0 && this.#isRecent(this.#seeking); visits += 1) {
        if (visits === visitsMax) return -1;
        this.#seeking = this.#table.rows.get(this.#seeking, Row.chainPrev);
      }
      this.#row = this.#seeking;
      this.#positioned = true;
    }
    return this.#row === 0 ? this.#table.chainHead : this.#table.rows.get(this.#row, Row.chainNext);
  }

  /** Passes the row that `peek` gave just now. */
  pass(row: number): void {
    this.#row = row;
  }

  close(): void {
    this.#close();
  }

  /** @internal A row is about to leave its place. */
  leaving(row: number, prev: number): void {
    if (this.#positioned) {
      if (this.#row === row) this.#row = prev;
    } else if (this.#seeking === row) {
      this.#seeking = prev;
    }
  }

  #isRecent(row: number): boolean {
    return "seconds" in this.#since
      ? this.#table.rows.unsigned(row, Row.changedAtSeconds) >= this.#since.seconds
      : this.#table.sequenceOf(row) > this.#since.afterSequence;
  }
}

/** A place in the rows by number that survives changes; see `BindingTable.rowCursor`. Marks take a bit a row once there are any. */
export class RowCursor {
  readonly #close: () => void;
  readonly #last: number;
  #row = 0;
  #marks: Uint8Array | undefined;
  #inserted = 0;

  constructor(last: number, close: () => void) {
    this.#last = last;
    this.#close = close;
  }

  /** Rows there were when the walk began; those in use among them are met. */
  get last(): number {
    return this.#last;
  }

  /** How far the walk is. */
  get at(): number {
    return this.#row;
  }

  /** Bindings that came since the walk began: they are not met. */
  get insertions(): number {
    return this.#inserted;
  }

  /** Number of the row that comes next, in use or not, without passing it; 0 at the end. Marked rows are passed over. */
  peek(): number {
    while (this.#row < this.#last) {
      if (!this.isMarked(this.#row + 1)) return this.#row + 1;
      this.#row += 1;
    }
    return 0;
  }

  /** Passes the row that `peek` gave. */
  pass(row: number): void {
    this.#row = row;
  }

  /** The row will not be met. */
  mark(row: number): void {
    if (row <= this.#row || row > this.#last) return;
    this.#marks ??= new Uint8Array((this.#last >>> 3) + 1);
    this.#marks[row >>> 3]! |= 1 << (row & 7);
  }

  close(): void {
    this.#close();
  }

  /** @internal Another binding lives in that row from now on. */
  inserted(row: number): void {
    this.#inserted += 1;
    this.mark(row);
  }

  isMarked(row: number): boolean {
    return this.#marks !== undefined && row <= this.#last && (this.#marks[row >>> 3]! & (1 << (row & 7))) !== 0;
  }
}

/** Origins of bindings that this node's own server has given out or taken over. */
const OWN_ORIGINS = (1 << BINDING_ORIGINS.indexOf("server")) | (1 << BINDING_ORIGINS.indexOf("import"));

/** Position = number of the field, see `Field`. */
const KEY_INDEXES: readonly { field: FieldNumber; word: number }[] = [
  { field: Field.clientId, word: Row.clientId },
  { field: Field.hardwareAddress, word: Row.hardwareAddress },
  { field: Field.circuitId, word: Row.circuitId },
  { field: Field.remoteId, word: Row.remoteId },
  { field: Field.relayId, word: Row.relayId },
];

/** Names of interfaces of which the octets are kept, and how long they may be. */
const ENCODED_MAX = 4096;
const ENCODED_LENGTH_MAX = 64;

/** States a binding can have, 0 with them, which none has. */
const STATES = 9;

/** Whether a binding in that state ends by itself. */
function isTimed(state: number, expiresAtSeconds: number): boolean {
  return state === BindingState.ACTIVE && expiresAtSeconds !== 0 && expiresAtSeconds !== EXPIRES_NEVER;
}

function isUnsigned(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function refused(refusal: TableRefusal): { outcome: "refused"; refusal: TableRefusal } {
  return { outcome: "refused", refusal };
}
