import { describe, expect, test } from "vitest";
import { can, denied, every } from "./permissions.ts";

const who = (role: "viewer" | "operator" | "administrator") => ({ email: `${role}@example.net`, role });

describe("who may do what", () => {
  test.each([
    ["runLeasequery", "viewer", false],
    ["runLeasequery", "operator", true],
    ["runLeasequery", "administrator", true],
    ["clearBindings", "viewer", false],
    ["clearBindings", "operator", true],
    ["changeConfiguration", "operator", false],
    ["changeConfiguration", "administrator", true],
    ["manageUsers", "operator", false],
    ["readAudit", "operator", false],
    ["readAudit", "administrator", true],
  ] as const)("%s as %s: %s", (action, role, expected) => {
    expect(can[action](who(role)).allowed).toBe(expected);
  });

  test("a refusal says what is needed, what one has, and who can change it", () => {
    expect(can.runLeasequery(who("viewer"))).toEqual({
      allowed: false,
      reason:
        "Running a leasequery needs the role operator; viewer@example.net is viewer. An administrator can change this under Settings.",
    });
  });

  test("the first refusal of several counts", () => {
    expect(every({ allowed: true }, denied("one"), denied("two"))).toEqual({ allowed: false, reason: "one" });
  });
});
