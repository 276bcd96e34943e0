import { freePort } from "./relay-lab.ts";

/** Ports of a small lab on loopback: a server, a relay and the clients' end of its datagram links, each of both families. */
export interface LabPorts {
  readonly server: number;
  readonly server6: number;
  readonly agent: number;
  readonly agent6: number;
  readonly local: number;
  readonly local6: number;
  readonly remote: number;
  readonly remote6: number;
}

export async function labPorts(): Promise<LabPorts> {
  const [server, server6, agent, agent6, local, local6, remote, remote6] = await Promise.all(
    Array.from({ length: 8 }, freePort),
  );
  return {
    server: server!,
    server6: server6!,
    agent: agent!,
    agent6: agent6!,
    local: local!,
    local6: local6!,
    remote: remote!,
    remote6: remote6!,
  };
}

/** The server in the main instance, the relay in the logical system bng-a. */
export function labConfiguration(ports: LabPorts): string {
  const server = "set system services dhcp-local-server";
  const relay = "set logical-systems bng-a forwarding-options dhcp-relay";
  const unit = "set logical-systems bng-a interfaces ge-0/0/1 unit 100";
  const { local, local6, remote, remote6 } = ports;
  return `set access address-assignment pool homes family inet network 10.1.0.0/24
set access address-assignment pool homes6 family inet6 prefix 2001:db8:1::/64
${server} listen-address 127.0.0.1
${server} listen-port ${ports.server}
${server} address-probe disable
${server} allow-leasequery
${server} allow-bulk-leasequery
${server} allow-active-leasequery insecure
${server} dhcpv6 listen-address ::1
${server} dhcpv6 listen-port ${ports.server6}
${server} dhcpv6 allow-leasequery
${server} dhcpv6 allow-bulk-leasequery
${server} dhcpv6 allow-active-leasequery insecure
${unit} family inet address 10.1.0.254/24
${unit} family inet6 address 2001:db8:1::ffff/64
${unit} datagram-link inet local-address 127.0.0.1 local-port ${local} remote-address 127.0.0.1 remote-port ${remote}
${unit} datagram-link inet6 local-address ::1 local-port ${local6} remote-address ::1 remote-port ${remote6}
${relay} listen-address 127.0.0.1
${relay} listen-port ${ports.agent}
${relay} server-group core 127.0.0.1 port ${ports.server}
${relay} overrides always-write-option-82
${relay} relay-option-82 circuit-id
${relay} relay-option-82 link-selection
${relay} leasequery
${relay} bulk-leasequery attempts 3 timeout 1
${relay} group access interface ge-0/0/1.100
${relay} dhcpv6 listen-address ::1
${relay} dhcpv6 listen-port ${ports.agent6}
${relay} dhcpv6 server-group core ::1 port ${ports.server6}
${relay} dhcpv6 relay-agent-interface-id
${relay} dhcpv6 bulk-leasequery attempts 3 timeout 1
${relay} dhcpv6 group access interface ge-0/0/1.100`;
}
