import type { LeasequeryTargets } from "@leasewire/api";
import { type ConfigTree, dhcpServiceLimits, type RelayConfiguration, relayConfigurations } from "@leasewire/config";
import type { RequestorRelay, RequestorServer } from "@leasewire/engines";
import { formatDuid, formatRelayIdentifier } from "@leasewire/net";
import { canonicalAddress } from "../canonical-address.ts";
import { nodeDuid } from "../identity.ts";
import { instancePath } from "../instances.ts";
import { interfacesInService, relayInterfaces } from "./interfaces.ts";
import { interfaceOfAddress6, linkAddressesOf } from "./link-addresses.ts";

/** The relays of a configuration that may send individual leasequeries, as the engine takes them. */
export function requestorRelays(tree: ConfigTree, node: string): RequestorRelay[] {
  const limits = dhcpServiceLimits(tree);
  const inService = interfacesInService(tree);
  const known = { 4: relayInterfaces(4, inService), 6: relayInterfaces(6, inService) };
  return relayConfigurations(tree).flatMap((relay) => {
    const { instance, family, leasequery } = relay;
    if (leasequery === undefined) return [];
    const interfaces = known[family].filter((one) => one.instance === instance);
    const linkAddresses = linkAddressesOf(relay, interfaces);
    return {
      instance,
      family,
      attempts: leasequery.attempts,
      timeoutSeconds: leasequery.timeoutSeconds,
      servers: serversOf(relay),
      duid: family === 6 ? identified(relay, node).relayId : undefined,
      interfaces: relay.interfaces,
      linkAddressOf: (name: string) => linkAddresses.get(name),
      interfaceOfAddress:
        family === 6 ? (address: Uint8Array) => interfaceOfAddress6(relay, interfaces, address) : undefined,
      replyRetriesMax: limits.replyRetriesMax,
      replyRetrySeconds: limits.replyRetryTimerSeconds,
    };
  });
}

/**
 * The relay with its identifier: the one configured, else one that follows from the name of the node. In both families the
 * same octets, so that servers see one relay (RFC 6925 §5.1).
 */
export function identified(
  relay: RelayConfiguration,
  node: string,
): RelayConfiguration & { readonly relayId: Uint8Array } {
  return { ...relay, relayId: relay.relayId ?? nodeDuid("relay", node, relay.instance) };
}

/** What the forms offer: every relay, and why one cannot ask. */
export function leasequeryTargets(tree: ConfigTree, node: string): Omit<LeasequeryTargets, "examples"> {
  return {
    relays: relayConfigurations(tree).map((configured) => {
      const relay = identified(configured, node);
      const servers = serversOf(relay);
      return {
        instance: relay.instance,
        family: relay.family,
        gatewayAddress: relay.family === 4 ? (relay.listenAddress ?? null) : null,
        attempts: relay.leasequery?.attempts ?? 0,
        timeoutSeconds: relay.leasequery?.timeoutSeconds ?? 0,
        servers: servers.map(({ address, port, group }) => ({ address, port, group })),
        unavailable: unavailable(relay, servers, "leasequery"),
        bulk: { relayId: relayIdText(relay), unavailable: unavailable(relay, servers, "bulk-leasequery") },
      };
    }),
  };
}

/** Statement path of a relay: `logical-systems a forwarding-options dhcp-relay dhcpv6`. */
export function relayPath(relay: Pick<RelayConfiguration, "instance" | "family">): string {
  return `${instancePath(relay.instance)}forwarding-options dhcp-relay${relay.family === 6 ? " dhcpv6" : ""}`;
}

function unavailable(
  relay: RelayConfiguration,
  servers: readonly RequestorServer[],
  statement: "leasequery" | "bulk-leasequery",
): string | null {
  const path = relayPath(relay);
  const [name, configured] =
    statement === "leasequery"
      ? ["Individual", relay.leasequery !== undefined]
      : ["Bulk", relay.bulkLeasequery !== undefined];
  if (!configured) return `${name} leasequery is not configured: add "set ${path} ${statement}".`;
  if (servers.length === 0) {
    return `No DHCPv${relay.family} server is configured: add "set ${path} server-group NAME ADDRESS".`;
  }
  return null;
}

function relayIdText({ family, relayId }: ReturnType<typeof identified>): string {
  return family === 4 ? formatRelayIdentifier(relayId) : formatDuid(relayId);
}

/** Servers of the relay's own family, each once, with the first group that names it. */
export function serversOf(relay: RelayConfiguration): RequestorServer[] {
  const servers = new Map<string, RequestorServer>();
  for (const group of relay.serverGroups) {
    for (const { address, port } of group.servers) {
      const canonical = canonicalAddress(relay.family, address);
      if (canonical === undefined) continue;
      const key = `${canonical}#${port}`;
      if (!servers.has(key)) servers.set(key, { address: canonical, port, group: group.name });
    }
  }
  return [...servers.values()];
}
