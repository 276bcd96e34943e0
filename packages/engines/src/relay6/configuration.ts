import type { RelayConfiguration } from "@leasewire/config";
import { equalBytes, type InstanceName, parseIpv6 } from "@leasewire/net";
import { InterfaceIndex, interfaceText, remoteIdText, textOctets } from "../relay-common/interface-text.ts";
import type { RelayInterface } from "../relay-common/messages.ts";
import { serversOf } from "../relay-common/servers.ts";
import { octetsKey } from "../server-common/octets.ts";
import { isGlobal, isLinkLocal } from "./addresses.ts";
import type { Context6 } from "./context.ts";
import { forgetExchangesOf } from "./exchanges.ts";
import { followFromStart } from "./follow-table.ts";
import { makeHead, relayParts } from "./head.ts";
import { type Access6, countersOf, type Place6, type Relay6, type ServerTarget } from "./state.ts";

const UNSPECIFIED = new Uint8Array(16);

/**
 * Takes a committed configuration. Where relay agents or interfaces changed they are made anew, and bindings of theirs are found
 * in the table step by step; most commits change neither. Exchanges under way are forgotten then: their answers are passed on.
 */
export function onConfiguration(
  context: Context6,
  configurations: readonly RelayConfiguration[],
  interfaces: readonly RelayInterface[],
  hostName: string | undefined,
): void {
  const { state } = context;
  const own = configurations.filter(({ family }) => family === 6);
  const layout = { relays: own, interfaces, hostName };
  if (isSame(layout, state.layout)) return;
  state.layout = layout;
  const restoring = new Map([...state.relays].map(([instance, relay]) => [instance, relay.restoring]));
  for (const relay of state.relays.values()) forgetExchangesOf(state, relay);
  state.relays.clear();
  const places: (Place6 | undefined)[] = [undefined];
  for (const configuration of own) {
    const { instance } = configuration;
    const relay = makeRelay(
      configuration,
      interfaces.filter((one) => one.instance === instance),
      hostName,
      places,
      countersOf(state, instance, context.now),
      restoring.get(instance) ?? new Map(),
    );
    restoring.delete(instance);
    state.relays.set(instance, relay);
  }
  for (const gone of restoring.values()) state.restoringCount -= gone.size;
  state.places = places;
  followFromStart(context);
}

