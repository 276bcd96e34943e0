import { type Ipv4Address, ipv4FromBytes, parseIpv4 } from "@leasewire/net";
import { type Message4, MessageType4, OptionCode4, RelayAgentSubOption } from "@leasewire/wire";
import type { Arrival } from "../server-common/messages.ts";
import { octetsKey } from "../server-common/octets.ts";
import type { Pool4 } from "./pools.ts";
import type { DropReason4 } from "./reasons.ts";
import type { Server4, Server4State } from "./state.ts";

/** Sub-option of option 82: the relay wants its answer at the port it sent from (RFC 8357 §4.1). */
const relaySourcePort = 19;
/** First bit of the flags sub-option: the relay got the message by unicast (RFC 5010 §3). */
const relayUnicastFlag = 0x80;

/** What a client asks for, read once. Octets are views of the message. */
export interface Request4 {
  readonly message: Message4;
  readonly arrival: Arrival;
  readonly server: Server4;
  readonly type: MessageType4;
  /**
   * Who the client is among those of its instance: by its client identifier or, failing that, by its hardware address
   * (RFC 2131 §4.2, RFC 4361 §6.3).
   */
  readonly key: string;
  /** Option 61. */
  readonly clientId: Uint8Array | undefined;
  readonly hardwareAddress: Uint8Array;
  readonly giaddr: Ipv4Address;
  readonly ciaddr: Ipv4Address;
  /** Option 50. */
  readonly requested: Ipv4Address | undefined;
  /** Option 54. */
  readonly serverIdentifier: Ipv4Address | undefined;
  /** Option 51, seconds. */
  readonly leaseSeconds: number | undefined;
  /** Option 57: the longest IP datagram the client takes; at least 576. */
  readonly datagramOctetsMax: number;
  /** Option 55. */
  readonly parameters: Uint8Array | undefined;
  readonly rapidCommit: boolean;
  /** Option 82, and what in it matters here. */
  readonly relayInformation: Uint8Array | undefined;
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  readonly relayId: Uint8Array | undefined;
  /** Only from a relay. 0: absent. */
  readonly serverIdentifierOverride: number;
  readonly relayHasSourcePort: boolean;
  /** Whether the client sent it to the server's address alone. */
  readonly unicast: boolean;
  /** The pools that serve the client's link, those of the link's own network in front. */
  readonly pools: readonly Pool4[];
}

/** Reads a message of a client to a server; or tells why it is dropped. `type` is its message type. */
export function readRequest(
  state: Server4State,
  server: Server4,
  arrival: Arrival,
  message: Message4,
  type: MessageType4,
): Request4 | DropReason4 {
  scan(message);
  const requested = option(message, OptionCode4.requestedIpAddress);
  const serverIdentifier = option(message, OptionCode4.serverIdentifier);
  if ((requested !== undefined && requested.length !== 4) || (serverIdentifier?.length ?? 4) !== 4) {
    return "malformed option";
  }
  // An empty identifier identifies nobody.
  const identifier = option(message, OptionCode4.clientIdentifier);
  const clientId = identifier?.length === 0 ? undefined : identifier;
  if (clientId !== undefined && clientId.length > state.limits.clientIdentifierOctetsMax) {
    return "client identifier too long";
  }
  const hardwareAddress = message.chaddr;
  if (clientId === undefined && hardwareAddress.length === 0) return "no client identity";

  const { giaddr, ciaddr } = message;
  const relayInformation = option(message, OptionCode4.relayAgentInformation);
  let circuitId: Uint8Array | undefined;
  let remoteId: Uint8Array | undefined;
  let relayId: Uint8Array | undefined;
  let linkSelection: Ipv4Address | undefined;
  let serverIdentifierOverride = 0;
  let relayHasSourcePort = false;
  // Where the socket does not tell: what came from none of our links cannot have been broadcast.
  let unicast = giaddr === 0 && (arrival.unicast ?? arrival.interfaceName === undefined);
  if (relayInformation !== undefined) {
    for (let at = 0; at + 1 < relayInformation.length; ) {
      const end = at + 2 + relayInformation[at + 1]!;
      if (end > relayInformation.length) break;
      const data = relayInformation.subarray(at + 2, end);
      switch (relayInformation[at]) {
        case RelayAgentSubOption.circuitId:
          circuitId ??= data;
          break;
        case RelayAgentSubOption.remoteId:
          remoteId ??= data;
          break;
        case RelayAgentSubOption.relayId:
          relayId ??= data;
          break;
        // What a relay may say of a client that it relays; without giaddr anyone on the link could have written it.
        case RelayAgentSubOption.linkSelection:
          if (giaddr !== 0 && data.length === 4) linkSelection ??= ipv4FromBytes(data);
          break;
        case RelayAgentSubOption.serverIdentifierOverride:
          if (giaddr !== 0 && data.length === 4) serverIdentifierOverride ||= ipv4FromBytes(data);
          break;
        case RelayAgentSubOption.flags:
          if (giaddr !== 0 && data.length === 1) unicast = (data[0]! & relayUnicastFlag) !== 0;
          break;
        case relaySourcePort:
          relayHasSourcePort = true;
          break;
      }
      at = end;
    }
  }
  const leaseTime = option(message, OptionCode4.leaseTime);
  const size = option(message, OptionCode4.maximumMessageSize);
  return {
    message,
    arrival,
    server,
    type,
    key: clientId === undefined ? `${message.htype}:${octetsKey(hardwareAddress)}` : `i${octetsKey(clientId)}`,
    clientId,
    hardwareAddress,
    giaddr,
    ciaddr,
    requested: requested && ipv4FromBytes(requested),
    serverIdentifier: serverIdentifier && ipv4FromBytes(serverIdentifier),
    leaseSeconds: leaseTime?.length === 4 ? ipv4FromBytes(leaseTime) : undefined,
    datagramOctetsMax: size?.length === 2 ? Math.max(576, size[0]! * 256 + size[1]!) : 576,
    parameters: option(message, OptionCode4.parameterRequestList),
    rapidCommit: type === MessageType4.DHCPDISCOVER && option(message, OptionCode4.rapidCommit) !== undefined,
    relayInformation,
    circuitId,
    remoteId,
    relayId,
    serverIdentifierOverride,
    relayHasSourcePort,
    unicast,
    pools: poolsOf(state, server, arrival, linkSelection ?? giaddr, unicast ? ciaddr : 0),
  };
}

