import { type BindingTable, Field, type KeyCursor, type RowCursor, RowView } from "@leasewire/bindings";
import { equalBytes, formatHex } from "@leasewire/net";
import { type BulkLeasequery4, type BulkQuery4, leasequeryDone4, StatusCode4 } from "@leasewire/wire";
import { AddressMarks } from "./address-marks.ts";
import { type Answer, isTold, VISITS_PER_FILL } from "./answer.ts";
import { isInWindow, isLeased, originsTold, type TimeWindow } from "./lease.ts";
import type { ResponderScopes4 } from "./scopes.ts";
import { statusText } from "./status.ts";
import { type ReplyParts4, ReplyPlan4, writeFree4, writeLease4 } from "./write4.ts";

/** Configured addresses of one query, all VPNs together: a bit each. */
export const CONFIGURED_ADDRESSES_MAX = 1 << 27;

/** A VPN to search: what it manages, and how its bindings are marked in replies. */
export interface Vpn4 {
  readonly scopes: ResponderScopes4;
  /** Content of option 221; absent for the VPN that is the global one of this connection. */
  readonly vss?: Uint8Array | undefined;
}

/** What a DHCPBULKLEASEQUERY is answered with (RFC 6926 §8.2, §8.3). */
export class BulkAnswer4 implements Answer {
  readonly kind = "bulk";
  readonly phase = "bulk";
  readonly xid: number;
  readonly key: string;
  readonly startedAtMs: number;
  told = 0;
  messages = 0;
  state: "more" | "room" | "waiting" | "done" = "more";

  readonly #table: BindingTable;
  readonly #view: RowView;
  readonly #query: BulkQuery4;
  readonly #own: ResponderScopes4;
  readonly #vpns: readonly Vpn4[];
  readonly #plan: ReplyPlan4;
  readonly #window: TimeWindow | undefined;
  /** Only bindings with this giaddr; absent: all. */
  readonly #giaddr: Uint8Array | undefined;
  #vpn = 0;
  #parts: ReplyParts4;
  #keys: KeyCursor | undefined;
  #rows: RowCursor | undefined;
  #marks: AddressMarks | undefined;
  #slot = 0;

