import type { LeasequeryStartInput } from "@leasewire/api";
import { type Ipv6Address, parseIpv6 } from "@leasewire/net";
import {
  decodeMessage6,
  type LeaseReply6,
  leaseReply6,
  Message6,
  MessageType6,
  readLeasequery6,
  StatusCode6,
} from "@leasewire/wire";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Dhcpd, type DhcpdLink, makeLink } from "../support/dhcpd.ts";
import { startDhcpd6 } from "../support/dhcpd6.ts";
import { ScriptedServer, TestEngine } from "./harness.ts";

const nowSeconds = Math.floor(Date.now() / 1000);
const clttSeconds = nowSeconds - 600;
const endsSeconds = nowSeconds + 3000;
const port = 6547;

let link: DhcpdLink;
let dhcpd: Dhcpd;
let engine: TestEngine | undefined;
const servers: ScriptedServer[] = [];

beforeAll(async () => {
  link = makeLink();
  dhcpd = await startDhcpd6({
    link,
    port,
    leases: [
      {
        duid: "00030001020000000011",
        iaid: 1,
        addresses: ["2001:db8:1::111"],
        prefixes: ["2001:db8:105::"],
        clttSeconds,
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

interface Setting {
  readonly listen?: string;
  readonly listenPort?: number;
  readonly server?: string;
  readonly extra?: readonly string[];
}

/** A relay without client interfaces. dhcpd answers to port 546 whatever the query came from, so it listens there. */
function configuration(setting: Setting = {}): string {
  const { listen = link.relayAddress6, listenPort = 546, server = link.serverAddress6, extra = [] } = setting;
  const relay = "set forwarding-options dhcp-relay dhcpv6";
  return [
    `${relay} relay-agent-interface-id`,
    `${relay} leasequery attempts 2 timeout 1`,
    `${relay} listen-address ${listen}`,
    `${relay} listen-port ${listenPort}`,
    `${relay} duid 00:03:00:01:02:00:00:00:aa:aa`,
    `${relay} server-group isp ${server} port ${port}`,
    ...extra,
  ].join("\n");
}

const byAddress = (address: string, linkAddress?: string): LeasequeryStartInput => ({
  family: 6,
  key: { kind: "address", address },
  linkAddress,
});
const byDuid: LeasequeryStartInput = { family: 6, key: { kind: "client-id", duid: "00:03:00:01:02:00:00:00:00:11" } };

test.each([
  ["address", byAddress("2001:db8:1::111")],
  ["address on its link", byAddress("2001:db8:1::111", "2001:db8:1::")],
  ["first address of a prefix", byAddress("2001:db8:1::111/128")],
])("found by %s, with dhcpd's date in CLT_TIME understood", async (_name, input) => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(input);
  expect(run.state, JSON.stringify(run.servers)).toBe("confirmed");
  expect(run.exchanges.map((exchange) => [exchange.direction, exchange.message])).toEqual([
    ["sent", "LEASEQUERY"],
    ["received", "LEASEQUERY-REPLY"],
  ]);
  const [row] = await engine.rows(6);
  expect(row).toMatchObject({
    id: "6/default:default/2001:db8:1::111/128",
    state: "ACTIVE",
    clientId: "00:03:00:01:02:00:00:00:00:11",
    clientLastTransactionTime: clttSeconds,
    serverAddress: link.serverAddress6,
    interfaceName: null,
  });
  const detail = await engine.service.bindingDetail(row?.id ?? "");
  expect(detail).toMatchObject({
    ok: true,
    value: {
      serverIdentifier: "00:03:00:01:02:00:00:00:00:01",
      placement:
        "The server told no interface-id (option 18), so the lease cannot be tied to an access interface. The server sent no relay data (option 47); ISC dhcpd never does.",
    },
  });
  await engine.stored(run.id);
});

test("unassigned: an address of the pool that nobody holds", async () => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(byAddress("2001:db8:1::112"));
  expect(run).toMatchObject({ state: "unconfirmed", servers: [{ state: "unconfirmed" }] });
  expect(await engine.rows(6)).toEqual([]);
});

test("unknown: an address outside its networks is refused as NotConfigured", async () => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(byAddress("2001:db8:9::1"));
  expect(run).toMatchObject({ state: "failed", servers: [{ state: "refused" }] });
  expect(run.outcome).toContain("NotConfigured (9): Address not in a pool.");
});

test("by DUID: dhcpd does not support it, and the run says so", async () => {
  engine = await TestEngine.started(configuration());
  const run = await engine.query(byDuid);
  expect(run).toMatchObject({ state: "failed", servers: [{ state: "refused" }] });
  expect(run.outcome).toContain("UnknownQueryType (7)");
  expect(run.outcome).toContain("ask by address");
});

test("not allowed: dhcpd is silent", async () => {
  const other = makeLink();
  const denying = await startDhcpd6({ link: other, port, leases: [], deny: true });
  try {
    engine = await TestEngine.started(configuration({ listen: other.relayAddress6, server: other.serverAddress6 }));
    const run = await engine.query(byAddress("2001:db8:1::111"));
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "silent", attempts: 2 }] });
    expect(denying.log()).toContain("not allowed, query ignored");
  } finally {
    await denying.stop();
    other.remove();
  }
});

