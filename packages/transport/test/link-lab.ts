import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import type { DatagramEndpoint, DatagramStatistics } from "../src/index.ts";
import type { HostCall, HostDatagram, HostTold } from "./host.ts";

/**
 * Hosts in network namespaces, joined by veth pairs:
 *
 *     server  s0 10.77.0.1/24 ═════ c0  client (no address)
 *             s1 10.77.1.1/24 ═════ c1  other  10.77.1.9/24
 *
 * This stands in for what the kernel of the tests need not have: a VLAN unit is a veth pair whose end is called s0.100,
 * and there is no VRF; a socket bound to a device is tried on an ordinary interface.
 */
export interface LinkLab {
  readonly server: Host;
  readonly client: Host;
  readonly other: Host;
  remove(): void;
}

export interface HostSocket {
  readonly port: number;
  readonly datagrams: HostDatagram[];
  readonly faults: string[];
  send(address: string, port: number, octets: readonly number[]): Promise<void>;
  sendOnLink(
    interfaceName: string,
    address: string,
    port: number,
    hardwareAddress: readonly number[] | undefined,
    octets: readonly number[],
  ): Promise<void>;
  probe(interfaceName: string | undefined, address: string, timeoutMs: number): Promise<boolean>;
  multicastInterfaces(names: readonly string[]): Promise<void>;
  statistics(): Promise<DatagramStatistics>;
  close(): Promise<void>;
}

/** A namespace and a process in it. */
export class Host {
  readonly namespace: string;
  readonly #child: ChildProcess;
  readonly #sockets: { datagrams: HostDatagram[]; faults: string[] }[] = [];
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #callsMade = 0;

  constructor(namespace: string) {
    this.namespace = namespace;
    run("ip", ["netns", "add", namespace]);
    this.ip("link", "set", "lo", "up");
    // Without duplicate address detection link-local addresses work at once.
    this.execute("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad");
    this.#child = spawn(
      "ip",
      ["netns", "exec", namespace, process.execPath, new URL("host.ts", import.meta.url).pathname],
      { stdio: ["ignore", "inherit", "inherit", "ipc"], serialization: "advanced" },
    );
    this.#child.on("message", (told: HostTold) => {
      if ("datagram" in told) this.#sockets[told.socket]?.datagrams.push(told.datagram);
      else if ("fault" in told) this.#sockets[told.socket]?.faults.push(told.fault);
      else {
        const call = this.#calls.get(told.id);
        this.#calls.delete(told.id);
        if ("refused" in told) call?.reject(new Error(told.refused));
        else call?.resolve(told.value);
      }
    });
  }

  ip(...parameters: string[]): void {
    run("ip", ["-n", this.namespace, ...parameters]);
  }

  execute(...command: string[]): string {
    return execFileSync("ip", ["netns", "exec", this.namespace, ...command], { encoding: "utf8" });
  }

  async open(endpoint: DatagramEndpoint): Promise<HostSocket> {
    const kept: { datagrams: HostDatagram[]; faults: string[] } = { datagrams: [], faults: [] };
    const socket = this.#sockets.push(kept) - 1;
    const port = (await this.#call(socket, "open", endpoint)) as number;
    const call = (method: HostCall["method"], ...parameters: unknown[]) => this.#call(socket, method, ...parameters);
    return {
      ...kept,
      port,
      send: async (...parameters) => void (await call("send", ...parameters)),
      sendOnLink: async (...parameters) => void (await call("sendOnLink", ...parameters)),
      probe: async (...parameters) => (await call("probe", ...parameters)) as boolean,
      multicastInterfaces: async (names) => void (await call("multicastInterfaces", names)),
      statistics: async () => (await call("statistics")) as DatagramStatistics,
      close: async () => void (await call("close")),
    };
  }

  #call(socket: number, method: HostCall["method"], ...parameters: unknown[]): Promise<unknown> {
    this.#callsMade += 1;
    const id = this.#callsMade;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#child.send({ id, socket, method, parameters } satisfies HostCall);
    });
  }

  remove(): void {
    this.#child.kill("SIGKILL");
    quietly("ip", ["netns", "del", this.namespace]);
  }
}

let made = 0;

export function makeLinkLab(): LinkLab {
  made += 1;
  const base = `lwt${process.pid}-${made}`;
  const hosts: Host[] = [];
  const host = (name: string) => {
    const fresh = new Host(`${base}-${name}`);
    hosts.push(fresh);
    return fresh;
  };
  const remove = () => {
    for (const each of hosts) each.remove();
  };
  try {
    const server = host("server");
    const client = host("client");
    const other = host("other");
    joinHosts(server, "s0", client, "c0");
    joinHosts(server, "s1", other, "c1");
    server.ip("addr", "add", "10.77.0.1/24", "dev", "s0");
    server.ip("addr", "add", "10.77.1.1/24", "dev", "s1");
    other.ip("addr", "add", "10.77.1.9/24", "dev", "c1");
    // Broadcasts of plain sockets go where the default route points, from a client without an address too.
    client.ip("route", "add", "default", "dev", "c0");
    other.ip("route", "add", "default", "dev", "c1");
    return { server, client, other, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A veth pair between two hosts, up. */
export function joinHosts(a: Host, deviceA: string, b: Host, deviceB: string): void {
  a.ip("link", "add", deviceA, "type", "veth", "peer", "name", deviceB, "netns", b.namespace);
  a.ip("link", "set", deviceA, "up");
  b.ip("link", "set", deviceB, "up");
}

function run(command: string, parameters: readonly string[]): void {
  execFileSync(command, parameters, { stdio: ["ignore", "ignore", "pipe"] });
}

function quietly(command: string, parameters: readonly string[]): void {
  try {
    execFileSync(command, parameters, { stdio: "ignore" });
  } catch {
    // It was not there.
  }
}
