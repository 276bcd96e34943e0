import type { InstanceName } from "@leasewire/net";
import { type LocalServerConfiguration, localServerConfiguration } from "./effective/local-server.ts";
import { type RelayConfiguration, relayConfiguration } from "./effective/relay.ts";
import { integer } from "./effective/values.ts";
import { relayLevels, scopesOf, serverLevels } from "./instances.ts";
import { type AddressPool4, type AddressPool6, addressPools } from "./pools.ts";
import { activePart, type ConfigTree, containerAt, leafValue } from "./tree.ts";

/**
 * The configuration as engines read it: typed, defaults filled in, deactivated statements left out. An optional block is there only
 * if it is configured.
 */

export type { ActiveLeasequery } from "./effective/active-leasequery.ts";
export type { ClientGroup } from "./effective/client-groups.ts";
export type { InterfaceText, RemoteIdText } from "./effective/interface-text.ts";
export type { InterfaceOverrides, LeasequeryGuard, LocalServerConfiguration } from "./effective/local-server.ts";
export { type DatagramLink, type LogicalInterface, logicalInterfaces } from "./effective/logical-interfaces.ts";
export type {
  AccessInterface,
  BulkLeasequery,
  IndividualLeasequery,
  RelayActiveLeasequery,
  RelayConfiguration,
  RelayOption82,
  RelayOverrides,
  ServerGroup,
} from "./effective/relay.ts";
export type { TlsFiles } from "./effective/tls.ts";

/** `system processes dhcp-service`: limits of the whole chassis. */
export interface DhcpServiceLimits {
  readonly tcpConnectionsAcceptedMax: number;
  readonly tcpConnectionsRequestedMax: number;
  readonly replyRetriesMax: number;
  readonly replyRetryTimerSeconds: number;
  readonly repliesPerBatchMax: number;
}

export function relayConfigurations(tree: ConfigTree): RelayConfiguration[] {
  return relayLevels(activePart(tree)).map(relayConfiguration);
}

export function localServerConfigurations(tree: ConfigTree): LocalServerConfiguration[] {
  return serverLevels(activePart(tree)).map(localServerConfiguration);
}

/** Every pool of every instance, whether a local server gives it out or not. */
export function addressPoolConfigurations(tree: ConfigTree): (AddressPool4 | AddressPool6)[] {
  return scopesOf(activePart(tree)).flatMap((scope) => [...addressPools(scope, 4), ...addressPools(scope, 6)]);
}

export function dhcpServiceLimits(tree: ConfigTree): DhcpServiceLimits {
  const path = ["system", "processes", "dhcp-service"];
  const node = containerAt(activePart(tree), ...path);
  return {
    tcpConnectionsAcceptedMax: integer(node, path, "accept-max-tcp-connections"),
    tcpConnectionsRequestedMax: integer(node, path, "request-max-tcp-connections"),
    replyRetriesMax: integer(node, path, "max-leasequery-reply-packet-retries"),
    replyRetryTimerSeconds: integer(node, path, "leasequery-reply-packet-retry-timer"),
    repliesPerBatchMax: integer(node, path, "max-leasequery-reply-packet-process"),
  };
}

/** Every instance of the configuration, `default:default` first. */
export function instanceNames(tree: ConfigTree): InstanceName[] {
  return scopesOf(activePart(tree)).map((scope) => scope.instance);
}

/** `system host-name`. */
export function hostName(tree: ConfigTree): string | undefined {
  return leafValue(containerAt(activePart(tree), "system"), "host-name");
}
