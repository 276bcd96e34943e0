import {
  BINDING_ORIGINS,
  type BindingDraft,
  type BindingInput,
  BindingState,
  type BindingTable,
  type Family,
  FIELDS,
  type FieldNumber,
  incomingWins,
  isEnded,
  type PutResult,
  RowView,
} from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";
import type { RecoveryLimits } from "./limits.ts";

/** What became of a lease that was told. */
export type Judgement =
  | "applied"
  /** Nothing that is not known already. */
  | "unchanged"
  /** The stored one tells of a later transaction (RFC 6926 §7.6). */
  | "older"
  /** Nobody holds the address, and nothing of it was stored. */
  | "not-leased"
  /** Called free by a server that had not told of the lease: another one may well hold it. */
  | "of-another-server"
  /** The server of this node itself has leased the address. */
  | "own"
  /** The table refused it, see `refusal`. */
  | "aborted";

/**
 * Decides between a lease that is told and what the table holds, and puts the better one there: the rules of RFC 6926 §7.6,
 * which are RFC 4388 §6.8 and RFC 5007 §4.3.4 made precise. The told lease stands in `draft`, one object for all of them;
 * the octets it points to are only read.
 */
export class Judge {
  readonly #tables: { readonly 4: BindingTable; readonly 6: BindingTable };
  readonly #views: { readonly 4: RowView; readonly 6: RowView };
  readonly #toleranceSeconds: number;
  readonly addresses = { 4: new Uint8Array(4), 6: new Uint8Array(16) } as const;
  readonly draft: BindingDraft = {
    instance: "default:default" as InstanceName,
    address: this.addresses[4],
    prefixLength: 32,
    kind: "address",
    state: BindingState.ACTIVE,
    hardwareType: 0,
    iaid: undefined,
    startTimeOfStateSeconds: 0,
    clientLastTransactionTimeSeconds: 0,
    expiresAtSeconds: 0,
    preferredUntilSeconds: undefined,
    linkAddress: undefined,
    serverIdentifier: undefined,
    serverAddress: undefined,
    dataSource: 0,
    origin: "bulk",
    interfaceName: undefined,
    bytes: new Uint8Array(0),
    starts: new Int32Array(FIELDS),
    lengths: new Int32Array(FIELDS),
  };
  /** Row of the lease after `settle`; 0: there is none. */
  row = 0;
  /** Whether the table held an ACTIVE lease of the address before. */
  wasHeld = false;
  refusal = "";
  /** What the circuit-id or interface-id of the draft is known under; 0: it has none. */
  placeNumber = 0;

  constructor(tables: { readonly 4: BindingTable; readonly 6: BindingTable }, limits: RecoveryLimits) {
    this.#tables = tables;
    this.#views = { 4: new RowView(tables[4]), 6: new RowView(tables[6]) };
    this.#toleranceSeconds = limits.timeToleranceSeconds;
  }

  /** A start of state of 0 means "not told"; `nowSeconds` is when it was told, by our clock. */
  settle(family: Family, cause: string, nowSeconds: number): Judgement {
    const { draft } = this;
    const table = this.#tables[family];
    const row = table.byPrefix(draft.instance, draft.address, draft.prefixLength);
    this.row = row > 0 ? row : 0;
    this.wasHeld = false;
    const leased = draft.state === BindingState.ACTIVE;
    if (row <= 0) {
      if (!leased) return "not-leased";
      if (draft.startTimeOfStateSeconds === 0)
        draft.startTimeOfStateSeconds = draft.clientLastTransactionTimeSeconds || nowSeconds;
      return this.#became(table.putDraft(draft, cause, nowSeconds));
    }
    const view = this.#views[family];
    view.readNumbers(row);
    this.wasHeld = view.state === BindingState.ACTIVE;
    if (view.origin === ORIGIN_SERVER || view.origin === ORIGIN_IMPORT) return "own";
    return leased ? this.#renew(table, view, cause, nowSeconds) : this.#end(table, view, cause, nowSeconds);
  }

