import type { Family } from "@leasewire/api";
import type { Finding, RelayConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import { type LinkHandlers, type LinkTransport, openUdp } from "@leasewire/transport";
import { HeldOpen } from "../held-open.ts";
import { listenFinding } from "../listen-finding.ts";
import type { Prepared } from "../prepared.ts";
import { relayPath } from "./relays.ts";

type Relay = Pick<RelayConfiguration, "instance" | "family" | "listenAddress" | "listenPort">;

interface Place {
  readonly key: string;
  readonly relay: Relay;
}

/** A socket and the relay it serves; a commit can give it to another. */
interface Held {
  readonly transport: LinkTransport;
  instance: InstanceName;
}

export interface SocketHandlers {
  onDatagram(family: Family, instance: InstanceName, address: string, port: number, bytes: Uint8Array): void;
  onSendFailed(tag: number, reason: string): void;
  onFault(error: Error): void;
}

/** The sockets of all relays: one for each, under the address and port it is configured to listen on. */
export class Sockets {
  readonly #handlers: SocketHandlers;
  readonly #open: typeof openUdp;
  readonly #held = new HeldOpen<Place, Held>(({ transport }) => transport.close());

  constructor(handlers: SocketHandlers, open: typeof openUdp = openUdp) {
    this.#handlers = handlers;
    this.#open = open;
  }

  get size(): number {
    return this.#held.size;
  }

  /** False when the relay has no socket (any more). */
  send(family: Family, instance: InstanceName, address: string, port: number, bytes: Uint8Array, tag: number): boolean {
    for (const held of this.#held.all()) {
      if (held.instance !== instance || held.transport.endpoint.family !== family) continue;
      held.transport.send(address, port, bytes, tag);
      return true;
    }
    return false;
  }

  /** Opens what the relays need beyond what is open. Findings of severity error: nothing may be applied. */
  async prepare(relays: readonly Relay[]): Promise<Prepared> {
    const findings: Finding[] = [];
    const wanted = new Map<string, Place>();
    for (const relay of relays) {
      const key = keyOf(relay);
      const other = wanted.get(key);
      if (other === undefined) wanted.set(key, { key, relay });
      else findings.push(shared(relay, other.relay));
    }
    const places = findings.length === 0 ? [...wanted.values()] : [];
    const opened = await this.#held.prepare(places, ({ relay }) => this.#openFor(relay, findings));
    return {
      findings,
      apply: () =>
        opened.apply((held, { relay }) => {
          held.instance = relay.instance;
        }),
      discard: opened.discard,
    };
  }

  close(): Promise<void> {
    return this.#held.close();
  }

  async #openFor(relay: Relay, findings: Finding[]): Promise<Held | undefined> {
    const { family } = relay;
    let held: Held | undefined;
    const handlers: LinkHandlers = {
      onDatagram: (address, port, bytes) => {
        if (held !== undefined) this.#handlers.onDatagram(family, held.instance, address, port, bytes);
      },
      onSendFailed: (tag, reason) => this.#handlers.onSendFailed(tag, reason),
      onFault: (error) => this.#handlers.onFault(error),
    };
    const result = await this.#open({ family, address: relay.listenAddress, port: relay.listenPort }, handlers);
    if (result.ok) {
      held = { transport: result.value, instance: relay.instance };
      return held;
    }
    findings.push(listenFinding(relayPath(relay), result.error));
    return undefined;
  }
}

function keyOf({ family, listenAddress, listenPort }: Relay): string {
  return `${family}|${listenAddress ?? "*"}|${listenPort}`;
}

function shared(relay: Relay, other: Relay): Finding {
  const path = relayPath(relay);
  const where = `${relay.listenAddress ?? "every address"} port ${relay.listenPort}`;
  return {
    severity: "error",
    rule: "listen-port-shared",
    path: `${path} listen-address`,
    message: `The relay agent listens on ${where}, as the one of ${other.instance} does already: answers could not be told apart`,
    remedy: `set ${path} listen-address ADDRESS`,
  };
}
