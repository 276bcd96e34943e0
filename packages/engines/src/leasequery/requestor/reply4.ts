import { type BindingInput, BindingState } from "@leasewire/bindings";
import {
  equalBytes,
  formatIpv4,
  formatMac,
  formatOpaque,
  type Ipv4Address,
  ipv4ToBytes,
  ipv4Unspecified,
} from "@leasewire/net";
import {
  encodeOptions4,
  type LeaseReply4,
  type Message4,
  MessageType4,
  messageTypeName4,
  Op4,
  RelayAgentSubOption,
  readLeaseReply4,
  StatusCode4,
  status4,
} from "@leasewire/wire";
import { ownColumns4 } from "../common/columns.ts";
import type { Context } from "./context.ts";
import { type Placement, place } from "./place.ts";
import type { Question4 } from "./question.ts";
import type { NoteName } from "./reasons.ts";
import type { RequestorRelay } from "./relay.ts";
import type { Query } from "./state.ts";
import { endOf, transactionTime } from "./times.ts";
import { type FollowUp, invalid, unusable, type Verdict } from "./verdict.ts";

/** Answers that a relay's individual requestor is concerned with (RFC 4388 §6.1). */
export function isReplyType4(messageType: number | undefined): boolean {
  return (
    messageType === MessageType4.DHCPLEASEACTIVE ||
    messageType === MessageType4.DHCPLEASEUNASSIGNED ||
    messageType === MessageType4.DHCPLEASEUNKNOWN
  );
}

/** Judges an answer to an outstanding DHCPv4 query (RFC 4388 §6.4, §6.5; steps of the relay: Junos). */
export function judgeReply4(context: Context, query: Query, question: Question4, message: Message4): Verdict {
  if (message.op !== Op4.BOOTREPLY) return invalid("wrong op", `The answer has op ${message.op} where 2 is due.`);
  if (message.giaddr !== question.gatewayAddress) {
    return invalid(
      "giaddr mismatch",
      `The answer has giaddr ${formatIpv4(message.giaddr)}; the query had ${formatIpv4(question.gatewayAddress)}.`,
    );
  }
  const read = readLeaseReply4(message);
  if (!read.ok) {
    const { code, message: text } = read.error;
    return code === "reply-ciaddr-zero"
      ? invalid("ciaddr mismatch", "The answer names no address in ciaddr.")
      : invalid(`malformed ${code}`, `The answer is not well formed: ${text}.`);
  }
  const reply = read.value;
  const { status } = reply;
  if (status !== undefined && status.code !== StatusCode4.Success) {
    return {
      kind: "refused",
      reason: status.code === StatusCode4.QueryTerminated ? "query-terminated" : "error code",
      text: `The server answered with status ${status4.show(status)}.`,
      notes: [],
    };
  }
  switch (reply.messageType) {
    case MessageType4.DHCPLEASEUNKNOWN:
      return {
        kind: "unconfirmed",
        text: "The server knows nothing about it (DHCPLEASEUNKNOWN).",
        dropReason: null,
        endings: [],
      };
    case MessageType4.DHCPLEASEUNASSIGNED:
      return unassigned(context, query, question, reply);
    case MessageType4.DHCPLEASEACTIVE:
      return active(context, query, question, message, reply);
  }
}

function unassigned(context: Context, query: Query, question: Question4, reply: LeaseReply4): Verdict {
  if (question.kind !== "address") {
    return invalid(
      "wrong message type",
      "DHCPLEASEUNASSIGNED only answers a query by address (RFC 4388 §6.4.1); this one was by another key.",
    );
  }
  if (reply.ciaddr !== question.address) return ciaddrMismatch(reply.ciaddr, question.address);
  const { instance } = query.server.relay;
  const stored = context.state.bindings.binding(4, instance, ipv4ToBytes(question.address), 32);
  return {
    kind: "unconfirmed",
    text: "The server manages the address and has not leased it (DHCPLEASEUNASSIGNED).",
    dropReason: null,
    endings: stored === undefined ? [] : [stored],
  };
}

