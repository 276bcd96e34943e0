import {
  epoch2000ToUnixSeconds,
  MessageType4,
  MessageType6,
  messageTypeName4,
  messageTypeName6,
  Op4,
  StatusCode4,
  StatusCode6,
} from "@leasewire/wire";
import { type Context, countDrop, countersOf, increase } from "./context.ts";
import { closeLink } from "./links.ts";
import type { RecoveryDropReason } from "./reasons.ts";
import { onRunDone, onRunFailed, onRunReceived, onRunRefused } from "./runs.ts";
import type { Link, Relay, RunServer, Stream } from "./state.ts";
import { isFinal, isTerminated, sayStatus, showStatus } from "./status.ts";
import {
  fallBack,
  onCatchUpComplete,
  onDataMissing,
  onKeepalive,
  onStreamBulkDone,
  onStreamFailed,
  onStreamMessage,
} from "./streams.ts";
import { measureRate } from "./tally.ts";
import { tellLease4, tellLeases6 } from "./tell.ts";

/** Takes what a connection brings, message by message, where it lies. */
export function onReceived(context: Context, id: number, bytes: Uint8Array): void {
  const { state, now } = context;
  const link = state.links.get(id);
  if (link === undefined) {
    const closed = state.closedLinks.get(id);
    if (closed?.answered === true && bytes.length > 0) countDrop(context, closed.relay, "data after done");
    return;
  }
  if (bytes.length === 0) return;
  link.lastReceivedAtMs = now;
  const { owner } = link;
  if (link.stage === "connecting" || link.stage === "handshake") {
    countDrop(context, owner.relay, "octets early");
    failLink(context, link, "the server sent something before it had been asked");
    return;
  }
  const take = owner.relay.family === 4 ? takeMessage4 : takeMessage6;
  const left = link.frames.push(bytes, (octets, start, end) => {
    take(context, link, octets, start, end);
    return state.links.has(id);
  });
  countReceived(context, owner.relay);
  if (link.frames.badLength >= 0 && state.links.has(id)) {
    const { badLength } = link.frames;
    countDrop(context, owner.relay, badLength < 1000 ? "malformed frame-too-short" : "malformed frame-too-long");
    failLink(context, link, `the server sent a frame of ${badLength} octets, which cannot be a message`);
  } else if (left > 0 && link.answered > 0) countDrop(context, owner.relay, "data after done");
  if (owner.kind === "server") onRunReceived(context, owner);
  else {
    measureRate(owner.tally, now);
    context.out.streams.add(owner.key);
  }
}

/** Closes a connection over what came on it. */
export function failLink(context: Context, link: Link, reason: string): void {
  const { owner } = link;
  countersOf(context, owner.relay).closedDueToError += 1;
  closeLink(context, link);
  if (owner.kind === "server") onRunFailed(context, owner, reason);
  else onStreamFailed(context, owner, reason, link);
}

function takeMessage4(context: Context, link: Link, bytes: Uint8Array, start: number, end: number): void {
  const { reader4: reader } = context.state;
  const { owner } = link;
  const { relay } = owner;
  const wrong = reader.read(bytes, start, end);
  if (wrong !== null) {
    fault(context, link, `malformed ${wrong}`);
    return;
  }
  const { messageType } = reader;
  context.state.types[Math.max(0, messageType)]! += 1;
  if (reader.op !== Op4.BOOTREPLY) {
    fault(context, link, "wrong op");
    return;
  }
  if (reader.xid !== link.xid) {
    countDrop(context, relay, "xid unknown");
    failLink(context, link, "a message carried a transaction id that was not asked with");
    return;
  }
  if (link.stage === "tls") {
    if (messageType !== MessageType4.DHCPTLS) fault(context, link, "wrong message type");
    else onTlsAnswer(context, link, reader.statusCode, reader.statusText);
    return;
  }
  switch (messageType) {
    case MessageType4.DHCPLEASEACTIVE:
    case MessageType4.DHCPLEASEUNASSIGNED: {
      const base = noteAnswer(link, reader.baseTimeSeconds);
      // An ACTIVE without address is how some servers keep a stream alive.
      if (link.query === "active" && reader.ciaddr === 0) {
        if (owner.kind === "stream") onKeepalive(context, owner, base);
        return;
      }
      if (countLease(context, link, 1)) return;
      tellLease4(context, link, owner, reader);
      if (owner.kind === "stream" && link.query === "active") onStreamMessage(context, owner, base);
      return;
    }
    case MessageType4.DHCPLEASEQUERYDONE: {
      const base = reader.baseTimeSeconds < 0 ? null : reader.baseTimeSeconds;
      noteAnswer(link, link.leases === 0 ? reader.baseTimeSeconds : -1);
      onDone(context, link, reader.statusCode, reader.statusText, base);
      return;
    }
    case MessageType4.DHCPLEASEQUERYSTATUS: {
      if (owner.kind !== "stream" || link.query !== "active") {
        fault(context, link, "wrong message type");
        return;
      }
      const base = noteAnswer(link, reader.baseTimeSeconds);
      onStreamStatus4(context, link, owner, Math.max(0, reader.statusCode), reader.statusText, base);
      return;
    }
    default:
      fault(context, link, "wrong message type");
  }
}

