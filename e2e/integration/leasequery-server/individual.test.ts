import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, startBackend } from "../../support/backend.ts";
import { apiClient } from "../../support/client.ts";
import { freeTcpPort } from "../../support/free-port.ts";
import { keaHeader4, leasewire, upload } from "../import/fixture.ts";

// The requestor is a relay in the logical system `bng`; it asks servers in `core` and in `closed`, which answers nobody here.
// All of it is one program. What the server knows was imported.
const endsSeconds = Math.floor(Date.now() / 1000) + 100_000;
const row4 = (host: number, mac: string, clientId: string, state = 0) =>
  `10.0.0.${host},${mac},${clientId},7200,${endsSeconds},1,0,0,,${state},{"ISC":{"relay-agent-info":{"sub-options":"0x010a67652d302f302f312e30"}}},0\n`;
const file4 =
  keaHeader4 +
  row4(1, "02:00:00:00:00:01", "01:02:00:00:00:00:01") +
  row4(2, "02:00:00:00:00:02", "01:02:00:00:00:00:02") +
  row4(4, "02:00:00:00:00:04", "", 3);
const relayInfo =
  '{"ISC":{"relay-info":[{"hop":0&#x2c"link":"2001:db8:1::1"&#x2c"options":"0x00120006666f6f2f3162"&#x2c"peer":"fe80::1"}]}}';
const file6 = `address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context
2001:db8:1::11,00:03:00:01:02:00:00:00:00:11,7200,${endsSeconds},1,3600,0,1,128,0,0,,,0,${relayInfo}
2001:db8:8000:1100::,00:03:00:01:02:00:00:00:00:11,7200,${endsSeconds},1,3600,2,1,56,0,0,,,0,${relayInfo}
`;

let backend: Backend;
beforeAll(async () => {
  const ports: number[] = [];
  for (let i = 0; i < 6; i += 1) ports.push(await freeTcpPort());
  const [core4, core6, closed4, closed6, bng4, bng6] = ports;
  const system = (name: string, statement: string) => `set logical-systems ${name} ${statement}`;
  const server = (name: string, port4: number, port6: number, allow4: string, allow6: string) => [
    system(name, "access address-assignment pool homes family inet network 10.0.0.0/24"),
    system(name, "access address-assignment pool homes6 family inet6 prefix 2001:db8:1::/64"),
    system(name, "access address-assignment pool pd family inet6 prefix 2001:db8:8000::/36"),
    system(name, "access address-assignment pool pd family inet6 range all prefix-length 56"),
    system(name, "access address-assignment pool pd family inet6 link-address 2001:db8:1::/64"),
    system(name, "system services dhcp-local-server listen-address 127.0.0.1"),
    system(name, `system services dhcp-local-server listen-port ${port4}`),
    system(name, `system services dhcp-local-server ${allow4}`),
    system(name, "system services dhcp-local-server dhcpv6 listen-address ::1"),
    system(name, `system services dhcp-local-server dhcpv6 listen-port ${port6}`),
    system(name, `system services dhcp-local-server dhcpv6 ${allow6}`),
  ];
  const relay = (statement: string) => system("bng", `forwarding-options dhcp-relay ${statement}`);
  const configuration = [
    ...server("core", core4!, core6!, "allow-leasequery", "allow-leasequery"),
    ...server(
      "closed",
      closed4!,
      closed6!,
      "allow-leasequery requestor 192.0.2.0/24",
      "allow-leasequery requestor 2001:db8:ffff::/48",
    ),
    relay("overrides always-write-option-82"),
    relay("relay-option-82 circuit-id"),
    relay("leasequery attempts 2 timeout 1"),
    relay("listen-address 127.0.0.1"),
    relay(`listen-port ${bng4}`),
    relay(`server-group core 127.0.0.1 port ${core4}`),
    relay(`server-group closed 127.0.0.1 port ${closed4}`),
    relay("dhcpv6 relay-agent-interface-id"),
    relay("dhcpv6 leasequery attempts 2 timeout 1"),
    relay("dhcpv6 listen-address ::1"),
    relay(`dhcpv6 listen-port ${bng6}`),
    relay(`dhcpv6 server-group core ::1 port ${core6}`),
    relay(`dhcpv6 server-group closed ::1 port ${closed6}`),
  ];
  backend = await startBackend({ web: false, configuration: `${configuration.join("\n")}\n` });
  const api = apiClient(backend);
  for (const instance of ["core:default", "closed:default"]) {
    expect(await upload(backend, api, file4, { format: "kea-csv4", instance })).toMatchObject({ rowsTaken: 3 });
    expect(await upload(backend, api, file6, { format: "kea-csv6", instance })).toMatchObject({ rowsTaken: 2 });
  }
}, 180_000);
afterAll(() => backend?.dispose());

