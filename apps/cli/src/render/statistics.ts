import type { Counter, RelayLeasequeryStatistics, RelayStatistics, ServerStatistics } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { renderFields, renderTable } from "./table.ts";
import { utcTextMs } from "./time.ts";

export function renderMessageStatistics(statistics: RelayStatistics | ServerStatistics): string {
  const { drops, notes, received, sent } = statistics;
  const all = [...drops, ...notes, ...received, ...sent];
  const nameWidth = Math.max(...["Total", ...all.map((counter) => safeLine(counter.name))].map((name) => name.length));
  const valueWidth = Math.max(...[statistics.dropsTotal, ...all.map(({ value }) => value)].map((n) => `${n}`.length));
  const line = (name: string, value: number, explanation = "") =>
    `    ${safeLine(name).padEnd(nameWidth)}  ${`${value}`.padStart(valueWidth)}  ${safeLine(explanation)}`.trimEnd();
  const lines = (counters: readonly Counter[], explained = false) =>
    counters.map(({ name, value, explanation }) => line(name, value, explained ? explanation : ""));
  const sections = [
    ["Packets dropped:", line("Total", statistics.dropsTotal), ...lines(drops, true)],
    ...(notes.length === 0 ? [] : [["Packets used, but unusual:", ...lines(notes, true)]]),
    ["Messages received:", ...orNone(lines(received))],
    ["Messages sent:", ...orNone(lines(sent))],
  ];
  return `${sections.map((section) => `${section.join("\n")}\n`).join("\n")}\nCounted since ${utcTextMs(statistics.sinceMs)}.\n`;
}

export function renderLeasequeryStatistics(statistics: RelayLeasequeryStatistics): string {
  const totals = renderFields([
    ["In-flight queries", statistics.inFlightQueries],
    ["Total queries", statistics.totalQueries],
    ["Total attempts", statistics.totalAttempts],
    ["Reply packet retries", statistics.replyPacketRetries],
    ["Replies given up after max retries", statistics.repliesGivenUp],
  ]);
  const queries = statistics.queries.map((query) => {
    const fields = renderFields(
      [
        ["State", query.state],
        ["Confirmed replies", query.confirmedReplies],
        ["Unconfirmed replies", query.unconfirmedReplies],
        ["Attempts", query.attempts],
      ],
      "    ",
    );
    const servers = renderTable(
      [
        { title: "Server address", value: (server) => server.serverAddress },
        { title: "Xid", value: (server) => server.xid },
        { title: "State", value: (server) => server.state },
        { title: "Attempts", value: (server) => server.attempts, align: "right" },
      ],
      query.servers,
      "    ",
    );
    return `\nQuery xid ${safeLine(query.xid)}\n${fields}${query.servers.length === 0 ? "" : servers}`;
  });
  return `${totals}${queries.join("")}\nCounted since ${utcTextMs(statistics.sinceMs)}.\n`;
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ["    none"] : lines;
}
