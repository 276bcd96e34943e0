import { FIELDS, RecordReader } from "./record.ts";
import { FLAG_PREFERRED, FLAG_PREFIX, FLAG_USED, originOfFlags, prefixLengthOfFlags, Row } from "./row-layout.ts";
import type { BindingTable } from "./table.ts";

/**
 * One row of a table, read in place: nothing is copied and nothing is made for a row, so that millions of rows can be
 * walked and their octets taken over into messages. One view is read again and again.
 *
 * What it says holds until the next change of the table.
 */
export class RowView {
  readonly #table: BindingTable;
  readonly #record = new RecordReader();
  row = 0;
  /** A `BindingState`. */
  state = 0;
  isPrefix = false;
  prefixLength = 0;
  dataSource = 0;
  /** Position in `BINDING_ORIGINS`. */
  origin = 0;
  /** Stands for the name of the instance while the row is there, see `BindingTable.instanceIdOf`. */
  instanceId = 0;
  hardwareType = 0;
  startTimeOfStateSeconds = 0;
  clientLastTransactionTimeSeconds = 0;
  expiresAtSeconds = 0;
  /** DHCPv6; that of the valid lifetime where none was given. */
  preferredUntilSeconds = 0;
  /** All of an IPv4 address, or the first four octets of an IPv6 one; the others are in `table.addressWordOf`. */
  addressWord = 0;
  /** Where the octets of the fields are: field `f` (see `Field`) is `lengths[f]` octets from `starts[f]` on, −1: absent. */
  bytes: Uint8Array = new Uint8Array(0);
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  /** Octets of the variable part: no field, and no sum of fields, is longer. */
  recordLength = 0;

  constructor(table: BindingTable) {
    this.#table = table;
    this.starts = this.#record.starts;
    this.lengths = this.#record.lengths;
  }

  /** Reads the numbers of a row, the fields with them; false if the row is not in use. */
  read(row: number): boolean {
    if (!this.readNumbers(row)) return false;
    this.readFields();
    return true;
  }

  /** Only the numbers: what decides whether the fields are wanted at all. */
  readNumbers(row: number): boolean {
    const table = this.#table;
    if (row <= 0 || row > table.rowLast) return false;
    const rows = table.rows.of(row);
    const at = table.rows.at(row);
    const flags = rows[at + Row.flags]!;
    if ((flags & FLAG_USED) === 0) return false;
    this.row = row;
    this.state = flags & 15;
    this.origin = originOfFlags(flags);
    this.isPrefix = (flags & FLAG_PREFIX) !== 0;
    this.dataSource = (flags >>> 8) & 255;
    this.prefixLength = prefixLengthOfFlags(flags);
    this.instanceId = rows[at + Row.instanceAndServer]! >>> 16;
    this.hardwareType = rows[at + Row.hardwareTypeAndGeneration]! >>> 16;
    this.startTimeOfStateSeconds = rows[at + Row.startTimeOfState]! >>> 0;
    this.clientLastTransactionTimeSeconds = rows[at + Row.clientLastTransactionTime]! >>> 0;
    this.expiresAtSeconds = rows[at + Row.expiresAt]! >>> 0;
    if (table.family === 6) {
      this.preferredUntilSeconds =
        (flags & FLAG_PREFERRED) === 0 ? this.expiresAtSeconds : rows[at + Row.preferredUntil]! >>> 0;
    }
    this.addressWord = rows[at + Row.address]! >>> 0;
    return true;
  }

  /** The fields of the row whose numbers were read. */
  readFields(): void {
    const { rows, arena } = this.#table;
    const ref = rows.get(this.row, Row.recordRef);
    const bytes = arena.segment(ref);
    const offset = arena.offset(ref);
    this.bytes = bytes;
    this.recordLength = bytes[offset + 4]! | (bytes[offset + 5]! << 8);
    this.#record.read(bytes, offset);
  }

  /** Whether the field has exactly these octets. */
  fieldIs(field: number, value: Uint8Array): boolean {
    if (field < 0 || field >= FIELDS || this.lengths[field] !== value.length) return false;
    const { bytes } = this;
    const start = this.starts[field]!;
    for (let i = 0; i < value.length; i += 1) if (bytes[start + i] !== value[i]) return false;
    return true;
  }

  /** Writes the address of the row, 4 or 16 octets. */
  writeAddress(to: Uint8Array, at: number): void {
    const { addressWords, rows } = this.#table;
    for (let i = 0; i < addressWords; i += 1) {
      const word = rows.addressWord(this.row, i);
      to[at + i * 4] = word >>> 24;
      to[at + i * 4 + 1] = word >>> 16;
      to[at + i * 4 + 2] = word >>> 8;
      to[at + i * 4 + 3] = word;
    }
  }

  /** Whether no other row has this client identifier in this instance; true without one. */
  get isOnlyOfClient(): boolean {
    return this.#table.previousOfClient(this.row) === 0 && this.#table.nextOfClient(this.row) === 0;
  }
}
