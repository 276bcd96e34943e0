import { freeTcpPort } from "../../support/free-port.ts";

/** A local server of both families on loopback: pools, and every kind of leasequery. */
export interface ServerPlace {
  readonly port4: number;
  readonly port6: number;
  readonly configuration: string;
}

export const link4 = "10.40.0.1";
export const link6 = "2001:db8:40::1";

export async function serverPlace(more: readonly string[] = []): Promise<ServerPlace> {
  const port4 = await freeTcpPort();
  const port6 = await freeTcpPort();
  const pool = "set access address-assignment pool";
  const server = "set system services dhcp-local-server";
  const configuration = [
    `${pool} customers family inet network 10.40.0.0/14`,
    `${pool} customers family inet dhcp-attributes maximum-lease-time 3600`,
    `${pool} customers family inet dhcp-attributes router ${link4}`,
    `${pool} six family inet6 prefix 2001:db8:40::/64`,
    `${pool} six family inet6 dhcp-attributes maximum-lease-time 3600`,
    `${pool} delegated family inet6 prefix 2001:db8:4000::/36`,
    `${pool} delegated family inet6 range all low 2001:db8:4000:: high 2001:db8:4fff:ff00:: prefix-length 56`,
    `${pool} delegated family inet6 link-address 2001:db8:40::/64`,
    `${pool} delegated family inet6 dhcp-attributes maximum-lease-time 3600`,
    `${server} listen-address 127.0.0.1`,
    `${server} listen-port ${port4}`,
    `${server} address-probe disable`,
    `${server} allow-leasequery`,
    `${server} allow-bulk-leasequery`,
    `${server} allow-active-leasequery insecure`,
    `${server} dhcpv6 listen-address ::1`,
    `${server} dhcpv6 listen-port ${port6}`,
    `${server} dhcpv6 allow-leasequery`,
    `${server} dhcpv6 allow-bulk-leasequery`,
    `${server} dhcpv6 allow-active-leasequery insecure`,
    ...more,
  ];
  return { port4, port6, configuration: `${configuration.join("\n")}\n` };
}
