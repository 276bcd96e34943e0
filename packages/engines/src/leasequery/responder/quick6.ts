import { type BindingTable, Field, RowView } from "@leasewire/bindings";
import { duidLengthMax, duidLengthMin } from "@leasewire/net";
import { MessageType6, OptionCode6, QueryType6 } from "@leasewire/wire";
import { gatherClient, isHeld } from "./clients6.ts";
import { KeyOctets } from "./key-octets.ts";
import { originsTold } from "./lease.ts";
import { type LinkFinder, LinksOfRows, linkFinder } from "./links6.ts";
import { sameOctets, uint16Of } from "./octets.ts";
import type { ResponderScopes6 } from "./scopes.ts";
import { ClientLeases, LeaseWriter6, ReplyPlan6 } from "./write6.ts";

const headerLength = 4;
/** Query type and link-address, in front of the options of a query. */
const queryHeaderLength = 17;
/** Address and two lifetimes. */
const iaAddressLength = 24;
const listLengthMax = 128;

/**
 * Answers the usual LEASEQUERY (RFC 5007) from the octets where it arrived into the octets it leaves from, without making
 * anything for it: not relayed, by address or DUID, about a client that is bound on one link. Everything else, what is
 * malformed, restricted or not found included, is for `respond6`; where this answers, it answers as `respond6` does.
 */
export class QuickAnswers6 {
  readonly #table: BindingTable;
  readonly #view: RowView;
  readonly #writer: LeaseWriter6;
  readonly #leases = new ClientLeases();
  readonly #address = new Uint8Array(16);
  readonly #duid = new KeyOctets();
  /** By requestor and option request, in the slot of their hash: what does not fit displaces what was there. */
  readonly #plans: (Planned | undefined)[] = new Array(PLAN_SLOTS).fill(undefined);
  /** The scopes of late, and what belongs to them. */
  #own: ResponderScopes6 | undefined;
  #finder!: LinkFinder;
  #links!: LinksOfRows;
  /** Sequence of the table up to which `#links` holds. */
  #linksAt = 0;
  // What `reads` found in the message.
  #transactionId = 0;
  #requestorAt = 0;
  #requestorLength = 0;
  #queryType = 0;
  #linkAddressAt = 0;
  #keyAt = 0;
  #keyLength = 0;
  #listAt = 0;
  #listLength = 0;

  constructor(table: BindingTable) {
    this.#table = table;
    this.#view = new RowView(table);
    this.#writer = new LeaseWriter6(table);
  }

