import { describe, expect, test } from "vitest";
import { parseIpv4 } from "./ipv4.ts";
import { parseIpv6 } from "./ipv6.ts";
import {
  formatIpv4Prefix,
  formatIpv6Prefix,
  ipv4PrefixContains,
  ipv6PrefixContains,
  maskIpv4,
  maskIpv6,
  parseIpv4InterfaceAddress,
  parseIpv4Prefix,
  parseIpv6InterfaceAddress,
  parseIpv6Prefix,
} from "./prefix.ts";

const must = <T>(result: { ok: true; value: T } | { ok: false }): T => {
  if (!result.ok) throw new Error("unexpected refusal");
  return result.value;
};

describe("prefixes", () => {
  test.each(["0.0.0.0/0", "10.0.0.0/8", "192.0.2.128/25", "192.0.2.7/32"])("%s", (text) => {
    expect(formatIpv4Prefix(must(parseIpv4Prefix(text)))).toBe(text);
  });
  test.each(["::/0", "2001:db8::/32", "2001:db8:0:8000::/49", "2001:db8::1/128"])("%s", (text) => {
    expect(formatIpv6Prefix(must(parseIpv6Prefix(text)))).toBe(text);
  });
  test("interface addresses keep their host bits", () => {
    expect(formatIpv4Prefix(must(parseIpv4InterfaceAddress("192.0.2.7/24")))).toBe("192.0.2.7/24");
    expect(formatIpv6Prefix(must(parseIpv6InterfaceAddress("2001:db8::7/64")))).toBe("2001:db8::7/64");
  });

  test.each([
    ["192.0.2.0", "prefix-syntax", '"192.0.2.0" has no prefix length: write it behind a slash, such as 192.0.2.0/24'],
    ["192.0.2.0/", "prefix-syntax", '"192.0.2.0/" has "" for a prefix length: write a number from 0 to 32'],
    ["192.0.2.0/024", "prefix-syntax", '"192.0.2.0/024" has "024" for a prefix length: write a number from 0 to 32'],
    ["192.0.2.0/33", "prefix-length", '"192.0.2.0/33" has the prefix length 33: the most is 32'],
    ["192.0.2.7/24", "prefix-host-bits", '"192.0.2.7/24" has bits set beyond its length: write 192.0.2.0/24'],
    [
      "192.0.2/24",
      "ipv4-syntax",
      '"192.0.2" is not an IPv4 address: it has 3 parts; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseIpv4Prefix(text)).toEqual({ ok: false, error: { code, message } });
  });
  test.each([
    [
      "2001:db8::",
      "prefix-syntax",
      '"2001:db8::" has no prefix length: write it behind a slash, such as 2001:db8::/32',
    ],
    ["2001:db8::/129", "prefix-length", '"2001:db8::/129" has the prefix length 129: the most is 128'],
    ["2001:db8::1/64", "prefix-host-bits", '"2001:db8::1/64" has bits set beyond its length: write 2001:db8::/64'],
    ["2001:db8:g::/64", "ipv6-group", '"2001:db8:g::" has the group "g": write one to four hex digits between colons'],
  ])("refuses %j", (text, code, message) => {
    expect(parseIpv6Prefix(text)).toEqual({ ok: false, error: { code, message } });
  });

  test.each([
    ["0.0.0.0/0", "255.0.0.1", true],
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.7/32", "192.0.2.7", true],
    ["192.0.2.7/32", "192.0.2.6", false],
    ["128.0.0.0/1", "255.0.0.0", true],
  ])("%s contains %s: %s", (prefix, address, expected) => {
    expect(ipv4PrefixContains(must(parseIpv4Prefix(prefix)), must(parseIpv4(address)))).toBe(expected);
  });
  test.each([
    ["::/0", "ff::", true],
    ["2001:db8::/32", "2001:db8:ffff::", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["2001:db8:0:8000::/49", "2001:db8:0:ffff::", true],
    ["2001:db8:0:8000::/49", "2001:db8:0:7fff::", false],
    ["2001:db8::1/128", "2001:db8::1", true],
    ["2001:db8::1/128", "2001:db8::2", false],
  ])("%s contains %s: %s", (prefix, address, expected) => {
    expect(ipv6PrefixContains(must(parseIpv6Prefix(prefix)), must(parseIpv6(address)))).toBe(expected);
  });
  test("masks at both ends of the range", () => {
    expect(maskIpv4(0xffffffff, 0)).toBe(0);
    expect(maskIpv4(0xffffffff, 32)).toBe(0xffffffff);
    expect(maskIpv6(new Uint8Array(16).fill(255), 0)).toEqual(new Uint8Array(16));
    expect(maskIpv6(new Uint8Array(16).fill(255), 128)).toEqual(new Uint8Array(16).fill(255));
  });
});
