import type { Family } from "@leasewire/api";
import type { Finding, LocalServerConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import {
  type DatagramArrival,
  type DatagramBatch,
  openServerDatagrams,
  type ServerDatagrams,
} from "@leasewire/transport";
import { HeldOpen } from "../held-open.ts";
import { listenFinding } from "../listen-finding.ts";
import type { Prepared } from "../prepared.ts";
import { clientInterfaces } from "./interfaces.ts";
import { serverPath } from "./paths.ts";

/** A socket of a server; a commit can give it to another one. */
export interface ServerSocket {
  readonly family: Family;
  readonly datagrams: ServerDatagrams;
  instance: InstanceName;
  /** Client interfaces that arrive here, by Linux device, and the other way round. */
  interfaces: ReadonlyMap<string, string>;
  devices: ReadonlyMap<string, string>;
}

export interface DatagramSocketHandlers {
  /** First look at a datagram of a batch, see `DatagramHandlers.onArrival`. */
  onArrival(socket: ServerSocket, batch: DatagramBatch, index: number): boolean;
  onDatagram(socket: ServerSocket, address: string, port: number, bytes: Uint8Array, arrival: DatagramArrival): void;
  onSendFailed(socket: ServerSocket, reason: string): void;
  onFault(error: Error): void;
}

/** Where a server listens: at its address, or for the clients on one interface. */
interface Place {
  readonly key: string;
  readonly server: LocalServerConfiguration;
  readonly address: string | undefined;
  readonly device: string | undefined;
  readonly interfaces: ReadonlyMap<string, string>;
  /** The interface may come later: without it the server runs all the same. */
  readonly optional: boolean;
}

/**
 * The datagram sockets of all local servers. A server has one, under its address, port and VRF. What a client on a link of
 * ours sends to everybody does not arrive on a socket that is bound to an address: a server with `listen-address` has one
 * more for each client interface, bound to the device. (That a VRF device works like any other has not been tried.)
 */
export class DatagramSockets {
  readonly #handlers: DatagramSocketHandlers;
  readonly #open: typeof openServerDatagrams;
  readonly #held = new HeldOpen<Place, ServerSocket>(({ datagrams }) => datagrams.close());

  constructor(handlers: DatagramSocketHandlers, open: typeof openServerDatagrams = openServerDatagrams) {
    this.#handlers = handlers;
    this.#open = open;
  }

  get all(): readonly ServerSocket[] {
    return [...this.#held.all()];
  }

  /** The server's own socket, and the one for clients on that interface. */
  of(family: Family, instance: InstanceName, interfaceName?: string): ServerSocket | undefined {
    let own: ServerSocket | undefined;
    for (const socket of this.#held.all()) {
      if (socket.family !== family || socket.instance !== instance) continue;
      if (interfaceName !== undefined && socket.devices.has(interfaceName)) return socket;
      own ??= socket;
    }
    return own;
  }

  /** Opens what the servers need beyond what is open. Findings of severity error: nothing may be applied. */
  async prepare(servers: readonly LocalServerConfiguration[]): Promise<Prepared> {
    const findings: Finding[] = [];
    const wanted = new Map<string, Place>();
    for (const place of servers.flatMap(placesOf)) {
      const other = wanted.get(place.key);
      if (other === undefined) wanted.set(place.key, place);
      else findings.push(shared(place.server, other.server));
    }
    const places = findings.length === 0 ? [...wanted.values()] : [];
    const opened = await this.#held.prepare(places, (place) => this.#openAt(place, findings));
    for (const [place, { datagrams }] of opened.places) {
      const refusal = datagrams.linkRefusal;
      if (refusal !== null && place.interfaces.size > 0) findings.push(linkRefused(place.server, refusal));
    }
    return {
      findings,
      apply: () =>
        opened.apply((socket, { server, interfaces }) => {
          socket.instance = server.instance;
          socket.interfaces = interfaces;
          socket.devices = new Map([...interfaces].map(([device, name]) => [name, device]));
          if (socket.family === 6) socket.datagrams.multicastInterfaces([...interfaces.keys()]);
        }),
      discard: opened.discard,
    };
  }

  close(): Promise<void> {
    return this.#held.close();
  }

  async #openAt(place: Place, findings: Finding[]): Promise<ServerSocket | undefined> {
    const { server, address, device, interfaces } = place;
    const { family, instance, listenPort } = server;
    let socket: ServerSocket | undefined;
    const result = await this.#open(
      {
        family,
        address,
        port: listenPort,
        device,
        multicastInterfaces: family === 6 ? [...interfaces.keys()] : undefined,
      },
      {
        onArrival: (batch, index) => socket !== undefined && this.#handlers.onArrival(socket, batch, index),
        onDatagram: (from, port, bytes, arrival) => {
          if (socket !== undefined) this.#handlers.onDatagram(socket, from, port, bytes, arrival);
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
    const { code, message } = result.error;
    if (place.optional && (code === "device-unknown" || code === "addon-required")) {
      findings.push(linkRefused(server, message));
    } else {
      findings.push(listenFinding(serverPath(server), result.error));
    }
    return undefined;
  }
}

function placesOf(server: LocalServerConfiguration): Place[] {
  const { family, listenAddress, listenPort, vrfDevice } = server;
  const interfaces = clientInterfaces(server);
  const at = (address: string | undefined, device: string | undefined) =>
    `${family}|${address ?? "*"}|${listenPort}|${device ?? ""}`;
  const own: Place = {
    key: at(listenAddress, vrfDevice),
    server,
    address: listenAddress,
    device: vrfDevice,
    interfaces: listenAddress === undefined ? interfaces : new Map(),
    optional: false,
  };
  if (listenAddress === undefined) return [own];
  return [
    own,
    ...[...interfaces].map(
      ([device, name]): Place => ({
        key: at(undefined, device),
        server,
        address: undefined,
        device,
        interfaces: new Map([[device, name]]),
        optional: true,
      }),
    ),
  ];
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
