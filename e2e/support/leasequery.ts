import { createSocket } from "node:dgram";
import { connect, type Socket } from "node:net";
import { type Ipv4Address, ipv4FromBytes } from "@leasewire/net";
import {
  activeLeasequery4,
  type BulkQuery4,
  bulkLeasequery4,
  decodeMessage4,
  FrameReader,
  frame,
  leasequery4,
  type Message4,
  MessageType4,
  messageLengthMin4,
  OptionCode4,
  type Query4,
} from "@leasewire/wire";

/** One DHCPLEASEQUERY over UDP from loopback; null when nothing comes within `timeoutMs`. */
export async function individualQuery4(
  server: { readonly address: string; readonly port: number },
  query: Query4,
  timeoutMs = 3_000,
): Promise<Message4 | null> {
  const socket = createSocket("udp4");
  try {
    const answer = new Promise<Message4 | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), timeoutMs);
      socket.on("message", (bytes) => {
        const decoded = decodeMessage4(bytes);
        if (!decoded.ok) return;
        clearTimeout(timer);
        resolve(decoded.value);
      });
      socket.on("error", () => {});
    });
    const giaddr = ipv4FromBytes(Uint8Array.of(127, 0, 0, 1));
    const parameterRequestList = [OptionCode4.leaseTime, OptionCode4.relayAgentInformation];
    socket.send(leasequery4({ xid: 77, giaddr, query, parameterRequestList }), server.port, server.address);
    return await answer;
  } finally {
    socket.close();
  }
}

/** A connection for bulk and active leasequery of DHCPv4. */
export class LeasequeryConnection4 {
  readonly #socket: Socket;
  readonly #messages: Message4[] = [];
  #wake: () => void = () => {};
  closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const frames = new FrameReader({ messageLengthMin: messageLengthMin4 });
    socket.on("data", (bytes) => {
      for (const message of frames.push(bytes).frames) {
        const decoded = decodeMessage4(message);
        if (!decoded.ok) throw new Error(decoded.error.message);
        this.#messages.push(decoded.value);
      }
      this.#wake();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.#wake();
    });
  }

  static async open(server: { readonly address: string; readonly port: number }): Promise<LeasequeryConnection4> {
    const socket = connect(server.port, server.address);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new LeasequeryConnection4(socket);
  }

  /** Answers up to and with DHCPLEASEQUERYDONE. */
  async bulk(xid: number, query: BulkQuery4): Promise<readonly Message4[]> {
    this.#socket.write(frame(bulkLeasequery4({ xid, query, parameterRequestList: [] })));
    const answers: Message4[] = [];
    for (;;) {
      const message = await this.next();
      answers.push(message);
      if (message.messageType === MessageType4.DHCPLEASEQUERYDONE) return answers;
    }
  }

  startActive(xid: number): void {
    this.#socket.write(frame(activeLeasequery4({ xid, parameterRequestList: [] })));
  }

  /** The next message; rejects when the connection is closed or nothing comes in time. */
  async next(timeoutMs = 10_000): Promise<Message4> {
    const deadline = Date.now() + timeoutMs;
    while (this.#messages.length === 0) {
      if (this.closed) throw new Error("the connection was closed");
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`no message came within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, left);
      });
    }
    return this.#messages.shift()!;
  }

  close(): void {
    this.#socket.destroy();
  }
}

export const addressQuery = (address: number): Query4 => ({ kind: "address", address: address as Ipv4Address });
