import { createSocket } from "node:dgram";
import type { LeasequeryStartInput } from "@leasewire/api";
import type { Ipv4Address } from "@leasewire/net";
import { decodeMessage4, type LeaseReply4, leaseReply4, MessageType4, readLeasequery4 } from "@leasewire/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Dhcpd, type DhcpdLink, makeLink, startDhcpd4 } from "../support/dhcpd.ts";
import { ScriptedServer, TestEngine } from "./harness.ts";

const nowSeconds = Math.floor(Date.now() / 1000);
const startsSeconds = nowSeconds - 600;
const endsSeconds = nowSeconds + 3000;
const port = 6767;

let link: DhcpdLink;
let dhcpd: Dhcpd;
let engine: TestEngine | undefined;
const servers: ScriptedServer[] = [];

beforeAll(async () => {
  link = makeLink();
  dhcpd = await startDhcpd4({
    link,
    port,
    leases: [
      {
        address: "10.0.0.11",
        mac: "02:00:00:00:00:11",
        clientId: "01020000000011",
        circuitId: "ge-0/0/1.0",
        remoteId: "subscriber-11",
        startsSeconds,
        endsSeconds,
      },
      // A client with two addresses: the older one is its associated address.
      { address: "10.0.0.21", mac: "02:00:00:00:00:21", clientId: "01020000000021", startsSeconds, endsSeconds },
      {
        address: "10.0.0.22",
        mac: "02:00:00:00:00:21",
        clientId: "01020000000021",
        startsSeconds: startsSeconds + 100,
        endsSeconds,
      },
    ],
  });
});
afterAll(async () => {
  await dhcpd?.stop();
  link?.remove();
});
afterEach(async () => {
  await engine?.stop();
  engine = undefined;
  for (const server of servers.splice(0)) await server.close();
});

/** A relay without client interfaces, which asks every second, twice. */
function configuration(extra: readonly string[] = [], relayServers: readonly string[] = [link.serverAddress4]): string {
  const relay = "set forwarding-options dhcp-relay";
  return [
    `${relay} overrides always-write-option-82`,
    `${relay} relay-option-82 circuit-id`,
    `${relay} leasequery attempts 2 timeout 1`,
    `${relay} listen-address ${link.relayAddress4}`,
    `${relay} listen-port ${port}`,
    ...relayServers.map((address) => `${relay} server-group isp ${address} port ${port}`),
    ...extra,
  ].join("\n");
}

function ask(key: Extract<LeasequeryStartInput, { family: 4 }>["key"]): LeasequeryStartInput {
  return { family: 4, key, gatewayAddress: link.relayAddress4 };
}

describe("found", () => {
  test.each([
    ["address", { kind: "address", address: "10.0.0.11" }],
    ["MAC address", { kind: "mac", mac: "02:00:00:00:00:11" }],
    ["client identifier", { kind: "client-id", clientId: "01:02:00:00:00:00:11" }],
  ] as const)("by %s", async (_name, key) => {
    engine = await TestEngine.started(configuration());
    const run = await engine.query(ask(key));
    expect(run.state, JSON.stringify(run.servers)).toBe("confirmed");
    expect(run.bindingIds).toEqual(["4/default:default/10.0.0.11/32"]);
    expect(run.exchanges.map((exchange) => [exchange.direction, exchange.message])).toEqual([
      ["sent", "DHCPLEASEQUERY"],
      ["received", "DHCPLEASEACTIVE"],
    ]);
    const [row] = await engine.rows(4);
    expect(row).toMatchObject({
      id: "4/default:default/10.0.0.11/32",
      address: "10.0.0.11",
      state: "ACTIVE",
      hardwareAddress: "02:00:00:00:00:11",
      circuitId: "ge-0/0/1.0",
      remoteId: "subscriber-11",
      interfaceName: "ge-0/0/1.0",
      serverAddress: link.serverAddress4,
      origin: "individual",
    });
    expect(Math.abs((row?.expiresAt as number) - endsSeconds)).toBeLessThanOrEqual(2);
    expect(Math.abs((row?.clientLastTransactionTime as number) - startsSeconds)).toBeLessThanOrEqual(2);
  });
});

