// `npm test`: installs what the tests need, runs all of them, and closes with one line that counts them.
//
//   npm test                  everything
//   npm test -- unit          lint, types, unit and integration tests
//   npm test -- browser       the browser's tests
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildAddon, buildWeb, environment, fail, generate, install, node24, root } from "./prepare.mjs";

/** Real peers of the tests, as Debian packages them, with the program that shows a package is there. */
const debianPackages = {
  "isc-dhcp-server": "/usr/sbin/dhcpd",
  "isc-dhcp-relay": "/usr/sbin/dhcrelay",
  "isc-dhcp-client": "/usr/sbin/dhclient",
  "dhcpcd-base": "/usr/sbin/dhcpcd",
  udhcpc: "/usr/sbin/udhcpc",
  "kea-admin": "/usr/sbin/perfdhcp",
  openssl: "/usr/bin/openssl",
  tshark: "/usr/bin/tshark",
  chromium: "/usr/bin/chromium",
  postgresql: "/usr/lib/postgresql",
  iproute2: "/usr/sbin/ip",
  "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu",
};

const parts = new Set(process.argv.slice(2));
const wanted = (part) => parts.size === 0 || parts.has(part);
for (const part of parts)
  if (part !== "unit" && part !== "browser") fail(`There is no part "${part}": use unit or browser.`);

install();
installDebianPackages();
generate();
buildAddon();

const tally = { passed: 0, failed: 0, skipped: 0 };
const reports = mkdtempSync(path.join(tmpdir(), "leasewire-test-"));
if (wanted("unit")) {
  check("lint", "biome", ["check", "."]);
  check("dependency rules", "turbo", ["boundaries"]);
  check("types", "turbo", ["run", "typecheck", "--output-logs=errors-only"]);
  unitTests();
}
if (wanted("browser")) {
  buildWeb();
  browserTests();
}
rmSync(reports, { recursive: true, force: true });

const skipped = tally.skipped > 0 ? `, ${tally.skipped} skipped` : "";
console.log(`${tally.passed} passed, ${tally.failed} failed${skipped}`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;

/** A check that counts as one. */
function check(title, program, args) {
  console.log(`\n== ${title}`);
  const { status } = spawnSync(path.join(root, "node_modules", ".bin", program), args, {
    cwd: root,
    env: environment,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status === 0) tally.passed++;
  else tally.failed++;
  console.log(`${title}: ${status === 0 ? "passed" : "FAILED"}`);
}

function unitTests() {
  console.log("\n== unit and integration tests");
  const report = path.join(reports, "vitest.json");
  const { status } = tool("vitest/vitest.mjs", [
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ]);
  const result = readReport(report);
  if (result === null) return void tally.failed++;
  tally.passed += result.numPassedTests;
  tally.skipped += result.numPendingTests + result.numTodoTests;
  // A file that cannot even be loaded has no failed test of its own, yet must not pass unseen.
  tally.failed += Math.max(result.numFailedTests, status === 0 ? 0 : 1);
}

function browserTests() {
  console.log("\n== browser tests");
  const report = path.join(reports, "playwright.json");
  const { status } = tool("@playwright/test/cli.js", ["test", "--config", "e2e/playwright.config.ts"], {
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  });
  const result = readReport(report);
  if (result === null) return void tally.failed++;
  tally.passed += result.stats.expected + result.stats.flaky;
  tally.skipped += result.stats.skipped;
  tally.failed += Math.max(result.stats.unexpected, status === 0 ? 0 : 1);
}

function tool(script, args, extra = {}) {
  return spawnSync(node24(), [path.join(root, "node_modules", script), ...args], {
    cwd: root,
    env: { ...environment, ...extra },
    stdio: ["ignore", "inherit", "inherit"],
  });
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    console.log("No report was written: the tests did not run.");
    return null;
  }
}

function installDebianPackages() {
  const missing = Object.entries(debianPackages)
    .filter(([, proof]) => !existsSync(proof))
    .map(([name]) => name);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(" ")}`;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    fail(`The tests need Debian packages that are not here: run "${command}" as root.`);
  console.log(`Installing ${missing.join(", ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const quiet = { env, stdio: ["ignore", "ignore", "inherit"] };
  if (spawnSync("apt-get", ["update", "-qq"], quiet).status !== 0)
    fail("apt-get update failed: the lines above say why.");
  const installed = spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], quiet);
  if (installed.status !== 0) fail(`"${command}" failed: the lines above say why.`);
}
