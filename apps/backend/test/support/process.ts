import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const children: ChildProcess[] = [];
const folders: string[] = [];

/** Ends what a test left running and removes its folders. */
export function cleanUp(): void {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function temporaryFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), "leasewire-start-"));
  folders.push(made);
  return made;
}

export interface Started {
  readonly child: ChildProcess;
  /** Everything written so far. */
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<number | null>;
  /** Resolves with the address once it answers there. */
  readonly url: Promise<string>;
}

/** The program itself, as it is started in production, on a port of its own. */
export function startProcess(environment: Record<string, string>): Started {
  const child = spawn(process.execPath, ["apps/backend/src/main.ts"], {
    cwd: root,
    env: {
      NODE_ENV: "production",
      PATH: process.env.PATH,
      LEASEWIRE_LISTEN: "127.0.0.1:0",
      LEASEWIRE_WEB: "off",
      LEASEWIRE_NODE: "test",
      LEASEWIRE_LOG_LEVEL: "error",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const output = { stdout: "", stderr: "" };
  const url = new Promise<string>((resolve) => {
    child.stdout?.on("data", (chunk) => {
      output.stdout += chunk;
      const found = /answers at (http:\S+)/.exec(output.stdout);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
  });
  child.stderr?.on("data", (chunk) => {
    output.stderr += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, output, ended, url };
}

/** Resolves once /readyz says so. */
export async function untilReady(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/readyz`);
    if (response.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
