import { type RandomSource, randomFraction, randomSigned } from "@leasewire/engines";
import type { Ipv4Address } from "@leasewire/net";
import { type Message4, MessageType4, Op4 } from "@leasewire/wire";
import type { ClientEvent, ClientInput } from "../client.ts";
import { type ClientMessage4, clientMessage4, type Identity4, type Lease4, readLease4 } from "./messages.ts";

/** First wait for an answer, doubled each time up to the last, each ±1 s (RFC 2131 §4.1). */
const retryMsFirst = 4_000;
const retryMsMax = 64_000;
/** A DHCPREQUEST for an offer is given up after these waits, about a minute (§3.1, 5). */
const requestWaitsMax = 4;
/** Least wait between two attempts to extend a lease (§4.4.5). */
const extendMsMin = 60_000;
/** Wait before a new beginning, at least and at most (§4.4.1). */
const restartMsMin = 1_000;
const restartMsMax = 10_000;
/** Without end: no T1, no T2 (§3.3). */
const infiniteSeconds = 0xffff_ffff;

/** Names of RFC 2131 figure 5; `off` before the start and after the end. */
export type Phase4 = "off" | "init" | "selecting" | "requesting" | "bound" | "renewing" | "rebinding";

/** A DHCPv4 client (RFC 2131 §4.4). Made by `createClient4`, changed by `stepClient4` only. */
export interface Client4 {
  readonly identity: Identity4;
  readonly random: RandomSource;
  phase: Phase4;
  /** When the client does something without being asked, ms; null: never. */
  deadlineMs: number | null;
  /** The lease in hand while bound, renewing or rebinding. */
  lease: HeldLease4 | null;
  xid: number;
  /** The offer that is being requested. */
  offer: Lease4 | null;
  /** When the client began to ask for an address: what `secs` counts from. */
  begunMs: number;
  /** When the exchange's first message was sent: a lease counts from then (§4.4.5). */
  askedMs: number;
  /** How often it has been sent. */
  sent: number;
}

export interface HeldLease4 extends Lease4 {
  /** When the client turns to its server, to any server, and when the lease ends; ms, `Infinity` for never. */
  readonly renewMs: number;
  readonly rebindMs: number;
  readonly endMs: number;
}

export interface ClientOutput4 {
  /** What leaves the client: by unicast to its server, or by broadcast. */
  readonly sends: { readonly bytes: Uint8Array; readonly unicast: boolean }[];
  readonly events: ClientEvent[];
}

export function createClient4(identity: Identity4, random: RandomSource): Client4 {
  return {
    identity,
    random,
    phase: "off",
    deadlineMs: null,
    lease: null,
    xid: 0,
    offer: null,
    begunMs: 0,
    askedMs: 0,
    sent: 0,
  };
}

