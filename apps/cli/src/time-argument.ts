import type { Result } from "@leasewire/net";

/** A moment, or a time before the moment the command is carried out. */
export type TimeArgument =
  | { readonly kind: "at"; readonly seconds: number }
  | { readonly kind: "ago"; readonly seconds: number };

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const secondsMax = 0xffff_ffff;

/** Seconds since 1970, `2026-11-24T07:00:00Z`, or a time ago: `90s`, `30m`, `12h`, `7d`. Without a zone a time is UTC. */
export function parseTime(text: string): Result<TimeArgument> {
  const ago = /^([0-9]{1,6})([smhd])$/.exec(text);
  if (ago !== null) {
    return { ok: true, value: { kind: "ago", seconds: Number(ago[1]) * secondsOf[ago[2] as keyof typeof secondsOf] } };
  }
  if (/^[0-9]{1,10}$/.test(text) && Number(text) <= secondsMax) {
    return { ok: true, value: { kind: "at", seconds: Number(text) } };
  }
  const date =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(Z|[+-][0-9]{2}:[0-9]{2})?)?$/.exec(text);
  const ms = date === null ? Number.NaN : Date.parse(`${date[1]}T${date[2] ?? "00:00"}${date[3] ?? "Z"}`);
  const seconds = Math.floor(ms / 1000);
  if (seconds >= 0 && seconds <= secondsMax && !rolledOver(date?.[1], ms, date?.[3])) {
    return { ok: true, value: { kind: "at", seconds } };
  }
  return {
    ok: false,
    error: {
      code: "time-syntax",
      message: `"${text}" is not a time: write it like 2026-11-24T07:00:00Z, in seconds since 1970, or as a time ago like 30m`,
    },
  };
}

export function unixSeconds(time: TimeArgument | undefined, nowMs: number): number | undefined {
  if (time === undefined) return undefined;
  return time.kind === "at" ? time.seconds : Math.max(0, Math.floor(nowMs / 1000) - time.seconds);
}

/** 31 February would be read as 3 March. */
function rolledOver(day: string | undefined, ms: number, zone: string | undefined): boolean {
  return (zone === undefined || zone === "Z") && new Date(ms).toISOString().slice(0, 10) !== day;
}