  #renew(table: BindingTable, view: RowView, cause: string, nowSeconds: number): Judgement {
    const { draft } = this;
    const sameState = view.state === draft.state;
    if (draft.startTimeOfStateSeconds === 0)
      draft.startTimeOfStateSeconds = sameState
        ? view.startTimeOfStateSeconds
        : draft.clientLastTransactionTimeSeconds || nowSeconds;
    draft.startTimeOfStateSeconds = this.#near(draft.startTimeOfStateSeconds, view.startTimeOfStateSeconds);
    draft.clientLastTransactionTimeSeconds = this.#near(
      draft.clientLastTransactionTimeSeconds,
      view.clientLastTransactionTimeSeconds,
    );
    draft.expiresAtSeconds = this.#near(draft.expiresAtSeconds, view.expiresAtSeconds);
    if (draft.preferredUntilSeconds !== undefined)
      draft.preferredUntilSeconds = this.#near(draft.preferredUntilSeconds, view.preferredUntilSeconds);
    if (!incomingWins(view, draft)) return "older";
    // What leasequery does not tell stays as it was learnt.
    if (draft.linkAddress === undefined) draft.linkAddress = table.linkAddressOfId(table.linkAddressIdOf(view.row));
    if (table.family === 6) draft.iaid = table.iaidOf(view.row);
    // The same transaction told again: who told of it first stays on record.
    if (sameState && draft.clientLastTransactionTimeSeconds === view.clientLastTransactionTimeSeconds)
      draft.origin = BINDING_ORIGINS[view.origin] ?? draft.origin;
    return this.#became(table.putDraft(draft, cause, nowSeconds));
  }

  #end(table: BindingTable, view: RowView, cause: string, nowSeconds: number): Judgement {
    const { draft } = this;
    if (isEnded(view.state)) return "unchanged";
    const plainlyFree = draft.clientLastTransactionTimeSeconds === 0 && draft.startTimeOfStateSeconds === 0;
    if (draft.startTimeOfStateSeconds === 0) draft.startTimeOfStateSeconds = nowSeconds;
    const stored = table.at(view.row);
    if (stored === undefined) return "not-leased";
    // Learnt from an answer that was under way for a while, a lease seems to be later than what its server did next.
    if (stored.serverAddress === draft.serverAddress)
      draft.clientLastTransactionTimeSeconds = this.#near(
        draft.clientLastTransactionTimeSeconds,
        view.clientLastTransactionTimeSeconds,
      );
    if (!incomingWins(view, draft)) return "older";
    if (plainlyFree && stored.serverAddress !== draft.serverAddress) return "of-another-server";
    // Who held it, and when it was last heard of, stays on record.
    const ended: BindingInput = {
      ...stored,
      state: draft.state,
      startTimeOfStateSeconds: draft.startTimeOfStateSeconds,
      clientLastTransactionTimeSeconds:
        draft.clientLastTransactionTimeSeconds || stored.clientLastTransactionTimeSeconds,
      expiresAtSeconds: 0,
      preferredUntilSeconds: stored.preferredUntilSeconds === undefined ? undefined : 0,
      dataSource: draft.dataSource,
      origin: draft.origin,
      serverAddress: draft.serverAddress,
    };
    return this.#became(table.put(ended, cause, nowSeconds));
  }

  #became(result: PutResult): Judgement {
    if (result.outcome === "refused") {
      this.refusal = result.refusal.message;
      return "aborted";
    }
    this.row = result.row;
    return result.outcome === "unchanged" ? "unchanged" : "applied";
  }

  /** Where a field of the draft is in its octets; length −1: it has none. */
  place(field: FieldNumber, at: number, length: number): void {
    this.draft.starts[field] = at;
    this.draft.lengths[field] = length;
  }

  /** A copy of the draft that points nowhere: its octets lie in a buffer that is read into again. */
  copy(): BindingDraft {
    const { draft } = this;
    let octets = 0;
    for (const length of draft.lengths) octets += Math.max(0, length);
    const bytes = new Uint8Array(octets);
    const starts = new Int32Array(FIELDS);
    let at = 0;
    for (let field = 0; field < FIELDS; field += 1) {
      const length = draft.lengths[field]!;
      if (length < 0) continue;
      bytes.set(draft.bytes.subarray(draft.starts[field]!, draft.starts[field]! + length), at);
      starts[field] = at;
      at += length;
    }
    return {
      ...draft,
      address: draft.address.slice(),
      linkAddress: draft.linkAddress?.slice(),
      bytes,
      starts,
      lengths: draft.lengths.slice(),
    };
  }

  /** Takes a copy up again. */
  take(copy: BindingDraft): void {
    const { starts, lengths } = this.draft;
    Object.assign(this.draft, copy, { starts, lengths });
    starts.set(copy.starts);
    lengths.set(copy.lengths);
  }

  /** Times that differ by no more than the transit of two answers may are the stored ones. */
  #near(told: number, stored: number): number {
    const difference = told - stored;
    return difference <= this.#toleranceSeconds && difference >= -this.#toleranceSeconds ? stored : told;
  }
}

const ORIGIN_SERVER = BINDING_ORIGINS.indexOf("server");
const ORIGIN_IMPORT = BINDING_ORIGINS.indexOf("import");
