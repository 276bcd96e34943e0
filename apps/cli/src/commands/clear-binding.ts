import type { BindingClearInput, BindingRole } from "@leasewire/api";
import { parameters } from "../grammar.ts";
import { type CommandContext, type ExitCode, printJson } from "./context.ts";
import { instanceSelector } from "./instance.ts";

export async function clearBinding(context: CommandContext, family: 4 | 6, role: BindingRole): Promise<ExitCode> {
  const { client, arguments: given, output } = context;
  const input: BindingClearInput = {
    family,
    role,
    ...instanceSelector(given),
    address: given.get(addressParameter(family, role)),
    interfaceName: given.get(parameters.clearInterface),
    all: given.get(parameters.clearAll),
  };
  // What a relay forgets it can learn again; a lease that is ended is gone.
  if (role === "server" && !(await agreed(context, input))) {
    output.stderr("leasewire: nothing was cleared.\n");
    return 1;
  }
  const result = await client.bindings.clear.mutate(input);
  if (context.json) printJson(context, result);
  else output.stdout(clearedText(result.cleared));
  return 0;
}

function addressParameter(family: 4 | 6, role: BindingRole) {
  if (family === 4) return parameters.clearAddress4;
  return role === "server" ? parameters.clearAddressOrPrefix6 : parameters.clearAddress6;
}

async function agreed({ client, arguments: given, ask }: CommandContext, input: BindingClearInput): Promise<boolean> {
  if (ask === null || given.get(parameters.yes)) return true;
  const { family, role, logicalSystem, routingInstance, address, interfaceName } = input;
  const filter = { role, logicalSystem, routingInstance, prefix: address, interfaceName };
  const { total } = await client.bindings.list.query({ family, filter, limit: 1 });
  // Nothing to end: the server says so itself.
  if (total === 0) return true;
  const bindings = total === 1 ? "1 binding" : `${total} bindings`;
  const where = address ?? (interfaceName === undefined ? "all" : `interface ${interfaceName}`);
  return ask(
    `This clears ${bindings} of the DHCPv${family} server (${where}). The clients are not told: they use their addresses until they renew, while the addresses may be given to others.\nGo on? [y/N] `,
  );
}

function clearedText(cleared: number): string {
  if (cleared === 0) return "No binding matches; nothing was cleared.\n";
  return cleared === 1 ? "1 binding cleared.\n" : `${cleared} bindings cleared.\n`;
}