interface Asked {
  readonly code: number | null;
  readonly states: readonly string[];
  readonly messages: readonly string[];
  readonly bindings: readonly string[];
}

async function ask(family: 4 | 6, key: string, group = "core"): Promise<Asked> {
  const words =
    family === 4
      ? ["dhcp", "relay", "leasequery", key, "gateway-address", "127.0.0.1"]
      : ["dhcpv6", "relay", "leasequery", key];
  const { code, stdout, stderr } = await leasewire(
    backend,
    "request",
    ...words,
    "server-group",
    group,
    "logical-system",
    "bng",
    "--json",
  );
  expect(stderr).toBe("");
  const run = JSON.parse(stdout);
  return {
    code,
    states: run.servers.map((server: { state: string }) => server.state),
    messages: run.exchanges
      .filter((exchange: { direction: string }) => exchange.direction === "received")
      .map((exchange: { message: string }) => exchange.message),
    bindings: run.bindingIds,
  };
}

describe("DHCPv4", () => {
  test.each([
    ["address", "10.0.0.1", "10.0.0.1"],
    ["MAC address", "02:00:00:00:00:01", "10.0.0.1"],
    ["client identifier", "0x01020000000001", "10.0.0.1"],
  ])("found by %s", async (_, key, address) => {
    expect(await ask(4, key)).toEqual({
      code: 0,
      states: ["confirmed"],
      messages: ["DHCPLEASEACTIVE"],
      bindings: [`4/bng:default/${address}/32`],
    });
  });

  test("what was imported is what the requestor learns", async () => {
    await ask(4, "10.0.0.1");
    const { rows } = await apiClient(backend).bindings.list.query({
      family: 4,
      filter: { logicalSystem: "bng", prefix: "10.0.0.1/32" },
      sort: { column: "address", direction: "asc" },
      offset: 0,
      limit: 10,
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      hardwareAddress: "02:00:00:00:00:01",
      clientId: "01:02:00:00:00:00:01",
      circuitId: "ge-0/0/1.0",
      origin: "individual",
      serverAddress: "127.0.0.1",
    });
    expect(Math.abs((rows[0]!.expiresAt as number) - endsSeconds)).toBeLessThanOrEqual(2);
  });

  test("unassigned: an address of the pool that nobody has, and one that was released", async () => {
    for (const address of ["10.0.0.77", "10.0.0.4"]) {
      expect(await ask(4, address)).toMatchObject({ code: 0, messages: ["DHCPLEASEUNASSIGNED"], bindings: [] });
    }
  });

  test("unknown: an address of no pool, a client that has no lease", async () => {
    for (const key of ["192.168.7.7", "02:00:00:00:00:77"]) {
      expect(await ask(4, key)).toMatchObject({ code: 0, messages: ["DHCPLEASEUNKNOWN"], bindings: [] });
    }
  });

  test("not allowed: the server keeps silent", async () => {
    expect(await ask(4, "10.0.0.1", "closed")).toMatchObject({ code: 1, messages: [], bindings: [] });
  });
});

describe("DHCPv6", () => {
  // A client's data holds all of its bindings, whichever of them was asked for (RFC 5007 §4.1.2.2).
  test.each([
    ["address", "2001:db8:1::11"],
    ["delegated prefix", "2001:db8:8000:1100::/56"],
    ["DUID", "00:03:00:01:02:00:00:00:00:11"],
  ])("found by %s: the client's address and prefix", async (_, key) => {
    const { bindings, ...rest } = await ask(6, key);
    expect(rest).toEqual({ code: 0, states: ["confirmed"], messages: ["LEASEQUERY-REPLY"] });
    expect([...bindings].sort()).toEqual(["6/bng:default/2001:db8:1::11/128", "6/bng:default/2001:db8:8000:1100::/56"]);
  });

  test("nobody has it", async () => {
    expect(await ask(6, "2001:db8:1::77")).toMatchObject({ code: 0, states: ["unconfirmed"], bindings: [] });
  });

  test("an address of no pool", async () => {
    const { messages, bindings } = await ask(6, "2001:db8:77::1");
    expect({ messages, bindings }).toEqual({ messages: ["LEASEQUERY-REPLY"], bindings: [] });
  });

  test("not allowed", async () => {
    expect(await ask(6, "2001:db8:1::11", "closed")).toMatchObject({ code: 1, bindings: [] });
  });
});
