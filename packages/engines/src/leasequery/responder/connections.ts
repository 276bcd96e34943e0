import type { BindingTable } from "@leasewire/bindings";
import { type InstanceName, instanceParts } from "@leasewire/net";
import {
  decodeMessage4,
  decodeMessage6,
  FrameReader,
  MessageType4,
  MessageType6,
  messageLengthMin4,
  messageLengthMin6,
  messageTypeName4,
  messageTypeName6,
  Op4,
  StatusCode4,
  StatusCode6,
  tls4,
  tls6,
} from "@leasewire/wire";
import { increase, newCounters, type ServerCounters } from "../../server-common/counters.ts";
import { ActiveAnswer } from "./active.ts";
import type { Answer } from "./answer.ts";
import { type Connection, type ConnectionArrival, framed } from "./connection.ts";
import type { StormGuard } from "./guard.ts";
import {
  FILL_BYTES_MIN,
  KEEPALIVE_SECONDS_MAX,
  RESPONDER_LIMITS_DEFAULT,
  type ResponderLimits,
  TIMEOUT_SECONDS_DEFAULT,
} from "./limits.ts";
import { openActive4, openBulk4, type QueryOutcome } from "./query4.ts";
import { openActive6, openBulk6 } from "./query6.ts";
import type { ConnectionReason } from "./reasons.ts";
import { isRequestorAllowed } from "./requestors.ts";
import type { ResponderScopes4, ResponderScopes6 } from "./scopes.ts";
import { statusText } from "./status.ts";

export interface LeasequeryConnectionsOptions {
  readonly tables: { readonly 4: BindingTable; readonly 6: BindingTable };
  /** Last sequence of the family's table that is stored: later changes are not told on active streams. */
  readonly durable: (family: 4 | 6) => number;
  readonly guard?: StormGuard;
  readonly limits?: Partial<ResponderLimits>;
}

export interface ConnectionsConfiguration {
  readonly servers4: readonly ResponderScopes4[];
  readonly servers6: readonly ResponderScopes6[];
  /** `accept-max-tcp-connections`. */
  readonly tcpConnectionsAcceptedMax?: number;
}

/** What the transport is to do next with a connection. */
export type ConnectionStep =
  /** Call `fill`: there is something to send, or to look for. */
  | "fill"
  /** Nothing, until octets arrive, a deadline passes, or `onReady` says so. */
  | "wait"
  /** Everything was handed over: once it has left, begin the TLS handshake as the server, with the client's certificate. */
  | "start-tls"
  /** Everything was handed over: once it has left, close the connection. */
  | "end"
  /** Close the connection now. */
  | "abort";

export interface ConnectionCounters {
  sinceMs: number;
  accepted: number;
  notAccepted: number;
  closedDueToError: number;
  closedDueToMaxEmptyReplies: number;
  /** By reason, of connections not accepted or closed and of queries refused. */
  readonly reasons: Map<ConnectionReason, number>;
}

/**
 * The connections for bulk and active leasequery that requestors open, of both families (RFC 6926 §8, RFC 5460 §7,
 * RFC 7724 §8, RFC 7653 §9). It holds no socket: the transport reports what happens and pulls what is to be sent, as the
 * socket drains.
 *
 * Invariants:
 *   - Answers are places in the table: a requestor that does not read costs what it has not read of one buffer.
 *   - No more queries are taken from a connection than are answered at a time and may wait; `canRead` is false then.
 *   - A connection that has closed has given back everything it held of the table.
 *   - Nothing that arrives is an exception.
 */
export class LeasequeryConnections {
  readonly #tables: LeasequeryConnectionsOptions["tables"];
  readonly #durable: (family: 4 | 6) => number;
  readonly #guard: StormGuard | undefined;
  readonly #limits: ResponderLimits;
  readonly #connections = new Map<number, Connection>();
  readonly #scopes4 = new Map<InstanceName, ResponderScopes4>();
  readonly #scopes6 = new Map<InstanceName, ResponderScopes6>();
  readonly #counters = new Map<string, ConnectionCounters>();
  readonly #statistics = new Map<string, ServerCounters>();
  readonly #onReady = new Set<() => void>();
  /** Messages of each type in one buffer. */
  readonly #types = new Uint32Array(256);
  #acceptedMax: number;
  #last = 0;
  #stopping = false;

