import { describe, expect, test } from "vitest";
import { formatMac, parseMac } from "./mac.ts";

describe("parseMac", () => {
  test.each([
    ["00:11:22:33:44:55", "00:11:22:33:44:55"],
    ["00-11-22-AA-BB-CC", "00:11:22:aa:bb:cc"],
    ["0011.2233.4455", "00:11:22:33:44:55"],
    ["001122334455", "00:11:22:33:44:55"],
    ["0:1:2:3:4:5", "00:01:02:03:04:05"],
    ["ff", "ff"],
    ["00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff", "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff"],
  ])("%s", (text, canonical) => {
    const parsed = parseMac(text);
    expect(parsed.ok && formatMac(parsed.value)).toBe(canonical);
  });
  test.each([
    ["", "mac-empty", "the MAC address is empty: write octets such as 00:11:22:33:44:55"],
    ["0x", "mac-empty", '"0x" has no octets: write octets such as 00:11:22:33:44:55'],
    [
      "00:11:22:33:44:5g",
      "mac-syntax",
      '"00:11:22:33:44:5g" is not a MAC address: write octets such as 00:11:22:33:44:55 ("00:11:22:33:44:5g" is not hex: "g" is not one of 0-9 and a-f)',
    ],
    [
      "0011.22.3344",
      "mac-syntax",
      '"0011.22.3344" is not a MAC address: between dots come four hex digits, such as 0011.2233.4455',
    ],
    [
      "192.0.2.1",
      "mac-syntax",
      '"192.0.2.1" is not a MAC address: between dots come four hex digits, such as 0011.2233.4455',
    ],
    [
      "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:00",
      "mac-length",
      '"00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:…" has 17 octets: a hardware address has at most 16, an Ethernet address 6',
    ],
  ])("refuses %j", (text, code, message) => {
    expect(parseMac(text)).toEqual({ ok: false, error: { code, message } });
  });
});
