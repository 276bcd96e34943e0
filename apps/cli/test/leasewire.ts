import type { Answer } from "@leasewire/api";
import { afterEach } from "vitest";
import { run } from "../src/main.ts";
import { nowMs } from "./samples.ts";
import { type PartialServices, type ServerDouble, startServerDouble } from "./server-double.ts";

/** The server double of the last command line. */
export let server: ServerDouble | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

export const ok = async <T>(value: T): Promise<Answer<T>> => ({ ok: true, value });

export interface Options {
  readonly token?: string | undefined;
  readonly url?: string;
  readonly files?: Record<string, string>;
  readonly terminal?: boolean;
  readonly interrupted?: AbortSignal;
  /** What the person at the terminal answers; absent: nobody sits there. */
  readonly answers?: boolean[];
  /** Filled with what was asked. */
  readonly questions?: string[];
}

/** Carries a command line out against made-up services. */
export async function leasewire(line: string, services: PartialServices = {}, options: Options = {}) {
  if (options.url === undefined) server = await startServerDouble(services);
  let stdout = "";
  let stderr = "";
  let now = nowMs;
  const code = await run(line.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', "")) ?? [], {
    environment: {
      LEASEWIRE_URL: options.url ?? server!.url,
      LEASEWIRE_TOKEN: "token" in options ? options.token : "administrator",
    },
    now: () => now,
    sleep: async (ms) => {
      now += ms;
    },
    readFile: async (path) => options.files?.[path] ?? "",
    ask:
      options.answers === undefined
        ? null
        : async (question) => {
            options.questions?.push(question);
            return options.answers?.shift() ?? false;
          },
    listenForInterrupt: () => options.interrupted ?? new AbortController().signal,
    output: {
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
      drained: async () => {},
      progressOnStderr: options.terminal === true,
    },
  });
  return { code, stdout, stderr };
}
