import { formatIpv4, formatIpv4Prefix, formatIpv6, formatIpv6Prefix, formatMac } from "@leasewire/net";
import { labHousehold, VACANT_HOUSEHOLD } from "./household.ts";
import type { LabFamilyPlaces, LabPlaces } from "./places.ts";
import { LAB_GATEWAYS, LAB_HOSTS, LAB_VACANT_ADDRESS, type LabGateway, labHost4 } from "./topology.ts";

const services = "set logical-systems core system services";

/** Renewals are to be seen, not waited for. */
const leaseSeconds = 240;
const renewalSeconds = 75;
const rebindingSeconds = 180;

/** `set` statements of the lab's DHCP server: pools of both families for every gateway, and all kinds of leasequery. */
export function serverStatements(places: LabPlaces): string[] {
  return [
    ...listening("dhcp-local-server", places[4]),
    `${services} dhcp-local-server address-probe disable`,
    ...LAB_GATEWAYS.flatMap(pool4),
    ...(places[6] === null
      ? []
      : [...listening("dhcp-local-server dhcpv6", places[6]), ...LAB_GATEWAYS.flatMap(pools6)]),
  ];
}

function listening(words: string, { address, serverPort }: LabFamilyPlaces): string[] {
  const path = `${services} ${words}`;
  return [
    `${path} listen-address ${address}`,
    `${path} listen-port ${serverPort}`,
    `${path} allow-leasequery`,
    `${path} allow-bulk-leasequery`,
    `${path} allow-active-leasequery`,
    // Nobody but this machine is on its loopback.
    `${path} allow-active-leasequery insecure`,
  ];
}

function pool4(gateway: LabGateway): string[] {
  const pool = `set logical-systems core access address-assignment pool ${gateway.name} family inet`;
  const statements = [
    `${pool} network ${formatIpv4Prefix(gateway.network)}`,
    `${pool} range homes low ${labHost4(gateway, LAB_HOSTS.low)} high ${labHost4(gateway, LAB_HOSTS.high)}`,
    `${pool} dhcp-attributes router ${formatIpv4(gateway.address)}`,
    `${pool} dhcp-attributes name-server ${formatIpv4(gateway.address)}`,
    `${pool} dhcp-attributes domain-name lab.example`,
    `${pool} dhcp-attributes maximum-lease-time ${leaseSeconds}`,
    ...times(pool),
  ];
  if (gateway === LAB_GATEWAYS[0]) {
    const { hardwareAddress, name } = labHousehold(VACANT_HOUSEHOLD);
    const host = `${pool} host ${name}`;
    statements.push(
      `${host} hardware-address ${formatMac(hardwareAddress)} ip-address ${formatIpv4(LAB_VACANT_ADDRESS)}`,
    );
  }
  return statements;
}

function pools6({ name, link, linkAddress, delegated }: LabGateway): string[] {
  const addresses = `set logical-systems core access address-assignment pool ${name} family inet6`;
  const prefixes = `set logical-systems core access address-assignment pool ${name}-pd family inet6`;
  const host = (number: number) => {
    const address = link.address.slice();
    address[14] = 0x10;
    address[15] = number;
    return formatIpv6(address);
  };
  const lifetimes = (pool: string) => [
    `${pool} dhcp-attributes valid-lifetime ${leaseSeconds}`,
    `${pool} dhcp-attributes preferred-lifetime ${leaseSeconds - 30}`,
    ...times(pool),
  ];
  return [
    `${addresses} prefix ${formatIpv6Prefix(link)}`,
    `${addresses} range homes low ${host(LAB_HOSTS.low)} high ${host(LAB_HOSTS.high)}`,
    `${addresses} dhcp-attributes dns-server ${formatIpv6(linkAddress)}`,
    ...lifetimes(addresses),
    `${prefixes} prefix ${formatIpv6Prefix(delegated)}`,
    `${prefixes} range homes prefix-length 56`,
    `${prefixes} link-address ${formatIpv6Prefix(link)}`,
    ...lifetimes(prefixes),
  ];
}

function times(pool: string): string[] {
  return [
    `${pool} dhcp-attributes t1-renewal-time ${renewalSeconds}`,
    `${pool} dhcp-attributes t2-rebinding-time ${rebindingSeconds}`,
  ];
}
