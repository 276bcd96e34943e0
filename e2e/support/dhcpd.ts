import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endProcess, run, runQuietly } from "./run.ts";

/**
 * Debian's ISC dhcpd (package isc-dhcp-server) as the server that leasequeries are tried on, with leases of our choice.
 *
 * How it is run. dhcpd takes no loopback interface ("Unsupported device type 772"), and DHCPv4 packets reach it through a
 * packet socket on its interface, so what the machine sends to itself never arrives. Each server therefore gets a
 * network namespace of its own, joined by a veth pair to the namespace of the tests:
 *
 *     tests, relay   ── lwXr ═════ s0 ──   namespace lwX: dhcpd
 *     198.18.N.1/30                  198.18.N.2/30
 *     fdb4:…:N::1/64                 fdb4:…:N::2/64
 *
 * What it does with leasequeries (4.4.3-P1):
 *   - v4: answers to giaddr, at the server's own port (`-p`); so a relay listens on the port the server listens on.
 *   - v6: answers to port 546 whatever the port of the query and whatever `-p` says.
 *   - not allowed: silence, in both families (only a log line).
 *   - v6: CLT_TIME is a date, by client-id is UnknownQueryType (7), no LQ_RELAY_DATA, delegated prefixes are not found.
 *
 * Needs root, for namespaces and for port 546.
 */
export interface DhcpdLink {
  /** Name of the namespace. */
  readonly namespace: string;
  /** Ours, where the relay listens and replies arrive. */
  readonly relayAddress4: string;
  readonly relayAddress6: string;
  readonly serverAddress4: string;
  readonly serverAddress6: string;
  remove(): void;
}

export interface Dhcpd {
  readonly port: number;
  /** What it has logged so far. */
  log(): string;
  /** Its lease file, as it has written it by now. */
  leaseFile(): string;
  /** Stops it and deletes its files; the link stays. */
  stop(): Promise<void>;
}

export interface Lease4 {
  readonly address: string;
  readonly mac: string;
  /** Hex octets, without separators. */
  readonly clientId?: string;
  readonly circuitId?: string;
  readonly remoteId?: string;
  readonly hostname?: string;
  /** Unix seconds. */
  readonly startsSeconds: number;
  readonly endsSeconds: number;
  readonly state?: "active" | "free" | "released" | "expired";
}

const startTimeoutMs = 10_000;
const numberTriesMax = 256;

let links = 0;
const open = new Set<() => void>();
process.once("exit", () => {
  for (const close of open) close();
});

/** Makes the namespace and the veth pair. */
export function makeLink(): DhcpdLink {
  // Test files run in several processes, and one that was killed leaves its network behind: take a number that is free.
  for (let tries = 0; tries < numberTriesMax; tries += 1) {
    const number = 1 + ((process.pid * 8 + links) % 16_383);
    links += 1;
    const namespace = `lw${number}`;
    if (!existsSync(`/run/netns/${namespace}`)) return makeNumberedLink(number, namespace);
  }
  throw new Error('No network namespace lwN is free: remove what earlier tests left with "ip -all netns delete".');
}

function makeNumberedLink(number: number, namespace: string): DhcpdLink {
  const device = `lw${number}r`;
  const block = number * 4;
  const net4 = `198.18.${block >> 8}`;
  const host4 = block & 255;
  const net6 = `fdb4:9b1c:77e0:${number.toString(16)}:`;
  const link: DhcpdLink = {
    namespace,
    relayAddress4: `${net4}.${host4 + 1}`,
    serverAddress4: `${net4}.${host4 + 2}`,
    relayAddress6: `${net6}:1`,
    serverAddress6: `${net6}:2`,
    remove() {
      open.delete(link.remove);
      runQuietly("ip", ["link", "del", device]);
      runQuietly("ip", ["netns", "del", namespace]);
    },
  };
  open.add(link.remove);
  try {
    run("ip", ["netns", "add", namespace]);
    run("ip", ["link", "add", device, "type", "veth", "peer", "name", "s0", "netns", namespace]);
    // Without duplicate address detection the link-local address, which dhcpd -6 needs, works at once.
    writeFileSync(`/proc/sys/net/ipv6/conf/${device}/accept_dad`, "0");
    run("ip", ["netns", "exec", namespace, "sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/s0/accept_dad"]);
    run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    run("ip", ["addr", "add", `${link.relayAddress4}/30`, "dev", device]);
    run("ip", ["-6", "addr", "add", `${link.relayAddress6}/64`, "dev", device, "nodad"]);
    run("ip", ["link", "set", device, "up"]);
    run("ip", ["-n", namespace, "addr", "add", `${link.serverAddress4}/30`, "dev", "s0"]);
    run("ip", ["-n", namespace, "-6", "addr", "add", `${link.serverAddress6}/64`, "dev", "s0", "nodad"]);
    run("ip", ["-n", namespace, "link", "set", "s0", "up"]);
  } catch (error) {
    link.remove();
    throw error;
  }
  return link;
}

