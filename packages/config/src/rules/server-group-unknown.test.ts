import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { serverGroupUnknown } from "./server-group-unknown.ts";

test("refuses a group that does not exist", () => {
  const said = ruleFindings(serverGroupUnknown, `set forwarding-options dhcp-relay active-server-group core`);
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay active-server-group] dhcp-relay has no server-group core; there is none: add "set forwarding-options dhcp-relay server-group core 192.0.2.1""`,
  );
});

test("offers the nearest name", () => {
  const said = ruleFindings(
    serverGroupUnknown,
    `set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay server-group edge 192.0.2.2
set forwarding-options dhcp-relay group access active-server-group croe`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay group access active-server-group] dhcp-relay has no server-group croe; there are core, edge: add "set forwarding-options dhcp-relay group access active-server-group core""`,
  );
});

test("a group of the other family is unknown", () => {
  const said = ruleFindings(
    serverGroupUnknown,
    `set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay dhcpv6 active-server-group core`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay dhcpv6 active-server-group] dhcp-relay dhcpv6 has no server-group core; there is none: add "set forwarding-options dhcp-relay dhcpv6 server-group core 2001:db8::1""`,
  );
});

test("is content with one that exists", () => {
  const said = ruleFindings(
    serverGroupUnknown,
    `set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay active-server-group core`,
  );
  expect(said).toBe("");
});
