import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { serversMissing } from "./servers-missing.ts";

test("warns where there is nobody to ask", () => {
  const said = ruleFindings(
    serversMissing,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay server-group core`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit forwarding-options dhcp-relay leasequery] dhcp-relay leasequery has no server to ask: no server-group here has an address: add "set forwarding-options dhcp-relay server-group servers 192.0.2.1""`,
  );
});

test("servers of the other family do not count", () => {
  const said = ruleFindings(
    serversMissing,
    `set forwarding-options dhcp-relay dhcpv6 bulk-leasequery
set forwarding-options dhcp-relay server-group core 192.0.2.1`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit forwarding-options dhcp-relay dhcpv6 bulk-leasequery] dhcp-relay dhcpv6 bulk-leasequery has no server to ask: no server-group here has an address: add "set forwarding-options dhcp-relay dhcpv6 server-group servers 2001:db8::1""`,
  );
});

test("is content with one server", () => {
  const said = ruleFindings(
    serversMissing,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay server-group core 192.0.2.1`,
  );
  expect(said).toBe("");
});
