import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { vlanConflict } from "./vlan-conflict.ts";

test("refuses one tag and two", () => {
  const said = ruleFindings(
    vlanConflict,
    `set interfaces ge-0/0/1 unit 7 vlan-id 7
set interfaces ge-0/0/1 unit 7 vlan-tags outer 100 inner 7`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit interfaces ge-0/0/1 unit 7] ge-0/0/1 unit 7 cannot have both vlan-id and vlan-tags: its frames carry one tag or two: enter "delete interfaces ge-0/0/1 unit 7 vlan-id""`,
  );
});

test("holds in logical systems", () => {
  const said = ruleFindings(
    vlanConflict,
    `set logical-systems core interfaces ge-0/0/1 unit 7 vlan-id 7
set logical-systems core interfaces ge-0/0/1 unit 7 vlan-tags outer 100`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit logical-systems core interfaces ge-0/0/1 unit 7] ge-0/0/1 unit 7 cannot have both vlan-id and vlan-tags: its frames carry one tag or two: enter "delete logical-systems core interfaces ge-0/0/1 unit 7 vlan-id""`,
  );
});

test("allows either", () => {
  const said = ruleFindings(
    vlanConflict,
    `set interfaces ge-0/0/1 unit 7 vlan-id 7
set interfaces ge-0/0/1 unit 8 vlan-tags outer 100 inner 7`,
  );
  expect(said).toBe("");
});
