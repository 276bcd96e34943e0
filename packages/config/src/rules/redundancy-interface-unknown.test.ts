import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { redundancyInterfaceUnknown } from "./redundancy-interface-unknown.ts";

test("refuses an interface that is none, and one of two groups", () => {
  const said = ruleFindings(
    redundancyInterfaceUnknown,
    `set system services subscriber-management redundancy interface ge-0/0/1.1
set system services subscriber-management redundancy group east interface ge-0/0/1.1
set system services subscriber-management redundancy group west interface ge-0/0/1.1
set system services subscriber-management redundancy group west interface ge-0/0/1.2`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit system services subscriber-management redundancy group west interface ge-0/0/1.1] redundancy group west has the interface ge-0/0/1.1, which is in group east already: an interface is one group of subscribers: enter "delete system services subscriber-management redundancy group west interface ge-0/0/1.1"
    error: [edit system services subscriber-management redundancy group west interface ge-0/0/1.2] redundancy group west has the interface ge-0/0/1.2, which is not a redundancy interface: add "set system services subscriber-management redundancy interface ge-0/0/1.2""
  `);
});

test("is content with one group each", () => {
  const said = ruleFindings(
    redundancyInterfaceUnknown,
    `set system services subscriber-management redundancy interface ge-0/0/1.1
set system services subscriber-management redundancy group east interface ge-0/0/1.1 standby-mode hot-standby`,
  );
  expect(said).toBe("");
});
