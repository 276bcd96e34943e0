import { type BindingTable, Field, type KeyCursor, type RowCursor, RowView } from "@leasewire/bindings";
import { formatHex, formatIpv6, type Ipv6Address } from "@leasewire/net";
import { leaseReply6, MessageType6, type Query6, StatusCode6, unixToEpoch2000Seconds } from "@leasewire/wire";
import { type Answer, VISITS_PER_FILL } from "./answer.ts";
import { gatherClient, isHeld, isThrough } from "./clients6.ts";
import { isInWindow, originsTold, type TimeWindow } from "./lease.ts";
import { LinksOfRows, linkFinder } from "./links6.ts";
import type { ResponderScopes6 } from "./scopes.ts";
import { statusText } from "./status.ts";
import { ClientLeases, LeaseWriter6, type ReplyPlan6 } from "./write6.ts";

export interface BulkQuestion6 {
  readonly transactionId: number;
  readonly query: Query6;
  /** Number of the link to which the answer is confined; undefined: all links. */
  readonly link: number | undefined;
  readonly window: TimeWindow | undefined;
  /** DUID of a restricted requestor: it is told of bindings made through it alone. */
  readonly relayId: Uint8Array | undefined;
}

/**
 * The answer to a LEASEQUERY over TCP once it is known to be a proper one (RFC 5460 §5, §7.2): each client on each link in
 * a message of its own, the first in the LEASEQUERY-REPLY.
 */
export class BulkAnswer6 implements Answer {
  readonly kind = "bulk";
  readonly phase = "bulk";
  readonly xid: number;
  readonly key: string;
  readonly startedAtMs: number;
  told = 0;
  messages = 0;
  state: "more" | "room" | "waiting" | "done" = "more";

  readonly #table: BindingTable;
  readonly #scopes: ResponderScopes6;
  readonly #question: BulkQuestion6;
  readonly #plan: ReplyPlan6;
  readonly #view: RowView;
  readonly #links: LinksOfRows;
  readonly #writer: LeaseWriter6;
  readonly #leases = new ClientLeases();
  readonly #origins: number;
  #keys: KeyCursor | undefined;
  #rows: RowCursor | undefined;
  /** Rows told together with another, by number, while walking by key. */
  #marks: Uint8Array | undefined;
  #ended = false;
  #ending: { code: number; text: Uint8Array } | undefined;

  constructor(table: BindingTable, scopes: ResponderScopes6, question: BulkQuestion6, plan: ReplyPlan6, now: number) {
    this.#table = table;
    this.#scopes = scopes;
    this.#question = question;
    this.#plan = plan;
    this.#view = new RowView(table);
    this.#links = new LinksOfRows(table, linkFinder(scopes));
    this.#writer = new LeaseWriter6(table);
    this.#origins = originsTold(scopes.origins);
    this.xid = question.transactionId;
    this.startedAtMs = now;
    this.key = describe(question, scopes);
    const { query } = question;
    switch (query.kind) {
      case "client-id":
        this.#keys = table.keyCursor(Field.clientId, scopes.instance, query.clientDuid);
        break;
      case "relay-id":
        this.#keys = table.keyCursor(Field.relayId, scopes.instance, query.relayDuid);
        break;
      case "remote-id":
        this.#keys = table.keyCursor(Field.remoteId, scopes.instance, remoteIdOctets(query));
        break;
      case "link-address":
        this.#rows = table.rowCursor();
        break;
      case "address":
        break;
    }
  }

  get progress(): number | null {
    if (this.state === "done") return 1;
    return this.#rows === undefined ? null : this.#rows.at / Math.max(1, this.#rows.last);
  }

  fill(into: Uint8Array, start: number, end: number, now: number): number {
    const nowSeconds = Math.floor(now / 1000);
    const instanceId = this.#table.instanceIdOf(this.#scopes.instance);
    this.#links.forget();
    this.state = "more";
    let at = start;
    if (this.#keys !== undefined) {
      const keys = this.#keys;
      let row = keys.peek();
      for (let visits = 0; row !== 0; visits += 1) {
        if (visits === VISITS_PER_FILL) return at;
        if (this.#marks === undefined || !this.#isMarked(row)) {
          const after = this.#tell(row, instanceId, into, at, end, nowSeconds);
          if (after < 0) return this.#needsRoom(at);
          at = after;
        }
        keys.next();
        row = keys.peek();
      }
    } else if (this.#rows !== undefined) {
      const rows = this.#rows;
      let row = rows.peek();
      for (let visits = 0; row !== 0; visits += 1) {
        if (visits === VISITS_PER_FILL) return at;
        const after = this.#tell(row, instanceId, into, at, end, nowSeconds);
        if (after < 0) return this.#needsRoom(at);
        at = after;
        rows.pass(row);
        row = rows.peek();
      }
    } else if (!this.#ended) {
      const { query } = this.#question;
      const row = query.kind === "address" ? this.#table.byAddress(this.#scopes.instance, query.address) : -1;
      if (row > 0) {
        const after = this.#tell(row, instanceId, into, at, end, nowSeconds);
        if (after < 0) return this.#needsRoom(at);
        at = after;
      }
    }
    this.close();
    this.#ended = true;
    return this.#finish(into, at, end, nowSeconds);
  }

