import { MessageChannel, Worker } from "node:worker_threads";
import type { BindingListInput, LeasequeryRunDetail, LeasequeryStartInput } from "@leasewire/api";
import type { BindingInput } from "@leasewire/bindings";
import { type ChangeBatch, ChangeBatchReader, changeBatch } from "@leasewire/db/change-batch";
import { seededRandom } from "@leasewire/engines";
import { ipv4ToBytes, parseIpv4 } from "@leasewire/net";
import { explainBindFailure, type LinkHandlers, type openUdp } from "@leasewire/transport";
import { decodeMessage4, leaseReply4, MessageType4, readLeasequery4 } from "@leasewire/wire";
import { afterEach, describe, expect, test } from "vitest";
import type { StoredBinding, StoredChange } from "../persistence-thread/messages.ts";
import { connectThread } from "../threads/rpc.ts";
import type { EngineApi, EngineEvent } from "./messages.ts";
import { EngineService } from "./service.ts";

const nowSeconds = Math.floor(Date.now() / 1000);
const relay = "set forwarding-options dhcp-relay";
const configuration = `${relay} leasequery attempts 2 timeout 1
${relay} listen-address 192.0.2.1
${relay} server-group isp 198.51.100.1`;

/** A database in memory that can be told to refuse. */
class Database {
  bindings: StoredBinding[] = [];
  readonly changes: StoredChange[] = [];
  readonly runs: LeasequeryRunDetail[] = [];
  readonly last = { 4: 0, 6: 0 };
  refuse = false;

  async writeChanges(batch: ChangeBatch) {
    this.#check();
    const change = new ChangeBatchReader(batch);
    while (change.next()) {
      const { family, sequence, atSeconds, cause } = change;
      const kind = change.removal ? "remove" : "put";
      this.changes.push({ family, sequence, atSeconds, kind, cause, binding: change.binding() });
      this.last[family] = sequence;
    }
    return { durableSequence: { ...this.last } };
  }
  async writeRun(run: LeasequeryRunDetail) {
    this.#check();
    this.runs.push(run);
  }
  async readBindings(family: 4 | 6, after: number | null, limit: number) {
    this.#check();
    const rest = family === 4 ? this.bindings.filter((stored) => stored.sequence > (after ?? 0)) : [];
    const page = rest.slice(0, limit);
    const puts = page.map(
      ({ binding, sequence, changedAtSeconds: atSeconds }): StoredChange => ({
        family,
        sequence,
        atSeconds,
        kind: "put",
        cause: "",
        binding,
      }),
    );
    return { bindings: changeBatch(puts), next: rest.length > limit ? (page.at(-1)?.sequence ?? null) : null };
  }
  async lastSequence(family: 4 | 6) {
    this.#check();
    return this.last[family];
  }
  #check() {
    if (this.refuse) throw new Error("disk full");
  }
}

/** Sockets without a network: what is sent is kept, what arrives is said by the test. */
class Network {
  readonly open = new Map<string, LinkHandlers>();
  readonly sent: Uint8Array[] = [];
  readonly taken = new Set<string>();

  readonly opener: typeof openUdp = async (endpoint, handlers) => {
    const name = `${endpoint.address ?? "*"}#${endpoint.port}`;
    if (this.taken.has(name)) return { ok: false, error: explainBindFailure("EADDRINUSE", name, endpoint.port) };
    this.open.set(name, handlers);
    return {
      ok: true,
      value: {
        endpoint,
        port: endpoint.port,
        send: (_address, _port, bytes) => void this.sent.push(bytes),
        close: async () => void this.open.delete(name),
      },
    };
  };

