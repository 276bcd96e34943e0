import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseHex } from "./hex.ts";
import { formatIpv6, ipv6FromBytes, isIpv6Unspecified, parseIpv6 } from "./ipv6.ts";

const hex = (text: string): Uint8Array => {
  const parsed = parseHex(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
};

describe("parseIpv6 and RFC 5952", () => {
  // text as typed, octets, canonical text
  test.each([
    ["::", "00000000000000000000000000000000", "::"],
    ["::1", "00000000000000000000000000000001", "::1"],
    ["1::", "00010000000000000000000000000000", "1::"],
    ["2001:DB8::1", "20010db8000000000000000000000001", "2001:db8::1"],
    ["2001:0db8:0000:0000:0000:0000:0002:0001", "20010db8000000000000000000020001", "2001:db8::2:1"],
    // §4.2.2: one zero group is not shortened
    ["2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"],
    // §4.2.3: the longest run; of equal runs the first
    ["2001:0:0:1:0:0:0:1", "20010000000000010000000000000001", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1"],
    ["1:2:3:4:5:6::", "00010002000300040005000600000000", "1:2:3:4:5:6::"],
    ["1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0"],
    ["::2:3:4:5:6:7:8", "00000002000300040005000600070008", "0:2:3:4:5:6:7:8"],
    ["::ffff:192.0.2.1", "00000000000000000000ffffc0000201", "::ffff:192.0.2.1"],
    ["64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221", "64:ff9b::c000:221"],
    ["fe80::0210:94ff:fe00:1", "fe80000000000000021094fffe000001", "fe80::210:94ff:fe00:1"],
  ])("%s", (text, octets, canonical) => {
    const parsed = parseIpv6(text);
    expect(parsed).toEqual({ ok: true, value: hex(octets) });
    expect(formatIpv6(hex(octets))).toBe(canonical);
  });

  test.each([
    ["", "ipv6-syntax", "the IPv6 address is empty: write groups of hex digits with colons, such as 2001:db8::1"],
    [
      "192.0.2.1",
      "ipv6-syntax",
      '"192.0.2.1" is not an IPv6 address: write groups of hex digits with colons, such as 2001:db8::1',
    ],
    [
      "fe80::1%eth0",
      "ipv6-zone",
      '"fe80::1%eth0" has a zone: leave out "%" and what follows, the interface is given on its own',
    ],
    ["[::1]", "ipv6-bracket", '"[::1]" has brackets: leave them out'],
    [
      "2001:db8::/32",
      "ipv6-prefix-length",
      '"2001:db8::/32" is a prefix, an address is wanted: leave out "/" and what follows',
    ],
    ["1::2::3", "ipv6-compression", '"1::2::3" has "::" more than once: keep one and write the other zeros out'],
    ["1:2:3", "ipv6-length", '"1:2:3" has 3 groups: write 8 of them, or "::" for a run of zeros'],
    [
      "1:2:3:4:5:6:7:8:9",
      "ipv6-length",
      '"1:2:3:4:5:6:7:8:9" has more than 8 groups: write 8 of them, or "::" for a run of zeros',
    ],
    ["1:2:3:4::5:6:7:8", "ipv6-length", '"1:2:3:4::5:6:7:8" has 8 groups beside "::": at most 7 fit'],
    [
      "2001:db8::12345",
      "ipv6-group",
      '"2001:db8::12345" has the group "12345": write one to four hex digits between colons',
    ],
    ["2001:db8::g", "ipv6-group", '"2001:db8::g" has the group "g": write one to four hex digits between colons'],
    [":1", "ipv6-group", '":1" has a colon without a group beside it: write "::" for zeros, or remove it'],
    [":::", "ipv6-group", '":::" has a colon without a group beside it: write "::" for zeros, or remove it'],
    [
      "::192.0.2.256",
      "ipv6-ipv4-tail",
      '"::192.0.2.256" ends in "192.0.2.256", which is not an IPv4 address: write four numbers from 0 to 255 with dots',
    ],
    [
      "192.0.2.1::",
      "ipv6-group",
      '"192.0.2.1::" has the group "192.0.2.1": write one to four hex digits between colons',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseIpv6(text)).toEqual({ ok: false, error: { code, message } });
  });

  test("parse(format(x)) = x", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (bytes, mask) => {
          for (let i = 0; i < 16; i += 1) if ((mask[i & 14] as number) < 140) bytes[i] = 0;
          expect(parseIpv6(formatIpv6(bytes))).toEqual({ ok: true, value: bytes });
        },
      ),
    );
  });

  test("any text gives an address or a refusal", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.%/[]g ") }), (text) => {
        const parsed = parseIpv6(text);
        expect(parsed.ok ? parsed.value.length : parsed.error.message.length).toBeGreaterThan(0);
      }),
    );
  });
});

test("ipv6FromBytes copies, isIpv6Unspecified", () => {
  const source = new Uint8Array(18);
  source[17] = 1;
  const address = ipv6FromBytes(source, 2);
  source[17] = 2;
  expect(formatIpv6(address)).toBe("::1");
  expect(isIpv6Unspecified(address)).toBe(false);
  expect(isIpv6Unspecified(new Uint8Array(16))).toBe(true);
});
