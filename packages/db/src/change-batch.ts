import {
  BINDING_ORIGINS,
  type BindingInput,
  type BindingOrigin,
  type Family,
  Field,
  type LoggedChange,
} from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { StoredBinding, StoredChange } from "./binding-writer.ts";
import {
  copyOctets,
  decodeDetail,
  detailPlace,
  loggedDetailOctetsMax,
  writeDetail,
  writeLoggedDetail,
} from "./detail.ts";

/**
 * Changes on their way between the engine thread and the database: one run of octets instead of an object for every field,
 * with blobs in the form in which they are stored. Texts that repeat are in a list and referred to by number.
 *
 * A change is a head of `headOctets`, then address, hardware address, client identifier and detail (`detail.ts`), the
 * whole a multiple of 4 octets. All numbers are in the byte order of the machine: a batch never leaves it.
 */
export interface ChangeBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly texts: readonly string[];
  readonly count: number;
  /** First and last sequence of each family; 0 when it has no change here. */
  readonly first: Readonly<Record<Family, number>>;
  readonly last: Readonly<Record<Family, number>>;
}

/** Words of the head. */
const Word = {
  length: 0,
  /** family 0–3, removal 4, prefix 5, IAID 6, preferred lifetime 7, prefix length 8–15, state 16–23, data source 24–31 */
  flags: 1,
  /** instance 0–15, cause 16–31 */
  texts: 2,
  /** hardware type 0–15, origin 16–23, octets of the address 24–31 */
  types: 3,
  sequenceLow: 4,
  sequenceHigh: 5,
  atSeconds: 6,
  startTimeOfState: 7,
  clientLastTransactionTime: 8,
  expiresAt: 9,
  preferredUntil: 10,
  iaid: 11,
  /** Octets of each, `absent` for none. */
  hardwareAddress: 12,
  clientId: 13,
  detail: 14,
  /** Where in the detail they are, and how long. */
  circuitIdAt: 15,
  circuitId: 16,
  remoteIdAt: 17,
  remoteId: 18,
} as const;
const headWords = 19;
const headOctets = headWords * 4;
const absent = 0xffffffff;
const removal = 1 << 4;
const prefix = 1 << 5;
const withIaid = 1 << 6;
const withPreferred = 1 << 7;
const octetsMin = 16_384;

/** Writes batches, one after the other, in a buffer of its own. */
export class ChangeBatchWriter {
  #bytes = new Uint8Array(octetsMin);
  #words = new Uint32Array(this.#bytes.buffer);
  #at = 0;
  #count = 0;
  #texts: string[] = [];
  #numbers = new Map<string, number>();
  #first: Record<Family, number> = { 4: 0, 6: 0 };
  #last: Record<Family, number> = { 4: 0, 6: 0 };

  get count(): number {
    return this.#count;
  }

