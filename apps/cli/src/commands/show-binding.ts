import type { BindingFilter, BindingRole, BindingRow } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import type { BindingKey } from "../key.ts";
import type { Arguments } from "../parse.ts";
import { bindingBriefTable, renderBindingDetail, renderBindingSummary, renderRelayStates } from "../render/binding.ts";
import { safeJson } from "../safe-text.ts";
import { type CommandContext, type ExitCode, print } from "./context.ts";
import { instanceSelector } from "./instance.ts";

const pageRows = 500;
const detailsAtOnce = 16;

export async function showBinding(context: CommandContext, family: 4 | 6, role: BindingRole): Promise<ExitCode> {
  const { client, arguments: given } = context;
  if (given.get(parameters.summary)) {
    const summary = await client.bindings.summary.query({ family, role, ...instanceSelector(given) });
    if (role === "server") return print(context, summary, renderBindingSummary);
    const relay = await client.statistics.relayBindingStates.query({ family, ...instanceSelector(given) });
    return print(context, { ...summary, relay }, () => `${renderBindingSummary(summary)}\n${renderRelayStates(relay)}`);
  }
  const pages = bindingPages(context, family, { role, ...bindingFilter(given, family) });
  const detailed = given.get(parameters.detail) === true;
  if (context.json) await printPagesAsJson(context, detailed, pages);
  else if (detailed) await printDetails(context, pages);
  else await printBrief(context, family, pages);
  return 0;
}

function bindingFilter(given: Arguments, family: 4 | 6): BindingFilter {
  const key = given.get(family === 4 ? parameters.bindingKey4 : parameters.bindingKey6);
  return { ...instanceSelector(given), ...keyFilter(key), interfaceName: given.get(parameters.interfaceName) };
}

function keyFilter(key: BindingKey | undefined): BindingFilter {
  switch (key?.kind) {
    case "prefix":
      return { prefix: key.prefix };
    case "mac":
      return { hardwareAddress: key.mac };
    case "client-id":
      return { clientId: key.clientId };
    case undefined:
      return {};
  }
}

/** All matching bindings in pages of one view, so that changes meanwhile neither skip nor repeat a row. */
async function* bindingPages(
  { client, output }: CommandContext,
  family: 4 | 6,
  filter: BindingFilter,
): AsyncGenerator<readonly BindingRow[]> {
  let view: string | undefined;
  for (let offset = 0; ; ) {
    const page = await client.bindings.list.query({
      family,
      filter,
      sort: { column: "address", direction: "asc" },
      offset,
      limit: pageRows,
      view,
    });
    if (page.rows.length > 0) yield page.rows;
    await output.drained();
    offset += page.rows.length;
    view = page.view;
    if (page.rows.length === 0 || offset >= page.total) return;
  }
}

async function printBrief(
  { output, now }: CommandContext,
  family: 4 | 6,
  pages: AsyncGenerator<readonly BindingRow[]>,
): Promise<void> {
  // Each page is aligned by itself, so that a million rows need no more memory than one page.
  const table = bindingBriefTable(family);
  let count = 0;
  for await (const rows of pages) {
    output.stdout(table(rows, now() / 1000, count === 0));
    count += rows.length;
  }
  if (count === 0) output.stdout("No binding matches.\n");
}

async function printDetails(context: CommandContext, pages: AsyncGenerator<readonly BindingRow[]>): Promise<void> {
  let count = 0;
  for await (const rows of pages) {
    for await (const detail of details(context, rows)) {
      context.output.stdout(`${count === 0 ? "" : "\n"}${renderBindingDetail(detail, context.now() / 1000)}`);
      count += 1;
    }
  }
  if (count === 0) context.output.stdout("No binding matches.\n");
}

/** One JSON array, written as it comes. */
async function printPagesAsJson(
  context: CommandContext,
  detailed: boolean,
  pages: AsyncGenerator<readonly BindingRow[]>,
): Promise<void> {
  let separator = "[\n";
  const print = (value: unknown) => {
    context.output.stdout(`${separator}  ${safeJson(value)}`);
    separator = ",\n";
  };
  for await (const rows of pages) {
    if (detailed) for await (const detail of details(context, rows)) print(detail);
    else for (const row of rows) print(row);
  }
  context.output.stdout(separator === "[\n" ? "[]\n" : "\n]\n");
}

async function* details({ client }: CommandContext, rows: readonly BindingRow[]) {
  for (let i = 0; i < rows.length; i += detailsAtOnce) {
    yield* await Promise.all(rows.slice(i, i + detailsAtOnce).map(({ id }) => client.bindings.detail.query({ id })));
  }
}
