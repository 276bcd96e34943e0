// What `npm start` and `npm test` need before anything of ours can run. Plain JavaScript: on a fresh clone this runs on
// the machine's own Node (20 or newer); everything after it runs on the Node 24 that npm installs.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, "node_modules", ".bin");

/** The environment of every program we start: Node 24 first, no telemetry, no update checks. */
export const environment = {
  ...process.env,
  PATH: `${bin}${path.delimiter}${process.env.PATH}`,
  NEXT_TELEMETRY_DISABLED: "1",
  TURBO_TELEMETRY_DISABLED: "1",
  CHECKPOINT_DISABLE: "1",
  DO_NOT_TRACK: "1",
};

/** Node 24 from npm where a package for this platform exists, else the Node that runs us, which must then be 24 or newer. */
export function node24() {
  const own = path.join(bin, "node");
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  fail(
    `Leasewire needs Node 24, and npm has no package with it for ${process.platform}-${process.arch}: install Node 24 and start again.`,
  );
}

/** Ends with one clear line. */
export function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** Runs a command to its end and shows its output only when it failed. */
export function step(title, command, args, options = {}) {
  const started = Date.now();
  process.stderr.write(`${title} … `);
  const result = spawnSync(command, args, {
    cwd: root,
    env: environment,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    ...options,
  });
  if (result.status !== 0) {
    process.stderr.write(`failed\n${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}\n`);
    fail(`${title} failed: the output above says why.`);
  }
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

/** Installs the locked packages unless exactly these are installed already. */
export function install() {
  const stamp = path.join(root, "node_modules", ".leasewire-installed");
  const want = digest([path.join(root, "package-lock.json")]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want) return;
  step("Installing packages", "npm", ["ci", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, want);
}

export function generate() {
  const result = spawnSync(node24(), [path.join(root, "scripts", "generate.mjs")], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) fail("Generating the database client failed: the output above says why.");
}

/**
 * Compiles the addon for batched datagrams when its source changed. Where that cannot be done the program runs without
 * it, on plain sockets.
 */
export function buildAddon() {
  const folder = path.join(root, "packages", "transport", "native");
  const source = path.join(folder, "datagrams.c");
  const headers = path.join(root, "node_modules", "node-api-headers");
  const target = path.join(folder, "build", "datagrams.node");
  const stamp = path.join(folder, "build", ".built");
  if (process.platform !== "linux") {
    process.stderr.write("Batched sockets are left out: they exist for Linux only. Plain sockets serve instead.\n");
    return;
  }
  const want = `${process.arch} ${digest([source, path.join(headers, "package.json")])}`;
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === want) return;
  mkdirSync(path.dirname(target), { recursive: true });
  // A running program keeps the file it has loaded: the new one takes its name, not its place.
  const fresh = `${target}.${process.pid}`;
  const compiler = "cc";
  const flags = ["-O2", "-Wall", "-shared", "-fPIC", "-I", path.join(headers, "include")];
  const result = spawnSync(compiler, [...flags, source, "-o", fresh], { encoding: "utf8" });
  if (result.status === 0) {
    renameSync(fresh, target);
    writeFileSync(stamp, want);
    return;
  }
  rmSync(fresh, { force: true });
  // What was built from another source does not fit the program.
  for (const file of [target, stamp]) rmSync(file, { force: true });
  const reason = result.error
    ? `no C compiler "${compiler}" is here (Debian: "apt-get install gcc libc6-dev")`
    : `"${compiler}" fails: ${(result.stderr ?? "").split("\n").find((line) => line.includes("error")) ?? "no reason given"}`;
  process.stderr.write(`Batched sockets are left out: ${reason}. Plain sockets serve instead.\n`);
}

/** Sources the pages are built from. */
const webInputs = ["apps/web", "packages/api/src", "packages/config/src", "packages/net/src", "package-lock.json"];

export function webIsStale() {
  const stamp = path.join(root, "apps", "web", ".next", ".leasewire-built");
  return !(existsSync(stamp) && readFileSync(stamp, "utf8") === webDigest());
}

/** Builds the pages when a source changed since the last build. */
export function buildWeb() {
  if (!webIsStale()) return;
  const want = webDigest();
  rmSync(path.join(root, "apps", "web", ".next", ".leasewire-built"), { force: true });
  step("Building the pages", path.join(bin, "next"), ["build"], { cwd: path.join(root, "apps", "web") });
  writeFileSync(path.join(root, "apps", "web", ".next", ".leasewire-built"), want);
}

const webDigest = () => digest(webInputs.flatMap((input) => filesUnder(path.join(root, input))));

function filesUnder(target) {
  if (statSync(target).isFile()) return [target];
  return readdirSync(target, { withFileTypes: true })
    .filter(
      (entry) =>
        !["node_modules", ".next", ".turbo", "next-env.d.ts"].includes(entry.name) && !entry.name.includes(".test."),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesUnder(path.join(target, entry.name)));
}

function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(path.relative(root, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/** Starts a program of ours on Node 24 and passes signals on to it; resolves with its exit code. */
export function run(args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(node24(), args, { cwd: root, env: environment, stdio: "inherit", ...options });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
    child.on("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}
