import { expect, test } from "vitest";
import { FrameCutter } from "./frames.ts";

/** Frames of these messages, one behind the other. */
function framed(messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((message) => [message.length >>> 8, message.length & 255, ...message]));
}

const MESSAGES = [4, 700, 5, 65_535, 4].map((length, i) => new Uint8Array(length).fill(i + 1));

test.each([1, 2, 3, 7, 1000, 65_536, 70_000])("cut right, read %i octets at a time", (size) => {
  const cutter = new FrameCutter(4, 65_535);
  const found: Uint8Array[] = [];
  const all = framed(MESSAGES);
  for (let at = 0; at < all.length; at += size) {
    const chunk = all.slice(at, at + size);
    cutter.push(chunk, (bytes, start, end) => found.push(bytes.slice(start, end)) > 0);
    chunk.fill(0xee);
  }
  expect(found.map(({ length }) => length)).toEqual(MESSAGES.map(({ length }) => length));
  expect(found.every((message, i) => message.every((octet) => octet === i + 1))).toBe(true);
  expect(cutter.pendingOctets).toBe(0);
});

test.each([1, 100])("a frame that is no message ends it, read %i octets at a time", (size) => {
  const cutter = new FrameCutter(4, 1000);
  const all = Uint8Array.of(...framed([MESSAGES[0]!]), 0xff, 0xff, 1, 2, 3);
  let count = 0;
  for (let at = 0; at < all.length && cutter.badLength < 0; at += size)
    cutter.push(all.slice(at, at + size), () => {
      count += 1;
      return true;
    });
  expect(count).toBe(1);
  expect(cutter.badLength).toBe(65_535);
  // Nothing was put by for what the peer announced.
  expect(cutter.pendingOctets).toBeLessThanOrEqual(2);
});

test("what is left when the taker has had enough is counted", () => {
  const cutter = new FrameCutter(4, 1000);
  const left = cutter.push(framed([MESSAGES[0]!, MESSAGES[2]!]), () => false);
  expect(left).toBe(7);
});
