import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { alwaysWriteOption82Required } from "./always-write-option-82-required.ts";

test("refuses individual and bulk leasequery without it", () => {
  const said = ruleFindings(
    alwaysWriteOption82Required,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay bulk-leasequery`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay leasequery] dhcp-relay leasequery requires overrides always-write-option-82: a binding is tied to its interface by the circuit ID that this relay agent itself wrote: add "set forwarding-options dhcp-relay overrides always-write-option-82"
    error: [edit forwarding-options dhcp-relay bulk-leasequery] dhcp-relay bulk-leasequery requires overrides always-write-option-82: a binding is tied to its interface by the circuit ID that this relay agent itself wrote: add "set forwarding-options dhcp-relay overrides always-write-option-82""
  `);
});

test("holds in every instance", () => {
  const said = ruleFindings(
    alwaysWriteOption82Required,
    `set logical-systems core routing-instances red forwarding-options dhcp-relay leasequery`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit logical-systems core routing-instances red forwarding-options dhcp-relay leasequery] dhcp-relay leasequery requires overrides always-write-option-82: a binding is tied to its interface by the circuit ID that this relay agent itself wrote: add "set logical-systems core routing-instances red forwarding-options dhcp-relay overrides always-write-option-82""`,
  );
});

test("is content with the override", () => {
  const said = ruleFindings(
    alwaysWriteOption82Required,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay overrides always-write-option-82`,
  );
  expect(said).toBe("");
});

test("does not count a deactivated override", () => {
  const said = ruleFindings(
    alwaysWriteOption82Required,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay overrides always-write-option-82
deactivate forwarding-options dhcp-relay overrides`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay leasequery] dhcp-relay leasequery requires overrides always-write-option-82: a binding is tied to its interface by the circuit ID that this relay agent itself wrote: add "set forwarding-options dhcp-relay overrides always-write-option-82""`,
  );
});

test("leaves DHCPv6 alone", () => {
  const said = ruleFindings(alwaysWriteOption82Required, `set forwarding-options dhcp-relay dhcpv6 leasequery`);
  expect(said).toBe("");
});
