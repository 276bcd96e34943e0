import { expect, test } from "vitest";
import { compareConfigurations, compareStatements, patchStatements } from "./compare.ts";
import { applyStatements, parseConfiguration } from "./text/parse.ts";

const from = parseConfiguration(`set system host-name a
set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay server-group core 192.0.2.2
set forwarding-options dhcp-relay leasequery attempts 3
set forwarding-options dhcp-relay bulk-leasequery
set forwarding-options dhcp-relay listen-port 6767`).tree;
const to = applyStatements(
  from,
  `set system host-name b
set forwarding-options dhcp-relay leasequery attempts 4 timeout 2
delete forwarding-options dhcp-relay server-group core 192.0.2.2
set forwarding-options dhcp-relay server-group core 192.0.2.3 port 6768
set routing-instances red instance-type vrf
deactivate forwarding-options dhcp-relay bulk-leasequery
delete forwarding-options dhcp-relay listen-port`,
).tree;

test("compare shows changes where they are, as Junos does", () => {
  expect(compareConfigurations(from, to)).toBe(`[edit]
+   routing-instances {
+       red {
+           instance-type vrf;
+       }
+   }
[edit system]
-   host-name a;
+   host-name b;
[edit forwarding-options dhcp-relay]
!   inactive: bulk-leasequery;
-   listen-port 6767;
[edit forwarding-options dhcp-relay server-group core]
-   192.0.2.2;
+   192.0.2.3 {
+       port 6768;
+   }
[edit forwarding-options dhcp-relay leasequery]
-   attempts 3;
+   attempts 4;
+   timeout 2;
`);
});

test("compare as statements", () => {
  expect(compareStatements(from, to)).toEqual({
    added: [
      "set system host-name b",
      "set forwarding-options dhcp-relay server-group core 192.0.2.3 port 6768",
      "set forwarding-options dhcp-relay leasequery attempts 4",
      "set forwarding-options dhcp-relay leasequery timeout 2",
      "deactivate forwarding-options dhcp-relay bulk-leasequery",
      "set routing-instances red instance-type vrf",
    ],
    removed: [
      "set system host-name a",
      "set forwarding-options dhcp-relay server-group core 192.0.2.2",
      "set forwarding-options dhcp-relay leasequery attempts 3",
      "set forwarding-options dhcp-relay listen-port 6767",
    ],
  });
});

test("nothing changed says nothing", () => {
  expect(compareConfigurations(from, from)).toBe("");
  expect(patchStatements(from, from)).toBe("");
});

// Servers are asked in the order entered.
//   Input:  b is entered before what was there.
//   Output: what comes after the first difference is removed and entered again.
test("a new order of servers is a change", () => {
  const group = "set forwarding-options dhcp-relay server-group g";
  const one = parseConfiguration(`${group} 192.0.2.1\n${group} 192.0.2.2`).tree;
  const other = parseConfiguration(`${group} 192.0.2.2\n${group} 192.0.2.1`).tree;
  expect(compareConfigurations(one, other)).toBe(`[edit forwarding-options dhcp-relay server-group g]
-   192.0.2.1;
-   192.0.2.2;
+   192.0.2.2;
+   192.0.2.1;
`);
});
