import { BindingState, Field } from "@leasewire/bindings";
import { hardwareAddressOf } from "../server6/identity.ts";
import { remoteIdOctets } from "./configuration.ts";
import type { Context6 } from "./context.ts";
import type { Access6, Relay6 } from "./state.ts";

const NO_RELAYS: readonly never[] = [];

/**
 * Texts for Interface-ID and Remote-ID out of option 82 of the client's DHCPv4 binding (`use-option-82 strict`): that of the same
 * hardware address on the same interface. The hardware address is the one the message came from, else that in the DUID. undefined:
 * there is no such binding, or it lacks what is asked for.
 */
export function option82Of(
  { state }: Context6,
  relay: Relay6,
  access: Access6,
  hardwareAddress: Uint8Array | undefined,
  duid: Uint8Array | undefined,
): { readonly interfaceId?: Uint8Array; readonly remoteId?: Uint8Array } | undefined {
  const { relayAgentInterfaceId, relayAgentRemoteId } = access.configuration;
  const table = state.table4;
  const address = hardwareAddress ?? (duid === undefined ? undefined : hardwareAddressOf(duid, NO_RELAYS)?.address);
  if (table === undefined || address === undefined) return undefined;
  let visits = 0;
  for (const row of table.byHardwareAddress(relay.instance, address)) {
    visits += 1;
    if (visits > state.limits.rowsPerClientMax) break;
    if (table.stateOf(row) !== BindingState.ACTIVE || table.interfaceNameOf(row) !== access.name) continue;
    const interfaceId = relayAgentInterfaceId?.useOption82Strict
      ? copy(table.fieldOf(row, Field.circuitId))
      : undefined;
    const remoteId = relayAgentRemoteId?.useOption82Strict ? copy(table.fieldOf(row, Field.remoteId)) : undefined;
    if (relayAgentInterfaceId?.useOption82Strict && interfaceId === undefined) continue;
    if (relayAgentRemoteId?.useOption82Strict && remoteId === undefined) continue;
    return {
      ...(interfaceId === undefined ? {} : { interfaceId }),
      ...(remoteId === undefined || relayAgentRemoteId === undefined
        ? {}
        : { remoteId: remoteIdOctets(relayAgentRemoteId.enterpriseNumber, remoteId) }),
    };
  }
  return undefined;
}

/** What the table gives is good until its next change only. */
function copy(octets: Uint8Array | undefined): Uint8Array | undefined {
  return octets === undefined || octets.length === 0 ? undefined : octets.slice();
}
