import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { allowBulkLeasequeryRequired } from "./allow-bulk-leasequery-required.ts";

test("refuses active without bulk", () => {
  const said = ruleFindings(
    allowBulkLeasequeryRequired,
    `set system services dhcp-local-server allow-active-leasequery
set system services dhcp-local-server dhcpv6 allow-active-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services dhcp-local-server allow-active-leasequery] dhcp-local-server allow-active-leasequery requires allow-bulk-leasequery at the same level: requestors fill the gaps of an active connection by bulk leasequery: add "set system services dhcp-local-server allow-bulk-leasequery"
    error: [edit system services dhcp-local-server dhcpv6 allow-active-leasequery] dhcp-local-server dhcpv6 allow-active-leasequery requires allow-bulk-leasequery at the same level: requestors fill the gaps of an active connection by bulk leasequery: add "set system services dhcp-local-server dhcpv6 allow-bulk-leasequery""
  `);
});

test("is content with both", () => {
  const said = ruleFindings(
    allowBulkLeasequeryRequired,
    `set system services dhcp-local-server allow-active-leasequery
set system services dhcp-local-server allow-bulk-leasequery`,
  );
  expect(said).toBe("");
});
