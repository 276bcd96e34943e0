import type { StreamGap, StreamHistory, StreamPhase } from "@leasewire/api";

/** A time during which a stream stood in one phase; `from` and `to` are shares of the line, 0 to 100. */
export interface Stretch {
  readonly phase: StreamPhase | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly from: number;
  readonly to: number;
}

export interface GapMark {
  readonly gap: StreamGap;
  readonly from: number;
  readonly to: number;
}

/** Stretches shorter than this share would not be seen. */
const shareMin = 0.15;

/** What a stream did over the time of a history, as stretches of one line. */
export function stretchesOf(history: StreamHistory): readonly Stretch[] {
  const { fromMs, toMs } = history;
  const stretches: Stretch[] = [];
  let phase = history.phaseBefore;
  let sinceMs = fromMs;
  const end = (untilMs: number) => {
    if (untilMs <= sinceMs) return;
    const last = stretches.at(-1);
    const from = last !== undefined && last.phase === phase ? last.fromMs : sinceMs;
    if (from !== sinceMs) stretches.pop();
    stretches.push({ phase, fromMs: from, toMs: untilMs, from: place(from), to: place(untilMs) });
    sinceMs = untilMs;
  };
  const place = (atMs: number) => share(atMs, fromMs, toMs);
  for (const event of history.events) {
    if (event.phase === null || event.phase === phase) continue;
    if (event.atMs > toMs) break;
    if (event.atMs > fromMs) end(event.atMs);
    phase = event.phase;
  }
  end(toMs);
  return stretches;
}

/** Gaps that touch the line; each is wide enough to be seen. */
export function gapMarksOf(history: StreamHistory, offsetSeconds = 0): readonly GapMark[] {
  const { fromMs, toMs } = history;
  return history.gaps.flatMap((gap) => {
    const begin = (gap.fromSeconds + offsetSeconds) * 1000;
    const end = (gap.toSeconds + offsetSeconds) * 1000;
    if (end < fromMs || begin > toMs) return [];
    const from = share(begin, fromMs, toMs);
    return [{ gap, from, to: Math.min(100, Math.max(share(end, fromMs, toMs), from + shareMin)) }];
  });
}

/** Round times along the line, for its scale. */
export function ticksOf(fromMs: number, toMs: number): readonly { readonly atMs: number; readonly at: number }[] {
  const stepMs = toMs - fromMs > 2 * 3_600_000 ? 3 * 3_600_000 : 10 * 60_000;
  const ticks = [];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs < toMs; atMs += stepMs) {
    ticks.push({ atMs, at: share(atMs, fromMs, toMs) });
  }
  return ticks;
}

function share(atMs: number, fromMs: number, toMs: number): number {
  return Math.min(100, Math.max(0, ((atMs - fromMs) * 100) / Math.max(1, toMs - fromMs)));
}
