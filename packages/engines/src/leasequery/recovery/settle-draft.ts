import { type Context, countNote, refuseLease } from "./context.ts";
import { markTold } from "./groups.ts";
import type { Teller } from "./state.ts";

/** Has the judge decide between its draft and what is stored, and counts what came of it. */
export function settleDraft(context: Context, teller: Teller, nowSeconds: number): void {
  const { judge } = context.state;
  const { tally, relay } = teller;
  switch (judge.settle(relay.family, teller.cause, nowSeconds)) {
    case "applied":
      tally.applied += 1;
      break;
    case "unchanged":
      tally.unchanged += 1;
      break;
    case "older":
      tally.older += 1;
      break;
    case "not-leased":
      tally.notKept += 1;
      countNote(context, relay, "address not leased");
      return;
    case "of-another-server":
      tally.notKept += 1;
      countNote(context, relay, "leased by another server");
      return;
    case "own":
      refuseLease(context, teller, "own lease");
      return;
    case "aborted":
      refuseLease(context, teller, "processing aborted", judge.refusal);
      return;
  }
  if (teller.run !== null) markTold(context, teller.run, relay, judge);
}
