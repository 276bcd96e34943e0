import { Field } from "@leasewire/bindings";
import { formatDuid, formatIpv6, isIpv6Unspecified } from "@leasewire/net";
import {
  decodeMessage6,
  lqRelayData,
  MessageType6,
  OptionCode6,
  options6,
  type RelayMessage6,
  relayChain6,
} from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import type { ServerSend } from "../server-common/messages.ts";
import { octetsKey } from "../server-common/octets.ts";
import { type Context6, note } from "./context.ts";
import type { Exchange6 } from "./exchange.ts";
import { addressOfRow, isLeased } from "./leases.ts";
import { REC_MAX_RC, REC_TIMEOUT_MS } from "./limits.ts";
import type { ReconfigureRefusal, ReconfigureRequest } from "./messages.ts";
import { DIGEST_OFFSET, digestOption, reconfigureKeyOf } from "./reconfigure-key.ts";
import { beginRelayReply } from "./reply.ts";
import type { Reconfigure6, Server6 } from "./state.ts";

const ASKED = {
  renew: MessageType6.RENEW,
  rebind: MessageType6.REBIND,
  "information-request": MessageType6["INFORMATION-REQUEST"],
} as const;

/** Tells a client to come back (RFC 9915 §18.3.11), until it does or REC_MAX_RC messages went unanswered. */
export function onReconfigure(context: Context6, request: ReconfigureRequest): void {
  const refusal = start(context, request);
  if (refusal === undefined) {
    context.out.reconfigure = { started: true };
    return;
  }
  note(context, request.instance, "reconfigure refused", `${formatDuid(request.duid)}: ${REFUSALS[refusal]}`);
  context.out.reconfigure = { refusal, message: REFUSALS[refusal] };
}

function start(context: Context6, request: ReconfigureRequest): ReconfigureRefusal | undefined {
  const { state, now } = context;
  const server = state.servers.get(request.instance);
  if (server === undefined) return "server-unknown";
  if (!server.configuration.reconfigure || state.hmacMd5 === undefined) return "reconfigure-off";
  const key = keyOf(request.instance, request.duid);
  if (!state.reconfigures.has(key) && state.reconfigures.size >= state.limits.reconfiguresMax)
    return "reconfigures-max";
  const made: Reconfigure6 = {
    key,
    instance: request.instance,
    duid: request.duid.slice(),
    messageType: ASKED[request.ask],
    sent: 0,
    timeoutMs: REC_TIMEOUT_MS,
    dueMs: now,
  };
  const refusal = send(context, server, made);
  if (refusal === undefined) state.reconfigures.set(key, made);
  return refusal;
}

const REFUSALS: Readonly<Record<ReconfigureRefusal, string>> = {
  "server-unknown": "there is no DHCPv6 local server in this instance",
  "reconfigure-off": "the server does not reconfigure clients: set reconfigure for it first",
  "client-unknown": "the client has no lease of this server",
  "client-unwilling": "the client did not say that it accepts RECONFIGURE when it got its lease",
  "client-unreachable":
    "there is no way to the client: its lease names no relay, and it holds no address on an interface of this server",
  "reconfigures-max": "as many clients as reconfiguresMax allows are being reconfigured: wait until some are done",
};

/** Sends again what is due. */
export function reconfigureDue(context: Context6, max: number): void {
  const { state, now } = context;
  let done = 0;
  for (const made of state.reconfigures.values()) {
    if (made.dueMs > now) continue;
    if (done >= max) return;
    done += 1;
    const server = state.servers.get(made.instance);
    if (server === undefined || made.sent >= REC_MAX_RC || send(context, server, made) !== undefined) {
      state.reconfigures.delete(made.key);
      note(context, made.instance, "reconfigure unanswered", formatDuid(made.duid));
    }
  }
}

/** The client did what it was told to. */
export function reconfigureAnswered({ context, server, duid, request }: Exchange6): void {
  const made = context.state.reconfigures.get(keyOf(server.instance, duid));
  if (made === undefined || made.messageType !== request.messageType) return;
  context.state.reconfigures.delete(made.key);
  note(context, server.instance, "reconfigure answered");
}

