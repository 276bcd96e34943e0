import { describe, expect, test } from "vitest";
import { parseBindingKey4, parseBindingKey6, parseQueryKey4, parseQueryKey6 } from "./key.ts";

const errorCode = (result: { ok: boolean; error?: { code: string } }) => (result.ok ? "ok" : result.error?.code);
const value = (result: { ok: boolean; value?: unknown }) => (result.ok ? result.value : result);

describe("the key of a DHCPv4 query", () => {
  test.each([
    ["192.0.2.7", { kind: "address", address: "192.0.2.7" }],
    ["00:11:22:33:44:55", { kind: "mac", mac: "00:11:22:33:44:55" }],
    ["0011.2233.4455", { kind: "mac", mac: "00:11:22:33:44:55" }],
    ["001122334455", { kind: "mac", mac: "00:11:22:33:44:55" }],
    ["0x001122334455", { kind: "client-id", clientId: "00:11:22:33:44:55" }],
    ["01:00:11:22:33:44:55", { kind: "client-id", clientId: "01:00:11:22:33:44:55" }],
    ["ascii:modem7", { kind: "client-id", clientId: "ascii:modem7" }],
  ])("%s", (text, key) => {
    expect(value(parseQueryKey4(text))).toEqual(key);
  });
  test.each([
    ["192.0.2.300", "ipv4-octet"],
    ["192.0.2", "ipv4-syntax"],
    ["192.0.2.0/24", "ipv4-prefix-length"],
    ["modem7", "opaque-hex"],
    ["", "opaque-empty"],
  ])("refuses %j by %s", (text, code) => {
    expect(errorCode(parseQueryKey4(text))).toBe(code);
  });
});

describe("the key of a DHCPv6 query", () => {
  test.each([
    ["2001:DB8::7", { kind: "address", address: "2001:db8::7" }],
    ["2001:db8:0:100::/56", { kind: "address", address: "2001:db8:0:100::" }],
    ["00:03:00:01:00:11:22:33:44:55", { kind: "client-id", duid: "00:03:00:01:00:11:22:33:44:55" }],
    ["0x00030001001122334455", { kind: "client-id", duid: "00:03:00:01:00:11:22:33:44:55" }],
  ])("%s", (text, key) => {
    expect(value(parseQueryKey6(text))).toEqual(key);
  });
  test.each([
    ["2001:db8::1::2", "ipv6-"],
    ["2001:db8::1/56", "prefix-host-bits"],
    ["00:03", "duid-length"],
    ["router", "duid-hex"],
  ])("refuses %j by %s", (text, code) => {
    expect(errorCode(parseQueryKey6(text))).toContain(code);
  });
});

describe("the key of a list of bindings", () => {
  test.each([
    ["192.0.2.7", { kind: "prefix", prefix: "192.0.2.7" }],
    ["192.0.2.0/24", { kind: "prefix", prefix: "192.0.2.0/24" }],
    ["00-11-22-33-44-55", { kind: "mac", mac: "00:11:22:33:44:55" }],
    ["ascii:modem7", { kind: "client-id", clientId: "ascii:modem7" }],
  ])("DHCPv4: %s", (text, key) => {
    expect(value(parseBindingKey4(text))).toEqual(key);
  });
  test.each([
    ["2001:db8::7", { kind: "prefix", prefix: "2001:db8::7" }],
    ["2001:db8::/32", { kind: "prefix", prefix: "2001:db8::/32" }],
    ["00:11:22:33:44:55", { kind: "mac", mac: "00:11:22:33:44:55" }],
    ["00:03:00:01:00:11:22:33:44:55", { kind: "client-id", clientId: "00:03:00:01:00:11:22:33:44:55" }],
  ])("DHCPv6: %s", (text, key) => {
    expect(value(parseBindingKey6(text))).toEqual(key);
  });
});
