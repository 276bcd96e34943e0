import type { CheckResult, ConfigurationCommit } from "@leasewire/api";
import { safeLine } from "../safe-text.ts";
import { renderTable } from "./table.ts";
import { utcTextMs } from "./time.ts";

type Finding = CheckResult["findings"][number];

/** Each finding with its place, what is wrong, the statement it was written in, and the statement that mends it. */
export function renderFindings(findings: readonly Finding[]): string {
  return findings.map(renderFinding).join("");
}

function renderFinding(finding: Finding): string {
  const place = finding.line === undefined ? "" : `line ${finding.line}, column ${finding.column ?? 1}: `;
  const path = finding.path === "" ? "" : `[edit ${safeLine(finding.path)}] `;
  const lines = [`${finding.severity}: ${place}${path}${safeLine(finding.message)}`];
  if (finding.statement !== undefined) lines.push(`    ${safeLine(finding.statement)}`);
  if (finding.remedy !== undefined) lines.push(`    remedy: ${safeLine(finding.remedy)}`);
  return `${lines.join("\n")}\n`;
}

export function renderHistory(history: readonly ConfigurationCommit[]): string {
  return renderTable(
    [
      { title: "N", value: (commit) => commit.number, align: "right" },
      { title: "Time", value: (commit) => utcTextMs(commit.atMs) },
      { title: "By", value: (commit) => commit.by },
      { title: "Via", value: (commit) => commit.via },
      { title: "Comment", value: (commit) => commit.comment ?? "" },
    ],
    history,
  );
}
