import { describe, expect, test } from "vitest";
import { mended, placeOf, rewrite, saysTheSame, withRemedy } from "./config-text.ts";

const text = `set forwarding-options dhcp-relay server-group core 198.51.100.1
# restored by leasequery
set forwarding-options dhcp-relay leasequery attempts 3
set forwarding-options dhcp-relay dhcpv6 leasequery
`;

test("rewriting there and back says the same", () => {
  const braces = rewrite(text, "braces");
  expect(braces.ok && braces.text).toContain("server-group {");
  const back = rewrite(braces.ok ? braces.text : "", "set");
  expect(back.ok && saysTheSame(back.text, text)).toBe(true);
});

test("a text with an error is not rewritten", () => {
  const result = rewrite("set forwarding-options dhcp-rely leasequery\n", "braces");
  expect(result.ok ? "" : result.finding.line).toBe(1);
});

describe("a remedy", () => {
  test("goes beside its relatives and leaves comments alone", () => {
    const result = withRemedy(text, "set forwarding-options dhcp-relay overrides always-write-option-82", "set");
    expect(result.ok && result.text.split("\n")).toEqual([
      "set forwarding-options dhcp-relay server-group core 198.51.100.1",
      "# restored by leasequery",
      "set forwarding-options dhcp-relay leasequery attempts 3",
      "set forwarding-options dhcp-relay dhcpv6 leasequery",
      "set forwarding-options dhcp-relay overrides always-write-option-82",
      "",
    ]);
  });
  test("that deletes takes the statement away", () => {
    const result = withRemedy(text, "delete forwarding-options dhcp-relay dhcpv6 leasequery", "set");
    expect(result.ok && result.text).not.toContain("dhcpv6 leasequery");
  });
  test("works on braces", () => {
    const braces = rewrite(text, "braces");
    const result = withRemedy(
      braces.ok ? braces.text : "",
      "set forwarding-options dhcp-relay overrides always-write-option-82",
      "braces",
    );
    expect(result.ok && result.text).toContain("always-write-option-82;");
  });
  test("replaces a value, and leaves the entries of lists", () => {
    const value = withRemedy(text, "set forwarding-options dhcp-relay leasequery attempts 6", "set");
    expect(value.ok && value.text).not.toContain("attempts 3");
    const entry = withRemedy(text, "set forwarding-options dhcp-relay server-group core 198.51.100.2", "set");
    expect(entry.ok && entry.text).toContain(
      "core 198.51.100.1\nset forwarding-options dhcp-relay server-group core 198",
    );
  });
  test("takes the place of a statement that cannot be read", () => {
    const statement = "set forwarding-options dhcp-rely leasequery";
    const finding = { severity: "error", rule: "r", path: "", message: "m", line: 1, column: 1, statement } as const;
    const remedy = "set forwarding-options dhcp-relay leasequery";
    expect(mended(`  ${statement}\n`, { ...finding, remedy }, "set")).toEqual({ ok: true, text: `${remedy}\n` });
  });
  test("is not entered twice", () => {
    expect(withRemedy(text, "set forwarding-options dhcp-relay dhcpv6 leasequery", "set")).toEqual({ ok: true, text });
  });
});

describe("the place of a finding", () => {
  const finding = (path: string) => ({ severity: "error", rule: "r", path, message: "m" }) as const;
  test("is the line it names", () => {
    expect(placeOf({ ...finding(""), line: 3, column: 5 }, text)).toEqual({ line: 3, column: 5, exact: true });
  });
  test("is looked up by its path", () => {
    expect(placeOf(finding("forwarding-options dhcp-relay leasequery"), text)).toEqual({
      line: 3,
      column: 1,
      exact: true,
    });
    expect(placeOf(finding("forwarding-options dhcp-relay overrides"), text)).toEqual({
      line: 1,
      column: 1,
      exact: false,
    });
    expect(placeOf(finding("system services"), text)).toBeNull();
  });
});
