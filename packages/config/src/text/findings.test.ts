import { describe, expect, test } from "vitest";
import { formatFinding } from "../finding.ts";
import { LIMITS } from "../limits.ts";
import { EMPTY_TREE } from "../tree.ts";
import { parseConfiguration } from "./parse.ts";

const said = (text: string): string => {
  const { tree, findings } = parseConfiguration(text);
  expect(tree).toBe(EMPTY_TREE);
  return findings.map(formatFinding).join("\n");
};
const relay = "set forwarding-options dhcp-relay";

describe("a refusal says what, where and what to do", () => {
  test("unknown statement, with the nearest word and the mended line", () => {
    expect(said(`${relay} bulk-leasquery attempts 3`)).toMatchInlineSnapshot(
      `"error: line 1, column 35: [edit forwarding-options dhcp-relay] "bulk-leasquery" is not known in "forwarding-options dhcp-relay"; did you mean "bulk-leasequery"? Known here: overrides, relay-option-82, server-group, active-server-group, leasequery, bulk-leasequery, active-leasequery, group, listen-address, listen-port, tls, maximum-hop-count, access-routes, relay-id, dhcpv6: add "set forwarding-options dhcp-relay bulk-leasequery attempts 3""`,
    );
  });
  test("unknown statement without a near word", () => {
    expect(said(`${relay} leasequery frobnicate`)).toMatchInlineSnapshot(
      `"error: line 1, column 46: [edit forwarding-options dhcp-relay leasequery] "frobnicate" is not known in "forwarding-options dhcp-relay leasequery". Known here: attempts, timeout"`,
    );
  });
  test("the vendor's other spelling of topology-discover", () => {
    expect(said(`${relay} active-leasequery topology-discovery`)).toMatchInlineSnapshot(
      `"error: line 1, column 53: [edit forwarding-options dhcp-relay active-leasequery] "topology-discovery" is not known in "forwarding-options dhcp-relay active-leasequery"; did you mean "topology-discover"? Known here: timeout, idle-timeout, peer-address, topology-discover, exclude-interface, stale-timer, mode: add "set forwarding-options dhcp-relay active-leasequery topology-discover""`,
    );
  });
  test("unknown word after a list entry", () => {
    expect(said(`${relay} server-group core 192.0.2.1 prot 6767`)).toMatchInlineSnapshot(
      `"error: line 1, column 63: [edit forwarding-options dhcp-relay server-group core 192.0.2.1] "prot" is not known in "forwarding-options dhcp-relay server-group core 192.0.2.1"; did you mean "port"? Known here: port: add "set forwarding-options dhcp-relay server-group core 192.0.2.1 port 6767""`,
    );
  });
  test("out of range", () => {
    expect(said(`${relay} leasequery attempts 11`)).toMatchInlineSnapshot(
      `"error: line 1, column 55: [edit forwarding-options dhcp-relay leasequery attempts] attempts 11 is out of range: 1 to 10 (default 6)"`,
    );
    expect(said(`${relay} dhcpv6 bulk-leasequery attempts 11 timeout 3`)).toMatchInlineSnapshot(
      `"error: line 1, column 67: [edit forwarding-options dhcp-relay dhcpv6 bulk-leasequery attempts] attempts 11 is out of range: 1 to 10 (default 6)"`,
    );
  });
  test("not a number", () => {
    expect(said(`${relay} leasequery timeout ten`)).toMatchInlineSnapshot(
      `"error: line 1, column 54: [edit forwarding-options dhcp-relay leasequery timeout] timeout takes a whole number, 1 to 10 seconds (default 10); "ten" is not one. Example: timeout 10"`,
    );
  });
  test("wrong address", () => {
    expect(said(`${relay} listen-address 2001:db8::1`)).toMatchInlineSnapshot(
      `"error: line 1, column 50: [edit forwarding-options dhcp-relay listen-address] listen-address takes an IPv4 address; "2001:db8::1" is an IPv6 address. Example: 192.0.2.1"`,
    );
    expect(said(`${relay} server-group core server.example.net`)).toMatchInlineSnapshot(
      `"error: line 1, column 53: [edit forwarding-options dhcp-relay server-group core] core takes an IPv4 or IPv6 address; "server.example.net" is neither. Examples: 192.0.2.1, 2001:db8::1"`,
    );
    expect(said("set interfaces ge-0/0/0 unit 0 family inet address 192.0.2.1")).toMatchInlineSnapshot(
      `"error: line 1, column 52: [edit interfaces ge-0/0/0 unit 0 family inet address] address takes an IPv4 address with prefix length; "192.0.2.1" is not one: "192.0.2.1" has no prefix length: write it behind a slash, such as 192.0.2.0/24. Example: 192.0.2.1/24"`,
    );
  });
  test("wrong choice", () => {
    expect(said(`${relay} dhcpv6 bulk-leasequery trigger manual`)).toMatchInlineSnapshot(
      `"error: line 1, column 66: [edit forwarding-options dhcp-relay dhcpv6 bulk-leasequery trigger] trigger takes automatic, not "manual""`,
    );
  });
  test("wrong interface", () => {
    expect(said("set interfaces ge-0/0/0.7 disable")).toMatchInlineSnapshot(
      `"error: line 1, column 16: [edit interfaces] interfaces takes a physical interface; "ge-0/0/0.7" names a unit of one. Write: ge-0/0/0 unit 7"`,
    );
    expect(said("set routing-instances red interface ge-0/0/0")).toMatchInlineSnapshot(
      `"error: line 1, column 37: [edit routing-instances red interface] interface takes a logical interface; "ge-0/0/0" lacks its unit. Example: ge-0/0/0.0"`,
    );
  });
  test("wrong identifier", () => {
    expect(said(`${relay} dhcpv6 duid 00:0x`)).toMatchInlineSnapshot(
      `"error: line 1, column 47: [edit forwarding-options dhcp-relay dhcpv6 duid] duid: "00:0x" is not a DUID: write it in hex, such as 00:03:00:01:00:11:22:33:44:55 ("00:0x" is not hex: "x" is not one of 0-9 and a-f)"`,
    );
    expect(said(`${relay} dhcpv6 duid 0001`)).toMatchInlineSnapshot(
      `"error: line 1, column 47: [edit forwarding-options dhcp-relay dhcpv6 duid] duid: "0001" has 2 octets: a DUID has 3 to 130, such as 00:03:00:01:00:11:22:33:44:55"`,
    );
    expect(said(`${relay} relay-id pop-7`)).toMatchInlineSnapshot(
      `"error: line 1, column 44: [edit forwarding-options dhcp-relay relay-id] relay-id takes hex: "pop-7" is not hex: "p" is not one of 0-9 and a-f. Example: 00:11:22:33:44:55"`,
    );
  });
  test("missing value, at the end of the line", () => {
    expect(said(`${relay} leasequery attempts`)).toMatchInlineSnapshot(
      `"error: line 1, column 54: [edit forwarding-options dhcp-relay leasequery attempts] "attempts" needs a value: whole number, 1 to 10 (default 6). Example: attempts 6"`,
    );
    expect(said(`${relay} group`)).toMatchInlineSnapshot(
      `"error: line 1, column 40: [edit forwarding-options dhcp-relay group] "group" needs a value: name, 1 to 63 characters. Example: group access"`,
    );
  });
  test("a heading alone", () => {
    expect(said("set system services")).toMatchInlineSnapshot(
      `"error: line 1, column 20: [edit system services] "services" needs a statement after it. Known here: dhcp-local-server, subscriber-management"`,
    );
    expect(said("set")).toMatchInlineSnapshot(`"error: line 1, column 4: "set" needs a statement after it"`);
  });
  test("a value with blanks", () => {
    expect(said("set interfaces ge-0/0/0 description to the core")).toMatchInlineSnapshot(
      `"error: line 1, column 40: [edit interfaces ge-0/0/0] "the" is too much: one statement a line here; a value with blanks needs quotes: "to the""`,
    );
  });
  test("an unknown verb", () => {
    expect(said(`sett system host-name x`)).toMatchInlineSnapshot(
      `"error: line 1, column 1: a statement begins with set, delete, activate, deactivate; "sett" is none of them; did you mean "set"?"`,
    );
  });
  test("quotes, braces and control characters", () => {
    expect(said('set interfaces ge-0/0/0 description "open')).toMatchInlineSnapshot(
      `"error: line 1, column 37: this quote is not closed: add " at the end of the value"`,
    );
    expect(said("set system host-name x\nset system host-name x;")).toMatchInlineSnapshot(
      `"error: line 2, column 23: ";" does not belong in a set statement: one statement a line, without braces or semicolon; a value that contains it needs quotes"`,
    );
    expect(said("set system host-name x\u0007")).toMatchInlineSnapshot(
      `"error: line 1, column 22: "x\\u{7}" contains a control character: values are one line"`,
    );
  });
  test("a delete of several statements", () => {
    expect(said("delete system host-name x y")).toMatchInlineSnapshot(
      `"error: line 1, column 27: [edit system host-name x] delete names one statement; "y" goes beyond "system host-name x": write a line for each"`,
    );
  });
  test("a deactivate that names no single statement", () => {
    expect(said("deactivate interfaces")).toMatchInlineSnapshot(
      `"error: line 1, column 22: [edit interfaces] deactivate needs one statement of "interfaces""`,
    );
  });
  test("every faulty line is told, in order, and nothing is applied", () => {
    expect(
      said(`set system host-name good\n\nset sytem host-name x\n${relay} leasequery attempts 0`),
    ).toMatchInlineSnapshot(`
      "error: line 3, column 5: "sytem" is not known at the top; did you mean "system"? Known here: system, interfaces, forwarding-options, access, routing-instances, logical-systems: add "set system host-name x"
      error: line 4, column 55: [edit forwarding-options dhcp-relay leasequery attempts] attempts 0 is out of range: 1 to 10 (default 6)"
    `);
  });
});

