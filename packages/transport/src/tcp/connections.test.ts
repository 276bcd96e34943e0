import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { type BindingInput, BindingTable } from "@leasewire/bindings";
import {
  type ActivePolicy,
  bulkConnectionsView,
  connectionViews,
  LeasequeryConnections,
  type ResponderScopes4,
  type ResponderScopes6,
} from "@leasewire/engines";
import { type Ipv4Address, ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import {
  activeLeasequery4,
  bulkLeasequery4,
  FrameReader,
  frame,
  leasequery6,
  MessageType4,
  MessageType6,
  query6,
  tls4,
  tls6,
} from "@leasewire/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { addon } from "../addon.ts";
import { type LeasequeryListener, serveLeasequery } from "./serve-leasequery.ts";
import type { TlsMaterial } from "./served-socket.ts";

const INSTANCE = "default:default";
const BULK = {
  connectionsMax: 10,
  emptyRepliesMax: 100,
  timeoutSeconds: 120,
  restrictedRequestor: false,
  queriesParallelMax: 4,
};
const ALL = frame(bulkLeasequery4({ xid: 5, query: { kind: "all" }, parameterRequestList: [51, 152, 82] }));
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Server {
  readonly engine: LeasequeryConnections;
  readonly listener: LeasequeryListener;
  readonly table: BindingTable;
  readonly faults: Error[];
}

interface Options {
  readonly family?: 4 | 6;
  readonly leases?: number;
  readonly bulk?: Partial<typeof BULK>;
  readonly active?: ActivePolicy;
  readonly tls?: TlsMaterial | undefined;
  readonly acceptedMax?: number;
  readonly device?: string;
}

async function serve({
  family = 4,
  leases = 10,
  bulk = {},
  active,
  tls,
  acceptedMax = 100,
  device,
}: Options = {}): Promise<Server> {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) } as const;
  const table = tables[family];
  for (let i = 0; i < leases; i += 1) table.put(lease(family, i), "test", Math.floor(Date.now() / 1000));
  const engine = new LeasequeryConnections({ tables, durable: (one) => tables[one].sequence });
  const policy = {
    instance: INSTANCE,
    bulk: { ...BULK, ...bulk },
    tls: tls !== undefined,
    ...(active === undefined ? {} : { active }),
  } as const;
  const scopes4: ResponderScopes4 = {
    ...policy,
    serverIdentifier: ipv4FromBytes(Uint8Array.of(127, 0, 0, 1)),
    managed: [{ address: 0x0a000000 as Ipv4Address, length: 8 }],
  };
  const link = ipv6FromBytes(Uint8Array.of(0x20, 1, ...new Array<number>(14).fill(0)));
  const scopes6: ResponderScopes6 = {
    ...policy,
    serverDuid: Uint8Array.of(0, 3, 0, 1, 2),
    links: [{ linkAddress: link, prefixes: [{ address: link, length: 16 }] }],
  };
  engine.configure({ servers4: [scopes4], servers6: [scopes6], tcpConnectionsAcceptedMax: acceptedMax }, Date.now());
  const faults: Error[] = [];
  const opened = await serveLeasequery(
    { family, instance: INSTANCE, address: family === 4 ? "127.0.0.1" : "::1", port: 0, tls, device },
    engine,
    { onFault: (error) => faults.push(error) },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  closing.push(() => opened.value.close(0));
  return { engine, listener: opened.value, table, faults };
}

function lease(family: 4 | 6, i: number, more: Partial<BindingInput> = {}): BindingInput {
  const now = Math.floor(Date.now() / 1000);
  return {
    instance: INSTANCE,
    address:
      family === 4
        ? Uint8Array.of(10, i >>> 16, i >>> 8, i)
        : Uint8Array.of(0x20, 1, ...new Array<number>(11).fill(0), i >>> 16, i >>> 8, i),
    prefixLength: family === 4 ? 32 : 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(2, 0, 0, i >>> 16, i >>> 8, i),
    clientId: Uint8Array.of(0, 3, 0, 1, i >>> 16, i >>> 8, i),
    startTimeOfStateSeconds: now,
    clientLastTransactionTimeSeconds: now,
    expiresAtSeconds: now + 3600,
    relayAgentInformation: new Uint8Array(200).fill(7),
    relayId: Uint8Array.of(0, 3, 7),
    dataSource: 0,
    origin: "server",
    ...more,
  };
}

