import { Arena } from "./arena.ts";
import type { Change } from "./binding.ts";
import type { Interner, TextPool } from "./interner.ts";
import { limitReached, type TableLimits, type TableRefusal } from "./limits.ts";
import type { LoggedChange } from "./logged-change.ts";
import { copyBytes, recordLength } from "./record.ts";
import { RowImage, type RowImageReader } from "./row-image.ts";
import { Entries } from "./segmented.ts";

const WORDS = 18;
const REMOVE = 1;

/**
 * The latest changes, in order, each with the binding as it was then: a bounded ring with one cursor per reader.
 *
 * Invariants:
 *   - It holds the changes `oldestSequence` … `lastSequence` without a gap.
 *   - A reader sees every change after its position once, in order, or is told that it cannot: from the moment its
 *     next change has left the ring it reads nothing until it calls `resync`.
 *   - Readers never hold the ring back.
 */
export class ChangeLog {
  readonly #limits: TableLimits;
  readonly #arena: Arena;
  readonly #entries = new Entries(WORDS);
  readonly #values: Interner;
  readonly #instances: TextPool;
  readonly #serverAddresses: TextPool;
  readonly #causes: TextPool;
  readonly #images: RowImageReader;
  readonly #image = new RowImage();
  readonly #readers = new Map<string, LogReader>();
  #oldest = 1;
  #last = 0;

  constructor(
    limits: TableLimits,
    values: Interner,
    instances: TextPool,
    serverAddresses: TextPool,
    causes: TextPool,
    images: RowImageReader,
  ) {
    this.#limits = limits;
    this.#values = values;
    this.#instances = instances;
    this.#serverAddresses = serverAddresses;
    this.#causes = causes;
    this.#images = images;
    this.#arena = new Arena(limits.logBytesMax);
  }

  /** Sequence of the last change of the table, 0 before the first. */
  get lastSequence(): number {
    return this.#last;
  }

  /** First sequence still in the ring; `lastSequence + 1` when the ring is empty. */
  get oldestSequence(): number {
    return this.#oldest;
  }

  get bytes(): number {
    return this.#entries.bytes + this.#arena.bytes;
  }

  get readers(): ReadonlyMap<string, LogReader> {
    return this.#readers;
  }

