import type { Answer, ReconfigureInput, ReconfigureOutcome, Refusal } from "@leasewire/api";
import { BindingState, type BindingTable, Field, openQuery } from "@leasewire/bindings";
import type { LocalServerConfiguration } from "@leasewire/config";
import type { ReconfigureAnswer, ReconfigureRequest } from "@leasewire/engines";
import { formatDuid, type InstanceName, parseDuid } from "@leasewire/net";
import { originsOf, readPrefix, roleOf } from "../binding-filter.ts";
import { instancesMatching } from "../instances.ts";
import { engineThreadLimits, yieldToPackets } from "../limits.ts";

/** The DHCPv6 servers, as far as they are needed to reconfigure clients. */
export interface Reconfigurer {
  readonly configurations: readonly LocalServerConfiguration[];
  reconfigure(request: ReconfigureRequest): ReconfigureAnswer;
}

/** Leases of one client that are looked at, to tell it once. */
const leasesPerClientVisited = 256;

/**
 * Tells clients to come back (RFC 9915 §18.3.11): that of a lease, that of a DUID, or all. Each client is told once by each
 * server that it has a lease of. `table` is that of DHCPv6. Refused whole where nobody is meant; a client that cannot be told
 * is counted with the reason.
 */
export async function reconfigureClients(
  table: BindingTable,
  servers: Reconfigurer,
  { target, ask, ...selector }: ReconfigureInput,
): Promise<Answer<ReconfigureOutcome>> {
  const running = servers.configurations.filter(({ family }) => family === 6).map(({ instance }) => instance);
  const instances = instancesMatching(running, selector);
  if (instances.length === 0) {
    return refuse(
      "CONFLICT",
      "No DHCPv6 local server is running there: set system services dhcp-local-server dhcpv6 …",
    );
  }
  const tally = new Tally();
  const tell = (instance: InstanceName, duid: Uint8Array) =>
    tally.add(servers.reconfigure({ instance, duid: duid.slice(), ask }));

  switch (target.kind) {
    case "lease": {
      const text = target.prefix.trim();
      const prefix = readPrefix(6, text);
      if (!prefix.ok) return refuse("BAD_REQUEST", prefix.error.message, "target");
      for (const instance of instances) {
        const row = table.byPrefix(instance, prefix.value.address, prefix.value.length);
        const duid = isLease(table, row) ? table.fieldOf(row, Field.clientId) : undefined;
        if (duid !== undefined) tell(instance, duid);
      }
      return tally.total > 0 ? tally.answer() : refuse("NOT_FOUND", `No client has a lease of ${text}.`, "target");
    }
    case "client": {
      const duid = parseDuid(target.duid);
      if (!duid.ok) return refuse("BAD_REQUEST", duid.error.message, "target");
      for (const instance of instances) {
        if (firstLease(table, instance, duid.value) !== undefined) tell(instance, duid.value);
      }
      const text = formatDuid(duid.value);
      return tally.total > 0 ? tally.answer() : refuse("NOT_FOUND", `The client ${text} has no lease here.`, "target");
    }
    case "all": {
      const query = openQuery(table, { instances, origins: originsOf("server"), states: [BindingState.ACTIVE] });
      while (!query.step()) await yieldToPackets();
      for (const [index, row] of query.rows.entries()) {
        if (index > 0 && index % engineThreadLimits.reconfigureRowsPerSlice === 0) await yieldToPackets();
        const duid = query.isCurrent(index) ? table.fieldOf(row, Field.clientId) : undefined;
        if (duid === undefined) continue;
        const instance = table.instanceOf(row);
        // A client with several leases is met at each of them.
        if (firstLease(table, instance, duid) === row) tell(instance, duid);
      }
      return tally.answer();
    }
  }
}

/** A lease of a server of ours; `row` may be −1. */
function isLease(table: BindingTable, row: number): boolean {
  if (row < 0 || table.stateOf(row) !== BindingState.ACTIVE) return false;
  const binding = table.at(row);
  return binding !== undefined && roleOf(binding.origin) === "server";
}

/** The lease of the client with the lowest row. */
function firstLease(table: BindingTable, instance: InstanceName, duid: Uint8Array): number | undefined {
  let first: number | undefined;
  let visits = 0;
  for (const row of table.byClientId(instance, duid)) {
    visits += 1;
    if (visits > leasesPerClientVisited) break;
    if ((first === undefined || row < first) && isLease(table, row)) first = row;
  }
  return first;
}

class Tally {
  #started = 0;
  readonly #refusals = new Map<string, { message: string; clients: number }>();

  add(answer: ReconfigureAnswer): void {
    if ("started" in answer) {
      this.#started += 1;
      return;
    }
    const known = this.#refusals.get(answer.refusal);
    if (known === undefined) this.#refusals.set(answer.refusal, { message: answer.message, clients: 1 });
    else known.clients += 1;
  }

  get total(): number {
    return this.#started + this.#refused;
  }

  get #refused(): number {
    return [...this.#refusals.values()].reduce((sum, { clients }) => sum + clients, 0);
  }

  answer(): Answer<ReconfigureOutcome> {
    const refusals = [...this.#refusals]
      .map(([reason, { message, clients }]) => ({ reason, message, clients }))
      .sort((a, b) => b.clients - a.clients);
    return { ok: true, value: { started: this.#started, refused: this.#refused, refusals } };
  }
}

function refuse(code: Refusal["code"], message: string, field?: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message, field } };
}
