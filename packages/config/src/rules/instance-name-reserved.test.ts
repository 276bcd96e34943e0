import { expect, test } from "vitest";
import { ruleFindings } from "../../test/rule-findings.ts";
import { instanceNameReserved } from "./instance-name-reserved.ts";

test("refuses default", () => {
  const said = ruleFindings(
    instanceNameReserved,
    `set logical-systems default routing-instances red
set routing-instances default instance-type vrf`,
  );
  expect(said).toMatchInlineSnapshot(`
    "error: [edit routing-instances default] the name default is reserved for what is outside routing-instances: choose another: enter "delete routing-instances default"
    error: [edit logical-systems default] the name default is reserved for what is outside logical-systems: choose another: enter "delete logical-systems default""
  `);
});

test("allows others", () => {
  const said = ruleFindings(instanceNameReserved, `set logical-systems core routing-instances red`);
  expect(said).toBe("");
});
