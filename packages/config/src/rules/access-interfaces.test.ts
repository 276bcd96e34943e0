import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { accessInterfaceShared } from "./access-interface-shared.ts";
import { accessInterfaceUnreachable } from "./access-interface-unreachable.ts";
import { datagramLinkConflict } from "./datagram-link-conflict.ts";
import { datagramLinkIncomplete } from "./datagram-link-incomplete.ts";
import { gatewayAddressMissing } from "./gateway-address-missing.ts";
import { interfaceRange } from "./interface-range.ts";

const complete = `set interfaces ge-0/0/1 unit 0 datagram-link inet local-address 127.0.0.1 local-port 20067 remote-address 127.0.0.1 remote-port 20068
set interfaces ge-0/0/1 unit 0 family inet address 10.0.0.1/24
set interfaces ge-0/0/2 unit 0 device eth2
set interfaces ge-0/0/3 unit 0 disable
set forwarding-options dhcp-relay group a interface ge-0/0/1.0 upto ge-0/0/2.0
set forwarding-options dhcp-relay group b interface ge-0/0/3.0`;

test("interfaces that clients can be reached through", () => {
  const rules = [
    accessInterfaceShared,
    accessInterfaceUnreachable,
    datagramLinkConflict,
    datagramLinkIncomplete,
    gatewayAddressMissing,
    interfaceRange,
  ];
  expect(rules.map((rule) => ruleFindings(rule, complete)).join("")).toBe("");
});

test("the same interface in two groups, one of them a range", () => {
  const said = ruleFindings(
    accessInterfaceShared,
    `set interfaces ge-0/0/1 unit 0 device eth1
set interfaces ge-0/0/1 unit 1 device eth2
set interfaces ge-0/0/1 unit 2 device eth3
set forwarding-options dhcp-relay group a interface ge-0/0/1.0 upto ge-0/0/1.2
set forwarding-options dhcp-relay group b interface ge-0/0/1.1`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay group b] dhcp-relay group b has the interface ge-0/0/1.1, which group a has already; leave it out of one of them: add "set forwarding-options dhcp-relay group b interface ge-0/0/1.1 exclude""`,
  );
});

test("no device", () => {
  const said = ruleFindings(
    accessInterfaceUnreachable,
    `set logical-systems bng-a forwarding-options dhcp-relay group a interface ge-0/0/1.0
set logical-systems bng-a forwarding-options dhcp-relay group a interface ge-0/0/2.0
set interfaces ge-0/0/1 unit 0 datagram-link inet local-address 127.0.0.1 local-port 20067 remote-address 127.0.0.1 remote-port 20068
set forwarding-options dhcp-relay dhcpv6 group a interface ge-0/0/1`,
  );
  expect(said).toMatchInlineSnapshot(`
    "warning: [edit forwarding-options dhcp-relay dhcpv6 group a interface ge-0/0/1.0] dhcp-relay dhcpv6 client interface ge-0/0/1.0 has no network device: its clients are not heard: add "set interfaces ge-0/0/1 unit 0 device eth1"
    warning: [edit logical-systems bng-a forwarding-options dhcp-relay group a interface ge-0/0/1.0] dhcp-relay client interface ge-0/0/1.0 and 1 more has no network device: its clients are not heard: add "set logical-systems bng-a interfaces ge-0/0/1 unit 0 device eth1""
  `);
});

test("datagram links without an end, with the same end, beside a device", () => {
  const text = `set interfaces ge-0/0/1 unit 0 datagram-link inet local-address 127.0.0.1 local-port 20067
set interfaces ge-0/0/1 unit 1 datagram-link inet local-address 127.0.0.1 local-port 20067 remote-address 127.0.0.1 remote-port 1
set interfaces ge-0/0/2 unit 0 device eth2
set interfaces ge-0/0/2 unit 0 datagram-link inet6 local-address ::1 local-port 20547 remote-address ::1 remote-port 20546`;
  expect(ruleFindings(datagramLinkIncomplete, text)).toMatchInlineSnapshot(
    `"error: [edit interfaces ge-0/0/1 unit 0 datagram-link inet] ge-0/0/1.0 datagram-link inet lacks remote-address and remote-port: datagrams need both ends: add "set interfaces ge-0/0/1 unit 0 datagram-link inet remote-address 127.0.0.1 remote-port 20067""`,
  );
  expect(ruleFindings(datagramLinkConflict, text)).toMatchInlineSnapshot(`
    "error: [edit interfaces ge-0/0/1 unit 1 datagram-link inet] ge-0/0/1.1 has the local end 127.0.0.1 port 20067, which ge-0/0/1.0 has already: a datagram belongs to one logical interface: add "set interfaces ge-0/0/1 unit 1 datagram-link inet local-port 20068"
    error: [edit interfaces ge-0/0/2 unit 0 datagram-link] ge-0/0/2.0 has the device eth2 and a datagram-link: clients are reached through one of them: enter "delete interfaces ge-0/0/2 unit 0 datagram-link""
  `);
});

test("no address to name the subnet of clients by", () => {
  const said = ruleFindings(
    gatewayAddressMissing,
    `set interfaces ge-0/0/1 unit 0 datagram-link inet6 local-address ::1 local-port 20547 remote-address ::1 remote-port 20546
set forwarding-options dhcp-relay dhcpv6 group a interface ge-0/0/1.0`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay dhcpv6 group a interface ge-0/0/1.0] dhcp-relay dhcpv6 client interface ge-0/0/1.0 has a datagram-link and no address: servers could not tell the subnet of its clients: add "set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8::1/64""`,
  );
});

test("ranges that do not hold", () => {
  const said = ruleFindings(
    interfaceRange,
    `set forwarding-options dhcp-relay group a interface ge-0/0/10.0 upto ge-0/0/9.0
set system services dhcp-local-server group a interface ge-0/0/9.0 upto ae0.0
set system services dhcp-local-server group a interface ge-0/0/9.0 upto ge-0/0/10.0`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay group a interface ge-0/0/10.0 upto] dhcp-relay group a has a range from ge-0/0/10.0 up to ge-0/0/9.0: its end comes before its begin: enter "delete forwarding-options dhcp-relay group a interface ge-0/0/10.0 upto""`,
  );
});
