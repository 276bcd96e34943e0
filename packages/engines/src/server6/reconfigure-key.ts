import { concatBytes } from "@leasewire/net";
import type { Context6 } from "./context.ts";
import type { Server6 } from "./state.ts";

/** Reconfiguration Key Authentication Protocol, HMAC-MD5, monotonic counter (RFC 9915 §20.4.1). */
const PROTOCOL = 3;
const ALGORITHM = 1;
const REPLAY_DETECTION_METHOD = 0;
const KEY = 1;
const DIGEST = 2;

/** Octets of the authentication information before the 16 of key or digest. */
export const DIGEST_OFFSET = 12;

/**
 * The reconfigure key of a client, made from the server's secret: the same after a restart, and not to be guessed
 * (§20.4.2).
 */
export function reconfigureKeyOf(context: Context6, server: Server6, duid: Uint8Array): Uint8Array {
  const { hmacMd5, reconfigureSecret } = context.state;
  return hmacMd5!(reconfigureSecret, concatBytes([Uint8Array.of(server.duid.length), server.duid, duid]));
}

/** Option 11 that tells the client its key. */
export function reconfigureKeyOption(context: Context6, server: Server6, duid: Uint8Array): Uint8Array {
  return authentication(context, KEY, reconfigureKeyOf(context, server, duid));
}

/** Option 11 of a RECONFIGURE, its digest 0. */
export function digestOption(context: Context6): Uint8Array {
  return authentication(context, DIGEST, new Uint8Array(16));
}

function authentication(context: Context6, type: number, value: Uint8Array): Uint8Array {
  const out = new Uint8Array(DIGEST_OFFSET + 16);
  out[0] = PROTOCOL;
  out[1] = ALGORITHM;
  out[2] = REPLAY_DETECTION_METHOD;
  writeReplayDetection(context, out);
  out[11] = type;
  out.set(value, DIGEST_OFFSET);
  return out;
}

/**
 * Strictly rising (§20.3), across restarts too as long as the clock does not go back: microseconds since 1970, or one more than
 * the last.
 */
function writeReplayDetection(context: Context6, out: Uint8Array): void {
  const { state, now } = context;
  state.replayDetection = Math.max(state.replayDetection + 1, Math.floor(now) * 1000);
  let rest = state.replayDetection;
  for (let i = 10; i >= 3; i -= 1) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}
