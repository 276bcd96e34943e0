import type { BulkRun, BulkRunServer, RecoveryComparison, RecoveryGroup, RecoveryGroups } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { type Column, renderTable } from "./table.ts";
import { utcTextMs } from "./time.ts";

const barWidth = 24;

export function renderRuns(runs: readonly BulkRun[]): string {
  if (runs.length === 0) return "There was no bulk query yet: `request dhcp relay bulk-leasequery` starts one.\n";
  return renderTable<BulkRun>(
    [
      { title: "Run", value: (run) => run.id },
      { title: "Started", value: (run) => utcTextMs(run.startedAtMs) },
      { title: "By", value: (run) => run.startedBy },
      { title: "Cause", value: (run) => run.cause },
      { title: "Query", value: (run) => `DHCPv${run.family} ${keyText(run)}` },
      { title: "State", value: (run) => run.state },
      { title: "Received", value: (run) => run.received, align: "right" },
      { title: "New", value: (run) => run.applied, align: "right" },
    ],
    runs,
  );
}

const serverColumns: readonly Column<BulkRunServer>[] = [
  { title: "Server", value: serverText },
  { title: "Instance", value: (server) => server.instance },
  { title: "State", value: (server) => server.state },
  { title: "Attempts", value: (server) => `${server.attempts} of ${server.attemptsMax}` },
  { title: "Received", value: (server) => server.received, align: "right" },
  { title: "New", value: (server) => server.applied, align: "right" },
  { title: "Known", value: (server) => server.unchanged, align: "right" },
  { title: "Older", value: (server) => server.older, align: "right" },
  { title: "Not kept", value: (server) => server.notKept, align: "right" },
  { title: "Time", value: durationText, align: "right" },
  { title: "Last status", value: (server) => server.lastStatus },
];

/** A run: one line for each server with its explanation below, what was not used, then the outcome. */
export function renderBulkRun(run: BulkRun): string {
  const table = renderTable(serverColumns, run.servers).split("\n");
  const lines = [safeLine(run.command), "", table[0]!];
  run.servers.forEach((server, i) => {
    lines.push(table[i + 1]!);
    if (server.explanation !== "") lines.push(`    ${safeLine(server.explanation)}`);
  });
  const refused = notUsed(run);
  if (refused.length > 0) {
    const rows = renderTable(
      [
        { title: "Not used", value: (one) => one.reason },
        { title: "Leases", value: (one) => one.count, align: "right" },
        { title: "Why", value: (one) => one.explanation },
      ],
      refused,
    );
    lines.push("", rows.trimEnd());
  }
  return `${lines.join("\n")}\n\n${safeLine(run.outcome)}${storedText(run)}\n`;
}

/** What is going on, drawn over itself while the servers answer. */
export function renderBulkProgress(run: BulkRun, nowMs: number): string {
  if (run.finishedAtMs !== null) return "Finished; waiting for the database.\n";
  return run.servers.map((server) => `${safeLine(serverText(server))}  ${serverProgress(server, nowMs)}\n`).join("");
}

export function renderGroups({ groups, total, sum }: RecoveryGroups): string {
  if (groups.length === 0) return "No lease of this query names a relay or an interface yet.\n";
  const rows: (RecoveryGroup & { readonly title?: string })[] = [...groups];
  if (total > 1) rows.push({ ...sum, title: "Total", relayId: null, interfaceName: null });
  const table = renderTable(
    [
      { title: "Relay id", value: (group) => group.title ?? group.relayId },
      { title: "Interface", value: (group) => (group.title === undefined ? group.interfaceName : "") },
      { title: "Expected", value: (group) => group.expected, align: "right" },
      { title: "Recovered", value: (group) => group.recovered, align: "right" },
      { title: "Missing", value: (group) => group.missing, align: "right" },
      { title: "Stale", value: (group) => group.stale, align: "right" },
    ],
    rows,
  );
  return total > groups.length ? `${table}Not shown, but in the total: ${total - groups.length} more.\n` : table;
}

