import type { BindingInput, Family } from "@leasewire/bindings";

/** One change on its way to the database. `binding` carries the key fields also for a removal. */
export interface StoredChange {
  readonly family: Family;
  readonly sequence: number;
  readonly atSeconds: number;
  readonly kind: "put" | "remove";
  readonly cause: string;
  readonly binding: BindingInput;
}

/**
 * Writes changes of one node, in one transaction: the bindings as they are now, every change into the history, and the
 * position of the change log. Writing changes again that are stored already changes nothing.
 */
export interface BindingWriter {
  write(node: string, changes: readonly StoredChange[]): Promise<void>;
}

/** Columns of `Binding`, in the order in which both writers fill them. */
export const bindingColumns = [
  "node",
  "family",
  "address",
  "prefixLength",
  "instance",
  "sequence",
  "changedAtSeconds",
  "state",
  "kind",
  "hardwareType",
  "hardwareAddress",
  "clientId",
  "iaid",
  "startTimeOfStateSeconds",
  "clientLastTransactionTimeSeconds",
  "expiresAtSeconds",
  "preferredUntilSeconds",
  "dataSource",
  "origin",
  "detail",
] as const;
export const bindingKeyColumns = ["node", "family", "address", "prefixLength", "instance"] as const;

export const historyColumns = [
  "node",
  "family",
  "address",
  "prefixLength",
  "instance",
  "atSeconds",
  "sequence",
  "state",
  "hardwareType",
  "hardwareAddress",
  "clientId",
  "iaid",
  "circuitId",
  "remoteId",
  "expiresAtSeconds",
  "cause",
] as const;

/** State that the history gives to a removed binding; dhcp-state begins with 1. */
export const stateRemoved = 0;

/** The last change of each binding: earlier ones in the same transaction need not be written there. */
export function lastOfEach(changes: readonly StoredChange[]): readonly StoredChange[] {
  const last = new Map<string, StoredChange>();
  for (const change of changes) last.set(keyText(change), change);
  return last.size === changes.length ? changes : [...last.values()];
}

function keyText({ family, binding }: StoredChange): string {
  const { buffer, byteOffset, byteLength } = binding.address;
  const address = Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
  return `${family}${address}/${binding.prefixLength}/${binding.instance}`;
}

/** Highest sequence of each family among the changes. */
export function lastSequences(changes: readonly StoredChange[]): ReadonlyMap<Family, number> {
  const last = new Map<Family, number>();
  for (const { family, sequence } of changes) last.set(family, Math.max(last.get(family) ?? 0, sequence));
  return last;
}

/** A zero octet is text to SQLite and an error to PostgreSQL; it means nothing in a cause or a name. */
export function storableText(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text;
}

export const quoted = (columns: readonly string[]) => columns.map((column) => `"${column}"`).join(", ");
