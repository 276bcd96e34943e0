import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { excludeInterfaceUnknown } from "./exclude-interface-unknown.ts";

test("warns of an interface that is nowhere", () => {
  const said = ruleFindings(
    excludeInterfaceUnknown,
    `set forwarding-options dhcp-relay active-leasequery exclude-interface ge-0/0/1.7`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit forwarding-options dhcp-relay active-leasequery exclude-interface ge-0/0/1.7] dhcp-relay active-leasequery exclude-interface ge-0/0/1.7 is neither configured under interfaces nor used by a group: it excludes nothing: enter "delete forwarding-options dhcp-relay active-leasequery exclude-interface ge-0/0/1.7""`,
  );
});

test("is content with a configured one or one of a group", () => {
  const said = ruleFindings(
    excludeInterfaceUnknown,
    `set forwarding-options dhcp-relay active-leasequery exclude-interface ge-0/0/1.7
set forwarding-options dhcp-relay active-leasequery exclude-interface ge-0/0/2
set forwarding-options dhcp-relay active-leasequery exclude-interface irb.7
set interfaces ge-0/0/1 unit 7
set interfaces ge-0/0/2 disable
set forwarding-options dhcp-relay group access interface irb.7`,
  );
  expect(said).toBe("");
});