  answer(): void {
    const decoded = decodeMessage4(this.sent.at(-1) ?? new Uint8Array());
    const asked = decoded.ok ? readLeasequery4(decoded.value) : decoded;
    if (!asked.ok || asked.value.query.kind !== "address") throw new Error("nothing was asked by address");
    const { xid, giaddr, query } = asked.value;
    const bytes = leaseReply4({
      messageType: MessageType4.DHCPLEASEACTIVE,
      xid,
      giaddr,
      ciaddr: query.address,
      htype: 1,
      chaddr: Uint8Array.of(2, 0, 0, 0, 0, 0x11),
      leaseTimeSeconds: 3000,
      clientLastTransactionTimeSeconds: 10,
    });
    this.open.get("192.0.2.1#67")?.onDatagram("198.51.100.1", 67, bytes);
  }
}

let service: EngineService | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

async function started(database = new Database(), network = new Network()) {
  const events: EngineEvent[] = [];
  service = new EngineService({
    node: "test",
    persistence: database,
    emit: (event) => void events.push(event),
    random: seededRandom(1),
    open: network.opener,
  });
  await service.start();
  await service.configure(configuration);
  return { service, database, network, events };
}

const query = (address: string): LeasequeryStartInput => ({
  family: 4,
  key: { kind: "address", address },
  gatewayAddress: "192.0.2.1",
});

const list = (changes: Partial<BindingListInput> = {}): BindingListInput => ({
  family: 4,
  filter: {},
  sort: { column: "address", direction: "asc" },
  offset: 0,
  limit: 100,
  ...changes,
});

function stored(address: string, sequence: number, changes: Partial<BindingInput> = {}): StoredBinding {
  const parsed = parseIpv4(address);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return {
    sequence,
    changedAtSeconds: nowSeconds - 50,
    binding: {
      instance: "default:default",
      address: ipv4ToBytes(parsed.value),
      prefixLength: 32,
      kind: "address",
      state: 2,
      hardwareType: 1,
      hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, sequence),
      startTimeOfStateSeconds: nowSeconds - 100,
      clientLastTransactionTimeSeconds: nowSeconds - 100,
      expiresAtSeconds: nowSeconds + 1000,
      dataSource: 0,
      origin: "individual",
      interfaceName: sequence % 2 === 0 ? "ge-0/0/2.0" : "ge-0/0/1.0",
      circuitId: new TextEncoder().encode("circuit-1"),
      serverAddress: "198.51.100.1",
      ...changes,
    },
  };
}

function withBindings(count: number): Database {
  const database = new Database();
  database.bindings = Array.from({ length: count }, (_, i) => stored(`10.0.${i >> 8}.${i & 255}`, i + 1));
  database.last[4] = count;
  return database;
}

async function rowsOf(input: BindingListInput) {
  const answer = await service?.listBindings(input);
  if (answer?.ok !== true) throw new Error(answer?.refusal.message);
  return answer.value;
}

describe("runs and the database", () => {
  test("a run is called stored only once its binding and the run itself are written", async () => {
    const { service, database, network, events } = await started();
    database.refuse = true;
    expect(await service.startRun("r1", query("10.0.0.11"), "ann")).toMatchObject({
      ok: true,
      value: { state: "running" },
    });
    network.answer();
    expect(await service.run("r1")).toMatchObject({ state: "confirmed", stored: false });
    await expect.poll(() => events.some((event) => event.kind === "storage-refusing" && event.refusing)).toBe(true);
    expect((await rowsOf(list())).rows[0]?.stored).toBe(false);
    expect(database.runs).toEqual([]);
    database.refuse = false;
    await expect.poll(async () => (await service.run("r1"))?.stored).toBe(true);
    expect(database.changes.map((change) => change.cause)).toEqual(["individual leasequery"]);
    expect(database.runs).toMatchObject([
      { id: "r1", stored: true, exchanges: [{ direction: "sent" }, { direction: "received" }] },
    ]);
    expect(events.filter((event) => event.kind === "durable")).toEqual([{ kind: "durable", family: 4, sequence: 1 }]);
    await expect.poll(() => events.findLast((event) => event.kind === "run")).toMatchObject({ run: { stored: true } });
  });

  test("stop cancels what runs and writes what is there", async () => {
    const { service, database, network } = await started();
    await service.startRun("r1", query("10.0.0.11"), "ann");
    network.answer();
    await service.startRun("r2", query("10.0.0.12"), "ann");
    await service.stop();
    expect(database.changes.length).toBe(1);
    expect(database.runs.map((run) => [run.id, run.state]).sort()).toEqual([
      ["r1", "confirmed"],
      ["r2", "cancelled"],
    ]);
    expect(network.open.size).toBe(0);
  });

  test("stop with a database that refuses still ends", async () => {
    const { service, database, network } = await started();
    database.refuse = true;
    await service.startRun("r1", query("10.0.0.11"), "ann");
    network.answer();
    await service.stop();
    expect(database.changes).toEqual([]);
  });
});

