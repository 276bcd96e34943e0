import { type BindingInput, BindingState, Field, incomingWins } from "@leasewire/bindings";
import { equalBytes } from "@leasewire/net";
import { Message6, MessageType6, OptionCode6, StatusCode6 } from "@leasewire/wire";
import { uint32Of } from "../leasequery/responder/octets.ts";
import { readRequest } from "../server6/request.ts";
import { type CommonFields6, endedBinding, fieldsOf, learntBinding } from "./binding.ts";
import { type Context6, count } from "./context.ts";
import { endExchange } from "./exchanges.ts";
import type { Relay6Limits } from "./limits.ts";
import type { RelayArrival6 } from "./messages.ts";
import { messageEnd, scan, scanMessage } from "./scan.ts";
import type { Exchange6, Relay6 } from "./state.ts";

/**
 * What a message to a client, passed on a moment ago, says about leases. `scan` holds what is in it. Only the answer to a message
 * that was seen here changes bindings, and of several answers the first that says something, as it is for the client.
 */
export function learn(
  context: Context6,
  relay: Relay6,
  arrival: RelayArrival6,
  exchange: Exchange6 | undefined,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  const type = bytes[from]!;
  if (type === MessageType6.ADVERTISE) {
    if (exchange !== undefined) exchange.advertised = true;
    return;
  }
  if (type !== MessageType6.REPLY) return;
  if (exchange === undefined) {
    if (scan.hasIa) count(context, relay.instance, "reply without request");
    return;
  }
  const answer: Answer6 = {
    context,
    relay,
    exchange,
    bytes,
    from,
    to,
    serverAddress: arrival.sourceAddress,
    duid: bytes.subarray(scan.duidFrom, scan.duidTo),
    serverDuid: scan.serverFrom < 0 ? undefined : bytes.subarray(scan.serverFrom, scan.serverTo),
    status: scan.status,
  };
  if (answer.serverDuid === undefined || !isOfServerAsked(exchange, answer.serverDuid)) {
    count(context, relay.instance, "reply of another server");
    return;
  }
  switch (exchange.messageType) {
    case MessageType6.RELEASE:
      endNamed(answer, BindingState.RELEASED);
      break;
    case MessageType6.DECLINE:
      endNamed(answer, BindingState.ABANDONED);
      break;
    case MessageType6.CONFIRM:
      if (answer.status !== StatusCode6.Success) return;
      confirm(answer);
      break;
    default:
      if (!learnLeases(answer)) return;
      break;
  }
  endExchange(context.state, exchange);
}

interface Answer6 {
  readonly context: Context6;
  readonly relay: Relay6;
  readonly exchange: Exchange6;
  readonly bytes: Uint8Array;
  /** Where the REPLY lies in `bytes`. */
  readonly from: number;
  readonly to: number;
  readonly serverAddress: string;
  readonly duid: Uint8Array;
  readonly serverDuid: Uint8Array | undefined;
  readonly status: number;
}

/** REQUEST, RENEW, RELEASE and DECLINE name the server whose answer counts. */
function isOfServerAsked({ messageType, sent, messageAt }: Exchange6, serverDuid: Uint8Array): boolean {
  switch (messageType) {
    case MessageType6.REQUEST:
    case MessageType6.RENEW:
    case MessageType6.RELEASE:
    case MessageType6.DECLINE: {
      scanMessage(sent, messageAt, messageEnd(sent, messageAt));
      // Without SERVERID the server discards it (§16); if it does not, it knows what it answers.
      return scan.serverFrom < 0 || equalBytes(sent.subarray(scan.serverFrom, scan.serverTo), serverDuid);
    }
    default:
      return true;
  }
}

/** IAs of the REPLY; whether they say anything about leases that would make later answers of no use to the client. */
function learnLeases(answer: Answer6): boolean {
  const { context, relay, bytes, from, to } = answer;
  const { iasPerMessageMax } = context.state.limits;
  let common: CommonFields6 | undefined;
  let says = false;
  let ias = 0;
  for (let at = from + 4; at < to; ) {
    const code = (bytes[at]! << 8) | bytes[at + 1]!;
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (code === OptionCode6.IA_NA || code === OptionCode6.IA_PD || code === OptionCode6.IA_TA) {
      ias += 1;
      if (ias > iasPerMessageMax) break;
      common ??= fieldsOf(answer.context, answer.exchange, answer.duid);
      const learnt = learnIa(answer, common, code, at + 4, end);
      if (learnt === undefined) count(context, relay.instance, "reply not read");
      else if (learnt) says = true;
    }
    at = end;
  }
  return says;
}