function keyOf(instance: string, duid: Uint8Array): string {
  return `${instance} ${octetsKey(duid)}`;
}

function send(context: Context6, server: Server6, made: Reconfigure6): ReconfigureRefusal | undefined {
  const { state, now, out } = context;
  const path = pathTo(context, server, made.duid);
  if (typeof path === "string") return path;
  const { reply } = state;
  const opened = beginRelayReply(reply, path.relays);
  const start = reply.at;
  reply.octet(MessageType6.RECONFIGURE);
  reply.octet(0);
  reply.uint16(0);
  reply.option(OptionCode6.CLIENTID, made.duid);
  reply.option(OptionCode6.SERVERID, server.duid);
  reply.option(OptionCode6.RECONF_MSG, Uint8Array.of(made.messageType));
  const digestAt = reply.at + 4 + DIGEST_OFFSET;
  reply.option(OptionCode6.AUTH, digestOption(context));
  const end = reply.at;
  for (let i = opened.length - 1; i >= 0; i -= 1) reply.close(opened[i]!);
  if (reply.overflow) return "client-unreachable";
  // §20.4.2: over the whole RECONFIGURE with the digest 0.
  const key = reconfigureKeyOf(context, server, made.duid);
  reply.bytes.set(state.hmacMd5!(key, reply.bytes.slice(start, end)), digestAt);
  out.sends.push({ instance: server.instance, bytes: reply.end(), promises: false, to: path.to });
  increase(server.counters.sent, "RECONFIGURE");
  made.sent += 1;
  // RT starts at REC_TIMEOUT and doubles.
  made.dueMs = now + made.timeoutMs;
  made.timeoutMs *= 2;
  return undefined;
}

interface Path {
  readonly relays: readonly RelayMessage6[];
  readonly to: ServerSend["to"];
}

/** Back through the relays its lease was got by, else to an address it leases on one of our interfaces. */
function pathTo(context: Context6, server: Server6, duid: Uint8Array): Path | ReconfigureRefusal {
  const { state, nowSeconds } = context;
  const { table, limits } = state;
  let refusal: ReconfigureRefusal = "client-unknown";
  let visits = 0;
  for (const row of table.byClientId(server.instance, duid)) {
    visits += 1;
    if (visits > limits.rowsPerClientMax) break;
    if (!isLeased(table, row, nowSeconds)) continue;
    const options = table.fieldOf(row, Field.options);
    if (options === undefined || ![...options6(options)].some(({ code }) => code === OptionCode6.RECONF_ACCEPT)) {
      if (refusal === "client-unknown") refusal = "client-unwilling";
      continue;
    }
    refusal = "client-unreachable";
    const relayData = table.fieldOf(row, Field.relayAgentInformation)?.slice();
    const port = server.configuration.listenPort;
    if (relayData !== undefined) {
      const path = relayedPath(relayData, port);
      if (path !== undefined) return path;
      continue;
    }
    const interfaceName = table.interfaceNameOf(row);
    if (interfaceName === undefined || table.prefixLengthOf(row) !== 128) continue;
    const address = formatIpv6(addressOfRow(table, row));
    return { relays: [], to: { kind: "link", interfaceName, address, port: port === 547 ? 546 : port } };
  }
  return refusal;
}

function relayedPath(relayData: Uint8Array, port: number): Path | undefined {
  const data = lqRelayData.decode(relayData);
  if (!data.ok || isIpv6Unspecified(data.value.peerAddress)) return undefined;
  const outermost = decodeMessage6(data.value.message);
  if (!outermost.ok) return undefined;
  const chain = relayChain6(outermost.value);
  if (!chain.ok || chain.value.relays.length === 0) return undefined;
  return {
    relays: chain.value.relays,
    to: { kind: "unicast", address: formatIpv6(data.value.peerAddress), port },
  };
}