  /** Whether the message is a query that may be answered here. To be asked before `answer`. */
  reads(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < headerLength || bytes[at] !== MessageType6.LEASEQUERY) return false;
    this.#requestorLength = 0;
    this.#queryType = 0;
    const end = at + length;
    let option = at + headerLength;
    while (option < end) {
      if (option + 4 > end) return false;
      const value = option + 4;
      const octets = uint16Of(bytes, option + 2);
      const code = uint16Of(bytes, option);
      option = value + octets;
      if (option > end) return false;
      if (code === OptionCode6.CLIENTID) {
        if (this.#requestorLength > 0 || octets < duidLengthMin || octets > duidLengthMax) return false;
        this.#requestorAt = value;
        this.#requestorLength = octets;
      } else if (code === OptionCode6.LQ_QUERY) {
        if (this.#queryType !== 0 || !this.#readsQuery(bytes, value, octets)) return false;
      } else {
        // Another server's identifier, VPNs, and whatever else there may be.
        return false;
      }
    }
    if (this.#requestorLength === 0 || this.#queryType === 0) return false;
    this.#transactionId = (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    return true;
  }

  #readsQuery(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < queryHeaderLength) return false;
    const type = bytes[at]!;
    if (type !== QueryType6.QUERY_BY_ADDRESS && type !== QueryType6.QUERY_BY_CLIENTID) return false;
    this.#queryType = type;
    this.#linkAddressAt = at + 1;
    this.#keyLength = 0;
    this.#listLength = 0;
    const end = at + length;
    let option = at + queryHeaderLength;
    while (option < end) {
      if (option + 4 > end) return false;
      const value = option + 4;
      const octets = uint16Of(bytes, option + 2);
      const code = uint16Of(bytes, option);
      option = value + octets;
      if (option > end) return false;
      if (code === OptionCode6.ORO) {
        if (this.#listLength > 0 || octets === 0 || octets > listLengthMax || octets % 2 !== 0) return false;
        this.#listAt = value;
        this.#listLength = octets;
        continue;
      }
      if (this.#keyLength > 0) return false;
      if (type === QueryType6.QUERY_BY_ADDRESS) {
        if (code !== OptionCode6.IAADDR || octets !== iaAddressLength) return false;
      } else if (code !== OptionCode6.CLIENTID || octets < duidLengthMin || octets > duidLengthMax) return false;
      this.#keyAt = value;
      this.#keyLength = octets;
    }
    return this.#keyLength > 0;
  }

  /**
   * Writes the answer to the message read into `into`, from `start` on and not beyond `end`. Gives where it ends; 0: it is
   * for `respond6`.
   */
  answer(own: ResponderScopes6, bytes: Uint8Array, into: Uint8Array, start: number, end: number, now: number): number {
    if (own.restrictedRequestor === true || own.requestors !== undefined) return 0;
    const table = this.#table;
    this.#prepare(own);
    const links = this.#links;
    let link = -1;
    const isByAddress = this.#queryType === QueryType6.QUERY_BY_ADDRESS;
    if (!isUnspecified(bytes, this.#linkAddressAt)) link = this.#finder.findAt(bytes, this.#linkAddressAt);
    else if (isByAddress) link = this.#finder.findAt(bytes, this.#keyAt);
    else link = ANY_LINK;
    if (link === -1) return 0;
    const nowSeconds = Math.floor(now / 1000);
    const instanceId = table.instanceIdOf(own.instance);
    const origins = originsTold(own.origins);
    let found = 0;
    if (isByAddress) {
      const address = this.#address;
      for (let i = 0; i < 16; i += 1) address[i] = bytes[this.#keyAt + i]!;
      const row = table.byAddress(own.instance, address);
      if (row <= 0 || table.fieldLengthOf(row, Field.clientId) < 0) return 0;
      if (this.#linkOfHeld(row, instanceId, origins, nowSeconds) !== link) return 0;
      found = row;
    } else {
      // A client with many leases, or with leases on several links, takes the long way.
      let rows = 0;
      const key = this.#duid.copy(bytes, this.#keyAt, this.#keyLength);
      let foundOn = -1;
      for (let row = table.firstOfClient(own.instance, key); row !== 0; row = table.nextOfClient(row)) {
        rows += 1;
        if (rows > CLIENT_ROWS_QUICK_MAX) return 0;
        const on = this.#linkOfHeld(row, instanceId, origins, nowSeconds);
        if (on < 0 || (link !== ANY_LINK && on !== link)) continue;
        if (foundOn >= 0 && on !== foundOn) return 0;
        foundOn = on;
        found = row;
      }
      if (found === 0) return 0;
    }
    const leases = this.#leases;
    gatherClient(table, this.#view, links, found, instanceId, origins, true, nowSeconds, leases);
    const plan = this.#planOf(own, bytes);
    const after = this.#writer.write(plan, "reply", leases, into, start, end, nowSeconds);
    if (after < 0) return 0;
    const id = this.#transactionId;
    into[start + 1] = id >>> 16;
    into[start + 2] = id >>> 8;
    into[start + 3] = id;
    return after;
  }

  /** Link of a lease that may be told of, below 0: none. */
  #linkOfHeld(row: number, instanceId: number, origins: number, nowSeconds: number): number {
    const view = this.#view;
    return view.readNumbers(row) && isHeld(view, instanceId, origins, nowSeconds) ? this.#links.linkOf(row) : -1;
  }

  #prepare(own: ResponderScopes6): void {
    const table = this.#table;
    if (this.#own !== own) {
      this.#own = own;
      this.#finder = linkFinder(own);
      this.#links = new LinksOfRows(table, this.#finder);
    } else if (this.#linksAt !== table.sequence) this.#links.forget();
    this.#linksAt = table.sequence;
  }

  /** The plan for requestor and option request of the message read; requestors send the same again and again. */
  #planOf(own: ResponderScopes6, bytes: Uint8Array): ReplyPlan6 {
    const length = this.#requestorLength;
    const listLength = this.#listLength;
    const slot = mixed(mixed(0, bytes, this.#requestorAt, length), bytes, this.#listAt, listLength) % PLAN_SLOTS;
    const known = this.#plans[slot];
    if (
      known !== undefined &&
      known.own === own &&
      known.requestor.length === length &&
      known.list.length === listLength &&
      sameOctets(known.requestor, 0, bytes, this.#requestorAt, length) &&
      sameOctets(known.list, 0, bytes, this.#listAt, listLength)
    )
      return known.plan;
    const requestor = bytes.slice(this.#requestorAt, this.#requestorAt + length);
    const list = bytes.slice(this.#listAt, this.#listAt + listLength);
    const requestedOptions: number[] = [];
    for (let at = 0; at < listLength; at += 2) requestedOptions.push(uint16Of(list, at));
    const plan = new ReplyPlan6({
      framed: false,
      transactionId: 0,
      serverDuid: own.serverDuid,
      clientDuid: requestor,
      baseTime: false,
      requestedOptions,
      sensitiveOptions: own.sensitiveOptions,
    });
    this.#plans[slot] = { own, requestor, list, plan };
    return plan;
  }
}

/** The query names no link: where the client is, is found out. */
const ANY_LINK = -2;
const PLAN_SLOTS = 512;
const CLIENT_ROWS_QUICK_MAX = 16;

interface Planned {
  readonly own: ResponderScopes6;
  readonly requestor: Uint8Array;
  readonly list: Uint8Array;
  readonly plan: ReplyPlan6;
}

/** A number of 32 bits out of another and some octets. */
function mixed(from: number, bytes: Uint8Array, at: number, length: number): number {
  let hash = from ^ length;
  for (let i = 0; i < length; i += 1) hash = Math.imul(hash ^ bytes[at + i]!, 0x0100_0193);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function isUnspecified(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 16; i += 1) if (bytes[at + i] !== 0) return false;
  return true;
}