/** undefined: the IA is malformed from somewhere on; what is in front of that was learnt. */
function learnIa(answer: Answer6, common: CommonFields6, code: number, from: number, to: number): boolean | undefined {
  const { context, relay, exchange, bytes } = answer;
  const head = code === OptionCode6.IA_TA ? 4 : 12;
  if (to - from < head) return undefined;
  const iaid = uint32Of(bytes, from);
  const prefix = code === OptionCode6.IA_PD;
  const wanted = prefix ? OptionCode6.IAPREFIX : OptionCode6.IAADDR;
  const { leasesPerIaMax } = context.state.limits;
  let leases = 0;
  let says = false;
  for (let at = from + head; at < to; ) {
    if (at + 4 > to) return undefined;
    const inner = (bytes[at]! << 8) | bytes[at + 1]!;
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (end > to) return undefined;
    if (inner === wanted) {
      if (end - at - 4 < (prefix ? 25 : 24)) return undefined;
      leases += 1;
      if (leases > leasesPerIaMax) break;
      const lease: LeaseInReply = prefix
        ? {
            address: bytes.subarray(at + 13, at + 29),
            length: bytes[at + 12]!,
            preferredSeconds: uint32Of(bytes, at + 4),
            validSeconds: uint32Of(bytes, at + 8),
          }
        : {
            address: bytes.subarray(at + 4, at + 20),
            length: 128,
            preferredSeconds: uint32Of(bytes, at + 20),
            validSeconds: uint32Of(bytes, at + 24),
          };
      if (lease.length === 0 || lease.length > 128) return undefined;
      // Clients discard such a lease and use the others (RFC 9915 §21.6, §21.22).
      if (lease.preferredSeconds > lease.validSeconds) count(context, relay.instance, "preferred beyond valid");
      else {
        if (lease.validSeconds > 0) says = true;
        learnLease(answer, common, code, iaid, lease);
      }
    } else if (inner === OptionCode6.STATUS_CODE && end - at >= 6) {
      const status = (bytes[at + 4]! << 8) | bytes[at + 5]!;
      // The server the leases are of has no record of them (§18.3.4): the client asks for new ones.
      if (status === StatusCode6.NoBinding && exchange.messageType === MessageType6.RENEW) {
        endIa(answer, prefix, iaid);
        says = true;
      }
    }
    at = end;
  }
  return says;
}

interface LeaseInReply {
  readonly address: Uint8Array;
  readonly length: number;
  readonly preferredSeconds: number;
  readonly validSeconds: number;
}

/** One lease of a REPLY: extended or new, or, with a valid lifetime of 0, over (RFC 9915 §18.2.10.1). */
function learnLease(answer: Answer6, common: CommonFields6, code: number, iaid: number, lease: LeaseInReply): void {
  const { context, relay, duid } = answer;
  const { state, nowSeconds, out } = context;
  const { table } = state;
  const { instance } = relay;
  const row = table.byPrefix(instance, lease.address, lease.length);
  const isOwn = row > 0 && isOfClient(context, row, duid);
  if (lease.validSeconds === 0) {
    if (!isOwn || table.stateOf(row) !== BindingState.ACTIVE) return;
    out.changes.push({ binding: endedBinding(context, row, BindingState.EXPIRED), cause: "lifetime 0 in a REPLY" });
    count(context, instance, "binding ended");
    return;
  }
  const continues = isOwn && table.stateOf(row) === BindingState.ACTIVE;
  const binding = learntBinding(
    answer,
    common,
    code,
    iaid,
    lease,
    continues ? table.startTimeOfStateSecondsOf(row) : nowSeconds,
  );
  if (row > 0 && !outlives(context, relay, row, binding)) {
    count(context, instance, "older than the stored binding");
    return;
  }
  out.changes.push({ binding, cause: CAUSES[answer.exchange.messageType] ?? "REPLY" });
  count(context, instance, "binding learnt");
}

/**
 * Whether the exchange just seen replaces what is stored, as it would if a server told of it (RFC 6926 §7.6). A stored transaction
 * that is further in the future than clocks differ cannot have been: it does not stand against what is seen.
 */
