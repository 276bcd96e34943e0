import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolUnserved } from "./pool-unserved.ts";

test("no server of the instance or family", () => {
  const said = ruleFindings(
    poolUnserved,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set system services dhcp-local-server
set routing-instances red access address-assignment pool b family inet network 198.51.100.0/24`,
  );
  expect(said).toMatchInlineSnapshot(`
    "warning: [edit access address-assignment pool a family inet6] pool a is not served: default:default has no dhcp-local-server dhcpv6: add "set system services dhcp-local-server dhcpv6"
    warning: [edit routing-instances red access address-assignment pool b family inet] pool b is not served: default:red has no dhcp-local-server: add "set routing-instances red system services dhcp-local-server""
  `);
});

test("served", () => {
  const said = ruleFindings(
    poolUnserved,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet6 prefix 2001:db8::/48
set system services dhcp-local-server
set system services dhcp-local-server allow-leasequery
set system services dhcp-local-server dhcpv6`,
  );
  expect(said).toBe("");
});