test("found: the answer is stored, shown to browsers, and there after a restart", async () => {
  engine = await TestEngine.started(configuration());
  const { id } = await engine.query(ask({ kind: "address", address: "10.0.0.11" }));
  const run = await engine.stored(id);
  expect(run.stored).toBe(true);
  expect(engine.persistence.runs.get(id)?.exchanges.length).toBe(2);
  await expect.poll(() => engine?.events.filter((event) => event.kind === "bindings").length).toBe(1);
  expect(engine.events.find((event) => event.kind === "bindings")).toMatchObject({
    batch: { family: 4, fromSequence: 1, toSequence: 1, rows: [{ address: "10.0.0.11" }], removed: [] },
  });
  expect(engine.events.findLast((event) => event.kind === "run")).toMatchObject({ run: { id, stored: true } });
  const { persistence } = engine;
  await engine.stop();
  engine = await TestEngine.started(configuration(), persistence);
  expect(await engine.rows(4)).toMatchObject([{ address: "10.0.0.11", state: "ACTIVE", stored: true, sequence: 1 }]);
});

test("found: a client's other addresses (option 92) are asked and recorded too", async () => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(ask({ kind: "mac", mac: "02:00:00:00:00:21" }));
  expect(run.state).toBe("confirmed");
  expect((await engine.rows(4)).map((row) => row.address)).toEqual(["10.0.0.21", "10.0.0.22"]);
});

test("unassigned: managed by the server, not leased", async () => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(ask({ kind: "address", address: "10.0.0.99" }));
  expect(run).toMatchObject({ state: "unconfirmed", servers: [{ state: "unconfirmed" }] });
  expect(run.outcome).toBe(`No lease for 10.0.0.99, says ${link.serverAddress4}.`);
  expect(run.exchanges.at(-1)?.message).toBe("DHCPLEASEUNASSIGNED");
});

test.each([
  ["an address outside its networks", { kind: "address", address: "203.0.113.7" }],
  ["a MAC without lease", { kind: "mac", mac: "02:00:00:00:00:99" }],
  ["a client identifier without lease", { kind: "client-id", clientId: "01:ff:ff" }],
] as const)("unknown: %s", async (_name, key) => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(ask(key));
  expect(run).toMatchObject({ state: "unconfirmed", servers: [{ state: "unconfirmed" }] });
  expect(run.exchanges.at(-1)?.message).toBe("DHCPLEASEUNKNOWN");
  expect(await engine.rows(4)).toEqual([]);
});

test("not allowed: dhcpd is silent, and the run says what to check", async () => {
  const other = makeLink();
  const denying = await startDhcpd4({ link: other, port, leases: [], deny: true });
  try {
    engine = await TestEngine.started(
      configuration()
        .replaceAll(link.relayAddress4, other.relayAddress4)
        .replaceAll(link.serverAddress4, other.serverAddress4),
    );
    const run = await engine.query({
      ...ask({ kind: "address", address: "10.0.0.11" }),
      gatewayAddress: other.relayAddress4,
    } as LeasequeryStartInput);
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "silent", attempts: 2 }] });
    expect(run.outcome).toContain(
      "Check that the server runs, allows leasequery and can reach this relay at the gateway address",
    );
    expect(denying.log()).toContain("LEASEQUERY not allowed");
  } finally {
    await denying.stop();
    other.remove();
  }
});

test("a relay with client interfaces places the lease by its circuit-id, or drops it", async () => {
  const interfaces = ["set forwarding-options dhcp-relay group access interface ge-0/0/1.0"];
  engine = await TestEngine.started(configuration(interfaces));
  expect((await engine.query(ask({ kind: "address", address: "10.0.0.11" }))).state).toBe("confirmed");
  const run = await engine.query(ask({ kind: "address", address: "10.0.0.22" }));
  expect(run).toMatchObject({ state: "failed", servers: [{ state: "dropped" }] });
  expect(run.exchanges.at(-1)).toMatchObject({ dropReason: "no circuit-id" });
  expect((await engine.rows(4)).map((row) => row.interfaceName)).toEqual(["ge-0/0/1.0"]);
  expect((await engine.service.relayStatistics(4, {})).drops).toMatchObject([{ name: "no circuit-id", value: 1 }]);
});

