import { type RandomSource, randomFraction } from "@leasewire/engines";
import { equalBytes } from "@leasewire/net";
import { infiniteSeconds, type Message6, MessageType6, StatusCode6 } from "@leasewire/wire";
import type { ClientEvent, ClientInput } from "../client.ts";
import {
  type Association6,
  type AssociationLease6,
  clientMessage6,
  type Identity6,
  isSame,
  type Reply6,
  readReply6,
} from "./messages.ts";
import { firstWait, nextWait, type Retransmission6, retransmissions6, solicitDelayMsMax } from "./retransmission.ts";

/** `waiting`: for the delay of the first SOLICIT. */
export type Phase6 = "off" | "waiting" | "soliciting" | "requesting" | "bound" | "renewing" | "rebinding" | "releasing";

/** A DHCPv6 client (RFC 9915 §18.2). Made by `createClient6`, changed by `stepClient6` only. */
export interface Client6 {
  readonly identity: Identity6;
  readonly random: RandomSource;
  phase: Phase6;
  /** When the client does something without being asked, ms; null: never. */
  deadlineMs: number | null;
  leases: readonly HeldLease6[];
  /** Who gave them. */
  serverDuid: Uint8Array | null;
  /** When it turns to that server, and to any; ms, `Infinity` for never. */
  renewMs: number;
  rebindMs: number;
  exchange: Exchange6 | null;
  /** Best ADVERTISE so far. */
  advertised: Reply6 | null;
  /** SOL_MAX_RT, ms. */
  solicitRetryMsMax: number;
}

export interface HeldLease6 extends AssociationLease6 {
  /** When its valid lifetime is over, ms. */
  readonly endMs: number;
}

interface Exchange6 {
  readonly type: MessageType6;
  readonly transactionId: number;
  readonly retransmission: Retransmission6;
  readonly begunMs: number;
  /** When it has failed, whatever is left to try; ms. */
  readonly endMs: number;
  readonly serverDuid: Uint8Array | undefined;
  readonly associations: readonly Association6[];
  readonly leases: readonly AssociationLease6[];
  sent: number;
  waitMs: number;
  /** When it is sent again. */
  nextMs: number;
}

export interface ClientOutput6 {
  /** To all servers and relays of the link (ff02::1:2). */
  readonly sends: { readonly bytes: Uint8Array; readonly unicast: false }[];
  readonly events: ClientEvent[];
}

export function createClient6(identity: Identity6, random: RandomSource): Client6 {
  return {
    identity,
    random,
    phase: "off",
    deadlineMs: null,
    leases: [],
    serverDuid: null,
    renewMs: 0,
    rebindMs: 0,
    exchange: null,
    advertised: null,
    solicitRetryMsMax: retransmissions6.solicit.maxMs,
  };
}

/** `now`: ms since 1970. */
export function stepClient6(client: Client6, input: ClientInput<Message6>, now: number): ClientOutput6 {
  const out: ClientOutput6 = { sends: [], events: [] };
  switch (input.kind) {
    case "start":
      if (client.phase === "off" || client.phase === "releasing") wait(client, now);
      break;
    case "stop":
      end(client);
      break;
    case "release":
      release(client, out, now);
      break;
    case "message":
      onMessage(client, out, input.message, now);
      break;
    case "deadline":
      while (client.deadlineMs !== null && client.deadlineMs <= now) onDeadline(client, out, now);
  }
  return out;
}

function onDeadline(client: Client6, out: ClientOutput6, now: number): void {
  const { exchange } = client;
  switch (client.phase) {
    case "waiting":
      solicit(client, out, now);
      return;
    case "soliciting":
      if (client.advertised !== null) request(client, out, client.advertised, now);
      else repeat(client, out, now);
      return;
    case "requesting":
      if (isOver(exchange, now)) solicit(client, out, now);
      else repeat(client, out, now);
      return;
    case "bound":
    case "renewing":
    case "rebinding":
      maintain(client, out, now);
      return;
    case "releasing":
      // The server takes the leases back when they run out.
      if (isOver(exchange, now)) end(client);
      else repeat(client, out, now);
      return;
    case "off":
      client.deadlineMs = null;
  }
}

/** What is due of a client that holds something. */
function maintain(client: Client6, out: ClientOutput6, now: number): void {
  const held = client.leases.filter(({ endMs }) => endMs > now);
  if (held.length === 0) {
    out.events.push("lost");
    client.leases = [];
    solicit(client, out, now);
    return;
  }
  client.leases = held;
  if (client.phase !== "rebinding" && now >= client.rebindMs) extend(client, out, "rebinding", now);
  else if (client.phase === "bound" && now >= client.renewMs) extend(client, out, "renewing", now);
  else if (client.phase === "bound") client.deadlineMs = boundDeadline(client);
  else if (client.exchange !== null && now >= client.exchange.nextMs) repeat(client, out, now);
  // One of several leases ran out.
  else setDeadline(client);
}

