import type { ClientEvents, LeasequeryRun, ServerEvents } from "@leasewire/api";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Backend, startBackend } from "../support/backend.ts";
import { apiClient } from "../support/client.ts";
import { type Dhcpd, type DhcpdLink, makeLink, startDhcpd4 } from "../support/dhcpd.ts";
import { requestor4 } from "../support/requestor.ts";

// What the page showed as stored is there after the process was killed while replies arrived.
//   Input:  queries for a hundred leases, in flight when SIGKILL comes.
//   Output: after the restart, every binding and every run that had been announced as stored.

const leasesPerRound = 100;
const rounds = 4;

let link: DhcpdLink;
let dhcpd: Dhcpd;
let backend: Backend;

beforeAll(async () => {
  link = makeLink();
  const now = Math.floor(Date.now() / 1000);
  dhcpd = await startDhcpd4({
    link,
    leases: Array.from({ length: leasesPerRound }, (_, i) => ({
      address: `10.0.0.${10 + i}`,
      mac: `02:00:00:00:00:${(10 + i).toString(16).padStart(2, "0")}`,
      circuitId: `ge-1/0/0:${100 + i}`,
      startsSeconds: now - 60,
      endsSeconds: now + 3600,
    })),
  });
  backend = await startBackend({
    web: false,
    configuration: requestor4({ listenAddress: link.relayAddress4, servers: [link.serverAddress4] }),
  });
});

afterAll(async () => {
  await backend?.dispose();
  await dhcpd?.stop();
  link?.remove();
});

test("nothing that was shown as stored is lost with the process", async () => {
  const stored = new Map<string, LeasequeryRun>();
  for (let round = 0; round < rounds; round++) {
    const shown = await announcedUntilKilled(5 + round * 15);
    for (const run of shown) stored.set(run.id, run);
    await backend.start();
    const api = apiClient(backend);
    for (const run of stored.values()) {
      expect(await api.leasequery.run.query({ id: run.id })).toMatchObject({ id: run.id, state: run.state });
      for (const id of run.bindingIds) {
        expect((await api.bindings.detail.query({ id })).row).toMatchObject({ id, state: "ACTIVE", stored: true });
      }
    }
  }
  // Otherwise the rounds above have shown nothing.
  expect([...stored.values()].filter((run) => run.bindingIds.length > 0).length).toBeGreaterThan(10);
}, 120_000);

/** Starts queries for every lease, kills the backend once `enough` were announced as stored, and returns all that were. */
async function announcedUntilKilled(enough: number): Promise<LeasequeryRun[]> {
  const api = apiClient(backend);
  const announced: LeasequeryRun[] = [];
  const socket: Socket<ServerEvents, ClientEvents> = io(backend.url, {
    transports: ["websocket"],
    extraHeaders: { "x-api-key": backend.token },
    reconnection: false,
  });
  const reached = Promise.withResolvers<void>();
  socket.on("run", (run) => {
    if (!run.stored || run.state !== "confirmed") return;
    announced.push(run);
    if (announced.length === enough) reached.resolve();
  });
  await new Promise<void>((resolve, reject) => {
    socket.on("connect", () => socket.emit("watch", ["runs"], resolve));
    socket.on("connect_error", reject);
  });
  const started = Array.from({ length: leasesPerRound }, (_, i) =>
    api.leasequery.start
      .mutate({
        family: 4,
        key: { kind: "address", address: `10.0.0.${10 + i}` },
        gatewayAddress: link.relayAddress4,
      })
      // Calls that were open when the process died, or above the limit of runs at a time.
      .catch(() => null),
  );
  await reached.promise;
  await backend.kill();
  socket.close();
  await Promise.all(started);
  return announced;
}
