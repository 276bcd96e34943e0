import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pino from "pino";
import { type Program, startProgram } from "../../src/program.ts";
import type { Clock } from "../../src/services/clock.ts";
import { readSettings } from "../../src/settings.ts";
import { EngineDouble } from "./engine-double.ts";

export const adminEmail = "admin@example.net";
export const password = "correct horse battery";
export const adminToken = "0123456789abcdef0123456789abcdef";

export interface Backend {
  readonly program: Program;
  readonly url: string;
  readonly engine: EngineDouble;
  /** Lines printed for the person at the terminal. */
  readonly printed: string[];
  readonly data: string;
  stop(): Promise<void>;
}

export interface BackendOptions {
  readonly environment?: Record<string, string>;
  readonly clock?: Clock;
  readonly engine?: EngineDouble;
  /** An existing data directory; it is kept. */
  readonly data?: string;
}

/** The whole main thread over a real database and a real port; only the engine thread is a double. */
export async function startBackend(options: BackendOptions = {}): Promise<Backend> {
  const data = options.data ?? mkdtempSync(path.join(tmpdir(), "leasewire-test-"));
  const engine = options.engine ?? new EngineDouble();
  // Without it the lab would start, with ports of its own.
  const firstConfiguration = path.join(data, "first.set");
  writeFileSync(firstConfiguration, "");
  const printed: string[] = [];
  const program = await startProgram({
    settings: readSettings(
      {
        LEASEWIRE_LISTEN: "127.0.0.1:0",
        LEASEWIRE_DATA: data,
        LEASEWIRE_NODE: "test",
        LEASEWIRE_WEB: "off",
        LEASEWIRE_CONFIG: firstConfiguration,
        ...options.environment,
      },
      "/",
    ),
    log: pino({ level: "silent" }),
    print: (line) => printed.push(line),
    onFatal: () => {},
    clock: options.clock,
    startThreads: engine.start,
  });
  return {
    program,
    url: program.url,
    engine,
    printed,
    data,
    async stop() {
      await program.stop();
      if (options.data === undefined) rmSync(data, { recursive: true, force: true });
    },
  };
}

export const administratorEnvironment = {
  LEASEWIRE_ADMIN_EMAIL: adminEmail,
  LEASEWIRE_ADMIN_PASSWORD: password,
  LEASEWIRE_ADMIN_TOKEN: adminToken,
};

export interface Reply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what they expect.
  readonly data: any;
  readonly message: string;
  readonly headers: Headers;
}

/** Calls a procedure the way a script does: plain JSON and a header. */
export async function call(
  backend: { readonly url: string },
  procedure: string,
  input: unknown,
  options: { method?: "GET" | "POST"; headers?: Record<string, string> } = {},
): Promise<Reply> {
  const method = options.method ?? "GET";
  const text = JSON.stringify(input);
  const query = method === "GET" && input !== undefined ? `?input=${encodeURIComponent(text)}` : "";
  const response = await fetch(`${backend.url}/api/trpc/${procedure}${query}`, {
    method,
    headers: { "content-type": "application/json", ...options.headers },
    body: method === "POST" ? (text ?? "{}") : undefined,
  });
  const body = (await response.json()) as {
    result?: { data: { json: unknown } };
    error?: { json: { message: string } };
    message?: string;
  };
  return {
    status: response.status,
    data: body.result?.data.json,
    message: body.error?.json.message ?? body.message ?? "",
    headers: response.headers,
  };
}

export const withToken = (token = adminToken) => ({ "x-api-key": token });

/** Signs in as a browser does. */
export async function signIn(backend: Backend, email: string, secret: string) {
  const response = await fetch(`${backend.url}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: backend.url },
    body: JSON.stringify({ email, password: secret }),
  });
  const cookie = response.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const body = (await response.json()) as { message?: string; code?: string };
  return { status: response.status, cookie, body, response, headers: { cookie, origin: backend.url } };
}
