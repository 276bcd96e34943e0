import type { ExpiresAt } from "@leasewire/api";
import { formatUtcSeconds } from "@leasewire/net";

/** What stands where nothing is known. */
export const nothing = "—";

const counts = new Intl.NumberFormat("en-US");

/** `1,234,567` */
export function formatCount(value: number): string {
  return counts.format(value);
}

/** `1 binding`, `12 bindings` */
export function formatCountOf(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}

const scales = [
  { from: 1e18, unit: "× 10¹⁸" },
  { from: 1e15, unit: "× 10¹⁵" },
  { from: 1e12, unit: "× 10¹²" },
] as const;

/** A count that may be as large as a DHCPv6 pool: `1,234,567`, and from 10¹² on `18.4 × 10¹⁸`. */
export function formatLargeCount(value: number): string {
  const scale = scales.find(({ from }) => value >= from);
  return scale === undefined ? formatCount(value) : `${(value / scale.from).toFixed(1)} ${scale.unit}`;
}

/** `512 B`, `1.5 kB`, `20.0 MB`: powers of 1000. */
export function formatOctets(octets: number): string {
  if (octets < 1000) return `${octets} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = octets;
  let unit = "B";
  for (const next of units) {
    if (value < 1000) break;
    value /= 1000;
    unit = next;
  }
  return `${value.toFixed(1)} ${unit}`;
}

/** `93.1 %`; what is not quite nothing or everything is not rounded to it. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.1) return "< 0.1 %";
  if (percent < 100 && percent > 99.9) return "> 99.9 %";
  return `${percent.toFixed(percent === 0 || percent === 100 ? 0 : 1)} %`;
}

/** A span as one says it: `10 min`, `1 h 30 min`, `2 d`. */
export function formatSpan(seconds: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(seconds));
  for (const [unit, length] of [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) parts.push(`${count} ${unit}`);
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** `2026-11-24 06:44:40` in UTC, as logs and routers have it. */
export function formatTime(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || seconds === 0) return nothing;
  return formatUtcSeconds(seconds).replace("T", " ").replace("Z", "");
}

export function formatTimeMs(milliseconds: number | null | undefined): string {
  return formatTime(milliseconds === null || milliseconds === undefined ? null : Math.floor(milliseconds / 1000));
}

/** `06:44:40.123` in UTC: the time of day of a packet. */
export function formatClockMs(milliseconds: number): string {
  const rest = ((Math.floor(milliseconds) % 1000) + 1000) % 1000;
  return `${formatTimeMs(milliseconds).slice(11)}.${String(rest).padStart(3, "0")}`;
}

/** `3d 04:05:06`, `04:05:06`, `05:06`: a span in whole seconds, of steady width within its range. */
export function formatClock(spanSeconds: number): string {
  const span = Math.max(0, Math.floor(spanSeconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const days = Math.floor(span / 86_400);
  const hours = Math.floor(span / 3600) % 24;
  const minutes = Math.floor(span / 60) % 60;
  const tail = `${two(minutes)}:${two(span % 60)}`;
  if (days > 0) return `${days}d ${two(hours)}:${tail}`;
  return hours > 0 ? `${two(hours)}:${tail}` : tail;
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `2 d ago` */
export function formatAgo(spanSeconds: number): string {
  if (spanSeconds < 2) return "just now";
  if (spanSeconds < 60) return `${Math.floor(spanSeconds)} s ago`;
  if (spanSeconds < 3600) return `${Math.floor(spanSeconds / 60)} min ago`;
  if (spanSeconds < 86_400) return `${Math.floor(spanSeconds / 3600)} h ago`;
  return `${Math.floor(spanSeconds / 86_400)} d ago`;
}

/** A wait, for sentences: `12 seconds`, `1 minute`, `2 hours`. Rounded up, so that waiting that long is enough. */
export function formatWait(seconds: number): string {
  if (seconds < 60) return formatCountOf(Math.max(1, Math.ceil(seconds)), "second");
  if (seconds < 3600) return formatCountOf(Math.ceil(seconds / 60), "minute");
  return formatCountOf(Math.ceil(seconds / 3600), "hour");
}

/** `12 ms`, `1.5 s` */
export function formatMilliseconds(milliseconds: number | null): string {
  if (milliseconds === null) return nothing;
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** What is left of a lease: a countdown, `ended`, `infinite`, or nothing where there is no lease. */
export function formatTimeLeft(expiresAt: ExpiresAt, nowSeconds: number): string {
  if (expiresAt === null) return nothing;
  if (expiresAt === "never") return "infinite";
  return expiresAt > nowSeconds ? formatClock(expiresAt - nowSeconds) : "ended";
}

/** End of a lease as a point in time. */
export function formatExpiry(expiresAt: ExpiresAt): string {
  if (expiresAt === null) return nothing;
  return expiresAt === "never" ? "infinite" : formatTime(expiresAt);
}
