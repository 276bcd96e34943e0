import { expect, test } from "vitest";
import { formatFinding } from "../finding.ts";
import { parseConfiguration } from "../text/parse.ts";
import type { ConfigNode, ConfigTree, ContainerNode } from "../tree.ts";
import { valueRange } from "./value-range.ts";

/** A tree as another version might have left it, which text could not make. */
function altered(text: string, change: (relay: Map<string, ConfigNode>) => void): ConfigTree {
  const { tree } = parseConfiguration(text);
  const options = tree.children.get("forwarding-options") as ContainerNode;
  change((options.children.get("dhcp-relay") as ContainerNode).children as Map<string, ConfigNode>);
  return tree;
}

const said = (tree: ConfigTree): string => valueRange.check(tree, {}).map(formatFinding).join("\n");
const base = "set forwarding-options dhcp-relay leasequery attempts 3";

test("refuses a value outside its range, and offers the default", () => {
  const tree = altered(base, (relay) => {
    const leasequery = relay.get("leasequery") as ContainerNode;
    (leasequery.children as Map<string, ConfigNode>).set("attempts", { kind: "leaf", value: "99" });
  });
  expect(said(tree)).toMatchInlineSnapshot(
    `"error: [edit forwarding-options dhcp-relay leasequery attempts] attempts 99 is out of range: 1 to 10 (default 6): add "set forwarding-options dhcp-relay leasequery attempts 6""`,
  );
});

test("refuses a statement it does not know, and a value of the wrong form", () => {
  const tree = altered(base, (relay) => {
    relay.set("no-such-statement", { kind: "leaf", value: "" });
    relay.set("listen-address", { kind: "leaf", value: "127.0.0.300" });
    relay.set("relay-id", { kind: "leaf", value: "0x0A0B" });
  });
  expect(said(tree)).toMatchInlineSnapshot(`
    "error: [edit forwarding-options dhcp-relay no-such-statement] "no-such-statement" is not known here: it may come from another version
    error: [edit forwarding-options dhcp-relay listen-address] listen-address takes an IPv4 address; "127.0.0.300" is not one. Example: 192.0.2.1: enter "delete forwarding-options dhcp-relay listen-address"
    error: [edit forwarding-options dhcp-relay relay-id] relay-id "0x0A0B" is not in its canonical form: add "set forwarding-options dhcp-relay relay-id 0a:0b""
  `);
});

test("is content with what text gave", () => {
  expect(said(altered(base, () => {}))).toBe("");
});
