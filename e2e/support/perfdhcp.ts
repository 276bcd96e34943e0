import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import type { ClientHost, ClientMemory } from "./clients.ts";
import { run } from "./run.ts";

/** What Debian's perfdhcp (package kea-admin) says at its end. */
export interface PerfdhcpReport {
  readonly begun: number;
  /** Exchanges that ended in a lease. */
  readonly completed: number;
}

const program = "/usr/sbin/perfdhcp";
/** An answer that takes longer is lost: busy machines are given time. */
const dropSeconds = 5;
const exitWaitUs = 3_000_000;

export function hasPerfdhcp(): boolean {
  return existsSync(program);
}

/**
 * As many new clients as said, 20 a second, on c1 of that host: DHCPv4 with the broadcast flag, DHCPv6 with an address and a
 * prefix each. For DHCPv4 it has no role of a client, only one of a relay agent, but sends what templates say.
 */
export async function perfdhcp(
  host: ClientHost,
  memory: ClientMemory,
  family: 4 | 6,
  clients: number,
): Promise<PerfdhcpReport> {
  const stopHanding = family === 4 ? await handBroadcastsOn(host) : () => {};
  const common = ["-r", "20", "-n", `${clients}`, "-R", "4000000", "-d", `${dropSeconds}`, "-W", `${exitWaitUs}`, "-u"];
  const parameters = family === 4 ? parameters4(memory) : ["-6", "-l", "c1", "-e", "address-and-prefix"];
  const { stdout } = await promisify(execFile)("ip", [
    ...["netns", "exec", host.clientNamespace, program],
    ...parameters,
    ...common,
    family === 4 ? "255.255.255.255" : "all",
  ]).catch((error: { stdout?: string; stderr?: string; code?: number }) => {
    // 3: something was lost, which the report says as well.
    if (error.code === 3 && error.stdout !== undefined) return { stdout: error.stdout };
    throw new Error(`perfdhcp ended with code ${error.code}:\n${error.stdout}${error.stderr}`);
  });
  stopHanding();
  const [first, second] = stdout.split(/^\*\*\*Statistics for: /m).slice(1);
  const number = (text: string | undefined, name: string): number => {
    const value = new RegExp(`^${name}: (\\d+)`, "m").exec(text ?? "")?.[1];
    if (value === undefined) throw new Error(`perfdhcp told no "${name}":\n${stdout}`);
    return Number(value);
  };
  return {
    begun: number(first, "sent packets"),
    completed: number(second, "received packets") - number(second, "rejected leases"),
  };
}

/** What answers are handed to; any address will do to send a broadcast from. */
const perfdhcp4 = { address: "192.0.2.1", port: 6868 };

/** perfdhcp hears unicasts only: what is broadcast to clients is handed to it by a process of its own in the namespace. */
async function handBroadcastsOn(host: ClientHost): Promise<() => void> {
  const { address, port } = perfdhcp4;
  run("ip", ["-n", host.clientNamespace, "addr", "replace", `${address}/24`, "dev", "c1"]);
  const program = `const socket = require("node:dgram").createSocket("udp4");
socket.on("message", (bytes) => socket.send(bytes, ${port}, "${address}"));
socket.bind(68, () => console.log("listening"));`;
  const child = spawn("ip", ["netns", "exec", host.clientNamespace, process.execPath, "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return () => void child.kill("SIGKILL");
}

function parameters4(memory: ClientMemory): string[] {
  const parametersWanted = "370401030f06";
  writeFileSync(memory.file("discover"), template(`350101${parametersWanted}`));
  writeFileSync(memory.file("request"), template(`350103360400000000320400000000${parametersWanted}`));
  const offsets = ["-X", "4", "-O", "33", "-E", "8", "-S", "243", "-I", "249"];
  const templates = ["-T", memory.file("discover"), "-T", memory.file("request")];
  return ["-4", "-B", "-l", perfdhcp4.address, "-L", `${perfdhcp4.port}`, ...templates, ...offsets];
}

/** A BOOTREQUEST of 300 octets with the broadcast flag, in hex; perfdhcp fills in what differs between clients. */
function template(options: string): string {
  const head = `01010600${"00".repeat(6)}8000${"00".repeat(16)}000c01020304${"00".repeat(10 + 64 + 128)}63825363`;
  return `${head}${options}ff`.padEnd(600, "0");
}
