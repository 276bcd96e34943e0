import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freeTcpPort } from "./free-port.ts";

const startTimeoutMs = 30_000;
const stopTimeoutMs = 30_000;

/** A PostgreSQL server of Debian's packages in a temporary folder, gone without trace after `remove`. */
export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Creates an empty database and answers its URL. */
  createDatabase(name?: string): string;
  /** Stops the server and keeps its data: clients find the connection refused. */
  stop(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Stops the server and deletes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1. It ends with this process, whatever ends it: the shell around the server
 * reads a pipe that only we hold open.
 *
 * @param options.fsync false: quicker, and only good where the machine itself is not expected to fail (default)
 */
export async function startPostgres(options: { readonly fsync?: boolean } = {}): Promise<PostgresServer> {
  const binaries = postgresBinaries();
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : null;
  const as = (command: string, args: readonly string[]): [string, string[]] =>
    account === null ? [command, [...args]] : ["runuser", ["-u", account.name, "--", command, ...args]];

  const folder = mkdtempSync(join(tmpdir(), "leasewire-postgres-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const user = "leasewire";
  const password = "a secret: p@ss/word";
  const data = join(folder, "data");
  const port = await freeTcpPort();
  let server: ChildProcess | null = null;
  let databases = 0;

  try {
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account !== null) for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
    const initdb = ["-D", data, "-U", user, "--pwfile", passwordFile, "-A", "scram-sha-256"];
    run(as(join(binaries, "initdb"), [...initdb, "-E", "UTF8", "--locale", "C", "--no-sync"]), folder);
    await start();
  } catch (error) {
    await remove();
    throw error;
  }

  async function start(): Promise<void> {
    const settings = {
      listen_addresses: "127.0.0.1",
      port: String(port),
      unix_socket_directories: folder,
      fsync: options.fsync === true ? "on" : "off",
      max_connections: "40",
      shared_buffers: "64MB",
      log_min_messages: "fatal",
    };
    const script = '"$@" & server=$!; cat > /dev/null; kill -INT $server; wait $server';
    const parameters = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const [command, args] = as("sh", ["-c", script, "sh", join(binaries, "postgres"), "-D", data, ...parameters]);
    let complaints = "";
    const child = spawn(command, args, { cwd: folder, stdio: ["pipe", "ignore", "pipe"], detached: true });
    child.stderr?.on("data", (text) => {
      complaints = (complaints + String(text)).slice(-2000);
    });
    server = child;
    const deadlineMs = Date.now() + startTimeoutMs;
    while (!(await accepts())) {
      if (child.exitCode !== null || Date.now() > deadlineMs)
        throw new Error(`PostgreSQL does not start: ${complaints}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** True once the server takes queries: while it recovers it accepts connections and refuses them. */
  async function accepts(): Promise<boolean> {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("connect", () => socket.destroy());
    });
    if (!open) return false;
    try {
      psql("postgres", "SELECT 1");
      return true;
    } catch {
      return false;
    }
  }

  function psql(database: string, statement: string): void {
    const args = ["-X", "-q", "-h", "127.0.0.1", "-p", String(port), "-U", user, "-d", database, "-c", statement];
    execFileSync(join(binaries, "psql"), args, { env: { ...process.env, PGPASSWORD: password }, stdio: "pipe" });
  }

  async function stop(): Promise<void> {
    const child = server;
    server = null;
    if (child === null || child.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const late = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
    child.stdin?.end();
    await gone;
    clearTimeout(late);
  }

  async function remove(): Promise<void> {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  }

  return {
    port,
    user,
    password,
    createDatabase(name = `test_${databases++}`) {
      psql("postgres", `CREATE DATABASE "${name}"`);
      return `postgresql://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${name}`;
    },
    stop,
    start,
    remove,
  };
}

function postgresBinaries(): string {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folder = versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (folder === undefined) {
    throw new Error(`These tests need a PostgreSQL server and found none in ${root}: apt-get install postgresql`);
  }
  return folder;
}

/** PostgreSQL refuses to run as root. */
function unprivilegedAccount(): { readonly name: string; readonly uid: number; readonly gid: number } {
  const name = "postgres";
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, name], { stdio: "pipe" }).toString());
    return { name, uid: id("-u"), gid: id("-g") };
  } catch {
    throw new Error("PostgreSQL does not run as root and there is no user postgres: apt-get install postgresql");
  }
}

function run([command, args]: [string, string[]], cwd: string): void {
  try {
    execFileSync(command, args, { cwd, stdio: "pipe" });
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    throw new Error(`${command} ${args.join(" ")} failed: ${stderr?.toString() ?? String(error)}`);
  }
}
