import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { peerAddressOwn } from "./peer-address-own.ts";

test("refuses itself as peer", () => {
  const said = ruleFindings(
    peerAddressOwn,
    `set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay active-leasequery peer-address 127.0.0.2`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay active-leasequery peer-address 127.0.0.2] dhcp-relay active-leasequery peer-address 127.0.0.2 is its own listen-address: a peer is another relay agent or server: enter "delete forwarding-options dhcp-relay active-leasequery peer-address 127.0.0.2""`,
  );
});

test("allows another port of the same address", () => {
  const said = ruleFindings(
    peerAddressOwn,
    `set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay active-leasequery peer-address 127.0.0.2 port 6767`,
  );
  expect(said).toBe("");
});

test("allows others", () => {
  const said = ruleFindings(
    peerAddressOwn,
    `set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay active-leasequery peer-address 127.0.0.3`,
  );
  expect(said).toBe("");
});
