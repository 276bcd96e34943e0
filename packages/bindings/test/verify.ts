import { addressToWords } from "../src/address-index.ts";
import { type Binding, BindingState, EXPIRES_NEVER, isEnded } from "../src/binding.ts";
import { Field } from "../src/record.ts";
import { Row } from "../src/row-layout.ts";
import type { BindingTable } from "../src/table.ts";

/** Checks every index, chain and count of a table against its rows; the text of each breach, none if it is sound. */
export function verify(table: BindingTable): string[] {
  const breaches: string[] = [];
  const claim = (holds: boolean, text: string): void => {
    if (!holds && breaches.length < 20) breaches.push(text);
  };
  const rows: number[] = [];
  for (let row = 1; row <= table.rowLast; row += 1) if (table.has(row)) rows.push(row);
  claim(rows.length === table.size, `size ${table.size}, rows in use ${rows.length}`);
  const bindings = new Map<number, Binding>();
  for (const row of rows) bindings.set(row, table.at(row)!);

  const ids = new Set([...bindings.values()].map((binding) => binding.id));
  claim(ids.size === rows.length, "two rows hold one address");
  const words = new Uint32Array(4);
  for (const [row, binding] of bindings) {
    claim(
      table.byPrefix(binding.instance, binding.address, binding.prefixLength) === row,
      `row ${row} is not found by its address`,
    );
    addressToWords(binding.address, words);
    claim(
      table.instanceOf(row) === binding.instance &&
        table.addressWordOf(row, 0) === words[0] &&
        table.prefixLengthOf(row) === binding.prefixLength &&
        table.hardwareTypeOf(row) === binding.hardwareType &&
        table.startTimeOfStateSecondsOf(row) === binding.startTimeOfStateSeconds &&
        table.clientLastTransactionTimeSecondsOf(row) === binding.clientLastTransactionTimeSeconds &&
        table.expiresAtSecondsOf(row) === binding.expiresAtSeconds &&
        table.iaidOf(row) === binding.iaid &&
        table.interfaceNameOf(row) === binding.interfaceName,
      `row ${row} tells other numbers than its copy`,
    );
    if (binding.clientId !== undefined) {
      const first = table.firstOfClient(binding.instance, binding.clientId);
      claim(table.previousOfClient(first) === 0, `row ${first} is not the first of its client`);
    }
    const found = {
      clientId: [...(binding.clientId ? table.byClientId(binding.instance, binding.clientId) : [])],
      hardwareAddress: [
        ...(binding.hardwareAddress ? table.byHardwareAddress(binding.instance, binding.hardwareAddress) : []),
      ],
      circuitId: [...(binding.circuitId ? table.byCircuitId(binding.instance, binding.circuitId) : [])],
      remoteId: [...(binding.remoteId ? table.byRemoteId(binding.instance, binding.remoteId) : [])],
      relayId: [...(binding.relayId ? table.byRelayId(binding.instance, binding.relayId) : [])],
      linkAddress: [...(binding.linkAddress ? table.byLinkAddress(binding.instance, binding.linkAddress) : [])],
    };
    for (const [name, list] of Object.entries(found) as [keyof typeof found, number[]][]) {
      const key = binding[name];
      if (key === undefined) continue;
      const expected = rows.filter((other) => {
        const otherBinding = bindings.get(other)!;
        return otherBinding.instance === binding.instance && same(otherBinding[name], key);
      });
      claim(
        list.toSorted((a, b) => a - b).join() === expected.join(),
        `${name} of row ${row} gives ${list.join()} instead of ${expected.join()}`,
      );
    }
  }

  for (const [position, field] of [
    Field.clientId,
    Field.hardwareAddress,
    Field.circuitId,
    Field.remoteId,
    Field.relayId,
  ].entries()) {
    const keys = new Set<string>();
    for (const [row, binding] of bindings) {
      const value = table.fieldOf(row, field);
      if (value !== undefined) keys.add(`${binding.instance} ${value.join()}`);
    }
    claim(table.keyIndexes[position]!.keys === keys.size, `index ${field} counts its keys wrongly`);
  }

  const chain = [...table.changedSince({ afterSequence: 0 })];
  claim(chain.length === rows.length, `${chain.length} rows in the chain of ${rows.length}`);
  claim(new Set(chain).size === chain.length, "a row is in the chain twice");
  for (let i = 1; i < chain.length; i += 1) {
    const later = bindings.get(chain[i - 1]!);
    const earlier = bindings.get(chain[i]!);
    claim(later !== undefined && earlier !== undefined && later.sequence > earlier.sequence, "chain out of order");
    claim((later?.changedAtSeconds ?? 0) >= (earlier?.changedAtSeconds ?? 0), "time runs backwards along the chain");
  }

  for (const [row, binding] of bindings) {
    const prev = table.rows.get(row, Row.duePrev);
    const next = table.rows.get(row, Row.dueNext);
    const timed =
      binding.state === BindingState.ACTIVE &&
      binding.expiresAtSeconds !== 0 &&
      binding.expiresAtSeconds !== EXPIRES_NEVER;
    if (!timed && !isEnded(binding.state)) claim(prev === 0 && next === 0, `row ${row} waits for nothing`);
    if (timed) {
      claim(prev !== 0, `row ${row} is in no slot of the wheel`);
      claim(table.rows.unsigned(row, Row.dueAt) <= binding.expiresAtSeconds, `row ${row} waits too long`);
    }
    if (next !== 0) claim(table.rows.get(next, Row.duePrev) === row, `row ${row}: broken list of due rows`);
  }

  for (const instance of new Set([...bindings.values()].map((binding) => binding.instance))) {
    const counts = new Array(9).fill(0);
    for (const binding of bindings.values()) if (binding.instance === instance) counts[binding.state] += 1;
    claim(
      table.counts(instance).join() === counts.join(),
      `counts of ${instance} are ${table.counts(instance).join()}`,
    );
  }

  const owners = new Map<number, number>();
  for (const { owner, ref } of table.arena.blocks()) {
    claim(!owners.has(owner), `owner ${owner} has two blocks`);
    owners.set(owner, ref);
  }
  for (const row of rows) {
    claim(owners.get(row) === table.rows.get(row, Row.recordRef), `row ${row} has lost its record`);
  }
  claim(owners.size === rows.length + table.values.size, "blocks without an owner");
  return breaches;
}

function same(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((octet, i) => octet === b[i]);
}
