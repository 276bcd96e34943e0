/** The field's value for a lease without end, in both families. */
const infinite = 0xffff_ffff;

/**
 * Before this many seconds ago (30 years) no client was heard of: a larger number is a date. ISC dhcpd writes the date
 * of the last transaction where RFC 5007 §4.1.2.3 wants seconds since.
 */
const secondsAgoMax = 946_684_800;

/** When the client was last heard, unix seconds, from "seconds ago" or a date; never after now. */
export function transactionTime(
  value: number,
  nowSeconds: number,
): { readonly seconds: number; readonly wasAbsolute: boolean } {
  if (value < secondsAgoMax) return { seconds: Math.max(1, nowSeconds - value), wasAbsolute: false };
  return { seconds: Math.min(value, nowSeconds), wasAbsolute: true };
}

/** When a lease ends, unix seconds, from seconds remaining. */
export function endOf(remainingSeconds: number, nowSeconds: number): number {
  if (remainingSeconds === infinite) return infinite;
  return Math.min(nowSeconds + remainingSeconds, infinite - 1);
}