describe("a server that is silent or wrong", () => {
  // On our own end of the link, beside the relay.
  const scripted = async (answer?: Parameters<typeof ScriptedServer.open>[2]) => {
    const server = await ScriptedServer.open("127.0.0.3", port, answer);
    servers.push(server);
    return server;
  };
  const only = () =>
    configuration([], ["127.0.0.3"]).replace(`listen-address ${link.relayAddress4}`, "listen-address 127.0.0.2");
  const askScripted = (address = "10.0.0.11"): LeasequeryStartInput => ({
    family: 4,
    key: { kind: "address", address },
    gatewayAddress: "127.0.0.2",
  });
  const active = (query: Uint8Array, changes: Partial<LeaseReply4> = {}) => {
    const decoded = decodeMessage4(query);
    const asked = decoded.ok ? readLeasequery4(decoded.value) : decoded;
    if (!asked.ok || asked.value.query.kind !== "address") throw new Error("not a query by address");
    return leaseReply4({
      messageType: MessageType4.DHCPLEASEACTIVE,
      xid: asked.value.xid,
      giaddr: asked.value.giaddr,
      ciaddr: asked.value.query.address,
      htype: 1,
      chaddr: Uint8Array.of(2, 0, 0, 0, 0, 0x11),
      leaseTimeSeconds: 3000,
      clientLastTransactionTimeSeconds: 10,
      ...changes,
    });
  };

  test("silent: asked as often as configured, with growing intervals", async () => {
    const server = await scripted();
    engine = await TestEngine.started(only());
    const startedAt = Date.now();
    const run = await engine.query(askScripted());
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "silent", attempts: 2, attemptsMax: 2 }] });
    expect(server.received.length).toBe(2);
    expect(server.received[0]).toEqual(server.received[1]);
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(2250);
  });

  test.each<[string, string, (query: Uint8Array, reply: (bytes: Uint8Array, from?: string) => void) => void]>([
    ["another transaction id", "xid unknown", (query, reply) => reply(withXid(active(query)))],
    ["another source address", "source never asked", (query, reply) => reply(active(query), "127.0.0.9")],
    ["garbage", "malformed message-truncated", (_query, reply) => reply(Uint8Array.of(1, 2, 3))],
    ["a cut message", "malformed option-truncated", (query, reply) => reply(active(query).subarray(0, 250))],
    [
      "another giaddr",
      "giaddr mismatch",
      (query, reply) => reply(active(query, { giaddr: 0x7f000009 as Ipv4Address })),
    ],
    [
      "another address",
      "ciaddr mismatch",
      (query, reply) => reply(active(query, { ciaddr: 0x0a000063 as Ipv4Address })),
    ],
  ])("wrong: %s is dropped and counted; the right answer after it is taken", async (_name, reason, wrong) => {
    await scripted((query, reply) => {
      wrong(query, reply);
      setTimeout(() => reply(active(query)), 100);
    });
    engine = await TestEngine.started(only());
    const run = await engine.query(askScripted());
    expect(run.state).toBe("confirmed");
    expect(run.exchanges.map((exchange) => exchange.dropReason)).toEqual([null, reason, null]);
    expect((await engine.service.relayStatistics(4, {})).drops).toMatchObject([{ name: reason, value: 1 }]);
  });

  test("wrong to the end: the run fails and says which rule was broken", async () => {
    await scripted((query, reply) => reply(active(query, { giaddr: 0x7f000009 as Ipv4Address })));
    engine = await TestEngine.started(only());
    const run = await engine.query(askScripted());
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "dropped" }] });
    expect(run.outcome).toContain("The answer has giaddr 127.0.0.9; the query had 127.0.0.2.");
    expect(await engine.rows(4)).toEqual([]);
  });

  test("late: an answer to a cancelled query is dropped", async () => {
    let late: (() => void) | undefined;
    await scripted((query, reply) => {
      late = () => reply(active(query));
    });
    engine = await TestEngine.started(only());
    const id = await engine.start(askScripted());
    await expect.poll(() => late).toBeDefined();
    expect(await engine.service.cancelRun(id)).toMatchObject({ ok: true, value: { state: "cancelled" } });
    late?.();
    await expect
      .poll(async () => (await engine?.service.relayStatistics(4, {}))?.drops.map((drop) => drop.name))
      .toEqual(["expired query"]);
    expect(await engine.rows(4)).toEqual([]);
  });

  test("no route: the run says so", async () => {
    engine = await TestEngine.started(
      configuration([], ["203.0.113.1"]).replace(`listen-address ${link.relayAddress4}`, "listen-address 127.0.0.2"),
    );
    const run = await engine.query(askScripted());
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "error" }] });
    expect(run.outcome).toContain("error: ");
  });
});

