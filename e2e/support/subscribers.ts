import { createSocket, type Socket } from "node:dgram";
import { formatIpv4, formatIpv6, type Ipv4Address, type Ipv6Address, parseIpv4, parseIpv6 } from "@leasewire/net";
import {
  answer6,
  discover4,
  type Lease4,
  type Lease6,
  type RelayedClient4,
  type RelayedClient6,
  readLease4,
  readLease6,
  release4,
  renew4,
  request4,
  request6,
  solicit6,
} from "@leasewire/sim";
import {
  decodeMessage4,
  decodeMessage6,
  type Message4,
  type Message6,
  MessageType4,
  MessageType6,
} from "@leasewire/wire";

/** A client that hears nothing asks again after this, at most so often; then the exchange is given up. */
const retryMs = 1_000;
const triesMax = 10;

/**
 * A relay with as many DHCPv4 clients behind it as one likes, over a real socket on loopback. Client n always has the same
 * hardware address.
 */
export class Subscribers4 {
  readonly #socket: Socket;
  readonly #server: { readonly address: string; readonly port: number };
  readonly #giaddr: Ipv4Address;
  readonly #link: Ipv4Address;
  readonly #waiting = new Map<number, (reply: Message4 | null) => void>();
  #xid = 1;
  #closed = false;

  private constructor(socket: Socket, server: { address: string; port: number }, giaddr: string, link: string) {
    this.#socket = socket;
    this.#server = server;
    this.#giaddr = ipv4(giaddr);
    this.#link = ipv4(link);
    // A server that was killed refuses: the client asks again.
    socket.on("error", () => {});
    socket.on("message", (bytes) => {
      const decoded = decodeMessage4(bytes);
      if (decoded.ok) this.#waiting.get(decoded.value.xid)?.(decoded.value);
    });
  }

  /** `link`: an address of the subnet the clients are on. */
  static async open(server: { address: string; port: number }, link: string, giaddr = "127.0.0.1") {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind({ address: giaddr, port: 0 }, resolve));
    socket.setRecvBufferSize(8 * 1024 * 1024);
    return new Subscribers4(socket, server, giaddr, link);
  }

  client(n: number): RelayedClient4 {
    return {
      hardwareAddress: Uint8Array.of(2, 0, 0x40, (n >>> 16) & 255, (n >>> 8) & 255, n & 255),
      giaddr: this.#giaddr,
      linkSelection: this.#link,
      circuitId: new TextEncoder().encode(`ge-1/0/${n % 8}.0:${n}`),
      remoteId: new TextEncoder().encode(`subscriber-${n}`),
    };
  }

  /** DISCOVER to ACK; null when the server refused or stayed silent. */
  async dora(n: number): Promise<Lease4 | null> {
    const client = this.client(n);
    const offer = await this.#exchange((xid) => discover4(client, xid), MessageType4.DHCPOFFER);
    if (offer === null) return null;
    return this.#exchange((xid) => request4(client, xid, offer), MessageType4.DHCPACK);
  }

  renew(n: number, lease: Lease4): Promise<Lease4 | null> {
    return this.#exchange((xid) => renew4(this.client(n), xid, lease), MessageType4.DHCPACK);
  }

  release(n: number, lease: Lease4): void {
    this.#socket.send(release4(this.client(n), this.#xid++, lease), this.#server.port, this.#server.address);
  }

  /** Gives up every exchange that is under way. */
  abandon(): void {
    for (const give of [...this.#waiting.values()]) give(null);
  }

  close(): void {
    this.#closed = true;
    this.abandon();
    this.#socket.close();
  }

  #exchange(message: (xid: number) => Uint8Array, expected: number): Promise<Lease4 | null> {
    const xid = this.#xid++;
    const bytes = message(xid);
    return new Promise((resolve) => {
      let tries = 0;
      let timer: NodeJS.Timeout | undefined;
      const done = (lease: Lease4 | null) => {
        clearTimeout(timer);
        this.#waiting.delete(xid);
        resolve(lease);
      };
      const send = () => {
        if (this.#closed || tries === triesMax) return done(null);
        tries += 1;
        this.#socket.send(bytes, this.#server.port, this.#server.address);
        timer = setTimeout(send, retryMs);
      };
      this.#waiting.set(xid, (reply) => {
        if (reply === null || reply.messageType === MessageType4.DHCPNAK) return done(null);
        const lease = reply.messageType === expected ? readLease4(reply) : undefined;
        if (lease !== undefined) done(lease);
      });
      send();
    });
  }
}

