import type { Family } from "@leasewire/api";
import type { Finding, RelayConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";
import { type LinkHandlers, type LinkTransport, openUdp } from "@leasewire/transport";
import { listenFinding } from "../listen-finding.ts";
import type { Prepared } from "../prepared.ts";
import { relayPath } from "./relays.ts";

type Relay = Pick<RelayConfiguration, "instance" | "family" | "listenAddress" | "listenPort">;

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
  #held = new Map<string, Held>();

  constructor(handlers: SocketHandlers, open: typeof openUdp = openUdp) {
    this.#handlers = handlers;
    this.#open = open;
  }

  get size(): number {
    return this.#held.size;
  }

  /** False when the relay has no socket (any more). */
  send(family: Family, instance: InstanceName, address: string, port: number, bytes: Uint8Array, tag: number): boolean {
    for (const held of this.#held.values()) {
      if (held.instance !== instance || held.transport.endpoint.family !== family) continue;
      held.transport.send(address, port, bytes, tag);
      return true;
    }
    return false;
  }

  /** Opens what the relays need beyond what is open. Findings of severity error: nothing may be applied. */
  async prepare(relays: readonly Relay[]): Promise<Prepared> {
    const findings: Finding[] = [];
    const wanted = new Map<string, Relay>();
    for (const relay of relays) {
      const key = keyOf(relay);
      const other = wanted.get(key);
      if (other === undefined) wanted.set(key, relay);
      else findings.push(shared(relay, other));
    }
    const next = new Map<string, Held>();
    const opened: Held[] = [];
    if (findings.length === 0) {
      for (const [key, relay] of wanted) {
        const kept = this.#held.get(key);
        if (kept !== undefined) {
          next.set(key, kept);
          continue;
        }
        const held = await this.#openFor(relay, findings);
        if (held === undefined) continue;
        opened.push(held);
        next.set(key, held);
      }
    }
    return {
      findings,
      apply: async () => {
        const old = this.#held;
        this.#held = next;
        for (const [key, held] of next) held.instance = (wanted.get(key) as Relay).instance;
        await closeAll([...old].filter(([key]) => !next.has(key)).map(([, held]) => held));
      },
      discard: () => closeAll(opened),
    };
  }

  async close(): Promise<void> {
    const held = [...this.#held.values()];
    this.#held = new Map();
    await closeAll(held);
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

async function closeAll(held: readonly Held[]): Promise<void> {
  await Promise.all(held.map(({ transport }) => transport.close()));
}
