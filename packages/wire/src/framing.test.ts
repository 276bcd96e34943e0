import { describe, expect, test } from "vitest";
import { FrameReader, frame } from "./framing.ts";

const message = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

describe("FrameReader", () => {
  test("several frames in one segment, as views of it", () => {
    const segment = join(frame(message(4, 1)), frame(message(300, 2)), frame(message(5, 3)));
    const { frames, error } = new FrameReader({ messageLengthMin: 4 }).push(segment);
    expect(error).toBeUndefined();
    expect(frames).toEqual([message(4, 1), message(300, 2), message(5, 3)]);
    expect(frames.every(({ buffer }) => buffer === segment.buffer)).toBe(true);
  });

  test.each([1, 2, 3, 7, 100])("frames over segments of %i octets", (size) => {
    const stream = join(frame(message(400, 1)), frame(message(240, 2)), frame(message(65_535, 3)));
    const reader = new FrameReader({ messageLengthMin: 240 });
    const frames: Uint8Array[] = [];
    for (let at = 0; at < stream.length; at += size) frames.push(...reader.push(stream.slice(at, at + size)).frames);
    expect(frames.map((message) => [message.length, message[0]])).toEqual([
      [400, 1],
      [240, 2],
      [65_535, 3],
    ]);
    expect(reader.pendingBytes).toBe(0);
    expect(reader.end()).toBeUndefined();
  });

  test("an empty segment is nothing", () => {
    expect(new FrameReader({ messageLengthMin: 4 }).push(new Uint8Array(0))).toEqual({ frames: [] });
  });

  test.each([
    [240, 239, "a frame of 239 octets cannot be a message: the shortest has 240"],
    [240, 0, "a frame of 0 octets cannot be a message: the shortest has 240"],
    [4, 3, "a frame of 3 octets cannot be a message: the shortest has 4"],
  ])(
    "shortest %i: a frame of %i octets ends the stream, the frames before it are delivered",
    (messageLengthMin, length, text) => {
      for (const pieces of [1, 2]) {
        const reader = new FrameReader({ messageLengthMin });
        const stream = join(frame(message(messageLengthMin)), frame(message(length)), frame(message(messageLengthMin)));
        const cut = pieces === 1 ? stream.length : messageLengthMin + 3;
        const first = reader.push(stream.subarray(0, cut));
        const second = reader.push(stream.subarray(cut));
        expect(first.frames).toEqual([message(messageLengthMin)]);
        const error = { code: "frame-too-short", offset: messageLengthMin + 2, message: text };
        expect(second).toEqual({ frames: [], error });
        expect(reader.push(frame(message(messageLengthMin)))).toEqual({ frames: [], error });
      }
    },
  );

  test("a longer frame than allowed", () => {
    const reader = new FrameReader({ messageLengthMin: 4, messageLengthMax: 100 });
    expect(reader.push(frame(message(101))).error).toEqual({
      code: "frame-too-long",
      offset: 0,
      message: "a frame of 101 octets is longer than the 100 allowed",
    });
  });

  test("the end inside a frame", () => {
    const reader = new FrameReader({ messageLengthMin: 4 });
    reader.push(join(frame(message(4)), Uint8Array.of(0, 9, 1)));
    expect(reader.end()).toEqual({
      code: "frame-truncated",
      offset: 6,
      message: "the stream ended 3 octets into a frame",
    });
  });

  test("an announced size costs no memory before the octets come", () => {
    const reader = new FrameReader({ messageLengthMin: 4 });
    reader.push(Uint8Array.of(0xff, 0xff, 1));
    expect(reader.pendingBytes).toBe(3);
  });
});

test("a message too long for a frame is our own bug", () => {
  expect(frame(message(65_535)).length).toBe(65_537);
  expect(() => frame(message(65_536))).toThrow(RangeError);
});