function onMessage(client: Client6, out: ClientOutput6, message: Message6, now: number): void {
  const { exchange } = client;
  if (exchange === null || message.transactionId !== exchange.transactionId) return;
  const reply = readReply6(message);
  if (reply === undefined || !equalBytes(reply.clientDuid, client.identity.duid)) return;
  if (reply.solicitRetryMaxSeconds !== undefined) client.solicitRetryMsMax = reply.solicitRetryMaxSeconds * 1000;
  if (client.phase === "soliciting") {
    if (message.messageType === MessageType6.ADVERTISE) onAdvertise(client, out, exchange, reply, now);
    return;
  }
  if (message.messageType !== MessageType6.REPLY) return;
  if (client.phase === "releasing") end(client);
  else if (client.phase !== "bound") onReply(client, out, exchange, reply, now);
}

/** The best one is taken when the first wait is over, the first one after that at once (§18.2.1, §18.2.9). */
function onAdvertise(client: Client6, out: ClientOutput6, exchange: Exchange6, reply: Reply6, now: number): void {
  if (reply.status !== StatusCode6.Success || usable(reply).length === 0) return;
  if (reply.preference === 255 || exchange.sent > 1) {
    request(client, out, reply, now);
  } else if (client.advertised === null || isBetter(reply, client.advertised)) {
    client.advertised = reply;
  }
}

function isBetter(reply: Reply6, than: Reply6): boolean {
  if (reply.preference !== than.preference) return reply.preference > than.preference;
  return usable(reply).length > usable(than).length;
}

function onReply(client: Client6, out: ClientOutput6, exchange: Exchange6, reply: Reply6, now: number): void {
  // RFC 9915 §18.2.10: the message is sent again, no faster than it would be without an answer.
  if (reply.status === StatusCode6.UnspecFail) return;
  if (client.phase === "requesting" && reply.status === StatusCode6.NotOnLink) {
    solicit(client, out, now);
    return;
  }
  if (exchange.type !== MessageType6.REQUEST && reply.answers.some(isUnbound)) {
    // §18.2.10.1: the server does not know the lease, and may give it to others. The client asks for it anew.
    const { leases } = client;
    out.events.push("lost");
    client.leases = [];
    const { serverDuid } = reply;
    start(client, out, "requesting", MessageType6.REQUEST, retransmissions6.request, now, { serverDuid, leases });
    return;
  }
  const had = client.leases.length > 0;
  const leases = merged(client.leases, reply, exchange.begunMs, now);
  if (leases.length === 0) {
    if (had) out.events.push("lost");
    client.leases = [];
    wait(client, now);
    return;
  }
  client.leases = leases;
  client.serverDuid = reply.serverDuid;
  client.phase = "bound";
  client.exchange = null;
  client.advertised = null;
  setTimes(client, reply, exchange.begunMs);
  client.deadlineMs = boundDeadline(client);
  out.events.push(had ? "renewed" : "bound");
}

function isUnbound({ status }: { readonly status: number }): boolean {
  return status === StatusCode6.NoBinding;
}

/** Leases the reply names, with their new lifetimes, and those it does not. They count from when they were asked for. */
function merged(held: readonly HeldLease6[], reply: Reply6, askedMs: number, now: number): HeldLease6[] {
  const told = reply.answers.flatMap(({ leases }) => leases);
  const kept = held.filter((one) => !told.some((other) => isSameLease(one, other)));
  const named = told.map((one) => ({ ...one, endMs: after(askedMs, one.validSeconds) }));
  return [...kept, ...named].filter(({ endMs }) => endMs > now);
}

function isSameLease(a: AssociationLease6, b: AssociationLease6): boolean {
  return isSame(a.association, b.association) && a.length === b.length && equalBytes(a.address, b.address);
}

/** T1 and T2: the earliest of all associations, and what is usual where the server leaves it to the client (§14.2). */
function setTimes(client: Client6, reply: Reply6, askedMs: number): void {
  client.renewMs = Number.POSITIVE_INFINITY;
  client.rebindMs = Number.POSITIVE_INFINITY;
  for (const { t1Seconds, t2Seconds, leases } of reply.answers) {
    if (leases.length === 0) continue;
    const preferred = Math.min(...leases.map(({ preferredSeconds }) => preferredSeconds));
    const renewSeconds = t1Seconds > 0 || preferred === infiniteSeconds ? t1Seconds || preferred : preferred * 0.5;
    const rebindSeconds = t2Seconds > 0 || preferred === infiniteSeconds ? t2Seconds || preferred : preferred * 0.8;
    client.renewMs = Math.min(client.renewMs, after(askedMs, renewSeconds));
    client.rebindMs = Math.min(client.rebindMs, after(askedMs, rebindSeconds));
  }
}

