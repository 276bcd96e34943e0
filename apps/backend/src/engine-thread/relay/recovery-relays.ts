import type { Family } from "@leasewire/api";
import {
  type ConfigTree,
  dhcpServiceLimits,
  type Finding,
  hostName,
  type RelayConfiguration,
  relayConfigurations,
} from "@leasewire/config";
import {
  circuitIndex4,
  InterfaceIndex,
  interfaceText,
  type RecoveryRelay,
  type RelayInterface,
} from "@leasewire/engines";
import type { InstanceName } from "@leasewire/net";
import type { TlsMaterial } from "@leasewire/transport";
import { canonicalAddress } from "../canonical-address.ts";
import { readTlsMaterial } from "../tls-material.ts";
import { interfacesInService, relayInterfaces } from "./interfaces.ts";
import { linkAddressesOf } from "./link-addresses.ts";
import { identified, relayPath, serversOf } from "./relays.ts";

/** Relays that may ask in bulk, and what their connections need. */
export interface RecoveryRelays {
  readonly relays: readonly RecoveryRelay[];
  /** Certificates by `relayKey`. */
  readonly tls: ReadonlyMap<string, TlsMaterial>;
  readonly requestedConnectionsMax: number;
  /** Seconds of `active-leasequery` by `relayKey`, for display. */
  readonly timeouts: ReadonlyMap<string, { readonly timeoutSeconds: number; readonly idleTimeoutSeconds: number }>;
}

export function relayKey(family: Family, instance: InstanceName): string {
  return `${family}|${instance}`;
}

export function recoveryRelays(tree: ConfigTree, node: string, findings: Finding[]): RecoveryRelays {
  const limits = dhcpServiceLimits(tree);
  const interfaces = interfacesInService(tree);
  const known = { 4: relayInterfaces(4, interfaces), 6: relayInterfaces(6, interfaces) };
  const relays: RecoveryRelay[] = [];
  const tls = new Map<string, TlsMaterial>();
  const timeouts = new Map<string, { timeoutSeconds: number; idleTimeoutSeconds: number }>();
  for (const configured of relayConfigurations(tree)) {
    const relay = identified(configured, node);
    const { family, instance, bulkLeasequery: bulk, activeLeasequery: active } = relay;
    if (bulk === undefined) continue;
    const key = relayKey(family, instance);
    const material = readTlsMaterial(`${relayPath(relay)} tls`, bulk.tls ?? active?.tls, findings);
    if (material === null) continue;
    if (material !== undefined) tls.set(key, material);
    if (active !== undefined) timeouts.set(key, active);
    const ofInstance = known[family].filter((one) => one.instance === instance);
    const places = placesOf(relay, ofInstance, hostName(tree));
    const linkAddresses = linkAddressesOf(relay, ofInstance);
    relays.push({
      instance,
      family,
      servers: serversOf(relay),
      relayId: relay.relayId,
      bulk: {
        attempts: bulk.attempts,
        timeoutSeconds: bulk.timeoutSeconds,
        triggerAutomatic: bulk.triggerAutomatic,
        mode: bulk.mode,
      },
      active: active && {
        timeoutSeconds: active.timeoutSeconds,
        idleTimeoutSeconds: active.idleTimeoutSeconds,
        mode: active.mode,
      },
      interfaces: relay.interfaces,
      interfaceOf: (octets) => places.find(octets)?.name,
      linkAddressOf: (name) => linkAddresses.get(name),
      replyRetriesMax: limits.replyRetriesMax,
      replyRetrySeconds: limits.replyRetryTimerSeconds,
      localAddress: relay.listenAddress === undefined ? undefined : canonicalAddress(family, relay.listenAddress),
      device: relay.vrfDevice,
    });
  }
  return { relays, tls, timeouts, requestedConnectionsMax: limits.tcpConnectionsRequestedMax };
}

/** Access interfaces by the circuit ID or Interface-ID that the relay agent gives them. */
function placesOf(
  relay: RelayConfiguration,
  interfaces: readonly RelayInterface[],
  host: string | undefined,
): Pick<InterfaceIndex<{ readonly name: string }>, "find"> {
  if (relay.family === 4) return circuitIndex4(relay, interfaces, host);
  const index = new InterfaceIndex<{ readonly name: string }>();
  for (const { name, relayAgentInterfaceId } of relay.accessInterfaces) {
    const one = interfaces.find((known) => known.name === name) ?? { instance: relay.instance, name, addresses: [] };
    const text = relayAgentInterfaceId && interfaceText(relayAgentInterfaceId, one, host);
    index.add(one, text === undefined ? undefined : new TextEncoder().encode(text));
  }
  return index;
}
