import { formatOpaqueInput, parseOpaque } from "./opaque.ts";
import type { Result } from "./result.ts";

/** Sub-option 2 of option 82 (RFC 3046 §3.2), or the opaque part of option 37 (RFC 4649 §3): at least one octet to ask for it. */
export function parseRemoteId(text: string): Result<Uint8Array> {
  return parseOpaque(text, "remote ID", 1, 255);
}

export function formatRemoteId(bytes: Uint8Array): string {
  return formatOpaqueInput(bytes);
}
