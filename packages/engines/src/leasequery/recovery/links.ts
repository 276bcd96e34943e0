import { messageLengthMin4, messageLengthMin6 } from "@leasewire/wire";
import { type Context, countersOf, increase } from "./context.ts";
import { FrameCutter } from "./frames.ts";
import { encodeActive, encodeBulk, encodeTls } from "./questions.ts";
import type { Link, RunServer, Stream } from "./state.ts";

/** Opens a connection for a server of a run, or for a stream. */
export function openLink(context: Context, owner: RunServer | Stream): Link {
  const { state, now, out } = context;
  const { relay, server } = owner;
  const { family, instance, configured } = relay;
  state.linkLast += 1;
  const link: Link = {
    id: state.linkLast,
    owner,
    frames: new FrameCutter(family === 4 ? messageLengthMin4 : messageLengthMin6, state.limits.messageOctetsMax),
    stage: "connecting",
    secure: false,
    sinceMs: now,
    lastReceivedAtMs: now,
    query: "none",
    xid: 0,
    answered: 0,
    firstBaseTimeSeconds: null,
    leases: 0,
    faults: 0,
    serverIdentifier: undefined,
    paused: false,
  };
  state.links.set(link.id, link);
  owner.link = link;
  countersOf(context, relay).attempted += 1;
  out.connects.push({
    connection: link.id,
    family,
    instance,
    address: server.address,
    port: server.port,
    localAddress: configured.localAddress,
    device: configured.device,
    tls: isSecure(owner),
  });
  return link;
}

export function isSecure(owner: RunServer | Stream): boolean {
  const { bulk, active } = owner.relay.configured;
  return (owner.kind === "stream" ? active?.mode : bulk.mode) === "secure";
}

/** Closes a connection of ours in good order; what still comes on it is not used. */
export function closeLink(context: Context, link: Link): void {
  const { state, out } = context;
  if (!state.links.delete(link.id)) return;
  out.closes.push(link.id);
  forget(context, link);
}

/** The connection is gone already. */
export function forget(context: Context, link: Link): void {
  const { closedLinks } = context.state;
  context.state.links.delete(link.id);
  if (link.owner.link === link) link.owner.link = null;
  closedLinks.set(link.id, { relay: link.owner.relay, answered: link.answered > 0 });
  if (closedLinks.size > closedLinksMax)
    for (const [oldest] of closedLinks) {
      closedLinks.delete(oldest);
      break;
    }
}

const closedLinksMax = 256;

/** Asks for TLS before anything else (RFC 7724 §7.2, RFC 7653 §8.2). */
export function askForTls(context: Context, link: Link): void {
  const { family } = link.owner.relay;
  link.stage = "tls";
  link.xid = newXid(context);
  send(context, link, encodeTls(family, link.xid), family === 4 ? "DHCPTLS" : "STARTTLS");
}

export function askBulk(
  context: Context,
  link: Link,
  request: Parameters<typeof encodeBulk>[1],
  startTimeSeconds: number | null,
  endTimeSeconds: number | null,
): void {
  beginQuery(context, link, "bulk");
  const { relay } = link.owner;
  const bytes = encodeBulk(relay.configured, request, link.xid, startTimeSeconds, endTimeSeconds);
  send(context, link, bytes, relay.family === 4 ? "DHCPBULKLEASEQUERY" : "LEASEQUERY");
}

export function askActive(context: Context, link: Link, startTimeSeconds: number | null): void {
  beginQuery(context, link, "active");
  const { relay } = link.owner;
  const bytes = encodeActive(relay.configured, link.xid, startTimeSeconds);
  send(context, link, bytes, relay.family === 4 ? "DHCPACTIVELEASEQUERY" : "ACTIVELEASEQUERY");
}

function beginQuery(context: Context, link: Link, query: "bulk" | "active"): void {
  link.stage = "open";
  link.query = query;
  link.xid = newXid(context);
  link.answered = 0;
  link.leases = 0;
  link.firstBaseTimeSeconds = null;
  link.lastReceivedAtMs = context.now;
  // Told anew: what the clocks differ by can have changed.
  link.owner.clockOffsetSeconds = null;
}

function send(context: Context, link: Link, bytes: Uint8Array, name: string): void {
  increase(context, countersOf(context, link.owner.relay).sent, name);
  context.out.writes.push({ connection: link.id, bytes });
}

/** 24 bits in both families, never 0; one query at a time is on a connection, so that it is unique there. */
function newXid(context: Context): number {
  return context.state.random.uint32() >>> 8 || 1;
}

/** Connections of runs: what `request-max-tcp-connections` counts. */
export function runLinks(context: Context): number {
  let count = 0;
  for (const { owner } of context.state.links.values()) if (owner.kind === "server") count += 1;
  return count;
}
