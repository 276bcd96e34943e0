import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, runQuietly } from "./run.ts";

/** A namespace with the interface c1, on which a client runs. */
export interface ClientHost {
  readonly clientNamespace: string;
  /** Global addresses of c1. */
  clientAddresses(): string[];
  /** Takes every address from c1, as a client that is switched off. */
  forgetAddresses(): void;
}

/** A program that runs in the client's namespace. */
export interface RunningClient {
  /** What it wrote so far. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL: the client vanishes without a word. */
  kill(): Promise<void>;
  ended(): Promise<number | null>;
}

export function clientHost(clientNamespace: string): ClientHost {
  const ip = ["-n", clientNamespace];
  return {
    clientNamespace,
    clientAddresses() {
      const links = JSON.parse(text("ip", ["-j", ...ip, "addr", "show", "dev", "c1"])) as {
        addr_info: { local: string; scope: string }[];
      }[];
      return links.flatMap(({ addr_info }) =>
        addr_info.filter(({ scope }) => scope === "global").map(({ local }) => local),
      );
    },
    forgetAddresses() {
      run("ip", [...ip, "-4", "addr", "flush", "dev", "c1"]);
      run("ip", [...ip, "-6", "addr", "flush", "dev", "c1", "scope", "global"]);
    },
  };
}

export function setting(namespace: string, name: string, value: string): void {
  run("ip", ["netns", "exec", namespace, "sh", "-c", `echo ${value} > /proc/sys/net/${name}`]);
}

/** What dhclient and udhcpc call: sets or takes the address, and says so on standard output. */
const clientScript = `#!/bin/sh
# dhclient gives $reason and new_*, udhcpc gives $1 and ip.
event="\${reason:-$1}"
echo "script $event \${new_ip_address:-$ip} \${new_ip6_address} \${new_ip6_prefix}"
case "$event" in
  PREINIT|PREINIT6) ip link set c1 up ;;
  BOUND|RENEW|REBIND|REBOOT) ip addr replace "$new_ip_address/24" dev c1; ip route replace default via "\${new_routers%% *}" ;;
  bound|renew) ip addr replace "$ip/24" dev c1; ip route replace default via "\${router%% *}" ;;
  EXPIRE|RELEASE|STOP|FAIL|deconfig) ip -4 addr flush dev c1 ;;
  BOUND6|RENEW6|REBIND6) test -z "$new_ip6_address" || ip -6 addr replace "$new_ip6_address/128" dev c1 nodad ;;
  EXPIRE6|RELEASE6|STOP6) test -z "$old_ip6_address" || ip -6 addr del "$old_ip6_address/128" dev c1 ;;
esac
exit `;

/** A folder for a client's leases and scripts, which outlives it: the client's memory. */
export interface ClientMemory {
  readonly folder: string;
  file(name: string): string;
  remove(): void;
}

export function clientMemory(): ClientMemory {
  const folder = mkdtempSync(join(tmpdir(), "leasewire-client-"));
  const file = (name: string) => join(folder, name);
  writeFileSync(file("script"), `${clientScript}0\n`, { mode: 0o755 });
  return { folder, file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** ISC dhclient in the foreground. `scriptCode` 1 makes it decline the address (v4). */
export function dhclient(
  host: ClientHost,
  memory: ClientMemory,
  options: { readonly args: readonly string[]; readonly configuration?: string; readonly scriptCode?: number },
): RunningClient {
  writeFileSync(memory.file("dhclient.conf"), options.configuration ?? "");
  if (!existsSync(memory.file("leases"))) writeFileSync(memory.file("leases"), "");
  const files = ["-cf", memory.file("dhclient.conf"), "-lf", memory.file("leases"), "-pf", memory.file("pid")];
  // A script that runs just now cannot be written to, but replaced.
  writeFileSync(memory.file("script.new"), `${clientScript}${options.scriptCode ?? 0}\n`, { mode: 0o755 });
  renameSync(memory.file("script.new"), memory.file("script"));
  return runClient(host, ["/usr/sbin/dhclient", "-d", ...files, "-sf", memory.file("script"), ...options.args, "c1"]);
}

/** busybox udhcpc in the foreground: SIGUSR1 renews, SIGUSR2 releases. */
export function udhcpc(host: ClientHost, memory: ClientMemory, args: readonly string[] = []): RunningClient {
  return runClient(host, [
    "/usr/sbin/udhcpc",
    "-f",
    "-i",
    "c1",
    "-s",
    memory.file("script"),
    "-t",
    "10",
    "-T",
    "1",
    ...args,
  ]);
}

/**
 * dhcpcd in the foreground. Its folders are replaced by the client's memory, for this process alone: `ip netns exec` gives
 * it mounts of its own.
 */
export function dhcpcd(host: ClientHost, memory: ClientMemory, configuration: string): RunningClient {
  writeFileSync(memory.file("dhcpcd.conf"), configuration);
  const script = `mkdir -p ${memory.file("db")} ${memory.file("run")}
mount --bind ${memory.file("db")} /var/lib/dhcpcd && mount -t tmpfs tmpfs /run && mkdir -p /run/dhcpcd || exit 9
exec /usr/sbin/dhcpcd -B -d -f ${memory.file("dhcpcd.conf")} --script /bin/true c1`;
  return runClient(host, ["sh", "-c", script]);
}

/** Ended with the tests, however those end. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

function runClient(host: ClientHost, command: readonly string[]): RunningClient {
  const child = spawn("ip", ["netns", "exec", host.clientNamespace, ...command], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const exit = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  running.add(child);
  void exit.then(() => running.delete(child));
  return {
    output: () => output,
    signal: (signal) => void child.kill(signal),
    kill: async () => {
      // dhcpcd works in several processes.
      killAll(host.clientNamespace);
      await exit;
    },
    ended: () => exit,
  };
}

/** The lease file dhclient keeps. */
export function dhclientLeases(memory: ClientMemory): string {
  return readFileSync(memory.file("leases"), "utf8");
}

/** Waits until it holds; the message and what `detail` tells is the failure. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  message: string,
  detail: () => string | Promise<string> = () => "",
  timeoutMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${message} after ${timeoutMs / 1000} s\n${await detail()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function killAll(namespace: string): void {
  try {
    for (const pid of text("ip", ["netns", "pids", namespace]).split("\n")) {
      if (pid !== "") process.kill(Number(pid), "SIGKILL");
    }
  } catch {
    // They have ended, or the namespace is gone.
  }
}

export function text(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function removeQuietly(device: string, namespaces: readonly string[]): void {
  runQuietly("ip", ["link", "del", device]);
  for (const namespace of namespaces) runQuietly("ip", ["netns", "del", namespace]);
}
