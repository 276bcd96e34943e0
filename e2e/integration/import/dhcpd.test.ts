import { afterAll, beforeAll, expect, test } from "vitest";
import { type Backend, startBackend } from "../../support/backend.ts";
import { type ApiClient, apiClient } from "../../support/client.ts";
import { type DhcpdLink, makeLink, startDhcpd4 } from "../../support/dhcpd.ts";
import { serverDuid, startDhcpd6 } from "../../support/dhcpd6.ts";
import { allBindings, upload } from "./fixture.ts";

// The lease files are those that ISC dhcpd itself has written: it rewrites what it read when it starts.
const nowSeconds = Math.floor(Date.now() / 1000);
const startsSeconds = nowSeconds - 600;
const endsSeconds = nowSeconds + 30_000;

let link: DhcpdLink;
let backend: Backend;
let api: ApiClient;
beforeAll(async () => {
  link = makeLink();
  backend = await startBackend({
    web: false,
    configuration: "set access address-assignment pool homes family inet network 10.0.0.0/24\n",
  });
  api = apiClient(backend);
}, 180_000);
afterAll(async () => {
  await backend?.dispose();
  link?.remove();
});

test("dhcpd.leases", async () => {
  const dhcpd = await startDhcpd4({
    link,
    leases: [
      {
        address: "10.0.0.11",
        mac: "02:00:00:00:00:11",
        clientId: "01020000000011",
        circuitId: "ge-0/0/1.0",
        remoteId: "line 11; {x}",
        hostname: "modem11",
        startsSeconds,
        endsSeconds,
      },
      {
        address: "10.0.0.12",
        mac: "02:00:00:00:00:12",
        startsSeconds,
        endsSeconds: nowSeconds - 60,
        state: "released",
      },
    ],
  });
  const file = dhcpd.leaseFile();
  await dhcpd.stop();
  // Written by dhcpd, and not the text that it was started with.
  expect(file).toContain("# This lease file was written by isc-dhcp-");
  const job = await upload(backend, api, file, { format: "isc-leases" });
  expect(job).toMatchObject({ state: "done", rowsRefused: 0, refusals: [] });
  const rows = await allBindings(api, 4);
  expect(rows.find(({ address }) => address === "10.0.0.11")).toMatchObject({
    state: "ACTIVE",
    hardwareAddress: "02:00:00:00:00:11",
    clientId: "01:02:00:00:00:00:11",
    circuitId: "ge-0/0/1.0",
    remoteId: "line 11; {x}",
    hostName: "modem11",
    expiresAt: endsSeconds,
    clientLastTransactionTime: startsSeconds,
  });
  // dhcpd makes a released lease free when it starts.
  expect(["RELEASED", "AVAILABLE", undefined]).toContain(rows.find(({ address }) => address === "10.0.0.12")?.state);
});

test("dhcpd6.leases", async () => {
  const dhcpd = await startDhcpd6({
    link,
    leases: [
      {
        duid: "00030001020000000007",
        iaid: 0x01020304,
        addresses: ["2001:db8:1::111"],
        prefixes: ["2001:db8:111::/48"],
        clttSeconds: startsSeconds,
        endsSeconds,
      },
    ],
  });
  const file = dhcpd.leaseFile();
  await dhcpd.stop();
  const job = await upload(backend, api, file, { format: "isc-leases" });
  expect(job).toMatchObject({ state: "done", rowsRefused: 0, refusals: [] });
  const rows = await allBindings(api, 6);
  const common = {
    state: "ACTIVE",
    clientId: "00:03:00:01:02:00:00:00:00:07",
    iaid: 0x01020304,
    expiresAt: endsSeconds,
    preferredUntil: startsSeconds + 3600,
    clientLastTransactionTime: startsSeconds,
  };
  expect(rows.map(({ address, kind }) => [address, kind])).toEqual([
    ["2001:db8:1::111", "address"],
    ["2001:db8:111::/48", "prefix"],
  ]);
  for (const row of rows) expect(row).toMatchObject(common);
  const detail = await api.bindings.detail.query({ id: rows[0]!.id });
  expect(detail.serverIdentifier?.replaceAll(":", "")).toBe(serverDuid);
});
