import pg from "pg";
import {
  type BindingWriter,
  bindingColumns,
  bindingKeyColumns,
  historyColumns,
  lastOfEach,
  lastSequences,
  quoted,
  type StoredChange,
  stateRemoved,
  storableText,
} from "./binding-writer.ts";
import { encodeDetail } from "./detail.ts";
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
    this.writer = { write: (node, changes) => this.#write(node, changes) };
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

  async #write(node: string, changes: readonly StoredChange[]): Promise<void> {
    const last = lastOfEach(changes);
    const puts = last.filter(({ kind }) => kind === "put");
    const removes = last.filter(({ kind }) => kind === "remove");
    await this.#connected((client) =>
      inTransaction(client, async () => {
        if (puts.length > 0)
          await client.query({ name: "bindings-put", text: putStatement, values: putValues(node, puts) });
        if (removes.length > 0) {
          await client.query({ name: "bindings-remove", text: removeStatement, values: removeValues(node, removes) });
        }
        await client.query({ name: "history-add", text: historyStatement, values: historyValues(node, changes) });
        for (const [family, sequence] of lastSequences(changes)) {
          await client.query({ name: "position", text: positionStatement, values: [node, family, sequence] });
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

function putValues(node: string, changes: readonly StoredChange[]): unknown[] {
  const column = (value: (change: StoredChange) => unknown) => changes.map(value);
  return [
    node,
    column((change) => change.family),
    column(({ binding }) => octets(binding.address)),
    column(({ binding }) => binding.prefixLength),
    column(({ binding }) => binding.instance),
    column((change) => change.sequence),
    column((change) => change.atSeconds),
    column(({ binding }) => binding.state),
    column(({ binding }) => (binding.kind === "prefix" ? 1 : 0)),
    column(({ binding }) => binding.hardwareType),
    column(({ binding }) => octets(binding.hardwareAddress)),
    column(({ binding }) => octets(binding.clientId)),
    column(({ binding }) => binding.iaid ?? null),
    column(({ binding }) => binding.startTimeOfStateSeconds),
    column(({ binding }) => binding.clientLastTransactionTimeSeconds),
    column(({ binding }) => binding.expiresAtSeconds),
    column(({ binding }) => binding.preferredUntilSeconds ?? null),
    column(({ binding }) => binding.dataSource),
    column(({ binding }) => binding.origin),
    column(({ binding }) => octets(encodeDetail(binding))),
  ];
}

function removeValues(node: string, changes: readonly StoredChange[]): unknown[] {
  return [
    node,
    changes.map(({ family }) => family),
    changes.map(({ binding }) => octets(binding.address)),
    changes.map(({ binding }) => binding.prefixLength),
    changes.map(({ binding }) => binding.instance),
    changes.map(({ sequence }) => sequence),
  ];
}

function historyValues(node: string, changes: readonly StoredChange[]): unknown[] {
  const column = (value: (change: StoredChange) => unknown) => changes.map(value);
  return [
    node,
    column((change) => change.family),
    column(({ binding }) => octets(binding.address)),
    column(({ binding }) => binding.prefixLength),
    column(({ binding }) => binding.instance),
    column((change) => change.atSeconds),
    column((change) => change.sequence),
    column(({ kind, binding }) => (kind === "remove" ? stateRemoved : binding.state)),
    column(({ binding }) => binding.hardwareType),
    column(({ binding }) => octets(binding.hardwareAddress)),
    column(({ binding }) => octets(binding.clientId)),
    column(({ binding }) => binding.iaid ?? null),
    column(({ binding }) => octets(binding.circuitId)),
    column(({ binding }) => octets(binding.remoteId)),
    column(({ binding }) => binding.expiresAtSeconds),
    column(({ cause }) => storableText(cause)),
  ];
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