/** `now`: ms since 1970. */
export function stepClient4(client: Client4, input: ClientInput<Message4>, now: number): ClientOutput4 {
  const out: ClientOutput4 = { sends: [], events: [] };
  switch (input.kind) {
    case "start":
      if (client.phase === "off") discover(client, out, now);
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

function onDeadline(client: Client4, out: ClientOutput4, now: number): void {
  const { lease } = client;
  switch (client.phase) {
    case "init":
      discover(client, out, now);
      return;
    case "selecting":
      retry(client, out, now);
      return;
    case "requesting":
      // The wait after the last transmission is over: the server has gone away, or another client got the address.
      if (client.sent >= requestWaitsMax) discover(client, out, now);
      else retry(client, out, now);
      return;
    case "bound":
    case "renewing":
    case "rebinding":
      if (lease === null || now >= lease.endMs) lose(client, out, now);
      else if (now >= lease.rebindMs) extend(client, out, "rebinding", now);
      else extend(client, out, "renewing", now);
      return;
    case "off":
      client.deadlineMs = null;
  }
}

function onMessage(client: Client4, out: ClientOutput4, message: Message4, now: number): void {
  if (message.op !== Op4.BOOTREPLY || message.xid !== client.xid) return;
  const lease = readLease4(message);
  switch (client.phase) {
    case "selecting":
      // The first one does: all servers of an access network are of one operator.
      if (message.messageType === MessageType4.DHCPOFFER && lease !== undefined) request(client, out, lease, now);
      return;
    case "requesting":
    case "renewing":
    case "rebinding":
      if (message.messageType === MessageType4.DHCPNAK) refused(client, out, now);
      else if (message.messageType === MessageType4.DHCPACK && lease !== undefined) bind(client, out, lease, now);
  }
}

function discover(client: Client4, out: ClientOutput4, now: number): void {
  client.phase = "selecting";
  client.offer = null;
  client.begunMs = now;
  begin(client, out, now);
}

/** The transaction of the DISCOVER goes on (§4.4.1). */
function request(client: Client4, out: ClientOutput4, offer: Lease4, now: number): void {
  client.phase = "requesting";
  client.offer = offer;
  begin(client, out, now, client.xid);
}

function extend(client: Client4, out: ClientOutput4, phase: "renewing" | "rebinding", now: number): void {
  const { lease } = client;
  if (lease === null) return;
  if (client.phase === phase) send(client, out, now);
  else {
    if (phase === "renewing") client.begunMs = now;
    client.phase = phase;
    begin(client, out, now);
  }
  const until = phase === "renewing" ? lease.rebindMs : lease.endMs;
  client.deadlineMs = Math.min(until, now + Math.max(extendMsMin, (until - now) / 2));
}

function bind(client: Client4, out: ClientOutput4, lease: Lease4, now: number): void {
  const isNew = client.lease === null;
  const at = (seconds: number) =>
    lease.leaseSeconds === infiniteSeconds ? Number.POSITIVE_INFINITY : client.askedMs + seconds * 1000;
  const held: HeldLease4 = {
    ...lease,
    renewMs: at(lease.renewalSeconds),
    rebindMs: at(lease.rebindingSeconds),
    endMs: at(lease.leaseSeconds),
  };
  if (held.endMs <= now) {
    lose(client, out, now);
    return;
  }
  client.phase = "bound";
  client.offer = null;
  client.lease = held;
  client.deadlineMs = Math.min(held.renewMs, held.rebindMs, held.endMs);
  if (client.deadlineMs === Number.POSITIVE_INFINITY) client.deadlineMs = null;
  out.events.push(isNew ? "bound" : "renewed");
}

function refused(client: Client4, out: ClientOutput4, now: number): void {
  if (client.lease !== null) out.events.push("lost");
  end(client);
  client.phase = "init";
  client.deadlineMs = now + restartMsMin + randomFraction(client.random) * (restartMsMax - restartMsMin);
}

function lose(client: Client4, out: ClientOutput4, now: number): void {
  if (client.lease !== null) out.events.push("lost");
  client.lease = null;
  discover(client, out, now);
}

/** Sent once: nothing answers it (§4.4.6). */
function release(client: Client4, out: ClientOutput4, now: number): void {
  const { lease } = client;
  if (lease !== null) {
    const { address: ciaddr, serverIdentifier } = lease;
    client.xid = client.random.uint32();
    out.sends.push({
      bytes: clientMessage4(client.identity, {
        type: MessageType4.DHCPRELEASE,
        xid: client.xid,
        ciaddr,
        serverIdentifier,
      }),
      unicast: true,
    });
    out.events.push("released");
  }
  end(client);
  client.begunMs = now;
}

function end(client: Client4): void {
  client.phase = "off";
  client.deadlineMs = null;
  client.lease = null;
  client.offer = null;
}

function begin(client: Client4, out: ClientOutput4, now: number, xid = client.random.uint32()): void {
  client.xid = xid;
  client.askedMs = now;
  client.sent = 0;
  retry(client, out, now);
}

function retry(client: Client4, out: ClientOutput4, now: number): void {
  send(client, out, now);
  const wait = Math.min(retryMsFirst * 2 ** (client.sent - 1), retryMsMax);
  client.deadlineMs = now + wait + randomSigned(client.random) * 1000;
}

function send(client: Client4, out: ClientOutput4, now: number): void {
  client.sent += 1;
  // RFC 2131 table 5: a DHCPREQUEST for an offer carries the secs of the DHCPDISCOVER, or servers would judge it late.
  const since = client.phase === "requesting" ? client.askedMs : now;
  const message = { ...fieldsOf(client), xid: client.xid, secs: Math.floor((since - client.begunMs) / 1000) };
  out.sends.push({ bytes: clientMessage4(client.identity, message), unicast: client.phase === "renewing" });
}

function fieldsOf({ phase, offer, lease }: Client4): Pick<ClientMessage4, "type"> & Partial<ClientMessage4> {
  if (phase === "selecting") return { type: MessageType4.DHCPDISCOVER };
  if (offer !== null) {
    const { address: requested, serverIdentifier } = offer;
    return { type: MessageType4.DHCPREQUEST, requested, serverIdentifier };
  }
  return { type: MessageType4.DHCPREQUEST, ciaddr: (lease?.address ?? 0) as Ipv4Address };
}
