import { type BindingInput, BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { OptionCode6, type RelayMessage6 } from "@leasewire/wire";
import { octetsOfSource } from "./arrival.ts";
import { note } from "./context.ts";
import type { Exchange6, Lease6 } from "./exchange.ts";
import { hardwareAddressOf, nearestRelayOption } from "./identity.ts";
import { temporaryMark } from "./leases.ts";
import type { IaRequest } from "./request.ts";

/** `seconds` after now, as the table has times; infinity stays infinity (RFC 9915 §7.7). */
export function secondsFromNow(nowSeconds: number, seconds: number): number {
  return seconds === EXPIRES_NEVER ? EXPIRES_NEVER : Math.min(nowSeconds + seconds, EXPIRES_NEVER - 1);
}

/** What of the bindings of a message is the same for all its leases; made with the first of them. */
export interface BindingCommon {
  readonly hardwareType: number;
  readonly hardwareAddress: Uint8Array | undefined;
  readonly relayAgentInformation: Uint8Array | undefined;
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  readonly relayId: Uint8Array | undefined;
  readonly options: Uint8Array | undefined;
}

export function bindingCommon(exchange: Exchange6): BindingCommon {
  const { relays, duid } = exchange;
  const hardware = hardwareAddressOf(duid, relays);
  return {
    hardwareType: hardware?.type ?? 0,
    hardwareAddress: hardware?.address,
    relayAgentInformation: relays.length === 0 ? undefined : relayData(exchange),
    circuitId: nearestRelayOption(relays, OptionCode6.INTERFACE_ID),
    remoteId: nearestRelayOption(relays, OptionCode6.REMOTE_ID),
    relayId: nearestRelayOption(relays, OptionCode6.RELAY_ID),
    options: keptOptions(exchange),
  };
}

/** The binding of a lease that is granted or extended now. */
export function grantedBinding(exchange: Exchange6, ia: IaRequest, lease: Lease6, common: BindingCommon): BindingInput {
  const { context, server } = exchange;
  const { nowSeconds, state } = context;
  const { preferredLifetimeSeconds, validLifetimeSeconds } = lease.pool.configuration;
  return {
    instance: server.instance,
    address: lease.address,
    prefixLength: lease.length,
    kind: ia.kind === "pd" ? "prefix" : "address",
    state: BindingState.ACTIVE,
    hardwareType: common.hardwareType,
    hardwareAddress: common.hardwareAddress,
    clientId: exchange.duid,
    iaid: ia.iaid,
    startTimeOfStateSeconds: lease.row > 0 ? state.table.startTimeOfStateSecondsOf(lease.row) : nowSeconds,
    clientLastTransactionTimeSeconds: nowSeconds,
    expiresAtSeconds: secondsFromNow(nowSeconds, validLifetimeSeconds),
    preferredUntilSeconds: secondsFromNow(nowSeconds, preferredLifetimeSeconds),
    linkAddress: exchange.link.address,
    relayAgentInformation: common.relayAgentInformation,
    circuitId: common.circuitId,
    remoteId: common.remoteId,
    relayId: common.relayId,
    options: ia.kind === "ta" ? withMark(temporaryMark(ia.iaid), common.options) : common.options,
    serverIdentifier: server.duid,
    dataSource: 0,
    origin: "server",
    interfaceName: relayed(exchange) ? undefined : exchange.arrival.interfaceName,
  };
}

function relayed({ relays }: Exchange6): boolean {
  return relays.length > 0;
}

/** The stored binding in the row, in a state that ends it. */
export function endedBinding(exchange: Exchange6, row: number, state: number, expiresAtSeconds: number): BindingInput {
  const { context } = exchange;
  const { nowSeconds } = context;
  const stored = context.state.table.at(row)!;
  return {
    ...stored,
    state,
    startTimeOfStateSeconds: nowSeconds,
    clientLastTransactionTimeSeconds: nowSeconds,
    expiresAtSeconds,
    preferredUntilSeconds: 0,
    origin: "server",
    dataSource: 0,
  };
}

/** What leasequery may tell of the client later, and whether it takes RECONFIGURE. */
function keptOptions(exchange: Exchange6): Uint8Array | undefined {
  const { context, server, request } = exchange;
  const accepts = request.reconfigureAccept && server.configuration.reconfigure;
  let length = accepts ? 4 : 0;
  for (const option of request.kept) length += option.length;
  if (length === 0) return undefined;
  if (length > context.state.limits.storedOptionsOctetsMax) {
    note(context, server.instance, "client options not kept");
    return accepts ? RECONFIGURE_ACCEPT : undefined;
  }
  const out = new Uint8Array(length);
  let at = 0;
  if (accepts) {
    out.set(RECONFIGURE_ACCEPT);
    at = 4;
  }
  for (const option of request.kept) {
    out.set(option, at);
    at += option.length;
  }
  return out;
}

const RECONFIGURE_ACCEPT = Uint8Array.of(0, OptionCode6.RECONF_ACCEPT, 0, 0);

function withMark(mark: Uint8Array, options: Uint8Array | undefined): Uint8Array {
  if (options === undefined) return mark;
  const out = new Uint8Array(mark.length + options.length);
  out.set(mark);
  out.set(options, mark.length);
  return out;
}

/**
 * LQ_RELAY_DATA (RFC 5007 §4.1.2.4): the address the message came from, and the RELAY-FORWs as they were, without the
 * RELAY_MSG option of the innermost.
 */
function relayData(exchange: Exchange6): Uint8Array | undefined {
  const { context, relays, arrival } = exchange;
  const { state } = context;
  const length = 16 + lengthWithoutMessage(relays, 0);
  if (length > state.limits.storedRelayOctetsMax) {
    note(context, exchange.server.instance, "relay data not kept");
    return undefined;
  }
  const out = state.relayData.take(length);
  out.set(octetsOfSource(state, arrival.sourceAddress));
  writeWithoutMessage(relays, 0, out, 16);
  return out;
}

function lengthWithoutMessage(relays: readonly RelayMessage6[], index: number): number {
  const { bytes } = relays[index]!;
  const { at, end } = relayMessageIn(relays[index]!);
  const around = bytes.length - (end - at);
  return index + 1 === relays.length ? around : around + 4 + lengthWithoutMessage(relays, index + 1);
}

/** Gives the offset behind what it wrote. */
function writeWithoutMessage(relays: readonly RelayMessage6[], index: number, out: Uint8Array, outAt: number): number {
  const { bytes } = relays[index]!;
  const { at, end } = relayMessageIn(relays[index]!);
  out.set(bytes.subarray(0, at), outAt);
  let to = outAt + at;
  if (index + 1 < relays.length) {
    const behind = writeWithoutMessage(relays, index + 1, out, to + 4);
    const length = behind - to - 4;
    out[to] = 0;
    out[to + 1] = OptionCode6.RELAY_MSG;
    out[to + 2] = length >>> 8;
    out[to + 3] = length;
    to = behind;
  }
  out.set(bytes.subarray(end), to);
  return to + bytes.length - end;
}

function relayMessageIn(relay: RelayMessage6): { at: number; end: number } {
  const { bytes } = relay;
  const at = relay.optionOffset(OptionCode6.RELAY_MSG);
  return { at, end: at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!) };
}
