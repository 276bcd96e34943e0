import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../../../test/support/relay-lab.ts";
import { engineThreadLimits } from "../limits.ts";
import { RouteTable } from "./routes.ts";

const directory = mkdtempSync(join(tmpdir(), "leasewire-routes-"));
let table: RouteTable | undefined;
afterEach(async () => {
  await table?.close();
  table = undefined;
});
process.once("exit", () => rmSync(directory, { recursive: true, force: true }));

const address = (n: number) => Uint8Array.of(10, 0, 0, n);
const prefix = Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

test("commands as the program reads them, a line each", async () => {
  const file = join(directory, "commands");
  table = new RouteTable({ onFault: () => {}, program: ["tee", file] });
  const to = { device: "eth1", vrf: undefined };
  table.put({ kind: "add", prefix: address(5), length: 32, ...to });
  table.put({ kind: "add", prefix, length: 56, nextHop: "fe80::1", ...to });
  table.put({ kind: "remove", prefix: address(5), length: 32, device: "eth1", vrf: "vrf-red" });
  await table.close();
  expect(readFileSync(file, "utf8")).toBe(
    `route replace 10.0.0.5/32 dev eth1 proto 67
route replace 2001:db8:1::/56 via fe80::1 dev eth1 proto 67
route del 10.0.0.5/32 dev eth1 vrf vrf-red proto 67
`,
  );
  expect(table.written).toBe(3);
});

test("what the program refuses is counted; where it ends it is started again", async () => {
  const script = `read line; echo "Command failed -:1" >&2; echo "RTNETLINK answers: No such device" >&2; exit 1`;
  table = new RouteTable({ onFault: () => {}, program: ["sh", "-c", script] });
  table.put({ kind: "add", prefix: address(1), length: 32, device: "eth1", vrf: undefined });
  await eventually(() => table!.restarts === 1);
  expect(table.failed).toBe(1);
  table.put({ kind: "add", prefix: address(2), length: 32, device: "eth1", vrf: undefined });
  expect(table.waiting).toBe(1);
  await eventually(() => table!.failed === 2, engineThreadLimits.routesRestartMs + 5000);
});

test("a program that is not there is a fault; what cannot wait any more is dropped and counted", async () => {
  const faults: string[] = [];
  table = new RouteTable({ onFault: ({ message }) => faults.push(message), program: ["no-such-program-at-all"] });
  table.put({ kind: "add", prefix: address(1), length: 32, device: "eth1", vrf: undefined });
  await eventually(() => faults.length > 0);
  expect(faults[0]).toContain("Routes cannot be given to the system");
  for (let n = 0; n <= engineThreadLimits.routesWaitingMax; n += 1) {
    table.put({ kind: "remove", prefix: address(n & 255), length: 32, device: "eth1", vrf: undefined });
  }
  expect(table.waiting).toBe(engineThreadLimits.routesWaitingMax);
  expect(table.dropped).toBeGreaterThan(0);
});
