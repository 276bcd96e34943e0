import type { LocalServerConfiguration } from "@leasewire/config";
import { instancePath } from "../instances.ts";

/** Statement path of a local server: `logical-systems core system services dhcp-local-server dhcpv6`. */
export function serverPath({ instance, family }: Pick<LocalServerConfiguration, "instance" | "family">): string {
  return `${instancePath(instance)}system services dhcp-local-server${family === 6 ? " dhcpv6" : ""}`;
}