test("a relay with client interfaces drops what has no relay data", async () => {
  const extra = ["set forwarding-options dhcp-relay dhcpv6 group access interface ge-0/0/1.0"];
  engine = await TestEngine.started(configuration({ extra }));
  const run = await engine.query(byAddress("2001:db8:1::111"));
  expect(run).toMatchObject({ state: "failed", servers: [{ state: "dropped" }] });
  expect(run.exchanges.at(-1)?.dropReason).toBe("no relay-data");
  expect(await engine.rows(6)).toEqual([]);
});

describe("a server that is silent or wrong", () => {
  const started = (answer?: (query: Uint8Array, reply: (bytes: Uint8Array, from?: string) => void) => void) =>
    ScriptedServer.open("::1", port, answer).then((server) => {
      servers.push(server);
      return TestEngine.started(configuration({ listen: "::1", listenPort: 6546, server: "::1" }));
    });

  function reply6(query: Uint8Array, changes: Partial<LeaseReply6> = {}): Uint8Array {
    const asked = readQuery(query);
    return leaseReply6({
      messageType: MessageType6["LEASEQUERY-REPLY"],
      transactionId: asked.transactionId,
      clientDuid: asked.clientDuid,
      serverDuid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 9),
      clientData: clientData("2001:db8:1::111"),
      ...changes,
    });
  }

  test("silent: asked as often as configured", async () => {
    engine = await started();
    const run = await engine.query(byAddress("2001:db8:1::111"));
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "silent", attempts: 2 }] });
    expect(servers[0]?.received.length).toBe(2);
  });

  test.each<[string, string, (query: Uint8Array) => Uint8Array]>([
    ["another transaction id", "xid unknown", (query) => reply6(query, { transactionId: 1 })],
    [
      "another requestor",
      "requestor duid mismatch",
      (query) => reply6(query, { clientDuid: Uint8Array.of(0, 3, 0, 1, 7) }),
    ],
    ["no server identifier", "no server-id", (query) => reply6(query, { serverDuid: undefined })],
    ["another address", "ciaddr mismatch", (query) => reply6(query, { clientData: clientData("2001:db8:1::9") })],
    ["garbage", "malformed message-truncated", () => Uint8Array.of(15, 1)],
    ["a cut message", "malformed option-truncated", (query) => reply6(query).subarray(0, 40)],
  ])("wrong: %s is dropped and counted; the right answer after it is taken", async (_name, reason, wrong) => {
    engine = await started((query, reply) => {
      reply(wrong(query));
      setTimeout(() => reply(reply6(query)), 100);
    });
    const run = await engine.query(byAddress("2001:db8:1::111"));
    expect(run.state).toBe("confirmed");
    expect(run.exchanges.map((exchange) => exchange.dropReason)).toEqual([null, reason, null]);
  });

  test("by DUID on several links: each is asked, in one run", async () => {
    const links = ["2001:db8:1::", "2001:db8:2::"].map(address);
    engine = await started((query, reply) => {
      const { linkAddress } = readQuery(query);
      const index = links.findIndex((known) => linkAddress !== undefined && Buffer.from(known).equals(linkAddress));
      if (index < 0) reply(reply6(query, { clientData: undefined, clientLinks: links }));
      else reply(reply6(query, { clientData: clientData(`2001:db8:${index + 1}::111`) }));
    });
    const run = await engine.query(byDuid);
    expect(run).toMatchObject({ state: "confirmed", servers: [{ state: "confirmed", attempts: 3 }] });
    expect((await engine.rows(6)).map((row) => row.address)).toEqual(["2001:db8:1::111", "2001:db8:2::111"]);
  });

  test("NotAllowed is told with what to do", async () => {
    engine = await started((query, reply) =>
      reply(reply6(query, { clientData: undefined, status: { code: StatusCode6.NotAllowed, text: new Uint8Array() } })),
    );
    const run = await engine.query(byAddress("2001:db8:1::111"));
    expect(run).toMatchObject({ state: "failed", servers: [{ state: "refused" }] });
    expect(run.outcome).toContain("NotAllowed (10). The server does not allow this relay to ask; permit it there.");
  });
});

test("two servers of which one answers", async () => {
  const extra = [`set forwarding-options dhcp-relay dhcpv6 server-group backup ${link.serverAddress6} port 9999`];
  engine = await TestEngine.started(configuration({ extra }));
  const run = await engine.query(byAddress("2001:db8:1::111"));
  expect(run.state).toBe("confirmed");
  expect(run.servers.map((server) => [server.serverPort, server.state])).toEqual([
    [port, "confirmed"],
    [9999, "silent"],
  ]);
});

function readQuery(bytes: Uint8Array) {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok || !(decoded.value instanceof Message6)) throw new Error("not a message");
  const read = readLeasequery6(decoded.value);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

function clientData(text: string): NonNullable<LeaseReply6["clientData"]> {
  return {
    clientDuid: Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 0x11),
    addresses: [{ address: address(text), preferredLifetimeSeconds: 3600, validLifetimeSeconds: 7200, options: [] }],
    prefixes: [],
    cltTimeSeconds: 60,
    options: [],
  };
}

function address(text: string): Ipv6Address {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}
