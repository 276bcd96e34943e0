import type { LocalServerConfiguration } from "@leasewire/config";

/** What the group of a client interface says of its own, instead of what holds for the whole server. */

export function rapidCommitAt(
  { rapidCommit, interfaceOverrides }: LocalServerConfiguration,
  interfaceName: string | undefined,
): boolean {
  const own = interfaceName === undefined ? undefined : interfaceOverrides?.get(interfaceName);
  return own?.rapidCommit ?? rapidCommit;
}

/** Clients allowed on the interface; undefined: any number. */
export function clientLimitAt(
  { clientLimitPerInterface, interfaceOverrides }: LocalServerConfiguration,
  interfaceName: string | undefined,
): number | undefined {
  const own = interfaceName === undefined ? undefined : interfaceOverrides?.get(interfaceName);
  return own === undefined ? clientLimitPerInterface : own.clientLimit;
}

/** Whether clients have to be counted by interface at all. */
export function countsClients({ clientLimitPerInterface, clientLimitOfGroups }: LocalServerConfiguration): boolean {
  return clientLimitPerInterface !== undefined || clientLimitOfGroups === true;
}
