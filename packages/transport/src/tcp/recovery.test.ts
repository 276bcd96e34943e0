import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BindingInput, BindingTable } from "@leasewire/bindings";
import {
  createRecovery,
  LeasequeryConnections,
  nextRecoveryDeadlineMs,
  type RecoveryInput,
  type RecoveryRelay,
  type RecoveryState,
  seededRandom,
  stepRecovery,
  viewBulkRun,
  viewStream,
} from "@leasewire/engines";
import { type Ipv4Address, ipv6FromBytes } from "@leasewire/net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectLeasequery, type LeasequeryConnection } from "./connect-leasequery.ts";
import { serveLeasequery } from "./serve-leasequery.ts";
import type { TlsMaterial } from "./served-socket.ts";

const INSTANCE = "default:default";
const RELAY_ID = Uint8Array.of(0, 3, 0, 1, 9, 9, 9, 9, 9, 9);
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function lease(family: 4 | 6, i: number): BindingInput {
  const now = Math.floor(Date.now() / 1000);
  const link = [0x20, 1, 0xd, 0xb8, 0, 1, ...new Array<number>(10).fill(0)];
  const address =
    family === 4
      ? Uint8Array.of(10, i >>> 16, i >>> 8, i)
      : Uint8Array.of(...link.slice(0, 12), i >>> 24, i >>> 16, i >>> 8, i);
  return {
    instance: INSTANCE,
    address,
    prefixLength: family === 4 ? 32 : 128,
    kind: "address",
    state: 2,
    hardwareType: 1,
    hardwareAddress: Uint8Array.of(2, 0, 0, i >>> 16, i >>> 8, i),
    clientId: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, i >>> 16, i >>> 8, i),
    startTimeOfStateSeconds: now,
    clientLastTransactionTimeSeconds: now,
    expiresAtSeconds: now + 3600,
    relayAgentInformation:
      family === 4
        ? Uint8Array.of(1, 2, 0x67, 0x65, 12, RELAY_ID.length, ...RELAY_ID)
        : Uint8Array.of(
            ...new Array<number>(16).fill(0xfe),
            ...[12, 0, ...link, ...address],
            ...[0, 18, 0, 2, 0x67, 0x65],
            ...[0, 53, 0, RELAY_ID.length, ...RELAY_ID],
          ),
    linkAddress: family === 4 ? undefined : Uint8Array.from(link),
    relayId: RELAY_ID,
    dataSource: 0,
    origin: "server",
  };
}

async function serve(family: 4 | 6, leases: number, tls?: TlsMaterial) {
  const tables = { 4: new BindingTable(4), 6: new BindingTable(6) } as const;
  for (let i = 1; i <= leases; i += 1) tables[family].put(lease(family, i), "test", Math.floor(Date.now() / 1000));
  const engine = new LeasequeryConnections({ tables, durable: (one) => tables[one].sequence });
  const policy = {
    instance: INSTANCE,
    bulk: {
      connectionsMax: 10,
      emptyRepliesMax: 100,
      timeoutSeconds: 120,
      restrictedRequestor: false,
      queriesParallelMax: 4,
    },
    active: { timeoutSeconds: 120, idleTimeoutSeconds: 60, mode: tls === undefined ? "insecure" : "secure" },
    tls: tls !== undefined,
  } as const;
  const link = ipv6FromBytes(Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Array<number>(12).fill(0)));
  engine.configure(
    {
      servers4: [
        { ...policy, serverIdentifier: 1 as Ipv4Address, managed: [{ address: 0 as Ipv4Address, length: 0 }] },
      ],
      servers6: [
        {
          ...policy,
          serverDuid: Uint8Array.of(0, 3, 1),
          links: [{ linkAddress: link, prefixes: [{ address: link, length: 32 }] }],
        },
      ],
    },
    Date.now(),
  );
  const opened = await serveLeasequery(
    { family, instance: INSTANCE, address: family === 4 ? "127.0.0.1" : "::1", port: 0, tls },
    engine,
    { onFault: (error) => expect(error).toBeUndefined() },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  closing.push(() => opened.value.close(0));
  return { engine, table: tables[family], port: opened.value.port };
}

/** Recovery with real sockets under it. */
class Requestor {
  readonly tables = { 4: new BindingTable(4), 6: new BindingTable(6) } as const;
  readonly state: RecoveryState;
  readonly #connections = new Map<number, LeasequeryConnection>();
  readonly #tls: TlsMaterial | undefined;

