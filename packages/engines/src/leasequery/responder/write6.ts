import { type BindingTable, Field, RowView } from "@leasewire/bindings";
import { encodeOptions6, MessageType6, type Option6, OptionCode6, unixToEpoch2000Seconds } from "@leasewire/wire";
import { isLeased, remainingSeconds } from "./lease.ts";
import { writeOctets, writeUint16, writeUint32 } from "./octets.ts";

/**
 * Leases of one client on one link that one message tells; more of them are told in further messages. With the longest
 * record beside them they fit in a frame.
 */
export const CLIENT_LEASES_MAX = 1000;

export interface ReplyPlanOptions6 {
  /** On TCP each message stands behind its size. */
  readonly framed: boolean;
  readonly transactionId: number;
  readonly serverDuid: Uint8Array;
  /** Of the requestor. */
  readonly clientDuid: Uint8Array;
  /** Content of option 68, of another VPN. */
  readonly vss?: Uint8Array | undefined;
  /** LQ_BASE_TIME in every reply (RFC 7653 §9.3). */
  readonly baseTime: boolean;
  /** The ORO of the query. */
  readonly requestedOptions: readonly number[];
  readonly sensitiveOptions?: readonly number[] | undefined;
}

/** How the replies to one query look, worked out once: what does not change is copied, the rest is written from the rows. */
export class ReplyPlan6 {
  readonly framed: boolean;
  /** LEASEQUERY-REPLY up to what is different in each: size, type, transaction-id, SERVERID, CLIENTID. */
  readonly replyHead: Uint8Array;
  /** The same of LEASEQUERY-DATA: identifiers are not repeated (RFC 5460 §5.2.1). */
  readonly dataHead: Uint8Array;
  readonly baseTime: boolean;
  readonly relayData: boolean;
  /** Codes of stored options to tell. */
  readonly codes: readonly number[];

  constructor(options: ReplyPlanOptions6) {
    const { framed, transactionId, serverDuid, clientDuid, vss, sensitiveOptions } = options;
    this.framed = framed;
    this.baseTime = options.baseTime;
    const identifiers: Option6[] = [
      { code: OptionCode6.SERVERID, data: serverDuid },
      { code: OptionCode6.CLIENTID, data: clientDuid },
    ];
    if (vss !== undefined) identifiers.push({ code: OptionCode6.VSS, data: vss });
    const head = (type: number, own: readonly Option6[]): Uint8Array => {
      const encoded = encodeOptions6(own);
      const start = framed ? 2 : 0;
      const bytes = new Uint8Array(start + 4 + encoded.length);
      bytes[start] = type;
      bytes[start + 1] = transactionId >>> 16;
      bytes[start + 2] = transactionId >>> 8;
      bytes[start + 3] = transactionId;
      bytes.set(encoded, start + 4);
      return bytes;
    };
    this.replyHead = head(MessageType6["LEASEQUERY-REPLY"], identifiers);
    this.dataHead = head(MessageType6["LEASEQUERY-DATA"], []);
    const requested = new Set(options.requestedOptions);
    for (const code of sensitiveOptions ?? []) requested.delete(code);
    this.relayData = requested.has(OptionCode6.LQ_RELAY_DATA);
    this.codes = [...requested].filter((code) => !neverStored.has(code));
  }
}

/** Options that follow from the binding or the message, or that are kept with it for the server's own use. */
const neverStored: ReadonlySet<number> = new Set([
  OptionCode6.CLIENTID,
  OptionCode6.SERVERID,
  OptionCode6.IA_NA,
  OptionCode6.IA_TA,
  OptionCode6.IA_PD,
  OptionCode6.IAADDR,
  OptionCode6.IAPREFIX,
  OptionCode6.ORO,
  OptionCode6.RELAY_MSG,
  OptionCode6.AUTH,
  OptionCode6.STATUS_CODE,
  OptionCode6.RECONF_ACCEPT,
  OptionCode6.LQ_QUERY,
  OptionCode6.CLIENT_DATA,
  OptionCode6.CLT_TIME,
  OptionCode6.LQ_RELAY_DATA,
  OptionCode6.LQ_CLIENT_LINK,
  OptionCode6.LQ_BASE_TIME,
  OptionCode6.LQ_START_TIME,
  OptionCode6.LQ_END_TIME,
]);

/** The leases of one client on one link: rows of the table, valid until its next change. */
export class ClientLeases {
  readonly rows = new Int32Array(CLIENT_LEASES_MAX);
  count = 0;
  /** Number of the link, see `LinksOfRows`. */
  link = -1;
  /** The client has more of them there than are listed. */
  cut = false;
}

/**
 * Writes LEASEQUERY-REPLY or LEASEQUERY-DATA with the CLIENT_DATA of these leases (RFC 5007 §4.4.2, RFC 5460 §5.2.1).
 * A lease that has ended is told with lifetimes 0. Gives where it ends, −1 where there is no room up to `end`.
 */
