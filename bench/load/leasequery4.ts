import { clientIdLength, hardwareLength, putClientId, putHardware } from "./clients.ts";
import type { Scenario, Verdict } from "./exchanges.ts";
import { get32, put32, same } from "./octets.ts";

/** DHCPLEASEQUERY for one lease (RFC 4388), for leases that exist. */
export interface Leasequery4Options {
  /** The requestor's address: the load client's own. */
  readonly giaddr: number;
  readonly by: "address" | "client-id" | "hardware-address";
  readonly count: number;
  readonly seed: number;
  /** Query N asks for client N modulo `span`. */
  readonly span: number;
  /** By address: those of the clients. */
  readonly addresses: Uint32Array;
}

const bootReply = 2;
const cookie = 0x6382_5363;
const code = { messageType: 53, parameterList: 55, clientId: 61, end: 255 } as const;
const type = { leasequery: 10, leaseunassigned: 11, leaseunknown: 12, leaseactive: 13 } as const;
const optionsAt = 240;
const bootpMin = 300;

export class Leasequery4 implements Scenario {
  readonly steps = ["query"] as const;
  readonly #options: Leasequery4Options;
  readonly #expected = new Uint8Array(16);

  constructor(options: Leasequery4Options) {
    this.#options = options;
  }

  write(query: number, _step: number, into: Uint8Array): number {
    const { giaddr, by, seed, addresses, span } = this.#options;
    into.fill(0, 0, bootpMin);
    into[0] = 1;
    put32(into, 4, this.#xid(query));
    put32(into, 24, giaddr);
    put32(into, 236, cookie);
    const subject = query % span;
    let at = optionsAt;
    into.set([code.messageType, 1, type.leasequery], at);
    at += 3;
    if (by === "address") put32(into, 12, addresses[subject]!);
    else if (by === "hardware-address") {
      into[1] = 1;
      into[2] = hardwareLength;
      putHardware(into, 28, seed, subject);
    } else {
      into[at] = code.clientId;
      into[at + 1] = clientIdLength;
      putClientId(into, at + 2, seed, subject);
      at += 2 + clientIdLength;
    }
    // Lease time, renewal, rebinding, option 82, client-last-transaction-time, associated-ip.
    into.set([code.parameterList, 6, 51, 58, 59, 82, 91, 92, code.end], at);
    return Math.max(at + 9, bootpMin);
  }

  clientOf(bytes: Uint8Array, offset: number, length: number): number {
    if (length < optionsAt || bytes[offset] !== bootReply) return -1;
    const query = (get32(bytes, offset + 4) ^ (this.#options.seed << 24)) >>> 0;
    return query < this.#options.count ? query : -1;
  }

  judge(query: number, _step: number, bytes: Uint8Array, offset: number, length: number): Verdict {
    const { by, seed, addresses, span } = this.#options;
    let messageType = 0;
    const end = offset + length;
    for (let at = offset + optionsAt; at < end && bytes[at] !== code.end; at += 2 + bytes[at + 1]!) {
      if (bytes[at] === code.messageType) messageType = bytes[at + 2]!;
    }
    if (messageType === type.leaseunassigned) return { refused: "LEASEUNASSIGNED" };
    if (messageType === type.leaseunknown) return { refused: "LEASEUNKNOWN" };
    if (messageType !== type.leaseactive) return "ignored";
    const subject = query % span;
    if (by === "address") {
      if (get32(bytes, offset + 12) !== addresses[subject]!) return { refused: "answer about another address" };
      return "accepted";
    }
    putHardware(this.#expected, 0, seed, subject);
    return same(bytes, offset + 28, this.#expected, 0, hardwareLength)
      ? "accepted"
      : { refused: "answer about another client" };
  }

  #xid(query: number): number {
    return (query ^ (this.#options.seed << 24)) >>> 0;
  }
}
