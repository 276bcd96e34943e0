import { OptionCode6 } from "@leasewire/wire";

/** Where in a client's message the options are that a relay agent looks at. −1: absent. One is used again and again. */
export interface Scan6 {
  duidFrom: number;
  duidTo: number;
  serverFrom: number;
  serverTo: number;
  hasIa: boolean;
  /** Option of the whole message. 0 where there is none: Success (RFC 9915 §21.13). */
  status: number;
}

export const scan: Scan6 = { duidFrom: -1, duidTo: -1, serverFrom: -1, serverTo: -1, hasIa: false, status: 0 };

/**
 * Looks once at the outer options of the message in `bytes` from `from` to `to`; false where they do not fill it. What is found is
 * in `scan` until the next call.
 */
export function scanMessage(bytes: Uint8Array, from: number, to: number): boolean {
  scan.duidFrom = -1;
  scan.duidTo = -1;
  scan.serverFrom = -1;
  scan.serverTo = -1;
  scan.hasIa = false;
  scan.status = 0;
  if (to - from < 4) return false;
  for (let at = from + 4; at < to; ) {
    if (at + 4 > to) return false;
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (end > to) return false;
    switch ((bytes[at]! << 8) | bytes[at + 1]!) {
      case OptionCode6.CLIENTID:
        if (scan.duidFrom >= 0) break;
        scan.duidFrom = at + 4;
        scan.duidTo = end;
        break;
      case OptionCode6.SERVERID:
        if (scan.serverFrom >= 0) break;
        scan.serverFrom = at + 4;
        scan.serverTo = end;
        break;
      case OptionCode6.IA_NA:
      case OptionCode6.IA_TA:
      case OptionCode6.IA_PD:
        scan.hasIa = true;
        break;
      case OptionCode6.STATUS_CODE:
        if (end - at >= 6) scan.status = (bytes[at + 4]! << 8) | bytes[at + 5]!;
        break;
    }
    at = end;
  }
  return true;
}

/** Where a message lies in `bytes`, as offsets: of the innermost of nested relay messages. */
export interface Innermost6 {
  from: number;
  to: number;
}

export const innermost: Innermost6 = { from: 0, to: 0 };

/** Where the option of that code is in a relay message from `from` to `to`, −1 if there is none, −2 where options do not fill it. */
export function relayOptionAt(bytes: Uint8Array, from: number, to: number, code: number): number {
  let found = -1;
  for (let at = from + 34; at < to; ) {
    if (at + 4 > to) return -2;
    const end = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (end > to) return -2;
    if (found < 0 && ((bytes[at]! << 8) | bytes[at + 1]!) === code) found = at;
    at = end;
  }
  return to - from < 34 ? -2 : found;
}

/**
 * Finds the message within all relay messages of the type `type` from `from` to `to`; false where one is malformed, relays none, or
 * too many lie in one another. What is found is in `innermost` until the next call.
 */
export function findInnermost(bytes: Uint8Array, from: number, to: number, type: number): boolean {
  innermost.from = from;
  innermost.to = to;
  for (let depth = 0; bytes[innermost.from] === type; depth += 1) {
    if (depth > NESTING_MAX) return false;
    const at = relayOptionAt(bytes, innermost.from, innermost.to, OptionCode6.RELAY_MSG);
    if (at < 0) return false;
    innermost.from = at + 4;
    innermost.to = at + 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
    if (innermost.to - innermost.from < 4) return false;
  }
  return true;
}

/** As many as the codecs follow: no relay agent passes on more. */
export const NESTING_MAX = 32;

/** The client's message ends with the innermost RELAY_MSG, whose length is in front of it. */
export function messageEnd(sent: Uint8Array, messageAt: number): number {
  return messageAt + ((sent[messageAt - 2]! << 8) | sent[messageAt - 1]!);
}