function onStreamStatus4(
  context: Context,
  link: Link,
  stream: Stream,
  code: number,
  text: Uint8Array | undefined,
  base: number | null,
): void {
  stream.lastStatus = showStatus(4, code, text);
  switch (code) {
    case StatusCode4.ConnectionActive:
      onKeepalive(context, stream, base);
      return;
    case StatusCode4.CatchUpComplete:
      onCatchUpComplete(context, stream, base);
      return;
    case StatusCode4.DataMissing:
      onDataMissing(context, stream, base);
      return;
    case StatusCode4.Success:
      onStreamMessage(context, stream, base);
      return;
    default:
      onStreamRefused(context, link, stream, code);
  }
}

function takeMessage6(context: Context, link: Link, bytes: Uint8Array, start: number, end: number): void {
  const { reader6: reader } = context.state;
  const { owner } = link;
  const { relay } = owner;
  const wrong = reader.read(bytes, start, end);
  const { messageType } = reader;
  context.state.types[messageType]! += 1;
  if (reader.transactionId !== link.xid) {
    countDrop(context, relay, "xid unknown");
    failLink(context, link, "a message carried a transaction id that was not asked with");
    return;
  }
  if (wrong !== null) {
    fault(context, link, `malformed ${wrong}`);
    return;
  }
  if (link.stage === "tls") {
    if (messageType !== MessageType6.REPLY) fault(context, link, "wrong message type");
    else onTlsAnswer(context, link, reader.statusCode, reader.statusText);
    return;
  }
  const base = reader.baseTime < 0 ? -1 : epoch2000ToUnixSeconds(reader.baseTime, Math.floor(context.now / 1000));
  const status = Math.max(0, reader.statusCode);
  switch (messageType) {
    case MessageType6["LEASEQUERY-REPLY"]: {
      if (reader.requestorLength >= 0 && !isOwnDuid(link, bytes, reader.requestorAt, reader.requestorLength)) {
        fault(context, link, "requestor duid mismatch");
        return;
      }
      if (reader.serverLength >= 0)
        link.serverIdentifier = bytes.slice(reader.serverAt, reader.serverAt + reader.serverLength);
      noteAnswer(link, base);
      if (reader.hasClientLinks) countDrop(context, relay, "client-link present");
      if (link.query === "active" && owner.kind === "stream") {
        onStreamMessage6(context, link, owner, status, base);
        return;
      }
      // With an error, or without data, there is no LEASEQUERY-DONE (RFC 5460 §6.3).
      if (status !== StatusCode6.Success || !reader.hasClientData) {
        onDone(context, link, reader.statusCode, reader.statusText, base < 0 ? null : base);
        return;
      }
      if (!countLease(context, link, 1)) tellLeases6(context, link, owner, reader);
      return;
    }
    case MessageType6["LEASEQUERY-DATA"]:
      noteAnswer(link, base);
      if (link.query === "active" && owner.kind === "stream") {
        onStreamMessage6(context, link, owner, status, base);
        return;
      }
      if (!reader.hasClientData) fault(context, link, "no lease");
      else if (!countLease(context, link, 1)) tellLeases6(context, link, owner, reader);
      return;
    case MessageType6["LEASEQUERY-DONE"]:
      noteAnswer(link, -1);
      if (link.query === "active" && owner.kind === "stream") {
        const code = reader.statusCode < 0 ? StatusCode6.QueryTerminated : status;
        owner.lastStatus = showStatus(6, code, reader.statusText);
        onStreamRefused(context, link, owner, code);
        return;
      }
      onDone(context, link, reader.statusCode, reader.statusText, base < 0 ? null : base);
      return;
    default:
      fault(context, link, "wrong message type");
  }
}

/** LEASEQUERY-REPLY and -DATA of a stream: a lease, a status, or a sign of life. */
function onStreamMessage6(context: Context, link: Link, stream: Stream, code: number, baseTime: number): void {
  const { reader6: reader } = context.state;
  const base = baseTime < 0 ? null : baseTime;
  if (reader.statusCode >= 0) stream.lastStatus = showStatus(6, code, reader.statusText);
  if (reader.hasClientData && code === StatusCode6.Success) {
    if (countLease(context, link, 1)) return;
    tellLeases6(context, link, stream, reader);
    onStreamMessage(context, stream, base);
    return;
  }
  switch (code) {
    case StatusCode6.Success:
      // The first message of a stream stands for itself; later ones without data are keepalives (RFC 7653 §8.4).
      if (reader.messageType === MessageType6["LEASEQUERY-REPLY"]) onStreamMessage(context, stream, base);
      else onKeepalive(context, stream, base);
      return;
    case StatusCode6.CatchUpComplete:
      onCatchUpComplete(context, stream, base);
      return;
    case StatusCode6.DataMissing:
      onDataMissing(context, stream, base);
      return;
    default:
      onStreamRefused(context, link, stream, code);
  }
}

