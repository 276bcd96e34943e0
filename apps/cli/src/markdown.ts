import { type Command, commandSyntax, commands, type Parameter, parameterSyntax } from "./grammar.ts";

/** docs/operating/cli.md: written from the grammar, so that it says what the program does. */
export function renderManual(): string {
  const chapters = ["request", "show", "lookup", "clear", "import", "export", "configure"].map(
    (verb) =>
      `## ${verb}\n\n${commands
        .filter((command) => command.words[0] === verb)
        .map(renderCommand)
        .join("\n")}`,
  );
  return `${introduction}\n${chapters.join("\n")}`;
}

const introduction = `<!-- Written from apps/cli/src/grammar.ts by its test: UPDATE_GOLDEN=1 npx vitest run apps/cli/src/markdown.test.ts -->

# The command line

\`npx leasewire …\` talks to a running Leasewire over its API. The words are those of Junos; each may be shortened to any
beginning that no other word shares, and \`?\` after any words tells what may follow (in most shells quote it: \`'?'\`).

| variable | meaning |
|---|---|
| \`LEASEWIRE_URL\` | where Leasewire runs; default \`http://127.0.0.1:8067\` |
| \`LEASEWIRE_TOKEN\` | an API token, made in the browser under Settings; its owner's role decides what may be done |

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | refused or failed; one sentence on standard error says why and what to do |
| 2 | the command line was not understood; what could stand there follows on standard error |

\`--json\` prints what the API answered instead of text. Characters that could act on the terminal are shown as \`\\u{…}\`.

Addresses, MAC addresses and identifiers are told apart by their form: what reads as an address is one; six pairs of hex
digits are a MAC address (\`00:11:22:33:44:55\`, \`0011.2233.4455\`, \`001122334455\`); everything else is a client identifier,
in hex or as \`ascii:NAME\`. Write \`0x001122334455\` for a client identifier of six octets, and \`0x…\` for a DUID of eight
octets, which would otherwise read as an IPv6 address.
`;

function renderCommand(command: Command): string {
  const rows = command.parameters.map(
    (parameter) =>
      `| \`${parameterSyntax(parameter).replaceAll("|", "\\|")}\` | ${parameter.help}${suffix(parameter)} |\n`,
  );
  const table = rows.length === 0 ? "" : `\n| | |\n|---|---|\n${rows.join("")}`;
  const notes = (command.notes ?? []).map((note) => `\n${note}\n`).join("");
  const examples = command.examples.map((example) => `npx leasewire ${example}\n`).join("");
  const extension = command.extension ? " An extension: Junos has no such command." : "";
  return `### ${command.words.join(" ")}\n\n${command.help}.${extension}\n\n\`\`\`\n${commandSyntax(command)}\n\`\`\`\n${table}${notes}\n\`\`\`sh\n${examples}\`\`\`\n`;
}

function suffix(parameter: Parameter): string {
  return parameter.required ? " (required)" : "";
}
