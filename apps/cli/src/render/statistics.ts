import type {
  Counter,
  RelayBulkConnections,
  RelayLeasequeryStatistics,
  RelayStatistics,
  ServerStatistics,
} from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { renderFields, renderTable } from "./table.ts";
import { utcTextMs } from "./time.ts";

export function renderMessageStatistics(statistics: ServerStatistics): string {
  return renderCounters(statistics, []);
}

export function renderRelayStatistics(statistics: RelayStatistics): string {
  return renderCounters(statistics, [["Messages passed on:", statistics.forwarded]]);
}

function renderCounters(
  statistics: ServerStatistics,
  further: readonly (readonly [string, readonly Counter[]])[],
): string {
  const { drops, notes, received, sent } = statistics;
  const all = [...drops, ...notes, ...received, ...sent, ...further.flatMap(([, counters]) => counters)];
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
    ...further.map(([title, counters]) => [title, ...orNone(lines(counters))]),
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

export function renderRelayBulkConnections(statistics: RelayBulkConnections): string {
  const totals = renderFields([
    ["Requested", statistics.requested],
    ["Attempted", statistics.attempted],
    ["Connected", statistics.connected],
    ["Terminated by server", statistics.terminatedByServer],
    ["Reached max attempts", statistics.reachedMaxAttempts],
    ["Closed due to error", statistics.closedDueToError],
    ["In flight", statistics.inFlight],
    ["Reply packet retries", statistics.replyPacketRetries],
    ["Reply max retried", statistics.replyMaxRetried],
  ]);
  const queries = statistics.queries.map((query) => {
    const servers = renderTable(
      [
        { title: "Server address", value: (server) => server.address },
        { title: "State", value: (server) => server.state },
        { title: "Attempts", value: (server) => server.attempts, align: "right" },
      ],
      query.servers,
      "    ",
    );
    return `\nQuery xid ${safeLine(query.xid)}\n    Number of servers:  ${query.servers.length}\n${query.servers.length === 0 ? "" : servers}`;
  });
  const counters = [
    ["Leases not used:", statistics.drops],
    ["Leases used, but unusual:", statistics.notes],
  ] as const;
  const sections = counters
    .filter(([, list]) => list.length > 0)
    .map(([title, list]) => {
      const width = Math.max(...list.map(({ name }) => safeLine(name).length));
      const lines = list.map(({ name, value, explanation }) =>
        `    ${safeLine(name).padEnd(width)}  ${value}  ${safeLine(explanation)}`.trimEnd(),
      );
      return `\n${title}\n${lines.join("\n")}\n`;
    });
  return `${totals}${queries.join("")}${sections.join("")}\nCounted since ${utcTextMs(statistics.sinceMs)}.\n`;
}

function orNone(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ["    none"] : lines;
}
