import { formatIpv4 } from "@leasewire/net";
import {
  broadcastFlag,
  HardwareType,
  MessageType4,
  messageTypeName4,
  OptionCode4,
  RelayAgentSubOption,
  relayAgentSubOption,
} from "@leasewire/wire";
import type { RelaySend } from "../relay-common/messages.ts";
import { increase } from "../server-common/counters.ts";
import type { Arrival } from "../server-common/messages.ts";
import { type Context4, type Drop, dropped } from "./context.ts";
import { setState } from "./exchanges.ts";
import { onAck, onNak } from "./learn.ts";
import { type Access4, type Exchange4, ExchangeState, type Relay4 } from "./state.ts";

const clientPort = 68;
const broadcast = "255.255.255.255";

/** Passes on a BOOTREPLY to the client it is for (RFC 1542 §4.1.2, §5.4, RFC 2131 §4.1, RFC 3046 §2.1); or tells why not. */
export function onReply(context: Context4, relay: Relay4, arrival: Arrival): Drop | undefined {
  const { message, packets } = context.state;
  const { instance } = relay;
  const { sourceAddress } = arrival;
  if (arrival.interfaceName !== undefined && !relay.serverAddresses.has(sourceAddress)) {
    return dropped("reply from an access interface", `${sourceAddress} on ${arrival.interfaceName}`);
  }
  const { type, giaddr } = message;
  if (type === 0) return dropped("bootp", sourceAddress);
  const typeName = messageTypeName4(type);
  if (typeName !== undefined) increase(relay.counters.received, typeName);
  if (type !== MessageType4.DHCPACK && type !== MessageType4.DHCPOFFER && type !== MessageType4.DHCPNAK) {
    const reason =
      type === MessageType4.DHCPFORCERENEW
        ? "forcerenew"
        : type >= MessageType4.DHCPLEASEUNASSIGNED && type <= MessageType4.DHCPTLS
          ? "leasequery reply"
          : "wrong message type";
    return dropped(reason, `${typeName ?? type} from ${sourceAddress}`);
  }
  if (giaddr === 0) return dropped("no giaddr", sourceAddress);
  if (!relay.ownAddresses.has(giaddr)) return dropped("giaddr not ours", formatIpv4(giaddr));

  const exchange = relay.exchanges.get(message.exchangeKey);
  const information = message.informationAt < 0 ? undefined : message.option(OptionCode4.relayAgentInformation);
  const circuitId = information && relayAgentSubOption(information, RelayAgentSubOption.circuitId);
  const named = circuitId && relay.circuits.exact(circuitId);
  const access =
    named ?? exchange?.access ?? (circuitId && relay.circuits.find(circuitId)) ?? relay.byGiaddr.get(giaddr);
  if (access == null) return dropped("unknown circuit", `giaddr ${formatIpv4(giaddr)}`);
  if (access.configuration.overrides.disableRelay) return dropped("relay disabled", access.name);

  const to = destination(context, access);
  const goesBack = information !== undefined && isKept(access, exchange, named !== undefined);
  const bytes = goesBack ? packets.copied(message) : packets.rewritten(message, undefined);
  if (type === MessageType4.DHCPACK) onAck(context, relay, access, exchange, arrival);
  else if (type === MessageType4.DHCPNAK) onNak(context, relay, exchange);
  else if (exchange?.state === ExchangeState.INIT) setState(exchange, ExchangeState.SELECTING);

  context.out.sends.push({ instance, bytes, to });
  increase(relay.counters.sent, typeName!);
  relay.counters.forwarded.towardsClients += 1;
  return undefined;
}

/**
 * Option 82 is taken out by whoever added it: where a trusted device nearer to the client did, it goes on to that one
 * (RFC 3046 §2.1).
 */
function isKept({ configuration: { overrides } }: Access4, exchange: Exchange4 | undefined, isOurs: boolean): boolean {
  if (exchange !== undefined) return exchange.keptInformation;
  return overrides.trustOption82 && !overrides.alwaysWriteOption82 && !isOurs;
}

/** A client that has not taken up its address yet answers nobody who looks for it: its hardware address goes along. */
function destination({ state: { message } }: Context4, access: Access4): RelaySend["to"] {
  const { ciaddr, yiaddr, hlen } = message;
  const address = yiaddr === 0 ? ciaddr : yiaddr;
  const wantsBroadcast = (message.flags & broadcastFlag) !== 0 && !access.configuration.overrides.layer2UnicastReplies;
  const isAddressable = message.htype === HardwareType.ethernet && hlen === 6;
  // A refused client must not rely on its address (RFC 2131 §4.3.2).
  if (address === 0 || wantsBroadcast || message.type === MessageType4.DHCPNAK || !isAddressable) {
    return { kind: "link", interfaceName: access.name, address: broadcast, port: clientPort };
  }
  return {
    kind: "link",
    interfaceName: access.name,
    address: formatIpv4(address),
    port: clientPort,
    hardwareAddress: message.chaddr.slice(),
  };
}
