/**
 * Recovery: bulk runs and active streams of relays (RFC 6926, RFC 5460, RFC 7724, RFC 7653; relay side of the vendor's
 * feature). No I/O, no clock, no randomness of its own.
 *
 * `step.ts` holds the switch over inputs. A connection cuts its octets into messages where they lie; `read4.ts` and
 * `read6.ts` find the parts of a lease in them, `judge.ts` decides between a told lease and a stored one.
 */
export * from "./limits.ts";
export * from "./messages.ts";
export * from "./views.ts";
