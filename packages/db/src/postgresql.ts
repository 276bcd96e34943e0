import pg from "pg";
import {
  type BindingWriter,
  bindingColumns,
  bindingKeyColumns,
  historyColumns,
  quoted,
  stateRemoved,
  storableText,
} from "./binding-writer.ts";
import { type ChangeBatch, ChangeBatchReader } from "./change-batch.ts";
import type { ScriptRunner, Sql, SqlRow, SqlValue } from "./sql.ts";
import { databaseUnavailable } from "./unavailable.ts";

const connectionsMax = 6;
const connectTimeoutMs = 5_000;
/** A statement that has not ended by then is given up: the server is stuck, and the caller can say so. */
const statementTimeoutMs = 60_000;
/** The lock Prisma's own command line takes while it migrates. */
const migrationLock = 72_707_369;

export class PostgresqlSql implements Sql {
  readonly provider = "postgresql";
  readonly place: string;
  readonly writer: BindingWriter;
  /** Shared with Prisma's adapter. Broken connections leave it by themselves. */
  readonly pool: pg.Pool;

  constructor(url: string, place: string) {
    this.place = place;
    this.pool = new pg.Pool({
      connectionString: url,
      max: connectionsMax,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      application_name: "leasewire",
      keepAlive: true,
    });
    // An idle connection that breaks has nobody waiting; the next query finds out.
    this.pool.on("error", () => {});
    this.writer = { write: (node, batches) => this.#write(node, batches) };
  }

  async rows(statement: string, parameters: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
    try {
      return (await this.pool.query(numbered(statement), [...parameters].map(parameter))).rows;
    } catch (error) {
      throw databaseUnavailable(error, this.place);
    }
  }

  async exclusively<T>(work: (script: ScriptRunner) => Promise<T>): Promise<T> {
    return this.#connected(async (client) => {
      await client.query("SET statement_timeout = 0");
      await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
      try {
        return await work({
          rows: async (statement, parameters = []) =>
            (await client.query(numbered(statement), parameters.map(parameter))).rows,
          script: async (text) => void (await client.query(text)),
          transaction: (statements) => inTransaction(client, statements),
        });
      } finally {
        await client.query(`SELECT pg_advisory_unlock(${migrationLock}); RESET statement_timeout`).catch(() => {});
      }
    });
  }

  async close(): Promise<void> {
    await this.pool.end();
  }

  async #write(node: string, batches: readonly ChangeBatch[]): Promise<void> {
    const { puts, removes, history } = columnsOf(batches);
    await this.#connected((client) =>
      inTransaction(client, async () => {
        if (puts[0]!.length > 0)
          await client.query({ name: "bindings-put", text: putStatement, values: [node, ...puts] });
        if (removes[0]!.length > 0) {
          await client.query({ name: "bindings-remove", text: removeStatement, values: [node, ...removes] });
        }
        await client.query({ name: "history-add", text: historyStatement, values: [node, ...history] });
        for (const family of [4, 6] as const) {
          const last = Math.max(...batches.map((batch) => batch.last[family]));
          if (last === 0) continue;
          await client.query({ name: "position", text: positionStatement, values: [node, family, last] });
        }
      }),
    );
  }

  async #connected<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    let client: pg.PoolClient | undefined;
    let failure: unknown;
    // A connection that breaks between two queries says so here; unheard it would end the process.
    const broken = (error: unknown) => {
      failure = error;
    };
    try {
      client = await this.pool.connect();
      client.on("error", broken);
      return await work(client);
    } catch (error) {
      failure ??= error;
      throw databaseUnavailable(failure, this.place);
    } finally {
      client?.off("error", broken);
      client?.release(failure !== undefined);
    }
  }
}

