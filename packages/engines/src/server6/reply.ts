import { MessageType6, messageTypeName6, OptionCode6, type RelayMessage6, StatusCode6 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import type { Arrival, ServerSend } from "../server-common/messages.ts";
import { octetsOfSource } from "./arrival.ts";
import { isLinkLocal } from "./configuration.ts";
import { type Context6, drop } from "./context.ts";
import type { Exchange6, IaAnswer, Lease6 } from "./exchange.ts";
import { timesOf } from "./lifetimes.ts";
import { IRT_DEFAULT_SECONDS, IRT_MINIMUM_SECONDS } from "./limits.ts";
import { freeUnstored } from "./offers.ts";
import { reconfigureKeyOption } from "./reconfigure-key.ts";
import type { ReplyBuffer6 } from "./reply-buffer.ts";
import type { IaRequest } from "./request.ts";
import type { Link6, Server6 } from "./state.ts";

export interface ReplyParts {
  readonly messageType: number;
  /** For the whole message; 0 and a text for Success, undefined for none. */
  readonly status?: number;
  readonly rapidCommit?: boolean;
  /** IAs whose client holds no such lease: told NoBinding and nothing else. */
  readonly unbound?: readonly IaRequest[];
  /** Configured options the client asked for are told. */
  readonly configuration: boolean;
  /** Whether the client may be told its reconfigure key. */
  readonly reconfigureKey?: boolean;
  /** Leaves only after the changes of the step are durable. */
  readonly promises: boolean;
}

/** Writes and sends the answer to a message, through the relays it came by. */
export function sendReply(exchange: Exchange6, parts: ReplyParts): void {
  const { context, server, arrival, relays, request } = exchange;
  const { reply } = context.state;
  const relayed = beginRelayReply(reply, relays);
  reply.octet(parts.messageType);
  reply.octet(request.transactionId >>> 16);
  reply.uint16(request.transactionId & 0xffff);
  if (request.duid !== undefined) reply.option(OptionCode6.CLIENTID, request.duid);
  reply.option(OptionCode6.SERVERID, server.duid);
  if (parts.status !== undefined) writeStatus(reply, parts.status);
  if (parts.rapidCommit) reply.emptyOption(OptionCode6.RAPID_COMMIT);
  const times = timesOf(exchange.answers);
  for (const answer of exchange.answers) writeIa(reply, answer, times.t1Seconds, times.t2Seconds);
  for (const ia of parts.unbound ?? NONE) writeUnbound(reply, ia);
  if (parts.messageType === MessageType6.ADVERTISE) writePreference(reply, server);
  if (parts.configuration) writeConfiguration(exchange, reply);
  if (
    request.reconfigureAccept &&
    reconfigures(exchange) &&
    request.messageType !== MessageType6["INFORMATION-REQUEST"]
  ) {
    reply.emptyOption(OptionCode6.RECONF_ACCEPT);
    if (parts.reconfigureKey) reply.option(OptionCode6.AUTH, reconfigureKeyOption(context, server, exchange.duid));
  }
  for (let i = relayed.length - 1; i >= 0; i -= 1) reply.close(relayed[i]!);
  send(context, server, arrival, relays, parts.messageType, parts.promises);
}

const NONE: readonly never[] = [];

/** Copies out what the buffer holds, counts it, and addresses it (RFC 9915 §18.3.10, §7.2; RFC 8357 §5.2). */
function send(
  context: Context6,
  server: Server6,
  arrival: Arrival,
  relays: readonly RelayMessage6[],
  messageType: number,
  promises: boolean,
): void {
  const { state, out } = context;
  const to = destinationOf(context, server, arrival, relays);
  if (to === undefined || state.reply.overflow) {
    // What the client is not told of is not stored either.
    for (const { binding } of out.changes.splice(0)) freeUnstored(state, binding);
    drop(context, server.instance, to === undefined ? "nowhere to send" : "reply too long");
    return;
  }
  out.sends.push({ instance: server.instance, bytes: state.reply.end(), promises, to });
  increase(server.counters.sent, messageTypeName6(messageType) ?? "unknown");
}

function destinationOf(
  { state }: Context6,
  { configuration }: Server6,
  arrival: Arrival,
  relays: readonly RelayMessage6[],
): ServerSend["to"] | undefined {
  // A server on a port of its own is not on a network where 546 and 547 could be relied on.
  const ownPort = configuration.listenPort !== 547;
  if (relays.length > 0) {
    const port = ownPort || relays[0]!.has(OptionCode6.RELAY_PORT) ? arrival.sourcePort : 547;
    // A lightweight relay on our own link (RFC 6221) is reached there only.
    const { interfaceName, sourceAddress } = arrival;
    return interfaceName !== undefined && isLinkLocal(octetsOfSource(state, sourceAddress))
      ? { kind: "link", interfaceName, address: sourceAddress, port }
      : { kind: "unicast", address: sourceAddress, port };
  }
  if (arrival.interfaceName === undefined) return undefined;
  return {
    kind: "link",
    interfaceName: arrival.interfaceName,
    address: arrival.sourceAddress,
    port: ownPort ? arrival.sourcePort : 546,
  };
}

/**
 * Writes the RELAY-REPLs around a message, outermost first (RFC 9915 §19.3): header fields, Interface-ID and relay source port
 * (RFC 8357 §5.2) are those of the RELAY-FORW, and so is what an Echo Request option names (RFC 4994). Gives what is to be
 * closed behind the message.
 */
export function beginRelayReply(reply: ReplyBuffer6, relays: readonly RelayMessage6[]): number[] {
  reply.begin();
  const opened: number[] = [];
  for (const relay of relays) {
    reply.octet(MessageType6["RELAY-REPL"]);
    reply.octet(relay.hopCount);
    reply.octets(relay.linkAddress);
    reply.octets(relay.peerAddress);
    echo(reply, relay, OptionCode6.INTERFACE_ID);
    echo(reply, relay, OptionCode6.RELAY_PORT);
    const wanted = relay.option(OptionCode6.ERO);
    if (wanted !== undefined) {
      for (let at = 0; at + 2 <= wanted.length && at < 64; at += 2) {
        const code = (wanted[at]! << 8) | wanted[at + 1]!;
        if (!NEVER_ECHOED.has(code)) echo(reply, relay, code);
      }
    }
    opened.push(reply.open(OptionCode6.RELAY_MSG));
  }
  return opened;
}

const NEVER_ECHOED: ReadonlySet<number> = new Set([
  OptionCode6.RELAY_MSG,
  OptionCode6.INTERFACE_ID,
  OptionCode6.RELAY_PORT,
  OptionCode6.ERO,
]);

function echo(reply: ReplyBuffer6, relay: RelayMessage6, code: number): void {
  const data = relay.option(code);
  if (data !== undefined) reply.option(code, data);
}

function writeIa(reply: ReplyBuffer6, answer: IaAnswer, t1Seconds: number, t2Seconds: number): void {
  const { ia, leases, gone, status } = answer;
  const opened = openIa(reply, ia, leases.length === 0 ? 0 : t1Seconds, leases.length === 0 ? 0 : t2Seconds);
  for (const lease of leases) {
    const { preferredLifetimeSeconds, validLifetimeSeconds } = lease.pool.configuration;
    writeLease(reply, ia, lease, preferredLifetimeSeconds, validLifetimeSeconds);
  }
  for (const lease of gone) writeLease(reply, ia, lease, 0, 0);
  if (status !== 0) writeStatus(reply, status);
  reply.close(opened);
}

function writeUnbound(reply: ReplyBuffer6, ia: IaRequest): void {
  const opened = openIa(reply, ia, 0, 0);
  writeStatus(reply, StatusCode6.NoBinding);
  reply.close(opened);
}

function openIa(reply: ReplyBuffer6, ia: IaRequest, t1Seconds: number, t2Seconds: number): number {
  const opened = reply.open(
    ia.kind === "na" ? OptionCode6.IA_NA : ia.kind === "pd" ? OptionCode6.IA_PD : OptionCode6.IA_TA,
  );
  reply.uint32(ia.iaid);
  if (ia.kind === "ta") return opened;
  reply.uint32(t1Seconds);
  reply.uint32(t2Seconds);
  return opened;
}

function writeLease(
  reply: ReplyBuffer6,
  ia: IaRequest,
  { address, length }: Pick<Lease6, "address" | "length">,
  preferredSeconds: number,
  validSeconds: number,
): void {
  // A client discards a lease that is preferred for longer than it is valid.
  const preferred = Math.min(preferredSeconds, validSeconds);
  if (ia.kind === "pd") {
    reply.uint16(OptionCode6.IAPREFIX);
    reply.uint16(25);
    reply.uint32(preferred);
    reply.uint32(validSeconds);
    reply.octet(length);
    reply.octets(address);
    return;
  }
  reply.uint16(OptionCode6.IAADDR);
  reply.uint16(24);
  reply.octets(address);
  reply.uint32(preferred);
  reply.uint32(validSeconds);
}

function writeStatus(reply: ReplyBuffer6, status: number): void {
  const opened = reply.open(OptionCode6.STATUS_CODE);
  reply.uint16(status);
  reply.octets(STATUS_TEXTS.get(status) ?? NO_TEXT);
  reply.close(opened);
}

const NO_TEXT = new Uint8Array(0);
const encoder = new TextEncoder();

/** For the client's user (RFC 9915 §21.13). */
const STATUS_TEXTS: ReadonlyMap<number, Uint8Array> = new Map([
  [StatusCode6.Success, encoder.encode("Done.")],
  [StatusCode6.NoAddrsAvail, encoder.encode("No address is free on this link.")],
  [StatusCode6.NoBinding, encoder.encode("This server has no such lease of the client.")],
  [StatusCode6.NotOnLink, encoder.encode("The address does not belong to this link.")],
  [StatusCode6.NoPrefixAvail, encoder.encode("No prefix is free for this link.")],
]);

/** §21.8: a client takes a server that tells none for one of preference 0. */
function writePreference(reply: ReplyBuffer6, { configuration: { preference } }: Server6): void {
  if (preference !== undefined) reply.option(OptionCode6.PREFERENCE, Uint8Array.of(preference));
}

/** Options of the ORO that are configured, in its order, each once (§18.3, §21.7). */
function writeConfiguration(exchange: Exchange6, reply: ReplyBuffer6): void {
  const { request, link } = exchange;
  const { requested } = request;
  if (requested === undefined) return;
  for (let at = 0; at + 2 <= requested.length; at += 2) {
    const code = (requested[at]! << 8) | requested[at + 1]!;
    if (NEVER_REQUESTED.has(code) || wasRequested(requested, at, code)) continue;
    if (code === OptionCode6.INFORMATION_REFRESH_TIME) {
      if (request.messageType === MessageType6["INFORMATION-REQUEST"]) writeRefreshTime(reply, link);
      continue;
    }
    const data = configured(link, code);
    if (data !== undefined) reply.option(code, data);
  }
}

function wasRequested(requested: Uint8Array, before: number, code: number): boolean {
  for (let at = 0; at < before; at += 2) if (((requested[at]! << 8) | requested[at + 1]!) === code) return true;
  return false;
}

/** Options that are never sent for the asking (§21.7). */
const NEVER_REQUESTED: ReadonlySet<number> = new Set([
  OptionCode6.CLIENTID,
  OptionCode6.SERVERID,
  OptionCode6.IA_NA,
  OptionCode6.IA_TA,
  OptionCode6.IAADDR,
  OptionCode6.ORO,
  OptionCode6.PREFERENCE,
  OptionCode6.ELAPSED_TIME,
  OptionCode6.RELAY_MSG,
  OptionCode6.AUTH,
  OptionCode6.UNICAST,
  OptionCode6.STATUS_CODE,
  OptionCode6.RAPID_COMMIT,
  OptionCode6.USER_CLASS,
  OptionCode6.VENDOR_CLASS,
  OptionCode6.INTERFACE_ID,
  OptionCode6.RECONF_MSG,
  OptionCode6.RECONF_ACCEPT,
  OptionCode6.IA_PD,
  OptionCode6.IAPREFIX,
]);

/** §21.23: never below IRT_MINIMUM. */
function writeRefreshTime(reply: ReplyBuffer6, link: Link6): void {
  const data = configured(link, OptionCode6.INFORMATION_REFRESH_TIME);
  const told =
    data?.length === 4 ? ((data[0]! << 24) | (data[1]! << 16) | (data[2]! << 8) | data[3]!) >>> 0 : IRT_DEFAULT_SECONDS;
  reply.uint16(OptionCode6.INFORMATION_REFRESH_TIME);
  reply.uint16(4);
  reply.uint32(Math.max(told, IRT_MINIMUM_SECONDS));
}

/** Of the first pool of the link that has it. */
function configured(link: Link6, code: number): Uint8Array | undefined {
  for (const pool of link.pools) {
    const data = pool.options.get(code);
    if (data !== undefined) return data;
  }
  return undefined;
}

function reconfigures({ context, server }: Exchange6): boolean {
  return server.configuration.reconfigure && context.state.hmacMd5 !== undefined;
}
