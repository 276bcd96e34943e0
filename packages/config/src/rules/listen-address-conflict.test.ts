import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { listenAddressConflict } from "./listen-address-conflict.ts";

test("refuses the same address and port", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set forwarding-options dhcp-relay listen-address 127.0.0.2
set logical-systems core forwarding-options dhcp-relay listen-address 127.0.0.2`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit logical-systems core forwarding-options dhcp-relay listen-address] dhcp-relay of core:default listens on 127.0.0.2 port 67, and dhcp-relay of default:default on the same already: replies could reach the wrong one: add "set logical-systems core forwarding-options dhcp-relay listen-address 127.0.0.3""`,
  );
});

test("every address includes each", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set forwarding-options dhcp-relay leasequery
set logical-systems core forwarding-options dhcp-relay listen-address 127.0.0.2`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit logical-systems core forwarding-options dhcp-relay listen-address] dhcp-relay of core:default listens on 127.0.0.2 port 67, and dhcp-relay of default:default on every address, which includes it, already: replies could reach the wrong one: add "set forwarding-options dhcp-relay listen-address 127.0.0.3""`,
  );
});

test("two on every address", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set forwarding-options dhcp-relay dhcpv6 leasequery
set routing-instances red forwarding-options dhcp-relay dhcpv6 leasequery`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit routing-instances red forwarding-options dhcp-relay dhcpv6 listen-address] dhcp-relay dhcpv6 of default:red listens on every address port 546, and dhcp-relay dhcpv6 of default:default on the same already: replies could reach the wrong one: add "set routing-instances red forwarding-options dhcp-relay dhcpv6 listen-address 2001:db8::2""`,
  );
});

test("holds between a relay agent and a server", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set forwarding-options dhcp-relay listen-address 127.0.0.2
set system services dhcp-local-server listen-address 127.0.0.2`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services dhcp-local-server listen-address] dhcp-local-server of default:default listens on 127.0.0.2 port 67, and dhcp-relay of default:default on the same already: replies could reach the wrong one: add "set system services dhcp-local-server listen-address 127.0.0.3""`,
  );
});

test("other ports, other addresses, other families", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set forwarding-options dhcp-relay listen-address 127.0.0.2
set logical-systems a forwarding-options dhcp-relay listen-address 127.0.0.2
set logical-systems a forwarding-options dhcp-relay listen-port 6767
set logical-systems b forwarding-options dhcp-relay listen-address 127.0.0.3
set forwarding-options dhcp-relay dhcpv6 listen-address ::1`,
  );
  expect(said).toBe("");
});

test("relay agents that open no socket do not count", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set forwarding-options dhcp-relay
set routing-instances red forwarding-options dhcp-relay`,
  );
  expect(said).toBe("");
});

test("servers listen on every address unless told otherwise; VRF devices keep them apart", () => {
  const said = ruleFindings(
    listenAddressConflict,
    `set system services dhcp-local-server
set logical-systems core system services dhcp-local-server
set routing-instances red vrf-device vrf-red
set routing-instances red system services dhcp-local-server
set routing-instances blue vrf-device vrf-blue
set routing-instances blue forwarding-options dhcp-relay leasequery`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit logical-systems core system services dhcp-local-server listen-address] dhcp-local-server of core:default listens on every address port 67, and dhcp-local-server of default:default on the same already: replies could reach the wrong one: add "set logical-systems core system services dhcp-local-server listen-address 192.0.2.2""`,
  );
});