export interface Dhcpd4Options {
  readonly link: DhcpdLink;
  readonly leases: readonly Lease4[];
  /** Default 6767. */
  readonly port?: number;
  /** `deny leasequery` instead of `allow`. */
  readonly deny?: boolean;
}

/** A DHCPv4 server for 10.0.0.0/24, pool .10 to .200. */
export function startDhcpd4(options: Dhcpd4Options): Promise<Dhcpd> {
  const { link, leases, deny = false, port = 6767 } = options;
  const configuration = `authoritative;
default-lease-time 3600;
max-lease-time 7200;
${deny ? "deny" : "allow"} leasequery;
stash-agent-options true;
ping-check false;
subnet ${link.serverAddress4.replace(/\d+$/, (last) => String(Number(last) & 252))} netmask 255.255.255.252 { }
subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.10 10.0.0.200; }
`;
  return startDhcpd({ link, family: 4, port, configuration, leases: leases.map(lease4).join("") });
}

/** Starts dhcpd and waits until it serves. Used by both families. */
export async function startDhcpd(parts: {
  readonly link: Pick<DhcpdLink, "namespace">;
  readonly family: 4 | 6;
  readonly port: number;
  readonly configuration: string;
  readonly leases: string;
}): Promise<Dhcpd> {
  const { link, family, port } = parts;
  const folder = mkdtempSync(join(tmpdir(), `leasewire-dhcpd${family}-`));
  const file = (name: string) => join(folder, name);
  writeFileSync(file("dhcpd.conf"), parts.configuration);
  writeFileSync(file("leases"), `authoring-byte-order little-endian;\n${parts.leases}`);
  const files = ["-cf", file("dhcpd.conf"), "-lf", file("leases"), "-pf", file("pid"), "--no-pid"];
  const child = spawn(
    "ip",
    ["netns", "exec", link.namespace, "/usr/sbin/dhcpd", `-${family}`, "-f", "-d", "-p", String(port), ...files, "s0"],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  const keep = (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-100_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const kill = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  open.add(kill);
  const stop = async () => {
    open.delete(kill);
    await endProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + startTimeoutMs;
  while (!log.includes("Server starting service.")) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`dhcpd -${family} did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { port, log: () => log, leaseFile: () => readFileSync(file("leases"), "utf8"), stop };
}

/** Octets in the notation of lease files: every one as `\ooo`. */
export function leaseOctets(hex: string): string {
  return hex.replace(/../g, (pair) => `\\${Number.parseInt(pair, 16).toString(8).padStart(3, "0")}`);
}

function lease4(lease: Lease4): string {
  const state = lease.state ?? "active";
  return `lease ${lease.address} {
  starts epoch ${lease.startsSeconds};
  ends epoch ${lease.endsSeconds};
  cltt epoch ${lease.startsSeconds};
  binding state ${state};
  next binding state free;
  hardware ethernet ${lease.mac};
${lease.clientId === undefined ? "" : `  uid "${leaseOctets(lease.clientId)}";\n`}${
  lease.circuitId === undefined ? "" : `  option agent.circuit-id "${lease.circuitId}";\n`
}${lease.remoteId === undefined ? "" : `  option agent.remote-id "${lease.remoteId}";\n`}${
  lease.hostname === undefined ? "" : `  client-hostname "${lease.hostname}";\n`
}}
`;
}