export function renderComparison({ first, second, groups, total }: RecoveryComparison): string {
  const facts = renderTable<readonly [string, string | number, string | number]>(
    [
      { title: "", value: ([name]) => name },
      { title: "First", value: ([, value]) => value, align: "right" },
      { title: "Second", value: ([, , value]) => value, align: "right" },
    ],
    [
      ["Run", first.id, second.id],
      ["Started", utcTextMs(first.startedAtMs), utcTextMs(second.startedAtMs)],
      ["State", first.state, second.state],
      ["Received", first.received, second.received],
      ["New", first.applied, second.applied],
      ["Known", first.unchanged, second.unchanged],
      ["Time", durationText(first) ?? "-", durationText(second) ?? "-"],
    ],
  );
  if (groups.length === 0) return `${facts}\nNeither run told of a relay or an interface.\n`;
  const table = renderTable(
    [
      { title: "Relay id", value: (group) => group.relayId },
      { title: "Interface", value: (group) => group.interfaceName },
      { title: "First", value: (group) => group.first, align: "right" },
      { title: "Second", value: (group) => group.second, align: "right" },
      { title: "Difference", value: (group) => signed((group.second ?? 0) - (group.first ?? 0)), align: "right" },
    ],
    groups,
  );
  const more = total > groups.length ? `Not shown: ${total - groups.length} more.\n` : "";
  return `${facts}\n${table}${more}`;
}

function serverProgress(server: BulkRunServer, nowMs: number): string {
  switch (server.state) {
    case "receiving":
      return `${bar(server)}${count(server.received)}${server.expected === null ? "" : ` of ${count(server.expected)}`} bindings, ${count(Math.round(server.ratePerSecond))}/s${
        server.etaMs === null ? "" : `, ${seconds(server.etaMs - nowMs)} left`
      }`;
    case "waiting": {
      const next = server.nextAttemptAtMs === null ? "" : `, next in ${seconds(server.nextAttemptAtMs - nowMs)}`;
      return `attempt ${server.attempts} of ${server.attemptsMax} failed${next}`;
    }
    case "connecting":
      return `connecting, attempt ${server.attempts} of ${server.attemptsMax}`;
    case "queued":
      return "waits for a free connection";
    default:
      return `${server.state}, ${count(server.received)} bindings`;
  }
}

function bar({ received, expected }: BulkRunServer): string {
  if (expected === null || expected === 0) return "";
  const share = Math.min(1, received / expected);
  const full = Math.floor(share * barWidth);
  return `[${"#".repeat(full)}${"-".repeat(barWidth - full)}] ${`${Math.floor(share * 100)}`.padStart(3)} %  `;
}

function notUsed({ servers }: BulkRun): { reason: string; count: number; explanation: string }[] {
  const sums = new Map<string, { reason: string; count: number; explanation: string }>();
  for (const { reason, count, explanation } of servers.flatMap(({ refused }) => refused)) {
    sums.set(reason, { reason, explanation, count: count + (sums.get(reason)?.count ?? 0) });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

function storedText(run: BulkRun): string {
  if (run.finishedAtMs === null || run.applied === 0) return "";
  return run.stored ? " Stored." : " Not stored yet: the database has not confirmed it.";
}

function keyText({ keyKind, key }: BulkRun): string {
  if (keyKind === "all-configured") return "all configured addresses";
  // Without a key a relay asks by its own; no identifier is written like that word.
  return keyKind === "relay-id" && key === "own" ? "by its own relay-id" : `by ${keyKind} ${key}`;
}

function serverText(server: BulkRunServer): string {
  return `${server.address}#${server.port}`;
}

function durationText(one: { readonly startedAtMs: number | null; readonly finishedAtMs: number | null }) {
  if (one.startedAtMs === null || one.finishedAtMs === null) return null;
  const ms = one.finishedAtMs - one.startedAtMs;
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.ceil(ms / 1000))} s`;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : `${number}`;
}
