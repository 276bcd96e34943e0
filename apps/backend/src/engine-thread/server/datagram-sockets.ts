import type { Family } from "@leasewire/api";
import type { Finding, LocalServerConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import { type DatagramArrival, openServerDatagrams, type ServerDatagrams } from "@leasewire/transport";
import { clientInterfaces } from "./interfaces.ts";
import { serverPath } from "./paths.ts";

/** The socket of a server; a commit can give it to another one. */
export interface ServerSocket {
  readonly family: Family;
  readonly datagrams: ServerDatagrams;
  instance: InstanceName;
  /** Client interfaces by Linux device, and the other way round. */
  interfaces: ReadonlyMap<string, string>;
  devices: ReadonlyMap<string, string>;
}

export interface DatagramSocketHandlers {
  onDatagram(socket: ServerSocket, address: string, port: number, bytes: Uint8Array, arrival: DatagramArrival): void;
  onSendFailed(socket: ServerSocket, reason: string): void;
  onFault(error: Error): void;
}

export interface PreparedDatagramSockets {
  readonly findings: readonly Finding[];
  apply(): Promise<void>;
  discard(): Promise<void>;
}

/** The datagram sockets of all local servers: one for each, under the address, port and VRF it is configured with. */
export class DatagramSockets {
  readonly #handlers: DatagramSocketHandlers;
  readonly #open: typeof openServerDatagrams;
  #held = new Map<string, ServerSocket>();

  constructor(handlers: DatagramSocketHandlers, open: typeof openServerDatagrams = openServerDatagrams) {
    this.#handlers = handlers;
    this.#open = open;
  }

  get all(): readonly ServerSocket[] {
    return [...this.#held.values()];
  }

  of(family: Family, instance: InstanceName): ServerSocket | undefined {
    for (const socket of this.#held.values()) {
      if (socket.family === family && socket.instance === instance) return socket;
    }
    return undefined;
  }

  /** Opens what the servers need beyond what is open. Findings of severity error: nothing may be applied. */
  async prepare(servers: readonly LocalServerConfiguration[]): Promise<PreparedDatagramSockets> {
    const findings: Finding[] = [];
    const next = new Map<string, ServerSocket>();
    const wanted = new Map<string, LocalServerConfiguration>();
    const opened: ServerSocket[] = [];
    for (const server of servers) {
      const key = keyOf(server);
      const other = wanted.get(key);
      if (other === undefined) wanted.set(key, server);
      else findings.push(shared(server, other));
    }
    if (findings.length === 0) {
      for (const [key, server] of wanted) {
        const kept = this.#held.get(key);
        const socket = kept ?? (await this.#openFor(server, findings));
        if (socket === undefined) continue;
        if (kept === undefined) opened.push(socket);
        next.set(key, socket);
        const refusal = socket.datagrams.linkRefusal;
        const interfaces = clientInterfaces(server);
        if (refusal !== null && interfaces.size > 0) findings.push(linkRefused(server, refusal));
      }
    }
    return {
      findings,
      apply: async () => {
        const old = this.#held;
        this.#held = next;
        for (const [key, socket] of next) {
          const server = wanted.get(key)!;
          socket.instance = server.instance;
          socket.interfaces = clientInterfaces(server);
          socket.devices = new Map([...socket.interfaces].map(([device, name]) => [name, device]));
          if (socket.family === 6) socket.datagrams.multicastInterfaces([...socket.interfaces.keys()]);
        }
        await closeAll([...old].filter(([key]) => !next.has(key)).map(([, socket]) => socket));
      },
      discard: () => closeAll(opened),
    };
  }

  async close(): Promise<void> {
    const held = this.all;
    this.#held = new Map();
    await closeAll(held);
  }

  async #openFor(server: LocalServerConfiguration, findings: Finding[]): Promise<ServerSocket | undefined> {
    const { family, instance, listenAddress, listenPort } = server;
    let socket: ServerSocket | undefined;
    const interfaces = clientInterfaces(server);
    const result = await this.#open(
      {
        family,
        address: listenAddress,
        port: listenPort,
        device: server.vrfDevice,
        multicastInterfaces: family === 6 ? [...interfaces.keys()] : undefined,
      },
      {
        onDatagram: (address, port, bytes, arrival) => {
          if (socket !== undefined) this.#handlers.onDatagram(socket, address, port, bytes, arrival);
        },
        onSendFailed: (_address, _port, reason) => {
          if (socket !== undefined) this.#handlers.onSendFailed(socket, reason);
        },
        onFault: (error) => this.#handlers.onFault(error),
      },
    );
    if (result.ok) {
      socket = { family, datagrams: result.value, instance, interfaces, devices: new Map() };
      return socket;
    }
    const path = serverPath(server);
    const { code, message } = result.error;
    const word = code === "address-not-ours" || code === "address-invalid" ? "listen-address" : "listen-port";
    findings.push({
      severity: "error",
      rule: `listen-${code}`,
      path: `${path} ${word}`,
      message,
      remedy: `set ${path} ${word} ${word === "listen-address" ? "ADDRESS" : "PORT"}`,
    });
    return undefined;
  }
}

function keyOf({ family, listenAddress, listenPort, vrfDevice }: LocalServerConfiguration): string {
  return `${family}|${listenAddress ?? "*"}|${listenPort}|${vrfDevice ?? ""}`;
}

function shared(server: LocalServerConfiguration, other: LocalServerConfiguration): Finding {
  const path = serverPath(server);
  const where = `${server.listenAddress ?? "every address"} port ${server.listenPort}`;
  return {
    severity: "error",
    rule: "listen-port-shared",
    path: `${path} listen-address`,
    message: `The local server listens on ${where}, as the one of ${other.instance} does already: queries could not be told apart`,
    remedy: `set ${path} listen-address ADDRESS`,
  };
}

function linkRefused(server: LocalServerConfiguration, reason: string): Finding {
  const path = serverPath(server);
  return {
    severity: "warning",
    rule: "clients-not-reached",
    path,
    message: `Clients that are attached directly get no answer, clients behind relays do: ${reason}`,
  };
}

async function closeAll(sockets: readonly ServerSocket[]): Promise<void> {
  await Promise.all(sockets.map(({ datagrams }) => datagrams.close()));
}
