import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { freeTcpPort } from "./free-port.ts";

const root = path.dirname(path.dirname(import.meta.dirname));
/** A loaded machine starts slowly; one that is broken says so at once. */
const readyTimeoutMs = 90_000;

export const administrator = { email: "admin@example.net", password: "correct horse battery" };

export interface BackendOptions {
  /** `set` statements for LEASEWIRE_CONFIG; absent: the lab. */
  readonly configuration?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** False: pages are not served. */
  readonly web?: boolean;
  /** Network namespace it runs in, and an address there which the tests reach; absent: that of the tests, on loopback. */
  readonly place?: { readonly namespace: string; readonly address: string };
}

/** A real backend in a process of its own, with a temporary data directory that outlives restarts. */
export interface Backend {
  readonly url: string;
  readonly token: string;
  /** LEASEWIRE_DATA. */
  readonly dataDirectory: string;
  /** What it has written to its terminal so far. */
  output(): string;
  /** SIGKILL, the way a machine dies. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>;
  start(): Promise<void>;
  /** SIGKILL, and a start without anything it knew, with that configuration or the first one. */
  restartEmpty(configuration?: string): Promise<void>;
  /** Stops it and removes its data. */
  dispose(): Promise<void>;
}

export async function startBackend(options: BackendOptions = {}): Promise<Backend> {
  const folder = await mkdtemp(path.join(tmpdir(), "leasewire-e2e-"));
  const { namespace, address } = options.place ?? { address: "127.0.0.1" };
  const port = await freeTcpPort();
  const url = `http://${address}:${port}`;
  const token = "lw-e2e-0123456789abcdef0123456789abcdef";
  const dataDirectory = path.join(folder, "var");
  let child: ChildProcess | null = null;
  let output = "";

  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "/",
    LEASEWIRE_LISTEN: `${address}:${port}`,
    LEASEWIRE_DATA: dataDirectory,
    LEASEWIRE_NODE: "e2e",
    LEASEWIRE_ADMIN_EMAIL: administrator.email,
    LEASEWIRE_ADMIN_PASSWORD: administrator.password,
    LEASEWIRE_ADMIN_TOKEN: token,
    NEXT_TELEMETRY_DISABLED: "1",
    ...(options.web === false ? { LEASEWIRE_WEB: "off" } : {}),
    ...options.environment,
  };
  if (options.configuration !== undefined) {
    environment.LEASEWIRE_CONFIG = path.join(folder, "first.set");
    await writeFile(environment.LEASEWIRE_CONFIG, options.configuration);
  }

  async function start() {
    // "ip netns exec" becomes the program itself: signals reach it.
    const [command, ...args] = [
      ...(namespace === undefined ? [] : ["ip", "netns", "exec", namespace]),
      process.execPath,
      "apps/backend/src/main.ts",
    ];
    const started = spawn(command!, args, {
      cwd: root,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) stream.on("data", (chunk) => (output += chunk));
    const deadline = Date.now() + readyTimeoutMs;
    for (;;) {
      if (started.exitCode !== null) throw new Error(`The backend ended with code ${started.exitCode}:\n${output}`);
      const ready = await fetch(`${url}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (ready) return;
      if (Date.now() > deadline)
        throw new Error(`The backend was not ready after ${readyTimeoutMs / 1000} s:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return ending?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => ending.on("exit", (code) => resolve(code)));
    ending.kill(signal);
    return ended;
  }

  const backend: Backend = {
    url,
    token,
    dataDirectory,
    output: () => output,
    start,
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    restartEmpty: async (configuration) => {
      await end("SIGKILL");
      await rm(dataDirectory, { recursive: true, force: true });
      if (configuration !== undefined && environment.LEASEWIRE_CONFIG !== undefined)
        await writeFile(environment.LEASEWIRE_CONFIG, configuration);
      await start();
    },
    dispose: async () => {
      await end("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (error) {
    await backend.dispose();
    throw error;
  }
  return backend;
}
