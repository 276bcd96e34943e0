import type {
  BindingDetail,
  BindingRow,
  BindingSummary,
  ExpiresAt,
  MessageField,
  RelayBindingStates,
} from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { type Column, renderFields, renderTable } from "./table.ts";
import { utcText } from "./time.ts";

/** One line for each binding. The header comes with the first page only. */
export function bindingBriefTable(family: 4 | 6) {
  return (rows: readonly BindingRow[], nowSeconds: number, header: boolean): string => {
    const text = renderTable(briefColumns(family, nowSeconds), rows);
    return header ? text : text.slice(text.indexOf("\n") + 1);
  };
}

function briefColumns(family: 4 | 6, nowSeconds: number): readonly Column<BindingRow>[] {
  const expires: Column<BindingRow> = { title: "Expires", value: (row) => secondsLeft(row.expiresAt, nowSeconds) };
  const state: Column<BindingRow> = { title: "State", value: (row) => row.state };
  const interfaceName: Column<BindingRow> = { title: "Interface", value: (row) => row.interfaceName };
  return family === 4
    ? [
        { title: "IP address", value: (row) => row.address },
        { title: "Hardware address", value: (row) => row.hardwareAddress },
        expires,
        state,
        interfaceName,
      ]
    : [
        { title: "Prefix", value: (row) => row.address },
        expires,
        state,
        interfaceName,
        { title: "Client DUID", value: (row) => row.clientId },
      ];
}

export function renderBindingDetail(detail: BindingDetail, nowSeconds: number): string {
  const { row } = detail;
  const title =
    row.family === 4 ? "Client IP Address" : row.kind === "prefix" ? "Client IPv6 Prefix" : "Client IPv6 Address";
  const fields = renderFields(
    [
      ["Hardware Address", row.hardwareAddress],
      [row.family === 4 ? "Client Identifier" : "Client DUID", row.clientId],
      ["Host Name", row.hostName],
      ["Identity Association", row.iaid],
      ["State", row.state],
      ["State Since", time(row.startTimeOfState)],
      ["Lease Expires", expiresText(row.expiresAt, nowSeconds)],
      ["Preferred Until", row.family === 6 ? expiresText(row.preferredUntil, nowSeconds) : null],
      ["Last Packet Received", time(row.clientLastTransactionTime)],
      ["Incoming Client Interface", row.interfaceName],
      ["Placement", detail.placement],
      ["Server Identifier", detail.serverIdentifier],
      ["Server Address", row.serverAddress],
      [row.family === 4 ? "Gateway Address" : "Link Address", row.linkAddress],
      ["Circuit Id", row.circuitId],
      ["Remote Id", row.remoteId],
      ["Relay Id", row.relayId],
      ["Instance", row.instance],
      ["Origin", row.origin],
      ["Data Source", detail.dataSource],
      ["Stored", row.stored ? "yes" : "not yet"],
    ],
    "    ",
  );
  return `${title}: ${safeLine(row.address)}\n${fields}${area("Options", detail.options)}${area("Relay Data", detail.relayData)}`;
}

export function renderBindingSummary(summary: BindingSummary): string {
  const states = Object.entries(summary.byState)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state.toLowerCase()}`);
  const counted = states.length === 0 ? "" : ` (${states.join(", ")})`;
  const instances = Object.entries(summary.byInstance);
  const table = renderTable<[string, number]>(
    [
      { title: "Instance", value: ([name]) => name },
      { title: "Bindings", value: ([, count]) => count, align: "right" },
    ],
    instances,
  );
  const total = `${summary.total} ${summary.total === 1 ? "binding" : "bindings"}${counted}\n`;
  return instances.length === 0 ? total : `${total}\n${table}`;
}

/** How far the relay's clients are; the states of Junos. */
export function renderRelayStates({ total, byState, waitingToBeRestored }: RelayBindingStates): string {
  const rows = [...Object.entries(byState), ["Total", total], ["Waiting to be restored", waitingToBeRestored]] as const;
  return renderTable<readonly [string, number]>(
    [
      { title: "Client state", value: ([name]) => name },
      { title: "Clients", value: ([, count]) => count, align: "right" },
    ],
    rows as readonly (readonly [string, number])[],
  );
}

function area(title: string, fields: readonly MessageField[]): string {
  return fields.length === 0 ? "" : `    ${title}:\n${fields.map((field) => fieldText(field, "        ")).join("")}`;
}

function fieldText(field: MessageField, indent: string): string {
  const note = field.note === undefined ? "" : ` (${safeLine(field.note)})`;
  const own = `${indent}${safeLine(field.name)}: ${safeLine(field.value)}${note}\n`;
  return own + (field.children ?? []).map((child) => fieldText(child, `${indent}    `)).join("");
}

/** Seconds left, as Junos counts them down. */
export function secondsLeft(expiresAt: ExpiresAt, nowSeconds: number): string | number | null {
  return typeof expiresAt === "number" ? Math.max(0, Math.round(expiresAt - nowSeconds)) : expiresAt;
}

function expiresText(expiresAt: ExpiresAt, nowSeconds: number): string | null {
  if (typeof expiresAt !== "number") return expiresAt;
  const left = Math.round(expiresAt - nowSeconds);
  return `${utcText(expiresAt)} (${left >= 0 ? `in ${left} seconds` : `${-left} seconds ago`})`;
}

function time(seconds: number | null): string | null {
  return seconds === null ? null : utcText(seconds);
}
