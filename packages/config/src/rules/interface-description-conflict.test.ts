import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { interfaceDescriptionConflict } from "./interface-description-conflict.ts";

test("refuses both in one block", () => {
  const said = ruleFindings(
    interfaceDescriptionConflict,
    `set forwarding-options dhcp-relay relay-option-82 circuit-id use-interface-description logical
set forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay relay-option-82 circuit-id] circuit-id cannot have both use-interface-description and require-interface-description: keep one: enter "delete forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description""`,
  );
});

test("holds in groups and for DHCPv6", () => {
  const said = ruleFindings(
    interfaceDescriptionConflict,
    `set forwarding-options dhcp-relay group access relay-option-82 remote-id use-interface-description device require-interface-description
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id use-interface-description logical require-interface-description`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay group access relay-option-82 remote-id] remote-id cannot have both use-interface-description and require-interface-description: keep one: enter "delete forwarding-options dhcp-relay group access relay-option-82 remote-id require-interface-description"
    error: [edit forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id] relay-agent-interface-id cannot have both use-interface-description and require-interface-description: keep one: enter "delete forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id require-interface-description""
  `);
});

test("allows one", () => {
  const said = ruleFindings(
    interfaceDescriptionConflict,
    `set forwarding-options dhcp-relay relay-option-82 circuit-id use-interface-description logical`,
  );
  expect(said).toBe("");
});
