import { Field } from "@leasewire/bindings";
import {
  leaseReply6,
  MessageType6,
  type Query6,
  StatusCode6,
  statusCodeName6,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import { ActiveAnswer, type ActiveContext, NO_ROOM, NOT_YET, type StreamStatus } from "./active.ts";
import { DATA_MISSING } from "./active4.ts";
import { remoteIdOctets } from "./bulk6.ts";
import { gatherClient } from "./clients6.ts";
import { LinksOfRows, linkFinder } from "./links6.ts";
import type { ResponderScopes6 } from "./scopes.ts";
import { statusText } from "./status.ts";
import { ClientLeases, LeaseWriter6, type ReplyPlan6 } from "./write6.ts";

export interface ActiveQuestion6 {
  readonly transactionId: number;
  /** What is told of all changes; undefined: everything (RFC 7653 §6.2.1). */
  readonly query: Query6 | undefined;
  /** Number of the link to which the stream is confined; undefined: all links. */
  readonly link: number | undefined;
}

/**
 * The answer to an ACTIVELEASEQUERY (RFC 7653 §9.3): a LEASEQUERY-REPLY at once, then LEASEQUERY-DATA. A message tells
 * all leases of the client on the link; the one that has ended is among them with lifetimes 0.
 */
export class ActiveAnswer6 extends ActiveAnswer {
  readonly xid: number;
  readonly #plan: ReplyPlan6;
  readonly #question: ActiveQuestion6;
  readonly #links: LinksOfRows;
  readonly #writer: LeaseWriter6;
  readonly #leases = new ClientLeases();
  readonly #key: { field: number; octets: Uint8Array } | undefined;
  #toldUpTo = 0;
  #replied = false;

  constructor(scopes: ResponderScopes6, question: ActiveQuestion6, plan: ReplyPlan6, context: ActiveContext) {
    super(context);
    this.xid = question.transactionId;
    this.#question = question;
    this.#plan = plan;
    this.#links = new LinksOfRows(context.table, linkFinder(scopes));
    this.#writer = new LeaseWriter6(context.table);
    this.#key = keyOf(question.query);
  }

  protected override beginFill(): void {
    this.#links.forget();
  }

  protected override writeFirst(into: Uint8Array, at: number, end: number, nowSeconds: number): number {
    return this.#replied ? at : this.#write(into, at, end, undefined, "", nowSeconds, this.#plan.baseTime);
  }

  protected override writeRow(
    row: number,
    instanceId: number,
    durable: number,
    into: Uint8Array,
    at: number,
    end: number,
    nowSeconds: number,
  ): number {
    const { view, table } = this;
    if (this.#wasToldJustNow(row)) return at;
    if (!this.#isAsked(row)) return at;
    const leases = this.#leases;
    gatherClient(table, view, this.#links, row, instanceId, this.origins, true, nowSeconds, leases);
    // Another lease of the client has changed and is not durable: the two are told together a moment later.
    for (let i = 0; i < leases.count; i += 1) {
      if (table.sequenceOf(leases.rows[i]!) <= durable) continue;
      leases.count = 0;
      return NOT_YET;
    }
    const after = this.#writer.write(this.#plan, "data", leases, into, at, end, nowSeconds);
    if (after < 0) {
      leases.count = 0;
      return NO_ROOM;
    }
    this.#toldUpTo = durable;
    return after;
  }

  protected override writeStatus(
    status: StreamStatus,
    text: string,
    into: Uint8Array,
    at: number,
    end: number,
    baseTimeSeconds: number,
  ): number {
    // Before the reply there is only what the reply itself can say (RFC 7653 §8.4.1, §9.3).
    const withBaseTime = this.#plan.baseTime || status === "data-missing" || status === "terminated";
    return this.#write(into, at, end, status, text, baseTimeSeconds, withBaseTime);
  }

  protected override nameOf(status: StreamStatus): string {
    return status === "keepalive" ? "keepalive" : (statusCodeName6(codes[status]) ?? status);
  }

  #write(
    into: Uint8Array,
    at: number,
    end: number,
    status: StreamStatus | undefined,
    text: string,
    baseTimeSeconds: number,
    withBaseTime: boolean,
  ): number {
    const first = !this.#replied;
    const type = first ? "LEASEQUERY-REPLY" : status === "terminated" ? "LEASEQUERY-DONE" : "LEASEQUERY-DATA";
    const message = leaseReply6({
      messageType: MessageType6[type],
      transactionId: this.xid,
      ...(status === undefined || status === "keepalive"
        ? {}
        : { status: { code: codes[status], text: statusText(status === "data-missing" ? DATA_MISSING : text) } }),
      ...(withBaseTime ? { baseTimeSeconds: unixToEpoch2000Seconds(baseTimeSeconds) } : {}),
    });
    const head = this.#plan.replyHead;
    const front = first ? head.length : 6;
    const length = front + message.length - 4;
    if (end - at < length) return -1;
    if (first) into.set(head, at);
    into.set(first ? message.subarray(4) : message, first ? at + front : at + 2);
    into[at] = (length - 2) >>> 8;
    into[at + 1] = length - 2;
    this.#replied = true;
    return at + length;
  }

  /** Leases of one client that changed together are told together: the others need no message of their own. */
  #wasToldJustNow(row: number): boolean {
    const { rows, count } = this.#leases;
    if (this.table.sequenceOf(row) > this.#toldUpTo) return false;
    for (let i = 0; i < count && i < 16; i += 1) if (rows[i] === row) return true;
    return false;
  }

  /** Whether the stream is about this row at all; one without a DUID cannot be told. */
  #isAsked(row: number): boolean {
    const { view, table } = this;
    view.readFields();
    if (view.lengths[Field.clientId]! < 0) return false;
    const { query, link } = this.#question;
    if (link !== undefined && this.#links.linkOf(row) !== link) return false;
    if (this.#key !== undefined) return view.fieldIs(this.#key.field, this.#key.octets);
    return query?.kind !== "address" || table.byAddress(this.instance, query.address) === row;
  }
}

function keyOf(query: Query6 | undefined): { field: number; octets: Uint8Array } | undefined {
  switch (query?.kind) {
    case "client-id":
      return { field: Field.clientId, octets: query.clientDuid };
    case "relay-id":
      return { field: Field.relayId, octets: query.relayDuid };
    case "remote-id":
      return { field: Field.remoteId, octets: remoteIdOctets(query) };
    default:
      return undefined;
  }
}

const codes = {
  keepalive: StatusCode6.Success,
  "catch-up-complete": StatusCode6.CatchUpComplete,
  "data-missing": StatusCode6.DataMissing,
  terminated: StatusCode6.QueryTerminated,
} as const satisfies Record<StreamStatus, number>;
