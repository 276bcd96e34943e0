import type { InstanceName } from "@leasewire/net";
import { addressToWords, maskWords } from "./address-index.ts";
import { BINDING_ORIGINS, type Binding, type BindingKind, type BindingOrigin } from "./binding.ts";
import { Field, type FieldNumber, RecordReader, sameBytes } from "./record.ts";
import { FLAG_PREFIX, originOfFlags, prefixLengthOfFlags, Row, stateOfFlags } from "./row-layout.ts";
import { type BytesKey, sortByBytes, sortByNumbers } from "./row-sort.ts";
import type { BindingTable } from "./table.ts";
import { TextMatcher } from "./text-match.ts";

/** Every condition that is given must hold. Octets are compared exactly. */
export interface BindingFilter {
  /** Bindings of any of these. */
  instances?: readonly InstanceName[] | undefined;
  states?: readonly number[] | undefined;
  kinds?: readonly BindingKind[] | undefined;
  /** Part of the address, hardware address or an identifier, see `TextMatcher`. */
  text?: string | undefined;
  /** Bindings inside this prefix, and delegated prefixes around it. */
  prefix?: { address: Uint8Array; length: number } | undefined;
  hardwareAddress?: Uint8Array | undefined;
  clientId?: Uint8Array | undefined;
  relayId?: Uint8Array | undefined;
  remoteId?: Uint8Array | undefined;
  circuitId?: Uint8Array | undefined;
  linkAddress?: Uint8Array | undefined;
  interfaceName?: string | undefined;
  serverAddress?: string | undefined;
  origins?: readonly BindingOrigin[] | undefined;
  /** Last change at or after this unix second. */
  changedSinceSeconds?: number | undefined;
}

export const SORT_COLUMNS = [
  "address",
  "hardwareAddress",
  "clientId",
  "state",
  "expiresAt",
  "clientLastTransactionTime",
  "startTimeOfState",
  "lastChange",
  "relayId",
  "circuitId",
  "remoteId",
  "interfaceName",
  "linkAddress",
] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

/** Rows without the column come first when ascending. */
export interface BindingSort {
  column: SortColumn;
  descending?: boolean | undefined;
}

/** Row visits of one slice that keep the thread for less than 4 ms (measured, docs/benchmarks.md). */
export const QUERY_STEP_ROWS = 2048;

/** How many rows an index may give before scanning all rows in slices is the better way. */
const INDEX_ROWS_MAX = 2048;
const INSTANCES_BY_INDEX_MAX = 16;
const SCAN_CHUNK = 256;

/**
 * A query that is worked off in slices while the table goes on changing.
 *
 * Each row is judged at the moment it is visited; rows inserted after the start may be missing. The result names rows
 * with their generation: a row that was removed since, and perhaps given to another binding, is found out by `at`.
 */
export class BindingQuery {
  readonly #table: BindingTable;
  readonly #work: Generator<number, void>;
  #rows: Uint32Array = new Uint32Array(0);
  #generations: Uint16Array = new Uint16Array(0);
  #done = false;

  constructor(table: BindingTable, filter: BindingFilter, sort?: BindingSort) {
    this.#table = table;
    this.#work = this.#run(filter, sort);
  }

  get done(): boolean {
    return this.#done;
  }

  /** The rows found, in order; empty until `done`. */
  get rows(): Uint32Array {
    return this.#rows;
  }

  /** Number of rows found; 0 until `done`. */
  get total(): number {
    return this.#rows.length;
  }

  /** Works for about `rowsMax` row visits; true when the result is complete. */
  step(rowsMax: number = QUERY_STEP_ROWS): boolean {
    let left = rowsMax;
    while (!this.#done && left > 0) {
      const { value, done } = this.#work.next();
      if (done) this.#done = true;
      else left -= value;
    }
    return this.#done;
  }

  /** Runs to the end at once: for small tables and tests. */
  all(): Uint32Array {
    while (!this.step());
    return this.#rows;
  }

