import type { LeasequeryStartInput } from "@leasewire/api";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Dhcpd, type DhcpdLink, makeLink, startDhcpd4 } from "../support/dhcpd.ts";
import { type ScriptedServer, TestEngine } from "./harness.ts";

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
