import type { EngineConnection } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { createServed } from "./served.ts";

const connection = (changes: Partial<EngineConnection> = {}): EngineConnection => ({
  id: "c1",
  family: 4,
  instance: "default:default",
  peerAddress: "192.0.2.9",
  peerPort: 40000,
  localAddress: "192.0.2.1",
  localPort: 67,
  phase: "bulk",
  tls: false,
  tlsPeer: null,
  sinceMs: 1_000_000,
  lastReceivedAtMs: null,
  lastSentAtMs: null,
  messagesReceived: 1,
  messagesSent: 0,
  octetsSent: 0,
  backlogOctets: 0,
  backlogChanges: 0,
  queries: [],
  ...changes,
});

describe("rate of a served connection", () => {
  test("is taken between looks, and since it was accepted at the first one", async () => {
    let now = 1_000_000;
    let open: EngineConnection[] = [];
    const served = createServed(
      { serverPools: async () => ({ pools: [], servers: [] }), servedConnections: async () => open },
      { trend: () => [] },
      () => now,
    );
    const look = async (sent: number, atMs: number) => {
      now = atMs;
      open = [connection({ messagesSent: sent })];
      return (await served.connections({}))[0]?.messagesPerSecond;
    };
    expect(await look(4000, 1_002_000)).toBe(2000);
    expect(await look(4500, 1_003_000)).toBe(500);
    // Two lists at once do not make each other's rate up.
    expect(await look(4600, 1_003_100)).toBe(500);
    expect(await look(4500, 1_004_000)).toBe(0);
    // The same id again would be another connection.
    open = [];
    await served.connections({});
    expect(await look(10, 1_010_000)).toBe(1);
  });
});