/** A requestor: what arrives, cut into messages. */
class Requestor {
  readonly socket: Socket;
  readonly messages: Uint8Array[] = [];
  readonly closed: Promise<void>;
  isClosed = false;
  #reader: FrameReader;
  #wake: (() => void) | undefined;

  constructor(socket: Socket, family: 4 | 6 = 4) {
    this.socket = socket;
    this.#reader = new FrameReader({ messageLengthMin: family === 4 ? 240 : 4 });
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) =>
      socket.on("close", () => {
        this.isClosed = true;
        this.#wake?.();
        resolve();
      }),
    );
    closing.push(() => socket.destroy());
  }

  /** Types of the messages once there are so many, or the connection has closed. */
  async types(count: number, family: 4 | 6 = 4): Promise<(number | undefined)[]> {
    while (this.messages.length < count && !this.isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.messages.map((bytes) => bytes[family === 4 ? 242 : 0]);
  }

  #take(bytes: Uint8Array): void {
    for (const message of this.#reader.push(bytes).frames) this.messages.push(Uint8Array.from(message));
    this.#wake?.();
  }
}

async function open(server: Server, family: 4 | 6 = 4): Promise<Requestor> {
  const socket = connect(server.listener.port, family === 4 ? "127.0.0.1" : "::1");
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return new Requestor(socket, family);
}

