"use client";

import type { StreamHistory, StreamView } from "@leasewire/api";
import { Anchor, SegmentedControl, Text, Tooltip } from "@mantine/core";
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount, formatSpan, formatTime, formatTimeMs } from "#lib/format.ts";
import { useLiveEvent } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { useThrottled } from "#lib/throttle.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Facts } from "#ui/facts.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import classes from "./recovery.module.css";
import { streamPhaseWords } from "./recovery-words.ts";
import { gapMarksOf, stretchesOf, ticksOf } from "./timeline.ts";

const eventsShown = 50;
const historyPeriodMs = 2_000;

/** What one stream did lately: its time line with gaps, its figures, and its last events. */
export function StreamDetail(props: {
  readonly stream: StreamView;
  readonly span: "hour" | "day";
  readonly onSpan: (span: "hour" | "day") => void;
}) {
  const { stream } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const options = trpc.streams.history.queryOptions(
    { id: stream.id, span: props.span },
    { placeholderData: keepPreviousData, refetchInterval: 15_000 },
  );
  const history = useQuery(options);
  const again = useThrottled(() => void queryClient.invalidateQueries({ queryKey: options.queryKey }), historyPeriodMs);
  useLiveEvent("stream", (changed) => {
    if (changed.id === stream.id && changed.phase !== stream.phase) again();
  });
  const openGaps = stream.gaps.filter(({ healedAtMs }) => healedAtMs === null);
  return (
    <div className={classes.detail} data-testid="stream-detail">
      <Text size="sm">{stream.explanation}</Text>
      {openGaps.map((gap) => (
        <Notice
          key={`${gap.fromSeconds} ${gap.toSeconds}`}
          tone="warn"
          title={`Changes from ${formatTime(gap.fromSeconds)} to ${formatTime(gap.toSeconds)} may be missing`}
        >
          {gap.why}.{" "}
          {gap.runId === null ? (
            "Resync gets everything again."
          ) : (
            <Anchor component={Link} href={paths.recovery({ run: gap.runId })} size="sm" underline="always">
              A bulk query fills it
            </Anchor>
          )}
        </Notice>
      ))}
      <div className={classes.timelineHead}>
        <Text size="sm" fw={600}>
          Time line
        </Text>
        <SegmentedControl
          aria-label="Time shown"
          value={props.span}
          onChange={(span) => props.onSpan(span === "day" ? "day" : "hour")}
          data={[
            { value: "hour", label: "Hour" },
            { value: "day", label: "Day" },
          ]}
        />
      </div>
      {history.isPending && <Loading label="Reading the history" />}
      {history.isError && history.data === undefined && (
        <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
      )}
      {history.data !== undefined && <TimeLine history={history.data} offset={stream.clockOffsetSeconds ?? 0} />}
      <div className={classes.detailColumns}>
        <Figures stream={stream} />
        {history.data !== undefined && <Events history={history.data} />}
      </div>
    </div>
  );
}

function TimeLine({ history, offset }: { readonly history: StreamHistory; readonly offset: number }) {
  const stretches = stretchesOf(history);
  const gaps = gapMarksOf(history, offset);
  const active = stretches
    .filter(({ phase }) => phase === "Active")
    .reduce((sum, stretch) => sum + stretch.toMs - stretch.fromMs, 0);
  const words = `Active for ${formatSpan(active / 1000)} of ${formatSpan((history.toMs - history.fromMs) / 1000)}, ${gaps.length} gaps`;
  return (
    <figure className={classes.timeline} aria-label={words} data-testid="timeline">
      <div className={classes.line} aria-hidden="true">
        {stretches.map((stretch) => {
          const phase = stretch.phase === null ? null : streamPhaseWords[stretch.phase];
          return (
            <Tooltip
              key={stretch.fromMs}
              label={`${phase?.label ?? "Not known"}, ${formatTimeMs(stretch.fromMs).slice(11)} to ${formatTimeMs(stretch.toMs).slice(11)} UTC`}
            >
              <span
                className={classes.stretch}
                data-tone={phase?.tone ?? "none"}
                style={{ left: `${stretch.from}%`, width: `${stretch.to - stretch.from}%` }}
              />
            </Tooltip>
          );
        })}
      </div>
      <div className={classes.gaps} aria-hidden="true">
        {gaps.map(({ gap, from, to }) => (
          <Tooltip
            key={`${gap.fromSeconds} ${gap.sinceMs}`}
            label={`Gap ${formatTime(gap.fromSeconds)} to ${formatTime(gap.toSeconds)}: ${gap.why}. ${gap.healedAtMs === null ? "Open." : `Filled ${formatTimeMs(gap.healedAtMs)} UTC.`}`}
          >
            <span
              className={classes.gap}
              data-open={gap.healedAtMs === null || undefined}
              style={{ left: `${from}%`, width: `${to - from}%` }}
            />
          </Tooltip>
        ))}
      </div>
      <div className={classes.scale} aria-hidden="true">
        {ticksOf(history.fromMs, history.toMs).map(({ atMs, at }) => (
          <span key={atMs} className={classes.tick} style={{ left: `${at}%` }}>
            {formatTimeMs(atMs).slice(11, 16)}
          </span>
        ))}
      </div>
      <figcaption className={classes.legend}>
        <span>{words}.</span>
        <span data-tone="good">active</span>
        <span data-tone="info">bulk or catch-up</span>
        <span data-tone="warn">connecting, bulk only</span>
        <span data-tone="bad">not connected</span>
        <span data-tone="gap">gap</span>
      </figcaption>
    </figure>
  );
}

function Figures({ stream }: { readonly stream: StreamView }) {
  return (
    <Facts
      facts={[
        { label: "Connected since", value: formatTimeMs(stream.connectedAtMs) },
        { label: "Base-time told", value: formatTime(stream.baseTimeSeconds) },
        { label: "Stored up to", value: formatTime(stream.durableBaseTimeSeconds) },
        {
          label: "Clock of the server",
          value:
            stream.clockOffsetSeconds === null
              ? "not known yet"
              : Math.abs(stream.clockOffsetSeconds) < 2
                ? "as ours"
                : `${formatSpan(Math.abs(stream.clockOffsetSeconds))} ${stream.clockOffsetSeconds > 0 ? "behind" : "ahead"}`,
        },
        { label: "Timeout, idle timeout", value: `${stream.timeoutSeconds} s, ${stream.idleTimeoutSeconds} s` },
        {
          label: "Told",
          value: `${formatCount(stream.received)}: ${formatCount(stream.applied)} new, ${formatCount(stream.unchanged)} known, ${formatCount(stream.older)} older, ${formatCount(stream.notKept)} not kept`,
        },
        ...stream.refused.map(({ reason, count, explanation }) => ({
          label: `Not used: ${reason}`,
          value: `${formatCount(count)}. ${explanation}`,
        })),
        {
          label: "Keepalives, DataMissing",
          value: `${formatCount(stream.keepalives)}, ${formatCount(stream.dataMissing)}`,
        },
        { label: "Last status", value: stream.lastStatus ?? "none" },
      ]}
    />
  );
}

function Events({ history }: { readonly history: StreamHistory }) {
  const events = history.events.slice(-eventsShown).reverse();
  if (events.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nothing happened in this time.
      </Text>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={classes.events} aria-label="Last events, the newest first" tabIndex={0}>
      <ol>
        {events.map((event, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two events of one millisecond differ in nothing else
          <li key={`${event.atMs} ${index}`}>
            <span className={`mono ${classes.dim}`}>{formatTimeMs(event.atMs)}</span>
            <span>{event.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
