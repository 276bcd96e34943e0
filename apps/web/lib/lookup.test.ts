import { describe, expect, test } from "vitest";
import { lookups } from "./lookup.ts";

const ids = (text: string) => lookups(text).map((lookup) => lookup.id);

describe("what is typed into the palette", () => {
  test("an IPv4 address is an address before it is text", () => {
    expect(lookups(" 192.0.2.7 ").map((lookup) => lookup.href)).toEqual([
      "/bindings?family=4&prefix=192.0.2.7",
      "/leasequery?family=4&kind=address&key=192.0.2.7",
      "/bindings?family=4&q=192.0.2.7",
      "/bindings?family=6&q=192.0.2.7",
    ]);
  });

  test("an IPv6 address is shown in its canonical form", () => {
    expect(lookups("2001:DB8:0::7")[0]?.label).toBe("Show bindings of 2001:db8::7");
  });

  test("a MAC in any notation", () => {
    for (const mac of ["02:00:5e:10:00:01", "02-00-5E-10-00-01", "0200.5e10.0001"]) {
      expect(lookups(mac)[0]?.href).toBe("/bindings?family=4&mac=02:00:5e:10:00:01");
    }
  });

  test("a DUID can be a client of either family", () => {
    expect(ids("00:03:00:01:02:00:5e:10:00:01")).toEqual([
      "binding-4-client",
      "leasequery-4-client",
      "binding-6-client",
      "leasequery-6-client",
      "binding-4-text",
      "binding-6-text",
    ]);
  });

  test("other text is searched for", () => {
    expect(ids("ge-0/0/1")).toEqual(["binding-4-text", "binding-6-text"]);
    expect(ids("b")).toEqual([]);
  });
});
