import { type Dhcpd, startDhcpd } from "@leasewire/e2e/support/dhcpd.ts";
import { network4, network6, type Place } from "./place.ts";

/** dhcpd keeps a record of every address of a range from its start on: a million of them take longer than a test waits. */
const last4 = "10.64.255.254";

/** Debian's ISC dhcpd for the clients' network (IPv4: 65,000 addresses of it), answering leasequeries. */
export function startDhcpdForLoad(place: Place, family: 4 | 6, leases = ""): Promise<Dhcpd> {
  const configuration = `authoritative;
default-lease-time 86400;
max-lease-time 86400;
allow leasequery;
ping-check false;
log-facility local7;
${family === 4 ? subnets4(place) : subnets6(place)}`;
  return startDhcpd({ link: place.link, family, port: family === 4 ? 67 : 547, configuration, leases });
}

function subnets4(place: Place): string {
  const own = place.serverAddress4.replace(/\d+$/, (last) => String(Number(last) & 252));
  return `stash-agent-options true;
subnet ${own} netmask 255.255.255.252 { }
subnet 10.64.0.0 netmask 255.240.0.0 { range ${network4.first} ${last4}; }
`;
}

function subnets6(place: Place): string {
  const own = place.serverAddress6.replace(/:2$/, ":");
  return `subnet6 ${own}/64 { }
subnet6 ${network6.prefix} { range6 ${network6.first} ${network6.last}; prefix6 2001:db8:8000:: 2001:db8:ffff:ff00:: /56; }
`;
}
