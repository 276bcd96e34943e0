import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import type { Result } from "@leasewire/net";
import { AddressTexts } from "./address-words.ts";
import {
  arrivalWord,
  arrivalWords,
  type DatagramEndpoint,
  type DatagramHandlers,
  type DatagramStatistics,
  datagramLimits,
  type ServerDatagrams,
} from "./datagrams.ts";
import { explainBindFailure, explainSendFailure, systemCodeOf, type TransportError } from "./errors.ts";

/** An interface that was made again needs a new join, and node:dgram does not tell: look this often. */
const joinIntervalMs = 2000;
/** Of a UDP payload. */
const messageOctetsMax = 65_535;
/** Failures waiting to be told; all are counted. */
const failuresMax = 64;

/** Opens a socket of node:dgram, one datagram a system call. `absence` says why nothing better is there, as a clause. */
export function openPlain(
  endpoint: DatagramEndpoint,
  handlers: DatagramHandlers,
  absence: string,
): Promise<Result<ServerDatagrams, TransportError>> {
  const where = `${endpoint.address ?? "every address"} port ${endpoint.port}`;
  if (endpoint.device !== undefined)
    return Promise.resolve({
      ok: false,
      error: {
        code: "addon-required",
        message: `Cannot listen on ${where} at device ${endpoint.device}: plain sockets are not bound to devices, and ${absence}.`,
      },
    });
  return new Promise((resolve) => {
    const refuse = (error: unknown) =>
      resolve({ ok: false, error: explainBindFailure(systemCodeOf(error), where, endpoint.port) });
    let socket: Socket;
    try {
      socket = createSocket({
        type: endpoint.family === 4 ? "udp4" : "udp6",
        reuseAddr: true,
        ipv6Only: endpoint.family === 6,
        // Addresses are numbers already: no name is ever looked up.
        lookup: (hostname, _options, callback) => callback(null, hostname, endpoint.family),
      });
    } catch (error) {
      refuse(error);
      return;
    }
    const onBindError = (error: Error) => {
      socket.close();
      refuse(error);
    };
    socket.once("error", onBindError);
    socket.bind({ address: endpoint.address, port: endpoint.port, exclusive: true }, () => {
      socket.off("error", onBindError);
      resolve({ ok: true, value: new PlainDatagrams(endpoint, socket, handlers, absence) });
    });
  });
}

