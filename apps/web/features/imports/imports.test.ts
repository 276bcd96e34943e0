import { describe, expect, test } from "vitest";
import { guessFormat, importPercent } from "./import-formats.ts";
import { uploadUrl } from "./upload.ts";

describe("the beginning of a file gives its format away", () => {
  test.each([
    ["kea-csv4", "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd\n192.0.2.1,…"],
    ["kea-csv6", "address,duid,valid_lifetime,expire,subnet_id\n"],
    [
      "isc-leases",
      "# The format of this file is documented in the dhcpd.leases(5) manual page.\n# …\n\nauthoring-byte-order little-endian;\n",
    ],
    ["isc-leases", "lease 192.0.2.1 {\n  starts 4 2026/11/24 06:00:00;\n"],
    ["isc-leases", 'server-duid "\\000\\001";\n\nia-na "abc" {\n'],
    ["csv", "\uFEFFinstance,address,state\r\n"],
    [null, "# a comment\nset system host-name x\n"],
    [null, "PK\u0003\u0004"],
    [null, ""],
  ] as const)("%s", (format, text) => {
    expect(guessFormat(text)).toBe(format);
  });
});

test("how far an import is", () => {
  expect(importPercent({ octetsRead: 50, octetsTotal: 200 })).toBe(25);
  expect(importPercent({ octetsRead: 250, octetsTotal: 200 })).toBe(100);
  expect(importPercent({ octetsRead: 250, octetsTotal: null })).toBeNull();
  expect(importPercent({ octetsRead: 0, octetsTotal: 0 })).toBeNull();
});

test("what a file is goes into the query, safely", () => {
  const upload = { file: new File([], "a&b=c.csv"), format: "csv", instance: "ls:ri" } as const;
  expect(uploadUrl({ ...upload, allOrNothing: true })).toBe(
    "/api/import/bindings?format=csv&instance=ls%3Ari&fileName=a%26b%3Dc.csv&allOrNothing=true",
  );
  expect(uploadUrl({ ...upload, allOrNothing: false })).not.toContain("allOrNothing");
});
