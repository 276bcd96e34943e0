import { formatHex, formatIpv4, formatIpv6, formatIpv6Prefix } from "@leasewire/net";
import { expect, test } from "vitest";
import { localServerConfigurations } from "./effective.ts";
import type { AddressPool4, AddressPool6 } from "./pools.ts";
import { parseConfiguration } from "./text/parse.ts";

const pool = "set access address-assignment pool a family inet";

function pools(text: string): (AddressPool4 | AddressPool6)[] {
  const { tree, findings } = parseConfiguration(
    `${text}\nset system services dhcp-local-server allow-leasequery\nset system services dhcp-local-server dhcpv6`,
  );
  expect(findings).toEqual([]);
  return localServerConfigurations(tree).flatMap((server) => server.pools);
}

function pool4(text: string): AddressPool4 {
  const [only] = pools(text);
  if (only?.family !== 4) throw new Error("no DHCPv4 pool");
  return only;
}

function pool6(text: string): AddressPool6 {
  const [only] = pools(text);
  if (only?.family !== 6) throw new Error("no DHCPv6 pool");
  return only;
}

const optionsOf = ({ options }: AddressPool4 | AddressPool6): [number, string][] =>
  options.map(({ code, data }) => [code, formatHex(data)]);

test("a DHCPv4 pool: ranges, exclusions, hosts", () => {
  const made = pool4(`${pool} network 192.0.2.0/24
${pool} range r1 low 192.0.2.10 high 192.0.2.99
${pool} range r2 low 192.0.2.120 high 192.0.2.130
${pool} excluded-address 192.0.2.20
${pool} excluded-range x low 192.0.2.30 high 192.0.2.33
${pool} host h1 hardware-address 0011.2233.4455 ip-address 192.0.2.7
${pool} host h2 circuit-id ascii:port-7 ip-address 192.0.2.8
${pool} host h3 duid 000300010011 ip-address 192.0.2.9
${pool} link-address 198.51.100.0/24
${pool} dhcp-attributes router 192.0.2.1
${pool} dhcp-attributes server-identifier 192.0.2.2
${pool} dhcp-attributes maximum-lease-time 1000 t1-percentage 50 t2-rebinding-time 900`);
  expect(made.ranges.map(({ name, low, high }) => [name, formatIpv4(low), formatIpv4(high)])).toEqual([
    ["r1", "192.0.2.10", "192.0.2.99"],
    ["r2", "192.0.2.120", "192.0.2.130"],
  ]);
  expect(made.excluded.map(({ low, high }) => `${formatIpv4(low)} ${formatIpv4(high)}`)).toEqual([
    "192.0.2.20 192.0.2.20",
    "192.0.2.30 192.0.2.33",
    "192.0.2.0 192.0.2.0",
    "192.0.2.255 192.0.2.255",
    "192.0.2.1 192.0.2.1",
  ]);
  expect(
    made.hosts.map(({ name, key, address }) => [name, key.kind, formatHex(key.value), formatIpv4(address)]),
  ).toEqual([
    ["h1", "hardware-address", "001122334455", "192.0.2.7"],
    ["h2", "circuit-id", "706f72742d37", "192.0.2.8"],
    ["h3", "duid", "000300010011", "192.0.2.9"],
  ]);
  expect(made).toMatchObject({
    name: "a",
    instance: "default:default",
    leaseTimeSeconds: 1000,
    renewalTimeSeconds: 500,
    rebindingTimeSeconds: 900,
    serverIdentifier: 0xc0_00_02_02,
    linkAddresses: [{ address: 0xc6_33_64_00, length: 24 }],
  });
});

test("without a range the whole network, and a lease of a day", () => {
  const made = pool4(`${pool} network 192.0.2.0/30`);
  expect(made.ranges).toEqual([{ name: "network", low: 0xc0_00_02_00, high: 0xc0_00_02_03 }]);
  expect(made.leaseTimeSeconds).toBe(86_400);
  expect(made.renewalTimeSeconds).toBeUndefined();
});

test("networks of two addresses have neither a network nor a broadcast address", () => {
  expect(pool4(`${pool} network 192.0.2.0/31`).excluded).toEqual([]);
});

