import type { ServerResponse } from "node:http";

/**
 * For everything but the pages: nothing of an answer may run or be framed. The pages bring their own policy, with a nonce
 * for each answer (apps/web/proxy.ts).
 */
const contentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";

export function setSecurityHeaders(response: ServerResponse, https: boolean): void {
  response.setHeader("content-security-policy", contentSecurityPolicy);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("x-frame-options", "DENY");
  response.setHeader("referrer-policy", "same-origin");
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-resource-policy", "same-origin");
  response.setHeader("permissions-policy", "camera=(), microphone=(), geolocation=()");
  if (https) response.setHeader("strict-transport-security", "max-age=31536000");
}