/** The options of the client that leasequery may tell, as they stand in the message and in order of code. */
export function toldOptions(message: Message4): { code: number; data: Uint8Array }[] {
  scan(message);
  const options: { code: number; data: Uint8Array }[] = [];
  for (const code of toldCodes) {
    const data = option(message, code);
    if (data !== undefined) options.push({ code, data });
  }
  return options;
}

/** Options of a client that leasequery may tell: kept with its binding. */
export const toldCodes = [
  OptionCode4.hostName,
  OptionCode4.vendorClassIdentifier,
  OptionCode4.userClass,
  OptionCode4.vendorClass,
  OptionCode4.vendorSpecific,
] as const;

/**
 * The pools of the client's link (RFC 2131 §4.3.1, RFC 3527 §3): the relay's word, else the networks of the interface,
 * else, for a client that reached us by unicast, those of the address it uses.
 */
function poolsOf(
  state: Server4State,
  server: Server4,
  { interfaceName }: Arrival,
  relayLink: number,
  unicastAddress: number,
): readonly Pool4[] {
  if (relayLink !== 0) return poolsOfLink(state, server, relayLink);
  if (unicastAddress !== 0) return poolsOfLink(state, server, unicastAddress);
  return interfaceName === undefined ? [] : (server.interfaces.get(interfaceName)?.pools ?? []);
}

export function poolsOfLink(state: Server4State, { links, pools }: Server4, link: number): readonly Pool4[] {
  let found = links.get(link);
  if (found === undefined) {
    found = servingPools(pools, link as Ipv4Address);
    // Links are what relays say: whoever makes them up must not fill the memory.
    if (links.size >= state.limits.linksRememberedMax) links.clear();
    links.set(link, found);
  }
  return found;
}

export function servingPools(pools: readonly Pool4[], link: Ipv4Address): readonly Pool4[] {
  const serving = pools.filter((pool) => pool.serves(link));
  return [...serving.filter((pool) => pool.holds(link)), ...serving.filter((pool) => !pool.holds(link))];
}

/** The address a message came to, 0 if it is not known. */
export function localAddressOf({ localAddress }: Arrival): number {
  if (localAddress === undefined) return 0;
  if (localAddress !== lastText) {
    const parsed = parseIpv4(localAddress);
    lastAddress = parsed.ok && parsed.value !== 0xffff_ffff ? parsed.value : 0;
    lastText = localAddress;
  }
  return lastAddress;
}

/** Nearly all messages come to one address: its text is parsed once. */
let lastText = "";
let lastAddress = 0;

/** Where each option of the message scanned last stands: 0 nowhere, −1 in several places. */
const places = new Int32Array(256);

function scan(message: Message4): void {
  const { bytes } = message;
  places.fill(0);
  for (const [from, to] of message.areas()) {
    for (let at = from; at + 1 < to; ) {
      const code = bytes[at]!;
      if (code === OptionCode4.pad) {
        at += 1;
        continue;
      }
      if (code === OptionCode4.end) break;
      places[code] = places[code] === 0 ? at : -1;
      at += 2 + bytes[at + 1]!;
    }
  }
}

/** The value of an option of the message scanned last; one that is split is joined (RFC 3396 §7). */
function option(message: Message4, code: number): Uint8Array | undefined {
  const at = places[code]!;
  if (at === 0) return undefined;
  return at < 0 ? message.option(code) : message.bytes.subarray(at + 2, at + 2 + message.bytes[at + 1]!);
}
