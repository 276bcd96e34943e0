import { getSystemErrorName } from "node:util";
import type { Result } from "@leasewire/net";
import type { Addon, AddonSocket, InterfaceFacts } from "./addon.ts";
import { AddressTexts, addressOctets } from "./address-words.ts";
import {
  arrivalWord,
  arrivalWords,
  type DatagramArrival,
  type DatagramEndpoint,
  type DatagramHandlers,
  type DatagramSource,
  type DatagramStatistics,
  datagramLimits,
  type ServerDatagrams,
} from "./datagrams.ts";
import { explainBindFailure, explainSendFailure, type TransportError } from "./errors.ts";

/** Events of native/datagrams.c. */
const event = { received: 0, linksChanged: 1, answers: 2, fault: 3, sendFailures: 4, closed: 5 } as const;
const control = { sendHead: 0, sendTail: 1, failures: 2 } as const;
const counter = { received: 0, receivedOctets: 1, batches: 2, sent: 3, sentOctets: 4, sendFailed: 5 } as const;
/** Words of a record to send; the others as in `arrivalWord`. */
const sendWord = { offset: 0, length: 1, port: 2, interfaceIndex: 3, way: 4, hardwareLength: 5 } as const;
/** `joined`: by route, in one message to the system with neighbours of the same length to the same peer. */
const way = { byRoute: 0, byHardware: 1, joined: 2 } as const;
const peerWord = 6;
const localWord = 10;
const hardwareOctet = 14 * 4;
const failureWords = 8;

const ethernetHardwareType = 1;
/** sockaddr_ll has room for 8 octets. */
const hardwareOctetsMax = 8;
const interfaceFlagNoArp = 0x80;
const interfaceFlagLoopback = 0x8;
const broadcastAddress = 0xffff_ffff;

/** Opens a socket of the addon. */
export function openBatched(
  addon: Addon,
  endpoint: DatagramEndpoint,
  handlers: DatagramHandlers,
): Promise<Result<ServerDatagrams, TransportError>> {
  const where = `${endpoint.address ?? "every address"} port ${endpoint.port}`;
  const refuse = (code: string) =>
    Promise.resolve({ ok: false, error: explainBindFailure(code, where, endpoint.port, endpoint.device) } as const);
  const address = addressOctets(endpoint.family, endpoint.address ?? (endpoint.family === 4 ? "0.0.0.0" : "::"));
  const group = addressOctets(6, endpoint.multicastGroup ?? "ff02::1:2");
  if (address === null || group === null) return refuse("EINVAL");
  const datagrams = new BatchedDatagrams(addon, endpoint, handlers, group);
  const failed = datagrams.open(address);
  return failed === 0 ? Promise.resolve({ ok: true, value: datagrams }) : refuse(getSystemErrorName(failed));
}

interface Probe {
  readonly interfaceIndex: number;
  readonly timer: NodeJS.Timeout;
  readonly waiting: ((inUse: boolean) => void)[];
}

class BatchedDatagrams implements ServerDatagrams {
  readonly batched = true;
  linkRefusal: string | null = null;
  port = 0;

  readonly #addon: Addon;
  readonly #endpoint: DatagramEndpoint;
  readonly #handlers: DatagramHandlers;
  readonly #family: 4 | 6;
  readonly #texts: AddressTexts;
  readonly #group: Uint8Array;
  #self!: AddonSocket;
  #open = false;
  #closed: Promise<void> | undefined;
  #onClosed: () => void = () => {};

  #batch!: { count: number; readonly bytes: Uint8Array; readonly words: Uint32Array };
  #block!: Uint8Array;
  #records!: Uint32Array;
  #sendRecords!: Uint32Array;
  #sendRecordOctets!: Uint8Array;
  sendOctets!: Uint8Array;
  #control!: Uint32Array;
  #counters!: Float64Array;
  #failures!: Uint32Array;
  #answers!: Uint32Array;
  #sendsMax = 0;

  /** First free octet of the send ring. */
  #sendAt = 0;
  #flushScheduled = false;
  #tellScheduled = false;
  /** The addon sends by itself what was queued while it delivers. */
  #delivering = false;
  /** Queued since then. */
  #unsent = 0;
  #sendDropped = 0;
  #sendFailedHere = 0;
  #probesRefused = 0;
  #lost = 0;
  readonly #failedHere: { address: string; port: number; reason: string }[] = [];

