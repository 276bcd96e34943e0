import { type BindingTable, Field, RowView } from "@leasewire/bindings";
import { type Ipv4Prefix, ipv4PrefixContains } from "@leasewire/net";
import { MessageType4, Op4, OptionCode4 } from "@leasewire/wire";
import { isTold } from "./answer.ts";
import { KeyOctets } from "./key-octets.ts";
import { isLeased, originsTold } from "./lease.ts";
import { sameOctets, uint32Of, writeUint32 } from "./octets.ts";
import type { ResponderScopes4 } from "./scopes.ts";
import { ReplyPlan4, writeLease4 } from "./write4.ts";

const magicCookie = 0x6382_5363;
const cookieAt = 236;
const optionsAt = 240;
const hardwareLengthMax = 16;
/** As many as a request list of any use has; longer ones take the long way. */
const listLengthMax = 64;
const clientIdLengthMin = 2;

/**
 * Answers the usual DHCPLEASEQUERY from the octets where it arrived into the octets it leaves from, without making anything
 * for it: by address or client identifier, about a lease that is the only one of its client. Everything else, what is
 * malformed, restricted or not found included, is for `respond4`; where this answers, it answers as `respond4` does.
 */
export class QuickAnswers4 {
  readonly #table: BindingTable;
  readonly #view: RowView;
  readonly #address = new Uint8Array(4);
  readonly #clientId = new KeyOctets();
  readonly #plans: { own: ResponderScopes4; list: Uint8Array; plan: ReplyPlan4 }[] = [];
  readonly #alone: number[] = [0];
  readonly #partsAlone = { withServerIdentifier: true, associatedIps: this.#alone };
  readonly #parts = { withServerIdentifier: true };
  // What `reads` found in the message.
  #xid = 0;
  #giaddr = 0;
  #ciaddr = 0;
  #clientIdAt = 0;
  #clientIdLength = 0;
  #listAt = 0;
  #listLength = 0;

  constructor(table: BindingTable) {
    this.#table = table;
    this.#view = new RowView(table);
  }

  /** Whether the message is a query that may be answered here. To be asked before `answer`. */
  reads(bytes: Uint8Array, at: number, length: number): boolean {
    if (length < optionsAt || bytes[at] !== Op4.BOOTREQUEST || uint32Of(bytes, at + cookieAt) !== magicCookie)
      return false;
    const hlen = bytes[at + 2]!;
    if (hlen > hardwareLengthMax) return false;
    this.#clientIdLength = 0;
    this.#listLength = 0;
    let isQuery = false;
    const end = at + length;
    let option = at + optionsAt;
    while (option < end) {
      const code = bytes[option]!;
      if (code === OptionCode4.pad) {
        option += 1;
        continue;
      }
      if (code === OptionCode4.end) break;
      if (option + 1 >= end) return false;
      const octets = bytes[option + 1]!;
      const value = option + 2;
      option = value + octets;
      if (option > end) return false;
      switch (code) {
        case OptionCode4.messageType:
          if (isQuery || octets !== 1 || bytes[value] !== MessageType4.DHCPLEASEQUERY) return false;
          isQuery = true;
          break;
        case OptionCode4.clientIdentifier:
          if (this.#clientIdLength > 0 || octets < clientIdLengthMin) return false;
          this.#clientIdAt = value;
          this.#clientIdLength = octets;
          break;
        case OptionCode4.parameterRequestList:
          if (this.#listLength > 0 || octets === 0 || octets > listLengthMax) return false;
          this.#listAt = value;
          this.#listLength = octets;
          break;
        default:
          // Option overload, VPNs, keys in option 82, and whatever else there may be.
          return false;
      }
    }
    if (!isQuery) return false;
    this.#giaddr = uint32Of(bytes, at + 24);
    this.#ciaddr = uint32Of(bytes, at + 12);
    if (this.#giaddr === 0 || (this.#ciaddr !== 0) === this.#clientIdLength > 0) return false;
    // A hardware address would be a key too; what contradicts itself is not looked at here.
    if (hlen !== 0 || bytes[at + 1] !== 0) return false;
    this.#xid = uint32Of(bytes, at + 4);
    return true;
  }

  /** giaddr of the message read. */
  get giaddr(): number {
    return this.#giaddr;
  }

  /**
   * Writes the answer to the message read into `into`, from `start` on and not beyond `end`. Gives where it ends; 0: it is
   * for `respond4`.
   */
  answer(own: ResponderScopes4, bytes: Uint8Array, into: Uint8Array, start: number, end: number, now: number): number {
    if (own.restrictedRequestor === true) return 0;
    if (own.requestors !== undefined && !isInside(own.requestors, this.#giaddr)) return 0;
    const table = this.#table;
    const view = this.#view;
    const row = this.#find(own, bytes);
    if (row <= 0 || !view.read(row)) return 0;
    const nowSeconds = Math.floor(now / 1000);
    if (!isTold(view, table.instanceIdOf(own.instance), originsTold(own.origins)) || !isLeased(view, nowSeconds))
      return 0;
    if (!view.isOnlyOfClient || view.lengths[Field.clientId]! < 0) return 0;
    const plan = this.#planOf(own, bytes);
    if (plan.fixedBytesMax + (view.recordLength << 1) > end - start) return 0;
    this.#alone[0] = view.addressWord;
    const parts = plan.associatedIpsRequested ? this.#partsAlone : this.#parts;
    const after = writeLease4(plan, parts, view, into, start, nowSeconds);
    writeUint32(into, start + 4, this.#xid);
    writeUint32(into, start + 24, this.#giaddr);
    return after;
  }

  #find(own: ResponderScopes4, bytes: Uint8Array): number {
    const table = this.#table;
    if (this.#ciaddr === 0) {
      const key = this.#clientId.copy(bytes, this.#clientIdAt, this.#clientIdLength);
      return table.firstOfClient(own.instance, key);
    }
    if (!isInside(own.managed, this.#ciaddr)) return 0;
    writeUint32(this.#address, 0, this.#ciaddr);
    return table.byAddress(own.instance, this.#address);
  }

  /** The plan for the request list of the message read; requestors send the same one again and again. */
  #planOf(own: ResponderScopes4, bytes: Uint8Array): ReplyPlan4 {
    const plans = this.#plans;
    const length = this.#listLength;
    for (let i = 0; i < plans.length; i += 1) {
      const known = plans[i]!;
      if (known.own !== own || known.list.length !== length || !sameOctets(known.list, 0, bytes, this.#listAt, length))
        continue;
      if (i > 0) plans.unshift(...plans.splice(i, 1));
      return known.plan;
    }
    const list = bytes.slice(this.#listAt, this.#listAt + length);
    const plan = new ReplyPlan4({
      framed: false,
      xid: 0,
      giaddr: 0,
      serverIdentifier: own.serverIdentifier,
      parameterRequestList: [...list],
      sensitiveOptions: own.sensitiveOptions,
    });
    plans.unshift({ own, list, plan });
    if (plans.length > PLANS_MAX) plans.pop();
    return plan;
  }
}

const PLANS_MAX = 16;

function isInside(prefixes: readonly { address: number; length: number }[], address: number): boolean {
  for (let i = 0; i < prefixes.length; i += 1) {
    if (ipv4PrefixContains(prefixes[i] as Ipv4Prefix, address as Ipv4Prefix["address"])) return true;
  }
  return false;
}
