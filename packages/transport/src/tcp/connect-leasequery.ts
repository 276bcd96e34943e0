import { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { Result } from "@leasewire/net";
import { explainSendFailure, systemCodeOf, type TransportError } from "../errors.ts";
import { boundStream } from "./bound-stream.ts";
import type { TlsMaterial } from "./served-socket.ts";

/** A server to connect to for bulk and active leasequery. */
export interface LeasequeryServerEndpoint {
  readonly family: 4 | 6;
  /** Canonical text, with scope where it needs one. */
  readonly address: string;
  readonly port: number;
  /** The address the connection is made from; absent: the system chooses. */
  readonly localAddress?: string | undefined;
  /** Linux device of a VRF, or an interface: the connection goes through it. Needs the addon. */
  readonly device?: string | undefined;
  /** What `secure` begins the handshake with: our certificate, and the authorities that vouch for servers. */
  readonly tls?: TlsMaterial | undefined;
}

export interface LeasequeryConnectionHandlers {
  /** The connection stands; once more, `secure`, when TLS has been agreed on it. */
  onConnected(secure: boolean): void;
  /** Octets as they came. Valid during the call only: the buffer is read into again. */
  onData(bytes: Uint8Array): void;
  /** Once, whoever closed; nothing is told afterwards. `reason` is a plain clause. */
  onClosed(reason: string): void;
  /** A handler threw: a fault of ours, for the log. The connection is closed, and `onClosed` says so. */
  onFault(error: Error): void;
}

export interface LeasequeryConnection {
  /** Copies nothing: `bytes` must not change until they have left. */
  write(bytes: Uint8Array): void;
  /** Begins the TLS handshake as the client, once what was written has left (RFC 7724 §7.2, RFC 7653 §8.2). */
  secure(): void;
  /** Stops reading; the server is slowed by TCP. */
  pause(): void;
  resume(): void;
  /** In good order: what was written leaves, then the end. `onClosed` is not called any more. */
  close(): void;
}

/** Octets read at once: thousands of messages a turn of the event loop. */
const readOctets = 256 * 1024;
/** How long a connection that we have ended may take to be closed by the server as well. */
const lingerMs = 2_000;

/** Opens a connection; failures to connect come through `onClosed`. Errors: those of a socket that cannot be bound to its device. */
export function connectLeasequery(
  endpoint: LeasequeryServerEndpoint,
  handlers: LeasequeryConnectionHandlers,
): Result<LeasequeryConnection, TransportError> {
  const { family, device } = endpoint;
  if (device === undefined) return { ok: true, value: new Connection(endpoint, handlers, undefined) };
  const bound = boundStream({ family, address: endpoint.localAddress, port: 0, device });
  return bound.ok ? { ok: true, value: new Connection(endpoint, handlers, bound.value) } : bound;
}

class Connection implements LeasequeryConnection {
  readonly #endpoint: LeasequeryServerEndpoint;
  readonly #handlers: LeasequeryConnectionHandlers;
  readonly #raw: Socket;
  #stream: Socket;
  #closed = false;
  #paused = false;
  #failure: string | undefined;
  #handshake = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(
    endpoint: LeasequeryServerEndpoint,
    handlers: LeasequeryConnectionHandlers,
    descriptor: number | undefined,
  ) {
    this.#endpoint = endpoint;
    this.#handlers = handlers;
    const { family, address, port, localAddress, tls } = endpoint;
    // One buffer for all reads: a stream of its own chunks would be garbage for every 64 KiB. TLS takes the socket over
    // later and needs the ordinary way of reading.
    const reused = tls === undefined && descriptor === undefined;
    const socket = new Socket({
      allowHalfOpen: false,
      // A bound socket must not be read before it is connected.
      ...(descriptor === undefined ? {} : { fd: descriptor, readable: true, writable: true, manualStart: true }),
      ...(reused
        ? {
            onread: {
              buffer: new Uint8Array(readOctets),
              callback: (octets: number, buffer: Uint8Array): boolean => {
                this.#take(buffer.subarray(0, octets));
                return !this.#paused;
              },
            },
          }
        : {}),
    });
    this.#raw = socket;
    this.#stream = socket;
    socket.setNoDelay(true);
    this.#listen(socket, reused);
    socket.once("connect", () => this.#call(() => this.#handlers.onConnected(false)));
    socket.connect({
      host: address,
      port,
      family,
      autoSelectFamily: false,
      ...(descriptor === undefined && localAddress !== undefined ? { localAddress } : {}),
    });
  }

  write(bytes: Uint8Array): void {
    if (!this.#closed) this.#stream.write(bytes);
  }

  secure(): void {
    if (this.#closed || this.#handshake) return;
    const { tls } = this.#endpoint;
    if (tls === undefined) {
      this.#failure = "TLS cannot begin: no certificates are configured for this relay";
      this.#raw.destroy();
      return;
    }
    this.#handshake = true;
    const raw = this.#raw;
    raw.removeAllListeners("data");
    raw.removeAllListeners("end");
    // The servers are configured by address and the authority is chosen for them: who it vouches for is trusted, whatever
    // name the certificate has.
    const stream: TLSSocket = connectTls({
      socket: raw,
      cert: tls.certificate,
      key: tls.privateKey,
      ca: tls.ca,
      minVersion: "TLSv1.2",
      checkServerIdentity: () => undefined,
    });
    this.#stream = stream;
    stream.once("error", (error) => {
      this.#failure ??= `the TLS handshake failed: ${error.message}`;
    });
    stream.once("secureConnect", () => {
      raw.removeAllListeners("close");
      this.#call(() => this.#handlers.onConnected(true));
    });
    this.#listen(stream, false);
  }

  pause(): void {
    if (this.#closed || this.#paused) return;
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    if (this.#closed || !this.#paused) return;
    this.#paused = false;
    this.#stream.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#raw.removeAllListeners("close");
    if (this.#raw.connecting) {
      this.#raw.destroy();
      return;
    }
    this.#stream.end();
    // What still arrives is read and forgotten, so that the end reaches the server rather than a reset.
    this.#stream.resume();
    this.#linger = setTimeout(() => this.#raw.destroy(), lingerMs);
    this.#linger.unref();
    this.#raw.once("close", () => clearTimeout(this.#linger));
  }

  #listen(stream: Socket, reused: boolean): void {
    if (!reused) stream.on("data", (bytes: Uint8Array) => this.#take(bytes));
    stream.on("error", (error) => {
      this.#failure ??= explainConnectionFailure(error, this.#endpoint);
    });
    stream.once("close", () => this.#onClose());
  }

  #take(bytes: Uint8Array): void {
    if (!this.#closed) this.#call(() => this.#handlers.onData(bytes));
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#raw.destroy();
    const reason =
      this.#failure ??
      (this.#handshake && this.#stream !== this.#raw && !(this.#stream as TLSSocket).authorized
        ? "the server closed the connection during the TLS handshake"
        : "the server closed the connection");
    this.#call(() => this.#handlers.onClosed(reason));
  }

  #call(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      const wasClosed = this.#closed;
      this.#closed = true;
      this.#raw.destroy();
      this.#handlers.onFault(error instanceof Error ? error : new Error(String(error)));
      if (!wasClosed) this.#handlers.onClosed("a fault of this program");
    }
  }
}

/** Why a connection failed, as a clause: what the system's code means for who reads it. */
function explainConnectionFailure(error: Error, { address, port }: LeasequeryServerEndpoint): string {
  switch (systemCodeOf(error)) {
    case "ECONNREFUSED":
      return `connection refused: nothing listens at ${address} port ${port} (is bulk leasequery allowed there?)`;
    case "ECONNRESET":
      return "the server broke the connection off";
    case "ETIMEDOUT":
      return `${address} does not answer`;
    case "EPIPE":
      return "the server closed the connection while something was being sent";
    case "EADDRINUSE":
      return "no local port is free for the connection";
    default:
      return explainSendFailure(systemCodeOf(error), address);
  }
}
