/**
 * One thing that is wrong, doubtful or worth knowing about a configuration.
 *
 * `error` refuses the text or the commit, `warning` and `notice` do not.
 */
export interface Finding {
  readonly severity: "error" | "warning" | "notice";
  /** Name of the rule; a file in src/rules, or a `text-…` code for what is wrong in the text itself. */
  readonly rule: string;
  /** Words of the statement's path, such as "forwarding-options dhcp-relay active-leasequery"; empty at the top. */
  readonly path: string;
  /** What is wrong, and why. */
  readonly message: string;
  /** The statement that mends it. */
  readonly remedy?: string;
  /** 1-based; only for findings about text. */
  readonly line?: number;
  readonly column?: number;
  /** The statement as it was written. */
  readonly statement?: string;
}

/** Whether nothing may be applied. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === "error");
}

/** One line for a terminal or a log. */
export function formatFinding(finding: Finding): string {
  const place = finding.line === undefined ? "" : `line ${finding.line}, column ${finding.column ?? 1}: `;
  const path = finding.path === "" ? "" : `[edit ${finding.path}] `;
  const remedy = finding.remedy === undefined ? "" : `: ${remedyVerb(finding.remedy)} "${finding.remedy}"`;
  return `${finding.severity}: ${place}${path}${finding.message}${remedy}`;
}

function remedyVerb(remedy: string): string {
  return remedy.startsWith("set ") ? "add" : "enter";
}
