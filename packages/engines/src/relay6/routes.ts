import { Field } from "@leasewire/bindings";
import { equalBytes, formatIpv6 } from "@leasewire/net";
import { MessageType6, OptionCode6 } from "@leasewire/wire";
import { addressOfRow } from "../server6/leases.ts";
import { isReachable } from "./addresses.ts";
import { type Context6, note } from "./context.ts";
import { NESTING_MAX, relayOptionAt } from "./scan.ts";
import type { InstalledRoute, Place6, Relay6 } from "./state.ts";

/** Keeps the route of a delegated prefix as the row is: there while it is bound on an interface of a relay agent with `access-routes`. */
export function followRoute(
  context: Context6,
  row: number,
  place: Place6 | undefined,
  relay: Relay6 | undefined,
): void {
  const { state, out } = context;
  const { routes, table, limits } = state;
  const installed = routes.get(row);
  const isWanted =
    place !== undefined && relay?.configuration.accessRoutes === true && table.prefixLengthOf(row) !== 128;
  if (installed === undefined && !isWanted) return;
  const wanted = isWanted ? routeOf(context, row, place, relay) : undefined;
  if (isWanted && wanted === undefined) note(context, place.instance, "no route");
  if (installed !== undefined) {
    if (wanted !== undefined && isSameRoute(installed, wanted)) return;
    routes.delete(row);
    out.routes.push({ kind: "remove", ...installed });
  }
  if (wanted === undefined) return;
  if (routes.size >= limits.routesMax) {
    note(context, wanted.instance, "no route");
    return;
  }
  routes.set(row, wanted);
  out.routes.push({ kind: "add", ...wanted });
}

/** Routes of relay agents that are no longer there, or no longer want any; those of the others are looked at with their rows. */
export function endRoutes({ state, out }: Context6): void {
  for (const [row, route] of state.routes) {
    if (state.relays.get(route.instance)?.configuration.accessRoutes) continue;
    state.routes.delete(row);
    out.routes.push({ kind: "remove", ...route });
  }
}

function routeOf({ state }: Context6, row: number, place: Place6, relay: Relay6): InstalledRoute | undefined {
  const { table } = state;
  const interfaceName = table.interfaceNameOf(row);
  const data = table.fieldOf(row, Field.relayAgentInformation);
  if (place === relay.unplaced || interfaceName === undefined || data === undefined) return undefined;
  const nextHop = nextHopIn(relay, data);
  if (nextHop === undefined) return undefined;
  return {
    instance: relay.instance,
    prefix: addressOfRow(table, row),
    length: table.prefixLengthOf(row),
    interfaceName,
    nextHop: formatIpv6(nextHop),
  };
}

/**
 * The neighbour on our link: peer-address of the RELAY-FORW that this relay agent wrote. Servers may have had it through others: ours
 * is the one with our Relay-ID or an Interface-ID of ours, else the outermost.
 */
function nextHopIn(relay: Relay6, data: Uint8Array): Uint8Array | undefined {
  let own = 16;
  let from = 16;
  let to = data.length;
  for (let depth = 0; depth < NESTING_MAX && to - from >= 34; depth += 1) {
    if (data[from] !== MessageType6["RELAY-FORW"]) break;
    if (isOwn(relay, data, from, to)) {
      own = from;
      break;
    }
    const at = relayOptionAt(data, from, to, OptionCode6.RELAY_MSG);
    if (at < 0) break;
    from = at + 4;
    to = from + ((data[at + 2]! << 8) | data[at + 3]!);
  }
  if (data.length < own + 34) return undefined;
  const peer = data.subarray(own + 18, own + 34);
  return isReachable(peer) ? peer : undefined;
}

function isOwn(relay: Relay6, data: Uint8Array, from: number, to: number): boolean {
  const option = (code: number): Uint8Array | undefined => {
    const at = relayOptionAt(data, from, to, code);
    return at < 0 ? undefined : data.subarray(at + 4, at + 4 + ((data[at + 2]! << 8) | data[at + 3]!));
  };
  const relayId = option(OptionCode6.RELAY_ID);
  if (relayId !== undefined && relay.configuration.relayId !== undefined)
    return equalBytes(relayId, relay.configuration.relayId);
  const interfaceId = option(OptionCode6.INTERFACE_ID);
  return interfaceId !== undefined && relay.byInterfaceId.exact(interfaceId) !== undefined;
}

function isSameRoute(a: InstalledRoute, b: InstalledRoute): boolean {
  return (
    a.instance === b.instance &&
    a.length === b.length &&
    a.interfaceName === b.interfaceName &&
    a.nextHop === b.nextHop &&
    equalBytes(a.prefix, b.prefix)
  );
}
