import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { deviceShared } from "./device-shared.ts";

test("refuses one device for two units", () => {
  const said = ruleFindings(
    deviceShared,
    `set interfaces ge-0/0/1 unit 7 device eth1
set logical-systems core interfaces ge-0/0/2 unit 0 device eth1`,
  );
  expect(said).toMatchInlineSnapshot(
    `"error: [edit logical-systems core interfaces ge-0/0/2 unit 0 device] ge-0/0/2.0 uses the device eth1, which ge-0/0/1.7 uses already: a packet from a device belongs to one logical interface: enter "delete logical-systems core interfaces ge-0/0/2 unit 0 device""`,
  );
});

test("allows one each", () => {
  const said = ruleFindings(
    deviceShared,
    `set interfaces ge-0/0/1 unit 7 device eth1
set interfaces ge-0/0/1 unit 8 device eth2`,
  );
  expect(said).toBe("");
});
