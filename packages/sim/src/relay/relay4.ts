import { type Ipv4Address, ipv4ToBytes } from "@leasewire/net";
import {
  decodeMessage4,
  encodeMessage4,
  encodeRelayAgentInformation,
  type Message4,
  Op4,
  type Option4,
  OptionCode4,
  RelayAgentSubOption,
} from "@leasewire/wire";
import type { AccessCircuit } from "./circuit.ts";

/** Sub-option of option 82: answers are to come to the port the relay sends from (RFC 8357 §4.1). */
const relaySourcePort = 19;
/** First bit of the flags sub-option: the client sent by unicast (RFC 5010 §3). */
const unicastFlag = 0x80;
/** A message that went through so many relays goes no further (RFC 1542 §4.1.1). */
const hopsMax = 16;

/** What a relay says of itself. */
export interface AccessRelay4 {
  /** Where the server's answers come to. */
  readonly giaddr: Ipv4Address;
  /** Link of the clients where it is not that of `giaddr` (RFC 3527). */
  readonly linkSelection?: Ipv4Address | undefined;
  /** RFC 6925. */
  readonly relayId?: Uint8Array | undefined;
  /** Whether answers are to come to the port it sends from. */
  readonly sourcePort?: boolean | undefined;
}

/** What came from a client, or from a relay nearer to it, as it goes on to the server; undefined if it goes no further. */
export function relayToServer4(
  relay: AccessRelay4,
  circuit: AccessCircuit,
  bytes: Uint8Array,
  unicast: boolean,
): Uint8Array | undefined {
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok || decoded.value.op !== Op4.BOOTREQUEST || decoded.value.hops >= hopsMax) return undefined;
  const message = decoded.value;
  // RFC 3046 §2.1.1: a client that claims to have been relayed is not believed.
  const options = optionsOf(message).filter(({ code }) => code !== OptionCode4.relayAgentInformation);
  const information = relayInformation(relay, circuit, unicast);
  if (information.length > 0) {
    options.push({ code: OptionCode4.relayAgentInformation, data: encodeRelayAgentInformation(information) });
  }
  return rewritten(message, message.hops + 1, relay.giaddr, options);
}

export interface RelayedReply4 {
  /** Sub-option 1 of the answer: on which circuit the client is. */
  readonly circuitId: Uint8Array | undefined;
  /** What the client gets: without option 82 (RFC 3046 §2.1). */
  readonly bytes: Uint8Array;
}

/** What came from a server; undefined if it is no answer to a relay. */
export function relayToClient4(bytes: Uint8Array): RelayedReply4 | undefined {
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok || decoded.value.op !== Op4.BOOTREPLY) return undefined;
  const message = decoded.value;
  const options = optionsOf(message).filter(({ code }) => code !== OptionCode4.relayAgentInformation);
  return {
    circuitId: message.relayAgentOption(RelayAgentSubOption.circuitId),
    bytes: rewritten(message, message.hops, message.giaddr, options),
  };
}

function relayInformation(relay: AccessRelay4, circuit: AccessCircuit, unicast: boolean): Option4[] {
  const information: Option4[] = [];
  const add = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) information.push({ code, data });
  };
  add(RelayAgentSubOption.circuitId, circuit.circuitId);
  add(RelayAgentSubOption.remoteId, circuit.remoteId);
  add(
    RelayAgentSubOption.linkSelection,
    relay.linkSelection === undefined ? undefined : ipv4ToBytes(relay.linkSelection),
  );
  add(RelayAgentSubOption.flags, unicast ? Uint8Array.of(unicastFlag) : undefined);
  add(RelayAgentSubOption.relayId, relay.relayId);
  add(relaySourcePort, relay.sourcePort === true ? new Uint8Array(0) : undefined);
  return information;
}

function optionsOf(message: Message4): Option4[] {
  return [...message.joinedOptions()].map(({ code, data }) => ({ code, data }));
}

function rewritten(message: Message4, hops: number, giaddr: Ipv4Address, options: readonly Option4[]): Uint8Array {
  const { op, htype, xid, secs, flags, ciaddr, yiaddr, siaddr, chaddr, sname, file } = message;
  return encodeMessage4({
    op,
    htype,
    hops,
    xid,
    secs,
    flags,
    ciaddr,
    yiaddr,
    siaddr,
    giaddr,
    chaddr,
    sname,
    file,
    // What stood in `file` and `sname` stands among the others now.
    options: options.filter(({ code }) => code !== OptionCode4.overload),
  });
}
