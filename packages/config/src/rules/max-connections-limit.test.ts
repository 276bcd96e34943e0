import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { maxConnectionsLimit } from "./max-connections-limit.ts";

test("refuses as many as the chassis accepts", () => {
  const said = ruleFindings(
    maxConnectionsLimit,
    `set system services dhcp-local-server allow-bulk-leasequery max-connections 5`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services dhcp-local-server allow-bulk-leasequery max-connections] dhcp-local-server allow-bulk-leasequery max-connections 5 must be less than accept-max-tcp-connections 5 (default): one instance must not take all connections of the chassis: add "set system processes dhcp-service accept-max-tcp-connections 6""`,
  );
});

test("counts with the defaults", () => {
  const said = ruleFindings(
    maxConnectionsLimit,
    `set system processes dhcp-service accept-max-tcp-connections 3
set system services dhcp-local-server allow-bulk-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services dhcp-local-server allow-bulk-leasequery max-connections] dhcp-local-server allow-bulk-leasequery max-connections 3 (default) must be less than accept-max-tcp-connections 3: one instance must not take all connections of the chassis: add "set system processes dhcp-service accept-max-tcp-connections 4""`,
  );
});

test("allows one fewer", () => {
  const said = ruleFindings(
    maxConnectionsLimit,
    `set system services dhcp-local-server allow-bulk-leasequery max-connections 4`,
  );
  expect(said).toBe("");
});

test("allows more where the chassis accepts more", () => {
  const said = ruleFindings(
    maxConnectionsLimit,
    `set system processes dhcp-service accept-max-tcp-connections 11
set system services dhcp-local-server allow-bulk-leasequery max-connections 10`,
  );
  expect(said).toBe("");
});