  /** Whether position `index` of the result still is the binding that was found. */
  isCurrent(index: number): boolean {
    const row = this.#rows[index];
    return row !== undefined && this.#table.has(row) && this.#table.generation(row) === this.#generations[index];
  }

  /** The binding at position `index` as it is now; undefined if it has been removed since. */
  at(index: number): Binding | undefined {
    return this.isCurrent(index) ? this.#table.at(this.#rows[index]!) : undefined;
  }

  /** The bindings at positions offset … offset + limit − 1 that still exist, as they are now. */
  page(offset: number, limit: number): Binding[] {
    const bindings: Binding[] = [];
    for (let index = offset; index < Math.min(offset + limit, this.#rows.length); index += 1) {
      const binding = this.at(index);
      if (binding !== undefined) bindings.push(binding);
    }
    return bindings;
  }

  *#run(filter: BindingFilter, sort: BindingSort | undefined): Generator<number, void> {
    const table = this.#table;
    const matches = compileFilter(table, filter);
    let rows: Uint32Array;
    const candidates = candidatesByIndex(table, filter);
    if (candidates !== undefined) {
      rows = Uint32Array.from(candidates.filter((row) => matches(row))).sort();
      yield candidates.length;
    } else {
      const rowLast = table.rowLast;
      const found = new Uint32Array(table.size);
      let count = 0;
      for (let from = 1; from <= rowLast; from += SCAN_CHUNK) {
        const to = Math.min(from + SCAN_CHUNK - 1, rowLast);
        for (let row = from; row <= to && count < found.length; row += 1) {
          if (table.has(row) && matches(row)) {
            found[count] = row;
            count += 1;
          }
        }
        yield SCAN_CHUNK;
      }
      rows = count < found.length / 2 ? found.slice(0, count) : found.subarray(0, count);
    }
    if (sort !== undefined) {
      // Ties keep the order of rows in both directions.
      if (sort.descending) yield* reverse(rows);
      yield* sortRows(table, rows, sort.column);
      if (sort.descending) yield* reverse(rows);
    }
    const generations = new Uint16Array(rows.length);
    for (let from = 0; from < rows.length; from += SCAN_CHUNK) {
      const to = Math.min(from + SCAN_CHUNK, rows.length);
      for (let i = from; i < to; i += 1) generations[i] = table.generation(rows[i]!);
      yield to - from;
    }
    this.#rows = rows;
    this.#generations = generations;
  }
}

export function openQuery(table: BindingTable, filter: BindingFilter = {}, sort?: BindingSort): BindingQuery {
  return new BindingQuery(table, filter, sort);
}

type Matches = (row: number) => boolean;

function compileFilter(table: BindingTable, filter: BindingFilter): Matches {
  const { rows } = table;
  const tests: Matches[] = [];
  if (filter.instances !== undefined) {
    const ids = new Set(filter.instances.map((name) => table.instances.find(name)));
    tests.push((row) => ids.has(rows.instanceId(row)));
  }
  if (filter.states !== undefined) {
    const mask = filter.states.reduce((bits, state) => bits | (1 << state), 0);
    tests.push((row) => (mask & (1 << stateOfFlags(rows.get(row, Row.flags)))) !== 0);
  }
  if (filter.kinds !== undefined) {
    const { kinds } = filter;
    tests.push((row) => kinds.includes((rows.get(row, Row.flags) & FLAG_PREFIX) === 0 ? "address" : "prefix"));
  }
  if (filter.origins !== undefined) {
    const mask = filter.origins.reduce((bits, origin) => bits | (1 << BINDING_ORIGINS.indexOf(origin)), 0);
    tests.push((row) => (mask & (1 << originOfFlags(rows.get(row, Row.flags)))) !== 0);
  }
  if (filter.changedSinceSeconds !== undefined) {
    const seconds = filter.changedSinceSeconds;
    tests.push((row) => rows.unsigned(row, Row.changedAtSeconds) >= seconds);
  }
  if (filter.serverAddress !== undefined) {
    const id = table.serverAddresses.find(filter.serverAddress);
    tests.push((row) => id !== 0 && (rows.get(row, Row.instanceAndServer) & 0xffff) === id);
  }
  if (filter.interfaceName !== undefined) {
    tests.push(valueTest(table, Row.interfaceNameId, new TextEncoder().encode(filter.interfaceName)));
  }
  if (filter.linkAddress !== undefined) tests.push(valueTest(table, Row.linkAddressId, filter.linkAddress));
  if (filter.prefix !== undefined) tests.push(prefixTest(table, filter.prefix));
  for (const { name, field } of KEYS) {
    const key = filter[name];
    if (key !== undefined) tests.push(fieldTest(table, field, key));
  }
  if (filter.text !== undefined && filter.text.trim() !== "") {
    const matcher = new TextMatcher(table, filter.text);
    tests.push((row) => matcher.matches(row));
  }
  return (row) => {
    for (const test of tests) if (!test(row)) return false;
    return true;
  };
}