function makeRelay(
  configuration: RelayConfiguration,
  interfaces: readonly RelayInterface[],
  hostName: string | undefined,
  places: (Place6 | undefined)[],
  counters: Relay6["counters"],
  restoring: Relay6["restoring"],
): Relay6 {
  const { instance, listenAddress } = configuration;
  const parsed = listenAddress === undefined ? undefined : parseIpv6(listenAddress);
  const ownAddress = parsed?.ok ? parsed.value : UNSPECIFIED;
  const parts = relayParts({ ownAddress, configuration });
  const byName = new Map(interfaces.map((one) => [one.name, one]));
  const linkAddresses = interfaces.map((one) => octetsKey(linkAddressOf(one)));
  const access = new Map<string, Access6>();
  const byInterfaceId = new InterfaceIndex<Access6>();
  const byLinkAddress = new Map<string, Access6 | null>();
  for (const one of configuration.accessInterfaces) {
    const known = byName.get(one.name);
    // Without the interface there are no packets from it, but it has bindings and is named in replies.
    const named: RelayInterface = known ?? { instance, name: one.name, addresses: [] };
    const linkAddress = linkAddressOf(named);
    const linkKey = octetsKey(linkAddress);
    const linkIsGlobal = isGlobal(linkAddress);
    const linkIsUnique = linkIsGlobal && linkAddresses.filter((other) => other === linkKey).length <= 1;
    const { relayAgentInterfaceId: idForm, relayAgentRemoteId: remoteForm } = one;
    const idText = idForm === undefined ? one.name : interfaceText(idForm, named, hostName);
    const remoteText = remoteForm === undefined ? undefined : remoteIdText(remoteForm, named, hostName);
    const interfaceIdIsWanted = idForm === undefined ? !linkIsUnique : !idForm.useOption82Strict;
    const interfaceId =
      interfaceIdIsWanted && idText !== undefined ? textOctets(idText, IDENTIFIER_OCTETS_MAX) : undefined;
    const remoteId =
      remoteForm === undefined || remoteForm.useOption82Strict || remoteText === undefined
        ? undefined
        : remoteIdOctets(remoteForm.enterpriseNumber, textOctets(remoteText, IDENTIFIER_OCTETS_MAX));
    const subscriberId =
      one.relayAgentSubscriberId === undefined || one.relayAgentSubscriberId === ""
        ? undefined
        : textOctets(one.relayAgentSubscriberId, IDENTIFIER_OCTETS_MAX);
    const place = makePlace(places, instance, one.overrides.interfaceClientLimit !== undefined);
    const made: Access6 = {
      ...place,
      name: one.name,
      configuration: one,
      interface: known,
      servers: targets(serversOf(configuration, one), listenAddress),
      linkAddress,
      linkIsGlobal,
      linkIsUnique,
      interfaceId,
      remoteId,
      subscriberId,
      nameless: idText === undefined || (remoteForm !== undefined && remoteText === undefined),
      headIsFixed: !(idForm?.useOption82Strict || remoteForm?.useOption82Strict),
      clientHead: makeHead({ ...parts, linkAddress, interfaceId, remoteId, subscriberId }),
    };
    places[made.number] = made;
    access.set(one.name, made);
    byInterfaceId.add(made, interfaceId);
    if (linkIsGlobal) byLinkAddress.set(linkKey, byLinkAddress.has(linkKey) || !linkIsUnique ? null : made);
  }
  return {
    instance,
    configuration,
    counters,
    ownAddress,
    servers: targets(serversOf(configuration, configuration), listenAddress),
    access,
    byInterfaceId,
    byLinkAddress,
    unplaced: makePlace(places, instance, false),
    exchangesOfClients: new Map(),
    restoring,
    remoteHead: makeHead({ ...parts, linkAddress: UNSPECIFIED }),
  };
}

/** Room enough for any name of an interface or host, and never what makes a message too long to be sent. */
const IDENTIFIER_OCTETS_MAX = 255;

function makePlace(places: (Place6 | undefined)[], instance: InstanceName, limited: boolean): Place6 {
  const place: Place6 = {
    number: places.length,
    instance,
    bound: 0,
    clients: limited ? { rowsOfClient: new Map(), clientOfRow: new Map() } : undefined,
  };
  places.push(place);
  return place;
}

function targets(
  servers: readonly { readonly address: string; readonly port: number }[],
  localAddress: string | undefined,
): ServerTarget[] {
  return servers.map(({ address, port }) => ({ kind: "server", address, port, localAddress }));
}

/** RFC 4649 §3: enterprise number and text. */
export function remoteIdOctets(enterpriseNumber: number, text: Uint8Array): Uint8Array {
  const octets = new Uint8Array(4 + text.length);
  new DataView(octets.buffer).setUint32(0, enterpriseNumber);
  octets.set(text, 4);
  return octets;
}

/** RFC 9915 §19.1.1: a global address (or ULA) of the link, else a link-local one. */
function linkAddressOf({ addresses }: RelayInterface): Uint8Array {
  const own = addresses.filter(({ address }) => address.length === 16);
  const chosen = own.find(({ address }) => isGlobal(address)) ?? own.find(({ address }) => isLinkLocal(address));
  return chosen?.address ?? UNSPECIFIED;
}

/** Whether two pieces of configuration say the same: plain objects, arrays, maps, octets, and what is compared by `===`. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Map) return b instanceof Map && isSame([...a], [...b]);
  const entries = Object.entries(a).filter(([, value]) => value !== undefined);
  const others = Object.values(b).filter((value) => value !== undefined);
  return (
    entries.length === others.length &&
    entries.every(([key, value]) => isSame(value, (b as Record<string, unknown>)[key]))
  );
}
