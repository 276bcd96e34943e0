import { circuitIdLength, duidLength, putCircuitId, putDuid, putRemoteId, remoteIdLength } from "./clients.ts";
import type { Scenario, Verdict } from "./exchanges.ts";
import {
  closeOption,
  findOption,
  lengthOf,
  openOption,
  option6,
  putHeader,
  relayHeaderLength,
  type6,
} from "./message6.ts";
import { get16, get32, put16, put32, same } from "./octets.ts";

/** Solicit, Advertise, Request, Reply through a relay (RFC 9915 §18.2.1, §19), for an address and a delegated prefix. */
export interface SarrOptions {
  readonly linkAddress: Uint8Array;
  readonly address: boolean;
  readonly prefix: boolean;
  readonly count: number;
  readonly seed: number;
}

const enterprise = 2636;
const serverIdMax = 130;

export class Sarr implements Scenario {
  readonly steps = ["solicit", "request"] as const;
  readonly #options: SarrOptions;
  /** Address (16 octets) and prefix (17 octets) of each client, as they were advertised, then given. */
  readonly leases: Uint8Array;
  #serverId = new Uint8Array(0);
  readonly #given = new Set<string>();
  readonly #expected = new Uint8Array(32);
  /** Where the inner message is that `clientOf` looked at last. */
  #innerAt = 0;
  #innerEnd = 0;

  constructor(options: SarrOptions) {
    this.#options = options;
    this.leases = new Uint8Array(options.count * leaseOctets);
  }

