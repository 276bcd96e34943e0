import { decodeMessage4, decodeMessage6, Message6, messageTypeName6 } from "@leasewire/wire";
import {
  type Context,
  countDrop,
  countersOf,
  countNote,
  increase,
  peerText,
  recordExchange,
  xidText,
} from "./context.ts";
import { finishIfDone } from "./finish.ts";
import type { RequestorInput } from "./messages.ts";
import { endQuery, openQuery, settleQuery } from "./query.ts";
import { type DropReason, explainReason } from "./reasons.ts";
import { endBinding } from "./record.ts";
import { recordAnswer } from "./record-answer.ts";
import { isReplyType4, judgeReply4, messageName4 } from "./reply4.ts";
import { isReplyType6, judgeReply6 } from "./reply6.ts";
import type { Query, Run } from "./state.ts";
import type { FollowUp, Verdict } from "./verdict.ts";
import { waitForInterface } from "./waiting.ts";

type Datagram = Extract<RequestorInput, { kind: "datagram" }>;

/** What is known of a datagram before it is judged. */
interface Arrival {
  readonly datagram: Datagram;
  readonly messageName: string;
  readonly xid: number | undefined;
}

/** Takes a datagram as an answer to an outstanding query, or drops it under the reason that applies first. */
export function onDatagram(context: Context, datagram: Datagram): void {
  const { family, instance, bytes } = datagram;
  const decoded = family === 4 ? decodeMessage4(bytes) : decodeMessage6(bytes);
  if (!decoded.ok) {
    const { code, message } = decoded.error;
    drop(
      context,
      { datagram, messageName: "undecodable", xid: undefined },
      `malformed ${code}`,
      `The message could not be decoded: ${message}.`,
    );
    return;
  }
  const message = decoded.value;
  // Relay messages have no transaction id; only plain messages answer a requestor that is not behind a relay.
  const isMessage6 = message instanceof Message6;
  const xid = "xid" in message ? message.xid : isMessage6 ? message.transactionId : undefined;
  const messageName =
    "xid" in message
      ? messageName4(message)
      : (messageTypeName6(message.messageType) ?? `message type ${message.messageType}`);
  const arrival: Arrival = { datagram, messageName, xid };
  increase(context, countersOf(context, family, instance).received, messageName);
  const isReply = "xid" in message ? isReplyType4(message.messageType) : isReplyType6(message.messageType);
  if (!isReply || xid === undefined) {
    drop(context, arrival, "wrong message type", `${messageName} is not an answer to an individual leasequery.`);
    return;
  }

  const query = context.state.queries.get(xid);
  if (query === undefined || query.server.relay.family !== family || query.server.relay.instance !== instance) {
    dropStray(context, arrival, xid);
    return;
  }
  const from = peerText(datagram.sourceAddress, datagram.sourcePort);
  const asked = peerText(query.server.address, query.server.port);
  if (from !== asked) {
    drop(
      context,
      arrival,
      "source never asked",
      `The answer came from ${from}, but the query went to ${asked}. If the server has several addresses, configure the one it answers from.`,
      query,
    );
    return;
  }
  const verdict =
    "xid" in message
      ? query.question.family === 4
        ? judgeReply4(context, query, query.question, message)
        : undefined
      : query.question.family === 6 && isMessage6
        ? judgeReply6(context, query, query.question, message)
        : undefined;
  // The family of the query was compared above, so there is always a verdict.
  if (verdict !== undefined) act(context, query, arrival, verdict);
}

function act(context: Context, query: Query, arrival: Arrival, verdict: Verdict): void {
  const { relay, run } = query.server;
  const { family, instance } = relay;
  if (verdict.kind === "invalid") {
    drop(context, arrival, verdict.reason, verdict.text, query);
    return;
  }

  query.roundTripMs = Math.max(0, context.now - query.sentAtMs);
  if (verdict.kind === "unusable") {
    drop(context, arrival, verdict.reason, verdict.text, query);
    endQuery(context, query, "dropped", verdict.text);
    return;
  }
  const uncounted = verdict.kind === "confirmed" ? null : dropReasonOf(verdict);
  if (uncounted !== null) countDrop(context, family, instance, uncounted);
  keep(context, run, arrival, null, null);

  switch (verdict.kind) {
    case "refused":
      for (const note of verdict.notes) countNote(context, family, instance, note);
      endQuery(context, query, "refused", verdict.text);
      return;
    case "unconfirmed":
      query.server.unconfirmedReplies += 1;
      for (const binding of verdict.endings) {
        if (run.endings.length < context.state.limits.bindingsPerReplyMax) run.endings.push({ query, binding });
      }
      endQuery(context, query, "unconfirmed", verdict.text);
      return;
    case "links": {
      const asked = follow(context, query, verdict.questions, "links");
      settleQuery(
        context,
        query,
        "followed",
        `The client is on ${verdict.questions.length} links; ${asked === verdict.questions.length ? "each is" : `${asked} of them are`} asked.`,
      );
      finishIfDone(context, run);
      return;
    }
    case "confirmed": {
      for (const note of verdict.notes) countNote(context, family, instance, note);
      if (verdict.questions.length > 0) follow(context, query, verdict.questions, "associated addresses");
      for (const binding of verdict.endings) endBinding(context, query, binding);
      if (verdict.waitsFor === null) {
        recordAnswer(context, query, verdict.leases);
        return;
      }
      placeLater(context, query, verdict.leases, verdict.waitsFor);
      return;
    }
  }
}

