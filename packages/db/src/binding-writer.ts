import type { BindingInput, Family } from "@leasewire/bindings";
import type { ChangeBatch } from "./change-batch.ts";

/** One change on its way to the database. `binding` carries the key fields also for a removal. */
export interface StoredChange {
  readonly family: Family;
  readonly sequence: number;
  readonly atSeconds: number;
  readonly kind: "put" | "remove";
  readonly cause: string;
  readonly binding: BindingInput;
}

/** A binding as it is stored, with the sequence and time of its last change. */
export interface StoredBinding {
  readonly binding: BindingInput;
  readonly sequence: number;
  readonly changedAtSeconds: number;
}

/**
 * Writes changes of one node, in one transaction: the bindings as they are now, every change into the history, and the
 * position of the change log. Writing changes again that are stored already changes nothing.
 */
export interface BindingWriter {
  write(node: string, batches: readonly ChangeBatch[]): Promise<void>;
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

/** A zero octet is text to SQLite and an error to PostgreSQL; it means nothing in a cause or a name. */
export function storableText(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text;
}

export const quoted = (columns: readonly string[]) => columns.map((column) => `"${column}"`).join(", ");
