import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BindingDetail, decodeDetail, encodeDetail } from "./detail.ts";

const octets = fc.uint8Array({ maxLength: 300 });
const detail: fc.Arbitrary<BindingDetail> = fc.record(
  {
    linkAddress: fc.uint8Array({ minLength: 4, maxLength: 16 }),
    relayAgentInformation: octets,
    circuitId: octets,
    remoteId: octets,
    relayId: octets,
    options: octets,
    serverIdentifier: octets,
    serverAddress: fc.string({ unit: "binary" }),
    interfaceName: fc.string({ unit: "grapheme" }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

describe("the blob of a binding", () => {
  test("decode(encode(x)) = x", () => {
    fc.assert(
      fc.property(detail, (value) => {
        expect(decodeDetail(encodeDetail(value))).toEqual(value);
      }),
    );
  });

  test("a length of more than one octet", () => {
    const options = new Uint8Array(30_000).fill(7);
    expect(decodeDetail(encodeDetail({ options }))).toEqual({ options });
  });

  test.each([
    ["nothing", [], "form undefined"],
    ["another form", [2], "form 2"],
    ["a field cut short", [1, 6, 5, 1, 2], "ends inside a field"],
    ["a length without end", [1, 6, 0xff, 0xff, 0xff, 0xff, 0xff], "does not end"],
    ["no length", [1, 6], "does not end"],
  ])("%s is refused", (_what, bytes, reason) => {
    expect(() => decodeDetail(Uint8Array.from(bytes))).toThrow(reason);
  });

  test("a tag of a later program is skipped", () => {
    expect(decodeDetail(Uint8Array.of(1, 200, 2, 9, 9, 6, 1, 5))).toEqual({ options: Uint8Array.of(5) });
  });
});