  terminate(text: string): void {
    this.#ending ??= { code: StatusCode6.QueryTerminated, text: statusText(text) };
    this.close();
    this.#ended = true;
  }

  close(): void {
    this.#keys?.close();
    this.#rows?.close();
    this.#keys = undefined;
    this.#rows = undefined;
    this.#marks = undefined;
  }

  /** Tells the client of a row if the row is asked for; −1 where there is no room. */
  #tell(row: number, instanceId: number, into: Uint8Array, at: number, end: number, nowSeconds: number): number {
    const view = this.#view;
    const { link, window, relayId } = this.#question;
    if (!view.readNumbers(row) || !isHeld(view, instanceId, this.#origins, nowSeconds)) return at;
    if (window !== undefined && !isInWindow(view, window, nowSeconds)) return at;
    if (link !== undefined && this.#links.linkOf(row) !== link) return at;
    if (relayId !== undefined && !isThrough(view, relayId)) return at;
    if (this.#table.fieldLengthOf(row, Field.clientId) < 0) return at;
    const leases = this.#leases;
    gatherClient(
      this.#table,
      view,
      this.#links,
      row,
      instanceId,
      this.#origins,
      true,
      nowSeconds,
      leases,
      relayId,
      this.#isToldAlready,
    );
    const kind = this.messages === 0 ? "reply" : "data";
    const after = this.#writer.write(this.#plan, kind, leases, into, at, end, nowSeconds);
    if (after < 0) return -1;
    for (let i = 0; i < leases.count; i += 1) this.#mark(leases.rows[i]!);
    this.told += 1;
    this.messages += 1;
    return after;
  }

  #mark(row: number): void {
    if (this.#rows !== undefined) this.#rows.mark(row);
    else if (this.#keys !== undefined) {
      // Rows that come later than the walk are not met by it.
      this.#marks ??= new Uint8Array((this.#table.rowLast >>> 3) + 1);
      if (row >>> 3 < this.#marks.length) this.#marks[row >>> 3]! |= 1 << (row & 7);
    }
  }

  readonly #isToldAlready = (row: number): boolean =>
    this.#rows !== undefined ? this.#rows.isMarked(row) : this.#marks !== undefined && this.#isMarked(row);

  #isMarked(row: number): boolean {
    return row >>> 3 < this.#marks!.length && (this.#marks![row >>> 3]! & (1 << (row & 7))) !== 0;
  }

  #needsRoom(at: number): number {
    this.state = "room";
    return at;
  }

  /** Without data the LEASEQUERY-REPLY stands alone, behind data comes a LEASEQUERY-DONE (RFC 5460 §6.3, §5.2.2). */
  #finish(into: Uint8Array, at: number, end: number, nowSeconds: number): number {
    const first = this.messages === 0;
    const head = this.#plan.replyHead;
    const last = leaseReply6({
      messageType: first ? MessageType6["LEASEQUERY-REPLY"] : MessageType6["LEASEQUERY-DONE"],
      transactionId: this.xid,
      ...(this.#ending === undefined ? {} : { status: this.#ending }),
      ...(this.#plan.baseTime ? { baseTimeSeconds: unixToEpoch2000Seconds(nowSeconds) } : {}),
    });
    // The identifiers of a LEASEQUERY-REPLY stand in its head already.
    const front = first ? head.length : 6;
    const length = front + last.length - 4;
    if (end - at < length) return this.#needsRoom(at);
    if (first) into.set(head, at);
    into.set(last.subarray(first ? 4 : 0), first ? at + front : at + 2);
    into[at] = (length - 2) >>> 8;
    into[at + 1] = length - 2;
    this.messages += 1;
    this.state = "done";
    return at + length;
  }
}

/** As the table keeps it: the content of option 37. */
export function remoteIdOctets({ enterprise, remoteId }: { enterprise: number; remoteId: Uint8Array }): Uint8Array {
  const octets = new Uint8Array(4 + remoteId.length);
  octets[0] = enterprise >>> 24;
  octets[1] = enterprise >>> 16;
  octets[2] = enterprise >>> 8;
  octets[3] = enterprise;
  octets.set(remoteId, 4);
  return octets;
}

function describe({ query, link }: BulkQuestion6, { links }: ResponderScopes6): string {
  const where = link === undefined ? "" : ` on link ${formatIpv6(links[link]!.linkAddress as Ipv6Address)}`;
  switch (query.kind) {
    case "address":
      return `by address ${formatIpv6(query.address)}${where}`;
    case "client-id":
      return `by client DUID 0x${formatHex(query.clientDuid)}${where}`;
    case "relay-id":
      return `by relay-id 0x${formatHex(query.relayDuid)}${where}`;
    case "remote-id":
      return `by remote-id ${query.enterprise} 0x${formatHex(query.remoteId)}${where}`;
    case "link-address":
      return `by link-address${where}`;
  }
}
