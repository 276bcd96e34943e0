import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { serverPoolsMissing } from "./server-pools-missing.ts";

test("no pool of the family or instance", () => {
  const said = ruleFindings(
    serverPoolsMissing,
    `set system services dhcp-local-server allow-leasequery
set system services dhcp-local-server dhcpv6
set access address-assignment pool a family inet network 192.0.2.0/24
set logical-systems core system services dhcp-local-server`,
  );
  expect(said).toMatchInlineSnapshot(`
    "warning: [edit system services dhcp-local-server dhcpv6] dhcp-local-server dhcpv6 of default:default has no pool: it gives nothing out: add "set access address-assignment pool customers family inet6 prefix 2001:db8::/64"
    warning: [edit logical-systems core system services dhcp-local-server] dhcp-local-server of core:default has no pool: it gives nothing out: add "set logical-systems core access address-assignment pool customers family inet network 192.0.2.0/24""
  `);
});

test("a pool", () => {
  const said = ruleFindings(
    serverPoolsMissing,
    `set system services dhcp-local-server
set access address-assignment pool a family inet network 192.0.2.0/24`,
  );
  expect(said).toBe("");
});