describe("curly braces that do not fit", () => {
  test.each([
    ["system {\n  host-name x;\n", 'line 1, column 8: this "{" is not closed: add "}"'],
    ["system {\n  host-name x\n}\n", 'line 3, column 1: ";" is missing after "x"'],
    ["system { host-name x; } }", 'line 1, column 25: this "}" closes nothing: remove it'],
    ["{ system; }", 'line 1, column 1: "{" has no heading before it'],
    ["/* open\nsystem { host-name x; }", 'line 2, column 24: a comment is not closed: add "*/"'],
    [
      "system {\n  host-nme x;\n}",
      'line 2, column 3: [edit system] "host-nme" is not known in "system"; did you mean "host-name"? Known here: host-name, services, processes',
    ],
  ])("%j", (text, message) => {
    expect(said(text)).toBe(`error: ${message}`);
  });
});

describe("limits", () => {
  test("statementsMax", () => {
    expect(said("delete access\n".repeat(LIMITS.statementsMax + 1))).toBe(
      "error: line 50001, column 1: the text has 50001 statements, more than 50000: load it in parts",
    );
  });
  test("lineLengthMax", () => {
    expect(said(`# ${"x".repeat(LIMITS.lineLengthMax)}`)).toBe(
      "error: line 1, column 4097: this line has 4098 characters, more than 4096: split it",
    );
  });
  test("textBytesMax counts octets", () => {
    const text = `# ${"é".repeat(60)}\n`.repeat(9000);
    expect(text.length).toBeLessThan(LIMITS.textBytesMax);
    expect(said(text)).toBe(
      "error: line 1, column 1: the text has 1107000 octets, more than 1048576: load it in parts",
    );
  });
  test("the whole configuration, when short braces stand for long statements", () => {
    const interfaces = Array.from({ length: 30_000 }, (_, i) => `${i} { disable; }`);
    const text = `logical-systems { ${"x".repeat(60)} { interfaces { ge-0/0/0 { unit {\n${interfaces.join("\n")}\n}}}}}`;
    expect(said(text)).toMatch(
      /^error: the whole configuration would have \d+ octets as set statements, more than 1048576$/,
    );
  });
  test("depthMax", () => {
    expect(said("a {\n".repeat(100_000))).toBe("error: line 41, column 3: blocks are nested deeper than 40");
  });
  test("wordsMax", () => {
    expect(said(`set ${"a ".repeat(1000)}`)).toBe(
      "error: line 1, column 515: one line has more than 256 words: split it",
    );
  });
  test("findingsMax", () => {
    const { findings } = parseConfiguration("nonsense\n".repeat(5000));
    expect(findings).toHaveLength(LIMITS.findingsMax + 1);
    expect(formatFinding(findings[LIMITS.findingsMax]!)).toBe(
      "error: 4900 further findings are not shown: mend these first",
    );
  });
});

// Processor time, the best of three: other programs on the machine must not fail this.
test("a text as large as allowed is read in less than a second", () => {
  const lines: string[] = [];
  for (let i = 0, octets = 0; octets < LIMITS.textBytesMax - 80; i += 1) {
    const line = `set interfaces g${i % 50} unit ${Math.floor(i / 50)} vlan-id ${(i % 4000) + 1}\n`;
    lines.push(line);
    octets += line.length;
  }
  const large = lines.join("");
  const many = "delete access\n".repeat(LIMITS.statementsMax);
  for (const text of [large, many]) {
    const timesMs = [1, 2, 3].map(() => {
      const before = process.cpuUsage();
      expect(parseConfiguration(text).findings.some(({ severity }) => severity === "error")).toBe(false);
      return process.cpuUsage(before).user / 1000;
    });
    expect(Math.min(...timesMs)).toBeLessThan(1000);
  }
});
