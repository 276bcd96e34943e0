// Generates the database client for both providers when the models changed. Plain JavaScript: runs on Node 20 or newer.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const providers = ["sqlite", "postgresql"];
const output = path.join(root, "packages", "db", "generated");
const stamp = path.join(output, ".generated");

const want = digest();
const fresh =
  existsSync(stamp) &&
  readFileSync(stamp, "utf8") === want &&
  providers.every((provider) => existsSync(path.join(output, provider, "client.ts")));
if (!fresh) {
  // What is half made must not pass for made.
  rmSync(stamp, { force: true });
  for (const provider of providers) generate(provider);
  writeFileSync(stamp, want);
}

function generate(provider) {
  const cli = path.join(root, "node_modules", "prisma", "build", "index.js");
  const own = path.join(root, "node_modules", ".bin", "node");
  const result = spawnSync(existsSync(own) ? own : process.execPath, [cli, "generate"], {
    cwd: root,
    encoding: "utf8",
    env: {
      ...process.env,
      DATABASE_URL: provider === "sqlite" ? "file:unused" : "postgresql://unused/unused",
      // Generating does not need the engine that Prisma would download: any executable will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: "1",
      CHECKPOINT_DISABLE: "1",
    },
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}\n`);
  process.stderr.write(`The database client for ${provider} could not be generated: the lines above say why.\n`);
  process.exit(1);
}

/** Over everything the result depends on: models, schemas, and the version of the generator. */
function digest() {
  const prisma = path.join(root, "prisma");
  const models = readdirSync(path.join(prisma, "models")).sort();
  const files = [
    ...models.map((name) => path.join(prisma, "models", name)),
    ...providers.map((provider) => path.join(prisma, provider, "schema.prisma")),
    path.join(root, "prisma.config.ts"),
    path.join(root, "node_modules", "prisma", "package.json"),
    fileURLToPath(import.meta.url),
  ];
  const hash = createHash("sha256");
  for (const file of files) hash.update(path.relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
