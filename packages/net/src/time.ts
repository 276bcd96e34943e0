import { quote, type Result, refuse } from "./result.ts";

/** `2023-11-14T22:13:20Z` from seconds since 1970, by the civil calendar; the same for every machine and locale. */
export function formatUtcSeconds(secondsSince1970: number): string {
  const days = Math.floor(secondsSince1970 / 86_400);
  const rest = secondsSince1970 - days * 86_400;
  // Years that begin in March put the leap day last, so that month lengths follow one formula. An era is 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(Math.floor(rest / 3600), 2)}:${pad(Math.floor(rest / 60) % 60, 2)}:${pad(Math.floor(rest) % 60, 2)}Z`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** A moment, or a time before the moment at which it is asked for. Seconds; moments since 1970. */
export type TimeText = { readonly kind: "at" | "ago"; readonly seconds: number };

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const secondsMax = 0xffff_ffff;

/**
 * From a person: `2026-11-24T07:00:00Z` (or a blank for the T, minutes only, an offset like `+02:00`; UTC without one), a
 * day alone, seconds since 1970, or a time ago: `90s`, `30m`, `12h`, `7d`. Error: `time-syntax`.
 */
export function parseTime(text: string): Result<TimeText> {
  const trimmed = text.trim();
  const [, count, unit] = /^([0-9]{1,6})([smhd])$/.exec(trimmed) ?? [];
  if (count !== undefined) {
    return { ok: true, value: { kind: "ago", seconds: Number(count) * (unitSeconds[unit ?? ""] ?? 0) } };
  }
  const seconds = /^[0-9]{1,10}$/.test(trimmed) ? Number(trimmed) : secondsOfDate(trimmed);
  if (seconds >= 0 && seconds <= secondsMax) return { ok: true, value: { kind: "at", seconds } };
  return refuse(
    "time-syntax",
    `${quote(text)} is not a time: write it like 2026-11-24T07:00:00Z, in seconds since 1970, or as a time ago like 30m`,
  );
}

export function secondsAt(time: TimeText, nowSeconds: number): number {
  return time.kind === "at" ? time.seconds : Math.max(0, Math.floor(nowSeconds) - time.seconds);
}

/** NaN where it is none, and where there is no such day or time of day. */
function secondsOfDate(text: string): number {
  const parts =
    /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?(?:Z| ?UTC|([+-])([0-9]{2}):([0-9]{2}))?)?$/.exec(
      text,
    );
  if (parts === null) return Number.NaN;
  const number = (index: number) => Number(parts[index] ?? 0);
  const [year, month, day] = [number(1), number(2), number(3)];
  const [hours, minutes, rest, zoneHours, zoneMinutes] = [number(4), number(5), number(6), number(8), number(9)];
  if (hours > 23 || minutes > 59 || rest > 59 || zoneHours > 14 || zoneMinutes > 59) return Number.NaN;
  const midnight = daysSince1970(year, month, day) * 86_400;
  if (formatUtcSeconds(midnight).slice(0, 10) !== text.slice(0, 10)) return Number.NaN;
  const zone = (zoneHours * 3600 + zoneMinutes * 60) * (parts[7] === "-" ? -1 : 1);
  return midnight + hours * 3600 + minutes * 60 + rest - zone;
}

/** The other way round than in `formatUtcSeconds`, by the same years that begin in March. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * (month <= 2 ? month + 9 : month - 3) + 2) / 5) + day - 1;
  return (
    era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
  );
}