async function inTransaction(client: pg.PoolClient, statements: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await statements();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

const bindingTypes: Readonly<Record<(typeof bindingColumns)[number], string>> = {
  node: "text",
  family: "int",
  address: "bytea",
  prefixLength: "int",
  instance: "text",
  sequence: "bigint",
  changedAtSeconds: "bigint",
  state: "int",
  kind: "int",
  hardwareType: "int",
  hardwareAddress: "bytea",
  clientId: "bytea",
  iaid: "bigint",
  startTimeOfStateSeconds: "bigint",
  clientLastTransactionTimeSeconds: "bigint",
  expiresAtSeconds: "bigint",
  preferredUntilSeconds: "bigint",
  dataSource: "int",
  origin: "text",
  detail: "bytea",
};
const historyTypes: Readonly<Record<(typeof historyColumns)[number], string>> = {
  node: "text",
  family: "int",
  address: "bytea",
  prefixLength: "int",
  instance: "text",
  atSeconds: "bigint",
  sequence: "bigint",
  state: "int",
  hardwareType: "int",
  hardwareAddress: "bytea",
  clientId: "bytea",
  iaid: "bigint",
  circuitId: "bytea",
  remoteId: "bytea",
  expiresAtSeconds: "bigint",
  cause: "text",
};

/** The node is one parameter; each further column comes as an array. */
function unnest(types: readonly string[]): string {
  return `SELECT $1::text, * FROM unnest(${types.map((type, index) => `$${index + 2}::${type}[]`).join(", ")})`;
}

const putStatement = `INSERT INTO "Binding" (${quoted(bindingColumns)})
  ${unnest(bindingColumns.slice(1).map((column) => bindingTypes[column]))}
  ON CONFLICT (${quoted(bindingKeyColumns)}) DO UPDATE SET ${bindingColumns
    .filter((column) => !(bindingKeyColumns as readonly string[]).includes(column))
    .map((column) => `"${column}" = excluded."${column}"`)
    .join(", ")}
  WHERE excluded."sequence" > "Binding"."sequence"`;

const removeStatement = `DELETE FROM "Binding" AS b
  USING unnest($2::int[], $3::bytea[], $4::int[], $5::text[], $6::bigint[])
    AS r("family", "address", "prefixLength", "instance", "sequence")
  WHERE b."node" = $1 AND b."family" = r."family" AND b."address" = r."address"
    AND b."prefixLength" = r."prefixLength" AND b."instance" = r."instance" AND b."sequence" < r."sequence"`;

const historyStatement = `INSERT INTO "BindingHistory" (${quoted(historyColumns)})
  ${unnest(historyColumns.slice(1).map((column) => historyTypes[column]))}
  ON CONFLICT DO NOTHING`;

const positionStatement = `INSERT INTO "ChangeLogPosition" ("node", "family", "lastSequence") VALUES ($1, $2, $3)
  ON CONFLICT ("node", "family")
  DO UPDATE SET "lastSequence" = greatest("ChangeLogPosition"."lastSequence", excluded."lastSequence")`;

/**
 * The parameters of the three statements, a list for each column but the node's. `Binding` takes the last change of
 * each binding only: one statement cannot touch a row twice.
 */
function columnsOf(batches: readonly ChangeBatch[]) {
  const puts: unknown[][] = bindingColumns.slice(1).map(() => []);
  const removes: unknown[][] = [[], [], [], [], []];
  const history: unknown[][] = historyColumns.slice(1).map(() => []);
  const lastOfBinding = new Map<string, number>();
  for (const batch of batches) {
    const change = new ChangeBatchReader(batch);
    while (change.next()) lastOfBinding.set(keyText(change), change.sequence);
  }
  for (const batch of batches) {
    const change = new ChangeBatchReader(batch);
    while (change.next()) {
      const { family, address, prefixLength, instance, sequence, removal } = change;
      const { atSeconds, state, hardwareType, hardwareAddress, clientId, iaid, expiresAtSeconds } = change;
      append(history, [
        family,
        address,
        prefixLength,
        instance,
        atSeconds,
        sequence,
        removal ? stateRemoved : state,
        hardwareType,
        hardwareAddress,
        clientId,
        iaid,
        change.circuitId,
        change.remoteId,
        expiresAtSeconds,
        storableText(change.cause),
      ]);
      if (lastOfBinding.get(keyText(change)) !== sequence) continue;
      if (removal) {
        append(removes, [family, address, prefixLength, instance, sequence]);
        continue;
      }
      append(puts, [
        family,
        address,
        prefixLength,
        instance,
        sequence,
        atSeconds,
        state,
        change.kind,
        hardwareType,
        hardwareAddress,
        clientId,
        iaid,
        change.startTimeOfStateSeconds,
        change.clientLastTransactionTimeSeconds,
        expiresAtSeconds,
        change.preferredUntilSeconds,
        change.dataSource,
        change.origin,
        change.detail,
      ]);
    }
  }
  return { puts, removes, history };
}

function append(columns: readonly unknown[][], values: readonly unknown[]): void {
  for (let index = 0; index < columns.length; index += 1) columns[index]!.push(values[index]);
}

function keyText({ family, address, prefixLength, instance }: ChangeBatchReader): string {
  return `${family}${address.toString("latin1")}/${prefixLength}/${instance}`;
}

/** The driver takes other typed arrays for lists of numbers. */
function octets(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const parameter = (value: SqlValue) => (value instanceof Uint8Array ? octets(value) : value);

function numbered(statement: string): string {
  let count = 0;
  return statement.replace(/\?/g, () => `$${++count}`);
}
