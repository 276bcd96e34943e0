#!/usr/bin/env node
// Plain JavaScript, because npx starts it with whatever Node the machine has. The sources need Node 24, which npm installs
// beside the other packages; an older Node only hands over.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const nodeMajorMin = 24;

if (Number(process.versions.node.split(".")[0]) >= nodeMajorMin) {
  const { main } = await import("../src/main.ts");
  process.exitCode = await main(process.argv.slice(2));
} else {
  const newer = newerNode();
  if (newer === undefined) {
    process.stderr.write(
      `leasewire: this is Node ${process.versions.node} and Node ${nodeMajorMin} is needed: run "npm ci" in the folder of Leasewire, which installs it.\n`,
    );
    process.exitCode = 1;
  } else {
    // A terminal sends an interrupt to both processes: the child answers it, this one waits for the child's exit code.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
    const child = spawnSync(newer, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
    process.exitCode = child.status ?? 128 + (constants.signals[child.signal ?? "SIGTERM"] ?? 0);
  }
}

/** The Node that npm put into node_modules/.bin of the nearest folder above that has one. */
function newerNode() {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", ".bin", "node");
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}
