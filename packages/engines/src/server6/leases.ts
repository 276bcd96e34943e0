import { BindingState, type BindingTable, EXPIRES_NEVER, Field } from "@leasewire/bindings";
import { equalBytes, type InstanceName } from "@leasewire/net";
import { OptionCode6 } from "@leasewire/wire";
import { octetsKey } from "../server-common/octets.ts";
import type { IaKind } from "./request.ts";
import { addressOf, newWords, type Words } from "./words.ts";

/** An address or prefix as a key of a Map. */
export function leaseKey(address: Uint8Array, length: number): string {
  return octetsKey(address) + String.fromCharCode(length);
}

/** Whether a row still holds its address: leased and not run out, or declined. An end of 0 is none. */
export function isHeld(table: BindingTable, row: number, nowSeconds: number): boolean {
  const state = table.stateOf(row);
  return state === BindingState.ABANDONED || (state === BindingState.ACTIVE && isRunning(table, row, nowSeconds));
}

export function isLeased(table: BindingTable, row: number, nowSeconds: number): boolean {
  return table.stateOf(row) === BindingState.ACTIVE && isRunning(table, row, nowSeconds);
}

function isRunning(table: BindingTable, row: number, nowSeconds: number): boolean {
  const expiresAt = table.expiresAtSecondsOf(row);
  return expiresAt === 0 || expiresAt === EXPIRES_NEVER || expiresAt > nowSeconds;
}

/** What a client holds, or held. */
export interface ClientRow {
  readonly row: number;
  readonly kind: IaKind;
  readonly iaid: number;
  readonly length: number;
  readonly leased: boolean;
  readonly address: Uint8Array;
}

const words: Words = newWords();

/** The rows of a client, at most `rowsMax`; declined ones left out. */
export function rowsOfClient(
  table: BindingTable,
  instance: InstanceName,
  duid: Uint8Array,
  nowSeconds: number,
  rowsMax: number,
): ClientRow[] {
  const rows: ClientRow[] = [];
  let visits = 0;
  for (const row of table.byClientId(instance, duid)) {
    visits += 1;
    if (visits > rowsMax) break;
    if (table.stateOf(row) === BindingState.ABANDONED) continue;
    const length = table.prefixLengthOf(row);
    rows.push({
      row,
      kind: kindOfRow(table, row, length),
      iaid: table.iaidOf(row) ?? 0,
      length,
      leased: isLeased(table, row, nowSeconds),
      address: addressOfRow(table, row),
    });
  }
  return rows;
}

export function addressOfRow(table: BindingTable, row: number): Uint8Array {
  for (let i = 0; i < 4; i += 1) words[i] = table.addressWordOf(row, i);
  return addressOf(words);
}

/**
 * A binding has no field for the kind of its IA. Prefixes are of IA_PDs; addresses are of IA_NAs, unless the options kept with
 * the binding begin with an IA_TA option (`temporaryMark`).
 */
export function kindOfRow(table: BindingTable, row: number, length: number): IaKind {
  return kindOf(length, table.fieldOf(row, Field.options));
}

/** The same of a binding's prefix length and options. */
export function kindOf(length: number, options: Uint8Array | undefined): IaKind {
  if (length !== 128) return "pd";
  return options !== undefined && options.length >= 4 && options[0] === 0 && options[1] === OptionCode6.IA_TA
    ? "ta"
    : "na";
}

/** An IA_TA option without addresses: what the client sent, as far as it is not in the binding itself. */
export function temporaryMark(iaid: number): Uint8Array {
  return Uint8Array.of(0, OptionCode6.IA_TA, 0, 4, iaid >>> 24, iaid >>> 16, iaid >>> 8, iaid);
}

/** Whether the row is of that IA of that client. */
export function isOfIa(table: BindingTable, row: number, duid: Uint8Array, kind: IaKind, iaid: number): boolean {
  const clientId = table.fieldOf(row, Field.clientId);
  return (
    clientId !== undefined &&
    equalBytes(clientId, duid) &&
    (table.iaidOf(row) ?? 0) === iaid &&
    kindOfRow(table, row, table.prefixLengthOf(row)) === kind
  );
}
