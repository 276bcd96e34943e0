import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { activeTlsRequired } from "./active-tls-required.ts";

test("neither TLS nor a word that plain TCP is meant", () => {
  const said = ruleFindings(
    activeTlsRequired,
    `set system services dhcp-local-server allow-active-leasequery
set routing-instances red system services dhcp-local-server dhcpv6 allow-active-leasequery timeout 60`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services dhcp-local-server allow-active-leasequery] dhcp-local-server allow-active-leasequery answers over TLS only, and has no certificates; where plain TCP is safe enter "set system services dhcp-local-server allow-active-leasequery insecure", otherwise: add "set system services dhcp-local-server tls certificate-file /etc/leasewire/server.pem private-key-file /etc/leasewire/server.key ca-file /etc/leasewire/ca.pem"
    error: [edit routing-instances red system services dhcp-local-server dhcpv6 allow-active-leasequery] dhcp-local-server dhcpv6 allow-active-leasequery answers over TLS only, and has no certificates; where plain TCP is safe enter "set routing-instances red system services dhcp-local-server dhcpv6 allow-active-leasequery insecure", otherwise: add "set routing-instances red system services dhcp-local-server dhcpv6 tls certificate-file /etc/leasewire/server.pem private-key-file /etc/leasewire/server.key ca-file /etc/leasewire/ca.pem""
  `);
});

test("TLS at another level does not count", () => {
  const said = ruleFindings(
    activeTlsRequired,
    `set system services dhcp-local-server allow-active-leasequery
set system services dhcp-local-server dhcpv6 tls certificate-file /etc/a.pem private-key-file /etc/a.key ca-file /etc/ca.pem`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit system services dhcp-local-server allow-active-leasequery] dhcp-local-server allow-active-leasequery answers over TLS only, and has no certificates; where plain TCP is safe enter "set system services dhcp-local-server allow-active-leasequery insecure", otherwise: add "set system services dhcp-local-server tls certificate-file /etc/leasewire/server.pem private-key-file /etc/leasewire/server.key ca-file /etc/leasewire/ca.pem""`,
  );
});

test("one of the two", () => {
  const said = ruleFindings(
    activeTlsRequired,
    `set system services dhcp-local-server allow-active-leasequery insecure
set system services dhcp-local-server dhcpv6 allow-active-leasequery
set system services dhcp-local-server dhcpv6 tls certificate-file /etc/a.pem private-key-file /etc/a.key ca-file /etc/ca.pem`,
  );
  expect(said).toBe("");
});

test("a relay agent asks over TLS, unless it is told otherwise", () => {
  const said = ruleFindings(
    activeTlsRequired,
    `set forwarding-options dhcp-relay active-leasequery
set forwarding-options dhcp-relay bulk-leasequery mode secure
set logical-systems a forwarding-options dhcp-relay active-leasequery mode insecure
set logical-systems a forwarding-options dhcp-relay bulk-leasequery
set logical-systems b forwarding-options dhcp-relay active-leasequery
set logical-systems b forwarding-options dhcp-relay tls certificate-file /etc/a.pem private-key-file /etc/a.key ca-file /etc/ca.pem`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay active-leasequery] dhcp-relay active-leasequery asks over TLS only, and has no certificates; where plain TCP is safe enter "set forwarding-options dhcp-relay active-leasequery mode insecure", otherwise: add "set forwarding-options dhcp-relay tls certificate-file /etc/leasewire/server.pem private-key-file /etc/leasewire/server.key ca-file /etc/leasewire/ca.pem"
    error: [edit forwarding-options dhcp-relay bulk-leasequery] dhcp-relay bulk-leasequery asks over TLS only, and has no certificates; where plain TCP is safe enter "set forwarding-options dhcp-relay bulk-leasequery mode insecure", otherwise: add "set forwarding-options dhcp-relay tls certificate-file /etc/leasewire/server.pem private-key-file /etc/leasewire/server.key ca-file /etc/leasewire/ca.pem""
  `);
});
