import { describe, expect, test } from "vitest";
import { printBraces } from "../print-braces.ts";
import { printSet } from "../print-set.ts";
import { EMPTY_TREE } from "../tree.ts";
import { applyStatements, parseConfiguration } from "./parse.ts";

const sample = `set system host-name bng-a
set interfaces ge-0/0/2 unit 0 family inet address 192.0.2.1/24
set interfaces ge-0/0/10 unit 0 description "to the core"
set forwarding-options dhcp-relay overrides always-write-option-82
set forwarding-options dhcp-relay relay-option-82 circuit-id
set forwarding-options dhcp-relay server-group core 192.0.2.1 port 6767
set forwarding-options dhcp-relay server-group core 192.0.2.9
set forwarding-options dhcp-relay active-server-group core
set forwarding-options dhcp-relay leasequery
deactivate forwarding-options dhcp-relay leasequery
set forwarding-options dhcp-relay bulk-leasequery attempts 30
set forwarding-options dhcp-relay bulk-leasequery timeout 10
set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2
set forwarding-options dhcp-relay active-leasequery topology-discover
set forwarding-options dhcp-relay listen-address 127.0.0.2
set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id
set forwarding-options dhcp-relay dhcpv6 duid 00:03:00:01:00:11:22:33:44:55
set routing-instances red instance-type vrf
set logical-systems core system services dhcp-local-server allow-leasequery restricted-requestor
`;

describe("set statements", () => {
  test("print as they were entered, in canonical order", () => {
    const { tree, findings } = parseConfiguration(sample);
    expect(findings).toEqual([]);
    expect(printSet(tree)).toBe(sample);
  });

  test("several words of one block on a line", () => {
    const { tree, findings } = parseConfiguration(`
      # comments and blank lines are left out
      set forwarding-options dhcp-relay bulk-leasequery attempts 30 timeout 10   # also here
      set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2 topology-discover
      set forwarding-options dhcp-relay server-group core 192.0.2.1 port 6767
      set system services dhcp-local-server allow-bulk-leasequery max-connections 4 restricted-requestor`);
    expect(findings).toEqual([]);
    expect(printSet(tree)).toBe(`set system services dhcp-local-server allow-bulk-leasequery max-connections 4
set system services dhcp-local-server allow-bulk-leasequery restricted-requestor
set forwarding-options dhcp-relay server-group core 192.0.2.1 port 6767
set forwarding-options dhcp-relay bulk-leasequery attempts 30
set forwarding-options dhcp-relay bulk-leasequery timeout 10
set forwarding-options dhcp-relay active-leasequery peer-address 192.0.2.2
set forwarding-options dhcp-relay active-leasequery topology-discover
`);
  });

  test("values become canonical", () => {
    const { tree } = parseConfiguration(`set forwarding-options dhcp-relay dhcpv6 listen-address 2001:DB8:0:0::1
set forwarding-options dhcp-relay dhcpv6 duid 0x0003000100112233445A
set forwarding-options dhcp-relay leasequery attempts 007`);
    expect(printSet(tree)).toBe(`set forwarding-options dhcp-relay leasequery attempts 7
set forwarding-options dhcp-relay dhcpv6 listen-address 2001:db8::1
set forwarding-options dhcp-relay dhcpv6 duid 00:03:00:01:00:11:22:33:44:5a
`);
  });

  test("several values in brackets", () => {
    const { tree, findings } = parseConfiguration("set routing-instances red interface [ ge-0/0/1.0 ge-0/0/0.7 ]");
    expect(findings).toEqual([]);
    expect(printSet(tree)).toBe(
      "set routing-instances red interface ge-0/0/0.7\nset routing-instances red interface ge-0/0/1.0\n",
    );
  });
});

describe("curly braces", () => {
  test("read back what they print", () => {
    const { tree } = parseConfiguration(sample);
    const again = parseConfiguration(printBraces(tree));
    expect(again.findings).toEqual([]);
    expect(printSet(again.tree)).toBe(sample);
  });

  test("look like Junos", () => {
    expect(printBraces(parseConfiguration(sample).tree)).toMatchInlineSnapshot(`
      "system {
          host-name bng-a;
      }
      interfaces {
          ge-0/0/2 {
              unit 0 {
                  family inet {
                      address 192.0.2.1/24;
                  }
              }
          }
          ge-0/0/10 {
              unit 0 {
                  description "to the core";
              }
          }
      }
      forwarding-options {
          dhcp-relay {
              overrides {
                  always-write-option-82;
              }
              relay-option-82 {
                  circuit-id;
              }
              server-group {
                  core {
                      192.0.2.1 {
                          port 6767;
                      }
                      192.0.2.9;
                  }
              }
              active-server-group core;
              inactive: leasequery;
              bulk-leasequery {
                  attempts 30;
                  timeout 10;
              }
              active-leasequery {
                  peer-address 192.0.2.2;
                  topology-discover;
              }
              listen-address 127.0.0.2;
              dhcpv6 {
                  relay-agent-interface-id;
                  duid 00:03:00:01:00:11:22:33:44:55;
              }
          }
      }
      routing-instances {
          red {
              instance-type vrf;
          }
      }
      logical-systems {
          core {
              system {
                  services {
                      dhcp-local-server {
                          allow-leasequery {
                              restricted-requestor;
                          }
                      }
                  }
              }
          }
      }
      "
    `);
  });
});

describe("delete, deactivate, activate", () => {
  const base = parseConfiguration(sample).tree;
  const applied = (text: string) => applyStatements(base, text);

  test("a heading that becomes empty goes with its last statement", () => {
    const { tree, findings } = applyStatements(base, "delete system host-name");
    expect(findings).toEqual([]);
    expect(tree.children.has("system")).toBe(false);
  });

  test("a block that says something by itself stays", () => {
    const { tree } = applied("delete forwarding-options dhcp-relay relay-option-82 circuit-id");
    expect(printSet(tree)).toContain("set forwarding-options dhcp-relay relay-option-82\n");
  });

  test("what is not there is a warning, and the rest is applied", () => {
    const { tree, findings } = applied("delete system services\ndelete system host-name");
    expect(findings).toEqual([
      {
        severity: "warning",
        rule: "text-not-found",
        path: "system services",
        message: 'nothing to delete: there is no "system services" here',
        line: 1,
        column: 1,
        statement: "delete system services",
      },
    ]);
    expect(tree.children.has("system")).toBe(false);
  });

  test("activate undoes deactivate", () => {
    const { tree } = applied("activate forwarding-options dhcp-relay leasequery");
    expect(printSet(tree)).toBe(sample.replace(/deactivate .*\n/, ""));
  });

  test("an error anywhere leaves the very tree that came in", () => {
    const { tree, findings } = applied("delete system host-name\nset nonsense");
    expect(tree).toBe(base);
    expect(findings).toHaveLength(1);
  });
});

test("nothing gives the empty configuration", () => {
  expect(parseConfiguration("\n# nothing\n\n")).toEqual({ tree: EMPTY_TREE, findings: [] });
});
