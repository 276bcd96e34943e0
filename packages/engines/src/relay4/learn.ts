import { type BindingInput, BindingState, EXPIRES_NEVER, incomingWins } from "@leasewire/bindings";
import { formatIpv4, ipv4ToBytes } from "@leasewire/net";
import { OptionCode4, RelayAgentSubOption, relayAgentSubOption } from "@leasewire/wire";
import type { Arrival } from "../server-common/messages.ts";
import { toldCodes } from "../server4/request.ts";
import { holdsBinding, isClientOf } from "./client.ts";
import { type Context4, count, note } from "./context.ts";
import { forgetExchange, setState } from "./exchanges.ts";
import { added } from "./information.ts";
import { type Access4, type Exchange4, ExchangeState, type Relay4 } from "./state.ts";

/** Remembers who asks: servers need not say it again in their answer. */
export function keepClient(context: Context4, exchange: Exchange4): void {
  const { message, limits } = context.state;
  const { instance } = exchange.relay;
  const clientId = message.option(OptionCode4.clientIdentifier);
  if (clientId === undefined || clientId.length === 0) exchange.clientId = undefined;
  else if (clientId.length <= limits.clientIdentifierOctetsMax) exchange.clientId = clientId.slice();
  else {
    exchange.clientId = undefined;
    count(context, instance, "client identifier not kept");
  }

  let length = 0;
  for (const code of toldCodes) length += pieceLength(message.option(code));
  exchange.options = undefined;
  if (length === 0) return;
  if (length > limits.storedOptionsOctetsMax) {
    count(context, instance, "client options not kept");
    return;
  }
  const options = new Uint8Array(length);
  let at = 0;
  for (const code of toldCodes) {
    const data = message.option(code);
    if (data === undefined || data.length > 255) continue;
    options[at] = code;
    options[at + 1] = data.length;
    options.set(data, at + 2);
    at += 2 + data.length;
  }
  exchange.options = options;
}

/** Longer than one option holds: it was split, and is not kept. */
function pieceLength(data: Uint8Array | undefined): number {
  return data === undefined || data.length > 255 ? 0 : 2 + data.length;
}

/**
 * A server grants a lease: it becomes a binding, with the option 82 that the server sends back or, where it sends none
 * back, the one that is added to the requests of the interface.
 */
export function onAck(
  context: Context4,
  relay: Relay4,
  access: Access4,
  exchange: Exchange4 | undefined,
  arrival: Arrival,
): void {
  const { state, nowSeconds } = context;
  const { message, table } = state;
  const { instance } = relay;
  const leaseTime = message.option(OptionCode4.leaseTime);
  const address = message.yiaddr;
  // Without lease time it answers an INFORM, or is no lease.
  if (address === 0 || leaseTime?.length !== 4 || exchange?.state === ExchangeState.INFORM) {
    if (exchange !== undefined) forgetExchange(state, exchange);
    return;
  }
  const addressOctets = ipv4ToBytes(address);
  const row = table.byPrefix(instance, addressOctets, 32);
  const echoed = message.option(OptionCode4.clientIdentifier);
  const clientId = exchange?.clientId ?? (echoed?.length === 0 ? undefined : echoed);
  const isOwn = row > 0 && isClientOf(state, row, clientId);
  const renews = isOwn && table.stateOf(row) === BindingState.ACTIVE;
  const before = isOwn && (clientId === undefined || exchange === undefined) ? table.at(row) : undefined;
  if (exchange !== undefined) forgetExchange(state, exchange);

  const seconds = ((leaseTime[0]! << 24) | (leaseTime[1]! << 16) | (leaseTime[2]! << 8) | leaseTime[3]!) >>> 0;
  const startTimeOfStateSeconds = renews ? table.startTimeOfStateSecondsOf(row) : nowSeconds;
  if (row > 0 && !outlives(context, relay, row, startTimeOfStateSeconds)) {
    note(context, instance, "older than the stored binding", formatIpv4(address));
    return;
  }
  const relayInformation = message.option(OptionCode4.relayAgentInformation) ?? added(access.information);
  const subOption = (code: number) =>
    relayInformation === undefined ? undefined : relayAgentSubOption(relayInformation, code);
  const serverIdentifier = message.option(OptionCode4.serverIdentifier);
  const binding: BindingInput = {
    instance,
    address: addressOctets,
    prefixLength: 32,
    kind: "address",
    state: BindingState.ACTIVE,
    hardwareType: message.htype,
    hardwareAddress: message.hlen === 0 ? undefined : message.chaddr,
    clientId: clientId ?? before?.clientId,
    startTimeOfStateSeconds,
    clientLastTransactionTimeSeconds: nowSeconds,
    expiresAtSeconds: seconds === EXPIRES_NEVER ? EXPIRES_NEVER : Math.min(nowSeconds + seconds, EXPIRES_NEVER - 1),
    linkAddress: access.giaddrOctets,
    relayAgentInformation: relayInformation,
    circuitId: subOption(RelayAgentSubOption.circuitId),
    remoteId: subOption(RelayAgentSubOption.remoteId),
    relayId: subOption(RelayAgentSubOption.relayId),
    options: exchange?.options ?? before?.options,
    serverIdentifier: serverIdentifier?.length === 4 ? serverIdentifier : undefined,
    serverAddress: arrival.sourceAddress,
    dataSource: 0,
    origin: "gleaned",
    interfaceName: access.name,
  };
  context.out.changes.push({ binding, cause: renews ? "renewed through the relay" : "DHCPACK through the relay" });
  count(context, instance, renews ? "binding renewed" : "binding learnt");
}

