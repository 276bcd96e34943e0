import { duidLength, putDuid } from "./clients.ts";
import type { Scenario, Verdict } from "./exchanges.ts";
import { closeOption, findOption, lengthOf, openOption, option6, putHeader, type6 } from "./message6.ts";
import { get16, get32, put16, same } from "./octets.ts";

/** LEASEQUERY for one client's bindings (RFC 5007), for bindings that exist. */
export interface Leasequery6Options {
  readonly by: "address" | "duid";
  readonly count: number;
  readonly seed: number;
  /** Query N asks for client N modulo `span`. */
  readonly span: number;
  /** By address: those of the clients, 16 octets each. */
  readonly addresses: Uint8Array;
}

const queryBy = { address: 1, clientId: 2 } as const;
/** DUID of the requestor itself, DUID-LL. */
const requestor = Uint8Array.of(0, 3, 0, 1, 2, 0xff, 0, 0, 0, 1);

export class Leasequery6 implements Scenario {
  readonly steps = ["query"] as const;
  readonly #options: Leasequery6Options;
  readonly #expected = new Uint8Array(16);

  constructor(options: Leasequery6Options) {
    this.#options = options;
  }

  write(query: number, _step: number, into: Uint8Array): number {
    const { by, seed, span } = this.#options;
    let at = putHeader(into, 0, type6.leasequery, query);
    let from = openOption(into, at, option6.clientId);
    into.set(requestor, from);
    at = closeOption(into, from, from + requestor.length);
    const asked = openOption(into, at, option6.query);
    into[asked] = by === "address" ? queryBy.address : queryBy.clientId;
    into.fill(0, asked + 1, asked + 17);
    at = asked + 17;
    if (by === "address") {
      from = openOption(into, at, option6.iaAddress);
      this.#address(into, from, query % span);
      into.fill(0, from + 16, from + 24);
      at = closeOption(into, from, from + 24);
    } else {
      from = openOption(into, at, option6.clientId);
      putDuid(into, from, seed, query % span);
      at = closeOption(into, from, from + duidLength);
    }
    from = openOption(into, at, option6.optionRequest);
    put16(into, from, 47);
    at = closeOption(into, from, from + 2);
    return closeOption(into, asked, at);
  }

  clientOf(bytes: Uint8Array, offset: number, length: number): number {
    if (length < 4 || bytes[offset] !== type6.leasequeryReply) return -1;
    const query = get32(bytes, offset) & 0xff_ffff;
    return query < this.#options.count ? query : -1;
  }

  judge(query: number, _step: number, bytes: Uint8Array, offset: number, length: number): Verdict {
    const { by, seed, span } = this.#options;
    const end = offset + length;
    const status = findOption(bytes, offset + 4, end, option6.statusCode);
    if (status >= 0 && get16(bytes, status) !== 0) return { refused: `status ${get16(bytes, status)}` };
    const data = findOption(bytes, offset + 4, end, option6.clientData);
    if (data < 0) return { refused: "no binding" };
    const dataEnd = data + lengthOf(bytes, data);
    if (by === "address") {
      const address = findOption(bytes, data, dataEnd, option6.iaAddress);
      this.#address(this.#expected, 0, query % span);
      return address >= 0 && same(bytes, address, this.#expected, 0, 16)
        ? "accepted"
        : { refused: "answer about another address" };
    }
    const duid = findOption(bytes, data, dataEnd, option6.clientId);
    putDuid(this.#expected, 0, seed, query % span);
    return duid >= 0 && same(bytes, duid, this.#expected, 0, duidLength)
      ? "accepted"
      : { refused: "answer about another client" };
  }

  #address(into: Uint8Array, at: number, subject: number): void {
    into.set(this.#options.addresses.subarray(subject * 16, subject * 16 + 16), at);
  }
}