  /** What is known of interfaces, by name and by index, until the system tells of a change. */
  readonly #interfaces = new Map<string | number, InterfaceFacts | null>();
  #multicastInterfaces: readonly string[];
  /** Interfaces whose group is joined, by name, with the index they had. */
  readonly #joined = new Map<string, number>();
  readonly #probes = new Map<number, Probe>();
  /** Octets for copies of small datagrams: one allocation serves many. */
  #slab = new Uint8Array(0);
  #slabAt = 0;

  constructor(addon: Addon, endpoint: DatagramEndpoint, handlers: DatagramHandlers, group: Uint8Array) {
    this.#addon = addon;
    this.#endpoint = endpoint;
    this.#handlers = handlers;
    this.#family = endpoint.family;
    this.#texts = new AddressTexts(endpoint.family);
    this.#group = group;
    this.#multicastInterfaces = endpoint.multicastInterfaces ?? [];
  }

  /** @returns 0, or the negative system error */
  open(address: Uint8Array): number {
    const { layout } = this.#addon;
    const opened = this.#addon.open(
      this.#family,
      address,
      this.#endpoint.port,
      this.#endpoint.device ?? "",
      datagramLimits.receiveBufferOctets,
      (what, value) => {
        try {
          this.#on(what, value);
        } catch (error) {
          this.#fault(error);
        }
      },
    );
    if (typeof opened === "number") return opened;
    const { block, packets } = opened;
    if (packets < 0)
      this.linkRefusal = `clients that are attached directly cannot be served, nor addresses probed: packet sockets are refused (${getSystemErrorName(packets)}). Give the program CAP_NET_RAW, or start it as root`;
    this.#self = opened.self;
    this.port = opened.port;
    this.#block = new Uint8Array(block, 0, layout.records);
    this.#records = new Uint32Array(block, layout.records, layout.batch * arrivalWords);
    this.#batch = { count: 0, bytes: this.#block, words: this.#records };
    this.#sendRecords = new Uint32Array(block, layout.sendRecords, layout.sendsMax * arrivalWords);
    this.#sendRecordOctets = new Uint8Array(block, layout.sendRecords, layout.sendsMax * arrivalWords * 4);
    this.sendOctets = new Uint8Array(block, layout.sendBytes, layout.sendBytesMax);
    this.#control = new Uint32Array(block, layout.control, layout.controlWords);
    this.#counters = new Float64Array(block, layout.counters, layout.countersLength);
    this.#failures = new Uint32Array(block, layout.failures, layout.failuresMax * failureWords);
    this.#answers = new Uint32Array(block, layout.answers, layout.answersMax * 2);
    this.#sendsMax = layout.sendsMax;
    this.#open = true;
    this.#join();
    return 0;
  }

  send(address: string, port: number, bytes: Uint8Array, source?: DatagramSource): void {
    const peer = this.#texts.parse(address);
    const local = source?.localAddress === undefined ? noAddress : this.#texts.parse(source.localAddress);
    if (peer === null || local === null) return void this.#failHere(address, port, "EINVAL");
    let interfaceIndex = 0;
    if (source?.interfaceName !== undefined) {
      const facts = this.#interface(source.interfaceName);
      if (facts === null) return void this.#failHere(address, port, "ENODEV");
      interfaceIndex = facts.index;
    }
    this.#queue(peer, port, bytes, interfaceIndex, local, undefined);
  }

  sendOnLink(
    interfaceName: string,
    address: string,
    port: number,
    hardwareAddress: Uint8Array | undefined,
    bytes: Uint8Array,
    localAddress?: string,
  ): void {
    const peer = this.#texts.parse(address);
    const own = localAddress === undefined ? noAddress : this.#texts.parse(localAddress);
    const facts = this.#interface(interfaceName);
    if (facts === null) return void this.#failHere(address, port, "ENODEV");
    if (peer === null || own === null) return void this.#failHere(address, port, "EINVAL");
    if (this.#family === 6) return void this.#queue(peer, port, bytes, facts.index, own, undefined);
    const local = localAddress === undefined ? Uint32Array.of(facts.address, 0, 0, 0) : own;
    // Neighbour discovery finds IPv6 clients, and IPv4 broadcasts need no finding; the system never asks for an IPv4
    // client that has no address yet, so its reply is addressed to its hardware.
    const byHardware =
      hardwareAddress !== undefined &&
      hardwareAddress.length > 0 &&
      hardwareAddress.length <= hardwareOctetsMax &&
      peer[0] !== broadcastAddress &&
      (facts.flags & interfaceFlagLoopback) === 0;
    this.#queue(peer, port, bytes, facts.index, local, byHardware ? hardwareAddress : undefined);
  }

  #queue(
    peer: Uint32Array,
    port: number,
    bytes: Uint8Array,
    interfaceIndex: number,
    local: Uint32Array,
    hardwareAddress: Uint8Array | undefined,
  ): void {
    const at = this.place(bytes.length);
    if (at < 0) return;
    this.sendOctets.set(bytes, at);
    const record = this.#record(at, bytes.length, peer, 0, port, interfaceIndex, local, 0);
    if (hardwareAddress !== undefined) {
      this.#sendRecords[record + sendWord.way] = way.byHardware;
      this.#sendRecords[record + sendWord.hardwareLength] = hardwareAddress.length;
      this.#sendRecordOctets.set(hardwareAddress, record * 4 + hardwareOctet);
    }
  }

  place(octets: number): number {
    if (!this.#open) return -1;
    let at = this.#room(octets);
    if (at < 0) {
      this.#flushNow();
      at = this.#room(octets);
    }
    if (at < 0) this.#sendDropped += 1;
    return at;
  }

  sendPlaced(
    at: number,
    length: number,
    peer: Uint32Array,
    peerAt: number,
    port: number,
    local: Uint32Array,
    localAt: number,
  ): void {
    if (!this.#open) return;
    const record =
      localAt < 0
        ? this.#record(at, length, peer, peerAt, port, 0, noAddress, 0)
        : this.#record(at, length, peer, peerAt, port, 0, local, localAt);
    this.#sendRecords[record + sendWord.way] = way.joined;
  }

  /** Puts what lies at `at` into the queue; gives the first word of its record. */
  #record(
    at: number,
    length: number,
    peer: Uint32Array,
    peerAt: number,
    port: number,
    interfaceIndex: number,
    local: Uint32Array,
    localAt: number,
  ): number {
    this.#sendAt = at + length;
    const tail = this.#control[control.sendTail] as number;
    const record = (tail % this.#sendsMax) * arrivalWords;
    const words = this.#sendRecords;
    words[record + sendWord.offset] = at;
    words[record + sendWord.length] = length;
    words[record + sendWord.port] = port;
    words[record + sendWord.interfaceIndex] = interfaceIndex;
    words[record + sendWord.way] = way.byRoute;
    words[record + sendWord.hardwareLength] = 0;
    // An IPv4 address is one word; what lies behind it in the caller's words is something else.
    const addressWords = this.#family === 4 ? 1 : 4;
    for (let word = 0; word < addressWords; word += 1) {
      words[record + peerWord + word] = peer[peerAt + word] as number;
      words[record + localWord + word] = local[localAt + word] as number;
    }
    this.#control[control.sendTail] = tail + 1;
    if (this.#delivering) {
      this.#unsent += 1;
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(this.#scheduledFlush);
    }
    return record;
  }

  /** Where `length` octets fit into the ring of those that wait; -1: nowhere. */
  #room(length: number): number {
    const head = this.#control[control.sendHead] as number;
    const waiting = ((this.#control[control.sendTail] as number) - head) >>> 0;
    if (waiting === 0) return length <= this.sendOctets.length ? 0 : -1;
    if (waiting >= this.#sendsMax) return -1;
    const first = this.#sendRecords[(head % this.#sendsMax) * arrivalWords + sendWord.offset] as number;
    // Octets from `first` to `#sendAt` are taken, around the end of the ring or not. An empty datagram takes none, so
    // equality would be ambiguous: one octet is left free.
    if (this.#sendAt >= first) {
      if (this.#sendAt + length <= this.sendOctets.length) return this.#sendAt;
      return length < first ? 0 : -1;
    }
    return this.#sendAt + length < first ? this.#sendAt : -1;
  }

  readonly #scheduledFlush = () => {
    this.#flushScheduled = false;
    this.#flushNow();
  };

  flush(): void {
    this.#flushNow();
  }

  #flushNow(): void {
    if (this.#open && this.#addon.flush(this.#self) > 0) this.#tellLater();
  }

  /** Failures are told in a later turn, so that a step is never entered from within another. */
  #tellLater(): void {
    if (this.#tellScheduled) return;
    this.#tellScheduled = true;
    setImmediate(() => {
      this.#tellScheduled = false;
      this.#tellFailures();
    });
  }

  #tellFailures(): void {
    const here = this.#failedHere.splice(0);
    const count = this.#control[control.failures] as number;
    const told: { address: string; port: number; reason: string }[] = [];
    for (let i = 0; i < count; i += 1) {
      const at = i * failureWords;
      const address = this.#texts.format(this.#failures, at + 2);
      const code = getSystemErrorName(-(this.#failures[at] as number));
      told.push({ address, port: this.#failures[at + 1] as number, reason: explainSendFailure(code, address) });
    }
    this.#control[control.failures] = 0;
    for (const { address, port, reason } of [...here, ...told]) {
      try {
        if (this.#open) this.#handlers.onSendFailed?.(address, port, reason);
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  #failHere(address: string, port: number, code: string): void {
    if (!this.#open) return;
    this.#sendFailedHere += 1;
    if (this.#failedHere.length >= this.#addon.layout.failuresMax) return;
    this.#failedHere.push({ address, port, reason: explainSendFailure(code, address) });
    this.#tellLater();
  }

  #on(what: number, value: number): void {
    switch (what) {
      case event.received:
        this.#delivering = true;
        try {
          this.#deliver(value);
        } finally {
          this.#delivering = false;
        }
        return;
      case event.linksChanged:
        this.#interfaces.clear();
        this.#join();
        return;
      case event.answers:
        for (let i = 0; i < value; i += 1)
          this.#answered(this.#answers[i * 2] as number, this.#answers[i * 2 + 1] as number);
        return;
      case event.fault:
        this.#fault(new Error(`The datagram socket failed: ${getSystemErrorName(-value)}.`));
        return;
      case event.sendFailures:
        this.#tellFailures();
        return;
      case event.closed:
        this.#onClosed();
        return;
    }
  }

  #deliver(count: number): void {
    if (this.#handlers.onBatch !== undefined) {
      if (this.#open) this.#handlers.onBatch({ count, bytes: this.#block, words: this.#records });
      return;
    }
    const words = this.#records;
    const batch = this.#batch;
    batch.count = count;
    this.#unsent = 0;
    for (let i = 0; i < count && this.#open; i += 1) {
      if (this.#unsent >= sendsPerFlush) {
        this.#unsent = 0;
        this.#flushNow();
      }
      try {
        if (this.#handlers.onArrival?.(batch, i) === true) continue;
      } catch (error) {
        this.#fault(error);
        continue;
      }
      const at = i * arrivalWords;
      const offset = words[at + arrivalWord.offset] as number;
      const bytes = this.#copy(offset, words[at + arrivalWord.length] as number);
      try {
        this.#handlers.onDatagram?.(
          this.#texts.format(words, at + arrivalWord.sourceAddress),
          words[at + arrivalWord.sourcePort] as number,
          bytes,
          this.#arrival(at),
        );
      } catch (error) {
        this.#fault(error);
      }
    }
  }

  #arrival(at: number): DatagramArrival {
    const words = this.#records;
    const local = at + arrivalWord.localAddress;
    const known =
      (words[local] as number) |
      (words[local + 1] as number) |
      (words[local + 2] as number) |
      (words[local + 3] as number);
    return {
      interfaceName: this.interfaceName(words[at + arrivalWord.interfaceIndex] as number),
      localAddress: known === 0 ? undefined : this.#texts.format(words, local),
      unicast: words[at + arrivalWord.unicast] === 1,
    };
  }

  #copy(offset: number, length: number): Uint8Array {
    if (length > slabOctets / 8) return this.#block.slice(offset, offset + length);
    if (this.#slabAt + length > this.#slab.length) {
      this.#slab = new Uint8Array(slabOctets);
      this.#slabAt = 0;
    }
    const copy = this.#slab.subarray(this.#slabAt, this.#slabAt + length);
    copy.set(this.#block.subarray(offset, offset + length));
    this.#slabAt += length;
    return copy;
  }

  interfaceName(index: number): string | undefined {
    return index === 0 ? undefined : this.#interface(index)?.name;
  }

  #interface(nameOrIndex: string | number): InterfaceFacts | null {
    const known = this.#interfaces.get(nameOrIndex);
    if (known !== undefined) return known;
    if (!this.#open) return null;
    const facts = this.#addon.interfaceOf(this.#self, nameOrIndex);
    if (typeof facts === "number") {
      // Not remembered: a packet may name an interface before the system tells that it is there.
      return null;
    }
    this.#interfaces.set(facts.name, facts);
    this.#interfaces.set(facts.index, facts);
    return facts;
  }

  multicastInterfaces(names: readonly string[]): void {
    this.#multicastInterfaces = names;
    if (this.#open) this.#join();
  }

  /** Joins the group on interfaces that are new since the last time, and leaves it on those no longer wanted. */
  #join(): void {
    for (const [name, index] of this.#joined) {
      if (this.#multicastInterfaces.includes(name)) continue;
      this.#joined.delete(name);
      // An interface that is gone took its membership along.
      this.#addon.member(this.#self, index, this.#group, 0);
    }
    for (const name of this.#multicastInterfaces) {
      const facts = this.#interface(name);
      if (facts === null) this.#joined.delete(name);
      else if (this.#joined.get(name) !== facts.index) {
        const failed = this.#addon.member(this.#self, facts.index, this.#group, 1);
        if (failed === 0) this.#joined.set(name, facts.index);
        else this.#fault(new Error(`Cannot listen for multicasts on ${name}: ${getSystemErrorName(failed)}.`));
      }
    }
  }

  probe(interfaceName: string | undefined, address: string, timeoutMs: number): Promise<boolean> {
    const words = this.#family === 4 ? this.#texts.parse(address) : null;
    const facts = interfaceName === undefined ? null : this.#interface(interfaceName);
    const refused = words === null || (interfaceName !== undefined && facts === null) || !this.#open;
    if (refused || this.#probes.size >= datagramLimits.probesPendingMax) {
      this.#probesRefused += 1;
      return Promise.resolve(false);
    }
    const key = words[0] as number;
    return new Promise((resolve) => {
      const pending = this.#probes.get(key);
      if (pending !== undefined) {
        pending.waiting.push(resolve);
        return;
      }
      const byArp =
        facts !== null &&
        facts.hardwareType === ethernetHardwareType &&
        (facts.flags & (interfaceFlagNoArp | interfaceFlagLoopback)) === 0;
      const interfaceIndex = byArp ? facts.index : 0;
      const failed = this.#addon.probe(this.#self, interfaceIndex, key);
      if (failed < 0) {
        // Not reachable at all is an answer too: nobody is there.
        if (!["EHOSTUNREACH", "ENETUNREACH"].includes(getSystemErrorName(failed))) this.#probesRefused += 1;
        resolve(false);
        return;
      }
      const timer = setTimeout(() => this.#settle(key, false), timeoutMs);
      this.#probes.set(key, { interfaceIndex, timer, waiting: [resolve] });
    });
  }

  #answered(interfaceIndex: number, address: number): void {
    const pending = this.#probes.get(address);
    if (pending !== undefined && pending.interfaceIndex === interfaceIndex) this.#settle(address, true);
  }

  #settle(key: number, inUse: boolean): void {
    const pending = this.#probes.get(key);
    if (pending === undefined) return;
    this.#probes.delete(key);
    clearTimeout(pending.timer);
    for (const resolve of pending.waiting) resolve(inUse);
  }

  statistics(): DatagramStatistics {
    const of = (index: number) => this.#counters[index] as number;
    if (this.#open) this.#lost = this.#addon.lost(this.#self);
    return {
      received: of(counter.received),
      receivedOctets: of(counter.receivedOctets),
      batches: of(counter.batches),
      sent: of(counter.sent),
      sentOctets: of(counter.sentOctets),
      sendFailed: of(counter.sendFailed) + this.#sendFailedHere,
      sendDropped: this.#sendDropped,
      linkRefused: 0,
      probesRefused: this.#probesRefused,
      lost: this.#lost,
    };
  }

  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    this.#lost = this.#addon.lost(this.#self);
    this.#closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
    this.#open = false;
    for (const key of [...this.#probes.keys()]) this.#settle(key, false);
    this.#addon.close(this.#self);
    return this.#closed;
  }

  #fault(error: unknown): void {
    this.#handlers.onFault(error instanceof Error ? error : new Error(String(error)));
  }
}

const noAddress = new Uint32Array(4);
/**
 * Answers that wait while the rest of a batch is looked at: their receivers, who may ask again only then, work meanwhile.
 */
const sendsPerFlush = 16;
const slabOctets = 64 * 1024;
