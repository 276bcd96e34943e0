import { EXPIRES_NEVER } from "@leasewire/bindings";
import { formatIpv4 } from "@leasewire/net";
import { broadcastFlag, MessageType4, messageTypeName4, OptionCode4 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import type { ServerSend } from "../server-common/messages.ts";
import { type Context4, drop, note } from "./context.ts";
import type { Pool4 } from "./pools.ts";
import { encodedLength } from "./reply-buffer.ts";
import { localAddressOf, type Request4 } from "./request.ts";
import type { Server4State } from "./state.ts";

/** IPv4 and UDP header: what the client's limit counts and we do not send. */
const headersOctets = 28;
const serverPort = 67;
const clientPort = 68;
const broadcast = "255.255.255.255";

export interface Lifetimes {
  /** 2^32 − 1: without end, and then without T1 and T2. */
  readonly leaseSeconds: number;
  readonly renewalSeconds: number;
  readonly rebindingSeconds: number;
}

/** What the client asks for, but no longer than the pool allows; T1 < T2 < lease (RFC 2131 §4.4.5). */
export function lifetimesFor({ limits }: Server4State, { configuration }: Pool4, asked: number | undefined): Lifetimes {
  const { leaseTimeSeconds, renewalTimeSeconds, rebindingTimeSeconds } = configuration;
  const leaseSeconds =
    asked === undefined
      ? leaseTimeSeconds
      : Math.min(leaseTimeSeconds, Math.max(asked, Math.min(leaseTimeSeconds, limits.leaseSecondsMin)));
  const rebindingSeconds =
    rebindingTimeSeconds !== undefined && rebindingTimeSeconds < leaseSeconds
      ? rebindingTimeSeconds
      : Math.floor(leaseSeconds * 0.875);
  const half = Math.floor(leaseSeconds * 0.5);
  let renewalSeconds = renewalTimeSeconds ?? half;
  if (renewalSeconds >= rebindingSeconds) renewalSeconds = half;
  // T2 was configured to lie in the first half.
  if (renewalSeconds >= rebindingSeconds) renewalSeconds = Math.floor((rebindingSeconds * 4) / 7);
  return { leaseSeconds, renewalSeconds, rebindingSeconds };
}

/**
 * What stands in option 54: the relay's word (RFC 5107 §4), else the pool's, else the server's, else the address the
 * message came to, else that of the interface; 0 if there is none.
 */
export function serverIdentifierFor({ server, arrival, serverIdentifierOverride }: Request4, pool: Pool4): number {
  return (
    serverIdentifierOverride ||
    pool.configuration.serverIdentifier ||
    server.identifier ||
    localAddressOf(arrival) ||
    (arrival.interfaceName === undefined ? 0 : (server.interfaces.get(arrival.interfaceName)?.address ?? 0))
  );
}

/** Whether option 54 of the client means this server (RFC 2131 §4.1, RFC 5107 §4). */
export function isOwnIdentifier({ server, arrival, serverIdentifierOverride }: Request4, identifier: number): boolean {
  return (
    identifier === serverIdentifierOverride ||
    server.ownIdentifiers.has(identifier) ||
    (identifier !== 0 && identifier === localAddressOf(arrival))
  );
}

/** DHCPOFFER, or DHCPACK to a DHCPREQUEST or with rapid commit. False if it cannot be sent, which is counted. */
export function leaseReply(
  context: Context4,
  request: Request4,
  type: typeof MessageType4.DHCPOFFER | typeof MessageType4.DHCPACK,
  pool: Pool4,
  address: number,
  { leaseSeconds, renewalSeconds, rebindingSeconds }: Lifetimes,
): boolean {
  const isAck = type === MessageType4.DHCPACK;
  const { reply } = context.state;
  if (!begin(context, request, type, pool, isAck ? request.ciaddr : 0, address, request.message.flags)) return false;
  reply.uint32(OptionCode4.leaseTime, leaseSeconds);
  if (leaseSeconds !== EXPIRES_NEVER) {
    reply.uint32(OptionCode4.renewalTime, renewalSeconds);
    reply.uint32(OptionCode4.rebindingTime, rebindingSeconds);
  }
  if (isAck && request.rapidCommit) reply.append(rapidCommit);
  parameters(context, request, pool);
  return finish(context, request, type, request.ciaddr, address, isAck);
}

/** DHCPACK to a DHCPINFORM: parameters, no address and no times (RFC 2131 §4.3.5). */
export function informReply(context: Context4, request: Request4, pool: Pool4): boolean {
  if (!begin(context, request, MessageType4.DHCPACK, pool, request.ciaddr, 0, request.message.flags)) return false;
  parameters(context, request, pool);
  return finish(context, request, MessageType4.DHCPACK, request.ciaddr, 0, false);
}

/** DHCPNAK: nothing but identifiers, the reason in words, and option 82 (RFC 2131 §4.3.1 table 3, RFC 6842 §3). */
export function nakReply(context: Context4, request: Request4, pool: Pool4, message: string): boolean {
  const { giaddr } = request;
  // The client may have no address that it answers at: the relay has to broadcast it (RFC 2131 §4.3.2).
  const flags = giaddr === 0 ? request.message.flags : request.message.flags | broadcastFlag;
  if (!begin(context, request, MessageType4.DHCPNAK, pool, 0, 0, flags)) return false;
  const { reply } = context.state;
  const text = new Uint8Array(Math.min(message.length, 120));
  for (let i = 0; i < text.length; i += 1) text[i] = message.charCodeAt(i);
  reply.option(OptionCode4.message, text);
  return finish(context, request, MessageType4.DHCPNAK, 0, 0, false);
}

const rapidCommit = Uint8Array.of(OptionCode4.rapidCommit, 0);

function begin(
  context: Context4,
  request: Request4,
  type: MessageType4,
  pool: Pool4,
  ciaddr: number,
  yiaddr: number,
  flags: number,
): boolean {
  const identifier = serverIdentifierFor(request, pool);
  if (identifier === 0) {
    drop(context, request.server.instance, "no server identifier");
    return false;
  }
  const { reply } = context.state;
  reply.begin(request.message.bytes, flags, ciaddr, yiaddr);
  reply.octet(OptionCode4.messageType, type);
  reply.uint32(OptionCode4.serverIdentifier, identifier);
  // RFC 6842 §3: unaltered, and only if the client sent one.
  if (request.clientId !== undefined) reply.option(OptionCode4.clientIdentifier, request.clientId);
  return true;
}

/**
 * The configured options: those asked for in the order asked for, or all of them if the client does not say. What does
 * not fit into a message the client takes (RFC 2132 §9.10) is left out; what was asked for first goes in first.
 */
function parameters(context: Context4, request: Request4, pool: Pool4): void {
  const { reply } = context.state;
  const { encoded } = pool;
  const asked = request.parameters;
  const octetsMax = Math.min(request.datagramOctetsMax - headersOctets, context.state.limits.replyOctetsMax);
  const end = Math.min(octetsMax, context.state.limits.replyOctetsMax - relayOctets(request)) - 1;
  const count = asked?.length ?? pool.codes.length;
  let leftOut = 0;
  written.fill(0);
  for (let i = 0; i < count; i += 1) {
    const code = asked === undefined ? pool.codes[i]! : asked[i]!;
    // RFC 8925 §3.2: only to a client that asks for it.
    if (asked === undefined && code === ipv6OnlyPreferred) continue;
    // RFC 2132 §3.3: the subnet mask stands before the router.
    if (code === OptionCode4.router && (asked === undefined || asked.includes(OptionCode4.subnetMask))) {
      leftOut += append(OptionCode4.subnetMask);
    }
    leftOut += append(code);
  }
  if (leftOut > 0) note(context, request.server.instance, "option left out", undefined, leftOut);

  function append(code: number): number {
    const option = ownCodes[code] === 1 ? undefined : encoded[code];
    if (option === undefined || written[code] === 1) return 0;
    written[code] = 1;
    if (reply.length + option.length > end) return 1;
    reply.append(option);
    return 0;
  }
}

/** Codes written to the reply at hand: each parameter goes in once (RFC 2131 §4.3.1). */
const written = new Uint8Array(256);

const ipv6OnlyPreferred = 108;

/** Options that the exchange determines, whatever is configured, and those that must not be in a reply (table 3). */
const ownCodes = new Uint8Array(256);
for (const code of [
  OptionCode4.pad,
  OptionCode4.requestedIpAddress,
  OptionCode4.leaseTime,
  OptionCode4.overload,
  OptionCode4.messageType,
  OptionCode4.serverIdentifier,
  OptionCode4.parameterRequestList,
  OptionCode4.message,
  OptionCode4.maximumMessageSize,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
  OptionCode4.clientIdentifier,
  OptionCode4.rapidCommit,
  OptionCode4.relayAgentInformation,
  OptionCode4.end,
]) {
  ownCodes[code] = 1;
}

/** Octets of the echoed option 82, as far as it can be echoed at all; the relay takes it out before the client. */
function relayOctets({ relayInformation }: Request4): number {
  if (relayInformation === undefined) return 0;
  const octets = encodedLength(relayInformation);
  return octets > relayOctetsMax ? 0 : octets;
}

/** Leaves room for the fixed fields and the options that must be there. */
const relayOctetsMax = 768;

function finish(
  context: Context4,
  request: Request4,
  type: MessageType4,
  ciaddr: number,
  yiaddr: number,
  promises: boolean,
): boolean {
  const { reply } = context.state;
  const { server, relayInformation } = request;
  const to = destination(request, type, ciaddr, yiaddr);
  if (to === undefined) {
    drop(context, server.instance, "nowhere to send");
    return false;
  }
  // RFC 3046 §2.2: all of it, and last; or, where it does not fit, none of it.
  if (relayInformation !== undefined) {
    const octets = relayOctets(request);
    if (octets > 0 && reply.length + octets < reply.octetsMax) {
      reply.option(OptionCode4.relayAgentInformation, relayInformation);
    } else note(context, server.instance, "relay information left out");
  }
  context.out.sends.push({ instance: server.instance, bytes: reply.end(), promises, to });
  increase(server.counters.sent, messageTypeName4(type)!);
  return true;
}

/** Where a reply goes (RFC 2131 §4.1); undefined if it would have to be broadcast on an unknown link. */
function destination(
  request: Request4,
  type: MessageType4,
  ciaddr: number,
  yiaddr: number,
): ServerSend["to"] | undefined {
  const { server, arrival, giaddr, message, relayHasSourcePort } = request;
  // A server that is moved to another port is on a test bench: there, peers are where they sent from.
  const isUsual = server.configuration.listenPort === serverPort;
  if (giaddr !== 0) {
    const port = isUsual && !relayHasSourcePort ? serverPort : arrival.sourcePort;
    return { kind: "unicast", address: formatIpv4(giaddr), port };
  }
  const port = isUsual ? clientPort : arrival.sourcePort;
  if (type === MessageType4.DHCPNAK) {
    // The client of another link can only be reached where it sent from; on ours it is told by broadcast.
    if (arrival.interfaceName === undefined || (request.unicast && !isOnLink(request))) {
      return arrival.sourceAddress === "0.0.0.0" || arrival.sourceAddress === ""
        ? undefined
        : { kind: "unicast", address: arrival.sourceAddress, port };
    }
    return { kind: "link", interfaceName: arrival.interfaceName, address: broadcast, port };
  }
  if (ciaddr !== 0) return { kind: "unicast", address: formatIpv4(ciaddr), port };
  if (arrival.interfaceName === undefined) return undefined;
  if ((message.flags & broadcastFlag) !== 0 || request.hardwareAddress.length === 0) {
    return { kind: "link", interfaceName: arrival.interfaceName, address: broadcast, port };
  }
  return {
    kind: "link",
    interfaceName: arrival.interfaceName,
    address: formatIpv4(yiaddr),
    port,
    hardwareAddress: request.hardwareAddress.slice(),
  };
}

/** Whether the address the client uses belongs to the link it was heard on. */
function isOnLink({ server, arrival, ciaddr }: Request4): boolean {
  const pools = arrival.interfaceName === undefined ? [] : (server.interfaces.get(arrival.interfaceName)?.pools ?? []);
  return pools.some((pool) => pool.holds(ciaddr));
}