/** Until the engine's view of things is so: what happens at the other end of a socket takes its turns. */
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("connections on loopback", () => {
  test("a query that arrives octet by octet is answered", async () => {
    const server = await serve({ leases: 3 });
    const requestor = await open(server);
    requestor.socket.setNoDelay(true);
    for (const octet of ALL) {
      requestor.socket.write(Uint8Array.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const types = await requestor.types(4);
    expect(types).toEqual([13, 13, 13, MessageType4.DHCPLEASEQUERYDONE]);
  });

  test("a frame of 65,535 octets is read, and a message of that kind is answered", async () => {
    const server = await serve({ leases: 1 });
    const requestor = await open(server);
    const query = bulkLeasequery4({ xid: 9, query: { kind: "all" }, parameterRequestList: [51] });
    // Pads fill it up: they are options without a meaning.
    const large = new Uint8Array(65_535);
    large.set(query.subarray(0, query.length - 1));
    large[65_534] = 255;
    requestor.socket.write(frame(large));
    expect(await requestor.types(2)).toEqual([13, MessageType4.DHCPLEASEQUERYDONE]);
  });

  test("junk closes the connection; a proper query on another one is answered", async () => {
    const server = await serve({ leases: 2 });
    const junk = await open(server);
    junk.socket.write("GET / HTTP/1.1\r\nHost: leasewire\r\n\r\n".padEnd(40_000, "x"));
    await junk.closed;
    expect(junk.messages).toEqual([]);
    const short = await open(server);
    short.socket.write(Uint8Array.of(0, 3, 1, 1, 1));
    await short.closed;
    const requestor = await open(server);
    requestor.socket.write(ALL);
    expect(await requestor.types(3)).toEqual([13, 13, MessageType4.DHCPLEASEQUERYDONE]);
    await eventually(() => server.engine.size === 1);
    expect(bulkConnectionsView(server.engine, {}, Date.now()).closedDueToError).toBe(2);
    expect(server.faults).toEqual([]);
  });

  test("a proper query before junk is answered, then the connection is closed", async () => {
    const server = await serve({ leases: 2 });
    const requestor = await open(server);
    requestor.socket.write(Buffer.concat([ALL, Uint8Array.of(0, 3, 1, 1, 1)]));
    await requestor.closed;
    expect(await requestor.types(3)).toEqual([13, 13, MessageType4.DHCPLEASEQUERYDONE]);
  });

  test("a reader that stops holds one buffer, and gets everything when it goes on; others are answered meanwhile", async () => {
    const server = await serve({ leases: 30_000 });
    const slow = await open(server);
    slow.socket.pause();
    slow.socket.write(ALL);
    const view = () => connectionViews(server.engine, {})[0]!;
    // The system's buffers fill up; then the octets sent stay as they are, at no more than one buffer.
    let sent = -1;
    await eventually(() => {
      const before = sent;
      sent = view().octetsSent;
      return sent > 0 && sent === before && view().backlogOctets > 0;
    });
    expect(view().backlogOctets).toBeLessThanOrEqual(256 * 1024);
    expect(view().phase).toBe("bulk");
    const other = await open(server);
    other.socket.write(
      frame(
        bulkLeasequery4({
          xid: 6,
          query: { kind: "client-id", clientId: Uint8Array.of(0, 3, 0, 1, 0, 0, 1) },
          parameterRequestList: [],
        }),
      ),
    );
    expect(await other.types(2)).toEqual([13, MessageType4.DHCPLEASEQUERYDONE]);
    slow.socket.resume();
    const types = await slow.types(30_001);
    expect(types.length).toBe(30_001);
    expect(types.at(-1)).toBe(MessageType4.DHCPLEASEQUERYDONE);
  });

  test("a connection that breaks in the middle of an answer gives everything back", async () => {
    const server = await serve({ leases: 30_000 });
    const requestor = await open(server);
    requestor.socket.write(ALL);
    await requestor.types(100);
    requestor.socket.resetAndDestroy();
    await eventually(() => server.engine.size === 0);
    expect(server.table.cursorCount).toBe(0);
    const again = await open(server);
    again.socket.write(ALL);
    expect((await again.types(30_001)).length).toBe(30_001);
  });

  test("1,000 connects at the limit: ten are served, the others closed at once; places become free", async () => {
    const server = await serve({ bulk: { connectionsMax: 10 } });
    const requestors: Requestor[] = [];
    for (let i = 0; i < 1000; i += 1) {
      const requestor = await open(server);
      requestors.push(requestor);
      if (i >= 10) await requestor.closed;
    }
    expect(server.engine.size).toBe(10);
    expect(requestors.filter(({ isClosed }) => !isClosed).length).toBe(10);
    expect(bulkConnectionsView(server.engine, {}, Date.now())).toMatchObject({
      accepted: 10,
      notAccepted: 990,
      inFlight: 10,
    });
    requestors[0]!.socket.destroy();
    await eventually(() => server.engine.size === 9);
    const next = await open(server);
    next.socket.write(ALL);
    expect((await next.types(11)).length).toBe(11);
  });

  test("half-open: DHCPv4 closes with the requestor, DHCPv6 answers first", async () => {
    const four = await serve({ leases: 3 });
    const requestor4 = await open(four);
    requestor4.socket.end();
    await requestor4.closed;
    await eventually(() => four.engine.size === 0);

    const six = await serve({ family: 6, leases: 2000 });
    const requestor6 = await open(six, 6);
    requestor6.socket.end(
      frame(
        leasequery6({
          transactionId: 1,
          clientDuid: Uint8Array.of(0, 3, 1),
          ...query6({ kind: "relay-id", relayDuid: Uint8Array.of(0, 3, 7) }, [47]),
        }),
      ),
    );
    await requestor6.closed;
    const types = await requestor6.types(2001, 6);
    expect(types.length).toBe(2001);
    expect([types[0], types.at(-1)]).toEqual([MessageType6["LEASEQUERY-REPLY"], MessageType6["LEASEQUERY-DONE"]]);
  });

  test("an idle connection is closed when its time is up", async () => {
    const server = await serve({ bulk: { timeoutSeconds: 1 } });
    const requestor = await open(server);
    await requestor.closed;
    await eventually(() => server.engine.size === 0);
    expect(bulkConnectionsView(server.engine, {}, Date.now()).reasons.map(({ name }) => name)).toEqual(["idle"]);
  });

  test("changes are told as they become durable, to all requestors; at shutdown QueryTerminated is the last", async () => {
    const server = await serve({ active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "insecure" } });
    const streams = await Promise.all([1, 2, 3].map(() => open(server)));
    for (const { socket } of streams) socket.write(frame(activeLeasequery4({ xid: 1, parameterRequestList: [] })));
    await eventually(() => connectionViews(server.engine, {}).every(({ phase }) => phase === "active"));
    for (let i = 0; i < 50; i += 1) {
      server.table.put(lease(4, i, { expiresAtSeconds: 0xffffffff - 1 }), "test", Math.floor(Date.now() / 1000));
      server.engine.durableAdvanced();
      for (const stream of streams) expect((await stream.types(i + 1)).length).toBe(i + 1);
    }
    server.engine.stop(Date.now());
    for (const stream of streams) {
      await stream.closed;
      expect((await stream.types(51)).at(-1)).toBe(MessageType4.DHCPLEASEQUERYSTATUS);
    }
  });

  test("closing a listener lets connections say QueryTerminated and frees the port", async () => {
    const server = await serve({ leases: 5 });
    const requestor = await open(server);
    await server.listener.close();
    await requestor.closed;
    expect(server.engine.size).toBe(0);
    const again = await serveLeasequery(
      { family: 4, instance: INSTANCE, address: "127.0.0.1", port: server.listener.port },
      server.engine,
      { onFault: (error) => server.faults.push(error) },
    );
    expect(again.ok).toBe(true);
    const taken = await serveLeasequery(
      { family: 4, instance: INSTANCE, address: "127.0.0.1", port: server.listener.port },
      server.engine,
      { onFault: (error) => server.faults.push(error) },
    );
    expect(taken).toMatchObject({ ok: false, error: { code: "port-in-use" } });
    if (again.ok) await again.value.close();
  });
});

const mayBind = process.getuid?.() === 0 && addon() !== null;
if (!mayBind) console.log("Skipped: binding connections to a device needs root and the addon");

describe.skipIf(!mayBind)("bound to a device, as in a VRF", () => {
  test.each([4, 6] as const)("DHCPv%i: a query that arrives there is answered", async (family) => {
    const server = await serve({ family, device: "lo" });
    const requestor = await open(server, family);
    requestor.socket.write(family === 4 ? ALL : frame(tls6({ transactionId: 7, direction: "request" })));
    const answer = family === 4 ? MessageType4.DHCPLEASEACTIVE : MessageType6.REPLY;
    expect((await requestor.types(1, family))[0]).toBe(answer);
  });

  test("a device that is not there, and a port that is taken, are refused", async () => {
    const server = await serve({ device: "lo" });
    const at = { family: 4, instance: INSTANCE, address: "127.0.0.1", port: server.listener.port } as const;
    const handlers = { onFault: (error: Error) => server.faults.push(error) };
    expect(await serveLeasequery({ ...at, device: "lo" }, server.engine, handlers)).toMatchObject({
      error: { code: "port-in-use" },
    });
    expect(await serveLeasequery({ ...at, device: "lw-absent" }, server.engine, handlers)).toMatchObject({
      error: { code: "device-unknown", message: expect.stringContaining("lw-absent") },
    });
  });
});

describe("TLS (RFC 7724 §7.2, §8.1, RFC 7653 §8.2, §9.1)", () => {
  let directory: string;
  let server: TlsMaterial;
  let client: TlsMaterial;
  let stranger: TlsMaterial;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "leasewire-tls-"));
    for (const ca of ["ca", "other-ca"]) authority(ca);
    server = material("server", "ca");
    client = material("bng-a", "ca");
    stranger = { ...material("stranger", "other-ca"), ca: client.ca };
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: directory, stdio: "ignore" });
  };
  function authority(name: string): void {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  }
  function material(name: string, ca: string): TlsMaterial {
    openssl(
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      `${ca}.pem`,
      "-CAkey",
      `${ca}.key`,
      "-CAcreateserial",
      "-days",
      "2",
      "-out",
      `${name}.pem`,
    );
    const read = (file: string): string => readFileSync(join(directory, file), "utf8");
    return { certificate: read(`${name}.pem`), privateKey: read(`${name}.key`), ca: read(`${ca}.pem`) };
  }

  const START4 = frame(tls4({ xid: 3, direction: "request" }));
  const START6 = frame(tls6({ transactionId: 3, direction: "request" }));

  /** Asks for TLS and begins the handshake when it is granted. */
  async function secure(
    on: Server,
    family: 4 | 6,
    identity: Partial<TlsMaterial>,
  ): Promise<{ requestor: Requestor; plain: Requestor; done: Promise<boolean> }> {
    const plain = await open(on, family);
    plain.socket.write(family === 4 ? START4 : START6);
    expect(await plain.types(1, family)).toEqual([family === 4 ? MessageType4.DHCPTLS : MessageType6.REPLY]);
    plain.socket.removeAllListeners("data");
    const stream: TLSSocket = connectTls({
      socket: plain.socket,
      cert: identity.certificate,
      key: identity.privateKey,
      ca: identity.ca ?? client.ca,
      checkServerIdentity: () => undefined,
    });
    const done = new Promise<boolean>((resolve) => {
      stream.once("secureConnect", () => resolve(stream.authorized));
      stream.once("error", () => resolve(false));
    });
    return { requestor: new Requestor(stream, family), plain, done };
  }

  test.each([4, 6] as const)(
    "DHCPv%i: granted, then bulk and active over it, with the name of the requestor shown",
    async (family) => {
      const on = await serve({
        family,
        leases: 300,
        tls: server,
        active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "secure" },
      });
      const { requestor, done } = await secure(on, family, client);
      expect(await done).toBe(true);
      requestor.socket.write(
        family === 4
          ? ALL
          : frame(
              leasequery6({
                transactionId: 1,
                clientDuid: Uint8Array.of(0, 3, 1),
                ...query6({ kind: "relay-id", relayDuid: Uint8Array.of(0, 3, 7) }),
              }),
            ),
      );
      expect((await requestor.types(301, family)).length).toBe(301);
      expect(connectionViews(on.engine, {})).toMatchObject([{ tls: true, tlsPeer: "bng-a", phase: "idle" }]);
      if (family === 4) {
        requestor.socket.write(frame(activeLeasequery4({ xid: 8, parameterRequestList: [] })));
        await eventually(() => connectionViews(on.engine, {})[0]!.phase === "active");
        on.table.put(lease(4, 1, { expiresAtSeconds: 0xfffffff0 }), "test", Math.floor(Date.now() / 1000));
        on.engine.durableAdvanced();
        expect((await requestor.types(302)).at(-1)).toBe(MessageType4.DHCPLEASEACTIVE);
      }
      expect(on.faults).toEqual([]);
    },
  );

  test.each<[string, () => Partial<TlsMaterial>]>([
    ["of another authority", () => stranger],
    ["none", () => ({ ca: client.ca })],
  ])("a requestor's certificate %s: the connection is closed", async (_, identity) => {
    const on = await serve({ leases: 3, tls: server });
    const { requestor } = await secure(on, 4, identity());
    requestor.socket.write(ALL);
    await requestor.closed;
    expect(requestor.messages).toEqual([]);
    await eventually(() => on.engine.size === 0);
    expect(bulkConnectionsView(on.engine, {}, Date.now()).reasons.map(({ name }) => name)).toEqual(["tls-failed"]);
  });

  test("a server certificate of another authority: the requestor closes, and so does the server", async () => {
    const on = await serve({ tls: stranger });
    const { requestor, plain, done } = await secure(on, 4, client);
    expect(await done).toBe(false);
    requestor.socket.destroy();
    plain.socket.destroy();
    await eventually(() => on.engine.size === 0);
  });

  test("octets that are no handshake: closed", async () => {
    const on = await serve({ tls: server });
    const requestor = await open(on);
    requestor.socket.write(START4);
    await requestor.types(1);
    requestor.socket.write(ALL);
    await requestor.closed;
    await eventually(() => on.engine.size === 0);
  });

  test("octets behind the request, before its answer: closed", async () => {
    const on = await serve({ tls: server });
    const requestor = await open(on);
    requestor.socket.write(Buffer.concat([START4, ALL]));
    await requestor.closed;
    expect(requestor.messages).toEqual([]);
  });

  test.each<[string, 4 | 6, Options]>([
    ["without certificates", 4, {}],
    ["without certificates", 6, { family: 6 }],
    ["in insecure mode", 4, { active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "insecure" } }],
  ])("%s, DHCPv%i: TLSConnectionRefused, and the connection can be used as it is", async (why, family, options) => {
    const on = await serve({ ...options, leases: 1, tls: why === "in insecure mode" ? server : undefined });
    const requestor = await open(on, family);
    requestor.socket.write(family === 4 ? START4 : START6);
    await requestor.types(1, family);
    const [answer] = requestor.messages;
    // Option 151 (v4) or 13 (v6) with code 8 or 15.
    expect([...answer!.subarray(family === 4 ? 243 : 4, family === 4 ? 246 : 10)]).toEqual(
      family === 4 ? [151, answer![244], 8] : [0, 13, 0, answer![7], 0, 15],
    );
    if (family === 4) {
      requestor.socket.write(ALL);
      expect((await requestor.types(3)).slice(1)).toEqual([13, MessageType4.DHCPLEASEQUERYDONE]);
    }
  });

  test("secure mode: an active query without TLS is refused and the connection closed", async () => {
    const on = await serve({ tls: server, active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: "secure" } });
    const requestor = await open(on);
    requestor.socket.write(frame(activeLeasequery4({ xid: 1, parameterRequestList: [] })));
    await requestor.closed;
    expect(await requestor.types(1)).toEqual([MessageType4.DHCPLEASEQUERYSTATUS]);
  });

  test("a handshake that never comes ends with the timeout", async () => {
    const on = await serve({ tls: server, bulk: { timeoutSeconds: 1 } });
    const requestor = await open(on);
    requestor.socket.write(START4);
    await requestor.closed;
    expect(bulkConnectionsView(on.engine, {}, Date.now()).reasons.map(({ name }) => name)).toEqual([
      "handshake-timeout",
    ]);
  });
});