const KEYS = [
  { name: "hardwareAddress", field: Field.hardwareAddress },
  { name: "clientId", field: Field.clientId },
  { name: "remoteId", field: Field.remoteId },
  { name: "circuitId", field: Field.circuitId },
  { name: "relayId", field: Field.relayId },
] as const;

/** The id is looked up per row, as it may be given to another value while the query runs. */
function valueTest(table: BindingTable, word: number, value: Uint8Array): Matches {
  return (row) => {
    const id = table.rows.get(row, word);
    return id !== 0 && table.values.equals(id, value);
  };
}

function fieldTest(table: BindingTable, field: FieldNumber, key: Uint8Array): Matches {
  const record = new RecordReader();
  return (row) => {
    const ref = table.rows.get(row, Row.recordRef);
    const bytes = table.arena.segment(ref);
    record.read(bytes, table.arena.offset(ref));
    return record.lengths[field] === key.length && sameBytes(bytes, record.starts[field]!, key, 0, key.length);
  };
}

function prefixTest(table: BindingTable, prefix: { address: Uint8Array; length: number }): Matches {
  const { addressWords, rows } = table;
  const wanted = new Uint32Array(4);
  const own = new Uint32Array(4);
  if (prefix.address.length !== addressWords * 4) return () => false;
  return (row) => {
    const length = Math.min(prefix.length, prefixLengthOfFlags(rows.get(row, Row.flags)));
    addressToWords(prefix.address, wanted);
    maskWords(wanted, addressWords, length);
    for (let i = 0; i < addressWords; i += 1) own[i] = rows.addressWord(row, i);
    maskWords(own, addressWords, length);
    for (let i = 0; i < addressWords; i += 1) if (own[i] !== wanted[i]) return false;
    return true;
  };
}

/** Rows an index narrows the filter to; undefined when none applies or it gives more than a slice can take. */
function candidatesByIndex(table: BindingTable, filter: BindingFilter): number[] | undefined {
  const instances = filter.instances === undefined ? table.instanceNames() : [...new Set(filter.instances)];
  if (instances.length <= INSTANCES_BY_INDEX_MAX) {
    for (const { name, field } of KEYS) {
      const key = filter[name];
      if (key === undefined) continue;
      const rows = collect(instances, (instance) => table.byField(field, instance, key));
      if (rows !== undefined) return rows;
    }
    const { linkAddress } = filter;
    if (linkAddress !== undefined) {
      const rows = collect(instances, (instance) => table.byLinkAddress(instance, linkAddress));
      if (rows !== undefined) return rows;
    }
  }
  const seconds = filter.changedSinceSeconds;
  if (seconds !== undefined) return collect([0], () => table.changedSince({ seconds }));
  return undefined;
}

