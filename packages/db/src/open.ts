import { fileURLToPath } from "node:url";
import type { PrismaClient } from "../generated/sqlite/client.ts";
import { AuditRepository } from "./audit.ts";
import { BindingRepository } from "./bindings.ts";
import { CandidateRepository, CommitRepository } from "./configuration.ts";
import { HistoryRepository } from "./history.ts";
import { type DatabaseLocation, databaseLocation } from "./location.ts";
import { MetaRepository } from "./meta.ts";
import { type MigrationReport, migrate } from "./migrator.ts";
import { PostgresqlSql } from "./postgresql.ts";
import { RecoveryRepository } from "./recovery.ts";
import { RunRepository } from "./runs.ts";
import type { Sql } from "./sql.ts";
import { SqliteSql, sqlitePragmas } from "./sqlite.ts";
import { TemplateRepository } from "./templates.ts";

export interface DatabaseOptions {
  /** `file:PATH` or `postgresql://…`; absent: SQLite in the data directory. */
  readonly url?: string | undefined;
  readonly dataDirectory: string;
  /** Holds `sqlite/migrations` and `postgresql/migrations`; absent: `prisma/` of this program. */
  readonly prismaDirectory?: string;
}

/** One thread's access to the database. Threads do not share it: each opens its own. */
export interface Database {
  readonly provider: "sqlite" | "postgresql";
  /** The database as it may be shown: without user and password. */
  readonly place: string;
  /** Prisma's client. Both providers have the same models; the type is that of SQLite, whose API is the smaller one. */
  readonly client: PrismaClient;
  /** Brings the tables to the state this program needs. Call it before anything else; more than once does no harm. */
  migrate(): Promise<MigrationReport>;
  /** Resolves when the database answers. */
  ping(): Promise<void>;
  readonly bindings: BindingRepository;
  readonly history: HistoryRepository;
  readonly commits: CommitRepository;
  readonly candidate: CandidateRepository;
  readonly runs: RunRepository;
  readonly recovery: RecoveryRepository;
  readonly templates: TemplateRepository;
  readonly audit: AuditRepository;
  readonly meta: MetaRepository;
  close(): Promise<void>;
}

/** Opens the database and finds out whether it answers. Throws `DatabaseUnavailable`. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const location = databaseLocation(options.url, options.dataDirectory);
  const sql = connect(location);
  try {
    await sql.rows("SELECT 1");
    const client = await createClient(location, sql);
    const prismaDirectory = options.prismaDirectory ?? fileURLToPath(new URL("../../../prisma", import.meta.url));
    return {
      provider: location.provider,
      place: location.place,
      client,
      migrate: () => migrate(sql, `${prismaDirectory}/${location.provider}/migrations`),
      ping: async () => void (await sql.rows("SELECT 1")),
      bindings: new BindingRepository(sql),
      history: new HistoryRepository(sql),
      commits: new CommitRepository(client),
      candidate: new CandidateRepository(client),
      runs: new RunRepository(client),
      recovery: new RecoveryRepository(client),
      templates: new TemplateRepository(client),
      audit: new AuditRepository(client),
      meta: new MetaRepository(sql, client),
      close: async () => {
        await client.$disconnect();
        await sql.close();
      },
    };
  } catch (error) {
    await sql.close().catch(() => {});
    throw error;
  }
}

function connect(location: DatabaseLocation): Sql {
  return location.provider === "sqlite"
    ? new SqliteSql(location.file, location.place)
    : new PostgresqlSql(location.url, location.place);
}

/** Only the client that is needed is loaded. */
async function createClient(location: DatabaseLocation, sql: Sql): Promise<PrismaClient> {
  if (sql instanceof PostgresqlSql) {
    const [{ PrismaClient: Client }, { PrismaPg }] = await Promise.all([
      import("../generated/postgresql/client.ts"),
      import("@prisma/adapter-pg"),
    ]);
    return new Client({ adapter: new PrismaPg(sql.pool) }) as unknown as PrismaClient;
  }
  const [{ PrismaClient: Client }, { PrismaBetterSqlite3 }] = await Promise.all([
    import("../generated/sqlite/client.ts"),
    import("@prisma/adapter-better-sqlite3"),
  ]);
  const file = location.provider === "sqlite" ? location.file : "";
  const factory = new PrismaBetterSqlite3({ url: `file:${file}` });
  return new Client({
    adapter: {
      provider: factory.provider,
      adapterName: factory.adapterName,
      connect: async () => {
        const adapter = await factory.connect();
        await adapter.executeScript(sqlitePragmas);
        return adapter;
      },
    },
  });
}
