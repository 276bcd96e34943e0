import type { Family } from "@leasewire/api";
import type { Finding, LogicalInterface, RelayConfiguration } from "@leasewire/config";
import type { RelaySend } from "@leasewire/engines";
import type { InstanceName } from "@leasewire/net";
import { type DatagramArrival, openServerDatagrams, type ServerDatagrams } from "@leasewire/transport";
import { HeldOpen } from "../held-open.ts";
import { listenFinding } from "../listen-finding.ts";
import type { Prepared } from "../prepared.ts";
import { type Place, placesOf } from "./places.ts";
import { relayPath } from "./relays.ts";

/** An open socket; a commit can give it to other relay agents and interfaces. */
export interface AgentSocket {
  readonly datagrams: ServerDatagrams;
  place: Place;
}

export interface AgentSocketHandlers {
  onDatagram(socket: AgentSocket, address: string, port: number, bytes: Uint8Array, arrival: DatagramArrival): void;
  onSendFailed(socket: AgentSocket, address: string, port: number, reason: string): void;
  onFault(error: Error): void;
}

/** How a relay agent reaches its servers, or the clients on an interface. */
interface Way {
  readonly socket: AgentSocket;
  /** Linux device; empty for a datagram link. */
  readonly device: string;
}

/** The sockets of all relay agents that pass messages on. */
export class AgentSockets {
  readonly #handlers: AgentSocketHandlers;
  readonly #open: typeof openServerDatagrams;
  readonly #held = new HeldOpen<Place, AgentSocket>(({ datagrams }) => datagrams.close());
  readonly #servers: Readonly<Record<Family, Map<InstanceName, AgentSocket>>> = { 4: new Map(), 6: new Map() };
  readonly #links: Readonly<Record<Family, Map<string, Way>>> = { 4: new Map(), 6: new Map() };
  /** Sends to an interface that has no socket any more, or never had one. */
  unreachable = 0;

  constructor(handlers: AgentSocketHandlers, open: typeof openServerDatagrams = openServerDatagrams) {
    this.#handlers = handlers;
    this.#open = open;
  }

  get all(): readonly AgentSocket[] {
    return [...this.#held.all()];
  }

  send(family: Family, { instance, bytes, to }: RelaySend): void {
    if (to.kind === "server") {
      const socket = this.#servers[family].get(instance);
      const { localAddress } = to;
      if (socket === undefined) this.unreachable += 1;
      else socket.datagrams.send(to.address, to.port, bytes, localAddress === undefined ? undefined : { localAddress });
      return;
    }
    const way = this.#links[family].get(linkKey(instance, to.interfaceName));
    if (way === undefined) {
      this.unreachable += 1;
      return;
    }
    const { datagrams, place } = way.socket;
    if (place.datagramLink === undefined) {
      datagrams.sendOnLink(way.device, to.address, to.port, to.hardwareAddress, bytes);
    } else {
      datagrams.send(place.datagramLink.remoteAddress, place.datagramLink.remotePort, bytes);
    }
  }

  /** To a server from where its answers are expected; false where the relay agent has no such socket. */
  sendToServer(family: Family, instance: InstanceName, address: string, port: number, bytes: Uint8Array): boolean {
    const socket = this.#servers[family].get(instance);
    socket?.datagrams.send(address, port, bytes);
    return socket !== undefined;
  }

  /** Opens what the relay agents need beyond what is open. Findings of severity error: nothing may be applied. */
  async prepare(relays: readonly RelayConfiguration[], interfaces: readonly LogicalInterface[]): Promise<Prepared> {
    const findings: Finding[] = [];
    const opened = await this.#held.prepare(placesOf(relays, interfaces), (place) => this.#openAt(place, findings));
    for (const [place, { datagrams }] of opened.places) {
      const refusal = datagrams.linkRefusal;
      if (refusal !== null && place.links.size > 0 && place.family === 4) findings.push(linkRefused(place, refusal));
    }
    return {
      findings,
      apply: async () => {
        const closed = opened.apply((socket, place) => {
          socket.place = place;
          if (place.family === 6) socket.datagrams.multicastInterfaces([...place.links.keys()]);
        });
        this.#index();
        await closed;
      },
      discard: opened.discard,
    };
  }

  close(): Promise<void> {
    const closed = this.#held.close();
    this.#index();
    return closed;
  }

  #index(): void {
    for (const family of [4, 6] as const) {
      this.#servers[family].clear();
      this.#links[family].clear();
    }
    for (const socket of this.#held.all()) {
      const { family, server, links, datagramLink } = socket.place;
      if (server !== undefined) this.#servers[family].set(server, socket);
      for (const [device, { instance, interfaceName }] of links) {
        this.#links[family].set(linkKey(instance, interfaceName), { socket, device });
      }
      if (datagramLink !== undefined) {
        this.#links[family].set(linkKey(datagramLink.instance, datagramLink.interfaceName), { socket, device: "" });
      }
    }
  }

  async #openAt(place: Place, findings: Finding[]): Promise<AgentSocket | undefined> {
    const { family, address, port, device, links } = place;
    let socket: AgentSocket | undefined;
    const result = await this.#open(
      { family, address, port, device, multicastInterfaces: family === 6 ? [...links.keys()] : undefined },
      {
        onDatagram: (from, fromPort, bytes, arrival) => {
          if (socket !== undefined) this.#handlers.onDatagram(socket, from, fromPort, bytes, arrival);
        },
        onSendFailed: (to, toPort, reason) => {
          if (socket !== undefined) this.#handlers.onSendFailed(socket, to, toPort, reason);
        },
        onFault: (error) => this.#handlers.onFault(error),
      },
    );
    if (result.ok) {
      socket = { datagrams: result.value, place };
      return socket;
    }
    findings.push(openFinding(place, result.error));
    return undefined;
  }
}

function linkKey(instance: InstanceName, interfaceName: string): string {
  return `${instance} ${interfaceName}`;
}

function openFinding(place: Place, error: Parameters<typeof listenFinding>[1]): Finding {
  if (place.datagramLink !== undefined) {
    return {
      severity: "error",
      rule: `listen-${error.code}`,
      path: `${relayPath(place.relay)} group`,
      message: `The datagram-link of ${place.datagramLink.interfaceName} cannot be opened: ${error.message}`,
    };
  }
  return listenFinding(relayPath(place.relay), error);
}

function linkRefused({ relay }: Place, reason: string): Finding {
  return {
    severity: "warning",
    rule: "clients-not-reached",
    path: `${relayPath(relay)} group`,
    message: `Clients on network devices are not heard: ${reason}`,
  };
}