describe("restore", () => {
  test("bindings come back page by page with their sequences; numbering goes on after the last", async () => {
    const database = withBindings(4500);
    database.last[4] = 5000;
    const { events, service, network } = await started(database);
    expect(events[0]).toMatchObject({ kind: "restored", bindings: 4500 });
    expect(await rowsOf(list({ limit: 1 }))).toMatchObject({ total: 4500, sequence: 5000, durableSequence: 5000 });
    await service.startRun("r1", query("10.9.9.9"), "ann");
    network.answer();
    await expect.poll(() => database.changes.map((change) => change.sequence)).toEqual([5001]);
  });

  test("waits for a database that refuses at first", async () => {
    const database = withBindings(3);
    database.refuse = true;
    const starting = started(database);
    setTimeout(() => {
      database.refuse = false;
    }, 100);
    const { events } = await starting;
    expect(events.map((event) => event.kind)).toEqual(["storage-refusing", "storage-refusing", "restored"]);
  });

  test("leases that ran out meanwhile expire", async () => {
    const database = new Database();
    database.bindings = [stored("10.0.0.1", 1, { expiresAtSeconds: nowSeconds - 10 })];
    database.last[4] = 1;
    await started(database);
    await expect.poll(async () => (await rowsOf(list())).rows[0]?.state).toBe("EXPIRED");
    await expect
      .poll(() => database.changes.map((change) => [change.kind, change.cause]))
      .toEqual([["put", "expired"]]);
  });
});

