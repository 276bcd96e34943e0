import type { Binding, BindingTable } from "@leasewire/bindings";
import { EXPIRES_NEVER } from "@leasewire/bindings";
import { type Ipv4Address, ipv4FromBytes, ipv4PrefixContains, ipv4ToBytes } from "@leasewire/net";
import {
  type Leasequery4,
  type LeaseReply4,
  leaseReply4,
  type Message4,
  MessageType4,
  Op4,
  type Option4,
  OptionCode4,
  options4,
  readLeasequery4,
  secondsBefore,
} from "@leasewire/wire";
import { remainingSeconds } from "./lease.ts";
import { leasedBindings } from "./leased-bindings.ts";
import { drop, type ResponderScopes4, type Response } from "./scopes.ts";

/** What a DHCPREQUEST without a parameter request list would be told of the lease itself (RFC 4388 §6.2). */
const requestedByDefault: readonly number[] = [
  OptionCode4.leaseTime,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
];

/**
 * Answers a DHCPLEASEQUERY (RFC 4388 §6.4, by remote-id RFC 6148) out of the table. `now` in ms. The answer goes to the
 * query's giaddr.
 *
 * The RFCs know no error reply: what is not a proper query is dropped, with the reason of `readLeasequery4`, or
 * `op-unexpected`, `requestor-not-allowed`.
 */
export function respond4(table: BindingTable, scopes: ResponderScopes4, message: Message4, now: number): Response {
  if (message.op !== Op4.BOOTREQUEST) return drop("op-unexpected", `a query has op 1, this message ${message.op}`);
  const read = readLeasequery4(message);
  if (!read.ok) return drop(read.error.code, read.error.message);
  const query = read.value;
  if (scopes.requestors !== undefined && !isInside(scopes.requestors, query.giaddr)) {
    return drop("requestor-not-allowed", "this gateway address may not ask");
  }
  const nowSeconds = Math.floor(now / 1000);

  if (query.query.kind === "address") {
    const { address } = query.query;
    if (!isInside(scopes.managed, address)) return unknown(scopes, query, message);
    const row = table.byAddress(scopes.instance, ipv4ToBytes(address));
    const [binding] = leasedBindings(table, row < 0 ? [] : [row], nowSeconds);
    return binding === undefined
      ? reply({ ...header(scopes, query, message), messageType: MessageType4.DHCPLEASEUNASSIGNED })
      : active(scopes, query, binding, leasesOfClient(table, scopes, binding, nowSeconds), nowSeconds);
  }
  const bindings = leasedBindings(table, rowsOfClient(table, scopes, query), nowSeconds).filter(
    ({ hardwareType }) => query.query.kind !== "mac" || hardwareType === query.query.htype,
  );
  const [latest] = bindings;
  return latest === undefined ? unknown(scopes, query, message) : active(scopes, query, latest, bindings, nowSeconds);
}

function rowsOfClient(table: BindingTable, scopes: ResponderScopes4, { query }: Leasequery4): Iterable<number> {
  switch (query.kind) {
    case "mac":
      return table.byHardwareAddress(scopes.instance, query.address);
    case "client-id":
      return table.byClientId(scopes.instance, query.clientId);
    case "remote-id":
      return table.byRemoteId(scopes.instance, query.remoteId);
    case "address":
      return [];
  }
}

/** Every lease of the client that holds this one: by its client identifier, by its hardware address if it sent none. */
function leasesOfClient(
  table: BindingTable,
  { instance }: ResponderScopes4,
  { clientId, hardwareAddress, hardwareType }: Binding,
  nowSeconds: number,
): Binding[] {
  if (clientId !== undefined) return leasedBindings(table, table.byClientId(instance, clientId), nowSeconds);
  if (hardwareAddress === undefined) return [];
  return leasedBindings(table, table.byHardwareAddress(instance, hardwareAddress), nowSeconds).filter(
    (other) => other.clientId === undefined && other.hardwareType === hardwareType,
  );
}

/** Managed addresses only get here when nobody has them; this one has no place at all (RFC 4388 §6.4). */
function unknown(scopes: ResponderScopes4, query: Leasequery4, message: Message4): Response {
  return reply({
    ...header(scopes, query, message),
    messageType: MessageType4.DHCPLEASEUNKNOWN,
    // The one option beside the identifiers that may stand here (RFC 6148 §4.3).
    ...(query.query.kind === "remote-id"
      ? { relayAgentInformation: message.option(OptionCode4.relayAgentInformation) }
      : {}),
  });
}