  constructor(relay: RecoveryRelay, tls?: TlsMaterial) {
    this.#tls = tls;
    this.state = createRecovery({ tables: this.tables, random: seededRandom(1) });
    this.step({ kind: "configuration", relays: [relay], requestedConnectionsMax: 3 });
    closing.push(() => {
      for (const connection of this.#connections.values()) connection.close();
    });
  }

  step(input: RecoveryInput): void {
    const out = stepRecovery(this.state, input, Date.now());
    for (const connect of out.connects) {
      const id = connect.connection;
      const opened = connectLeasequery(
        { ...connect, tls: connect.tls ? this.#tls : undefined },
        {
          onConnected: (secure) => this.step({ kind: "connected", connection: id, secure }),
          onData: (bytes) => this.step({ kind: "received", connection: id, bytes }),
          onClosed: (reason) => this.step({ kind: "closed", connection: id, reason }),
          onFault: (error) => expect(error).toBeUndefined(),
        },
      );
      if (opened.ok) this.#connections.set(id, opened.value);
      else this.step({ kind: "closed", connection: id, reason: opened.error.message });
    }
    for (const { connection, bytes } of out.writes) this.#connections.get(connection)?.write(bytes);
    for (const id of out.secures) this.#connections.get(id)?.secure();
    for (const id of out.pauses) this.#connections.get(id)?.pause();
    for (const id of out.resumes) this.#connections.get(id)?.resume();
    for (const id of out.closes) {
      this.#connections.get(id)?.close();
      this.#connections.delete(id);
    }
    const due = nextRecoveryDeadlineMs(this.state);
    if (due !== null && due <= Date.now()) setImmediate(() => this.step({ kind: "deadline" }));
  }
}

function relayOf(family: 4 | 6, port: number, more: Partial<RecoveryRelay> = {}): RecoveryRelay {
  return {
    instance: INSTANCE,
    family,
    servers: [{ address: family === 4 ? "127.0.0.1" : "::1", port, group: null }],
    relayId: RELAY_ID,
    bulk: { attempts: 1, timeoutSeconds: 1, triggerAutomatic: false },
    interfaces: ["ge"],
    replyRetriesMax: 3,
    replyRetrySeconds: 1,
    ...more,
  };
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("recovery over real connections", () => {
  test.each([4, 6] as const)("DHCPv%i: a bulk run brings every lease; paused, nothing is read", async (family) => {
    const leases = 20_000;
    const server = await serve(family, leases);
    const requestor = new Requestor(relayOf(family, server.port));
    requestor.step({
      kind: "start-run",
      request: { id: "run", family, key: { kind: "relay-id" }, startedBy: "alice", command: "", cause: "operator" },
    });
    const view = () => viewBulkRun(requestor.state.runs.get("run")!, Date.now());
    await eventually(() => view().received > 0);
    requestor.step({ kind: "pause-run", id: "run" });
    if (view().finishedAtMs === null) {
      // What was read when the word came is still used.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { received } = view();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(view().received).toBe(received);
      requestor.step({ kind: "resume-run", id: "run" });
    }
    await eventually(() => view().finishedAtMs !== null && requestor.state.runs.get("run")!.walk === null);
    expect(view()).toMatchObject({ state: "complete", applied: leases, refused: 0 });
    expect(view().groups).toMatchObject([{ interfaceName: "ge", recovered: leases, stale: 0 }]);
    expect(requestor.tables[family].size).toBe(leases);
  });
});

describe("recovery over TLS", () => {
  let directory = "";
  let own: TlsMaterial;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "leasewire-recovery-"));
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
        ...["-subj", "/CN=own", "-keyout", "own.key", "-out", "own.pem"],
      ],
      { cwd: directory, stdio: "ignore" },
    );
    const read = (file: string): string => readFileSync(join(directory, file), "utf8");
    own = { certificate: read("own.pem"), privateKey: read("own.key"), ca: read("own.pem") };
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each([4, 6] as const)(
    "DHCPv%i: bulk, catch-up and the stream, all secured (RFC 7724 §7.2, RFC 7653 §8.2)",
    async (family) => {
      const server = await serve(family, 500, own);
      const active = { timeoutSeconds: 60, idleTimeoutSeconds: 60, mode: "secure" } as const;
      const requestor = new Requestor(relayOf(family, server.port, { active }), own);
      requestor.step({ kind: "restored", bound: () => 0, baseTimes: [] });
      const view = () => viewStream(requestor.state, [...requestor.state.streams.values()][0]!, Date.now());
      await eventually(() => view().phase === "Active");
      expect(view().secure).toBe(true);
      expect(requestor.tables[family].size).toBe(500);
      server.table.put(lease(family, 501), "test", Math.floor(Date.now() / 1000));
      server.engine.durableAdvanced();
      await eventually(() => requestor.tables[family].size === 501);
      expect(view().explanation).toBe("Changes are told as they happen.");
    },
  );
});