function boundDeadline({ renewMs, rebindMs, leases }: Client6): number | null {
  const next = Math.min(renewMs, rebindMs, ...leases.map(({ endMs }) => endMs));
  return next === Number.POSITIVE_INFINITY ? null : next;
}

function after(ms: number, seconds: number): number {
  return seconds === infiniteSeconds ? Number.POSITIVE_INFINITY : ms + seconds * 1000;
}

function wait(client: Client6, now: number): void {
  end(client);
  client.phase = "waiting";
  client.deadlineMs = now + randomFraction(client.random) * solicitDelayMsMax;
}

function solicit(client: Client6, out: ClientOutput6, now: number): void {
  const retransmission = { ...retransmissions6.solicit, maxMs: client.solicitRetryMsMax };
  start(client, out, "soliciting", MessageType6.SOLICIT, retransmission, now, {});
}

function request(client: Client6, out: ClientOutput6, advertised: Reply6, now: number): void {
  start(client, out, "requesting", MessageType6.REQUEST, retransmissions6.request, now, {
    serverDuid: advertised.serverDuid,
    leases: usable(advertised),
  });
}

function extend(client: Client6, out: ClientOutput6, phase: "renewing" | "rebinding", now: number): void {
  const { leases, rebindMs } = client;
  if (phase === "rebinding") {
    const endMs = Math.max(...leases.map((lease) => lease.endMs));
    start(client, out, phase, MessageType6.REBIND, retransmissions6.rebind, now, { leases, endMs });
  } else {
    const serverDuid = client.serverDuid ?? undefined;
    start(client, out, phase, MessageType6.RENEW, retransmissions6.renew, now, { serverDuid, leases, endMs: rebindMs });
  }
}

/** The client stops to use what it holds before it sends the first RELEASE (§18.2.7). */
function release(client: Client6, out: ClientOutput6, now: number): void {
  const { leases, serverDuid } = client;
  if (leases.length === 0 || serverDuid === null) {
    end(client);
    return;
  }
  const associations = client.identity.associations.filter((one) =>
    leases.some((lease) => isSame(one, lease.association)),
  );
  end(client);
  out.events.push("released");
  start(client, out, "releasing", MessageType6.RELEASE, retransmissions6.release, now, {
    serverDuid,
    leases,
    associations,
  });
}

function end(client: Client6): void {
  client.phase = "off";
  client.deadlineMs = null;
  client.leases = [];
  client.serverDuid = null;
  client.exchange = null;
  client.advertised = null;
}

/** Begins an exchange and sends its first message. */
function start(
  client: Client6,
  out: ClientOutput6,
  phase: Phase6,
  type: MessageType6,
  retransmission: Retransmission6,
  now: number,
  more: Partial<Pick<Exchange6, "serverDuid" | "leases" | "associations" | "endMs">>,
): void {
  client.phase = phase;
  client.advertised = null;
  client.exchange = {
    type,
    transactionId: client.random.uint32() & 0xff_ffff,
    retransmission,
    begunMs: now,
    endMs: more.endMs ?? Number.POSITIVE_INFINITY,
    serverDuid: more.serverDuid,
    associations: more.associations ?? client.identity.associations,
    leases: more.leases ?? [],
    sent: 0,
    waitMs: firstWait(client.random, retransmission, type === MessageType6.SOLICIT),
    nextMs: now,
  };
  send(client, client.exchange, out, now);
}

function repeat(client: Client6, out: ClientOutput6, now: number): void {
  const { exchange } = client;
  if (exchange === null) return;
  exchange.waitMs = nextWait(client.random, exchange.retransmission, exchange.waitMs);
  send(client, exchange, out, now);
}

function isOver(exchange: Exchange6 | null, now: number): boolean {
  if (exchange === null || now >= exchange.endMs) return true;
  const { countMax } = exchange.retransmission;
  return countMax > 0 && exchange.sent >= countMax;
}

function send(client: Client6, exchange: Exchange6, out: ClientOutput6, now: number): void {
  const { type, transactionId, serverDuid, associations, leases } = exchange;
  exchange.sent += 1;
  const elapsedMs = now - exchange.begunMs;
  out.sends.push({
    bytes: clientMessage6(client.identity, { type, transactionId, elapsedMs, serverDuid, associations, leases }),
    unicast: false,
  });
  exchange.nextMs = Math.min(now + exchange.waitMs, exchange.endMs);
  setDeadline(client);
}

/** A client that holds something looks after each of its leases while it waits for an answer. */
function setDeadline(client: Client6): void {
  const { exchange, leases } = client;
  client.deadlineMs = Math.min(exchange?.nextMs ?? Number.POSITIVE_INFINITY, ...leases.map(({ endMs }) => endMs));
}

/** What a reply gives, associations with an error left out. */
function usable({ answers }: Reply6): AssociationLease6[] {
  return answers
    .filter(({ status }) => status === StatusCode6.Success)
    .flatMap(({ leases }) => leases.filter(({ validSeconds }) => validSeconds > 0));
}