test("DHCPv4 options in wire form: the mask first, then by word, then by code", () => {
  const attributes = `${pool} dhcp-attributes`;
  const made = pool4(`${pool} network 192.0.2.0/25
${attributes} router 192.0.2.1
${attributes} router 192.0.2.2
${attributes} name-server 192.0.2.53
${attributes} domain-name example.net
${attributes} wins-server 192.0.2.4
${attributes} netbios-node-type h-node
${attributes} boot-server boot
${attributes} boot-file pxe
${attributes} tftp-server 192.0.2.5
${attributes} option 19 flag true
${attributes} option 26 unsigned-short 1400
${attributes} option 2 unsigned-integer 3600
${attributes} option 42 array ip-address 192.0.2.6
${attributes} option 42 array ip-address 192.0.2.7
${attributes} option 43 hex-string 01:02
${attributes} option 101 string "Europe/Zürich"
${attributes} option 23 byte 64`);
  expect(optionsOf(made).sort(([a], [b]) => a - b)).toEqual([
    [1, "ffffff80"],
    [2, "00000e10"],
    [3, "c0000201c0000202"],
    [6, "c0000235"],
    [15, "6578616d706c652e6e6574"],
    [19, "01"],
    [23, "40"],
    [26, "0578"],
    [42, "c0000206c0000207"],
    [43, "0102"],
    [44, "c0000204"],
    [46, "08"],
    [66, "626f6f74"],
    [67, "707865"],
    [101, "4575726f70652f5ac3bc72696368"],
    [150, "c0000205"],
  ]);
});

test("a DHCPv6 pool: addresses, delegated prefixes, hosts, options", () => {
  const made = pool6(`set access address-assignment pool a family inet6 prefix 2001:db8::/40
set access address-assignment pool a family inet6 range pd prefix-length 56
set access address-assignment pool a family inet6 range na low 2001:db8::10 high 2001:db8::ff
set access address-assignment pool a family inet6 excluded-address 2001:db8::20
set access address-assignment pool a family inet6 host h1 duid 000300010011 ip-address 2001:db8::7 ip-prefix 2001:db8:0:700::/56
set access address-assignment pool a family inet6 link-address 2001:db8:ffff::/64
set access address-assignment pool a family inet6 dhcp-attributes maximum-lease-time 7200 preferred-lifetime 3600 t1-percentage 40
set access address-assignment pool a family inet6 dhcp-attributes dns-server 2001:db8::53
set access address-assignment pool a family inet6 dhcp-attributes domain-name example.net
set access address-assignment pool a family inet6 dhcp-attributes option 82 unsigned-integer 600`);
  const ranges = made.ranges.map((range) => ({ ...range, low: formatIpv6(range.low), high: formatIpv6(range.high) }));
  expect(ranges).toEqual([
    { name: "pd", low: "2001:db8::", high: "2001:db8:ff:ffff:ffff:ffff:ffff:ffff", delegatedLength: 56 },
    { name: "na", low: "2001:db8::10", high: "2001:db8::ff" },
  ]);
  const [host] = made.hosts;
  expect(host?.address && formatIpv6(host.address)).toBe("2001:db8::7");
  expect(host?.prefix && formatIpv6Prefix(host.prefix)).toBe("2001:db8:0:700::/56");
  expect(made).toMatchObject({ validLifetimeSeconds: 7200, preferredLifetimeSeconds: 3600, renewalTimeSeconds: 1440 });
  expect(made.rebindingTimeSeconds).toBeUndefined();
  expect(made.excluded.length).toBe(1);
  expect(made.linkAddresses.map(formatIpv6Prefix)).toEqual(["2001:db8:ffff::/64"]);
  expect(optionsOf(made)).toEqual([
    [23, "20010db8000000000000000000000053"],
    [24, "076578616d706c65036e657400"],
    [82, "00000258"],
  ]);
});

test("pools belong to their instance; what is deactivated or lacks its network gives nothing out", () => {
  const made = pools(`${pool} range r1 low 192.0.2.1 high 192.0.2.2
set access address-assignment pool b family inet network 198.51.100.0/24
deactivate access address-assignment pool b
set routing-instances red access address-assignment pool c family inet network 203.0.113.0/24
set routing-instances red system services dhcp-local-server`);
  expect(made.map(({ name, instance }) => `${instance} ${name}`)).toEqual(["default:red c"]);
});
