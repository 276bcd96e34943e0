import { describe, expect, test } from "vitest";
import { compareBytes, concatBytes, equalBytes } from "./bytes.ts";

describe("bytes", () => {
  test.each([
    [[], [], 0],
    [[1], [1], 0],
    [[1], [2], -1],
    [[2], [1, 9], 1],
    [[1], [1, 0], -1],
    [[255], [1], 1],
  ])("compare %j with %j", (a, b, sign) => {
    const [x, y] = [Uint8Array.from(a), Uint8Array.from(b)];
    expect(Math.sign(compareBytes(x, y))).toBe(sign);
    expect(equalBytes(x, y)).toBe(sign === 0);
  });
  test("concat", () => {
    expect(concatBytes([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)])).toEqual(Uint8Array.of(1, 2, 3));
  });
});
