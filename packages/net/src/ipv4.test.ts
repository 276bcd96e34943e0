import { describe, expect, test } from "vitest";
import { formatIpv4, ipv4FromBytes, ipv4ToBytes, parseIpv4 } from "./ipv4.ts";

describe("parseIpv4", () => {
  test.each([
    ["0.0.0.0", 0],
    ["192.0.2.1", 0xc0000201],
    ["255.255.255.255", 0xffffffff],
    ["128.0.0.0", 0x80000000],
  ])("%s", (text, value) => {
    expect(parseIpv4(text)).toEqual({ ok: true, value });
    expect(formatIpv4(value)).toBe(text);
    expect(ipv4FromBytes(ipv4ToBytes(value))).toBe(value);
  });

  test.each([
    ["", "ipv4-syntax", "the IPv4 address is empty: write four numbers from 0 to 255 with dots, such as 192.0.2.1"],
    [
      "192.0.2",
      "ipv4-syntax",
      '"192.0.2" is not an IPv4 address: it has 3 parts; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
    [
      "1",
      "ipv4-syntax",
      '"1" is not an IPv4 address: it has 1 part; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
    [
      "1.2.3.4.5.6.7",
      "ipv4-syntax",
      '"1.2.3.4.5.6.7" is not an IPv4 address: it has more than 5 parts; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
    [
      "1..2.3",
      "ipv4-syntax",
      '"1..2.3" is not an IPv4 address: it has an empty part; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
    [
      "1.2.3.x",
      "ipv4-syntax",
      '"1.2.3.x" is not an IPv4 address: it has the part "x"; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
    [
      " 1.2.3.4",
      "ipv4-syntax",
      '" 1.2.3.4" is not an IPv4 address: it has the part " 1"; write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
    [
      "1.2.3.256",
      "ipv4-octet",
      '"1.2.3.256" is not an IPv4 address: 256 is more than 255, the largest value of a part',
    ],
    [
      "192.0.02.1",
      "ipv4-leading-zero",
      '"192.0.02.1" has the part 02 with a leading zero, which some programs read as octal: write 2',
    ],
    [
      "192.0.2.0/24",
      "ipv4-prefix-length",
      '"192.0.2.0/24" is a prefix, an address is wanted: leave out "/" and what follows',
    ],
    [
      "2001:db8::1",
      "ipv4-syntax",
      '"2001:db8::1" is not an IPv4 address (it looks like IPv6): write four numbers from 0 to 255 with dots, such as 192.0.2.1',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseIpv4(text)).toEqual({ ok: false, error: { code, message } });
  });
});

test("ipv4FromBytes reads at an offset", () => {
  expect(ipv4FromBytes(Uint8Array.of(9, 192, 0, 2, 1), 1)).toBe(0xc0000201);
});
