import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { addon } from "../addon.ts";
import { connectLeasequery, type LeasequeryConnection, type LeasequeryServerEndpoint } from "./connect-leasequery.ts";
import type { TlsMaterial } from "./served-socket.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on("error", () => undefined);
    closing.push(() => socket.destroy());
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

interface Told {
  readonly connection: LeasequeryConnection;
  readonly connected: boolean[];
  octets: number;
  readonly text: string[];
  readonly closed: Promise<string>;
  readonly faults: Error[];
}

function open(port: number, more: Partial<LeasequeryServerEndpoint> = {}, onData?: (bytes: Uint8Array) => void): Told {
  let close: (reason: string) => void = () => undefined;
  const told = {
    connected: [] as boolean[],
    octets: 0,
    text: [] as string[],
    faults: [] as Error[],
    closed: new Promise<string>((resolve) => {
      close = resolve;
    }),
  };
  const opened = connectLeasequery(
    { family: 4, address: "127.0.0.1", port, ...more },
    {
      onConnected: (secure) => told.connected.push(secure),
      onData: (bytes) => {
        told.octets += bytes.length;
        if (bytes.length < 100) told.text.push(new TextDecoder().decode(bytes));
        onData?.(bytes);
      },
      onClosed: (reason) => close(reason),
      onFault: (error) => told.faults.push(error),
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  closing.push(() => opened.value.close());
  return Object.assign(told, { connection: opened.value }) as Told;
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("a connection on loopback", () => {
  test("octets go both ways, and the server's end is told in plain words", async () => {
    const port = await listen((socket) => socket.on("data", (bytes) => socket.end(`got ${bytes.toString()}`)));
    const told = open(port);
    await eventually(() => told.connected.length === 1);
    told.connection.write(new TextEncoder().encode("query"));
    expect(await told.closed).toBe("the server closed the connection");
    expect(told.text).toEqual(["got query"]);
    expect(told.connected).toEqual([false]);
  });

  test("nothing listens: refused, with what to look at", async () => {
    const port = await listen(() => undefined);
    for (const close of closing.splice(0)) await close();
    expect(await open(port).closed).toBe(
      `connection refused: nothing listens at 127.0.0.1 port ${port} (is bulk leasequery allowed there?)`,
    );
  });

  test("while paused nothing is read and the server is slowed; afterwards everything comes", async () => {
    const octets = 64 * 1024 * 1024;
    let sender: Socket | undefined;
    const port = await listen((socket) => {
      sender = socket;
      socket.write(Buffer.alloc(octets));
    });
    const told = open(port, {}, () => {
      if (told.octets > 1_000_000 && pausedAt === 0) {
        told.connection.pause();
        pausedAt = told.octets;
      }
    });
    let pausedAt = 0;
    await eventually(() => pausedAt > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told.octets).toBe(pausedAt);
    // Most of it is still with the sender: neither side's system can hold so much.
    expect(sender!.writableLength).toBeGreaterThan(octets / 4);
    told.connection.resume();
    await eventually(() => told.octets === octets);
  });

  test("after close nothing is told any more, and the server sees an end rather than a reset", async () => {
    const seen: string[] = [];
    const port = await listen((socket) => {
      socket.on("data", () => undefined);
      socket.on("error", () => seen.push("error"));
      socket.on("end", () => seen.push("end"));
    });
    const told = open(port);
    let closed = false;
    void told.closed.then(() => {
      closed = true;
    });
    await eventually(() => told.connected.length === 1);
    told.connection.close();
    await eventually(() => seen.length > 0);
    expect(seen).toEqual(["end"]);
    expect(closed).toBe(false);
  });

  test("a handler that throws closes its connection and is a fault", async () => {
    const port = await listen((socket) => socket.write("x"));
    const told = open(port, {}, () => {
      throw new Error("ours");
    });
    await eventually(() => told.faults.length === 1);
    expect(told.faults[0]!.message).toBe("ours");
    expect(await told.closed).toBe("a fault of this program");
  });

  test.runIf(addon() !== null && process.getuid?.() === 0)("through a device: the loopback is reached", async () => {
    const port = await listen((socket) => socket.on("data", (bytes) => socket.end(bytes)));
    const told = open(port, { device: "lo" });
    await eventually(() => told.connected.length === 1);
    told.connection.write(new TextEncoder().encode("through lo"));
    expect(await told.closed).toBe("the server closed the connection");
    expect(told.text).toEqual(["through lo"]);
  });

  test.runIf(addon() !== null)("a device that is not there is refused", () => {
    const opened = connectLeasequery(
      { family: 4, address: "127.0.0.1", port: 1, device: "nosuch0" },
      { onConnected: () => undefined, onData: () => undefined, onClosed: () => undefined, onFault: () => undefined },
    );
    expect(opened).toMatchObject({ ok: false, error: { code: "device-unknown" } });
  });
});

describe("TLS", () => {
  let directory = "";
  let own: TlsMaterial;
  let other: TlsMaterial;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "leasewire-connect-"));
    own = material("own");
    other = material("other");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** A certificate that vouches for itself. */
  function material(name: string): TlsMaterial {
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
        ...["-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.pem`],
      ],
      { cwd: directory, stdio: "ignore" },
    );
    const read = (file: string): string => readFileSync(join(directory, file), "utf8");
    return { certificate: read(`${name}.pem`), privateKey: read(`${name}.key`), ca: read(`${name}.pem`) };
  }

  /** Agrees to TLS when it is asked in plain words, then echoes. */
  async function tlsServer(identity: TlsMaterial): Promise<number> {
    const tls = createTlsServer(
      { cert: identity.certificate, key: identity.privateKey, ca: own.ca, requestCert: true, rejectUnauthorized: true },
      (stream) => {
        stream.on("error", () => undefined);
        stream.on("data", (bytes) => stream.write(bytes));
      },
    );
    return listen((socket) => {
      socket.once("data", () => {
        socket.removeAllListeners("data");
        socket.write("yes", () => tls.emit("connection", socket));
      });
    });
  }

  test("begun on a connection that was plain, and then everything goes over it", async () => {
    const port = await tlsServer(own);
    const told = open(port, { tls: own }, () => {
      if (told.text.length === 1) told.connection.secure();
    });
    await eventually(() => told.connected.length === 1);
    told.connection.write(new TextEncoder().encode("tls?"));
    await eventually(() => told.connected.length === 2);
    told.connection.write(new TextEncoder().encode("secret"));
    await eventually(() => told.text.length === 2);
    expect(told.connected).toEqual([false, true]);
    expect(told.text).toEqual(["yes", "secret"]);
  });

  test("a server that another authority vouches for is not trusted: closed, and said why", async () => {
    const port = await tlsServer(other);
    const told = open(port, { tls: own }, () => told.connection.secure());
    await eventually(() => told.connected.length === 1);
    told.connection.write(new TextEncoder().encode("tls?"));
    expect(await told.closed).toMatch(/^the TLS handshake failed: /);
    expect(told.connected).toEqual([false]);
  });

  test("no certificates: the connection is closed and says so", async () => {
    const told = open(await listen(() => undefined));
    await eventually(() => told.connected.length === 1);
    told.connection.secure();
    expect(await told.closed).toBe("TLS cannot begin: no certificates are configured for this relay");
  });
});
