import { formatOpaqueInput, parseOpaque } from "./opaque.ts";
import type { Result } from "./result.ts";

/** Sub-option 12 of option 82: opaque, at least one octet (RFC 6925 §5). */
export function parseRelayIdentifier(text: string): Result<Uint8Array> {
  return parseOpaque(text, "relay identifier", 1, 255);
}

export function formatRelayIdentifier(bytes: Uint8Array): string {
  return formatOpaqueInput(bytes);
}