  constructor(options: LeasequeryConnectionsOptions) {
    this.#tables = options.tables;
    this.#durable = options.durable;
    this.#guard = options.guard;
    this.#limits = { ...RESPONDER_LIMITS_DEFAULT, ...options.limits };
    this.#acceptedMax = this.#limits.connectionsMax;
  }

  /** Takes over what is configured. Queries that are no longer allowed end with QueryTerminated; others go on as they began. */
  configure(configuration: ConnectionsConfiguration, now: number): void {
    this.#scopes4.clear();
    this.#scopes6.clear();
    for (const scopes of configuration.servers4) this.#scopes4.set(scopes.instance, scopes);
    for (const scopes of configuration.servers6) this.#scopes6.set(scopes.instance, scopes);
    this.#acceptedMax = configuration.tcpConnectionsAcceptedMax ?? this.#limits.connectionsMax;
    for (const connection of this.#connections.values()) {
      connection.scopes = this.#scopesOf(connection.family, connection.instance);
      const { scopes } = connection;
      const allowed =
        scopes?.bulk !== undefined &&
        (scopes.active !== undefined || !connection.answers.some(({ kind }) => kind === "active"));
      if (!allowed) this.#terminate(connection, "reconfigured", "The configuration has changed.", now);
    }
    this.#tellReady();
  }

