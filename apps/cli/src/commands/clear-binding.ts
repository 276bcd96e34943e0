import { parameters } from "../grammar.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { instanceSelector } from "./instance.ts";

export async function clearBinding(context: CommandContext, family: 4 | 6): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const result = await client.bindings.clear.mutate({
    family,
    ...instanceSelector(given),
    address: given.get(family === 4 ? parameters.clearAddress4 : parameters.clearAddress6),
    interfaceName: given.get(parameters.clearInterface),
    all: given.get(parameters.clearAll),
  });
  if (context.json) printJson(context, result);
  else output.stdout(clearedText(result.cleared));
  return 0;
}

function clearedText(cleared: number): string {
  if (cleared === 0) return "No binding matches; nothing was cleared.\n";
  return cleared === 1 ? "1 binding cleared.\n" : `${cleared} bindings cleared.\n`;
}