  write(client: number, step: number, into: Uint8Array): number {
    const { linkAddress, seed } = this.#options;
    into[0] = type6.relayForward;
    into[1] = 0;
    into.set(linkAddress, 2);
    this.#peerAddress(into, 18, client);
    let at = relayHeaderLength;
    let from = openOption(into, at, option6.interfaceId);
    putCircuitId(into, from, client);
    at = closeOption(into, from, from + circuitIdLength);
    from = openOption(into, at, option6.remoteId);
    put32(into, from, enterprise);
    putRemoteId(into, from + 4, client);
    at = closeOption(into, from, from + 4 + remoteIdLength);
    const message = openOption(into, at, option6.relayMessage);
    at = putHeader(into, message, step === 0 ? type6.solicit : type6.request, client);
    from = openOption(into, at, option6.clientId);
    putDuid(into, from, seed, client);
    at = closeOption(into, from, from + duidLength);
    if (step === 1) {
      from = openOption(into, at, option6.serverId);
      into.set(this.#serverId, from);
      at = closeOption(into, from, from + this.#serverId.length);
    }
    from = openOption(into, at, option6.elapsedTime);
    put16(into, from, 0);
    at = closeOption(into, from, from + 2);
    from = openOption(into, at, option6.optionRequest);
    put16(into, from, 23);
    at = closeOption(into, from, from + 2);
    const lease = client * leaseOctets;
    if (this.#options.address) {
      const association = openOption(into, at, option6.iaNa);
      at = this.#association(into, association);
      if (step === 1) {
        from = openOption(into, at, option6.iaAddress);
        into.set(this.leases.subarray(lease, lease + 16), from);
        into.fill(0, from + 16, from + 24);
        at = closeOption(into, from, from + 24);
      }
      closeOption(into, association, at);
    }
    if (this.#options.prefix) {
      const association = openOption(into, at, option6.iaPd);
      at = this.#association(into, association);
      if (step === 1) {
        from = openOption(into, at, option6.iaPrefix);
        into.fill(0, from, from + 8);
        into.set(this.leases.subarray(lease + 16, lease + 33), from + 8);
        at = closeOption(into, from, from + 25);
      }
      closeOption(into, association, at);
    }
    return closeOption(into, message, at);
  }

  clientOf(bytes: Uint8Array, offset: number, length: number): number {
    if (length < relayHeaderLength || bytes[offset] !== type6.relayReply) return -1;
    const inner = findOption(bytes, offset + relayHeaderLength, offset + length, option6.relayMessage);
    if (inner < 0) return -1;
    this.#innerAt = inner;
    this.#innerEnd = inner + lengthOf(bytes, inner);
    if (this.#innerEnd < inner + 4) return -1;
    const client = get32(bytes, inner) & 0xff_ffff;
    return client < this.#options.count ? client : -1;
  }

  judge(client: number, step: number, bytes: Uint8Array, offset: number): Verdict {
    const { seed, linkAddress } = this.#options;
    if (!same(bytes, offset + 2, linkAddress, 0, 16)) return { refused: "answer with another link-address" };
    this.#peerAddress(this.#expected, 0, client);
    if (!same(bytes, offset + 18, this.#expected, 0, 16)) return { refused: "answer to another peer" };
    const options = this.#innerAt + 4;
    const end = this.#innerEnd;
    if (bytes[this.#innerAt] !== (step === 0 ? type6.advertise : type6.reply)) return "ignored";
    const duid = findOption(bytes, options, end, option6.clientId);
    putDuid(this.#expected, 0, seed, client);
    if (duid < 0 || lengthOf(bytes, duid) !== duidLength || !same(bytes, duid, this.#expected, 0, duidLength))
      return { refused: "answer to another client" };
    const interfaceId = findOption(bytes, offset + relayHeaderLength, this.#innerAt - 4, option6.interfaceId);
    const interfaceIdAfter = findOption(bytes, end, end + 4 + circuitIdLength, option6.interfaceId);
    putCircuitId(this.#expected, 0, client);
    const echoed = interfaceId >= 0 ? interfaceId : interfaceIdAfter;
    if (echoed < 0 || !same(bytes, echoed, this.#expected, 0, circuitIdLength))
      return { refused: "interface-id not returned as it was" };
    const server = findOption(bytes, options, end, option6.serverId);
    if (server < 0 || lengthOf(bytes, server) > serverIdMax) return { refused: "no server identifier" };
    if (this.#serverId.length === 0) this.#serverId = bytes.slice(server, server + lengthOf(bytes, server));
    const status = findOption(bytes, options, end, option6.statusCode);
    if (status >= 0 && get16(bytes, status) !== 0) return { refused: `status ${get16(bytes, status)}` };
    const lease = client * leaseOctets;
    if (this.#options.address) {
      const at = this.#leased(bytes, options, end, option6.iaNa, option6.iaAddress);
      if (at < 0) return { refused: `no address${-at > 1 ? ` (status ${-at})` : ""}` };
      const verdict = this.#keep(step, bytes, at, lease, 16, "address");
      if (verdict !== "accepted") return verdict;
    }
    if (this.#options.prefix) {
      const at = this.#leased(bytes, options, end, option6.iaPd, option6.iaPrefix);
      if (at < 0) return { refused: `no prefix${-at > 1 ? ` (status ${-at})` : ""}` };
      const verdict = this.#keep(step, bytes, at + 8, lease + 16, 17, "prefix");
      if (verdict !== "accepted") return verdict;
    }
    return "accepted";
  }

  /** Addresses in the order of the clients, 16 octets each. */
  addressOctets(): Uint8Array {
    const octets = new Uint8Array(this.#options.count * 16);
    for (let client = 0; client < this.#options.count; client += 1)
      octets.set(this.leases.subarray(client * leaseOctets, client * leaseOctets + 16), client * 16);
    return octets;
  }

  /** Where the address or prefix of an association begins; negative: there is none, the status in its value, or -1. */
  #leased(bytes: Uint8Array, from: number, to: number, association: number, lease: number): number {
    const at = findOption(bytes, from, to, association);
    if (at < 0) return -1;
    const end = at + lengthOf(bytes, at);
    const leased = findOption(bytes, at + 12, end, lease);
    if (leased >= 0) return leased;
    const status = findOption(bytes, at + 12, end, option6.statusCode);
    return status < 0 ? -1 : -get16(bytes, status);
  }

  #keep(step: number, bytes: Uint8Array, from: number, to: number, length: number, what: string): Verdict {
    if (step === 0) {
      this.leases.set(bytes.subarray(from, from + length), to);
      return "accepted";
    }
    if (!same(bytes, from, this.leases, to, length)) return { refused: `another ${what} than was advertised` };
    const key = Buffer.from(bytes.subarray(from, from + length)).toString("latin1");
    if (this.#given.has(key)) return { refused: `${what} given to two clients` };
    this.#given.add(key);
    return "accepted";
  }

  /** IAID 1, no times; where its options begin. */
  #association(into: Uint8Array, at: number): number {
    put32(into, at, 1);
    put32(into, at + 4, 0);
    put32(into, at + 8, 0);
    return at + 12;
  }

  /** fe80:: and the number of the client. */
  #peerAddress(into: Uint8Array, at: number, client: number): void {
    into.fill(0, at, at + 16);
    put16(into, at, 0xfe80);
    put32(into, at + 12, client + 1);
  }
}

const leaseOctets = 33;
