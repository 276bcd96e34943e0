/**
 * Configuration of a relay that only asks: no client interfaces, one server group.
 * v4: dhcpd answers to giaddr at its own port, so the relay listens there. v6: dhcpd answers to port 546.
 */
export function requestor4(parts: {
  readonly listenAddress: string;
  readonly servers: readonly string[];
  readonly port?: number;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
}): string {
  const { listenAddress, servers, port = 6767, attempts = 2, timeoutSeconds = 1 } = parts;
  const relay = "set forwarding-options dhcp-relay";
  return [
    `${relay} overrides always-write-option-82`,
    `${relay} relay-option-82 circuit-id`,
    ...servers.map((address) => `${relay} server-group core ${address} port ${port}`),
    `${relay} active-server-group core`,
    `${relay} listen-address ${listenAddress}`,
    `${relay} listen-port ${port}`,
    `${relay} leasequery attempts ${attempts} timeout ${timeoutSeconds}`,
    "",
  ].join("\n");
}
