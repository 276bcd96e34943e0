import { type BindingInput, BindingTable, type Family } from "@leasewire/bindings";
import { type InstanceName, type Ipv4Address, ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import {
  decodeMessage4,
  decodeMessage6,
  encodeOptions4,
  encodeOptions6,
  type Message4,
  type Message6,
  type RelayMessage6,
} from "@leasewire/wire";
import {
  type ConnectionArrival,
  FILL_BYTES_MIN,
  LeasequeryConnections,
  type ResponderScopes4,
  type ResponderScopes6,
  StormGuard,
} from "../src/leasequery/responder/index.ts";
import type { BulkPolicy } from "../src/leasequery/responder/scopes.ts";

export const NOW_SECONDS = 1_790_000_000;
export const SERVER_ADDRESS = ip(192, 0, 2, 1);
export const SERVER_DUID = Uint8Array.of(0, 3, 0, 1, 2, 2, 2, 2, 2, 2);
export const RELAY_DUID = Uint8Array.of(0, 3, 0, 1, 9, 9, 9, 9, 9, 9);
export const INSTANCE: InstanceName = "default:default";

export function ip(a: number, b: number, c: number, d: number): Ipv4Address {
  return ipv4FromBytes(Uint8Array.of(a, b, c, d));
}

/** `2001:db8:LINK::HOST`. */
export function ip6(link: number, host: number): Uint8Array {
  const address = new Uint8Array(16);
  address.set([0x20, 0x01, 0x0d, 0xb8, link >>> 8, link], 0);
  address.set([host >>> 24, host >>> 16, host >>> 8, host], 12);
  return ipv6FromBytes(address);
}

export const BULK: BulkPolicy = {
  connectionsMax: 10,
  emptyRepliesMax: 100,
  timeoutSeconds: 120,
  restrictedRequestor: false,
  queriesParallelMax: 4,
};

export const SCOPES4: ResponderScopes4 = {
  instance: INSTANCE,
  serverIdentifier: SERVER_ADDRESS,
  managed: [{ address: ip(10, 0, 0, 0), length: 8 }],
  configured: [{ low: ip(10, 0, 0, 1), high: ip(10, 0, 0, 40) }],
  origins: "own",
  bulk: BULK,
  active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "insecure" },
};

export const SCOPES6: ResponderScopes6 = {
  instance: INSTANCE,
  serverDuid: SERVER_DUID,
  links: [1, 2].map((link) => ({
    linkAddress: ipv6FromBytes(ip6(link, 0)),
    prefixes: [{ address: ipv6FromBytes(ip6(link, 0)), length: 48 }],
  })),
  origins: "own",
  bulk: BULK,
  active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "insecure" },
};

/** A lease of 10.0.(host >> 8).host, through a relay. */
export function lease4(host: number, more: Partial<BindingInput> = {}): BindingInput {
  const hardwareAddress = Uint8Array.of(2, 0, 0, 0, host >>> 8, host);
  const remoteId = Uint8Array.of(0x72, host >>> 8, host);
  const relayId = RELAY_DUID;
  const relayAgentInformation = Uint8Array.from([
    ...[1, 2, 0x67, 0x65],
    ...[2, remoteId.length, ...remoteId],
    ...[12, relayId.length, ...relayId],
  ]);
  return {
    instance: INSTANCE,
    address: Uint8Array.of(10, 0, host >>> 8, host),
    prefixLength: 32,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress,
    clientId: Uint8Array.from([1, ...hardwareAddress]),
    startTimeOfStateSeconds: NOW_SECONDS - 500,
    clientLastTransactionTimeSeconds: NOW_SECONDS - 100,
    expiresAtSeconds: NOW_SECONDS + 900,
    linkAddress: Uint8Array.of(10, 0, 0, 254),
    relayAgentInformation,
    circuitId: Uint8Array.of(0x67, 0x65),
    remoteId,
    relayId,
    options: encodeOptions4([{ code: 60, data: Uint8Array.of(0x76) }]),
    dataSource: 0,
    origin: "server",
    ...more,
  };
}

export function lease6(link: number, host: number, more: Partial<BindingInput> = {}): BindingInput {
  const address = ip6(link, host);
  return {
    instance: INSTANCE,
    address,
    prefixLength: 128,
    kind: "address",
    state: 2,
    hardwareType: 0,
    clientId: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, host >>> 8, host),
    iaid: 1,
    startTimeOfStateSeconds: NOW_SECONDS - 500,
    clientLastTransactionTimeSeconds: NOW_SECONDS - 100,
    expiresAtSeconds: NOW_SECONDS + 900,
    preferredUntilSeconds: NOW_SECONDS + 600,
    linkAddress: ip6(link, 0),
    relayAgentInformation: relayData6(link, host),
    remoteId: Uint8Array.of(0, 0, 0, 9, 0x72, host),
    relayId: RELAY_DUID,
    options: encodeOptions6([{ code: 16, data: Uint8Array.of(0, 0, 0, 9, 0, 1, 7) }]),
    dataSource: 0,
    origin: "server",
    ...more,
  };
}

