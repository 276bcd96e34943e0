import { LIMITS } from "./limits.ts";
import { RULES } from "./rules/all.ts";
import { type SchemaStatement, schemaNodes } from "./schema/walk.ts";

/** The reference of all statements and rules as Markdown: the content of docs/operating/configuration.md. */
export function configurationReference(): string {
  return `${[...introduction(), ...statementSections(), ...ruleSection(), ...limitSection()].join("\n")}\n`;
}

function introduction(): string[] {
  return [
    "# Configuration",
    "",
    "<!-- Generated from packages/config/src/schema by `UPDATE_DOCS=1 npx vitest run packages/config/src/document.test.ts`. -->",
    "",
    "The configuration is a tree of statements with the words of Junos. It is entered as text: one `set`, `delete`, `deactivate`",
    "or `activate` statement a line, or as a whole in curly braces. A `#` begins a comment. An error anywhere in a text applies",
    "nothing of it.",
    "",
    "Changes go to the *candidate*. `commit check` applies the rules below, `compare` shows what would change, `commit` puts the",
    "candidate into effect, `rollback N` brings back the N-th configuration before the active one, and `commit confirmed N` takes",
    "itself back after N minutes unless it is confirmed by another `commit`.",
    "",
    "Some statements may share a line: `set forwarding-options dhcp-relay bulk-leasequery attempts 30 timeout 10`.",
    "",
    "Everything under `system services dhcp-local-server`, `forwarding-options` and `access` can also stand in",
    "`routing-instances NAME`, in `logical-systems NAME`, and in `logical-systems NAME routing-instances NAME`; `interfaces` also in",
    "`logical-systems NAME`. Each of these is an instance of its own, called `LOGICAL-SYSTEM:ROUTING-INSTANCE`, with `default` where",
    "there is none.",
    "",
    "In the tables, *extension* marks words that Junos does not have. *Not yet* marks statements that are stored and checked but have",
    "no effect in this version; the reason is given below each table, and the commit check repeats it.",
    "",
    "A smallest relay agent that only sends leasequeries:",
    "",
    "```",
    "set forwarding-options dhcp-relay overrides always-write-option-82",
    "set forwarding-options dhcp-relay relay-option-82 circuit-id",
    "set forwarding-options dhcp-relay server-group servers 192.0.2.1",
    "set forwarding-options dhcp-relay leasequery",
    "set forwarding-options dhcp-relay listen-address 192.0.2.2",
    "set forwarding-options dhcp-relay dhcpv6 relay-agent-interface-id",
    "set forwarding-options dhcp-relay dhcpv6 server-group servers 2001:db8::1",
    "set forwarding-options dhcp-relay dhcpv6 leasequery",
    "set forwarding-options dhcp-relay dhcpv6 listen-address 2001:db8::2",
    "```",
    "",
  ];
}

/** Prefixes that get a section, most specific first. */
const sections: readonly string[] = [
  "system services dhcp-local-server dhcpv6",
  "system services dhcp-local-server",
  "system services subscriber-management",
  "system processes",
  "system",
  "interfaces",
  "forwarding-options dhcp-relay dhcpv6",
  "forwarding-options dhcp-relay",
  "access",
  "routing-instances",
  "logical-systems",
];

function statementSections(): string[] {
  const bySection = Map.groupBy(
    schemaNodes().filter(({ kind, presence, help }) => (kind !== "block" || presence) && help !== ""),
    ({ path }) => sections.find((section) => path === section || path.startsWith(`${section} `)) ?? "",
  );
  return [...bySection].flatMap(([section, statements]) => sectionLines(section, statements));
}

function sectionLines(section: string, statements: readonly SchemaStatement[]): string[] {
  const reasons = [...new Set(statements.flatMap(({ notInEffect }) => notInEffect ?? []))];
  return [
    `## ${section}`,
    "",
    "| statement | value | default | meaning | |",
    "|---|---|---|---|---|",
    ...statements.map((statement) => row(section, statement, reasons)),
    "",
    ...reasons.map((reason, at) => `${at + 1}. Not yet: ${reason}.`),
    ...(reasons.length === 0 ? [] : [""]),
  ];
}

function row(section: string, statement: SchemaStatement, reasons: readonly string[]): string {
  const { path, notInEffect } = statement;
  const own = path === section ? section : path.slice(section.length + 1);
  const marks = [
    ...(statement.extension ? ["extension"] : []),
    ...(notInEffect === undefined ? [] : [`not yet (${reasons.indexOf(notInEffect) + 1})`]),
  ];
  const cells = [`\`${own}\``, statement.value, statement.default ?? "", statement.help, marks.join(", ")];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function ruleSection(): string[] {
  return [
    "## Commit check",
    "",
    "| rule | demands | source |",
    "|---|---|---|",
    ...RULES.map(({ name, demands, source }) => `| \`${name}\` | ${demands} | ${source} |`),
    "",
  ];
}

function limitSection(): string[] {
  return [
    "## Limits",
    "",
    `A text and a whole configuration have at most ${LIMITS.textBytesMax} octets and ${LIMITS.statementsMax} statements, a line`,
    `${LIMITS.lineLengthMax} characters, a statement ${LIMITS.wordsMax} words, a name ${LIMITS.nameLengthMax} characters, a text`,
    `value ${LIMITS.valueLengthMax}. Curly braces nest to ${LIMITS.depthMax}.`,
  ];
}
