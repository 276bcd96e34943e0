import { type ActiveLeasequery4, leasequeryStatus4, StatusCode4, statusCodeName4 } from "@leasewire/wire";
import { ActiveAnswer, type ActiveContext, NO_ROOM, type StreamStatus } from "./active.ts";
import type { ResponderScopes4 } from "./scopes.ts";
import { statusText } from "./status.ts";
import { PLAIN, type ReplyParts4, ReplyPlan4, writeLease4 } from "./write4.ts";

/** The answer to a DHCPACTIVELEASEQUERY (RFC 7724 §8.2): replies as in bulk, and DHCPLEASEQUERYSTATUS. */
export class ActiveAnswer4 extends ActiveAnswer {
  readonly xid: number;
  readonly #plan: ReplyPlan4;
  readonly #serverIdentifier: ResponderScopes4["serverIdentifier"];
  /** Option 54 stands in the first reply (RFC 6926 §8.3). */
  #parts: ReplyParts4 = { withServerIdentifier: true };

  constructor(scopes: ResponderScopes4, query: ActiveLeasequery4, context: ActiveContext) {
    super(context);
    this.xid = query.xid;
    this.#serverIdentifier = scopes.serverIdentifier;
    this.#plan = new ReplyPlan4({
      framed: true,
      xid: query.xid,
      giaddr: 0,
      serverIdentifier: scopes.serverIdentifier,
      parameterRequestList: query.parameterRequestList,
      sensitiveOptions: scopes.sensitiveOptions,
    });
  }

  protected override writeFirst(_into: Uint8Array, at: number): number {
    return at;
  }

  protected override writeRow(
    _row: number,
    _instanceId: number,
    _durable: number,
    into: Uint8Array,
    at: number,
    end: number,
    nowSeconds: number,
  ): number {
    this.view.readFields();
    if (!this.#plan.fits(this.view, end - at)) return NO_ROOM;
    const after = writeLease4(this.#plan, this.#parts, this.view, into, at, nowSeconds);
    this.#parts = PLAIN;
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
    const message = leasequeryStatus4({
      xid: this.xid,
      baseTimeSeconds,
      status: { code: codes[status], text: statusText(status === "data-missing" ? DATA_MISSING : text) },
      ...(this.#parts.withServerIdentifier ? { serverIdentifier: this.#serverIdentifier } : {}),
    });
    if (end - at < message.length + 2) return -1;
    this.#parts = PLAIN;
    into[at] = message.length >>> 8;
    into[at + 1] = message.length;
    into.set(message, at + 2);
    return at + 2 + message.length;
  }

  protected override nameOf(status: StreamStatus): string {
    return statusCodeName4(codes[status]) ?? status;
  }
}

export const DATA_MISSING = "Not every change since that time is known any more: a bulk query fills the gap.";

const codes = {
  keepalive: StatusCode4.ConnectionActive,
  "catch-up-complete": StatusCode4.CatchUpComplete,
  "data-missing": StatusCode4.DataMissing,
  terminated: StatusCode4.QueryTerminated,
} as const satisfies Record<StreamStatus, number>;
