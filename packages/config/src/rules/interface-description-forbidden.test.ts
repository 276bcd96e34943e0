import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { interfaceDescriptionForbidden } from "./interface-description-forbidden.ts";

test("refuses both statements", () => {
  const said = ruleFindings(
    interfaceDescriptionForbidden,
    `set forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay relay-option-82 circuit-id use-interface-description logical
set forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay relay-option-82 circuit-id use-interface-description] circuit-id use-interface-description cannot be used with dhcp-relay leasequery: a description does not lead back from a binding to its interface: enter "delete forwarding-options dhcp-relay relay-option-82 circuit-id use-interface-description"
    error: [edit forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description] circuit-id require-interface-description cannot be used with dhcp-relay leasequery: a description does not lead back from a binding to its interface: enter "delete forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description""
  `);
});

test("names bulk where only bulk is configured", () => {
  const said = ruleFindings(
    interfaceDescriptionForbidden,
    `set forwarding-options dhcp-relay bulk-leasequery
set forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description] circuit-id require-interface-description cannot be used with dhcp-relay bulk-leasequery: a description does not lead back from a binding to its interface: enter "delete forwarding-options dhcp-relay relay-option-82 circuit-id require-interface-description""`,
  );
});

test("allows them without leasequery", () => {
  const said = ruleFindings(
    interfaceDescriptionForbidden,
    `set forwarding-options dhcp-relay relay-option-82 circuit-id use-interface-description device`,
  );
  expect(said).toBe("");
});
