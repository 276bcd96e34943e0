import { createServer, type Server, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import type { LeasequeryConnections } from "@leasewire/engines";
import type { InstanceName, Result } from "@leasewire/net";
import { canonicalAddress } from "../canonical-address.ts";
import { explainBindFailure, type TransportError } from "../errors.ts";
import { boundStream } from "./bound-stream.ts";
import { type Driver, driverOf } from "./driver.ts";
import { ServedSocket, type TlsMaterial } from "./served-socket.ts";

/** Where requestors connect for bulk and active leasequery of one instance and family. */
export interface LeasequeryEndpoint {
  readonly family: 4 | 6;
  readonly instance: InstanceName;
  /** Canonical text; absent: every address. */
  readonly address?: string | undefined;
  /** 0: a free one. */
  readonly port: number;
  /** Linux device of a VRF, or an interface: only connections that arrive there. Needs the addon. */
  readonly device?: string | undefined;
  readonly tls?: TlsMaterial | undefined;
}

export interface LeasequeryListenerHandlers {
  /** The listening socket failed, or the engine threw: a fault of ours or of the system, for the log. */
  onFault(error: Error): void;
}

export interface LeasequeryListener {
  readonly endpoint: LeasequeryEndpoint;
  /** The port that was bound. */
  readonly port: number;
  /** Takes no more connections, lets those there are send what they have for `graceMs` at most, and closes them. */
  close(graceMs?: number): Promise<void>;
}

/** Connections the system holds until they are accepted. */
const backlogMax = 1024;
const graceMsDefault = 1_000;

/** Opens the listening socket of a server and drives the engine for the connections that arrive on it. */
export function serveLeasequery(
  endpoint: LeasequeryEndpoint,
  engine: LeasequeryConnections,
  handlers: LeasequeryListenerHandlers,
): Promise<Result<LeasequeryListener, TransportError>> {
  const where = `${endpoint.address ?? "every address"} port ${endpoint.port}`;
  const bound = endpoint.device === undefined ? undefined : boundStream({ ...endpoint, device: endpoint.device });
  if (bound !== undefined && !bound.ok) return Promise.resolve(bound);
  const driver = driverOf(engine);
  const sockets = new Set<ServedSocket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: 65_536 });
  server.on("connection", (socket: Socket) => {
    const accepted = engine.accept(
      {
        family: endpoint.family,
        instance: endpoint.instance,
        peerAddress: canonicalAddress(endpoint.family, socket.remoteAddress ?? ""),
        peerPort: socket.remotePort ?? 0,
        localAddress: canonicalAddress(endpoint.family, socket.localAddress ?? ""),
        localPort: socket.localPort ?? 0,
      },
      Date.now(),
    );
    if (!accepted.accepted) {
      socket.on("error", () => undefined);
      socket.destroy();
      return;
    }
    const served = new ServedSocket(accepted.id, socket, endpoint.family, endpoint.tls, driver, handlers.onFault, () =>
      sockets.delete(served),
    );
    sockets.add(served);
  });
  return new Promise((resolve) => {
    const onBindError = (error: NodeJS.ErrnoException) =>
      resolve({ ok: false, error: explainBindFailure(error.code, where, endpoint.port) });
    server.once("error", onBindError);
    const listening = (): void => {
      server.off("error", onBindError);
      server.on("error", handlers.onFault);
      driver.retain();
      resolve({ ok: true, value: new Listener(endpoint, server, sockets, driver) });
    };
    if (bound !== undefined) server.listen({ fd: bound.value, backlog: backlogMax }, listening);
    else {
      server.listen(
        {
          host: endpoint.address ?? (endpoint.family === 4 ? "0.0.0.0" : "::"),
          port: endpoint.port,
          ipv6Only: endpoint.family === 6,
          exclusive: true,
          backlog: backlogMax,
        },
        listening,
      );
    }
  });
}

/** Whether certificates, key and authorities belong together: to be asked before they are put to use. */
export function checkTlsMaterial(tls: TlsMaterial): Result<TlsMaterial, { code: "tls-material"; message: string }> {
  try {
    createSecureContext({ cert: tls.certificate, key: tls.privateKey, ca: tls.ca });
    return { ok: true, value: tls };
  } catch (error) {
    return {
      ok: false,
      error: {
        code: "tls-material",
        message: `the certificate, its key and the authority do not make a TLS server: ${error instanceof Error ? error.message : String(error)}`,
      },
    };
  }
}

class Listener implements LeasequeryListener {
  readonly endpoint: LeasequeryEndpoint;
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<ServedSocket>;
  readonly #driver: Driver;
  #closed: Promise<void> | undefined;

  constructor(endpoint: LeasequeryEndpoint, server: Server, sockets: ReadonlySet<ServedSocket>, driver: Driver) {
    this.endpoint = endpoint;
    this.#server = server;
    this.#sockets = sockets;
    this.#driver = driver;
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : endpoint.port;
  }

  close(graceMs: number = graceMsDefault): Promise<void> {
    this.#closed ??= this.#close(graceMs);
    return this.#closed;
  }

  async #close(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) {
      this.#driver.engine.terminate(socket.id, Date.now());
      this.#driver.due(socket);
    }
    const grace = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    await closed;
    // The system is done with the last socket a turn before it says so.
    while (this.#sockets.size > 0) await new Promise((resolve) => setImmediate(resolve));
    clearTimeout(grace);
    this.#driver.release();
  }
}
