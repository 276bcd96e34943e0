import { readFileSync } from "node:fs";
import { formatHex, parseHex } from "@leasewire/net";

export interface Vector {
  readonly name: string;
  readonly description: string;
  readonly family: 4 | 6;
  readonly framed: boolean;
  /** As on the wire, size included where framed. */
  readonly bytes: Uint8Array;
  /** Without the size. */
  readonly message: Uint8Array;
}

/** The byte-exact sample messages of `fixtures/vectors.json`. */
export function loadVectors(): readonly Vector[] {
  const file = readFileSync(new URL("./fixtures/vectors.json", import.meta.url), "utf8");
  const { vectors } = JSON.parse(file) as {
    vectors: { name: string; transport: string; description: string; hex: string }[];
  };
  return vectors.map(({ name, transport, description, hex }) => {
    const bytes = hexBytes(hex);
    const framed = transport.includes("framed");
    return {
      name,
      description,
      family: name.startsWith("v4") ? 4 : 6,
      framed,
      bytes,
      message: framed ? bytes.subarray(2) : bytes,
    };
  });
}

export function hexBytes(hex: string): Uint8Array {
  const parsed = parseHex(hex);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

export function must<T>(
  result:
    | { readonly ok: true; readonly value: T }
    | { readonly ok: false; readonly error: { readonly message: string } },
): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

export const hex = (bytes: Uint8Array): string => formatHex(bytes);
