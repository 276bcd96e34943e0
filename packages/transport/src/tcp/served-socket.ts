import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { giveBuffer, takeBuffer } from "./buffers.ts";
import type { Driver } from "./driver.ts";

export interface TlsMaterial {
  /** PEM: the server's certificate, and those between it and the authority. */
  readonly certificate: string;
  readonly privateKey: string;
  /** PEM: the authorities that vouch for requestors. */
  readonly ca: string;
}

/** How long a connection that we have ended may take to be closed by the requestor as well. */
const lingerMs = 2_000;

/** One connection: the socket of the system, driven by the engine. */
export class ServedSocket {
  readonly id: number;
  readonly #driver: Driver;
  readonly #family: 4 | 6;
  readonly #tls: TlsMaterial | undefined;
  readonly #onFault: (error: Error) => void;
  readonly #onClosed: () => void;
  #stream: Socket;
  #secured = false;
  #writing = false;
  #paused = false;
  #ended = false;
  #broken = false;
  #closed = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(
    id: number,
    socket: Socket,
    family: 4 | 6,
    tls: TlsMaterial | undefined,
    driver: Driver,
    onFault: (error: Error) => void,
    onClosed: () => void,
  ) {
    this.id = id;
    this.#stream = socket;
    this.#family = family;
    this.#tls = tls;
    this.#driver = driver;
    this.#onFault = onFault;
    this.#onClosed = onClosed;
    socket.setNoDelay(true);
    this.#listen(socket);
    driver.add(this);
  }

  /** One turn: sends one buffer, or does what else the engine asks for. */
  pump(): void {
    if (this.#closed || this.#writing) return;
    const { engine } = this.#driver;
    switch (engine.next(this.id)) {
      case "fill":
        this.#fill();
        return;
      case "start-tls":
        this.#startTls();
        return;
      case "end":
        this.#end();
        return;
      case "abort":
        this.destroy();
        return;
      case "wait":
        this.#readOn();
    }
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #fill(): void {
    const { engine } = this.#driver;
    const buffer = takeBuffer();
    let octets = 0;
    try {
      octets = engine.fill(this.id, buffer, Date.now());
    } catch (error) {
      // A fault of ours: this connection is lost, the others go on.
      this.#onFault(error instanceof Error ? error : new Error(String(error)));
      giveBuffer(buffer);
      this.destroy();
      return;
    }
    this.#readOn();
    if (octets === 0) {
      giveBuffer(buffer);
      // It has looked at many rows and found nothing to tell, or it is done: both are for another turn.
      if (engine.next(this.id) !== "wait") this.#driver.due(this);
      return;
    }
    this.#writing = true;
    if (this.#secured && this.#family === 4) this.#writeRecords(buffer, 0, octets);
    else
      this.#stream.write(buffer.subarray(0, octets), (error) => {
        this.#written(buffer, octets, error);
      });
  }

  /** One message in a TLS record (RFC 7724 §5.1): each is written when the one before it is through. */
  #writeRecords(buffer: Uint8Array, at: number, octets: number): void {
    const end = at + 2 + ((buffer[at]! << 8) | buffer[at + 1]!);
    this.#stream.write(buffer.subarray(at, end), (error) => {
      if (error == null && end < octets) {
        this.#driver.engine.sent(this.id, end - at, Date.now());
        this.#writeRecords(buffer, end, octets);
      } else this.#written(buffer, octets - at, error);
    });
  }

  #written(buffer: Uint8Array, octets: number, error: Error | null | undefined): void {
    this.#writing = false;
    // After an error the system may still read from it.
    if (error != null || this.#closed) return;
    giveBuffer(buffer);
    this.#driver.engine.sent(this.id, octets, Date.now());
    this.#driver.due(this);
  }

  #listen(stream: Socket): void {
    stream.on("data", (bytes: Uint8Array) => {
      if (this.#ended) return;
      const { engine } = this.#driver;
      try {
        engine.receive(this.id, bytes, Date.now());
      } catch (error) {
        this.#onFault(error instanceof Error ? error : new Error(String(error)));
        this.destroy();
        return;
      }
      if (!engine.canRead(this.id)) {
        this.#paused = true;
        stream.pause();
      }
      this.#driver.due(this);
    });
    stream.on("end", () => {
      this.#driver.engine.peerEnded(this.id, Date.now());
      this.#driver.due(this);
    });
    stream.on("error", () => {
      this.#broken = true;
    });
    stream.on("close", () => this.#onClose());
  }

  #readOn(): void {
    if (!this.#paused || !this.#driver.engine.canRead(this.id)) return;
    this.#paused = false;
    this.#stream.resume();
  }

  #startTls(): void {
    const { engine } = this.#driver;
    const tls = this.#tls;
    const raw = this.#stream;
    if (tls === undefined) {
      engine.secured(this.id, { error: "no certificates" }, Date.now());
      this.#driver.due(this);
      return;
    }
    raw.removeAllListeners("data");
    raw.removeAllListeners("end");
    // A server of its own for each handshake: it is what checks the requestor's certificate.
    const server = createServer({
      cert: tls.certificate,
      key: tls.privateKey,
      ca: tls.ca,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.2",
    });
    const failed = (error: Error): void => {
      engine.secured(this.id, { error: error.message }, Date.now());
      this.#driver.due(this);
    };
    server.once("tlsClientError", failed);
    server.once("secureConnection", (secure: TLSSocket) => {
      raw.removeAllListeners("close");
      this.#stream = secure;
      this.#secured = true;
      secure.allowHalfOpen = true;
      secure.setNoDelay(true);
      engine.secured(this.id, { peerName: peerNameOf(secure) }, Date.now());
      this.#listen(secure);
      this.#driver.keepTime();
    });
    // A requestor that closes in the middle of the handshake is gone; half-open is for later.
    raw.allowHalfOpen = false;
    server.emit("connection", raw);
    this.#driver.keepTime();
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.end();
    // What still arrives is read and forgotten: closing over unread octets would take the last message from the requestor.
    this.#stream.resume();
    this.#linger = setTimeout(() => this.destroy(), lingerMs);
    this.#linger.unref();
  }

  #onClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#linger);
    this.#driver.engine.closed(this.id, this.#broken, Date.now());
    this.#driver.remove(this);
    this.#onClosed();
  }
}

/** The common name in the requestor's certificate, else its first alternative name; as it came, cut to a sane length. */
function peerNameOf(secure: TLSSocket): string {
  const certificate = secure.getPeerCertificate();
  const name: unknown = certificate.subject?.CN ?? certificate.subjectaltname ?? "";
  return String(Array.isArray(name) ? name[0] : name).slice(0, 255);
}