  /**
   * The reader of that name, opened if it is not. A new one stands at the end (`"now"`), at the start of what is kept
   * (`"oldest"`), or after the sequence it says it has. Refusal: `logReadersMax`.
   */
  reader(name: string, from: "now" | "oldest" | number = "now"): LogReader | TableRefusal {
    const open = this.#readers.get(name);
    if (open !== undefined) return open;
    if (this.#readers.size >= this.#limits.logReadersMax)
      return limitReached("logReadersMax", this.#limits.logReadersMax);
    const position = from === "now" ? this.#last : from === "oldest" ? this.#oldest - 1 : from;
    const reader = new LogReader(name, this, position, () => this.#readers.delete(name));
    this.#readers.set(name, reader);
    return reader;
  }

  /** @internal The change of that sequence, which must be in the ring. */
  at(sequence: number): Change {
    const entry = this.#load(sequence);
    return {
      sequence,
      atSeconds: this.#image.changedAtSeconds,
      kind: entry.removed ? "remove" : "put",
      binding: this.#images.binding(this.#image),
      cause: this.#causes.text(entry.cause) ?? "",
    };
  }

  /** @internal The same where it lies. */
  show(sequence: number, change: LoggedChange): void {
    const { removed, cause } = this.#load(sequence);
    const text = this.#causes.text(cause) ?? "";
    change.read(this.#image, removed, text, this.#values, this.#instances, this.#serverAddresses);
  }

  readonly #loaded = { removed: false, cause: 0 };

  #load(sequence: number): { readonly removed: boolean; readonly cause: number } {
    const slot = sequence % this.#limits.logEntriesMax;
    const entries = this.#entries.of(slot);
    const at = this.#entries.at(slot);
    const image = this.#image;
    image.flags = entries[at]!;
    for (let i = 0; i < 4; i += 1) image.address[i] = entries[at + 1 + i]!;
    image.startTimeOfStateSeconds = entries[at + 5]! >>> 0;
    image.clientLastTransactionTimeSeconds = entries[at + 6]! >>> 0;
    image.expiresAtSeconds = entries[at + 7]! >>> 0;
    image.preferredUntilSeconds = entries[at + 8]! >>> 0;
    image.linkAddressId = entries[at + 9]!;
    image.serverIdentifierId = entries[at + 10]!;
    image.interfaceNameId = entries[at + 11]!;
    image.instanceAndServer = entries[at + 12]!;
    const typeAndKind = entries[at + 13]!;
    image.hardwareType = typeAndKind >>> 16;
    image.changedAtSeconds = entries[at + 14]! >>> 0;
    const ref = entries[at + 15]!;
    image.row = entries[at + 17]!;
    image.sequence = sequence;
    image.bytes = this.#arena.segment(ref);
    image.offset = this.#arena.offset(ref);
    const loaded = this.#loaded;
    loaded.removed = (typeAndKind & REMOVE) !== 0;
    loaded.cause = entries[at + 16]!;
    return loaded;
  }

  /** @internal Appends the change with the sequence of `image`; `causeId` is retained for the log by the caller. */
  append(image: RowImage, removed: boolean, causeId: number): void {
    if (image.sequence - this.#oldest >= this.#limits.logEntriesMax) this.#evict();
    const slot = image.sequence % this.#limits.logEntriesMax;
    const length = recordLength(image.bytes, image.offset);
    let ref = this.#arena.allocate(length, slot + 1);
    while (ref < 0) {
      this.#evict();
      ref = this.#arena.allocate(length, slot + 1);
    }
    copyBytes(image.bytes, image.offset + 4, length - 4, this.#arena.segment(ref), this.#arena.offset(ref) + 4);
    this.#entries.grow(slot + 1);
    const entries = this.#entries.of(slot);
    const at = this.#entries.at(slot);
    entries[at] = image.flags;
    for (let i = 0; i < 4; i += 1) entries[at + 1 + i] = image.address[i]!;
    entries[at + 5] = image.startTimeOfStateSeconds;
    entries[at + 6] = image.clientLastTransactionTimeSeconds;
    entries[at + 7] = image.expiresAtSeconds;
    entries[at + 8] = image.preferredUntilSeconds;
    entries[at + 9] = image.linkAddressId;
    entries[at + 10] = image.serverIdentifierId;
    entries[at + 11] = image.interfaceNameId;
    entries[at + 12] = image.instanceAndServer;
    entries[at + 13] = (image.hardwareType << 16) | (removed ? REMOVE : 0);
    entries[at + 14] = image.changedAtSeconds;
    entries[at + 15] = ref;
    entries[at + 16] = causeId;
    entries[at + 17] = image.row;
    this.#values.retain(image.linkAddressId);
    this.#values.retain(image.serverIdentifierId);
    this.#values.retain(image.interfaceNameId);
    this.#instances.retain(image.instanceAndServer >>> 16);
    this.#serverAddresses.retain(image.instanceAndServer & 0xffff);
    this.#last = image.sequence;
    this.#arena.tidy(2, this.#moved);
  }

  /** @internal The next change is `sequence + 1`; used while restoring, before anything was logged. */
  startAfter(sequence: number): void {
    while (this.#oldest <= this.#last) this.#evict();
    this.#last = sequence;
    this.#oldest = sequence + 1;
  }

  /** @internal Drops the oldest entry, so that what only it retained can be used again. False when there is none. */
  evictOldest(): boolean {
    if (this.#oldest > this.#last) return false;
    this.#evict();
    return true;
  }

  readonly #moved = (owner: number, ref: number): void => {
    this.#entries.of(owner - 1)[this.#entries.at(owner - 1) + 15] = ref;
  };

  #evict(): void {
    const slot = this.#oldest % this.#limits.logEntriesMax;
    const entries = this.#entries.of(slot);
    const at = this.#entries.at(slot);
    this.#values.release(entries[at + 9]!);
    this.#values.release(entries[at + 10]!);
    this.#values.release(entries[at + 11]!);
    const instanceAndServer = entries[at + 12]!;
    this.#instances.release(instanceAndServer >>> 16);
    this.#serverAddresses.release(instanceAndServer & 0xffff);
    this.#causes.release(entries[at + 16]!);
    this.#arena.free(entries[at + 15]!);
    this.#oldest += 1;
  }
}

/** A named position in the log. */
export class LogReader {
  readonly name: string;
  readonly #log: ChangeLog;
  readonly #onClose: () => void;
  #position: number;

  constructor(name: string, log: ChangeLog, position: number, onClose: () => void) {
    this.name = name;
    this.#log = log;
    this.#position = position;
    this.#onClose = onClose;
  }

  /** Sequence of the last change it has read. */
  get position(): number {
    return this.#position;
  }

  /** Changes it has not read yet, lost ones included. */
  get behind(): number {
    return Math.max(0, this.#log.lastSequence - this.#position);
  }

  /** Changes it can no longer read because they left the ring; above 0 it must `resync`. */
  get dropped(): number {
    return Math.max(0, this.#log.oldestSequence - 1 - this.#position);
  }

  /** The next changes, at most `max`; none while `dropped` is above 0. */
  read(max: number): Change[] {
    if (this.dropped > 0) return [];
    const changes: Change[] = [];
    const end = Math.min(this.#log.lastSequence, this.#position + max);
    while (this.#position < end) {
      this.#position += 1;
      changes.push(this.#log.at(this.#position));
    }
    return changes;
  }

  /** The next change where it lies, in `change`; false when there is none, or `dropped` is above 0. */
  next(change: LoggedChange): boolean {
    if (this.#position >= this.#log.lastSequence || this.dropped > 0) return false;
    this.#position += 1;
    this.#log.show(this.#position, change);
    return true;
  }

  /** Gives up what was lost: continues after the last change. Returns its sequence, as of which to read the table. */
  resync(): number {
    this.#position = this.#log.lastSequence;
    return this.#position;
  }

  close(): void {
    this.#onClose();
  }
}