describe("lists", () => {
  test("pages of a view hold still while rows change", async () => {
    const { service, network } = await started(withBindings(10));
    const first = await rowsOf(list({ limit: 4 }));
    expect(first.rows.map((row) => row.address)).toEqual(["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    await service.startRun("r1", query("9.0.0.1"), "ann");
    network.answer();
    const second = await rowsOf(list({ limit: 4, offset: 4, view: first.view }));
    expect(second).toMatchObject({ view: first.view, total: 10 });
    expect(second.rows.map((row) => row.address)).toEqual(["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]);
    expect(await rowsOf(list({ limit: 1, view: "forgotten" }))).toMatchObject({
      total: 11,
      rows: [{ address: "9.0.0.1" }],
    });
  });

  test.each<[string, BindingListInput["filter"], number]>([
    ["state", { states: ["ACTIVE"] }, 10],
    ["other state", { states: ["EXPIRED"] }, 0],
    ["text", { text: "10.0.0.7" }, 1],
    ["prefix", { prefix: "10.0.0.4/30" }, 4],
    ["MAC", { hardwareAddress: "0200.0000.0003" }, 1],
    ["circuit-id as shown", { circuitId: "circuit-1" }, 10],
    ["circuit-id in hex", { circuitId: "63:69:72:63:75:69:74:2d:31" }, 10],
    ["interface", { interfaceName: "ge-0/0/2.0" }, 5],
    ["server", { serverAddress: "198.51.100.1" }, 10],
    ["origin", { origin: "bulk" }, 0],
    ["instance", { logicalSystem: "default" }, 10],
    ["instance without bindings", { logicalSystem: "edge" }, 0],
  ])("filter by %s", async (_name, filter, total) => {
    await started(withBindings(10));
    expect((await rowsOf(list({ filter }))).total).toBe(total);
  });

  test("a logical system means all of its routing instances", async () => {
    const database = new Database();
    database.bindings = (["core:default", "core:red", "edge:red"] as const).map((instance, index) =>
      stored(`10.0.0.${index}`, index + 1, { instance }),
    );
    database.last[4] = 3;
    await started(database);
    const total = async (filter: BindingListInput["filter"]) => (await rowsOf(list({ filter }))).total;
    expect(await total({ logicalSystem: "core" })).toBe(2);
    expect(await total({ routingInstance: "red" })).toBe(2);
    expect(await total({ logicalSystem: "core", routingInstance: "red" })).toBe(1);
  });

  test.each<[string, BindingListInput["filter"]]>([
    ["hardwareAddress", { hardwareAddress: "zz" }],
    ["prefix", { prefix: "10.0.0.1/8" }],
    ["serverAddress", { serverAddress: "nowhere" }],
    ["linkAddress", { linkAddress: "2001:db8::1" }],
    ["origin", { origin: "heaven" }],
  ])("a %s that cannot be read is refused by name", async (field, filter) => {
    const { service } = await started();
    const answer = await service.listBindings(list({ filter }));
    expect(answer).toMatchObject({ ok: false, refusal: { code: "BAD_REQUEST", field } });
  });

  test("detail and summary", async () => {
    const { service } = await started(withBindings(3));
    expect(await service.bindingDetail("4/default:default/10.0.0.1/32")).toMatchObject({
      ok: true,
      value: { row: { address: "10.0.0.1" }, placement: null, dataSource: "local" },
    });
    expect(await service.bindingDetail("4/default:default/10.9.0.1/32")).toMatchObject({
      ok: false,
      refusal: { code: "NOT_FOUND" },
    });
    expect(await service.bindingDetail("rubbish")).toMatchObject({ ok: false, refusal: { code: "BAD_REQUEST" } });
    expect(await service.summary({ family: 4 })).toMatchObject({
      ok: true,
      value: { total: 3, byState: { ACTIVE: 3, EXPIRED: 0 }, byInstance: { "default:default": 3 } },
    });
    expect(await service.summary({ family: 4, routingInstance: "red" })).toMatchObject({
      ok: true,
      value: { total: 0 },
    });
  });
});

describe("clear", () => {
  test.each([
    ["an address", { address: "10.0.0.1" }, 1],
    ["an interface", { interfaceName: "ge-0/0/2.0" }, 5],
    ["all", { all: true }, 10],
  ])("%s", async (_name, what, cleared) => {
    const { service, database, events } = await started(withBindings(10));
    expect(await service.clearBindings({ family: 4, role: "relay", ...what }, "ann")).toEqual({
      ok: true,
      value: { cleared },
    });
    expect((await rowsOf(list())).total).toBe(10 - cleared);
    await expect.poll(() => database.changes.length).toBe(cleared);
    expect(new Set(database.changes.map((change) => `${change.kind} ${change.cause}`))).toEqual(
      new Set(["remove cleared by ann"]),
    );
    await expect.poll(() => events.find((event) => event.kind === "bindings")?.batch.removed.length).toBe(cleared);
  });

  test("the server's leases are not the relay's to clear", async () => {
    const database = withBindings(4);
    database.bindings = database.bindings.map((stored, index) =>
      index < 1 ? { ...stored, binding: { ...stored.binding, origin: "import" } } : stored,
    );
    const { service } = await started(database);
    const counted = async (role: "relay" | "server") => {
      const summary = await service.summary({ family: 4, role });
      const page = await rowsOf(list({ filter: { role } }));
      return [summary.ok && summary.value.total, summary.ok && summary.value.byState.ACTIVE, page.total];
    };
    expect(await counted("relay")).toEqual([3, 3, 3]);
    expect(await counted("server")).toEqual([1, 1, 1]);
    expect(await service.clearBindings({ family: 4, role: "relay", all: true }, "ann")).toMatchObject({
      value: { cleared: 3 },
    });
    expect(await counted("relay")).toEqual([0, 0, 0]);
    expect(await counted("server")).toEqual([1, 1, 1]);
  });

  test.each([
    ["nothing", {}, "BAD_REQUEST"],
    ["two things", { address: "10.0.0.1", all: true }, "BAD_REQUEST"],
    ["no address", { address: "x" }, "BAD_REQUEST"],
    ["an address without binding", { address: "10.9.9.9" }, "NOT_FOUND"],
  ])("refused: %s", async (_name, what, code) => {
    const { service } = await started(withBindings(2));
    expect(await service.clearBindings({ family: 4, role: "relay", ...what }, "ann")).toMatchObject({
      ok: false,
      refusal: { code },
    });
  });
});

describe("events", () => {
  test("more changes than a batch holds are told as overflow", async () => {
    const { service, events } = await started(withBindings(3000));
    await service.clearBindings({ family: 4, role: "relay", all: true }, "ann");
    const told = () => events.filter((event) => event.kind === "bindings" || event.kind === "bindings-overflow");
    const upTo = () => told().map((event) => (event.kind === "bindings" ? event.batch.toSequence : event.toSequence));
    await expect.poll(() => upTo().at(-1)).toBe(6000);
    expect(told().some((event) => event.kind === "bindings-overflow")).toBe(true);
    for (const event of told()) {
      if (event.kind === "bindings") expect(event.batch.removed.length).toBeLessThanOrEqual(500);
    }
  });
});

describe("configuration", () => {
  test("text that does not parse changes nothing", async () => {
    const { service, network } = await started();
    const answer = await service.configure("set nonsense");
    expect(answer.ok).toBe(false);
    expect(answer.findings[0]).toMatchObject({ severity: "error", line: 1 });
    expect([...network.open.keys()]).toEqual(["192.0.2.1#67"]);
  });

  test("one port in use: none of the new sockets stays, the old ones do", async () => {
    const { service, network } = await started();
    network.taken.add("192.0.2.9#67");
    const answer = await service.configure(`set logical-systems a forwarding-options dhcp-relay leasequery
set logical-systems a forwarding-options dhcp-relay listen-address 192.0.2.8
set logical-systems b forwarding-options dhcp-relay leasequery
set logical-systems b forwarding-options dhcp-relay listen-address 192.0.2.9`);
    expect(answer).toMatchObject({
      ok: false,
      findings: [
        {
          rule: "listen-port-in-use",
          path: "logical-systems b forwarding-options dhcp-relay listen-port",
          remedy: "set logical-systems b forwarding-options dhcp-relay listen-port PORT",
        },
      ],
    });
    expect([...network.open.keys()]).toEqual(["192.0.2.1#67"]);
    expect((await service.targets()).relays.map((one) => one.instance)).toEqual(["default:default"]);
  });

  test("a socket that is still wanted is kept, others are opened and closed", async () => {
    const { service, network } = await started();
    const kept = network.open.get("192.0.2.1#67");
    await service.configure(`${configuration}
${relay} dhcpv6 leasequery
${relay} dhcpv6 listen-address 2001:db8::1
${relay} dhcpv6 listen-port 1546`);
    expect([...network.open.keys()]).toEqual(["192.0.2.1#67", "2001:db8::1#1546"]);
    expect(network.open.get("192.0.2.1#67")).toBe(kept);
    await service.configure("");
    expect(network.open.size).toBe(0);
  });

  test("targets say why a relay cannot ask", async () => {
    const { service } = await started();
    await service.configure(`${relay} server-group isp 198.51.100.1
set logical-systems a forwarding-options dhcp-relay leasequery`);
    expect((await service.targets()).relays).toMatchObject([
      { unavailable: 'Individual leasequery is not configured: add "set forwarding-options dhcp-relay leasequery".' },
      {
        unavailable:
          'No DHCPv4 server is configured: add "set logical-systems a forwarding-options dhcp-relay server-group NAME ADDRESS".',
      },
    ]);
  });
});

describe("requests that cannot be read send nothing", () => {
  test.each<[string, LeasequeryStartInput]>([
    ["address", query("10.0.0.999")],
    ["address", query("0.0.0.0")],
    ["gatewayAddress", { ...query("10.0.0.1"), gatewayAddress: "" } as LeasequeryStartInput],
    ["gatewayAddress", { ...query("10.0.0.1"), gatewayAddress: "0.0.0.0" } as LeasequeryStartInput],
    ["serverAddress", { ...query("10.0.0.1"), serverAddress: "2001:db8::1" }],
    ["serverAddress", { ...query("10.0.0.1"), serverAddress: "203.0.113.1" }],
    ["serverGroup", { ...query("10.0.0.1"), serverGroup: "none" }],
    ["mac", { family: 4, key: { kind: "mac", mac: "xyz" }, gatewayAddress: "192.0.2.1" }],
    ["clientId", { family: 4, key: { kind: "client-id", clientId: "01" }, gatewayAddress: "192.0.2.1" }],
    ["address", { family: 6, key: { kind: "address", address: "2001:db8::/200" } }],
    ["duid", { family: 6, key: { kind: "client-id", duid: "00" } }],
    ["linkAddress", { family: 6, key: { kind: "address", address: "2001:db8::1" }, linkAddress: "eth0" }],
  ])("%s", async (field, input) => {
    const { service, network } = await started();
    const answer = await service.startRun("r1", input, "ann");
    expect(answer).toMatchObject({ ok: false, refusal: { field } });
    expect(answer.ok ? "" : answer.refusal.message.length).toBeGreaterThan(20);
    expect(network.sent).toEqual([]);
    expect(await service.runs()).toEqual([]);
  });

  test("the command line of a run is told back in full", async () => {
    const { service } = await started();
    const answer = await service.startRun(
      "r1",
      { ...query("10.0.0.11"), serverGroup: "isp", routingInstance: "default", logicalSystem: "default" },
      "ann",
    );
    expect(answer).toMatchObject({
      ok: true,
      value: {
        command:
          "request dhcp relay leasequery 10.0.0.11 gateway-address 192.0.2.1 server-group isp routing-instance default logical-system default",
        startedBy: "ann",
      },
    });
  });
});

test("statistics and metrics count what happened", async () => {
  const { service, network } = await started();
  await service.startRun("r1", query("10.0.0.11"), "ann");
  network.answer();
  network.answer();
  expect(await service.relayLeasequeryStatistics(4, {})).toMatchObject({
    family: 4,
    totalQueries: 1,
    totalAttempts: 1,
  });
  expect(await service.relayStatistics(4, {})).toMatchObject({ dropsTotal: 1, drops: [{ name: "duplicate reply" }] });
  const metrics = await service.metrics();
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value;
  expect(value("leasewire_relay_drops_total")).toBe(1);
  expect(value("leasewire_relay_leasequery_total_queries")).toBe(1);
  expect(value("leasewire_binding_sequence")).toBe(1);
  await service.clearStatistics(4, {}, undefined);
  expect((await service.relayStatistics(4, {})).dropsTotal).toBe(0);
});

test("the worker serves the same over its port", async () => {
  const { port1, port2 } = new MessageChannel();
  connectThread(port1, new Database());
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: { node: "test", secret: "a secret of the tests", persistencePort: port2 },
    transferList: [port2],
  });
  try {
    const restored = Promise.withResolvers<EngineEvent>();
    const { remote } = connectThread<EngineApi, EngineEvent>(worker, {}, (event) => restored.resolve(event));
    expect(await restored.promise).toMatchObject({ kind: "restored", bindings: 0 });
    expect(await remote.configure("")).toEqual({ ok: true, findings: [] });
    expect(await remote.listBindings(list())).toMatchObject({ ok: true, value: { total: 0 } });
    await remote.stop();
  } finally {
    await worker.terminate();
    port1.close();
  }
});
