import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { relayIdentity } from "./relay-identity.ts";

test("warns of two identities of one instance", () => {
  const said = ruleFindings(
    relayIdentity,
    `set forwarding-options dhcp-relay relay-id 00:01
set forwarding-options dhcp-relay dhcpv6 duid 00:03:00:01:aa:bb`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit forwarding-options dhcp-relay dhcpv6 duid] dhcp-relay dhcpv6 of default:default has another duid than the relay-id of dhcp-relay: servers take them for two relay agents: add "set forwarding-options dhcp-relay dhcpv6 duid 00:01""`,
  );
});

test("warns of one identity of two instances", () => {
  const said = ruleFindings(
    relayIdentity,
    `set forwarding-options dhcp-relay relay-id 00:01
set routing-instances red forwarding-options dhcp-relay relay-id 00:01`,
  );
  expect(said).toMatchInlineSnapshot(
    `"warning: [edit routing-instances red forwarding-options dhcp-relay relay-id] dhcp-relay of default:red has the same relay-id as dhcp-relay of default:default: servers take them for one relay agent: enter "delete routing-instances red forwarding-options dhcp-relay relay-id""`,
  );
});

test("is content with the same octets in both families", () => {
  const said = ruleFindings(
    relayIdentity,
    `set forwarding-options dhcp-relay relay-id 00:03:00:01:aa:bb
set forwarding-options dhcp-relay dhcpv6 duid 00:03:00:01:aa:bb`,
  );
  expect(said).toBe("");
});
