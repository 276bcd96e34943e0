import { defineConfig } from "prisma/config";

/** The command line of Prisma works on the folder of the provider that DATABASE_URL names; none means SQLite. */
const url = process.env.DATABASE_URL ?? "file:var/leasewire.sqlite";
const provider = /^postgres(ql)?:/.test(url) ? "postgresql" : "sqlite";

export default defineConfig({
  schema: `prisma/${provider}`,
  migrations: { path: `prisma/${provider}/migrations` },
  datasource: { url },
});
