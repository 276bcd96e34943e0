import type { Relay4State } from "./state.ts";

/** When the next `deadline` is due, milliseconds since 1970; null while nothing waits. */
export function nextRelayDeadlineMs4(state: Relay4State): number | null {
  // Routes follow what the table says: at once, not with the next packet.
  if (state.rows.isBehind) return 0;
  return state.exchanges.first?.expiresAtMs ?? null;
}
