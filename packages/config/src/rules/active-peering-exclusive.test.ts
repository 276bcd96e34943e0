import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { activePeeringExclusive } from "./active-peering-exclusive.ts";

test("refuses each of the three beside peering", () => {
  const said = ruleFindings(
    activePeeringExclusive,
    `set system services dhcp-local-server active-leasequery
set system services dhcp-local-server allow-leasequery
set system services dhcp-local-server allow-bulk-leasequery
set system services dhcp-local-server allow-active-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services dhcp-local-server allow-leasequery] dhcp-local-server allow-leasequery and active-leasequery exclude each other: a server either answers requestors or synchronises with peer servers: enter "delete system services dhcp-local-server allow-leasequery"
    error: [edit system services dhcp-local-server allow-bulk-leasequery] dhcp-local-server allow-bulk-leasequery and active-leasequery exclude each other: a server either answers requestors or synchronises with peer servers: enter "delete system services dhcp-local-server allow-bulk-leasequery"
    error: [edit system services dhcp-local-server allow-active-leasequery] dhcp-local-server allow-active-leasequery and active-leasequery exclude each other: a server either answers requestors or synchronises with peer servers: enter "delete system services dhcp-local-server allow-active-leasequery""
  `);
});

test("holds for DHCPv6", () => {
  const said = ruleFindings(
    activePeeringExclusive,
    `set system services dhcp-local-server dhcpv6 active-leasequery
set system services dhcp-local-server dhcpv6 allow-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services dhcp-local-server dhcpv6 allow-leasequery] dhcp-local-server dhcpv6 allow-leasequery and active-leasequery exclude each other: a server either answers requestors or synchronises with peer servers: enter "delete system services dhcp-local-server dhcpv6 allow-leasequery""`,
  );
});

test("families do not exclude each other", () => {
  const said = ruleFindings(
    activePeeringExclusive,
    `set system services dhcp-local-server active-leasequery
set system services dhcp-local-server dhcpv6 allow-leasequery`,
  );
  expect(said).toBe("");
});
