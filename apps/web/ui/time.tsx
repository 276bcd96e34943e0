"use client";

import type { ExpiresAt } from "@leasewire/api";
import { Tooltip } from "@mantine/core";
import { formatAgo, formatExpiry, formatTime, formatTimeLeft, nothing } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";

/** A point in time, UTC; pointed at, it also says the local time. */
export function Time({ seconds }: { readonly seconds: number | null }) {
  if (seconds === null || seconds === 0) return <span>{nothing}</span>;
  const local = new Date(seconds * 1000).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "long" });
  return (
    <Tooltip label={`UTC. Here: ${local}`}>
      <time className="mono" dateTime={new Date(seconds * 1000).toISOString()}>
        {formatTime(seconds)}
      </time>
    </Tooltip>
  );
}

/** How long ago, ticking. */
export function Ago({ seconds }: { readonly seconds: number }) {
  const now = useNowSeconds();
  return (
    <Tooltip label={`${formatTime(seconds)} UTC`}>
      <span>{formatAgo(now - seconds)}</span>
    </Tooltip>
  );
}

/** What is left of a lease, counting down. */
export function TimeLeft({ expiresAt }: { readonly expiresAt: ExpiresAt }) {
  const now = useNowSeconds();
  const ended = typeof expiresAt === "number" && expiresAt <= now;
  return (
    <span className="mono" title={formatExpiry(expiresAt)} {...(ended && { style: { color: "var(--lw-ink-dim)" } })}>
      {formatTimeLeft(expiresAt, now)}
    </span>
  );
}
