import type { AccessInterface, RelayConfiguration } from "@leasewire/config";
import { formatIpv4, ipv4FromBytes, ipv4ToBytes, parseIpv4 } from "@leasewire/net";
import { InterfaceIndex, interfaceText, remoteIdText, textOctets } from "../relay-common/interface-text.ts";
import type { RelayInterface, RelaySend } from "../relay-common/messages.ts";
import { serversOf } from "../relay-common/servers.ts";
import type { Context4 } from "./context.ts";
import { forgetExchange } from "./exchanges.ts";
import { type InformationParts, relayInformation } from "./information.ts";
import type { RelayDropReason4 } from "./reasons.ts";
import { type Access4, countersOf, type Relay4 } from "./state.ts";

/** A sub-option holds no more. */
const textOctetsMax = 255;

/** Prepares the relay agents of a committed configuration; exchanges under way go on where their interface remains. */
export function onConfiguration(
  context: Context4,
  configurations: readonly RelayConfiguration[],
  interfaces: readonly RelayInterface[],
  hostName: string | undefined,
): void {
  const { state } = context;
  const before = new Map(state.relays);
  state.relays.clear();
  for (const configuration of configurations) {
    if (configuration.family !== 4) continue;
    const { instance } = configuration;
    const relay = prepareRelay(context, configuration, interfacesOf(instance, interfaces), hostName);
    state.relays.set(instance, relay);
    for (const address of before.get(instance)?.restoring ?? []) relay.restoring.add(address);
  }
  for (const relay of before.values()) moveExchanges(context, relay);
  state.rows.followFromTheStart(context, needsRows(configurations));
}

/** What names the access interfaces of a relay agent in circuit IDs: the inverse of what it writes. */
export function circuitIndex4(
  relay: RelayConfiguration,
  interfaces: readonly RelayInterface[],
  hostName?: string,
): InterfaceIndex<RelayInterface> {
  const index = new InterfaceIndex<RelayInterface>();
  const known = interfacesOf(relay.instance, interfaces);
  for (const access of relay.accessInterfaces) {
    const one = known.get(access.name) ?? unknownInterface(relay, access);
    index.add(one, circuitIdOf(access, one, hostName));
  }
  return index;
}

function interfacesOf(
  instance: RelayInterface["instance"],
  interfaces: readonly RelayInterface[],
): Map<string, RelayInterface> {
  return new Map(interfaces.filter((one) => one.instance === instance).map((one) => [one.name, one]));
}

function unknownInterface({ instance }: RelayConfiguration, { name }: AccessInterface): RelayInterface {
  return { instance, name, addresses: [] };
}

function prepareRelay(
  context: Context4,
  configuration: RelayConfiguration,
  interfaces: ReadonlyMap<string, RelayInterface>,
  hostName: string | undefined,
): Relay4 {
  const { instance } = configuration;
  const accesses = new Map<string, Access4>();
  const circuits = new InterfaceIndex<Access4>();
  const byGiaddr = new Map<number, Access4 | null>();
  const byAddress = new Map<string, Access4>();
  const ownAddresses = new Set<number>();
  for (const one of configuration.accessInterfaces) {
    const relayInterface = interfaces.get(one.name) ?? unknownInterface(configuration, one);
    const access = prepareAccess(context, configuration, one, relayInterface, hostName);
    accesses.set(one.name, access);
    circuits.add(access, access.circuitId);
    if (access.giaddr !== 0) byGiaddr.set(access.giaddr, byGiaddr.has(access.giaddr) ? null : access);
    for (const { address } of relayInterface.addresses) {
      const number = ipv4FromBytes(address);
      ownAddresses.add(number);
      // A primary address answers for one interface also where giaddr is shared by all of them.
      if (!byAddress.has(formatIpv4(number))) byAddress.set(formatIpv4(number), access);
      if (!byGiaddr.has(number)) byGiaddr.set(number, access);
    }
  }
  const listenAddress = addressOf(configuration.listenAddress);
  if (listenAddress !== undefined) ownAddresses.add(listenAddress);
  return {
    instance,
    configuration,
    counters: countersOf(context.state, instance, context.now),
    accesses,
    circuits,
    byGiaddr,
    byAddress,
    ownAddresses,
    serverAddresses: new Set(
      configuration.serverGroups.flatMap(({ servers }) => servers.map(({ address }) => address)),
    ),
    exchanges: new Map(),
    exchangesByState: new Int32Array(6),
    restoring: new Set(),
  };
}

