import { formatIpv4 } from "@leasewire/net";
import { MessageType4, messageTypeName4, OptionCode4, RelayAgentSubOption, relayAgentSubOption } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import type { Arrival } from "../server-common/messages.ts";
import { hasBinding, holdsBinding } from "./client.ts";
import { type Context4, count, type Drop, dropped } from "./context.ts";
import { continueExchange } from "./exchanges.ts";
import { keepClient, onDecline, onRelease } from "./learn.ts";
import { type Access4, ExchangeState, type Relay4 } from "./state.ts";

/**
 * Passes on a BOOTREQUEST, of a client or of a relay agent nearer to it, to every server of the interface (RFC 1542
 * §4.1.1, RFC 2131 §4.1, RFC 3046 §2.1); or tells why not.
 */
export function onRequest(context: Context4, relay: Relay4, arrival: Arrival): Drop | undefined {
  const { message } = context.state;
  const { instance } = relay;
  const access = accessOf(context, relay, arrival);
  if (access === undefined) return dropped("no access interface", arrival.sourceAddress);
  const { type, giaddr } = message;
  if (type === 0) return dropped("bootp", access.name);
  if (!isClientType(type)) {
    return dropped("wrong message type", `${messageTypeName4(type) ?? type} on ${access.name}`);
  }
  const typeName = messageTypeName4(type)!;
  increase(relay.counters.received, typeName);
  if (access.refusal !== undefined) return dropped(access.refusal, access.name);
  if (message.hops >= relay.configuration.maximumHopCount || message.hops === 255) {
    return dropped("hop count", access.name);
  }
  if (giaddr !== 0 && relay.ownAddresses.has(giaddr)) {
    return dropped("spoofed giaddr", `${formatIpv4(giaddr)} on ${access.name}`);
  }
  const { overrides } = access.configuration;
  if (giaddr === 0 && message.informationAt >= 0 && !overrides.trustOption82) {
    return dropped("untrusted option 82", access.name);
  }

  const takesOver = giaddr === 0 || overrides.alwaysWriteGiaddr;
  const added = informationFor(context, relay, access, takesOver, arrival.unicast === true);
  // Answers to a message whose giaddr stays go to that relay agent: its clients are not seen again here.
  const refusal = takesOver ? follow(context, relay, access, type, arrival, added === "keep") : undefined;
  if (refusal !== undefined) return refusal;

  const { packets } = context.state;
  const bytes = added === "keep" ? packets.copied(message) : packets.rewritten(message, added);
  bytes[3] = message.hops + 1;
  if (takesOver) {
    if (giaddr !== 0) count(context, instance, "giaddr replaced");
    bytes.set(access.giaddrOctets, 24);
  }
  const { destinations } = access;
  for (const to of destinations) context.out.sends.push({ instance, bytes, to });
  increase(relay.counters.sent, typeName, destinations.length);
  relay.counters.forwarded.towardsServers += 1;
  return undefined;
}

function isClientType(type: number): boolean {
  return (
    type === MessageType4.DHCPDISCOVER ||
    type === MessageType4.DHCPREQUEST ||
    type === MessageType4.DHCPDECLINE ||
    type === MessageType4.DHCPRELEASE ||
    type === MessageType4.DHCPINFORM
  );
}

/**
 * The interface the client is on. A client that sends to one of our addresses (RFC 5107 §4) may be heard on another
 * socket than that of its interface: the address tells, or the binding it asks about.
 */
function accessOf(context: Context4, relay: Relay4, { interfaceName, localAddress }: Arrival): Access4 | undefined {
  if (interfaceName !== undefined) return relay.accesses.get(interfaceName);
  const addressed = localAddress === undefined ? undefined : relay.byAddress.get(localAddress);
  if (addressed !== undefined) return addressed;
  const { table, message } = context.state;
  const row = message.ciaddr === 0 ? -1 : table.byPrefix(relay.instance, message.bytes.subarray(12, 16), 32);
  const known = row < 1 || !holdsBinding(context.state, row) ? undefined : table.interfaceNameOf(row);
  return known === undefined ? undefined : relay.accesses.get(known);
}

