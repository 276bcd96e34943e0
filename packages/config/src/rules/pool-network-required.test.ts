import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { poolNetworkRequired } from "./pool-network-required.ts";

test("a pool without network or prefix", () => {
  const said = ruleFindings(
    poolNetworkRequired,
    `set access address-assignment pool a family inet range r1 low 192.0.2.1 high 192.0.2.9
set logical-systems core access address-assignment pool b family inet6 dhcp-attributes dns-server 2001:db8::53`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit access address-assignment pool a family inet] pool a has no network: it gives nothing out, and no server knows which link it serves: add "set access address-assignment pool a family inet network 192.0.2.0/24"
    error: [edit logical-systems core access address-assignment pool b family inet6] pool b has no prefix: it gives nothing out, and no server knows which link it serves: add "set logical-systems core access address-assignment pool b family inet6 prefix 2001:db8::/64""
  `);
});

test("with one", () => {
  const said = ruleFindings(
    poolNetworkRequired,
    `set access address-assignment pool a family inet network 192.0.2.0/24
set access address-assignment pool a family inet6 prefix 2001:db8::/48`,
  );
  expect(said).toBe("");
});