function prepareAccess(
  context: Context4,
  relay: RelayConfiguration,
  access: AccessInterface,
  relayInterface: RelayInterface,
  hostName: string | undefined,
): Access4 {
  const { overrides, relayOption82 } = access;
  const primary = relayInterface.addresses[0];
  const address = primary === undefined ? 0 : ipv4FromBytes(primary.address);
  const mask = primary === undefined || primary.length === 0 ? 0 : (0xffff_ffff << (32 - primary.length)) >>> 0;
  const listenAddress = addressOf(relay.listenAddress);
  const giaddr = listenAddress ?? address;
  const circuitId = circuitIdOf(access, relayInterface, hostName);
  const remoteIdForm = relayOption82?.remoteId;
  const remoteIdWords = remoteIdForm && remoteIdText(remoteIdForm, relayInterface, hostName);
  const remoteId = remoteIdWords === undefined ? undefined : textOctets(remoteIdWords, textOctetsMax);
  const isOnSubnet = ((giaddr ^ address) & mask) === 0;
  const parts: InformationParts = {
    circuitId,
    remoteId,
    // An interface without address of its own borrows that of the relay agent: giaddr tells the link then.
    subnet: address !== 0 && (relayOption82?.linkSelection || !isOnSubnet) ? (address & mask) >>> 0 : undefined,
    address: address === 0 ? giaddr : address,
    interfaceName: access.name,
    hostName,
  };
  const make = (changed: InformationParts, unicast: boolean) => relayInformation(relay, access, changed, unicast);
  const servers = serversOf(relay, access);
  const localAddress = overrides.replaceIpSourceWithGiaddr ? formatIpv4(giaddr) : relay.listenAddress;
  return {
    name: access.name,
    configuration: access,
    refusal: refusalOf(access, relayInterface, giaddr, circuitId, remoteId, servers.length),
    giaddr,
    giaddrOctets: ipv4ToBytes(giaddr),
    circuitId,
    remoteId,
    information: make(parts, false),
    unicastInformation: make(parts, true),
    informationWith: (incomingCircuitId, incomingRemoteId, unicast) =>
      make({ ...parts, circuitId: incomingCircuitId ?? circuitId, remoteId: incomingRemoteId ?? remoteId }, unicast),
    destinations: servers.map(({ address: server, port }): RelaySend["to"] =>
      localAddress === undefined
        ? { kind: "server", address: server, port }
        : { kind: "server", address: server, port, localAddress },
    ),
    number: context.state.rows.numberOf(context, relay.instance, access.name),
  };
}

function circuitIdOf(
  { relayOption82 }: AccessInterface,
  relayInterface: RelayInterface,
  hostName: string | undefined,
): Uint8Array | undefined {
  const text = relayOption82?.circuitId && interfaceText(relayOption82.circuitId, relayInterface, hostName);
  return text === undefined ? undefined : textOctets(text, textOctetsMax);
}

function refusalOf(
  { overrides, relayOption82 }: AccessInterface,
  { description, deviceDescription }: RelayInterface,
  giaddr: number,
  circuitId: Uint8Array | undefined,
  remoteId: Uint8Array | undefined,
  servers: number,
): RelayDropReason4 | undefined {
  if (overrides.disableRelay) return "relay disabled";
  if (giaddr === 0) return "no gateway address";
  const lacksDescription = description === undefined && deviceDescription === undefined;
  if (
    lacksDescription &&
    ((relayOption82?.circuitId?.requireInterfaceDescription === true && circuitId === undefined) ||
      (relayOption82?.remoteId?.requireInterfaceDescription === true && remoteId === undefined))
  ) {
    return "no interface description";
  }
  return servers === 0 ? "no server" : undefined;
}

function moveExchanges(context: Context4, before: Relay4): void {
  const relay = context.state.relays.get(before.instance);
  for (const exchange of before.exchanges.values()) {
    const access = relay?.accesses.get(exchange.access.name);
    forgetExchange(context.state, exchange);
    if (relay === undefined || access === undefined) continue;
    const moved = { ...exchange, relay, access, earlier: undefined, later: undefined };
    relay.exchanges.set(moved.key, moved);
    relay.exchangesByState[moved.state]! += 1;
    context.state.exchanges.push(moved);
  }
}

function needsRows(configurations: readonly RelayConfiguration[]): boolean {
  return configurations.some(
    ({ family, accessRoutes, accessInterfaces }) =>
      family === 4 &&
      (accessRoutes || accessInterfaces.some(({ overrides }) => overrides.interfaceClientLimit !== undefined)),
  );
}

function addressOf(text: string | undefined): number | undefined {
  const parsed = text === undefined ? undefined : parseIpv4(text);
  return parsed?.ok && parsed.value !== 0 ? parsed.value : undefined;
}