function outlives(context: Context6, { instance }: Relay6, row: number, binding: BindingInput): boolean {
  const { state, nowSeconds } = context;
  const storedSeconds = state.table.clientLastTransactionTimeSecondsOf(row);
  if (storedSeconds <= nowSeconds) return true;
  if (storedSeconds > nowSeconds + state.limits.clockSkewSecondsMax) {
    count(context, instance, "stored binding of the future");
    return true;
  }
  return !state.view.readNumbers(row) || incomingWins(state.view, binding);
}

/** What the table's history shows as the reason; a closed list. */
const CAUSES: Readonly<Record<number, string>> = {
  [MessageType6.SOLICIT]: "REPLY to a SOLICIT",
  [MessageType6.REQUEST]: "REPLY to a REQUEST",
  [MessageType6.RENEW]: "REPLY to a RENEW",
  [MessageType6.REBIND]: "REPLY to a REBIND",
};

function isOfClient({ state }: Context6, row: number, duid: Uint8Array): boolean {
  const clientId = state.table.fieldOf(row, Field.clientId);
  return clientId !== undefined && equalBytes(clientId, duid);
}

/** Leases of an IA of the client that the table holds, whichever the REPLY names. */
function endIa({ context, relay, duid }: Answer6, prefix: boolean, iaid: number): void {
  const { table, limits } = context.state;
  let visits = 0;
  const rows: number[] = [];
  for (const row of table.byClientId(relay.instance, duid)) {
    visits += 1;
    if (visits > limits.rowsPerClientMax) break;
    if (table.stateOf(row) !== BindingState.ACTIVE || table.iaidOf(row) !== iaid) continue;
    if ((table.prefixLengthOf(row) !== 128) === prefix) rows.push(row);
  }
  for (const row of rows) {
    context.out.changes.push({
      binding: endedBinding(context, row, BindingState.EXPIRED),
      cause: "NoBinding in a REPLY",
    });
    count(context, relay.instance, "binding ended");
  }
}

/** Leases the client gave back or refused, whatever the status: NoBinding says that the server has none either. */
function endNamed({ context, relay, exchange, duid }: Answer6, to: number): void {
  endLeasesNamed(context, relay, exchange, duid, to);
}

/** Ends what the client's RELEASE or DECLINE names and the client holds. */
export function endLeasesNamed(
  context: Context6,
  relay: Relay6,
  exchange: Exchange6,
  duid: Uint8Array,
  to: number,
): void {
  const { table } = context.state;
  const declined = to === BindingState.ABANDONED;
  for (const { address, length } of leasesNamed(context.state.limits, exchange)) {
    // A prefix cannot be declined (RFC 9915 §18.2.8).
    if (declined && length !== 128) continue;
    const row = table.byPrefix(relay.instance, address, length);
    if (row <= 0 || table.stateOf(row) !== BindingState.ACTIVE || !isOfClient(context, row, duid)) continue;
    context.out.changes.push({
      binding: endedBinding(context, row, to),
      cause: declined ? "DECLINE" : "RELEASE",
    });
    count(context, relay.instance, declined ? "binding declined" : "binding released");
  }
}

/** Addresses and prefixes in the IAs of the client's message. */
export function leasesNamed(
  limits: Relay6Limits,
  { sent, messageAt }: Exchange6,
): { readonly address: Uint8Array; readonly length: number }[] {
  const message = new Message6(sent.subarray(messageAt, messageEnd(sent, messageAt)));
  const request = readRequest(message, true, limits);
  return typeof request === "string" ? [] : request.ias.flatMap(({ leases }) => leases);
}

/** The client is still on its link: what it named was heard of now, wherever it is attached now (RFC 9915 §18.3.3). */
function confirm(answer: Answer6): void {
  const { context, relay, exchange, duid } = answer;
  const { table } = context.state;
  const common = fieldsOf(context, exchange, duid);
  for (const { address, length } of leasesNamed(context.state.limits, exchange)) {
    const row = table.byPrefix(relay.instance, address, length);
    if (row <= 0 || table.stateOf(row) !== BindingState.ACTIVE || !isOfClient(context, row, duid)) continue;
    const stored = table.at(row)!;
    if (!outlives(context, relay, row, { ...stored, clientLastTransactionTimeSeconds: context.nowSeconds })) continue;
    context.out.changes.push({
      binding: {
        ...stored,
        ...common.attachment,
        clientLastTransactionTimeSeconds: context.nowSeconds,
        origin: "gleaned",
      },
      cause: "REPLY to a CONFIRM",
    });
    count(context, relay.instance, "binding learnt");
  }
}
