import { readdirSync, readFileSync } from "node:fs";
import { type Backend, startBackend } from "@leasewire/e2e/support/backend.ts";
import { delegated6, type Place } from "./place.ts";

/** The whole program with its database, as `npm start` runs it, serving the clients' networks of both families. */
export async function startOurs(
  place: Place,
  environment: Readonly<Record<string, string>> = {},
): Promise<Measured & { readonly backend: Backend }> {
  const { pid, started } = await withPid(() =>
    startBackend({ web: false, configuration: statements(place), environment }),
  );
  return { pid, backend: started, stop: () => started.dispose() };
}

/** Starts a server that is one process of ours, and says which. */
export async function withPid<T>(start: () => Promise<T>): Promise<{ readonly pid: number; readonly started: T }> {
  const before = childrenOf(process.pid);
  const started = await start();
  const pid = childrenOf(process.pid).find((child) => !before.includes(child));
  if (pid === undefined) throw new Error("The server's process was not found.");
  return { pid, started };
}

/** A server that is being measured. */
export interface Measured {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Processor time of a process and all its threads so far, in seconds; Linux counts it in hundredths. */
export function processorSeconds(pid: number): number {
  return secondsOf(`/proc/${pid}/stat`);
}

/** The same of each thread, by its number and name. */
export function threadSeconds(pid: number): Map<string, number> {
  const threads = readdirSync(`/proc/${pid}/task`).map((task) => {
    const name = readFileSync(`/proc/${pid}/task/${task}/comm`, "utf8").trim();
    return [`${name} ${task}`, secondsOf(`/proc/${pid}/task/${task}/stat`)] as const;
  });
  return new Map(threads);
}

function secondsOf(file: string): number {
  const fields = readFileSync(file, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}

function statements(place: Place): string {
  const server = "set system services dhcp-local-server";
  const pool = "set access address-assignment pool";
  const { network4, network6 } = place;
  // The guard is about requestors that went wrong; this one asks as fast as it can on purpose. Addresses are not probed
  // before they are offered: the servers we are compared with do not either.
  return `${server} listen-address ${place.serverAddress4}
${server} address-probe disable
${server} allow-leasequery
${server} allow-bulk-leasequery
${server} leasequery-guard queries-per-second 1000000 unknown-ratio 100
${server} dhcpv6 listen-address ${place.serverAddress6}
${server} dhcpv6 allow-leasequery
${server} dhcpv6 leasequery-guard queries-per-second 1000000 unknown-ratio 100
${pool} homes family inet network ${network4.prefix}
${pool} homes family inet range all low ${network4.first} high ${network4.last}
${pool} homes family inet dhcp-attributes maximum-lease-time 86400
${pool} homes family inet6 prefix ${network6.prefix}
${pool} homes family inet6 range all low ${network6.first} high ${network6.last}
${pool} homes family inet6 dhcp-attributes valid-lifetime 86400
${pool} homes family inet6 dhcp-attributes preferred-lifetime 64800
${pool} sites family inet6 prefix ${delegated6.prefix}
${pool} sites family inet6 range all low ${delegated6.first} high ${delegated6.last} prefix-length 56
${pool} sites family inet6 link-address ${network6.prefix}
${pool} sites family inet6 dhcp-attributes valid-lifetime 86400
${pool} sites family inet6 dhcp-attributes preferred-lifetime 64800
`;
}