test("two servers of which one answers", async () => {
  // The other end of the link has the address, but nothing listens on this port of it.
  const silent = `set forwarding-options dhcp-relay server-group backup ${link.serverAddress4} port 9999`;
  engine = await TestEngine.started(configuration([silent]));
  const run = await engine.query(ask({ kind: "address", address: "10.0.0.11" }));
  expect(run.state).toBe("confirmed");
  expect(run.servers.map((server) => [server.serverPort, server.state])).toEqual([
    [port, "confirmed"],
    [9999, "silent"],
  ]);
});

describe("configuration", () => {
  test("a port in use refuses the whole commit and leaves the old configuration in force", async () => {
    const blocker = createSocket("udp4");
    await new Promise<void>((resolve) => blocker.bind(7767, "127.0.0.2", resolve));
    try {
      engine = await TestEngine.started(configuration());
      const next = configuration().replace(
        `listen-address ${link.relayAddress4}\nset forwarding-options dhcp-relay listen-port ${port}`,
        "listen-address 127.0.0.2\nset forwarding-options dhcp-relay listen-port 7767",
      );
      const answer = await engine.service.configure(next);
      expect(answer.ok).toBe(false);
      expect(answer.findings).toMatchObject([
        { severity: "error", rule: "listen-port-in-use", path: "forwarding-options dhcp-relay listen-port" },
      ]);
      expect((await engine.query(ask({ kind: "address", address: "10.0.0.11" }))).state).toBe("confirmed");
    } finally {
      blocker.close();
    }
  });

  test("a commit under way: a server that is taken away is asked no more", async () => {
    const server = await ScriptedServer.open("127.0.0.3", port);
    servers.push(server);
    engine = await TestEngine.started(
      configuration([], ["127.0.0.3"]).replace(`listen-address ${link.relayAddress4}`, "listen-address 127.0.0.2"),
    );
    const id = await engine.start({
      family: 4,
      key: { kind: "address", address: "10.0.0.11" },
      gatewayAddress: "127.0.0.2",
    });
    expect((await engine.service.configure("")).ok).toBe(true);
    expect(await engine.finished(id)).toMatchObject({ state: "failed", servers: [{ state: "cancelled" }] });
  });
});

test("the database refuses: the lease is kept, and stored once it takes writes again", async () => {
  engine = await TestEngine.started(configuration());
  engine.persistence.refuse = "disk full";
  const { id } = await engine.query(ask({ kind: "address", address: "10.0.0.11" }));
  await expect
    .poll(() => engine?.events.some((event) => event.kind === "storage-refusing" && event.refusing))
    .toBe(true);
  expect(await engine.service.run(id)).toMatchObject({ state: "confirmed", stored: false });
  expect((await engine.rows(4))[0]?.stored).toBe(false);
  engine.persistence.refuse = null;
  await engine.stored(id);
  expect((await engine.rows(4))[0]?.stored).toBe(true);
  expect(engine.events.findLast((event) => event.kind === "storage-refusing")).toMatchObject({ refusing: false });
});

function withXid(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[7] = (copy[7] ?? 0) ^ 1;
  return copy;
}
