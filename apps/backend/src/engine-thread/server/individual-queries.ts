import type { Counter, Family, InstanceSelector } from "@leasewire/api";
import type { BindingTable } from "@leasewire/bindings";
import {
  type Arrival,
  isRequestorAllowed,
  type KnownRequestor,
  QuickAnswers4,
  QuickAnswers6,
  type ResponderScopes4,
  type ResponderScopes6,
  type Response,
  respond4,
  respond6,
  type StormGuard,
} from "@leasewire/engines";
import { formatIpv4, type InstanceName } from "@leasewire/net";
import { addressText, arrivalWord, arrivalWords, type DatagramBatch, type ServerDatagrams } from "@leasewire/transport";
import {
  decodeMessage4,
  decodeMessage6,
  type Message4,
  type Message6,
  MessageType6,
  type RelayMessage6,
  relayChain6,
} from "@leasewire/wire";
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

/** A requestor by the words of its address: what is looked up once for its next queries. */
interface Source {
  readonly words: Uint32Array;
  readonly server: Server;
  readonly address: string;
  readonly permitted: boolean;
  requestor: KnownRequestor | undefined;
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
  readonly #quick4: QuickAnswers4;
  readonly #quick6: QuickAnswers6;
  /** In the slot of the hash of their addresses: what does not fit displaces what was there. */
  readonly #sources: (Source | undefined)[] = new Array(sourceSlots).fill(undefined);
  readonly #giaddr = new Uint32Array(1);

  constructor(tables: Readonly<Record<Family, BindingTable>>, guard: StormGuard) {
    this.#tables = tables;
    this.#guard = guard;
    this.#quick4 = new QuickAnswers4(tables[4]);
    this.#quick6 = new QuickAnswers6(tables[6]);
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
    this.#sources.fill(undefined);
    for (const { family, scopes, allowed, listenPort } of servers) {
      const usualPort = listenPort === (family === 4 ? 67 : 547);
      this.#servers[family].set(scopes.instance, { scopes, allowed, usualPort });
    }
  }

