import { startDhcpd } from "@leasewire/e2e/support/dhcpd.ts";
import { type Measured, withPid } from "./ours.ts";
import { delegated6, type Place } from "./place.ts";

/** Debian's ISC dhcpd for the clients' network (IPv4: 65,000 addresses of it), answering leasequeries. */
export async function startDhcpdForLoad(place: Place, family: 4 | 6, leases = ""): Promise<Measured> {
  const configuration = `authoritative;
default-lease-time 86400;
max-lease-time 86400;
allow leasequery;
ping-check false;
log-facility local7;
${family === 4 ? subnets4(place) : subnets6(place)}`;
  const port = family === 4 ? 67 : 547;
  const { pid, started } = await withPid(() => startDhcpd({ link: place.link, family, port, configuration, leases }));
  return { pid, stop: () => started.stop() };
}

function subnets4(place: Place): string {
  const own = place.serverAddress4.replace(/\d+$/, (last) => String(Number(last) & 252));
  // dhcpd keeps a record of every address of a range from its start on: a million take longer than a test waits.
  const last = place.network4.first.replace(/1\.0$/, "255.254");
  return `stash-agent-options true;
subnet ${own} netmask 255.255.255.252 { }
subnet ${place.network4.prefix.replace("/12", "")} netmask 255.240.0.0 { range ${place.network4.first} ${last}; }
`;
}

function subnets6(place: Place): string {
  const own = place.serverAddress6.replace(/:2$/, ":");
  return `subnet6 ${own}/64 { }
subnet6 ${place.network6.prefix} { range6 ${place.network6.first} ${place.network6.last}; prefix6 ${delegated6.first} ${delegated6.last} /56; }
`;
}
