import { expect, test } from "vitest";
import { KnownOctets } from "./known-octets.ts";

const encoder = new TextEncoder();

test("each run of octets is worked out once, wherever it lies", () => {
  const worked: string[] = [];
  const known = new KnownOctets(1000, { last: 0 }, (octets) => {
    const text = new TextDecoder().decode(octets);
    worked.push(text);
    return text.toUpperCase();
  });
  const names = Array.from({ length: 500 }, (_, i) => `ge-0/0/${i}`);
  for (const round of [0, 1, 2]) {
    for (const name of names) {
      const bytes = encoder.encode(`${"x".repeat(round)}${name}yy`);
      const found = known.of(bytes, round, name.length);
      expect(found.value).toBe(name.toUpperCase());
      expect(new TextDecoder().decode(found.octets)).toBe(name);
      bytes.fill(0);
    }
  }
  expect(worked).toEqual(names);
  expect(new Set(names.map((name) => known.of(encoder.encode(name), 0, name.length).id)).size).toBe(500);
  // The empty one, and one that is the beginning of another, are others.
  expect(known.of(encoder.encode("ge-0/0/1"), 0, 0).value).toBe("");
  expect(known.of(encoder.encode("ge-0/0/10"), 0, 8).value).toBe("GE-0/0/1");
});

test("beyond the limit all are forgotten, and numbers are not given twice", () => {
  const numbers = { last: 0 };
  const known = new KnownOctets(3, numbers, (octets) => octets[0]!);
  const ids = [1, 2, 3, 4, 1, 2].map((octet) => known.of(Uint8Array.of(octet), 0, 1).id);
  expect(new Set(ids).size).toBe(6);
  expect(known.size).toBe(3);
  expect(known.of(Uint8Array.of(2), 0, 1)).toMatchObject({ value: 2, id: ids[5] });
});
