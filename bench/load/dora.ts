import {
  circuitIdLength,
  clientIdLength,
  hardwareLength,
  putCircuitId,
  putClientId,
  putHardware,
  putRemoteId,
  remoteIdLength,
} from "./clients.ts";
import type { Scenario, Verdict } from "./exchanges.ts";
import { get32, put32, same } from "./octets.ts";

/** DISCOVER, OFFER, REQUEST, ACK through a relay (RFC 2131 §3.1), with option 82 (RFC 3046). */
export interface DoraOptions {
  /** The relay's address: the load client's own. */
  readonly giaddr: number;
  readonly count: number;
  readonly seed: number;
}

const bootReply = 2;
const cookie = 0x6382_5363;
const code = {
  requestedAddress: 50,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  clientId: 61,
  relay: 82,
  end: 255,
} as const;
const type = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6 } as const;
const optionsAt = 240;
const bootpMin = 300;

export class Dora implements Scenario {
  readonly steps = ["discover", "request"] as const;
  readonly #options: DoraOptions;
  /** What each client was offered, then given. */
  readonly addresses: Uint32Array;
  readonly #servers: Uint32Array;
  /** Addresses given in this run: two clients with one address is the worst a server can do. */
  readonly #given = new Set<number>();
  readonly #expected = new Uint8Array(64);

  constructor(options: DoraOptions) {
    this.#options = options;
    this.addresses = new Uint32Array(options.count);
    this.#servers = new Uint32Array(options.count);
  }

  write(client: number, step: number, into: Uint8Array): number {
    const { giaddr, seed } = this.#options;
    into.fill(0, 0, bootpMin);
    into[0] = 1;
    into[1] = 1;
    into[2] = hardwareLength;
    into[3] = 1;
    put32(into, 4, this.#xid(client));
    put32(into, 24, giaddr);
    putHardware(into, 28, seed, client);
    put32(into, 236, cookie);
    let at = optionsAt;
    at = this.#option(into, at, code.messageType, step === 0 ? type.discover : type.request);
    into[at] = code.clientId;
    into[at + 1] = clientIdLength;
    putClientId(into, at + 2, seed, client);
    at += 2 + clientIdLength;
    if (step === 1) {
      at = this.#option32(into, at, code.requestedAddress, this.addresses[client]!);
      at = this.#option32(into, at, code.serverIdentifier, this.#servers[client]!);
    }
    into.set([code.parameterList, 6, 1, 3, 6, 15, 51, 58], at);
    at += 8;
    at = putRelayOption(into, at, client);
    into[at] = code.end;
    return Math.max(at + 1, bootpMin);
  }

  clientOf(bytes: Uint8Array, offset: number, length: number): number {
    if (length < optionsAt || bytes[offset] !== bootReply) return -1;
    const xid = get32(bytes, offset + 4);
    const client = (xid ^ (this.#options.seed << 24)) >>> 0;
    return client < this.#options.count ? client : -1;
  }

  judge(client: number, step: number, bytes: Uint8Array, offset: number, length: number): Verdict {
    putHardware(this.#expected, 0, this.#options.seed, client);
    if (!same(bytes, offset + 28, this.#expected, 0, hardwareLength)) return { refused: "answer to another client" };
    if (get32(bytes, offset + 24) !== this.#options.giaddr) return { refused: "answer with another giaddr" };
    if (get32(bytes, offset + 236) !== cookie) return { refused: "no options" };
    let messageType = 0;
    let server = 0;
    let relayEchoed = false;
    const end = offset + length;
    for (let at = offset + optionsAt; at < end && bytes[at] !== code.end; ) {
      if (bytes[at] === 0) {
        at += 1;
        continue;
      }
      const size = bytes[at + 1]!;
      if (at + 2 + size > end) return { refused: "option beyond the end" };
      if (bytes[at] === code.messageType) messageType = bytes[at + 2]!;
      else if (bytes[at] === code.serverIdentifier) server = get32(bytes, at + 2);
      else if (bytes[at] === code.relay) {
        const expected = putRelayOption(this.#expected, 0, client);
        relayEchoed = size + 2 === expected && same(bytes, at, this.#expected, 0, expected);
      }
      at += 2 + size;
    }
    if (messageType === type.nak && step === 1) return { refused: "NAK" };
    const wanted = step === 0 ? type.offer : type.ack;
    if (messageType !== wanted) return "ignored";
    if (!relayEchoed) return { refused: "option 82 not returned as it was" };
    if (server === 0) return { refused: "no server identifier" };
    const address = get32(bytes, offset + 16);
    if (address === 0) return { refused: "no address" };
    if (step === 0) {
      this.addresses[client] = address;
      this.#servers[client] = server;
      return "accepted";
    }
    if (address !== this.addresses[client]) return { refused: "ACK of another address than was offered" };
    if (this.#given.has(address)) return { refused: "address given to two clients" };
    this.#given.add(address);
    return "accepted";
  }

  /** Addresses in the order of the clients, 4 octets each. */
  addressOctets(): Uint8Array {
    const octets = new Uint8Array(this.addresses.length * 4);
    for (const [client, address] of this.addresses.entries()) put32(octets, client * 4, address);
    return octets;
  }

  #xid(client: number): number {
    return (client ^ (this.#options.seed << 24)) >>> 0;
  }

  #option(into: Uint8Array, at: number, option: number, value: number): number {
    into[at] = option;
    into[at + 1] = 1;
    into[at + 2] = value;
    return at + 3;
  }

  #option32(into: Uint8Array, at: number, option: number, value: number): number {
    into[at] = option;
    into[at + 1] = 4;
    put32(into, at + 2, value);
    return at + 6;
  }
}

/** Option 82 with circuit-id and remote-id; where the next option begins. */
function putRelayOption(into: Uint8Array, at: number, client: number): number {
  into[at] = code.relay;
  into[at + 1] = 4 + circuitIdLength + remoteIdLength;
  into[at + 2] = 1;
  into[at + 3] = circuitIdLength;
  putCircuitId(into, at + 4, client);
  const next = at + 4 + circuitIdLength;
  into[next] = 2;
  into[next + 1] = remoteIdLength;
  putRemoteId(into, next + 2, client);
  return next + 2 + remoteIdLength;
}