/**
 * Whether the exchange just seen replaces what is stored, as it would if a server told of it (RFC 6926 §7.6). A stored
 * transaction that is further in the future than clocks differ cannot have been: it does not stand against what is seen.
 */
function outlives(context: Context4, { instance }: Relay4, row: number, startTimeOfStateSeconds: number): boolean {
  const { state, nowSeconds } = context;
  const { table, limits } = state;
  const storedSeconds = table.clientLastTransactionTimeSecondsOf(row);
  if (storedSeconds <= nowSeconds) return true;
  if (storedSeconds > nowSeconds + limits.clockSkewSecondsMax) {
    count(context, instance, "stored binding of the future");
    return true;
  }
  return incomingWins(
    {
      clientLastTransactionTimeSeconds: storedSeconds,
      startTimeOfStateSeconds: table.startTimeOfStateSecondsOf(row),
      dataSource: 0,
    },
    { clientLastTransactionTimeSeconds: nowSeconds, startTimeOfStateSeconds, dataSource: 0 },
  );
}

/** A server refuses what the client asked for: a binding it was about is no more. The client begins anew. */
export function onNak(context: Context4, relay: Relay4, exchange: Exchange4 | undefined): void {
  if (exchange === undefined || exchange.state === ExchangeState.INFORM) return;
  if (exchange.refusable !== 0) {
    const row = context.state.table.byPrefix(relay.instance, ipv4ToBytes(exchange.refusable), 32);
    if (
      row > 0 &&
      context.state.table.stateOf(row) === BindingState.ACTIVE &&
      isClientOf(context.state, row, exchange.clientId)
    ) {
      end(context, row, BindingState.RESET, "DHCPNAK through the relay");
      count(context, relay.instance, "binding withdrawn");
    }
  }
  setState(exchange, ExchangeState.INIT);
}

/** The client gives its address back. There is no answer to wait for (RFC 2131 §4.4.6). */
export function onRelease(context: Context4, relay: Relay4): void {
  const { message, table } = context.state;
  const row = table.byPrefix(relay.instance, message.bytes.subarray(12, 16), 32);
  if (row < 1 || !holdsBinding(context.state, row)) return;
  end(context, row, BindingState.RELEASED, "DHCPRELEASE through the relay");
  count(context, relay.instance, "binding released");
}

/** The client found its address in use: nobody here has it (RFC 2131 §4.4.4). */
export function onDecline(context: Context4, relay: Relay4): void {
  const { message, table } = context.state;
  const declined = message.number(OptionCode4.requestedIpAddress);
  const row = table.byPrefix(relay.instance, ipv4ToBytes(declined), 32);
  if (row < 1 || !holdsBinding(context.state, row)) return;
  end(context, row, BindingState.ABANDONED, "DHCPDECLINE through the relay");
  count(context, relay.instance, "binding declined");
}

/** Ends a binding; whose it was stays with it. */
function end(context: Context4, row: number, to: number, cause: string): void {
  context.out.changes.push({
    binding: {
      ...context.state.table.at(row)!,
      state: to,
      startTimeOfStateSeconds: context.nowSeconds,
      clientLastTransactionTimeSeconds: context.nowSeconds,
      dataSource: 0,
      origin: "gleaned",
    },
    cause,
  });
}