/** The same for DHCPv6: an address and a delegated prefix for each client. */
export class Subscribers6 {
  readonly #socket: Socket;
  readonly #server: { readonly address: string; readonly port: number };
  readonly #link: Ipv6Address;
  readonly #waiting = new Map<number, (reply: Message6 | null) => void>();
  #transactionId = 1;
  #closed = false;

  private constructor(socket: Socket, server: { address: string; port: number }, link: string) {
    this.#socket = socket;
    this.#server = server;
    this.#link = ipv6(link);
    socket.on("error", () => {});
    socket.on("message", (bytes) => {
      const decoded = decodeMessage6(bytes);
      const reply = decoded.ok ? answer6(decoded.value) : undefined;
      if (reply !== undefined) this.#waiting.get(reply.transactionId)?.(reply);
    });
  }

  static async open(server: { address: string; port: number }, link: string) {
    const socket = createSocket("udp6");
    await new Promise<void>((resolve) => socket.bind({ address: "::1", port: 0 }, resolve));
    return new Subscribers6(socket, server, link);
  }

  client(n: number): RelayedClient6 {
    const peer = ipv6("fe80::1");
    peer.set([(n >>> 16) & 255, (n >>> 8) & 255, n & 255], 12);
    return {
      duid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0x60, (n >>> 16) & 255, (n >>> 8) & 255, n & 255),
      iaid: 1,
      delegation: true,
      peerAddress: peer,
      linkAddress: this.#link,
      circuitId: new TextEncoder().encode(`ge-1/0/${n % 8}.0:${n}`),
    };
  }

  /** SOLICIT to REPLY; null when the server refused or stayed silent. */
  async sarr(n: number): Promise<Lease6 | null> {
    const client = this.client(n);
    const offer = await this.#exchange((id) => solicit6(client, id), MessageType6.ADVERTISE);
    if (offer === null) return null;
    return this.#exchange((id) => request6(client, id, offer), MessageType6.REPLY);
  }

  close(): void {
    this.#closed = true;
    for (const give of [...this.#waiting.values()]) give(null);
    this.#socket.close();
  }

  #exchange(message: (transactionId: number) => Uint8Array, expected: number): Promise<Lease6 | null> {
    const transactionId = this.#transactionId++;
    const bytes = message(transactionId);
    return new Promise((resolve) => {
      let tries = 0;
      let timer: NodeJS.Timeout | undefined;
      const done = (lease: Lease6 | null) => {
        clearTimeout(timer);
        this.#waiting.delete(transactionId);
        resolve(lease);
      };
      const send = () => {
        if (this.#closed || tries === triesMax) return done(null);
        tries += 1;
        this.#socket.send(bytes, this.#server.port, this.#server.address);
        timer = setTimeout(send, retryMs);
      };
      this.#waiting.set(transactionId, (reply) => {
        if (reply === null) done(null);
        else if (reply.messageType === expected) done(readLease6(reply) ?? null);
      });
      send();
    });
  }
}

export const addressText4 = (lease: Lease4) => formatIpv4(lease.address);
export const addressText6 = (lease: Lease6) => (lease.address === undefined ? "" : formatIpv6(lease.address));

function ipv4(text: string): Ipv4Address {
  const parsed = parseIpv4(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function ipv6(text: string): Ipv6Address {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value.slice() as Ipv6Address;
}
