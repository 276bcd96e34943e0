import type { AccessInterface, RelayConfiguration, ServerGroup } from "@leasewire/config";

/** Servers that packets of an access interface go to: of its active server group, or of every group where none is active. */
export function serversOf(
  { serverGroups }: Pick<RelayConfiguration, "serverGroups">,
  { activeServerGroup }: Pick<AccessInterface, "activeServerGroup">,
): ServerGroup["servers"] {
  const servers = new Map<string, ServerGroup["servers"][number]>();
  for (const group of serverGroups) {
    if (activeServerGroup !== undefined && group.name !== activeServerGroup) continue;
    // A server that stands in two groups gets each packet once.
    for (const server of group.servers) servers.set(`${server.address}#${server.port}`, server);
  }
  return [...servers.values()];
}