function relayData6(link: number, host: number): Uint8Array {
  const options = encodeOptions6([
    { code: 18, data: Uint8Array.of(0x67, 0x65) },
    { code: 37, data: Uint8Array.of(0, 0, 0, 9, 0x72, host) },
    { code: 53, data: RELAY_DUID },
  ]);
  const data = new Uint8Array(16 + 34 + options.length);
  data.set(ip6(link, 0xfe), 0);
  data[16] = 12;
  data.set(ip6(link, 0), 18);
  data.set(ip6(link, host), 34);
  data.set(options, 50);
  return data;
}

export function prefix6(link: number, host: number, more: Partial<BindingInput> = {}): BindingInput {
  const address = new Uint8Array(16);
  address.set([0x20, 0x01, 0x0d, 0xb8, link >>> 8, link, host >>> 8, host], 0);
  return lease6(link, host, { address, prefixLength: 64, kind: "prefix", ...more });
}

/** Responder, tables and requestors, in a time of their own; nothing of what a socket does but its order. */
export class ResponderWorld {
  now = NOW_SECONDS * 1000 + 250;
  readonly tables = { 4: new BindingTable(4), 6: new BindingTable(6) } as const;
  readonly guard = new StormGuard();
  /** Everything, unless set. */
  durable: number | undefined;
  readonly engine: LeasequeryConnections;
  /** Ready events since the last look. */
  ready = 0;
  readonly #buffer = new Uint8Array(FILL_BYTES_MIN);

  constructor(
    servers4: readonly ResponderScopes4[] = [SCOPES4],
    servers6: readonly ResponderScopes6[] = [SCOPES6],
    tcpConnectionsAcceptedMax = 100,
  ) {
    this.engine = new LeasequeryConnections({
      tables: this.tables,
      durable: (family) => this.durable ?? this.tables[family].sequence,
      guard: this.guard,
    });
    this.engine.onReady(() => {
      this.ready += 1;
    });
    this.engine.configure({ servers4, servers6, tcpConnectionsAcceptedMax }, this.now);
  }

  put(input: BindingInput, cause = "test"): number {
    const family: Family = input.address.length === 4 ? 4 : 6;
    const result = this.tables[family].put(input, cause, Math.floor(this.now / 1000));
    if (result.outcome === "refused") throw new Error(result.refusal.message);
    return result.row;
  }

  pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  connect(family: 4 | 6, more: Partial<ConnectionArrival> = {}): RequestorConnection {
    const arrival: ConnectionArrival = {
      family,
      instance: INSTANCE,
      peerAddress: family === 4 ? "10.0.0.254" : "2001:db8::fe",
      peerPort: 40_000,
      localAddress: family === 4 ? "192.0.2.1" : "2001:db8::1",
      localPort: family === 4 ? 67 : 547,
      ...more,
    };
    const accepted = this.engine.accept(arrival, this.now);
    return new RequestorConnection(
      this,
      family,
      accepted.accepted ? accepted.id : 0,
      accepted.accepted ? undefined : accepted.reason,
      this.#buffer,
    );
  }
}

export class RequestorConnection {
  readonly world: ResponderWorld;
  readonly family: 4 | 6;
  readonly id: number;
  readonly refused: string | undefined;
  /** Messages that have arrived, as octets. */
  readonly received: Uint8Array[] = [];
  closedBy: "end" | "abort" | undefined;
  readonly #buffer: Uint8Array;

  constructor(world: ResponderWorld, family: 4 | 6, id: number, refused: string | undefined, buffer: Uint8Array) {
    this.world = world;
    this.family = family;
    this.id = id;
    this.refused = refused;
    this.#buffer = buffer;
  }

  send(...messages: Uint8Array[]): this {
    for (const message of messages) {
      this.octets(Uint8Array.of(message.length >>> 8, message.length));
      this.octets(message);
    }
    return this;
  }

  octets(bytes: Uint8Array): this {
    this.world.engine.receive(this.id, bytes, this.world.now);
    return this;
  }

  /** Reads everything there is. `fills`: no more than so many buffers. `between` runs after each. */
  read(fills = 10_000, between: (fill: number) => void = () => undefined): this {
    const { engine, now } = this.world;
    for (let i = 0; i < fills; i += 1) {
      const step = engine.next(this.id);
      if (step === "fill") {
        const octets = engine.fill(this.id, this.#buffer, now);
        this.#take(octets);
        engine.sent(this.id, octets, now);
        between(i);
        continue;
      }
      if (step === "end" || step === "abort") {
        this.closedBy = step;
        engine.closed(this.id, false, now);
      }
      return this;
    }
    return this;
  }

  messages4(): Message4[] {
    return this.received.splice(0).map((bytes) => {
      const decoded = decodeMessage4(bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      return decoded.value;
    });
  }

  messages6(): Message6[] {
    return this.received.splice(0).map((bytes) => {
      const decoded = decodeMessage6(bytes);
      if (!decoded.ok) throw new Error(decoded.error.message);
      return message6(decoded.value);
    });
  }

  #take(octets: number): void {
    for (let at = 0; at < octets; ) {
      const length = (this.#buffer[at]! << 8) | this.#buffer[at + 1]!;
      if (at + 2 + length > octets) throw new Error("a frame is cut");
      this.received.push(this.#buffer.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
}

function message6(decoded: Message6 | RelayMessage6): Message6 {
  if (decoded.kind !== "message") throw new Error("a relay message");
  return decoded;
}
