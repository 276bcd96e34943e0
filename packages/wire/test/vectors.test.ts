import { describe, expect, test } from "vitest";
import { FrameReader, frame, messageLengthMin4, messageLengthMin6 } from "../src/index.ts";
import { rebuild } from "./rebuild.ts";
import { hex, loadVectors } from "./vectors.ts";

describe("sample messages, decoded to typed fields and built again from them", () => {
  test.each(loadVectors().map((vector) => [vector.name, vector] as const))("%s", (_, vector) => {
    const rebuilt = rebuild(vector.family, vector.message);
    expect(hex(vector.framed ? frame(rebuilt) : rebuilt)).toBe(hex(vector.bytes));
  });

  test.each([4, 6] as const)("all framed v%i samples in one stream", (family) => {
    const vectors = loadVectors().filter((vector) => vector.framed && vector.family === family);
    const stream = Uint8Array.from(vectors.flatMap(({ bytes }) => [...bytes]));
    const reader = new FrameReader({ messageLengthMin: family === 4 ? messageLengthMin4 : messageLengthMin6 });
    const { frames, error } = reader.push(stream);
    expect(error).toBeUndefined();
    expect(frames.map(hex)).toEqual(vectors.map(({ message }) => hex(message)));
    expect(reader.end()).toBeUndefined();
  });
});