/** The server ends the stream, or does not begin it. */
function onStreamRefused(context: Context, link: Link, stream: Stream, code: number): void {
  const { family } = stream.relay;
  if (isTerminated(family, code)) {
    countDrop(context, stream.relay, "query-terminated");
    countersOf(context, stream.relay).terminatedByServer += 1;
  } else countDrop(context, stream.relay, "query refused");
  const text = sayStatus(family, code, stream.lastStatus);
  if (isFinal(family, code)) {
    fallBack(context, stream, text);
    return;
  }
  closeLink(context, link);
  onStreamFailed(context, stream, text, link);
}

/** The end of a bulk answer. */
function onDone(
  context: Context,
  link: Link,
  statusCode: number,
  statusText: Uint8Array | undefined,
  baseTimeSeconds: number | null,
): void {
  const { owner } = link;
  const { family } = owner.relay;
  const code = Math.max(0, statusCode);
  if (link.query === "active" && owner.kind === "stream") {
    // Not how a stream ends, but an end all the same (RFC 7724 §7.4.1).
    owner.lastStatus = showStatus(family, code, statusText);
    onStreamRefused(context, link, owner, code === 0 ? StatusCode4.QueryTerminated : code);
    return;
  }
  if (statusCode >= 0) owner.lastStatus = showStatus(family, code, statusText);
  if (code === 0) {
    if (link.firstBaseTimeSeconds === null && link.leases === 0) link.firstBaseTimeSeconds = baseTimeSeconds;
    if (owner.kind === "server") onRunDone(context, link, owner);
    else onStreamBulkDone(context, link, owner);
    return;
  }
  const terminated = isTerminated(family, code);
  countDrop(context, owner.relay, terminated ? "query-terminated" : "query refused");
  if (terminated) countersOf(context, owner.relay).terminatedByServer += 1;
  const text = sayStatus(family, code, owner.lastStatus);
  if (owner.kind === "server" && isFinal(family, code)) onRunRefused(context, link, owner, text);
  else failOwner(context, link, owner, text);
}

function failOwner(context: Context, link: Link, owner: RunServer | Stream, text: string): void {
  closeLink(context, link);
  if (owner.kind === "server") onRunFailed(context, owner, text);
  else onStreamFailed(context, owner, text, link);
}

function onTlsAnswer(context: Context, link: Link, statusCode: number, statusText: Uint8Array | undefined): void {
  const { owner } = link;
  if (statusCode <= 0) {
    link.stage = "handshake";
    link.sinceMs = context.now;
    context.out.secures.push(link.id);
    return;
  }
  const { family } = owner.relay;
  owner.lastStatus = showStatus(family, statusCode, statusText);
  countDrop(context, owner.relay, "tls refused");
  failLink(context, link, sayStatus(family, statusCode, owner.lastStatus));
}

/** One more message that answers the query; gives its base-time, null without. */
function noteAnswer(link: Link, baseTimeSeconds: number): number | null {
  link.answered += 1;
  if (baseTimeSeconds < 0) return null;
  if (link.firstBaseTimeSeconds === null || baseTimeSeconds < link.firstBaseTimeSeconds)
    link.firstBaseTimeSeconds = baseTimeSeconds;
  return baseTimeSeconds;
}

/** True when a bulk answer has become too long, and the connection was closed over it. */
function countLease(context: Context, link: Link, by: number): boolean {
  link.leases += by;
  if (link.query !== "bulk" || link.leases <= context.state.limits.messagesPerAnswerMax) return false;
  countDrop(context, link.owner.relay, "endless answer");
  failLink(
    context,
    link,
    `the answer did not end after ${context.state.limits.messagesPerAnswerMax} messages (messagesPerAnswerMax)`,
  );
  return true;
}

/** A message that cannot be used; too many of them end the connection. */
function fault(context: Context, link: Link, reason: RecoveryDropReason | `malformed ${string}`): void {
  increase(context, link.owner.tally.refused, reason);
  countDrop(context, link.owner.relay, reason);
  link.faults += 1;
  if (link.faults <= context.state.limits.faultsPerConnectionMax) return;
  countDrop(context, link.owner.relay, "too many faults");
  failLink(
    context,
    link,
    `more than ${context.state.limits.faultsPerConnectionMax} messages were unusable (faultsPerConnectionMax), the last one: ${reason}`,
  );
}

/** Takes the messages of one read into the counters: each of them has only raised a number so far. */
function countReceived(context: Context, relay: Relay): void {
  const { types } = context.state;
  const { received } = countersOf(context, relay);
  for (let type = 0; type < types.length; type += 1) {
    if (types[type] === 0) continue;
    const name = relay.family === 4 ? messageTypeName4(type) : messageTypeName6(type);
    increase(context, received, name ?? "other", types[type]);
    types[type] = 0;
  }
}

function isOwnDuid(link: Link, bytes: Uint8Array, at: number, length: number): boolean {
  const own = link.owner.relay.configured.relayId;
  if (own === undefined || own.length !== length) return false;
  for (let i = 0; i < length; i += 1) if (bytes[at + i] !== own[i]) return false;
  return true;
}
