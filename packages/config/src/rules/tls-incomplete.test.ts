import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { tlsIncomplete } from "./tls-incomplete.ts";

test("files missing", () => {
  const said = ruleFindings(
    tlsIncomplete,
    `set system services dhcp-local-server tls certificate-file /etc/a.pem
set system services dhcp-local-server dhcpv6 tls certificate-file /etc/a.pem private-key-file /etc/a.key`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services dhcp-local-server tls] dhcp-local-server tls lacks private-key-file and ca-file: each end shows a certificate and checks the other's: add "set system services dhcp-local-server tls private-key-file /etc/leasewire/server.key ca-file /etc/leasewire/ca.pem"
    error: [edit system services dhcp-local-server dhcpv6 tls] dhcp-local-server dhcpv6 tls lacks ca-file: each end shows a certificate and checks the other's: add "set system services dhcp-local-server dhcpv6 tls ca-file /etc/leasewire/ca.pem""
  `);
});

test("complete", () => {
  const said = ruleFindings(
    tlsIncomplete,
    `set system services dhcp-local-server tls certificate-file /etc/a.pem private-key-file /etc/a.key ca-file /etc/ca.pem`,
  );
  expect(said).toBe("");
});
