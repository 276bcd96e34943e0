import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { timeoutBelowRfcDefault } from "./timeout-below-rfc-default.ts";

test("warns of short timeouts", () => {
  const said = ruleFindings(
    timeoutBelowRfcDefault,
    `set system services dhcp-local-server allow-bulk-leasequery timeout 120
set system services dhcp-local-server dhcpv6 allow-active-leasequery timeout 60 idle-timeout 30
set forwarding-options dhcp-relay active-leasequery idle-timeout 59`,
  );
  expect(said).toMatchInlineSnapshot(`
    "warning: [edit forwarding-options dhcp-relay active-leasequery idle-timeout] dhcp-relay active-leasequery idle-timeout 59 is below the recommended 60 seconds (RFC 7724 §5.3, ACTIVE_LQ_IDLE_TIMEOUT): slow peers are cut off: add "set forwarding-options dhcp-relay active-leasequery idle-timeout 60"
    warning: [edit system services dhcp-local-server allow-bulk-leasequery timeout] dhcp-local-server allow-bulk-leasequery timeout 120 is below the recommended 300 seconds (RFC 6926 §6.3, BULK_LQ_DATA_TIMEOUT): slow peers are cut off: add "set system services dhcp-local-server allow-bulk-leasequery timeout 300"
    warning: [edit system services dhcp-local-server dhcpv6 allow-active-leasequery timeout] dhcp-local-server dhcpv6 allow-active-leasequery timeout 60 is below the recommended 120 seconds (RFC 7653 §6.4, ACTIVE_LQ_SEND_TIMEOUT): slow peers are cut off: add "set system services dhcp-local-server dhcpv6 allow-active-leasequery timeout 120"
    warning: [edit system services dhcp-local-server dhcpv6 allow-active-leasequery idle-timeout] dhcp-local-server dhcpv6 allow-active-leasequery idle-timeout 30 is below the recommended 60 seconds (RFC 7653 §6.4, ACTIVE_LQ_IDLE_TIMEOUT): slow peers are cut off: add "set system services dhcp-local-server dhcpv6 allow-active-leasequery idle-timeout 60""
  `);
});

test("says nothing about the defaults", () => {
  const said = ruleFindings(
    timeoutBelowRfcDefault,
    `set system services dhcp-local-server allow-bulk-leasequery
set forwarding-options dhcp-relay active-leasequery`,
  );
  expect(said).toBe("");
});

test("says nothing about the values of the RFCs", () => {
  const said = ruleFindings(
    timeoutBelowRfcDefault,
    `set system services dhcp-local-server allow-bulk-leasequery timeout 300
set forwarding-options dhcp-relay active-leasequery timeout 120 idle-timeout 60`,
  );
  expect(said).toBe("");
});
