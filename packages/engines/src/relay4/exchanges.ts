import { type Context4, count } from "./context.ts";
import { type Access4, type Exchange4, ExchangeState, type Relay4, type Relay4State } from "./state.ts";

/** The exchange of the message scanned last goes on in that state; a new one where there is none. */
export function continueExchange(
  context: Context4,
  relay: Relay4,
  access: Access4,
  key: string,
  to: ExchangeState,
): Exchange4 {
  const { state, now } = context;
  const expiresAtMs = now + state.limits.exchangeLifetimeMs;
  let exchange = relay.exchanges.get(key);
  if (exchange === undefined) {
    const oldest = state.exchanges.size >= state.limits.exchangesPendingMax ? state.exchanges.first : undefined;
    if (oldest !== undefined) {
      count(context, oldest.relay.instance, "exchange forgotten");
      forgetExchange(state, oldest);
    }
    exchange = {
      relay,
      key,
      access,
      state: to,
      clientId: undefined,
      options: undefined,
      refusable: 0,
      keptInformation: false,
      expiresAtMs,
      earlier: undefined,
      later: undefined,
    };
    relay.exchanges.set(key, exchange);
    relay.exchangesByState[to]! += 1;
  } else {
    setState(exchange, to);
    exchange.access = access;
    exchange.expiresAtMs = expiresAtMs;
    state.exchanges.remove(exchange);
  }
  state.exchanges.push(exchange);
  return exchange;
}

export function setState(exchange: Exchange4, to: ExchangeState): void {
  exchange.relay.exchangesByState[exchange.state]! -= 1;
  exchange.relay.exchangesByState[to]! += 1;
  exchange.state = to;
}

export function forgetExchange(state: Relay4State, exchange: Exchange4): void {
  exchange.relay.exchanges.delete(exchange.key);
  exchange.relay.exchangesByState[exchange.state]! -= 1;
  state.exchanges.remove(exchange);
}

/** Ends exchanges that nobody answered, a bounded number in a step. */
export function expireExchanges(context: Context4): void {
  const { state, now } = context;
  let left = state.limits.duePerStepMax;
  for (let first = state.exchanges.first; first !== undefined && left > 0; first = state.exchanges.first) {
    if (first.expiresAtMs > now) return;
    left -= 1;
    if (first.state !== ExchangeState.INFORM) count(context, first.relay.instance, "exchange unanswered");
    forgetExchange(state, first);
  }
}