  /**
   * Answers a query from the batch in which it lies straight into what is sent, if it is of the usual kind. False: it is
   * not, and nothing has been done with it.
   */
  answerArrival(
    family: Family,
    instance: InstanceName,
    datagrams: ServerDatagrams,
    { bytes, words }: DatagramBatch,
    index: number,
    now: number,
  ): boolean {
    const record = index * arrivalWords;
    const at = words[record + arrivalWord.offset]!;
    const length = words[record + arrivalWord.length]!;
    const quick = family === 4 ? this.#quick4 : this.#quick6;
    if (!quick.reads(bytes, at, length)) return false;
    const source = this.#sourceOf(family, instance, words, record + arrivalWord.sourceAddress);
    if (source === undefined) return false;
    const { server } = source;
    const { guard } = server.scopes;
    const counters = this.#countersOf(family, instance, now);
    counters.received += 1;
    if (!this.#isAdmitted(source.permitted, counters)) return true;
    const requestor = this.#requestorOf(source, family, instance);
    const refusal = this.#guard.admitKnown(requestor, guard, now);
    if (refusal !== undefined) {
      count(counters, refusal, quarantined);
      return true;
    }
    const peerPort = words[record + arrivalWord.sourcePort]!;
    const port = server.usualPort ? (family === 4 ? 67 : 546) : peerPort;
    const localAt = words[record + arrivalWord.unicast] === 1 ? record + arrivalWord.localAddress : -1;
    const toGiaddr = family === 4 && server.usualPort;
    if (toGiaddr) this.#giaddr[0] = this.#quick4.giaddr;
    const peer = toGiaddr ? this.#giaddr : words;
    const peerAt = toGiaddr ? 0 : record + arrivalWord.sourceAddress;
    const into = datagrams.sendOctets;
    const start = datagrams.place(answerOctetsMax);
    // Too many answers wait to be sent: the socket counts it.
    if (start < 0) return true;
    const limit = start + answerOctetsMax;
    const end =
      family === 4
        ? this.#quick4.answer(server.scopes as ResponderScopes4, bytes, into, start, limit, now)
        : this.#quick6.answer(server.scopes as ResponderScopes6, bytes, into, start, limit, now);
    if (end > 0) {
      counters.sent += 1;
      this.#guard.answeredKnown(requestor, false, guard, now);
      datagrams.sendPlaced(start, end - start, peer, peerAt, port, words, localAt);
      return true;
    }
    const response = this.#respond(family, server, bytes.slice(at, at + length), now);
    if (response.kind === "drop") {
      count(counters, response.reason, sentence(response.message));
      return true;
    }
    counters.sent += 1;
    this.#guard.answeredKnown(requestor, response.unknown, guard, now);
    const place = datagrams.place(response.bytes.length);
    if (place < 0) return true;
    datagrams.sendOctets.set(response.bytes, place);
    datagrams.sendPlaced(place, response.bytes.length, peer, peerAt, port, words, localAt);
    return true;
  }

  /** A query that was read already, and is not of the usual kind after all. */
  #respond(family: Family, { scopes }: Server, bytes: Uint8Array, now: number): Response {
    if (family === 4) {
      const decoded = decodeMessage4(bytes);
      return decoded.ok
        ? respond4(this.#tables[4], scopes as ResponderScopes4, decoded.value, now, this.#scopes4)
        : { kind: "drop", reason: decoded.error.code, message: decoded.error.message };
    }
    const decoded = decodeMessage6(bytes);
    return decoded.ok
      ? respond6(this.#tables[6], scopes as ResponderScopes6, decoded.value, now, this.#scopes6)
      : { kind: "drop", reason: decoded.error.code, message: decoded.error.message };
  }

  #requestorOf(source: Source, family: Family, instance: InstanceName): KnownRequestor {
    let { requestor } = source;
    if (requestor === undefined || requestor.isForgotten) {
      requestor = this.#guard.requestor(family, instance, source.address);
      source.requestor = requestor;
    }
    return requestor;
  }

  #sourceOf(family: Family, instance: InstanceName, words: Uint32Array, at: number): Source | undefined {
    const server = this.#servers[family].get(instance);
    if (server?.allowed !== true) return undefined;
    const w0 = words[at]!;
    const four = family === 4;
    const w1 = four ? 0 : words[at + 1]!;
    const w2 = four ? 0 : words[at + 2]!;
    const w3 = four ? 0 : words[at + 3]!;
    const slot =
      Math.imul(w0 ^ Math.imul(w1 ^ Math.imul(w2 ^ Math.imul(w3, mix), mix), mix), mix) >>> (32 - sourceSlotsLog2);
    const known = this.#sources[slot];
    if (
      known !== undefined &&
      known.server === server &&
      known.words[0] === w0 &&
      known.words[1] === w1 &&
      known.words[2] === w2 &&
      known.words[3] === w3
    ) {
      return known;
    }
    const address = addressText(family, words, at);
    const source: Source = {
      words: Uint32Array.of(w0, w1, w2, w3),
      server,
      address,
      permitted: isRequestorAllowed(server.scopes.requestorAddresses, family, address),
      requestor: undefined,
    };
    this.#sources[slot] = source;
    return source;
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
    if (!this.#isAdmitted(isRequestorAllowed(requestorAddresses, family, sourceAddress), counters)) return null;
    const refusal = this.#guard.admit(family, instance, sourceAddress, guard, now);
    if (refusal === undefined) return server;
    count(counters, refusal, quarantined);
    return null;
  }

  #isAdmitted(permitted: boolean, counters: QueryCounters): boolean {
    if (!permitted) {
      count(
        counters,
        "requestor-not-permitted",
        "The source address is not among those of allow-leasequery requestor.",
      );
    }
    return permitted;
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

const quarantined = "The storm guard keeps the requestor in quarantine.";
const sourceSlotsLog2 = 10;
const sourceSlots = 1 << sourceSlotsLog2;
const mix = 0x9e3779b1;
/** What has no room in it takes the long way; a datagram of that length is in pieces anyway. */
const answerOctetsMax = 4096;

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
