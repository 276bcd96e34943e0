import { describe, expect, test } from "vitest";
import { classlessRoutes } from "./classless-routes.ts";
import { compressedDomainNames, domainNames } from "./domain-names.ts";
import { clientIdentifier } from "./octet-strings.ts";
import { enterpriseList, vendorOctets } from "./tag-length-value.ts";
import { vss } from "./vss.ts";

describe("virtual subnet selection (RFC 6607 §3.5)", () => {
  test.each([
    ["no type", [], "option-length", "has 0 octets, at least 1 is needed"],
    ["a NUL in the name", [0, 65, 0], "option-text-nul", "has a NUL in the name of the VPN, which must not have one"],
    ["a VPN-ID of 6 octets", [1, 1, 2, 3, 4, 5, 6], "option-length", "has 7 octets, 8 are needed for a VPN-ID"],
    ["global with information", [255, 1], "option-length", "has 2 octets, 1 is needed for the global VPN"],
    ["all with information", [254, 1], "option-length", "has 2 octets, 1 is needed for all VPNs"],
  ])("refuses %s", (_, octets, code, message) => {
    expect(vss.decode(Uint8Array.from(octets))).toMatchObject({ ok: false, error: { code, message } });
  });
  test.each([
    [[0, 114, 101, 100], "VPN red"],
    [[1, 0, 0, 94, 0, 0, 0, 7], "VPN-ID 00005e:00000007"],
    [[254], "all VPNs"],
    [[255], "the global VPN"],
    [[9, 1], "VSS type 9 0x01"],
  ])("%j is %s", (octets, shown) => {
    const decoded = vss.decode(Uint8Array.from(octets));
    expect(decoded.ok && vss.show(decoded.value)).toBe(shown);
  });
});

describe("domain names", () => {
  // RFC 3397 §2: a pointer counts from the start of the option.
  const compressed = Uint8Array.of(3, 101, 110, 103, 3, 99, 111, 109, 0, 1, 97, 0xc0, 4);
  test("compressed", () => {
    const decoded = compressedDomainNames.decode(compressed);
    expect(decoded.ok && compressedDomainNames.show(decoded.value)).toBe("eng.com, a.com");
    expect(domainNames.decode(compressed)).toMatchObject({ ok: false, error: { code: "option-value", offset: 11 } });
  });
  test.each([
    ["a pointer to itself", [0xc0, 0]],
    ["a pointer ahead", [0xc0, 2, 0]],
    ["pointers in a circle", [1, 97, 0xc0, 0]],
    ["a pointer cut short", [1, 97, 0xc0]],
    ["a label cut short", [5, 97]],
    ["no end", [1, 97]],
  ])("refuses %s", (_, octets) => {
    expect(compressedDomainNames.decode(Uint8Array.from(octets))).toMatchObject({
      ok: false,
      error: { code: "option-value" },
    });
  });
});

test("classless routes (RFC 3442)", () => {
  const octets = Uint8Array.of(0, 192, 0, 2, 1, 24, 10, 0, 1, 192, 0, 2, 2, 25, 10, 0, 2, 128, 192, 0, 2, 3);
  const decoded = classlessRoutes.decode(octets);
  expect(decoded.ok && classlessRoutes.show(decoded.value)).toBe(
    "0.0.0.0/0 via 192.0.2.1, 10.0.1.0/24 via 192.0.2.2, 10.0.2.128/25 via 192.0.2.3",
  );
  expect(decoded.ok && classlessRoutes.encode(decoded.value)).toEqual(octets);
  expect(classlessRoutes.decode(Uint8Array.of(33, 0, 0, 0, 0, 0))).toMatchObject({
    ok: false,
    error: { code: "option-value" },
  });
});

test.each([
  [[1, 0, 16, 148, 0, 0, 1], "01:00:10:94:00:00:01 (Ethernet 00:10:94:00:00:01)"],
  [[255, 0, 0, 0, 7, 0, 3, 0, 1, 2, 3], "ff:00:00:00:07:00:03:00:01:02:03 (IAID 00000007, DUID-LL Ethernet 02:03)"],
  [[109, 55], "6d:37 (m7)"],
  [[0, 109], "00:6d"],
])("client identifier %j is shown as %s", (octets, shown) => {
  expect(clientIdentifier.show(Uint8Array.from(octets))).toBe(shown);
});

test("vendor data is shown as options only where it reads as such to the end", () => {
  expect(vendorOctets.parts?.(Uint8Array.of(1, 1, 65, 2, 0, 255))).toEqual([
    { name: "vendor option 1", value: "A", offset: 0, length: 3 },
    { name: "vendor option 2", value: "", offset: 3, length: 2 },
  ]);
  expect(vendorOctets.parts?.(Uint8Array.of(1, 9, 65))).toEqual([]);
  expect(enterpriseList.decode(Uint8Array.of(0, 0, 0, 9, 2, 1))).toMatchObject({
    ok: false,
    error: { code: "option-length" },
  });
});
