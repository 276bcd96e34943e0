import { formatOpaqueInput, parseOpaque } from "./opaque.ts";
import type { Result } from "./result.ts";

/** Option 61 has at least two octets (RFC 2132 §9.14); 255 without splitting, and nobody needs more to be typed. */
export function parseClientIdentifier(text: string): Result<Uint8Array> {
  return parseOpaque(text, "client identifier", 2, 255);
}

/** `ascii:NAME` where that is safe to show, otherwise hex with colons; `parseClientIdentifier` reads either back. */
export function formatClientIdentifier(bytes: Uint8Array): string {
  return formatOpaqueInput(bytes);
}