  /**
   * @param detail as it is stored already: then `binding` goes without what is in it, and the change is one to read, not
   *   one to write: its circuit-id and remote-id are found in the detail only
   */
  add({ family, sequence, atSeconds, kind, cause, binding }: StoredChange, detail?: Uint8Array): void {
    const { address, hardwareAddress, clientId, iaid, preferredUntilSeconds } = binding;
    const hardwareOctets = hardwareAddress?.length ?? 0;
    const clientOctets = clientId?.length ?? 0;
    const upTo = headOctets + address.length + hardwareOctets + clientOctets;
    this.#reserve(upTo);
    const head = this.#at >>> 2;
    let at = this.#at + headOctets;
    this.#bytes.set(address, at);
    at += address.length;
    if (hardwareAddress !== undefined) this.#bytes.set(hardwareAddress, at);
    at += hardwareOctets;
    if (clientId !== undefined) this.#bytes.set(clientId, at);
    at += clientOctets;
    const detailOctets = detail === undefined ? this.#addDetail(binding, at) : this.#copyDetail(detail, at);
    at += detailOctets;
    const end = (at + 3) & ~3;
    this.#reserve(end - this.#at);
    const words = this.#words;
    words[head + Word.length] = end - this.#at;
    words[head + Word.flags] =
      family |
      (kind === "remove" ? removal : 0) |
      (binding.kind === "prefix" ? prefix : 0) |
      (iaid === undefined ? 0 : withIaid) |
      (preferredUntilSeconds === undefined ? 0 : withPreferred) |
      (binding.prefixLength << 8) |
      (binding.state << 16) |
      (binding.dataSource << 24);
    words[head + Word.texts] = this.#text(binding.instance) | (this.#text(cause) << 16);
    words[head + Word.types] =
      binding.hardwareType | (BINDING_ORIGINS.indexOf(binding.origin) << 16) | (address.length << 24);
    words[head + Word.sequenceLow] = sequence % 2 ** 32;
    words[head + Word.sequenceHigh] = Math.floor(sequence / 2 ** 32);
    words[head + Word.atSeconds] = atSeconds;
    words[head + Word.startTimeOfState] = binding.startTimeOfStateSeconds;
    words[head + Word.clientLastTransactionTime] = binding.clientLastTransactionTimeSeconds;
    words[head + Word.expiresAt] = binding.expiresAtSeconds;
    words[head + Word.preferredUntil] = preferredUntilSeconds ?? 0;
    words[head + Word.iaid] = iaid ?? 0;
    words[head + Word.hardwareAddress] = hardwareAddress === undefined ? absent : hardwareOctets;
    words[head + Word.clientId] = clientId === undefined ? absent : clientOctets;
    words[head + Word.detail] = detailOctets;
    words[head + Word.circuitIdAt] = detailPlace.circuitId;
    words[head + Word.circuitId] = binding.circuitId?.length ?? absent;
    words[head + Word.remoteIdAt] = detailPlace.remoteId;
    words[head + Word.remoteId] = binding.remoteId?.length ?? absent;
    this.#added(family, sequence, end);
  }

  /** The same of a change where it lies in the log: octets are copied once, and no object is made. */
  addLogged(change: LoggedChange): void {
    const { family, addressWords, starts, lengths, bytes, sequence, iaid, preferredUntilSeconds } = change;
    const hardwareOctets = lengths[Field.hardwareAddress]!;
    const clientOctets = lengths[Field.clientId]!;
    const addressOctets = addressWords.length * 4;
    const detailAtMost = loggedDetailOctetsMax(change);
    this.#reserve(headOctets + addressOctets + Math.max(0, hardwareOctets) + Math.max(0, clientOctets) + detailAtMost);
    const into = this.#bytes;
    const words = this.#words;
    const head = this.#at >>> 2;
    let at = this.#at + headOctets;
    for (let i = 0; i < addressWords.length; i += 1) {
      const word = addressWords[i]!;
      into[at] = word >>> 24;
      into[at + 1] = word >>> 16;
      into[at + 2] = word >>> 8;
      into[at + 3] = word;
      at += 4;
    }
    at = copyOctets(bytes, starts[Field.hardwareAddress]!, hardwareOctets, into, at);
    at = copyOctets(bytes, starts[Field.clientId]!, clientOctets, into, at);
    const detailOctets = writeLoggedDetail(change, into, at);
    at += detailOctets;
    const end = (at + 3) & ~3;
    words[head + Word.length] = end - this.#at;
    words[head + Word.flags] =
      family |
      (change.removed ? removal : 0) |
      (change.isPrefix ? prefix : 0) |
      (iaid === undefined ? 0 : withIaid) |
      (preferredUntilSeconds === undefined ? 0 : withPreferred) |
      (change.prefixLength << 8) |
      (change.state << 16) |
      (change.dataSource << 24);
    words[head + Word.texts] = this.#text(change.instance) | (this.#text(change.cause) << 16);
    words[head + Word.types] = change.hardwareType | (change.originNumber << 16) | (addressOctets << 24);
    words[head + Word.sequenceLow] = sequence % 2 ** 32;
    words[head + Word.sequenceHigh] = Math.floor(sequence / 2 ** 32);
    words[head + Word.atSeconds] = change.atSeconds;
    words[head + Word.startTimeOfState] = change.startTimeOfStateSeconds;
    words[head + Word.clientLastTransactionTime] = change.clientLastTransactionTimeSeconds;
    words[head + Word.expiresAt] = change.expiresAtSeconds;
    words[head + Word.preferredUntil] = preferredUntilSeconds ?? 0;
    words[head + Word.iaid] = iaid ?? 0;
    // −1 is `absent`.
    words[head + Word.hardwareAddress] = hardwareOctets;
    words[head + Word.clientId] = clientOctets;
    words[head + Word.detail] = detailOctets;
    words[head + Word.circuitIdAt] = detailPlace.circuitId;
    words[head + Word.circuitId] = lengths[Field.circuitId]!;
    words[head + Word.remoteIdAt] = detailPlace.remoteId;
    words[head + Word.remoteId] = lengths[Field.remoteId]!;
    this.#added(family, sequence, end);
  }

