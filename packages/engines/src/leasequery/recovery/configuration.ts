import { formatHex, formatOpaque } from "@leasewire/net";
import { interfaceOf } from "../requestor/relay.ts";
import type { Context } from "./context.ts";
import { KnownOctets } from "./known-octets.ts";
import type { RecoveryLimits } from "./limits.ts";
import type { RecoveryRelay } from "./messages.ts";
import { dropServer, startQueued } from "./runs.ts";
import type { Place, Relay } from "./state.ts";
import { dropStream, keepStreams } from "./streams.ts";

/**
 * Takes a committed configuration. What is under way goes on with the values it began with, except that it ends when its
 * relay may not ask any more, or no longer knows the server.
 */
export function onConfiguration(context: Context, relays: readonly RecoveryRelay[], connectionsMax: number): void {
  const { state } = context;
  state.requestedConnectionsMax = connectionsMax;
  state.relays.clear();
  for (const configured of relays) {
    const relay = prepare(configured, state.limits, state.octetsKnown);
    state.relays.set(`${relay.family}|${relay.instance}`, relay);
  }
  const knows = ({ family, instance }: Relay, address: string, port: number): boolean =>
    state.relays
      .get(`${family}|${instance}`)
      ?.configured.servers.some((server) => server.address === address && server.port === port) === true;
  for (const run of state.runs.values()) {
    if (run.finishedAtMs !== null) continue;
    for (const server of run.servers) {
      if (knows(server.relay, server.address, server.server.port)) continue;
      const gone = !state.relays.has(`${server.relay.family}|${server.relay.instance}`);
      dropServer(
        context,
        server,
        gone
          ? "Ended by a commit: this relay has no bulk leasequery any more."
          : `Ended by a commit: ${server.address} is no server of this relay any more.`,
      );
    }
  }
  for (const stream of [...state.streams.values()]) {
    const relay = state.relays.get(`${stream.relay.family}|${stream.relay.instance}`);
    const stays = relay?.configured.active !== undefined && knows(stream.relay, stream.address, stream.server.port);
    if (!stays) dropStream(context, stream);
  }
  for (const relay of state.relays.values()) keepStreams(context, relay);
  // An interface may have come.
  for (const lease of state.waiting) lease.dueMs = Math.min(lease.dueMs, context.now);
  startQueued(context);
}

function prepare(configured: RecoveryRelay, limits: RecoveryLimits, numbers: { last: number }): Relay {
  return {
    configured,
    family: configured.family,
    instance: configured.instance,
    strict: configured.interfaces.length > 0,
    places: new KnownOctets(limits.placesMax, numbers, (octets) => placeOf(configured, octets)),
    relayIds: new KnownOctets(limits.placesMax, numbers, (octets) => formatHex(octets)),
    counters: undefined,
  };
}

/**
 * A relay with client interfaces needs one of its own; a relay that only asks takes the text as it is, where it is
 * printable.
 */
function placeOf(relay: RecoveryRelay, octets: Uint8Array): Place {
  const text = formatOpaque(octets);
  const printable = text !== "" && !text.startsWith("0x");
  if (relay.interfaces.length === 0) {
    const fits = printable && text.length <= interfaceNameLengthMax;
    return { interfaceName: fits ? text : undefined, waitsFor: null, linkAddress: undefined };
  }
  const found = relay.interfaceOf?.(octets) ?? (printable ? interfaceOf(relay, text) : undefined);
  return found === undefined
    ? { interfaceName: undefined, waitsFor: text, linkAddress: undefined }
    : { interfaceName: found, waitsFor: null, linkAddress: relay.linkAddressOf?.(found) };
}

const interfaceNameLengthMax = 128;
