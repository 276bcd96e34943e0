import { BindingState, EXPIRES_NEVER, type Family } from "@leasewire/bindings";
import { historyColumns, quoted, stateRemoved } from "./binding-writer.ts";
import { octets, optionalNumber } from "./bindings.ts";
import type { Sql, SqlRow } from "./sql.ts";

export interface HistoryEntry {
  readonly node: string;
  readonly family: Family;
  readonly instance: string;
  readonly address: Uint8Array;
  readonly prefixLength: number;
  readonly atSeconds: number;
  readonly sequence: number;
  /** dhcp-state, or null where the binding was removed. */
  readonly state: number | null;
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array | undefined;
  readonly clientId: Uint8Array | undefined;
  readonly iaid: number | undefined;
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  readonly expiresAtSeconds: number;
  readonly cause: string;
}

export interface AddressKey {
  readonly node: string;
  readonly family: Family;
  /** null: in every instance. */
  readonly instance: string | null;
  readonly address: Uint8Array;
}

/** The last thing known of an address at some time, and whether somebody held it then. */
export interface Holding {
  readonly entry: HistoryEntry;
  readonly held: boolean;
}

/** What became of each address. Append-only; written by `BindingRepository.writeChanges`. */
export class HistoryRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Newest first. `prefixLength` is that of a delegated prefix; absent: the address itself. */
  async forAddress(
    key: AddressKey & { readonly prefixLength?: number },
    limit: number,
  ): Promise<readonly HistoryEntry[]> {
    const inInstance = key.instance === null ? "" : 'AND "instance" = ?';
    const rows = await this.#sql.rows(
      `SELECT ${quoted(historyColumns)} FROM "BindingHistory"
       WHERE "node" = ? AND "family" = ? AND "address" = ? AND "prefixLength" = ? ${inInstance}
       ORDER BY "atSeconds" DESC, "sequence" DESC LIMIT ?`,
      [
        key.node,
        key.family,
        key.address,
        key.prefixLength ?? key.address.length * 8,
        ...(key.instance === null ? [] : [key.instance]),
        limit,
      ],
    );
    return rows.map(historyEntry);
  }

  /**
   * Who held the address at that time: one answer for each instance, and for each delegated prefix that covers the
   * address, the longest first. No answer: nothing was known of it then.
   */
  async at(key: AddressKey, atSeconds: number): Promise<readonly Holding[]> {
    const holdings: Holding[] = [];
    for (const { prefixLength, address, instance } of await this.#covering(key)) {
      const [row] = await this.#sql.rows(
        `SELECT ${quoted(historyColumns)} FROM "BindingHistory"
         WHERE "node" = ? AND "family" = ? AND "address" = ? AND "prefixLength" = ? AND "instance" = ?
           AND "atSeconds" <= ? ORDER BY "atSeconds" DESC, "sequence" DESC LIMIT 1`,
        [key.node, key.family, address, prefixLength, instance, atSeconds],
      );
      if (row === undefined) continue;
      const entry = historyEntry(row);
      holdings.push({ entry, held: heldAt(entry, atSeconds) });
    }
    return holdings;
  }

  /** The address itself and every prefix above it of which something is known. */
  async #covering(key: AddressKey) {
    const lengthMax = key.address.length * 8;
    const masked = new Map<string, Uint8Array>();
    for (let length = key.family === 4 ? lengthMax : 1; length <= lengthMax; length += 1) {
      const address = mask(key.address, length);
      masked.set(address.join("."), address);
    }
    const inInstance = key.instance === null ? "" : 'AND "instance" = ?';
    const rows = await this.#sql.rows(
      `SELECT DISTINCT "address", "prefixLength", "instance" FROM "BindingHistory"
       WHERE "node" = ? AND "family" = ? AND "address" IN (${[...masked].map(() => "?").join(", ")}) ${inInstance}`,
      [key.node, key.family, ...masked.values(), ...(key.instance === null ? [] : [key.instance])],
    );
    return rows
      .map((row) => ({
        address: octets(row.address)!,
        prefixLength: Number(row.prefixLength),
        instance: String(row.instance),
      }))
      .filter(({ address, prefixLength }) => address.join(".") === mask(key.address, prefixLength).join("."))
      .sort((a, b) => b.prefixLength - a.prefixLength || (a.instance < b.instance ? -1 : 1));
  }
}

/** A lease that ran out while nobody was there to write so is not held any more. */
function heldAt(entry: HistoryEntry, atSeconds: number): boolean {
  const unexpired = entry.expiresAtSeconds === EXPIRES_NEVER || entry.expiresAtSeconds > atSeconds;
  return entry.state === BindingState.ACTIVE && unexpired;
}

function mask(address: Uint8Array, length: number): Uint8Array {
  return address.map((octet, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8));
    return octet & (0xff00 >> bits);
  });
}

function historyEntry(row: SqlRow): HistoryEntry {
  const state = Number(row.state);
  return {
    node: String(row.node),
    family: Number(row.family) as Family,
    instance: String(row.instance),
    address: octets(row.address)!,
    prefixLength: Number(row.prefixLength),
    atSeconds: Number(row.atSeconds),
    sequence: Number(row.sequence),
    state: state === stateRemoved ? null : state,
    hardwareType: Number(row.hardwareType),
    hardwareAddress: octets(row.hardwareAddress),
    clientId: octets(row.clientId),
    iaid: optionalNumber(row.iaid),
    circuitId: octets(row.circuitId),
    remoteId: octets(row.remoteId),
    expiresAtSeconds: Number(row.expiresAtSeconds),
    cause: String(row.cause),
  };
}
