import { expect, test } from "vitest";
import { completions } from "./completions.ts";
import { parseConfiguration } from "./text/parse.ts";

const { tree } = parseConfiguration(`set interfaces ge-0/0/1 unit 7 description x
set forwarding-options dhcp-relay server-group core 192.0.2.1
set forwarding-options dhcp-relay server-group edge 192.0.2.2
set forwarding-options dhcp-relay leasequery attempts 3`);
const texts = (line: string): string[] => completions(tree, line).suggestions.map(({ text }) => text);
const relay = "set forwarding-options dhcp-relay";

test.each([
  ["", ["set", "delete", "activate", "deactivate"]],
  ["de", ["delete", "deactivate"]],
  ["set forw", ["forwarding-options"]],
  [`${relay} li`, ["listen-address", "listen-port"]],
  [`${relay} leasequery `, ["attempts", "timeout"]],
  [`${relay} leasequery attempts 3 t`, ["timeout"]],
  [`${relay} active-server-group `, ["core", "edge", ""]],
  [`${relay} active-server-group e`, ["edge", ""]],
  [`${relay} server-group `, ["core", "edge", ""]],
  [`${relay} server-group core 192.0.2.1 `, ["port"]],
  [`${relay} active-leasequery peer-address 192.0.2.2 to`, ["topology-discover"]],
  [`${relay} active-leasequery exclude-interface ge`, ["ge-0/0/1", "ge-0/0/1.7", ""]],
  [`${relay} dhcpv6 bulk-leasequery trigger `, ["automatic"]],
  // Only what is there can be deleted.
  ["delete forwarding-options dhcp-relay ", ["server-group", "leasequery"]],
  ["delete forwarding-options dhcp-relay server-group ", ["core", "edge"]],
  // Nothing follows a value where a line holds one statement, an unknown word, or a value being quoted.
  ["set system host-name x ", []],
  ["set nonsense ", []],
  ['set interfaces ge-0/0/1 description "to the', []],
])("%s|", (line, expected) => {
  expect(texts(line)).toEqual(expected);
});

test("help, place and marks", () => {
  const overrides = `${relay} overrides`;
  const { from, suggestions, complete } = completions(tree, `${overrides} proxy`);
  expect(from).toBe(overrides.length + 1);
  expect(complete).toBe(true);
  expect(suggestions).toEqual([
    {
      kind: "statement",
      text: "proxy-mode",
      help: "Appear to clients as the server",
      extension: false,
      notInEffect: "relay agents do not stand in for the server in this version",
    },
  ]);
  expect(completions(tree, `${relay} leasequery timeout `).suggestions).toEqual([
    {
      kind: "value",
      text: "",
      help: "Time before a query is sent again: whole number, 1 to 10 seconds, default 10, such as 1",
      extension: false,
    },
  ]);
  expect(completions(tree, `${relay} listen-p`).suggestions[0]?.extension).toBe(true);
});