/** Option 82 of what is sent: its data, none, or what is there already. */
function informationFor(
  context: Context4,
  { instance }: Relay4,
  access: Access4,
  takesOver: boolean,
  unicast: boolean,
): Uint8Array | "keep" | undefined {
  const { message, limits } = context.state;
  const { overrides, relayOption82 } = access.configuration;
  const isThere = message.informationAt >= 0;
  if (isThere && !overrides.alwaysWriteOption82) {
    if (takesOver) count(context, instance, "option 82 kept");
    return "keep";
  }
  // A relay agent nearer to the client decided that there is none (RFC 3046 §2.1.1).
  if (!isThere && !takesOver) return "keep";
  if (isThere) count(context, instance, "option 82 replaced");

  let information = unicast ? access.unicastInformation : access.information;
  const keepsCircuit = relayOption82?.circuitId?.keepIncoming === true;
  const keepsRemote = relayOption82?.remoteId?.keepIncoming === true;
  if (isThere && (keepsCircuit || keepsRemote)) {
    const incoming = message.option(OptionCode4.relayAgentInformation)!;
    information = access.informationWith(
      keepsCircuit ? relayAgentSubOption(incoming, RelayAgentSubOption.circuitId) : undefined,
      keepsRemote ? relayAgentSubOption(incoming, RelayAgentSubOption.remoteId) : undefined,
      unicast,
    );
  }
  if (information === undefined) return undefined;
  if (information !== "too-long" && message.end + 3 + information.length <= limits.forwardedOctetsMax) {
    return information;
  }
  count(context, instance, "option 82 left out");
  return undefined;
}

/** Learns from a message of a client, or tells why it goes no further. */
function follow(
  context: Context4,
  relay: Relay4,
  access: Access4,
  type: number,
  arrival: Arrival,
  keptInformation: boolean,
): Drop | undefined {
  const { state } = context;
  const { message } = state;
  const { overrides } = access.configuration;
  const isRequest = type === MessageType4.DHCPREQUEST;
  const { ciaddr } = message;
  const asked = ciaddr === 0 ? message.number(OptionCode4.requestedIpAddress) : ciaddr;
  if (relay.restoring.size > 0 && relay.restoring.has(asked)) {
    return dropped("binding being restored", formatIpv4(asked));
  }
  const key = message.exchangeKey;
  const limit = overrides.interfaceClientLimit;
  if (
    limit !== undefined &&
    (isRequest || type === MessageType4.DHCPDISCOVER) &&
    state.rows.clientsOf(access.number) >= limit &&
    !hasBinding(context, relay)
  ) {
    return dropped("client limit", access.name);
  }
  if (isRequest && overrides.noBindOnRequest && !relay.exchanges.has(key) && !hasBinding(context, relay)) {
    return dropped("unknown client", access.name);
  }
  switch (type) {
    case MessageType4.DHCPDISCOVER:
      continueExchange(context, relay, access, key, ExchangeState.INIT).keptInformation = keptInformation;
      break;
    case MessageType4.DHCPREQUEST: {
      let to: ExchangeState = ExchangeState.REQUESTING;
      // A client that names its address in ciaddr has it and wants to keep it (RFC 2131 §4.3.2).
      if (ciaddr !== 0) to = arrival.unicast === true ? ExchangeState.RENEWING : ExchangeState.REBINDING;
      const exchange = continueExchange(context, relay, access, key, to);
      exchange.keptInformation = keptInformation;
      exchange.refusable = asked;
      keepClient(context, exchange);
      break;
    }
    case MessageType4.DHCPINFORM:
      continueExchange(context, relay, access, key, ExchangeState.INFORM).keptInformation = keptInformation;
      break;
    case MessageType4.DHCPRELEASE:
      onRelease(context, relay);
      break;
    case MessageType4.DHCPDECLINE:
      onDecline(context, relay);
      break;
  }
  return undefined;
}