export class LeaseWriter6 {
  readonly #table: BindingTable;
  readonly #view: RowView;
  readonly #latest: RowView;

  constructor(table: BindingTable) {
    this.#table = table;
    this.#view = new RowView(table);
    this.#latest = new RowView(table);
  }

  write(
    plan: ReplyPlan6,
    kind: "reply" | "data",
    leases: ClientLeases,
    into: Uint8Array,
    start: number,
    end: number,
    nowSeconds: number,
  ): number {
    const { rows, count } = leases;
    const latest = this.#latest;
    let latestRow = rows[0]!;
    if (count > 1) {
      let moment = -1;
      for (let i = 0; i < count; i += 1) {
        const of = this.#table.clientLastTransactionTimeSecondsOf(rows[i]!);
        if (of <= moment) continue;
        moment = of;
        latestRow = rows[i]!;
      }
    }
    latest.read(latestRow);
    const head = kind === "reply" ? plan.replyHead : plan.dataHead;
    if (end - start < head.length + 64 + count * 33 + latest.recordLength) return -1;
    into.set(head, start);
    let at = start + head.length;
    if (plan.baseTime) at = writeNumber(into, at, OptionCode6.LQ_BASE_TIME, unixToEpoch2000Seconds(nowSeconds));
    const data = at;
    writeUint16(into, at, OptionCode6.CLIENT_DATA);
    at = writeOption(into, at + 4, OptionCode6.CLIENTID, latest, Field.clientId);
    if (count === 1) at = this.#writeLease(latest, into, at, nowSeconds);
    else {
      const view = this.#view;
      for (let pass = 0; pass < 2; pass += 1) {
        // Addresses first, then prefixes.
        for (let i = 0; i < count; i += 1) {
          view.readNumbers(rows[i]!);
          if (view.isPrefix === (pass === 1)) at = this.#writeLease(view, into, at, nowSeconds);
        }
      }
    }
    const since = latest.clientLastTransactionTimeSeconds;
    at = writeNumber(into, at, OptionCode6.CLT_TIME, nowSeconds > since ? nowSeconds - since : 0);
    // Peer-address and a RELAY-FORW (RFC 5007 §4.1.2.4): what is shorter was never one.
    if (plan.relayData && latest.lengths[Field.relayAgentInformation]! >= 16 + 34)
      at = writeOption(into, at, OptionCode6.LQ_RELAY_DATA, latest, Field.relayAgentInformation);
    if (plan.codes.length > 0 && latest.lengths[Field.options]! > 0) at = writeStored(into, at, plan.codes, latest);
    writeUint16(into, data + 2, at - data - 4);
    if (plan.framed) writeUint16(into, start, at - start - 2);
    return at;
  }

  #writeLease(view: RowView, into: Uint8Array, start: number, nowSeconds: number): number {
    const leased = isLeased(view, nowSeconds);
    const valid = leased ? remainingSeconds(view.expiresAtSeconds, nowSeconds) : 0;
    let preferred = leased ? remainingSeconds(view.preferredUntilSeconds, nowSeconds) : 0;
    if (preferred > valid) preferred = valid;
    let at = start;
    if (view.isPrefix) {
      writeUint16(into, at, OptionCode6.IAPREFIX);
      writeUint16(into, at + 2, 25);
      writeUint32(into, at + 4, preferred);
      writeUint32(into, at + 8, valid);
      into[at + 12] = view.prefixLength;
      view.writeAddress(into, at + 13);
      at += 29;
    } else {
      writeUint16(into, at, OptionCode6.IAADDR);
      writeUint16(into, at + 2, 24);
      view.writeAddress(into, at + 4);
      writeUint32(into, at + 20, preferred);
      writeUint32(into, at + 24, valid);
      at += 28;
    }
    return at;
  }
}

function writeNumber(into: Uint8Array, at: number, code: number, value: number): number {
  writeUint16(into, at, code);
  writeUint16(into, at + 2, 4);
  writeUint32(into, at + 4, value);
  return at + 8;
}

function writeOption(into: Uint8Array, at: number, code: number, view: RowView, field: number): number {
  const length = view.lengths[field]!;
  writeUint16(into, at, code);
  writeUint16(into, at + 2, length);
  writeOctets(into, at + 4, view.bytes, view.starts[field]!, length);
  return at + 4 + length;
}

/** Those of the options stored with the binding that are asked for, in their order; what does not fit its length is left out. */
function writeStored(into: Uint8Array, start: number, codes: readonly number[], view: RowView): number {
  const { bytes, starts, lengths } = view;
  let at = start;
  let from = starts[Field.options]!;
  const end = from + lengths[Field.options]!;
  while (from + 4 <= end) {
    const code = (bytes[from]! << 8) | bytes[from + 1]!;
    const length = 4 + ((bytes[from + 2]! << 8) | bytes[from + 3]!);
    if (from + length > end) break;
    if (codes.includes(code)) {
      writeOctets(into, at, bytes, from, length);
      at += length;
    }
    from += length;
  }
  return at;
}
