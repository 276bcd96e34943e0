import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { circuitIdRequired } from "./circuit-id-required.ts";

test("refuses individual and bulk leasequery without it", () => {
  const said = ruleFindings(
    circuitIdRequired,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay bulk-leasequery
set forwarding-options dhcp-relay relay-option-82 server-id-override`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay leasequery] dhcp-relay leasequery requires relay-option-82 circuit-id: a reply without circuit ID cannot be tied to an interface: add "set forwarding-options dhcp-relay relay-option-82 circuit-id"
    error: [edit forwarding-options dhcp-relay bulk-leasequery] dhcp-relay bulk-leasequery requires relay-option-82 circuit-id: a reply without circuit ID cannot be tied to an interface: add "set forwarding-options dhcp-relay relay-option-82 circuit-id""
  `);
});

test("is content with the bare circuit-id", () => {
  const said = ruleFindings(
    circuitIdRequired,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay relay-option-82 circuit-id`,
  );
  expect(said).toBe("");
});

test("leaves DHCPv6 alone", () => {
  const said = ruleFindings(circuitIdRequired, `set forwarding-options dhcp-relay dhcpv6 bulk-leasequery`);
  expect(said).toBe("");
});