class PlainDatagrams implements ServerDatagrams {
  readonly batched = false;
  readonly linkRefusal: string;
  readonly port: number;
  readonly sendOctets = new Uint8Array(messageOctetsMax);
  readonly #endpoint: DatagramEndpoint;
  readonly #socket: Socket;
  readonly #handlers: DatagramHandlers;
  readonly #texts: AddressTexts;
  readonly #joined = new Map<string, string>();
  #multicastInterfaces: readonly string[] = [];
  #joinTimer: NodeJS.Timeout | undefined;
  /** Numbers of interfaces for batches, since node:dgram tells names. */
  readonly #interfaceNames: string[] = [];
  readonly #words = new Uint32Array(arrivalWords);
  readonly #failures: { address: string; port: number; reason: string }[] = [];
  #tellScheduled = false;
  #open = true;
  #waiting = 0;
  #waitingOctets = 0;
  readonly #count = {
    received: 0,
    receivedOctets: 0,
    batches: 0,
    sent: 0,
    sentOctets: 0,
    sendFailed: 0,
    sendDropped: 0,
    linkRefused: 0,
    probesRefused: 0,
  };

  constructor(endpoint: DatagramEndpoint, socket: Socket, handlers: DatagramHandlers, absence: string) {
    this.#endpoint = endpoint;
    this.#socket = socket;
    this.#handlers = handlers;
    this.#texts = new AddressTexts(endpoint.family);
    this.port = socket.address().port;
    this.linkRefusal = `clients that are attached directly cannot be served: ${absence}`;
    try {
      socket.setRecvBufferSize(datagramLimits.receiveBufferOctets);
    } catch {
      // The system grants less: bursts are lost sooner, nothing else changes.
    }
    if (endpoint.family === 4) socket.setBroadcast(true);
    socket.on("error", (error) => this.#fault(error));
    socket.on("message", (bytes, source) => {
      if (!this.#open) return;
      this.#count.received += 1;
      this.#count.receivedOctets += bytes.length;
      this.#count.batches += 1;
      try {
        this.#deliver(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), source);
      } catch (error) {
        this.#fault(error);
      }
    });
    this.multicastInterfaces(endpoint.multicastInterfaces ?? []);
  }

  #deliver(bytes: Uint8Array, source: RemoteInfo): void {
    const scope = source.address.indexOf("%");
    const bare = scope < 0 ? source.address : source.address.slice(0, scope);
    const interfaceName = scope < 0 ? undefined : source.address.slice(scope + 1);
    const words = this.#texts.parse(bare);
    if (words === null) return;
    const { onBatch, onArrival } = this.#handlers;
    if (onBatch === undefined && onArrival === undefined) {
      this.#handlers.onDatagram?.(this.#texts.format(words, 0), source.port, bytes, { interfaceName });
      return;
    }
    const record = this.#words;
    record[arrivalWord.offset] = 0;
    record[arrivalWord.length] = bytes.length;
    record[arrivalWord.sourcePort] = source.port;
    record[arrivalWord.interfaceIndex] = interfaceName === undefined ? 0 : this.#numberOf(interfaceName);
    record.set(words, arrivalWord.sourceAddress);
    const batch = { count: 1, bytes, words: record };
    if (onBatch !== undefined) this.#handlers.onBatch?.(batch);
    else if (this.#handlers.onArrival?.(batch, 0) !== true)
      this.#handlers.onDatagram?.(this.#texts.format(words, 0), source.port, bytes, { interfaceName });
  }

  #numberOf(interfaceName: string): number {
    const known = this.#interfaceNames.indexOf(interfaceName);
    return known < 0 ? this.#interfaceNames.push(interfaceName) : known + 1;
  }

  interfaceName(index: number): string | undefined {
    return this.#interfaceNames[index - 1];
  }

  send(address: string, port: number, bytes: Uint8Array): void {
    if (!this.#open) return;
    if (
      this.#waiting >= datagramLimits.sendQueueMax ||
      this.#waitingOctets + bytes.length > datagramLimits.sendQueueOctetsMax
    ) {
      this.#count.sendDropped += 1;
      return;
    }
    if (this.#texts.parse(address) === null) return void this.#failLater("EINVAL", address, port);
    this.#waiting += 1;
    this.#waitingOctets += bytes.length;
    const done = () => {
      this.#waiting -= 1;
      this.#waitingOctets -= bytes.length;
    };
    try {
      this.#socket.send(bytes, port, address, (error) => {
        done();
        if (error !== null) return void this.#failLater(systemCodeOf(error), address, port);
        this.#count.sent += 1;
        this.#count.sentOctets += bytes.length;
      });
    } catch (error) {
      done();
      this.#failLater(systemCodeOf(error), address, port);
    }
  }

  place(octets: number): number {
    return this.#open && octets <= this.sendOctets.length ? 0 : -1;
  }

  sendPlaced(at: number, length: number, peer: Uint32Array, peerAt: number, port: number): void {
    // The system takes it in a later turn, and the place is used again before.
    this.send(this.#texts.format(peer, peerAt), port, this.sendOctets.slice(at, at + length));
  }

  sendOnLink(
    interfaceName: string,
    address: string,
    port: number,
    _hardwareAddress: Uint8Array | undefined,
    bytes: Uint8Array,
  ): void {
    // In IPv6 the scope says it all, and neighbour discovery finds the client.
    if (this.#endpoint.family === 6) {
      if (Object.hasOwn(networkInterfaces(), interfaceName)) this.#sendScoped(interfaceName, address, port, bytes);
      else this.#failLater("ENODEV", address, port);
      return;
    }
    this.#count.linkRefused += 1;
    this.#tell(address, port, this.linkRefusal);
  }

  #sendScoped(interfaceName: string, address: string, port: number, bytes: Uint8Array): void {
    if (!this.#open) return;
    const linkLocal = /^f(e[89ab]|f02:)/i.test(address);
    this.#socket.send(bytes, port, linkLocal ? `${address}%${interfaceName}` : address, (error) => {
      if (error !== null) return void this.#failLater(systemCodeOf(error), address, port);
      this.#count.sent += 1;
      this.#count.sentOctets += bytes.length;
    });
  }

  #failLater(code: string | undefined, address: string, port: number): void {
    this.#count.sendFailed += 1;
    this.#tell(address, port, explainSendFailure(code, address));
  }

  /** Failures are told in a later turn, so that a step is never entered from within another. */
  #tell(address: string, port: number, reason: string): void {
    if (this.#failures.length < failuresMax) this.#failures.push({ address, port, reason });
    if (this.#tellScheduled) return;
    this.#tellScheduled = true;
    setImmediate(() => {
      this.#tellScheduled = false;
      for (const failure of this.#failures.splice(0)) {
        try {
          if (this.#open) this.#handlers.onSendFailed?.(failure.address, failure.port, failure.reason);
        } catch (error) {
          this.#fault(error);
        }
      }
    });
  }

  probe(): Promise<boolean> {
    this.#count.probesRefused += 1;
    return Promise.resolve(false);
  }

  flush(): void {
    // Each datagram was handed to the system when it was sent.
  }

  multicastInterfaces(names: readonly string[]): void {
    this.#multicastInterfaces = names;
    if (!this.#open) return;
    this.#join();
    clearInterval(this.#joinTimer);
    this.#joinTimer = undefined;
    if (names.length > 0) this.#joinTimer = setInterval(() => this.#join(), joinIntervalMs).unref();
  }

  /**
   * Joins the group on interfaces that are new since the last time, told by their addresses, which come with them, and
   * leaves it on those no longer wanted.
   */
  #join(): void {
    const group = this.#endpoint.multicastGroup ?? "ff02::1:2";
    for (const name of this.#joined.keys()) {
      if (this.#multicastInterfaces.includes(name)) continue;
      this.#joined.delete(name);
      try {
        this.#socket.dropMembership(group, `::%${name}`);
      } catch {
        // An interface that is gone took its membership along.
      }
    }
    if (this.#multicastInterfaces.length === 0) return;
    const present = networkInterfaces();
    for (const name of this.#multicastInterfaces) {
      const addresses = present[name];
      if (addresses === undefined) {
        this.#joined.delete(name);
        continue;
      }
      const identity = addresses.map(({ mac, scopeid }) => `${mac} ${scopeid ?? ""}`).join();
      if (this.#joined.get(name) === identity) continue;
      try {
        this.#socket.addMembership(group, `::%${name}`);
        this.#joined.set(name, identity);
      } catch (error) {
        // EADDRINUSE: it is the same interface still, only its addresses changed.
        if (systemCodeOf(error) === "EADDRINUSE") this.#joined.set(name, identity);
        else
          this.#fault(new Error(`Cannot listen for multicasts on ${name}: ${systemCodeOf(error) ?? String(error)}.`));
      }
    }
  }

  statistics(): DatagramStatistics {
    return { ...this.#count, lost: lostOfPort(this.#endpoint.family, this.port) };
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#open = false;
    clearInterval(this.#joinTimer);
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #fault(error: unknown): void {
    this.#handlers.onFault(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Drops of the sockets at a port, as Linux lists them; null elsewhere. */
function lostOfPort(family: 4 | 6, port: number): number | null {
  try {
    const lines = readFileSync(family === 4 ? "/proc/self/net/udp" : "/proc/self/net/udp6", "utf8").split("\n");
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    let lost = 0;
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(suffix)) lost += Number(fields.at(-1));
    }
    return lost;
  } catch {
    return null;
  }
}
