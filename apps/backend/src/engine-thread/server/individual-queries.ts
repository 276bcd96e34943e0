import type { Counter, Family, InstanceSelector } from "@leasewire/api";
import type { BindingTable } from "@leasewire/bindings";
import {
  type Arrival,
  isRequestorAllowed,
  type ResponderScopes4,
  type ResponderScopes6,
  type Response,
  respond4,
  respond6,
  type StormGuard,
} from "@leasewire/engines";
import { formatIpv4, type InstanceName } from "@leasewire/net";
import { type Message4, type Message6, MessageType6, type RelayMessage6, relayChain6 } from "@leasewire/wire";
import { instancesMatching } from "../instances.ts";

/** An answer and where it goes. */
export interface QueryReply {
  readonly bytes: Uint8Array;
  readonly address: string;
  readonly port: number;
}

interface Server {
  readonly scopes: ResponderScopes4 | ResponderScopes6;
  /** The server has `allow-leasequery`. */
  readonly allowed: boolean;
  readonly usualPort: boolean;
}

interface QueryCounters {
  sinceMs: number;
  received: number;
  sent: number;
  /** By reason, with a sentence about the latest. */
  readonly drops: Map<string, { value: number; explanation: string }>;
}

/** Queries over UDP, one by one (RFC 4388, RFC 5007): who may ask, the storm guard, the answer out of the table. */
export class IndividualQueries {
  readonly #tables: Readonly<Record<Family, BindingTable>>;
  readonly #guard: StormGuard;
  readonly #servers: Readonly<Record<Family, Map<InstanceName, Server>>> = { 4: new Map(), 6: new Map() };
  readonly #counters: Readonly<Record<Family, Map<InstanceName, QueryCounters>>> = { 4: new Map(), 6: new Map() };

  constructor(tables: Readonly<Record<Family, BindingTable>>, guard: StormGuard) {
    this.#tables = tables;
    this.#guard = guard;
  }

  configure(
    servers: readonly {
      readonly family: Family;
      readonly scopes: ResponderScopes4 | ResponderScopes6;
      readonly allowed: boolean;
      readonly listenPort: number;
    }[],
  ): void {
    for (const family of [4, 6] as const) this.#servers[family].clear();
    for (const { family, scopes, allowed, listenPort } of servers) {
      const usualPort = listenPort === (family === 4 ? 67 : 547);
      this.#servers[family].set(scopes.instance, { scopes, allowed, usualPort });
    }
  }

  answer4(arrival: Arrival, message: Message4, now: number): QueryReply | null {
    const server = this.#admitted(4, arrival, now);
    if (server === null) return null;
    const response = respond4(this.#tables[4], server.scopes as ResponderScopes4, message, now, this.#scopes4);
    const bytes = this.#judged(4, arrival, server, response, now);
    if (bytes === null) return null;
    // RFC 4388 §6.4: to giaddr. A server on another port is on a test bench, where peers are where they sent from.
    return server.usualPort
      ? { bytes, address: formatIpv4(message.giaddr), port: 67 }
      : { bytes, address: arrival.sourceAddress, port: arrival.sourcePort };
  }

  answer6(arrival: Arrival, message: Message6 | RelayMessage6, now: number): QueryReply | null {
    const server = this.#admitted(6, arrival, now);
    if (server === null) return null;
    const response = respond6(this.#tables[6], server.scopes as ResponderScopes6, message, now, this.#scopes6);
    const bytes = this.#judged(6, arrival, server, response, now);
    if (bytes === null) return null;
    const usual = message.kind === "relay" ? 547 : 546;
    return { bytes, address: arrival.sourceAddress, port: server.usualPort ? usual : arrival.sourcePort };
  }

  counters(
    family: Family,
    selector: InstanceSelector,
  ): { sinceMs: number[]; received: number; sent: number; drops: Counter[] } {
    const chosen = instancesMatching([...this.#counters[family].keys()], selector).map(
      (name) => this.#counters[family].get(name)!,
    );
    const drops = new Map<string, Counter>();
    for (const counters of chosen) {
      for (const [name, { value, explanation }] of counters.drops) {
        drops.set(name, { name, value: (drops.get(name)?.value ?? 0) + value, explanation });
      }
    }
    return {
      sinceMs: chosen.map(({ sinceMs }) => sinceMs),
      received: chosen.reduce((sum, { received }) => sum + received, 0),
      sent: chosen.reduce((sum, { sent }) => sum + sent, 0),
      drops: [...drops.values()],
    };
  }

  clearCounters(family: Family, selector: InstanceSelector, now: number): void {
    for (const name of instancesMatching([...this.#counters[family].keys()], selector)) {
      this.#counters[family].set(name, newCounters(now));
    }
  }

  /** Scopes of the instance that a VSS option names. */
  readonly #scopes4 = (instance: InstanceName) =>
    this.#servers[4].get(instance)?.scopes as ResponderScopes4 | undefined;
  readonly #scopes6 = (instance: InstanceName) =>
    this.#servers[6].get(instance)?.scopes as ResponderScopes6 | undefined;

  #admitted(family: Family, { instance, sourceAddress }: Arrival, now: number): Server | null {
    const counters = this.#countersOf(family, instance, now);
    counters.received += 1;
    const server = this.#servers[family].get(instance);
    if (server?.allowed !== true) {
      count(counters, "leasequery-not-allowed", "A query came, and allow-leasequery is not configured.");
      return null;
    }
    const { requestorAddresses, guard } = server.scopes;
    if (!isRequestorAllowed(requestorAddresses, family, sourceAddress)) {
      count(
        counters,
        "requestor-not-permitted",
        "The source address is not among those of allow-leasequery requestor.",
      );
      return null;
    }
    const refusal = this.#guard.admit(family, instance, sourceAddress, guard, now);
    if (refusal === undefined) return server;
    count(counters, refusal, "The storm guard keeps the requestor in quarantine.");
    return null;
  }

  #judged(
    family: Family,
    { instance, sourceAddress }: Arrival,
    { scopes }: Server,
    response: Response,
    now: number,
  ): Uint8Array | null {
    const counters = this.#countersOf(family, instance, now);
    if (response.kind === "drop") {
      count(counters, response.reason, sentence(response.message));
      return null;
    }
    counters.sent += 1;
    this.#guard.answered(family, instance, sourceAddress, response.unknown, scopes.guard, now);
    return response.bytes;
  }

  #countersOf(family: Family, instance: InstanceName, now: number): QueryCounters {
    let counters = this.#counters[family].get(instance);
    if (counters === undefined) {
      counters = newCounters(now);
      this.#counters[family].set(instance, counters);
    }
    return counters;
  }
}

/** A LEASEQUERY, or relayed one; what is malformed further inside is told by the responder or the server. */
export function isLeasequery6(message: Message6 | RelayMessage6): boolean {
  if (message.kind === "message") return message.messageType === MessageType6.LEASEQUERY;
  const chain = relayChain6(message);
  return chain.ok && chain.value.message?.messageType === MessageType6.LEASEQUERY;
}

function newCounters(now: number): QueryCounters {
  return { sinceMs: now, received: 0, sent: 0, drops: new Map() };
}

function count({ drops }: QueryCounters, reason: string, explanation: string): void {
  const known = drops.get(reason);
  drops.set(reason, { value: (known?.value ?? 0) + 1, explanation });
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}
