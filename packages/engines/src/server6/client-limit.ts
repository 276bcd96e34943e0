import { Field } from "@leasewire/bindings";
import { OptionCode6 } from "@leasewire/wire";
import { clientLimitAt } from "../server-common/interface-overrides.ts";
import { octetsKey } from "../server-common/octets.ts";
import type { Exchange6 } from "./exchange.ts";
import { nearestRelayOption } from "./identity.ts";
import { isLeased } from "./leases.ts";

/**
 * Whether a client without a lease would be one too many on its interface: that of the relay (Interface-ID and link-address), or
 * ours. Clients are counted up to the limit each time: it is small.
 */
export function isOverClientLimit(exchange: Exchange6): boolean {
  const { context, server, relays, link, arrival } = exchange;
  const limit = clientLimitAt(server.configuration, arrival.interfaceName);
  if (limit === undefined || exchange.rows.some(({ leased }) => leased)) return false;
  const { table } = context.state;
  const circuitId = nearestRelayOption(relays, OptionCode6.INTERFACE_ID);
  const rows =
    circuitId !== undefined
      ? table.byCircuitId(server.instance, circuitId)
      : link.address !== undefined
        ? table.byLinkAddress(server.instance, link.address)
        : [];
  const clients = new Set<string>();
  for (const row of rows) {
    if (!isLeased(table, row, context.nowSeconds)) continue;
    if (relays.length === 0 && table.interfaceNameOf(row) !== arrival.interfaceName) continue;
    const duid = table.fieldOf(row, Field.clientId);
    if (duid !== undefined) clients.add(octetsKey(duid));
    if (clients.size >= limit) return true;
  }
  return clients.size >= limit;
}
