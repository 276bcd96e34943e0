import { createSocket, type Socket } from "node:dgram";
import type { Result } from "@leasewire/net";
import { canonicalAddress } from "./canonical-address.ts";
import { explainBindFailure, explainSendFailure, systemCodeOf, type TransportError } from "./errors.ts";

/** Where a socket listens; the same address and port are the source of what it sends. */
export interface UdpEndpoint {
  readonly family: 4 | 6;
  /** Canonical text; absent: every address. */
  readonly address?: string | undefined;
  /** 0: a free one. */
  readonly port: number;
}

export interface LinkHandlers {
  /** A datagram. Addresses are canonical text without scope; `bytes` belongs to the receiver. */
  onDatagram(sourceAddress: string, sourcePort: number, bytes: Uint8Array): void;
  /** A datagram could not be sent; `tag` is what `send` was given. */
  onSendFailed(tag: number, reason: string): void;
  /** The socket failed while open, or a handler threw: a fault of ours or of the system, for the log. */
  onFault(error: Error): void;
}

/** A way to exchange datagrams with the hosts of one network. Sends never block and never throw. */
export interface LinkTransport {
  readonly endpoint: UdpEndpoint;
  /** The port that was bound. */
  readonly port: number;
  send(address: string, port: number, bytes: Uint8Array, tag: number): void;
  close(): Promise<void>;
}

/** Octets the system may hold for us: bursts of answers arrive faster than one event loop turn. */
const receiveBufferBytes = 4 * 1024 * 1024;

/**
 * Opens a UDP socket of the operating system. The address may be shared with programs that allow it (SO_REUSEADDR), since
 * DHCP servers and clients on the same machine bind the same ports on other addresses.
 */
export function openUdp(endpoint: UdpEndpoint, handlers: LinkHandlers): Promise<Result<LinkTransport, TransportError>> {
  const where = `${endpoint.address ?? "every address"} port ${endpoint.port}`;
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
      closeQuietly(socket);
      refuse(error);
    };
    socket.once("error", onBindError);
    socket.bind({ address: endpoint.address, port: endpoint.port, exclusive: true }, () => {
      socket.off("error", onBindError);
      resolve({ ok: true, value: new UdpTransport(endpoint, socket, handlers) });
    });
  });
}

class UdpTransport implements LinkTransport {
  readonly endpoint: UdpEndpoint;
  readonly port: number;
  readonly #socket: Socket;
  readonly #handlers: LinkHandlers;
  #open = true;

  constructor(endpoint: UdpEndpoint, socket: Socket, handlers: LinkHandlers) {
    this.endpoint = endpoint;
    this.#socket = socket;
    this.#handlers = handlers;
    this.port = socket.address().port;
    try {
      socket.setRecvBufferSize(receiveBufferBytes);
    } catch {
      // The system grants less: bursts are lost sooner, nothing else changes.
    }
    socket.on("error", (error) => handlers.onFault(error));
    socket.on("message", (bytes, { address, port }) => {
      if (!this.#open) return;
      try {
        handlers.onDatagram(
          canonicalAddress(endpoint.family, address),
          port,
          new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
        );
      } catch (error) {
        handlers.onFault(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  send(address: string, port: number, bytes: Uint8Array, tag: number): void {
    const failed = (error: unknown) => {
      if (this.#open) this.#handlers.onSendFailed(tag, explainSendFailure(systemCodeOf(error), address));
    };
    // Failures are told in a later turn, so that a step is never entered from within another.
    const failLater = (error: unknown) => setImmediate(failed, error);
    if (!this.#open) return;
    try {
      this.#socket.send(bytes, port, address, (error) => {
        if (error !== null) failLater(error);
      });
    } catch (error) {
      failLater(error);
    }
  }

  close(): Promise<void> {
    if (!this.#open) return Promise.resolve();
    this.#open = false;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It was never open.
  }
}
