import fc from "fast-check";
import { expect, test } from "vitest";
import { bindingInput } from "../test/arbitrary.ts";
import { bindingId, parseBindingId } from "./binding-id.ts";

test.each([
  [4, "default:default", [192, 0, 2, 7], 32, "4/default:default/192.0.2.7/32"],
  [6, "core:blue", [0x20, 1, 0xd, 0xb8, 0, 1, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0], 56, "6/core:blue/2001:db8:1:4200::/56"],
] as const)("family %i: %s %j /%i is %s", (family, instance, address, length, text) => {
  expect(bindingId(family, instance, Uint8Array.from(address), length)).toBe(text);
});

test.each([4, 6] as const)("family %i: parsing gives back the parts", (family) => {
  fc.assert(
    fc.property(bindingInput(family), ({ instance, address, prefixLength }) => {
      expect(parseBindingId(bindingId(family, instance, address, prefixLength))).toEqual({
        ok: true,
        value: { family, instance, address, prefixLength },
      });
    }),
  );
});

test.each([
  "",
  "5/default:default/192.0.2.7/32",
  "4/default/192.0.2.7/32",
  "4/default:default/192.0.2/32",
  "4/default:default/192.0.2.7/33",
  "4/default:default/192.0.2.7",
  "4/default:default/192.0.2.7/32/1",
  "6/default:default/192.0.2.7/32",
  "6/default:default/2001:db8::/129",
  "6/default:default/2001:db8::/-1",
])("%j is refused with a sentence", (text) => {
  const result = parseBindingId(text);
  expect(result.ok).toBe(false);
  if (!result.ok) expect(result.error.message.length).toBeGreaterThan(20);
});