function collect<T>(sources: readonly T[], rowsOf: (source: T) => Iterable<number>): number[] | undefined {
  const rows: number[] = [];
  for (const source of sources) {
    for (const row of rowsOf(source)) {
      if (rows.length === INDEX_ROWS_MAX) return undefined;
      rows.push(row);
    }
  }
  return rows;
}

function sortRows(table: BindingTable, sorted: Uint32Array, column: SortColumn): Generator<number, void> {
  const { addressWords, rows } = table;
  switch (column) {
    case "address":
      return sortByNumbers(sorted, addressWords + 1, (row, word) =>
        word < addressWords ? rows.addressWord(row, word) : prefixLengthOfFlags(rows.get(row, Row.flags)),
      );
    case "state":
      return sortByNumbers(sorted, 1, (row) => stateOfFlags(rows.get(row, Row.flags)));
    case "expiresAt":
      return sortByNumbers(sorted, 1, (row) => rows.unsigned(row, Row.expiresAt));
    case "clientLastTransactionTime":
      return sortByNumbers(sorted, 1, (row) => rows.unsigned(row, Row.clientLastTransactionTime));
    case "startTimeOfState":
      return sortByNumbers(sorted, 1, (row) => rows.unsigned(row, Row.startTimeOfState));
    case "lastChange":
      return sortByNumbers(sorted, 2, (row, word) =>
        rows.unsigned(row, word === 0 ? Row.sequenceHigh : Row.sequenceLow),
      );
    case "hardwareAddress":
      return sortByBytes(sorted, new FieldKey(table, Field.hardwareAddress));
    case "clientId":
      return sortByBytes(sorted, new FieldKey(table, Field.clientId));
    case "relayId":
      return sortByBytes(sorted, new FieldKey(table, Field.relayId));
    case "circuitId":
      return sortByBytes(sorted, new FieldKey(table, Field.circuitId));
    case "remoteId":
      return sortByBytes(sorted, new FieldKey(table, Field.remoteId));
    case "interfaceName":
      return sortByBytes(sorted, new ValueKey(table, Row.interfaceNameId));
    case "linkAddress":
      return sortByBytes(sorted, new ValueKey(table, Row.linkAddressId));
  }
}

const NOTHING = new Uint8Array(0);

class FieldKey implements BytesKey {
  bytes: Uint8Array = NOTHING;
  start = 0;
  length = 0;
  readonly #table: BindingTable;
  readonly #field: FieldNumber;
  readonly #record = new RecordReader();

  constructor(table: BindingTable, field: FieldNumber) {
    this.#table = table;
    this.#field = field;
  }

  locate(row: number): void {
    this.length = 0;
    if (!this.#table.has(row)) return;
    const ref = this.#table.rows.get(row, Row.recordRef);
    this.bytes = this.#table.arena.segment(ref);
    this.#record.read(this.bytes, this.#table.arena.offset(ref));
    this.start = this.#record.starts[this.#field]!;
    this.length = Math.max(0, this.#record.lengths[this.#field]!);
  }
}

class ValueKey implements BytesKey {
  bytes: Uint8Array = NOTHING;
  start = 0;
  length = 0;
  readonly #table: BindingTable;
  readonly #word: number;

  constructor(table: BindingTable, word: number) {
    this.#table = table;
    this.#word = word;
  }

  locate(row: number): void {
    this.length = 0;
    if (!this.#table.has(row)) return;
    const id = this.#table.rows.get(row, this.#word);
    if (id !== 0) this.#table.values.locate(id, this);
  }
}

function* reverse(rows: Uint32Array): Generator<number, void> {
  const half = rows.length >>> 1;
  for (let from = 0; from < half; from += 16_384) {
    const to = Math.min(from + 16_384, half);
    for (let i = from; i < to; i += 1) {
      const other = rows.length - 1 - i;
      const row = rows[i]!;
      rows[i] = rows[other]!;
      rows[other] = row;
    }
    yield (to - from) / 16;
  }
}
