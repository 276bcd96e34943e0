import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path, { join } from "node:path";
import type { Measured } from "./ours.ts";
import { delegated6, type Place } from "./place.ts";

/** Debian's Kea (packages kea-dhcp4-server, kea-dhcp6-server) with leases in memory and in a file ("memfile"). */
export type Kea = Measured;

const startTimeoutMs = 10_000;
const programs = { 4: "/usr/sbin/kea-dhcp4", 6: "/usr/sbin/kea-dhcp6" } as const;

/** Why Kea cannot be measured here; null when it can. */
export function keaAbsence(family: 4 | 6): string | null {
  return existsSync(programs[family]) ? null : `Kea is not here (Debian package kea-dhcp${family}-server)`;
}

/** Starts Kea for the clients' network and waits until it serves. */
export async function startKea(place: Place, family: 4 | 6): Promise<Kea> {
  const folder = mkdtempSync(join(tmpdir(), "leasewire-kea-"));
  const file = (name: string) => join(folder, name);
  writeFileSync(
    file("kea.json"),
    JSON.stringify(family === 4 ? configuration4(place, file) : configuration6(place, file)),
  );
  const where = place.serverNamespace === undefined ? [] : ["ip", "netns", "exec", place.serverNamespace];
  const [command, ...parameters] = [...where, programs[family], "-c", file("kea.json")];
  const child = spawn(command!, parameters, {
    env: { ...process.env, KEA_LOCKFILE_DIR: folder, KEA_PIDFILE_DIR: folder, KEA_LOGGER_DESTINATION: "stdout" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-20_000);
    });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + startTimeoutMs;
  while (!log.includes(`DHCP${family}_STARTED`)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`kea-dhcp${family} did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { pid: child.pid!, stop };
}

const times = { "valid-lifetime": 86_400, "renew-timer": 43_200, "rebind-timer": 75_600 };
// One line a packet would be what is measured.
const quiet = (name: string) => [
  { name, severity: "INFO", output_options: [{ output: "stdout" }] },
  ...["leases", "packets", "bad-packets", "alloc-engine"].map((part) => ({
    name: `${name}.${part}`,
    severity: "ERROR",
    output_options: [{ output: "stdout" }],
  })),
];

function configuration4(place: Place, file: (name: string) => string): object {
  return {
    Dhcp4: {
      "interfaces-config": { interfaces: [place.serverDevice], "dhcp-socket-type": "udp" },
      "lease-database": { type: "memfile", persist: true, name: file("leases4.csv"), "lfc-interval": 0 },
      ...times,
      subnet4: [
        { id: 1, subnet: place.network4.prefix, pools: [{ pool: `${place.network4.first} - ${place.network4.last}` }] },
      ],
      loggers: quiet("kea-dhcp4"),
    },
  };
}

function configuration6(place: Place, file: (name: string) => string): object {
  const [delegated, length] = delegated6.prefix.split("/");
  return {
    Dhcp6: {
      "data-directory": path.dirname(file("kea.json")),
      "interfaces-config": { interfaces: [`${place.serverDevice}/${place.serverAddress6}`] },
      "lease-database": { type: "memfile", persist: true, name: file("leases6.csv"), "lfc-interval": 0 },
      ...times,
      "preferred-lifetime": 64_800,
      subnet6: [
        {
          id: 1,
          subnet: place.network6.prefix,
          pools: [{ pool: `${place.network6.first} - ${place.network6.last}` }],
          "pd-pools": [{ prefix: delegated, "prefix-len": Number(length), "delegated-len": 56 }],
        },
      ],
      loggers: quiet("kea-dhcp6"),
    },
  };
}