  /** `giaddr`: of a restricted requestor, whose own bindings alone are told. */
  constructor(
    table: BindingTable,
    own: ResponderScopes4,
    vpns: readonly Vpn4[],
    query: BulkLeasequery4,
    giaddr: Uint8Array | undefined,
    now: number,
  ) {
    this.#table = table;
    this.#view = new RowView(table);
    this.#query = query.query;
    this.#vpns = vpns;
    this.#giaddr = giaddr;
    this.xid = query.xid;
    this.key = describe(query.query);
    this.startedAtMs = now;
    this.#own = own;
    this.#plan = new ReplyPlan4({
      framed: true,
      xid: query.xid,
      giaddr: 0,
      serverIdentifier: own.serverIdentifier,
      parameterRequestList: query.parameterRequestList,
      sensitiveOptions: [own, ...vpns.map(({ scopes }) => scopes)].flatMap((one) => one.sensitiveOptions ?? []),
    });
    if (query.queryStartTimeSeconds !== undefined || query.queryEndTimeSeconds !== undefined) {
      this.#window = {
        startSeconds: query.queryStartTimeSeconds ?? 0,
        endSeconds: query.queryEndTimeSeconds ?? 0xffff_ffff,
      };
    }
    this.#parts = { withServerIdentifier: true };
  }

  get progress(): number | null {
    if (this.state === "done") return 1;
    const part =
      this.#marks !== undefined && this.#rows === undefined
        ? this.#slot / Math.max(1, this.#marks.size)
        : this.#rows !== undefined
          ? this.#rows.at / Math.max(1, this.#rows.last)
          : null;
    return part === null ? null : (this.#vpn + part) / this.#vpns.length;
  }

  fill(into: Uint8Array, start: number, end: number, now: number): number {
    const nowSeconds = Math.floor(now / 1000);
    let at = start;
    let visits = VISITS_PER_FILL;
    this.state = "more";
    this.#giaddrId = -1;
    while (visits > 0) {
      const vpn = this.#vpns[this.#vpn];
      if (vpn === undefined) return this.#finish(into, at, end);
      const instanceId = this.#table.instanceIdOf(vpn.scopes.instance);
      const origins = originsTold(vpn.scopes.origins);
      if (this.#query.kind !== "all") {
        this.#keys ??= this.#open(vpn.scopes);
        let row = this.#keys.peek();
        while (row !== 0 && visits > 0) {
          visits -= 1;
          const view = this.#view;
          view.readNumbers(row);
          if (this.#isMatch(instanceId, origins, nowSeconds)) {
            view.readFields();
            if (!this.#plan.fits(view, end - at)) return this.#needsRoom(at);
            at = this.#tell(vpn, into, at, nowSeconds);
          }
          this.#keys.next();
          row = this.#keys.peek();
        }
        if (row !== 0) return at;
        this.#leaveVpn();
        continue;
      }
      if (this.#marks === undefined) {
        this.#marks = new AddressMarks(vpn.scopes.configured ?? []);
        this.#rows = this.#table.rowCursor();
        this.#slot = 0;
      }
      const marks = this.#marks;
      if (this.#rows !== undefined) {
        const rows = this.#rows;
        let row = rows.peek();
        for (; row !== 0 && visits > 0; rows.pass(row), row = rows.peek()) {
          visits -= 1;
          const view = this.#view;
          if (!view.readNumbers(row) || !isTold(view, instanceId, origins)) continue;
          const slot = marks.slotOf(view.addressWord);
          // A lease beyond the pools (they were made smaller, or it was imported) is a current binding all the same.
          if (slot < 0 ? !isLeased(view, nowSeconds) : marks.has(slot)) continue;
          if (!this.#isAsked(nowSeconds)) continue;
          view.readFields();
          if (!this.#plan.fits(view, end - at)) return this.#needsRoom(at);
          if (slot >= 0) marks.add(slot);
          at = this.#tell(vpn, into, at, nowSeconds);
        }
        if (row !== 0) return at;
        rows.close();
        this.#rows = undefined;
        // Of a free address nothing is known to have changed, and nobody has asked for it.
        if (this.#window !== undefined || this.#giaddr !== undefined) {
          this.#leaveVpn();
          continue;
        }
      }
      while (visits > 0) {
        this.#slot = marks.nextFree(this.#slot, visits);
        if (this.#slot >= marks.size) break;
        visits -= 1;
        if (marks.has(this.#slot)) return at;
        const address = marks.addressOf(this.#slot);
        const row = this.#rowOf(vpn.scopes, address);
        if (row > 0 && this.#view.read(row) && isTold(this.#view, instanceId, origins)) {
          if (!this.#plan.fits(this.#view, end - at)) return this.#needsRoom(at);
          at = this.#tell(vpn, into, at, nowSeconds);
        } else {
          if (end - at < this.#plan.fixedBytesMax) return this.#needsRoom(at);
          at = writeFree4(this.#plan, this.#partsOf(vpn), address, into, at, nowSeconds);
          this.#count();
        }
        this.#slot += 1;
      }
      if (this.#slot >= marks.size) this.#leaveVpn();
    }
    return at;
  }

  close(): void {
    this.#keys?.close();
    this.#rows?.close();
    this.#keys = undefined;
    this.#rows = undefined;
  }

  terminate(text: string): void {
    this.#ending ??= { code: StatusCode4.QueryTerminated, text: statusText(text) };
    this.close();
    this.#vpn = this.#vpns.length;
  }

  /** What was found of the giaddr met last; its number may mean another after the table has changed. */
  #giaddrId = -1;
  #giaddrIsOwn = false;
  #ending: { code: number; text: Uint8Array } | undefined;
  readonly #address = new Uint8Array(4);

  #rowOf({ instance }: ResponderScopes4, address: number): number {
    const octets = this.#address;
    octets[0] = address >>> 24;
    octets[1] = address >>> 16;
    octets[2] = address >>> 8;
    octets[3] = address;
    return this.#table.byAddress(instance, octets);
  }

  #open({ instance }: ResponderScopes4): KeyCursor {
    const query = this.#query;
    switch (query.kind) {
      case "client-id":
        return this.#table.keyCursor(Field.clientId, instance, query.clientId);
      case "remote-id":
        return this.#table.keyCursor(Field.remoteId, instance, query.remoteId);
      case "relay-id":
        return this.#table.keyCursor(Field.relayId, instance, query.relayId);
      case "mac":
        return this.#table.keyCursor(Field.hardwareAddress, instance, query.address);
      case "all":
        throw new Error("all configured addresses are not found by a key");
    }
  }

  /** By a key only current bindings are told (RFC 6926 §8.2). */
  #isMatch(instanceId: number, origins: number, nowSeconds: number): boolean {
    const view = this.#view;
    if (!isTold(view, instanceId, origins) || !isLeased(view, nowSeconds)) return false;
    if (this.#query.kind === "mac" && view.hardwareType !== this.#query.htype) return false;
    return this.#isAsked(nowSeconds);
  }

  #isAsked(nowSeconds: number): boolean {
    if (this.#window !== undefined && !isInWindow(this.#view, this.#window, nowSeconds)) return false;
    return this.#giaddr === undefined || this.#isOwn(this.#giaddr);
  }

  #isOwn(giaddr: Uint8Array): boolean {
    const id = this.#table.linkAddressIdOf(this.#view.row);
    if (id !== this.#giaddrId) {
      const stored = this.#table.linkAddressOfId(id);
      this.#giaddrId = id;
      this.#giaddrIsOwn = stored !== undefined && equalBytes(stored, giaddr);
    }
    return this.#giaddrIsOwn;
  }

  #tell(vpn: Vpn4, into: Uint8Array, at: number, nowSeconds: number): number {
    const end = writeLease4(this.#plan, this.#partsOf(vpn), this.#view, into, at, nowSeconds);
    this.#count();
    return end;
  }

  #count(): void {
    this.told += 1;
    this.messages += 1;
    if (this.messages === 1) this.#parts = { withServerIdentifier: false, vss: this.#parts.vss };
  }

  #partsOf({ vss }: Vpn4): ReplyParts4 {
    if (this.#parts.vss !== vss) this.#parts = { ...this.#parts, vss };
    return this.#parts;
  }

  #leaveVpn(): void {
    this.close();
    this.#marks = undefined;
    this.#vpn += 1;
  }

  #needsRoom(at: number): number {
    this.state = "room";
    return at;
  }

  #finish(into: Uint8Array, at: number, end: number): number {
    const done = leasequeryDone4({
      xid: this.xid,
      ...(this.messages === 0 ? { serverIdentifier: this.#own.serverIdentifier } : {}),
      ...(this.#ending === undefined ? {} : { status: this.#ending }),
    });
    if (end - at < done.length + 2) return this.#needsRoom(at);
    into[at] = done.length >>> 8;
    into[at + 1] = done.length;
    into.set(done, at + 2);
    this.close();
    this.messages += 1;
    this.state = "done";
    return at + 2 + done.length;
  }
}

function describe(query: BulkQuery4): string {
  switch (query.kind) {
    case "all":
      return "all configured addresses";
    case "mac":
      return `by hardware address ${formatHex(query.address, ":")}`;
    case "client-id":
      return `by client-id 0x${formatHex(query.clientId)}`;
    case "remote-id":
      return `by remote-id 0x${formatHex(query.remoteId)}`;
    case "relay-id":
      return `by relay-id 0x${formatHex(query.relayId)}`;
  }
}
