import type { StreamView } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { renderFields, renderTable } from "./table.ts";
import { utcText, utcTextMs } from "./time.ts";

export function renderStreams(streams: readonly StreamView[]): string {
  if (streams.length === 0) {
    return "No relay has active leasequery: set forwarding-options dhcp-relay active-leasequery.\n";
  }
  return renderTable<StreamView>(
    [
      { title: "Peer", value: (stream) => stream.server },
      { title: "Instance", value: (stream) => stream.instance },
      { title: "Role", value: () => "requestor" },
      { title: "State", value: (stream) => stream.phase },
      { title: "Up since", value: (stream) => stream.connectedAtMs && utcTextMs(stream.connectedAtMs) },
      { title: "Lag", value: (stream) => seconds(stream.lagSeconds), align: "right" },
      { title: "Received", value: (stream) => stream.received, align: "right" },
      { title: "Reconnects", value: (stream) => stream.reconnects, align: "right" },
      { title: "Open gaps", value: (stream) => openGaps(stream), align: "right" },
    ],
    streams,
  );
}

export function renderStreamDetails(streams: readonly StreamView[], nowMs: number): string {
  return streams
    .map(
      (stream) =>
        `Peer ${safeLine(stream.server)}#${stream.port}\n${renderFields(
          [
            ["Instance", stream.instance],
            ["Role", "requestor"],
            ["State", stream.phase],
            ["State since", utcTextMs(stream.phaseSinceMs)],
            ["What it does", stream.explanation],
            ["TLS", stream.secure ? "yes" : "no"],
            ["Up since", stream.connectedAtMs === null ? "not connected" : utcTextMs(stream.connectedAtMs)],
            ["Next attempt", stream.reconnectAtMs === null ? null : utcTextMs(stream.reconnectAtMs)],
            ["Timeout", `${stream.timeoutSeconds} s`],
            ["Idle timeout", `${stream.idleTimeoutSeconds} s`],
            ["Last received", ago(stream.lastReceivedAtMs, nowMs)],
            ["Last keepalive", ago(stream.lastKeepaliveAtMs, nowMs)],
            ["Lag", seconds(stream.lagSeconds)],
            ["Last base-time", stream.baseTimeSeconds === null ? "none" : utcText(stream.baseTimeSeconds)],
            [
              "Stored up to",
              stream.durableBaseTimeSeconds === null ? "nothing yet" : utcText(stream.durableBaseTimeSeconds),
            ],
            [
              "Catch-up start",
              stream.catchUpFromSeconds === null ? "not asked for" : utcText(stream.catchUpFromSeconds),
            ],
            ["Last status code", stream.lastStatus ?? "none"],
            ["Restarts", stream.reconnects],
            ["Bindings received", stream.received],
            ["Open gaps", openGaps(stream)],
          ],
          "    ",
        )}${gaps(stream)}`,
    )
    .join("\n");
}

export function renderStreamStatistics(streams: readonly StreamView[]): string {
  return streams
    .map((stream) => {
      const fields = renderFields(
        [
          ["Bindings received", stream.received],
          ["Bindings applied", stream.applied],
          ["Bindings unchanged", stream.unchanged],
          ["Bindings older", stream.older],
          ["Bindings not kept", stream.notKept],
          ["Keepalives", stream.keepalives],
          ["DataMissing", stream.dataMissing],
          ["CatchUpComplete", stream.catchUpComplete],
          ["Reconnects", stream.reconnects],
          ...stream.refused.map(({ reason, count }) => [`Not used: ${safeLine(reason)}`, count] as const),
        ],
        "    ",
      );
      return `Peer ${safeLine(stream.server)}#${stream.port}\n${fields}`;
    })
    .join("\n");
}

function gaps(stream: StreamView): string {
  if (stream.gaps.length === 0) return "";
  return renderTable(
    [
      { title: "Gap from", value: (gap) => utcText(gap.fromSeconds) },
      { title: "To", value: (gap) => utcText(gap.toSeconds) },
      { title: "Why", value: (gap) => gap.why },
      { title: "Run", value: (gap) => gap.runId },
      { title: "Healed", value: (gap) => (gap.healedAtMs === null ? "no" : utcTextMs(gap.healedAtMs)) },
    ],
    stream.gaps,
    "    ",
  );
}

function openGaps({ gaps }: StreamView): number {
  return gaps.filter(({ healedAtMs }) => healedAtMs === null).length;
}

function seconds(value: number | null): string | null {
  return value === null ? null : value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}

function ago(atMs: number | null, nowMs: number): string {
  if (atMs === null) return "never";
  return `${utcTextMs(atMs)} (${Math.max(0, Math.round((nowMs - atMs) / 1000))} seconds ago)`;
}