  /** A connection has been opened. A refusal means: close it at once (RFC 6926 §8.1, RFC 5460 §7.1). */
  accept(
    arrival: ConnectionArrival,
    now: number,
  ):
    | { readonly accepted: true; readonly id: number }
    | { readonly accepted: false; readonly reason: ConnectionReason } {
    const { family, instance } = arrival;
    const scopes = this.#scopesOf(family, instance);
    const reason = this.#refusal(arrival, scopes, now);
    const counters = this.#countersOf(family, instance, now);
    if (reason !== undefined) {
      counters.notAccepted += 1;
      countReason(counters, reason);
      return { accepted: false, reason };
    }
    counters.accepted += 1;
    this.#last += 1;
    this.#connections.set(this.#last, {
      ...arrival,
      id: this.#last,
      sinceMs: now,
      scopes,
      frames: new FrameReader({ messageLengthMin: family === 4 ? messageLengthMin4 : messageLengthMin6 }),
      waiting: [],
      ready: [],
      answers: [],
      turn: 0,
      stage: "open",
      reason: undefined,
      secured: false,
      tlsPeer: undefined,
      peerEnded: false,
      emptyReplies: 0,
      messagesReceived: 0,
      messagesSent: 0,
      octetsSent: 0,
      backlogOctets: 0,
      lastReceivedAtMs: null,
      lastSentAtMs: null,
      idleSinceMs: now,
      blockedSinceMs: now,
    });
    return { accepted: true, id: this.#last };
  }

  /** Octets have arrived, after the handshake those inside TLS. Then look at `next`. */
  receive(id: number, bytes: Uint8Array, now: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined || bytes.length === 0) return;
    connection.lastReceivedAtMs = now;
    if (connection.stage === "tls" || connection.stage === "handshake") {
      this.#abort(connection, "tls-octets-early");
      return;
    }
    if (connection.stage !== "open") return;
    const { frames, error } = connection.frames.push(bytes);
    connection.waiting.push(...frames);
    this.#work(connection, now);
    // What came before the octets that make no sense is still answered.
    if (error !== undefined) this.#endAfterAnswers(connection, "frame-malformed");
  }

  /** Whether octets should be read at all: a server reads no more queries than it can work on (RFC 6926 §8.4). */
  canRead(id: number): boolean {
    const connection = this.#connections.get(id);
    return connection !== undefined && connection.waiting.length < this.#limits.queriesWaitingMax;
  }

  /** The requestor has closed its end. DHCPv4: close (RFC 6926 §8.5). DHCPv6: after what is outstanding (RFC 5460 §7.4). */
  peerEnded(id: number, now: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.peerEnded = true;
    if (connection.stage === "aborting") return;
    if (connection.family === 4 || connection.stage !== "open") {
      this.#abort(connection, "peer-closed");
      return;
    }
    for (const answer of connection.answers)
      if (answer.kind === "active") answer.terminate("The connection was closed.");
    this.#work(connection, now);
    if (connection.answers.length === 0 && connection.waiting.length === 0) this.#end(connection, "peer-closed");
  }

  /** The handshake is through, with the name in the requestor's certificate, or it failed. */
  secured(id: number, result: { readonly peerName: string } | { readonly error: string }, now: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined || connection.stage !== "handshake") return;
    if ("error" in result) {
      this.#abort(connection, "tls-failed");
      return;
    }
    connection.stage = "open";
    connection.secured = true;
    connection.tlsPeer = result.peerName;
    connection.idleSinceMs = now;
  }

  /**
   * Writes what is to be sent, whole messages behind their sizes, from octet 0 on; gives how many octets. `into` has
   * `FILL_BYTES_MIN` octets or more. 0 does not mean that there is nothing more: ask `next`.
   */
  fill(id: number, into: Uint8Array, now: number): number {
    const connection = this.#connections.get(id);
    if (connection === undefined || connection.stage === "aborting" || into.length < FILL_BYTES_MIN) return 0;
    let at = 0;
    const { ready, answers } = connection;
    while (ready.length > 0 && ready[0]!.length <= into.length - at) {
      into.set(ready[0]!, at);
      at += ready.shift()!.length;
      connection.messagesSent += 1;
    }
    if (ready.length === 0 && answers.length > 0) at = this.#fillAnswers(connection, into, at, now);
    if (at > 0) {
      if (connection.backlogOctets === 0) connection.blockedSinceMs = now;
      connection.backlogOctets += at;
      connection.octetsSent += at;
      this.#countSent(connection, into, at, now);
      connection.lastSentAtMs = now;
    }
    return at;
  }

  /** The transport has got rid of that many octets. */
  sent(id: number, octets: number, now: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    connection.backlogOctets -= octets;
    connection.blockedSinceMs = now;
  }

  next(id: number): ConnectionStep {
    const connection = this.#connections.get(id);
    if (connection === undefined || connection.stage === "aborting") return "abort";
    if (connection.ready.length > 0) return "fill";
    if (connection.stage === "tls") {
      connection.stage = "handshake";
      return "start-tls";
    }
    if (connection.stage === "handshake") return "wait";
    for (const answer of connection.answers) if (isReady(answer)) return "fill";
    return connection.stage === "ending" && connection.answers.length === 0 ? "end" : "wait";
  }

  /** The connection is gone. `broken`: not by us and not in order. */
  closed(id: number, broken: boolean, now: number): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    const counters = this.#countersOf(connection.family, connection.instance, now);
    const reason =
      connection.reason ?? (connection.stage === "handshake" ? "tls-failed" : broken ? "peer-reset" : "peer-closed");
    countReason(counters, reason);
    if (reason === "empty-replies") counters.closedDueToMaxEmptyReplies += 1;
    else if (!notErrors.has(reason)) counters.closedDueToError += 1;
    for (const answer of connection.answers) answer.close();
    this.#connections.delete(id);
  }

  /** Deals with what is due. The transport then looks at `next` of all connections: `onReady` tells it. */
  tick(now: number): void {
    let changed = false;
    for (const connection of this.#connections.values()) changed = this.#tickOne(connection, now) || changed;
    if (changed) this.#tellReady();
  }

  /** When `tick` is due; null: never. Ask again after anything has happened. */
  nextDeadlineMs(): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const connection of this.#connections.values()) next = Math.min(next, this.#deadlineOf(connection));
    return Number.isFinite(next) ? next : null;
  }

  /** More changes have become durable: active streams may have something to tell. Cheap, as often as need be. */
  durableAdvanced(): void {
    if (this.#connections.size > 0) this.#tellReady();
  }

  /** Called when connections may have something to send without octets having arrived. Gives the way to stop it. */
  onReady(listener: () => void): () => void {
    this.#onReady.add(listener);
    return () => this.#onReady.delete(listener);
  }

  /** The server shuts down: queries end with QueryTerminated, then the connections (RFC 7724 §7.4, RFC 7653 §8.4). */
  stop(now: number): void {
    this.#stopping = true;
    for (const connection of this.#connections.values())
      this.#terminate(connection, "stopped", "The server is shutting down.", now);
    this.#tellReady();
  }

  /** The listener of a connection closes: as `stop`, of this one connection. */
  terminate(id: number, now: number): void {
    const connection = this.#connections.get(id);
    if (connection !== undefined) this.#terminate(connection, "stopped", "The server is shutting down.", now);
  }

  /** An operator closes a connection; false: there is none of that number. */
  close(id: number, now: number): boolean {
    const connection = this.#connections.get(id);
    if (connection === undefined) return false;
    this.#terminate(connection, "operator", "Closed by an operator.", now);
    this.#tellReady();
    return true;
  }

  /** Open connections, for the pages; read only. */
  *all(): Generator<Readonly<Connection>> {
    yield* this.#connections.values();
  }

  connection(id: number): Readonly<Connection> | undefined {
    return this.#connections.get(id);
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Of every instance with connections so far. */
  *counters(): Generator<{
    family: 4 | 6;
    instance: InstanceName;
    counters: ConnectionCounters;
    messages: ServerCounters;
  }> {
    for (const [key, counters] of this.#counters) {
      const family = key.startsWith("4") ? 4 : 6;
      const instance = key.slice(2) as InstanceName;
      yield { family, instance, counters, messages: this.#statisticsOf(family, instance, counters.sinceMs) };
    }
  }

  clearCounters(
    selector: { family?: 4 | 6; logicalSystem?: string | undefined; routingInstance?: string | undefined },
    now: number,
  ): void {
    for (const key of [...this.#counters.keys()]) {
      const family = key.startsWith("4") ? 4 : 6;
      const parts = instanceParts(key.slice(2) as InstanceName);
      if (selector.family !== undefined && selector.family !== family) continue;
      if (selector.logicalSystem !== undefined && selector.logicalSystem !== (parts.logicalSystem ?? "default"))
        continue;
      if (selector.routingInstance !== undefined && selector.routingInstance !== (parts.routingInstance ?? "default"))
        continue;
      this.#counters.set(key, newConnectionCounters(now));
      this.#statistics.delete(key);
    }
  }

  #refusal(
    { family, instance, peerAddress }: ConnectionArrival,
    scopes: ResponderScopes4 | ResponderScopes6 | undefined,
    now: number,
  ): ConnectionReason | undefined {
    if (this.#stopping) return "connection-stopping";
    if (scopes?.bulk === undefined) return "connection-not-configured";
    if (this.#connections.size >= this.#acceptedMax) return "connection-limit-chassis";
    let others = 0;
    for (const other of this.#connections.values()) {
      if (other.family !== family || other.instance !== instance) continue;
      if (!other.answers.some(({ kind }) => kind === "active")) others += 1;
    }
    if (others >= scopes.bulk.connectionsMax) return "connection-limit-instance";
    if (!isRequestorAllowed(scopes.bulk.requestorAddresses, family, peerAddress)) return "connection-not-permitted";
    if (this.#guard?.isQuarantined(family, instance, peerAddress, now) === true) return "connection-quarantined";
    return undefined;
  }

  /** Takes queries that wait while there is room for answers. */
  #work(connection: Connection, now: number): void {
    const { waiting, answers } = connection;
    const parallelMax = connection.scopes?.bulk?.queriesParallelMax ?? this.#limits.queriesParallelMax;
    while (connection.stage === "open" && waiting.length > 0) {
      // An active query is never done: what comes beside it is refused at once.
      if (answers.length >= parallelMax && !answers.some(({ kind }) => kind === "active")) return;
      this.#message(connection, waiting.shift()!, now);
    }
  }

  #message(connection: Connection, bytes: Uint8Array, now: number): void {
    const { family, instance, scopes } = connection;
    const first = connection.messagesReceived === 0;
    connection.messagesReceived += 1;
    if (scopes === undefined) {
      this.#abort(connection, "connection-not-configured");
      return;
    }
    const context = {
      table: this.#tables[family],
      durable: () => this.#durable(family),
      now,
    };
    let outcome: QueryOutcome;
    if (family === 4) {
      const decoded = decodeMessage4(bytes);
      if (!decoded.ok) {
        this.#endAfterAnswers(connection, "message-malformed");
        return;
      }
      const message = decoded.value;
      const type = message.messageType;
      this.#countReceived(connection, messageTypeName4(type ?? 0), now);
      if (message.op !== Op4.BOOTREQUEST) {
        this.#endAfterAnswers(connection, "message-type");
        return;
      }
      const own = scopes as ResponderScopes4;
      const context4 = {
        ...context,
        scopesOf: (name: InstanceName) => this.#scopes4.get(name),
        instances: () => [...this.#scopes4.keys()],
      };
      if (type === MessageType4.DHCPTLS) {
        const answer = (code?: number, text = ""): Uint8Array =>
          tls4({
            xid: message.xid,
            direction: "reply",
            ...(code === undefined ? {} : { status: { code, text: statusText(text) } }),
          });
        this.#offerTls(connection, first, answer(), answer(StatusCode4.TLSConnectionRefused, NO_TLS), now);
        return;
      }
      if (type !== MessageType4.DHCPBULKLEASEQUERY && type !== MessageType4.DHCPACTIVELEASEQUERY) {
        this.#endAfterAnswers(connection, "message-type");
        return;
      }
      if (!this.#isAdmitted(connection, now)) return;
      outcome =
        type === MessageType4.DHCPBULKLEASEQUERY
          ? openBulk4(connection, own, message, context4)
          : openActive4(connection, own, message, context4);
    } else {
      const decoded = decodeMessage6(bytes);
      if (!decoded.ok || decoded.value.kind === "relay") {
        this.#endAfterAnswers(connection, decoded.ok ? "message-type" : "message-malformed");
        return;
      }
      const message = decoded.value;
      const type = message.messageType;
      this.#countReceived(connection, messageTypeName6(type), now);
      const own = scopes as ResponderScopes6;
      const context6 = { ...context, scopesOf: (name: InstanceName) => this.#scopes6.get(name) };
      if (type === MessageType6.STARTTLS) {
        const answer = (code?: number, text = ""): Uint8Array =>
          tls6({
            transactionId: message.transactionId,
            direction: "reply",
            ...(code === undefined ? {} : { status: { code, text: statusText(text) } }),
          });
        this.#offerTls(connection, first, answer(), answer(StatusCode6.TLSConnectionRefused, NO_TLS), now);
        return;
      }
      if (type !== MessageType6.LEASEQUERY && type !== MessageType6.ACTIVELEASEQUERY) {
        this.#endAfterAnswers(connection, "message-type");
        return;
      }
      if (!this.#isAdmitted(connection, now)) return;
      outcome =
        type === MessageType6.LEASEQUERY
          ? openBulk6(connection, own, message, context6)
          : openActive6(connection, own, message, context6);
    }
    if (outcome.kind === "answer") {
      connection.answers.push(outcome.answer);
      return;
    }
    connection.ready.push(framed(outcome.bytes));
    countReason(this.#countersOf(family, instance, now), outcome.reason);
    if (outcome.end) {
      this.#endAfterAnswers(connection, outcome.reason);
      // A stream beside it is broken off: its requestor has not kept to one query on the connection.
      for (const answer of connection.answers) answer.terminate("The connection is being closed.");
    } else this.#answered(connection, true, now);
  }

  #isAdmitted(connection: Connection, now: number): boolean {
    const { family, instance, peerAddress, scopes } = connection;
    if (this.#guard?.admit(family, instance, peerAddress, scopes?.guard, now) === undefined) return true;
    this.#terminate(connection, "connection-quarantined", "Too many queries: ask again later.", now);
    return false;
  }

  /** TLS is possible where certificates are configured and the server is not in insecure mode (RFC 7724 §8.1, RFC 7653 §9.1). */
  #offerTls(connection: Connection, first: boolean, granted: Uint8Array, refusedBytes: Uint8Array, now: number): void {
    const { scopes } = connection;
    if (!first || connection.secured) {
      this.#endAfterAnswers(connection, "tls-not-first");
      return;
    }
    if (scopes?.tls !== true || scopes.active?.mode === "insecure") {
      connection.ready.push(framed(refusedBytes));
      countReason(this.#countersOf(connection.family, connection.instance, now), "tls-refused");
      connection.idleSinceMs = now;
      return;
    }
    if (connection.waiting.length > 0 || connection.frames.pendingBytes > 0) {
      this.#abort(connection, "tls-octets-early");
      return;
    }
    connection.ready.push(framed(granted));
    connection.stage = "tls";
    connection.idleSinceMs = now;
  }

  /** Gives each answer a part of the room, so that a long one does not keep short ones waiting (RFC 6926 §7.7). */
  #fillAnswers(connection: Connection, into: Uint8Array, start: number, now: number): number {
    const { answers } = connection;
    let at = start;
    const count = answers.length;
    let doneAny = false;
    for (let i = 0; i < count; i += 1) {
      const answer = answers[(connection.turn + i) % count]!;
      if (!isReady(answer)) continue;
      const share = Math.floor((into.length - at) / (count - i));
      const messages = answer.messages;
      const before = at;
      at = answer.fill(into, at, at + share, now);
      // A long message may fit where its part is too small for it.
      if (at === before && answer.state === "room") at = answer.fill(into, at, into.length, now);
      connection.messagesSent += answer.messages - messages;
      if (answer.state === "done") doneAny = true;
    }
    connection.turn = (connection.turn + 1) % Math.max(1, count);
    if (doneAny) {
      for (let i = answers.length - 1; i >= 0; i -= 1) {
        const answer = answers[i]!;
        if (answer.state !== "done") continue;
        answers.splice(i, 1);
        answer.close();
        if (answer.kind === "bulk") this.#answered(connection, answer.told === 0, now);
        else this.#endAfterAnswers(connection, "peer-closed");
      }
      this.#work(connection, now);
      if (connection.peerEnded && answers.length === 0 && connection.waiting.length === 0)
        this.#end(connection, "peer-closed");
    }
    return at;
  }

  /** A bulk query has been answered, `empty`: without a binding. */
  #answered(connection: Connection, empty: boolean, now: number): void {
    const { family, instance, peerAddress, scopes } = connection;
    this.#guard?.answered(family, instance, peerAddress, empty, scopes?.guard, now);
    connection.idleSinceMs = now;
    connection.emptyReplies = empty ? connection.emptyReplies + 1 : 0;
    const max = scopes?.bulk?.emptyRepliesMax ?? Number.POSITIVE_INFINITY;
    if (connection.emptyReplies >= max) this.#endAfterAnswers(connection, "empty-replies");
  }

  #tickOne(connection: Connection, now: number): boolean {
    if (connection.stage === "aborting" || now < this.#deadlineOf(connection)) return false;
    const timeout = this.#timeoutMs(connection);
    if (connection.backlogOctets > 0) {
      if (now - connection.blockedSinceMs < timeout) return false;
      this.#abort(connection, "write-blocked");
      return true;
    }
    if (connection.stage === "handshake" || connection.stage === "tls") {
      this.#abort(connection, "handshake-timeout");
      return true;
    }
    if (connection.stage === "ending") return false;
    const stream = connection.answers.find((answer): answer is ActiveAnswer => answer instanceof ActiveAnswer);
    if (stream !== undefined) {
      stream.keepalive();
      return true;
    }
    if (connection.answers.length > 0) return false;
    this.#end(connection, "idle");
    return true;
  }

  #deadlineOf(connection: Connection): number {
    const { stage, answers } = connection;
    if (stage === "aborting") return Number.POSITIVE_INFINITY;
    if (connection.backlogOctets > 0) return connection.blockedSinceMs + this.#timeoutMs(connection);
    if (stage === "ending") return Number.POSITIVE_INFINITY;
    if (answers.some(({ kind }) => kind === "active")) {
      const idleSeconds = connection.scopes?.active?.idleTimeoutSeconds ?? KEEPALIVE_SECONDS_MAX;
      const period = Math.min(idleSeconds / 2, KEEPALIVE_SECONDS_MAX);
      return (connection.lastSentAtMs ?? connection.sinceMs) + period * 1000;
    }
    return answers.length > 0 ? Number.POSITIVE_INFINITY : connection.idleSinceMs + this.#timeoutMs(connection);
  }

  #timeoutMs({ scopes, answers }: Connection): number {
    const active = answers.some(({ kind }) => kind === "active") ? scopes?.active : undefined;
    return (active?.timeoutSeconds ?? scopes?.bulk?.timeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT) * 1000;
  }

  /** Ends all queries with QueryTerminated, then the connection. */
  #terminate(connection: Connection, reason: ConnectionReason, text: string, _now: number): void {
    if (connection.stage === "aborting") return;
    if (connection.stage === "tls" || connection.stage === "handshake") {
      this.#abort(connection, reason);
      return;
    }
    for (const answer of connection.answers) answer.terminate(text);
    connection.waiting.length = 0;
    this.#end(connection, reason);
  }

  /** No further query is taken; what is being answered is answered. */
  #endAfterAnswers(connection: Connection, reason: ConnectionReason): void {
    connection.waiting.length = 0;
    this.#end(connection, reason);
  }

  #end(connection: Connection, reason: ConnectionReason): void {
    connection.reason ??= reason;
    if (connection.stage !== "aborting") connection.stage = "ending";
  }

  #abort(connection: Connection, reason: ConnectionReason): void {
    connection.reason ??= reason;
    connection.stage = "aborting";
    for (const answer of connection.answers) answer.close();
    connection.answers.length = 0;
    connection.waiting.length = 0;
  }

  #tellReady(): void {
    for (const listener of this.#onReady) listener();
  }

  #scopesOf(family: 4 | 6, instance: InstanceName): ResponderScopes4 | ResponderScopes6 | undefined {
    return family === 4 ? this.#scopes4.get(instance) : this.#scopes6.get(instance);
  }

  #countersOf(family: 4 | 6, instance: InstanceName, now: number): ConnectionCounters {
    const key = `${family}/${instance}`;
    let counters = this.#counters.get(key);
    if (counters === undefined) {
      counters = newConnectionCounters(now);
      this.#counters.set(key, counters);
    }
    return counters;
  }

  #statisticsOf(family: 4 | 6, instance: InstanceName, now: number): ServerCounters {
    const key = `${family}/${instance}`;
    let statistics = this.#statistics.get(key);
    if (statistics === undefined) {
      statistics = newCounters(instance, now);
      this.#statistics.set(key, statistics);
    }
    return statistics;
  }

  /** Looks at the type of each message that was just written: a small part of what writing it took. */
  #countSent({ family, instance }: Connection, from: Uint8Array, octets: number, now: number): void {
    const types = this.#types;
    // Option 53 is the first of every DHCPv4 message of ours.
    const typeAt = family === 4 ? 2 + 242 : 2;
    for (let at = 0; at < octets; at += 2 + ((from[at]! << 8) | from[at + 1]!)) types[from[at + typeAt]!]! += 1;
    const { sent } = this.#statisticsOf(family, instance, now);
    for (let type = 0; type < types.length; type += 1) {
      if (types[type] === 0) continue;
      increase(sent, (family === 4 ? messageTypeName4(type) : messageTypeName6(type)) ?? "other", types[type]);
      types[type] = 0;
    }
  }

  #countReceived({ family, instance }: Connection, name: string | undefined, now: number): void {
    increase(this.#statisticsOf(family, instance, now).received, name ?? "other");
  }
}

const NO_TLS = "TLS is not configured here.";

/** Reasons for which a connection closes in good order. */
const notErrors: ReadonlySet<ConnectionReason> = new Set([
  "peer-closed",
  "idle",
  "stopped",
  "operator",
  "reconfigured",
  "empty-replies",
]);

function newConnectionCounters(now: number): ConnectionCounters {
  return {
    sinceMs: now,
    accepted: 0,
    notAccepted: 0,
    closedDueToError: 0,
    closedDueToMaxEmptyReplies: 0,
    reasons: new Map(),
  };
}

function countReason({ reasons }: ConnectionCounters, reason: ConnectionReason): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

function isReady(answer: Answer): boolean {
  return answer instanceof ActiveAnswer ? answer.isPending : answer.state !== "done";
}
