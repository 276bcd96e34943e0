import type { LookupAnswer } from "@leasewire/api";
import { formatExpiry, formatTime, nothing } from "#lib/format.ts";

export const resultFilters = [
  { value: "all", label: "All" },
  { value: "active", label: "Active" },
  { value: "ended", label: "Ended" },
  { value: "none", label: "Not known" },
  { value: "wrong", label: "Not read" },
] as const;
export type ResultFilter = (typeof resultFilters)[number]["value"];

export function fits(answer: LookupAnswer, filter: ResultFilter, text: string): boolean {
  return (
    fitsFilter(answer, filter) && (text === "" || cellsOf(answer).join(" ").toLowerCase().includes(text.toLowerCase()))
  );
}

function fitsFilter({ result, binding }: LookupAnswer, filter: ResultFilter): boolean {
  switch (filter) {
    case "all":
      return true;
    case "active":
      return binding?.state === "ACTIVE";
    case "ended":
      return binding !== null && binding.state !== "ACTIVE";
    case "none":
      return result === "none";
    case "wrong":
      return result === "unreadable" || result === "failed";
  }
}

export const columns = [
  "Line",
  "Read as",
  "Key",
  "Result",
  "Address",
  "State",
  "Lease ends (UTC)",
  "Last transaction (UTC)",
  "Hardware address",
  "Client identifier",
  "Host name",
  "Interface",
  "Circuit-id",
  "Remote-id",
  "Relay-id",
  "Server",
  "Instance",
  "From",
  "Further bindings",
  "Answer",
] as const;

/** One answer in the order of `columns`. */
export function cellsOf(answer: LookupAnswer): readonly string[] {
  const { binding } = answer;
  const text = (value: string | null | undefined) => value ?? "";
  const time = (seconds: number | null | undefined) => formatTime(seconds).replace(nothing, "");
  return [
    answer.text,
    text(answer.kind),
    text(answer.key),
    answer.result,
    text(binding?.address),
    text(binding?.state),
    binding === null ? "" : formatExpiry(binding.expiresAt).replace(nothing, ""),
    time(binding?.clientLastTransactionTime),
    text(binding?.hardwareAddress),
    text(binding?.clientId),
    text(binding?.hostName),
    text(binding?.interfaceName),
    text(binding?.circuitId),
    text(binding?.remoteId),
    text(binding?.relayId),
    text(binding?.serverAddress),
    text(binding?.instance),
    text(answer.source),
    answer.further === 0 ? "" : String(answer.further),
    answer.message,
  ];
}

/** A spreadsheet takes no field of it for a formula. */
export function csvOf(answers: readonly LookupAnswer[]): string {
  const rows = [columns as readonly string[], ...answers.map(cellsOf)];
  return `${rows.map((row) => row.map((cell) => quoted(harmless(cell))).join(",")).join("\r\n")}\r\n`;
}

export function tabbedOf(answers: readonly LookupAnswer[]): string {
  const rows = [columns as readonly string[], ...answers.map(cellsOf)];
  return rows.map((row) => row.map((cell) => harmless(cell).replace(/[\t\r\n]/g, " ")).join("\t")).join("\n");
}

/** What begins like a formula is made text. */
function harmless(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