  #added(family: Family, sequence: number, end: number): void {
    if (this.#first[family] === 0 || sequence < this.#first[family]) this.#first[family] = sequence;
    this.#last[family] = Math.max(this.#last[family], sequence);
    this.#at = end;
    this.#count += 1;
  }

  /** What was added since the last call. */
  take(): ChangeBatch {
    // A view would drag the whole buffer along when it is posted to another thread.
    const batch: ChangeBatch = {
      bytes: this.#bytes.slice(0, this.#at),
      texts: this.#texts,
      count: this.#count,
      first: this.#first,
      last: this.#last,
    };
    this.#at = 0;
    this.#count = 0;
    this.#texts = [];
    this.#numbers = new Map();
    this.#first = { 4: 0, 6: 0 };
    this.#last = { 4: 0, 6: 0 };
    return batch;
  }

  #addDetail(binding: BindingInput, at: number): number {
    for (;;) {
      const octets = writeDetail(binding, this.#bytes, at);
      if (octets > 0) return octets;
      this.#reserve(this.#bytes.length + 1);
    }
  }

  #copyDetail(detail: Uint8Array, at: number): number {
    this.#reserve(at - this.#at + detail.length);
    this.#bytes.set(detail, at);
    return detail.length;
  }

  #text(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.length;
      if (number > 0xffff) throw new Error("a batch refers to more than 65536 texts");
      this.#texts.push(text);
      this.#numbers.set(text, number);
    }
    return number;
  }

  #reserve(octets: number): void {
    if (this.#at + octets <= this.#bytes.length) return;
    const bytes = new Uint8Array((Math.max(this.#bytes.length * 2, this.#at + octets) + 3) & ~3);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#words = new Uint32Array(bytes.buffer);
  }
}

export function changeBatch(changes: Iterable<StoredChange>): ChangeBatch {
  const writer = new ChangeBatchWriter();
  for (const change of changes) writer.add(change);
  return writer.take();
}

/** Walks over the changes of a batch; `next` first. Octets it answers are views into the batch. */
export class ChangeBatchReader {
  readonly #batch: ChangeBatch;
  readonly #words: Uint32Array;
  #head = 0;
  #nextAt = 0;

  constructor(batch: ChangeBatch) {
    this.#batch = batch;
    this.#words = new Uint32Array(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length >>> 2);
  }

  next(): boolean {
    if (this.#nextAt >= this.#batch.bytes.length) return false;
    this.#head = this.#nextAt >>> 2;
    this.#nextAt += this.#word(Word.length);
    return true;
  }

  get family(): Family {
    return (this.#word(Word.flags) & 15) as Family;
  }
  get removal(): boolean {
    return (this.#word(Word.flags) & removal) !== 0;
  }
  /** 0 = address, 1 = prefix. */
  get kind(): 0 | 1 {
    return (this.#word(Word.flags) & prefix) === 0 ? 0 : 1;
  }
  get prefixLength(): number {
    return (this.#word(Word.flags) >>> 8) & 255;
  }
  get state(): number {
    return (this.#word(Word.flags) >>> 16) & 255;
  }
  get dataSource(): number {
    return this.#word(Word.flags) >>> 24;
  }
  get instance(): InstanceName {
    return this.#batch.texts[this.#word(Word.texts) & 0xffff] as InstanceName;
  }
  get cause(): string {
    return this.#batch.texts[this.#word(Word.texts) >>> 16]!;
  }
  get hardwareType(): number {
    return this.#word(Word.types) & 0xffff;
  }
  get origin(): BindingOrigin {
    return BINDING_ORIGINS[(this.#word(Word.types) >>> 16) & 255]!;
  }
  get sequence(): number {
    return this.#word(Word.sequenceHigh) * 2 ** 32 + this.#word(Word.sequenceLow);
  }
  get atSeconds(): number {
    return this.#word(Word.atSeconds);
  }
  get startTimeOfStateSeconds(): number {
    return this.#word(Word.startTimeOfState);
  }
  get clientLastTransactionTimeSeconds(): number {
    return this.#word(Word.clientLastTransactionTime);
  }
  get expiresAtSeconds(): number {
    return this.#word(Word.expiresAt);
  }
  get preferredUntilSeconds(): number | null {
    return (this.#word(Word.flags) & withPreferred) === 0 ? null : this.#word(Word.preferredUntil);
  }
  get iaid(): number | null {
    return (this.#word(Word.flags) & withIaid) === 0 ? null : this.#word(Word.iaid);
  }
  get address(): Buffer {
    return this.#octets(headOctets, this.#addressOctets);
  }
  get hardwareAddress(): Buffer | null {
    const octets = this.#word(Word.hardwareAddress);
    return octets === absent ? null : this.#octets(headOctets + this.#addressOctets, octets);
  }
  get clientId(): Buffer | null {
    const octets = this.#word(Word.clientId);
    if (octets === absent) return null;
    return this.#octets(headOctets + this.#addressOctets + present(this.#word(Word.hardwareAddress)), octets);
  }
  get circuitId(): Buffer | null {
    const octets = this.#word(Word.circuitId);
    return octets === absent ? null : this.#octets(this.#detailAt + this.#word(Word.circuitIdAt), octets);
  }
  get remoteId(): Buffer | null {
    const octets = this.#word(Word.remoteId);
    return octets === absent ? null : this.#octets(this.#detailAt + this.#word(Word.remoteIdAt), octets);
  }
  get detail(): Buffer {
    return this.#octets(this.#detailAt, this.#word(Word.detail));
  }

  /** The binding whole; its octets are views into the batch. */
  binding(): BindingInput {
    return {
      instance: this.instance,
      address: plain(this.address),
      prefixLength: this.prefixLength,
      kind: this.kind === 1 ? "prefix" : "address",
      state: this.state,
      hardwareType: this.hardwareType,
      hardwareAddress: optional(this.hardwareAddress),
      clientId: optional(this.clientId),
      iaid: this.iaid ?? undefined,
      startTimeOfStateSeconds: this.startTimeOfStateSeconds,
      clientLastTransactionTimeSeconds: this.clientLastTransactionTimeSeconds,
      expiresAtSeconds: this.expiresAtSeconds,
      preferredUntilSeconds: this.preferredUntilSeconds ?? undefined,
      dataSource: this.dataSource,
      origin: this.origin,
      ...decodeDetail(plain(this.detail)),
    };
  }

  stored(): StoredBinding {
    return { binding: this.binding(), sequence: this.sequence, changedAtSeconds: this.atSeconds };
  }

  get #addressOctets(): number {
    return this.#word(Word.types) >>> 24;
  }
  get #detailAt(): number {
    return (
      headOctets + this.#addressOctets + present(this.#word(Word.hardwareAddress)) + present(this.#word(Word.clientId))
    );
  }
  #word(word: number): number {
    return this.#words[this.#head + word]!;
  }
  #octets(at: number, length: number): Buffer {
    const { buffer, byteOffset } = this.#batch.bytes;
    return Buffer.from(buffer, byteOffset + (this.#head << 2) + at, length);
  }
}

function present(octets: number): number {
  return octets === absent ? 0 : octets;
}

function plain(octets: Buffer): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}

function optional(octets: Buffer | null): Uint8Array | undefined {
  return octets === null ? undefined : plain(octets);
}
