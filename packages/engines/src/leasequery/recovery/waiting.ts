import { type BindingDraft, Field } from "@leasewire/bindings";
import { formatHex } from "@leasewire/net";
import { type Context, countDrop, countersOf, countNote, increase, refuseLease } from "./context.ts";
import { settleDraft } from "./settle-draft.ts";
import type { Teller, WaitingLease } from "./state.ts";

/** A lease whose access interface is not there yet is tried again later (`leasequery-reply-packet-retry-timer`). */
export function keepWaiting(context: Context, teller: Teller, interfaceText: string): void {
  const { waiting, limits, judge } = context.state;
  const { configured } = teller.relay;
  if (configured.replyRetriesMax === 0) {
    refuseLease(
      context,
      teller,
      "interface unknown",
      `The lease is on interface ${interfaceText}, which is none of this relay's.`,
    );
    return;
  }
  if (waiting.length >= limits.leasesWaitingMax) {
    refuseLease(context, teller, "too many leases waiting");
    return;
  }
  const draft = judge.copy();
  waiting.push({
    teller,
    draft,
    interfaceText,
    retries: 0,
    dueMs: context.now + configured.replyRetrySeconds * 1000,
  });
  countWaiting(context, teller, draft, 1);
  teller.tally.waiting += 1;
  countNote(context, teller.relay, "lease waits for its interface");
}

/** Tries the leases that are due again, and gives up those that were tried often enough. */
export function retryWaiting(context: Context): void {
  const { state, now } = context;
  const { waiting, judge } = state;
  let kept = 0;
  for (const lease of waiting) {
    if (lease.dueMs > now) {
      waiting[kept] = lease;
      kept += 1;
      continue;
    }
    const { teller, draft } = lease;
    const counters = countersOf(context, teller.relay);
    const current = state.relays.get(`${teller.relay.family}|${teller.relay.instance}`);
    counters.replyPacketRetries += 1;
    lease.retries += 1;
    const at = draft.starts[Field.circuitId]!;
    const length = draft.lengths[Field.circuitId]!;
    const known = current === undefined || length < 0 ? undefined : current.places.of(draft.bytes, at, length);
    const place = known?.value;
    if (place !== undefined && place.waitsFor === null) {
      endWaiting(context, lease);
      judge.take(draft);
      judge.placeNumber = teller.relay.places.of(draft.bytes, at, length).id;
      judge.draft.interfaceName = place.interfaceName;
      judge.draft.linkAddress ??= place.linkAddress;
      settleDraft(context, teller, Math.floor(now / 1000));
      touched(context, teller);
    } else if (current === undefined || lease.retries >= current.configured.replyRetriesMax) {
      endWaiting(context, lease);
      counters.replyMaxRetried += 1;
      increase(context, teller.tally.refused, "interface unknown");
      countDrop(
        context,
        teller.relay,
        "interface unknown",
        `A lease is on interface ${lease.interfaceText}, which is none of this relay's client interfaces; given up after ${lease.retries} retries.`,
      );
      touched(context, teller);
    } else {
      lease.dueMs = now + current.configured.replyRetrySeconds * 1000;
      waiting[kept] = lease;
      kept += 1;
    }
  }
  waiting.length = kept;
}

function endWaiting(context: Context, { teller, draft }: WaitingLease): void {
  teller.tally.waiting -= 1;
  countWaiting(context, teller, draft, -1);
}

/** Several servers can tell of one lease: it is being restored until the last of them has been settled. */
function countWaiting(context: Context, { relay }: Teller, draft: BindingDraft, by: 1 | -1): void {
  const { state, out } = context;
  const { family, instance } = relay;
  const { address, prefixLength } = draft;
  const key = `${family}|${instance}|${formatHex(address)}|${prefixLength}`;
  const before = state.restoring.get(key) ?? 0;
  const count = before + by;
  if (count > 0) state.restoring.set(key, count);
  else state.restoring.delete(key);
  if (before === 0 || count === 0) out.restoring.push({ family, instance, address, prefixLength, done: count === 0 });
}

function touched({ out }: Context, teller: Teller): void {
  if (teller.run !== null) out.runs.add(teller.run.request.id);
  else out.streams.add(`${teller.relay.family}|${teller.relay.instance}|${teller.address}`);
}
