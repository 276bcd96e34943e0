import { BindingState } from "@leasewire/bindings";
import { MessageType6 } from "@leasewire/wire";
import type { Context6 } from "./context.ts";
import type { Access6, Relay6 } from "./state.ts";

/**
 * Whether a client without a binding on the interface would be one too many there (`interface-client-limit`). Clients whose
 * exchanges are under way are not counted: so many more can get through at once.
 */
export function isOverClientLimit({ clients, configuration }: Access6, type: number, duidKey: string): boolean {
  const limit = configuration.overrides.interfaceClientLimit;
  if (limit === undefined || clients === undefined || !isAskingForLeases(type)) return false;
  return clients.rowsOfClient.size >= limit && !clients.rowsOfClient.has(duidKey);
}

function isAskingForLeases(type: number): boolean {
  return type === MessageType6.SOLICIT || type === MessageType6.REQUEST || type === MessageType6.REBIND;
}

/** Whether a client asks for leases of which nothing is known here (`no-bind-on-request`). */
export function isUnknownClient(
  { state }: Context6,
  relay: Relay6,
  type: number,
  duid: Uint8Array,
  duidKey: string,
): boolean {
  if (type !== MessageType6.REQUEST && type !== MessageType6.RENEW && type !== MessageType6.REBIND) return false;
  if (relay.exchangesOfClients.has(duidKey)) return false;
  let visits = 0;
  for (const row of state.table.byClientId(relay.instance, duid)) {
    if (state.table.stateOf(row) === BindingState.ACTIVE) return false;
    visits += 1;
    if (visits >= state.limits.rowsPerClientMax) break;
  }
  return true;
}