function active(context: Context, query: Query, question: Question4, message: Message4, reply: LeaseReply4): Verdict {
  const { relay } = query.server;
  if (question.kind === "address" && reply.ciaddr !== question.address) {
    return ciaddrMismatch(reply.ciaddr, question.address);
  }
  const { clientIdentifier } = reply;
  if (question.kind === "mac" && !equalBytes(message.chaddr, question.hardwareAddress)) {
    return invalid(
      "answer for another client",
      `The answer is about MAC address ${formatMac(message.chaddr) || "(none)"}, not the one asked for.`,
    );
  }
  if (
    question.kind === "client-id" &&
    clientIdentifier !== undefined &&
    !equalBytes(clientIdentifier, question.clientId)
  ) {
    return invalid(
      "answer for another client",
      `The answer is about client ${formatOpaque(clientIdentifier)}, not the one asked for.`,
    );
  }

  const information = reply.relayAgentInformation;
  const circuitId = message.relayAgentOption(RelayAgentSubOption.circuitId);
  const notes: NoteName[] = [];
  if (circuitId === undefined && relay.interfaces.length > 0) {
    return unusable(
      "no circuit-id",
      information === undefined
        ? "The lease has no option 82, so it cannot be tied to an access interface. Let the server keep option 82 (ISC dhcpd: stash-agent-options true)."
        : "Option 82 of the lease has no circuit-id, so it cannot be tied to an access interface.",
    );
  }
  if (circuitId === undefined) notes.push("recorded without circuit-id");
  const placed = place(relay, circuitId);

  const nowSeconds = Math.floor(context.now / 1000);
  const heard = reply.clientLastTransactionTimeSeconds;
  const transaction = heard === undefined ? undefined : transactionTime(heard, nowSeconds);
  if (transaction?.wasAbsolute) notes.push("absolute client last transaction time");
  const started = reply.startTimeOfStateSeconds;
  const lease = reply.leaseTimeSeconds;
  const linkSelection = message.relayAgentOption(RelayAgentSubOption.linkSelection);
  const binding: BindingInput = {
    instance: relay.instance,
    address: ipv4ToBytes(reply.ciaddr),
    prefixLength: 32,
    kind: "address",
    // The message type follows the state (RFC 6926 §8.3), so option 156 can say nothing else here.
    state: BindingState.ACTIVE,
    hardwareType: message.htype,
    hardwareAddress: reply.chaddr,
    clientId: clientIdentifier,
    startTimeOfStateSeconds: started === undefined ? 0 : Math.max(1, nowSeconds - started),
    clientLastTransactionTimeSeconds: transaction?.seconds ?? 0,
    expiresAtSeconds: lease === undefined ? 0 : endOf(lease, nowSeconds),
    linkAddress: linkSelection?.length === 4 ? linkSelection : linkOf(relay, placed, question),
    relayAgentInformation: information,
    circuitId,
    remoteId: message.relayAgentOption(RelayAgentSubOption.remoteId),
    relayId: message.relayAgentOption(RelayAgentSubOption.relayId),
    options: remainingOptions(message),
    serverIdentifier: reply.serverIdentifier === undefined ? undefined : ipv4ToBytes(reply.serverIdentifier),
    serverAddress: query.server.address,
    dataSource: reply.dataSource ?? 0,
    origin: "individual",
    interfaceName: placed.interfaceName,
  };
  return {
    kind: "confirmed",
    leases: [binding],
    waitsFor: placed.waitsFor,
    notes,
    questions: query.label === null ? associatedAddresses(question, reply) : [],
    endings: [],
  };
}

/**
 * The giaddr of the interface the lease is placed on, else that of the query, which is the client's only where the relay
 * serves clients.
 */
function linkOf(relay: RequestorRelay, { interfaceName }: Placement, question: Question4): Uint8Array | undefined {
  if (relay.interfaces.length === 0) return undefined;
  const own = interfaceName === undefined ? undefined : relay.linkAddressOf?.(interfaceName);
  return own ?? ipv4ToBytes(question.gatewayAddress);
}

function ciaddrMismatch(found: Ipv4Address, asked: Ipv4Address): Verdict {
  return invalid("ciaddr mismatch", `The answer is about ${formatIpv4(found)}; asked was ${formatIpv4(asked)}.`);
}

/**
 * The other addresses of the client (RFC 4388 §6.1, option 92). Each is asked by address, since an answer describes one
 * address only.
 */
function associatedAddresses(question: Question4, reply: LeaseReply4): readonly FollowUp[] {
  const others = new Set(reply.associatedIps ?? []);
  others.delete(reply.ciaddr);
  others.delete(ipv4Unspecified);
  return [...others].map((address) => ({
    question: { family: 4, gatewayAddress: question.gatewayAddress, kind: "address", address },
    label: `associated address ${formatIpv4(address)}`,
  }));
}

function remainingOptions(message: Message4): Uint8Array | undefined {
  const rest = [...message.joinedOptions()].filter((option) => !ownColumns4.has(option.code));
  return rest.length === 0 ? undefined : encodeOptions4(rest);
}

export function messageName4(message: Message4): string {
  const type = message.messageType;
  return type === undefined ? "no message type" : (messageTypeName4(type) ?? `message type ${type}`);
}