function placeLater(
  context: Context,
  query: Query,
  leases: Extract<Verdict, { kind: "confirmed" }>["leases"],
  circuit: string,
): void {
  const { relay } = query.server;
  if (!waitForInterface(context, query, leases, circuit)) {
    countersOf(context, relay.family, relay.instance).repliesGivenUp += 1;
    countDrop(context, relay.family, relay.instance, "interface unknown");
    endQuery(
      context,
      query,
      "dropped",
      `The lease is on interface ${circuit}, which is none of this relay's client interfaces: add it to a group, or check the circuit-id format.`,
    );
    return;
  }
  countNote(context, relay.family, relay.instance, "reply waits for its interface");
  settleQuery(
    context,
    query,
    "waiting",
    `The lease is on interface ${circuit}, which is none of this relay's client interfaces yet; tried again every ${relay.replyRetrySeconds} s, ${relay.replyRetriesMax} times.`,
  );
}

/** Asks what an answer led to, at the same server. Returns how many questions were asked. */
function follow(
  context: Context,
  query: Query,
  questions: readonly FollowUp[],
  what: "links" | "associated addresses",
): number {
  const { server } = query;
  const { relay } = server;
  const { limits } = context.state;
  const max = what === "links" ? limits.linksPerRunMax : limits.associatedAddressesPerRunMax;
  let asked = 0;
  for (const { question, label } of questions.slice(0, max)) {
    if (openQuery(context, server, question, label) !== undefined) asked += 1;
  }
  if (asked > 0) countNote(context, relay.family, relay.instance, `${what} asked`, asked);
  const leftOut = questions.length - asked;
  if (leftOut > 0) countNote(context, relay.family, relay.instance, `${what} left out`, leftOut);
  return asked;
}

function dropReasonOf(verdict: Exclude<Verdict, { kind: "invalid" | "unusable" | "confirmed" }>): DropReason | null {
  switch (verdict.kind) {
    case "refused":
      return verdict.reason;
    case "unconfirmed":
      return verdict.dropReason;
    case "links":
      return "client-link present";
  }
}

/** An answer that belongs to no outstanding query. */
function dropStray(context: Context, arrival: Arrival, xid: number): void {
  const { datagram } = arrival;
  const from = peerText(datagram.sourceAddress, datagram.sourcePort);
  const past = context.state.pastQueries.get(xid);
  if (past !== undefined && past.family === datagram.family && past.instance === datagram.instance) {
    const run = context.state.runs.get(past.runId);
    if (past.server !== from) {
      drop(context, arrival, "source never asked", undefined, undefined, run);
      return;
    }
    drop(context, arrival, past.answered ? "duplicate reply" : "expired query", undefined, undefined, run);
    return;
  }
  const asked = queryTo(context, datagram);
  const known =
    asked !== undefined ||
    [...context.state.relays.values()].some(
      (relay) =>
        relay.family === datagram.family &&
        relay.instance === datagram.instance &&
        relay.servers.some((server) => peerText(server.address, server.port) === from),
    );
  if (!known) {
    drop(context, arrival, "source never asked", `${from} is not a server of this relay.`);
    return;
  }
  drop(
    context,
    arrival,
    "xid unknown",
    `The answer from ${from} has transaction id ${xidText(xid)}, which no query has.`,
    asked,
  );
}

/**
 * Counts a datagram as dropped. It is shown with the query it belongs to, by transaction id or, failing that, by the
 * server it came from; that query stays open.
 */
function drop(
  context: Context,
  arrival: Arrival,
  reason: DropReason | `malformed ${string}`,
  text: string = explainReason(reason),
  query: Query | undefined = queryTo(context, arrival.datagram),
  run: Run | undefined = query?.server.run,
): void {
  const { family, instance } = arrival.datagram;
  countDrop(context, family, instance, reason, text);
  if (run !== undefined) keep(context, run, arrival, reason, text);
  if (query?.state !== "pending") return;
  const name = reason.startsWith("malformed ") ? "malformed" : (reason as DropReason);
  query.dropped = { reason: name, text };
  query.explanation = `An answer was dropped: ${text}`;
  context.out.runs.add(query.server.run.id);
}

function keep(
  context: Context,
  run: Run,
  { datagram, messageName, xid }: Arrival,
  dropReason: string | null,
  dropExplanation: string | null,
): void {
  recordExchange(context, run, {
    atMs: context.now,
    direction: "received",
    instance: datagram.instance,
    peer: peerText(datagram.sourceAddress, datagram.sourcePort),
    message: messageName,
    xid: xid === undefined ? "" : xidText(xid),
    bytes: datagram.bytes,
    dropReason,
    dropExplanation,
  });
}

/** The outstanding query that went last to where the datagram came from. */
function queryTo(context: Context, datagram: Datagram): Query | undefined {
  let latest: Query | undefined;
  for (const query of context.state.queries.values()) {
    const { relay, address, port } = query.server;
    if (relay.family !== datagram.family || relay.instance !== datagram.instance) continue;
    if (address !== datagram.sourceAddress || port !== datagram.sourcePort) continue;
    if (latest === undefined || query.sentAtMs >= latest.sentAtMs) latest = query;
  }
  return latest;
}