function active(
  scopes: ResponderScopes4,
  query: Leasequery4,
  binding: Binding,
  leases: readonly Binding[],
  nowSeconds: number,
): Response {
  const requested = query.parameterRequestList.length === 0 ? requestedByDefault : query.parameterRequestList;
  const wants = (code: number): boolean => requested.includes(code) && !scopes.sensitiveOptions?.includes(code);
  const { expiresAtSeconds, clientLastTransactionTimeSeconds } = binding;
  const timed = expiresAtSeconds !== 0;
  // RFC 6148 §4.3: the answer to a query by remote-id always carries option 82.
  const wantsRelay = wants(OptionCode4.relayAgentInformation) || query.query.kind === "remote-id";
  const answer: LeaseReply4 = {
    messageType: MessageType4.DHCPLEASEACTIVE,
    xid: query.xid,
    giaddr: query.giaddr,
    ciaddr: ipv4FromBytes(binding.address),
    serverIdentifier: scopes.serverIdentifier,
    ...(binding.hardwareAddress === undefined
      ? {}
      : { htype: binding.hardwareType, chaddr: binding.hardwareAddress.subarray(0, 16) }),
    ...(timed && wants(OptionCode4.leaseTime)
      ? { leaseTimeSeconds: remainingSeconds(expiresAtSeconds, nowSeconds) }
      : {}),
    ...timer(binding, nowSeconds, 0.5, wants(OptionCode4.renewalTime), "renewalTimeSeconds"),
    ...timer(binding, nowSeconds, 0.875, wants(OptionCode4.rebindingTime), "rebindingTimeSeconds"),
    ...(clientLastTransactionTimeSeconds !== 0 && wants(OptionCode4.clientLastTransactionTime)
      ? { clientLastTransactionTimeSeconds: secondsBefore(nowSeconds, clientLastTransactionTimeSeconds) }
      : {}),
    ...(binding.clientId !== undefined && wants(OptionCode4.clientIdentifier)
      ? { clientIdentifier: binding.clientId }
      : {}),
    // More than one address: the list must be told, asked for or not (RFC 4388 §6.4.2).
    ...(leases.length > 1 || (leases.length === 1 && wants(OptionCode4.associatedIp))
      ? { associatedIps: leases.map(({ address }) => ipv4FromBytes(address)) }
      : {}),
    ...(wantsRelay && binding.relayAgentInformation !== undefined
      ? { relayAgentInformation: binding.relayAgentInformation }
      : {}),
    options: storedOptions(binding, wants),
  };
  return reply(answer, query.parameterRequestList);
}

/** T1 or T2 as far as it lies ahead; it must not be told when it has passed (RFC 4388 §6.4.2). */
function timer(
  { expiresAtSeconds, clientLastTransactionTimeSeconds: since }: Binding,
  nowSeconds: number,
  fraction: number,
  wanted: boolean,
  field: "renewalTimeSeconds" | "rebindingTimeSeconds",
): Partial<LeaseReply4> {
  if (!wanted || since === 0 || expiresAtSeconds === 0 || expiresAtSeconds === EXPIRES_NEVER) return {};
  const at = since + Math.floor((expiresAtSeconds - since) * fraction);
  return at > nowSeconds ? { [field]: at - nowSeconds } : {};
}

/** What the client was given or sent, as far as it is asked for; pieces of one code are joined again. */
function storedOptions(binding: Binding, wants: (code: number) => boolean): Option4[] {
  const byCode = new Map<number, Uint8Array>();
  for (const { code, data } of binding.options === undefined ? [] : options4(binding.options)) {
    if (!wants(code) || ownOptions.has(code)) continue;
    const before = byCode.get(code);
    const joined = new Uint8Array((before?.length ?? 0) + data.length);
    if (before !== undefined) joined.set(before);
    joined.set(data, before?.length ?? 0);
    byCode.set(code, joined);
  }
  return Array.from(byCode, ([code, data]) => ({ code, data }));
}

/** Options that follow from the binding or the message itself, never from what was stored with it. */
const ownOptions: ReadonlySet<number> = new Set([
  OptionCode4.overload,
  OptionCode4.leaseTime,
  OptionCode4.messageType,
  OptionCode4.serverIdentifier,
  OptionCode4.parameterRequestList,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
  OptionCode4.clientIdentifier,
  OptionCode4.relayAgentInformation,
  OptionCode4.clientLastTransactionTime,
  OptionCode4.associatedIp,
]);

/** Only identifiers: DHCPLEASEUNASSIGNED and DHCPLEASEUNKNOWN tell nothing else (RFC 4388 §6.4.2). */
function header(
  { serverIdentifier }: ResponderScopes4,
  { xid, giaddr }: Leasequery4,
  { ciaddr }: Message4,
): Omit<LeaseReply4, "messageType"> {
  return { xid, giaddr, ciaddr, serverIdentifier };
}

function reply(answer: LeaseReply4, parameterRequestList: readonly number[] = []): Response {
  return {
    kind: "reply",
    bytes: leaseReply4(answer, parameterRequestList),
    unknown: answer.messageType !== MessageType4.DHCPLEASEACTIVE,
  };
}

function isInside(
  prefixes: readonly { readonly address: Ipv4Address; readonly length: number }[],
  address: Ipv4Address,
): boolean {
  return prefixes.some((prefix) => ipv4PrefixContains(prefix, address));
}
