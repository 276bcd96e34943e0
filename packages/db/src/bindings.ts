import type { BindingOrigin, Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import { bindingColumns, quoted, type StoredBinding, type StoredChange } from "./binding-writer.ts";
import { type ChangeBatch, ChangeBatchWriter, changeBatch } from "./change-batch.ts";
import { decodeDetail } from "./detail.ts";
import type { Sql, SqlRow } from "./sql.ts";

export interface StoredBindingPage {
  readonly bindings: readonly StoredBinding[];
  /** Where the next page begins; null after the last one. */
  readonly next: number | null;
}

/** Bindings of a node as they were when their last change was stored. */
export class BindingRepository {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** All of the changes in one transaction, or none. Changes that are stored already are left as they are. */
  async writeBatches(node: string, batches: readonly ChangeBatch[]): Promise<void> {
    if (batches.some(({ count }) => count > 0)) await this.#sql.writer.write(node, batches);
  }

  /** The same for changes that are objects. */
  writeChanges(node: string, changes: readonly StoredChange[]): Promise<void> {
    return this.writeBatches(node, [changeBatch(changes)]);
  }

  /** In order of sequence, so that a page needs no more memory than its rows. */
  async page(node: string, family: Family, after: number | null, limit: number): Promise<StoredBindingPage> {
    const rows = await this.#rows(node, family, after, limit);
    const bindings = rows.map(storedBinding);
    return { bindings, next: rows.length < limit ? null : bindings.at(-1)!.sequence };
  }

  /** The same as puts in a batch. */
  async pageBatch(
    node: string,
    family: Family,
    after: number | null,
    limit: number,
  ): Promise<{ readonly bindings: ChangeBatch; readonly next: number | null }> {
    const rows = await this.#rows(node, family, after, limit);
    const writer = new ChangeBatchWriter();
    for (const row of rows) {
      const { binding, sequence, changedAtSeconds: atSeconds } = storedFields(row);
      writer.add({ family, sequence, atSeconds, kind: "put", cause: "", binding }, row.detail as Uint8Array);
    }
    return { bindings: writer.take(), next: rows.length < limit ? null : Number(rows.at(-1)!.sequence) };
  }

  async count(node: string, family: Family): Promise<number> {
    const [row] = await this.#sql.rows('SELECT count(*) AS "n" FROM "Binding" WHERE "node" = ? AND "family" = ?', [
      node,
      family,
    ]);
    return Number(row?.n);
  }

  #rows(node: string, family: Family, after: number | null, limit: number): Promise<readonly SqlRow[]> {
    return this.#sql.rows(
      `SELECT ${quoted(bindingColumns)} FROM "Binding"
       WHERE "node" = ? AND "family" = ? AND "sequence" > ? ORDER BY "sequence" LIMIT ?`,
      [node, family, after ?? -1, limit],
    );
  }
}

function storedBinding(row: SqlRow): StoredBinding {
  const { binding, ...stored } = storedFields(row);
  const { address, hardwareAddress, clientId } = binding;
  return {
    ...stored,
    binding: {
      ...binding,
      address: octets(address)!,
      hardwareAddress: octets(hardwareAddress),
      clientId: octets(clientId),
      ...decodeDetail(octets(row.detail)!),
    },
  };
}

/** All but the detail; octets are as the driver hands them out. */
function storedFields(row: SqlRow): StoredBinding {
  return {
    sequence: Number(row.sequence),
    changedAtSeconds: Number(row.changedAtSeconds),
    binding: {
      instance: row.instance as InstanceName,
      address: row.address as Uint8Array,
      prefixLength: Number(row.prefixLength),
      kind: Number(row.kind) === 1 ? "prefix" : "address",
      state: Number(row.state),
      hardwareType: Number(row.hardwareType),
      hardwareAddress: (row.hardwareAddress as Uint8Array | null) ?? undefined,
      clientId: (row.clientId as Uint8Array | null) ?? undefined,
      iaid: optionalNumber(row.iaid),
      startTimeOfStateSeconds: Number(row.startTimeOfStateSeconds),
      clientLastTransactionTimeSeconds: Number(row.clientLastTransactionTimeSeconds),
      expiresAtSeconds: Number(row.expiresAtSeconds),
      preferredUntilSeconds: optionalNumber(row.preferredUntilSeconds),
      dataSource: Number(row.dataSource),
      origin: row.origin as BindingOrigin,
    },
  };
}

/** A plain array of its own: drivers hand out Buffers, which may share a pool with others. */
export function octets(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? Uint8Array.from(value) : undefined;
}

export function optionalNumber(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
