import { MessageType6 } from "@leasewire/wire";
import { type Context6, count } from "./context.ts";
import type { Access6, Exchange6, Relay6, Relay6State } from "./state.ts";

export interface Sent6 {
  readonly duidKey: string;
  readonly transactionId: number;
  readonly messageType: number;
  readonly access: Access6 | undefined;
  readonly sent: Uint8Array;
  readonly peerText: string;
  readonly messageAt: number;
  readonly headEnd: number;
}

/**
 * A message of a client was passed on: its answer is awaited. A repetition takes the place of what it repeats; a REQUEST that
 * of the SOLICIT it follows, as a REBIND that of the RENEW.
 */
export function awaitReply(context: Context6, relay: Relay6, what: Sent6): void {
  const { state, now } = context;
  const { exchanges, limits } = state;
  let waiting = 0;
  let oldest: Exchange6 | undefined;
  let exchange: Exchange6 | undefined;
  for (let one = relay.exchangesOfClients.get(what.duidKey); one !== undefined; ) {
    const { next } = one;
    if (one.transactionId === what.transactionId && one.messageType === what.messageType) exchange = one;
    else if (isFollowedBy(one, what.messageType)) endExchange(state, one);
    else {
      waiting += 1;
      if (oldest === undefined || one.expiresAtMs < oldest.expiresAtMs) oldest = one;
    }
    one = next;
  }
  if (exchange !== undefined) {
    exchanges.remove(exchange);
    exchange.access = what.access;
    exchange.sent = what.sent;
    exchange.peerText = what.peerText;
    exchange.messageAt = what.messageAt;
    exchange.headEnd = what.headEnd;
  } else {
    if (waiting >= limits.exchangesPerClientMax) forget(context, oldest!);
    if (exchanges.size >= limits.exchangesPendingMax) forget(context, exchanges.first!);
    exchange = {
      relay,
      duidKey: what.duidKey,
      next: relay.exchangesOfClients.get(what.duidKey),
      transactionId: what.transactionId,
      messageType: what.messageType,
      access: what.access,
      sent: what.sent,
      peerText: what.peerText,
      messageAt: what.messageAt,
      headEnd: what.headEnd,
      advertised: false,
      expiresAtMs: 0,
      earlier: undefined,
      later: undefined,
    };
    relay.exchangesOfClients.set(what.duidKey, exchange);
  }
  exchange.expiresAtMs = now + limits.exchangeLifetimeMs;
  exchanges.push(exchange);
}

/** RFC 9915 §18.2.2, §18.2.5: what a client does next ends what it did before. */
function isFollowedBy({ messageType, advertised }: Exchange6, by: number): boolean {
  switch (messageType) {
    case MessageType6.SOLICIT:
      return by === MessageType6.REQUEST && advertised;
    case MessageType6.RENEW:
      return by === MessageType6.REBIND;
    default:
      return false;
  }
}

export function exchangeOf(relay: Relay6, duidKey: string, transactionId: number): Exchange6 | undefined {
  let one = relay.exchangesOfClients.get(duidKey);
  while (one !== undefined && one.transactionId !== transactionId) one = one.next;
  return one;
}

export function endExchange(state: Relay6State, exchange: Exchange6): void {
  const { exchangesOfClients } = exchange.relay;
  const first = exchangesOfClients.get(exchange.duidKey);
  if (first === exchange) {
    if (exchange.next === undefined) exchangesOfClients.delete(exchange.duidKey);
    else exchangesOfClients.set(exchange.duidKey, exchange.next);
  } else {
    let before = first;
    while (before !== undefined && before.next !== exchange) before = before.next;
    if (before !== undefined) before.next = exchange.next;
  }
  exchange.next = undefined;
  state.exchanges.remove(exchange);
}

export function forgetExchangesOf(state: Relay6State, relay: Relay6): void {
  for (const first of relay.exchangesOfClients.values()) {
    for (let one: Exchange6 | undefined = first; one !== undefined; one = one.next) state.exchanges.remove(one);
  }
  relay.exchangesOfClients.clear();
}

function forget(context: Context6, exchange: Exchange6): void {
  count(context, exchange.relay.instance, "exchange forgotten");
  endExchange(context.state, exchange);
}
