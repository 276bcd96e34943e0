import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { deviceUnknown } from "./device-unknown.ts";

test("warns, and offers the nearest name", () => {
  const said = ruleFindings(
    deviceUnknown,
    `set interfaces ge-0/0/1 unit 7 device eth1
set interfaces ge-0/0/1 unit 8 device wan`,
    ["lo", "eth0"],
  );
  expect(said).toMatchInlineSnapshot(`
    "warning: [edit interfaces ge-0/0/1 unit 7 device] ge-0/0/1.7 uses the device eth1, which this machine does not have: the interface stays down until it appears: add "set interfaces ge-0/0/1 unit 7 device eth0"
    warning: [edit interfaces ge-0/0/1 unit 8 device] ge-0/0/1.8 uses the device wan, which this machine does not have: the interface stays down until it appears"
  `);
});

test("is content with what exists", () => {
  const said = ruleFindings(deviceUnknown, `set interfaces ge-0/0/1 unit 7 device eth0`, ["lo", "eth0"]);
  expect(said).toBe("");
});

test("says nothing where the machine is not known", () => {
  const said = ruleFindings(deviceUnknown, `set interfaces ge-0/0/1 unit 7 device eth1`);
  expect(said).toBe("");
});
