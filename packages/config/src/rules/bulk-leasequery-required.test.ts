import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { bulkLeasequeryRequired } from "./bulk-leasequery-required.ts";

test("refuses active without bulk, in both families", () => {
  const said = ruleFindings(
    bulkLeasequeryRequired,
    `set forwarding-options dhcp-relay active-leasequery
set forwarding-options dhcp-relay dhcpv6 active-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay active-leasequery] dhcp-relay active-leasequery requires bulk-leasequery at the same level: a connection begins with a bulk transfer: add "set forwarding-options dhcp-relay bulk-leasequery"
    error: [edit forwarding-options dhcp-relay dhcpv6 active-leasequery] dhcp-relay dhcpv6 active-leasequery requires bulk-leasequery at the same level: a connection begins with a bulk transfer: add "set forwarding-options dhcp-relay dhcpv6 bulk-leasequery""
  `);
});

test("bulk of the other family does not count", () => {
  const said = ruleFindings(
    bulkLeasequeryRequired,
    `set forwarding-options dhcp-relay active-leasequery
set forwarding-options dhcp-relay dhcpv6 bulk-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay active-leasequery] dhcp-relay active-leasequery requires bulk-leasequery at the same level: a connection begins with a bulk transfer: add "set forwarding-options dhcp-relay bulk-leasequery""`,
  );
});

test("is content with both", () => {
  const said = ruleFindings(
    bulkLeasequeryRequired,
    `set forwarding-options dhcp-relay active-leasequery
set forwarding-options dhcp-relay bulk-leasequery`,
  );
  expect(said).toBe("");
});
