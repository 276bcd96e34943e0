import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type AccessNetwork,
  type AttachedClient,
  canMakeNetworks,
  makeAccessNetwork,
  makeAttachedClient,
} from "../support/access-network.ts";
import { type Backend, startBackend } from "../support/backend.ts";
import { type ApiClient, apiClient } from "../support/client.ts";
import {
  type ClientHost,
  type ClientMemory,
  clientMemory,
  dhclient,
  dhclientLeases,
  dhcpcd,
  type RunningClient,
  udhcpc,
  until,
} from "../support/clients.ts";

// Debian's DHCP clients behind Debian's relay agent, served by our servers: what they believe to have, and what the table
// says they have, is the same, from the first packet to the release, across restarts of both.

const canRun = canMakeNetworks();
if (!canRun)
  console.log("Skipped: real clients need root and the packages isc-dhcp-client, isc-dhcp-relay, dhcpcd-base, udhcpc");

describe.skipIf(!canRun)("real clients through ISC dhcrelay", () => {
  let network: AccessNetwork;
  let attached: AttachedClient;
  /** Where the client of a test runs: behind the relay agent unless it says otherwise. */
  let host: ClientHost;
  let backend: Backend;
  let api: ApiClient;
  let memory: ClientMemory;
  let client: RunningClient | undefined;

  beforeAll(async () => {
    network = makeAccessNetwork();
    attached = makeAttachedClient();
    const server = "set system services dhcp-local-server";
    const pool = "set access address-assignment pool";
    backend = await startBackend({
      web: false,
      configuration: `
${server} listen-address ${network.serverAddress4}
${server} allow-leasequery
${server} dhcpv6 listen-address ${network.serverAddress6}
${server} dhcpv6 duid 00:03:00:01:02:00:5e:10:00:01
${server} dhcpv6 overrides rapid-commit
${server} dhcpv6 allow-leasequery
${pool} customers family inet network ${network.clientNetwork4}
${pool} customers family inet range r1 low ${network.address4(10)} high ${network.address4(30)}
${pool} customers family inet dhcp-attributes maximum-lease-time 60
${pool} customers family inet dhcp-attributes t1-renewal-time 4
${pool} customers family inet dhcp-attributes t2-rebinding-time 8
${pool} customers family inet dhcp-attributes router ${network.address4(1)}
${pool} customers6 family inet6 prefix ${network.clientNetwork6}
${pool} customers6 family inet6 range r1 low ${network.address6("100")} high ${network.address6("1ff")}
${pool} customers6 family inet6 dhcp-attributes valid-lifetime 60
${pool} customers6 family inet6 dhcp-attributes preferred-lifetime 40
${pool} customers6 family inet6 dhcp-attributes t1-renewal-time 4
${pool} customers6 family inet6 dhcp-attributes t2-rebinding-time 8
${pool} delegated family inet6 prefix 2001:db8:5600::/40
${pool} delegated family inet6 range r1 low 2001:db8:5600:: high 2001:db8:56ff:ff00:: prefix-length 56
${pool} delegated family inet6 link-address ${network.clientNetwork6}
${pool} delegated family inet6 dhcp-attributes valid-lifetime 60
${pool} delegated family inet6 dhcp-attributes preferred-lifetime 40
${pool} delegated family inet6 dhcp-attributes t1-renewal-time 4
${pool} delegated family inet6 dhcp-attributes t2-rebinding-time 8
set interfaces ge-0/0/1 unit 0 device ${attached.device}
${server} group attached interface ge-0/0/1.0
${server} dhcpv6 group attached interface ge-0/0/1.0
${pool} attached family inet network ${attached.network4}
${pool} attached family inet range r1 low ${attached.address4(10)} high ${attached.address4(30)}
${pool} attached family inet dhcp-attributes maximum-lease-time 60
${pool} attached family inet dhcp-attributes t1-renewal-time 4
${pool} attached family inet dhcp-attributes t2-rebinding-time 8
${pool} attached family inet dhcp-attributes router ${attached.address4(1)}
${pool} attached6 family inet6 prefix ${attached.network6}
${pool} attached6 family inet6 range r1 low ${attached.address6("100")} high ${attached.address6("1ff")}
${pool} attached6 family inet6 dhcp-attributes valid-lifetime 60
${pool} attached6 family inet6 dhcp-attributes preferred-lifetime 40
${pool} attached6 family inet6 dhcp-attributes t1-renewal-time 4
${pool} attached6 family inet6 dhcp-attributes t2-rebinding-time 8
`,
    });
    api = apiClient(backend);
    await network.startRelay();
  }, 60_000);

  afterAll(async () => {
    await network?.remove();
    attached?.remove();
    await backend?.dispose();
  });

  beforeEach(() => {
    memory = clientMemory();
    host = network;
    return async () => {
      await client?.kill();
      client = undefined;
      host.forgetAddresses();
      memory.remove();
    };
  });

  const bindings = async (family: 4 | 6) =>
    (await api.bindings.list.query({ family, filter: { role: "server" }, limit: 500 })).rows;
  const binding = async (family: 4 | 6, address: string) =>
    (await bindings(family)).find((row) => row.address === address);
  const holds = (family: 4 | 6) => host.clientAddresses().find((text) => text.includes(":") === (family === 6));

  /** Waits until c1 has an address of the family, and the table says ACTIVE and stored for it. */
  async function leased(family: 4 | 6): Promise<string> {
    await until(
      () => holds(family) !== undefined,
      "the client has no address",
      () => `${client?.output()}${backend.output()}`,
    );
    const address = holds(family) as string;
    await until(
      async () => {
        const row = await binding(family, address);
        return row?.state === "ACTIVE" && row.stored;
      },
      `the server does not hold ${address}`,
      () => backend.output(),
    );
    return address;
  }

  const sequenceOf = async (family: 4 | 6, address: string) => (await binding(family, address))?.sequence ?? 0;

  /** The lease changed after that sequence, and the client still has it. */
  async function renewed(family: 4 | 6, address: string, after?: number): Promise<void> {
    const before = after ?? (await sequenceOf(family, address));
    await until(
      async () => (await sequenceOf(family, address)) > before,
      "no renewal arrived",
      () => client?.output() ?? "",
    );
    expect(holds(family)).toBe(address);
  }

  const inState = (family: 4 | 6, address: string, state: string) =>
    until(
      async () => (await binding(family, address))?.state === state,
      `${address} is not ${state}`,
      () => client?.output() ?? "",
    );

  describe("DHCPv4", () => {
    test("dhclient: lease, renewal by unicast, release", async () => {
      client = dhclient(network, memory, { args: ["-4"] });
      const address = await leased(4);
      // Where the lease came from stands in the binding: the relay agent's giaddr and its option 82.
      expect(await binding(4, address)).toMatchObject({ linkAddress: network.relayAddress4, circuitId: "a1" });
      await renewed(4, address);
      const releasing = dhclient(network, memory, { args: ["-4", "-r"] });
      await releasing.ended();
      await inState(4, address, "RELEASED");
    }, 60_000);

    test("dhclient: rebinds through the relay when the server does not hear its renewals", async () => {
      client = dhclient(network, memory, { args: ["-4"] });
      const address = await leased(4);
      network.blockUnicastToServer(true);
      try {
        await renewed(4, address);
      } finally {
        network.blockUnicastToServer(false);
      }
    }, 60_000);

    test("dhclient: declines an address in use; nobody gets it, and it gets another", async () => {
      client = dhclient(network, memory, { args: ["-4"], scriptCode: 1 });
      let declined: string | undefined;
      await until(
        async () => {
          declined = (await bindings(4)).find((row) => row.state === "ABANDONED")?.address;
          return declined !== undefined;
        },
        "nothing was declined",
        () => client?.output() ?? "",
      );
      await client.kill();
      network.forgetAddresses();
      client = dhclient(network, memory, { args: ["-4"] });
      expect(await leased(4)).not.toBe(declined);
    }, 60_000);

    test("dhclient: after a reboot it asks for what it had, and gets it", async () => {
      client = dhclient(network, memory, { args: ["-4"] });
      const address = await leased(4);
      await client.kill();
      network.forgetAddresses();
      await backend.stop();
      await backend.start();
      client = dhclient(network, memory, { args: ["-4"] });
      expect(await leased(4)).toBe(address);
      expect(dhclientLeases(memory)).toContain(`fixed-address ${address}`);
    }, 60_000);

    test("udhcpc: lease, renewal, release", async () => {
      client = udhcpc(network, memory, ["-R"]);
      const address = await leased(4);
      // Times are whole seconds: within the same one a renewal changes nothing.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const before = await sequenceOf(4, address);
      client.signal("SIGUSR1");
      await renewed(4, address, before);
      client.signal("SIGTERM");
      await inState(4, address, "RELEASED");
    }, 60_000);

    test("dhcpcd: lease with its client identifier of RFC 4361, renewal, release", async () => {
      client = dhcpcd(network, memory, "interface c1\nduid\nipv4only\nnoarp\nrelease\n");
      const address = await leased(4);
      expect((await binding(4, address))?.clientId).toMatch(/^ff/);
      await renewed(4, address);
      client.signal("SIGTERM");
      await inState(4, address, "RELEASED");
    }, 60_000);
  });

  describe("directly attached", () => {
    beforeEach(() => {
      host = attached;
    });

    test("udhcpc without an address is answered by hardware address", async () => {
      client = udhcpc(host, memory, ["-R"]);
      const address = await leased(4);
      expect(await binding(4, address)).toMatchObject({ interfaceName: "ge-0/0/1.0" });
      client.signal("SIGTERM");
      await inState(4, address, "RELEASED");
    }, 60_000);

    test("udhcpc with the broadcast flag", async () => {
      client = udhcpc(host, memory, ["-B"]);
      await leased(4);
    }, 60_000);

    test("dhclient: a lease of another network is refused, and it begins again", async () => {
      client = dhclient(network, memory, { args: ["-4"] });
      host = network;
      const elsewhere = await leased(4);
      await client.kill();
      host.forgetAddresses();
      host = attached;
      client = dhclient(host, memory, { args: ["-4"] });
      expect(await leased(4)).not.toBe(elsewhere);
      expect(client.output()).toContain("DHCPNAK");
    }, 60_000);

    test("dhclient -6: address, renewal, release", async () => {
      client = dhclient(host, memory, { args: ["-6", "-N"] });
      const address = await leased(6);
      expect(await binding(6, address)).toMatchObject({ interfaceName: "ge-0/0/1.0" });
      await renewed(6, address);
      const releasing = dhclient(host, memory, { args: ["-6", "-N", "-r"] });
      await releasing.ended();
      await inState(6, address, "RELEASED");
    }, 60_000);
  });

  describe("DHCPv6", () => {
    const prefixOf = async (clientId: string | null | undefined) =>
      (await bindings(6)).find((row) => row.kind === "prefix" && row.clientId === clientId && row.state === "ACTIVE");

    test("dhclient: address and delegated prefix, renewal, release", async () => {
      client = dhclient(network, memory, { args: ["-6", "-N", "-P"] });
      const address = await leased(6);
      const row = await binding(6, address);
      expect(row).toMatchObject({ linkAddress: network.relayAddress6, kind: "address" });
      expect((await prefixOf(row?.clientId))?.address).toMatch(/^2001:db8:56.*\/56$/);
      await renewed(6, address);
      // What dhclient wrote into its own lease file agrees.
      expect(dhclientLeases(memory)).toContain(`iaaddr ${address}`);
      expect(dhclientLeases(memory)).toContain(`iaprefix ${(await prefixOf(row?.clientId))?.address}`);
      const releasing = dhclient(network, memory, { args: ["-6", "-N", "-P", "-r"] });
      await releasing.ended();
      await inState(6, address, "RELEASED");
      expect(await prefixOf(row?.clientId)).toBeUndefined();
    }, 60_000);

    test("dhclient: after a reboot it confirms what it had", async () => {
      client = dhclient(network, memory, { args: ["-6", "-N"] });
      const address = await leased(6);
      await client.kill();
      network.forgetAddresses();
      await backend.stop();
      await backend.start();
      client = dhclient(network, memory, { args: ["-6", "-N"] });
      expect(await leased(6)).toBe(address);
      const { received } = await api.statistics.server.query({ family: 6 });
      expect(received.find(({ name }) => name === "CONFIRM")?.value ?? 0).toBeGreaterThan(0);
    }, 60_000);

    test("dhcpcd: address and prefix in two messages (rapid commit), renewal, release", async () => {
      client = dhcpcd(
        network,
        memory,
        "interface c1\nipv6only\nnoipv6rs\nrelease\noption rapid_commit\nia_na 1\nia_pd 2\n",
      );
      const address = await leased(6);
      const row = await binding(6, address);
      expect((await prefixOf(row?.clientId))?.address).toMatch(/^2001:db8:56.*\/56$/);
      await renewed(6, address);
      client.signal("SIGTERM");
      await inState(6, address, "RELEASED");
    }, 60_000);
  });
});
