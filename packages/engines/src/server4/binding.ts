import { type BindingInput, BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { ipv4ToBytes } from "@leasewire/net";
import { encodeOptions4 } from "@leasewire/wire";
import { clientLimitAt } from "../server-common/interface-overrides.ts";
import { type Context4, note } from "./context.ts";
import type { Place } from "./leases.ts";
import { serverIdentifierFor } from "./reply.ts";
import { type Request4, toldOptions } from "./request.ts";

/** The lease as this exchange makes it. `leaseSeconds`: 2^32 − 1 is without end. */
export function leaseBinding(context: Context4, request: Request4, place: Place, leaseSeconds: number): BindingInput {
  const { state, nowSeconds } = context;
  const { table } = state;
  const { server, message, giaddr, clientId, hardwareAddress, relayInformation, arrival } = request;
  const renewed = place.isOwnLease;
  const binding: BindingInput = {
    instance: server.instance,
    address: ipv4ToBytes(place.address),
    prefixLength: 32,
    kind: "address",
    state: BindingState.ACTIVE,
    hardwareType: message.htype,
    hardwareAddress: hardwareAddress.length === 0 ? undefined : hardwareAddress,
    clientId,
    startTimeOfStateSeconds: renewed ? table.startTimeOfStateSecondsOf(place.row) : nowSeconds,
    clientLastTransactionTimeSeconds: nowSeconds,
    expiresAtSeconds:
      leaseSeconds === EXPIRES_NEVER ? EXPIRES_NEVER : Math.min(nowSeconds + leaseSeconds, EXPIRES_NEVER - 1),
    linkAddress: giaddr === 0 ? undefined : ipv4ToBytes(giaddr),
    relayAgentInformation: relayInformation,
    circuitId: request.circuitId,
    remoteId: request.remoteId,
    relayId: request.relayId,
    options: storedOptions(context, request),
    serverIdentifier: ipv4ToBytes(serverIdentifierFor(request, place.range.pool)),
    dataSource: 0,
    origin: "server",
    interfaceName: giaddr === 0 && !request.unicast ? arrival.interfaceName : undefined,
  };
  // A client that renews by unicast passes its relay by: where it is, the last exchange through the relay told.
  if (renewed && request.unicast && relayInformation === undefined) {
    const before = table.at(place.row)!;
    binding.linkAddress = before.linkAddress;
    binding.relayAgentInformation = before.relayAgentInformation;
    binding.circuitId = before.circuitId;
    binding.remoteId = before.remoteId;
    binding.relayId = before.relayId;
    binding.interfaceName = before.interfaceName;
  }
  return binding;
}

/** Ends the lease of a row or marks its address; what is known of the client stays with a released one. */
export function endBinding(context: Context4, row: number, cause: string): void {
  const {
    id: _id,
    row: _row,
    sequence: _sequence,
    changedAtSeconds: _changed,
    ...before
  } = context.state.table.at(row)!;
  context.out.changes.push({
    binding: {
      ...before,
      state: BindingState.RELEASED,
      startTimeOfStateSeconds: context.nowSeconds,
      clientLastTransactionTimeSeconds: context.nowSeconds,
      dataSource: 0,
      origin: "server",
    },
    cause,
  });
}

/** Somebody uses the address who was not given it: nobody has it from us, and it is not given out for a while. */
export function abandon(context: Context4, request: Request4, { address, range }: Place, cause: string): void {
  context.out.changes.push({
    binding: unheldBinding(
      request.server.instance,
      address,
      BindingState.ABANDONED,
      context.nowSeconds,
      serverIdentifierFor(request, range.pool),
    ),
    cause,
  });
}

export function unheldBinding(
  instance: BindingInput["instance"],
  address: number,
  state: number,
  nowSeconds: number,
  serverIdentifier: number,
): BindingInput {
  return {
    instance,
    address: ipv4ToBytes(address),
    prefixLength: 32,
    kind: "address",
    state,
    hardwareType: 0,
    startTimeOfStateSeconds: nowSeconds,
    clientLastTransactionTimeSeconds: 0,
    expiresAtSeconds: 0,
    serverIdentifier: serverIdentifier === 0 ? undefined : ipv4ToBytes(serverIdentifier),
    dataSource: 0,
    origin: "server",
  };
}

/** Whether the client interface has as many leases as it may; clients behind a relay are on no interface of this node. */
export function isFull({ server, arrival, giaddr }: Request4): boolean {
  const limit = clientLimitAt(server.configuration, arrival.interfaceName);
  if (limit === undefined || giaddr !== 0 || arrival.interfaceName === undefined) return false;
  const number = server.interfaceNumbers.get(arrival.interfaceName);
  return (number === undefined ? 0 : (server.clientsByInterface[number] ?? 0)) >= limit;
}

function storedOptions(context: Context4, { message, server }: Request4): Uint8Array | undefined {
  const options = toldOptions(message);
  if (options.length === 0) return undefined;
  const encoded = encodeOptions4(options);
  if (encoded.length <= context.state.limits.storedOptionsOctetsMax) return encoded;
  note(context, server.instance, "client options not kept");
  return undefined;
}
