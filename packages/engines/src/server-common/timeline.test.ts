import fc from "fast-check";
import { expect, test } from "vitest";
import { octetsKey } from "./octets.ts";
import { type Timed, Timeline } from "./timeline.ts";

interface Item extends Timed<Item> {
  readonly number: number;
}

test("a timeline is a list from which anything can be taken", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 100 }), (steps) => {
      const timeline = new Timeline<Item>();
      const plain: Item[] = [];
      for (const [i, step] of steps.entries()) {
        if (step < 12 || plain.length === 0) {
          const item: Item = { number: i, earlier: undefined, later: undefined };
          timeline.push(item);
          plain.push(item);
        } else {
          const [item] = plain.splice(step % plain.length, 1);
          timeline.remove(item!);
        }
        const numbers: number[] = [];
        for (let item = timeline.first; item !== undefined; item = item.later) numbers.push(item.number);
        expect(numbers).toEqual(plain.map(({ number }) => number));
        expect(timeline.size).toBe(plain.length);
      }
    }),
  );
});

test("octets and their keys are one to one, however many there are", () => {
  expect(octetsKey(Uint8Array.of(0, 65, 255))).toBe("\u0000A\u00ff");
  const long = new Uint8Array(200_000).map((_, i) => i);
  const key = octetsKey(long);
  expect(key.length).toBe(long.length);
  expect(key.charCodeAt(199_999)).toBe(long[199_999]);
});
