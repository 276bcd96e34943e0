import { openDatabase } from "@leasewire/db";
import { formatIpv6, ipv4ToBytes } from "@leasewire/net";
import { MessageType4, OptionCode4 } from "@leasewire/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Backend, startBackend } from "../../support/backend.ts";
import { apiClient } from "../../support/client.ts";
import { addressQuery, individualQuery4, LeasequeryConnection4 } from "../../support/leasequery.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { addressText4, addressText6, Subscribers4, Subscribers6 } from "../../support/subscribers.ts";
import { link4, link6, type ServerPlace, serverPlace } from "./fixture.ts";

// The whole program as a local server: leases over UDP, what is in the database then, and every way to ask for it.

describe.each(["sqlite", "postgresql"] as const)("a local server on %s", (provider) => {
  let postgres: PostgresServer | null = null;
  let url: string | undefined;
  let place: ServerPlace;
  let backend: Backend;
  let clients4: Subscribers4;
  let clients6: Subscribers6;
  const at4 = () => ({ address: "127.0.0.1", port: place.port4 });

  beforeAll(async () => {
    if (provider === "postgresql") postgres = await startPostgres();
    url = postgres?.createDatabase();
    place = await serverPlace();
    const environment: Record<string, string> = url === undefined ? {} : { DATABASE_URL: url };
    backend = await startBackend({ web: false, configuration: place.configuration, environment });
    clients4 = await Subscribers4.open(at4(), link4);
    clients6 = await Subscribers6.open({ address: "::1", port: place.port6 }, link6);
  }, 60_000);
  afterAll(async () => {
    clients4?.close();
    clients6?.close();
    await backend?.dispose();
    await postgres?.remove();
  }, 60_000);

  test("an ACK is in the database when it arrives, and every kind of query tells of the lease", async () => {
    const lease = await clients4.dora(1);
    expect(lease).toMatchObject({ leaseSeconds: 3600 });
    const database = await openDatabase({ url, dataDirectory: backend.dataDirectory });
    const stored = await database.bindings.page("e2e", 4, null, 10);
    await database.close();
    expect(stored.bindings).toMatchObject([
      {
        sequence: 1,
        binding: { address: ipv4ToBytes(lease!.address), state: 2, origin: "server", instance: "default:default" },
      },
    ]);

    const answer = await individualQuery4(at4(), addressQuery(lease!.address));
    expect(answer).toMatchObject({ messageType: MessageType4.DHCPLEASEACTIVE, ciaddr: lease!.address });
    expect(answer!.option(OptionCode4.relayAgentInformation)).toBeDefined();
    const free = await individualQuery4(at4(), addressQuery(lease!.address + 1));
    expect(free).toMatchObject({ messageType: MessageType4.DHCPLEASEUNASSIGNED });

    const connection = await LeasequeryConnection4.open(at4());
    const remoteId = new TextEncoder().encode("subscriber-1");
    const answers = await connection.bulk(1, { kind: "remote-id", remoteId });
    expect(answers.map(({ messageType }) => messageType)).toEqual([
      MessageType4.DHCPLEASEACTIVE,
      MessageType4.DHCPLEASEQUERYDONE,
    ]);
    expect(answers[0]).toMatchObject({ ciaddr: lease!.address });
    connection.close();
  });

  test("SARR: an address and a prefix, both stored", async () => {
    const lease = await clients6.sarr(1);
    expect(lease).toMatchObject({ validSeconds: 3600, prefix: { length: 56 } });
    const { rows } = await apiClient(backend).bindings.list.query({ family: 6 });
    expect(rows.map((row) => [row.address, row.state, row.role, row.stored]).sort()).toEqual(
      [
        [addressText6(lease!), "ACTIVE", "server", true],
        [`${formatIpv6(lease!.prefix!.address)}/56`, "ACTIVE", "server", true],
      ].sort(),
    );
  });

  test("a client that cannot be called back is counted with the reason, and who tried is written down", async () => {
    await clients6.sarr(1);
    const api = apiClient(backend);
    const { started, refused, refusals } = await api.bindings.reconfigure.mutate({ target: { kind: "all" } });
    expect([started, refused]).toEqual([0, 1]);
    expect(refusals).toMatchObject([{ reason: "reconfigure-off", clients: 1 }]);
    const [entry] = await api.audit.list.query({ limit: 1 });
    expect(entry).toMatchObject({ action: "bindings.reconfigure", subject: "all", outcome: "refused" });
    expect(entry!.detail).toContain("set reconfigure");
  });

  test("an active stream tells of a lease, of its clearing, and of the end", async () => {
    const connection = await LeasequeryConnection4.open(at4());
    connection.startActive(9);
    // The first message says that the stream runs.
    const lease = await clients4.dora(2);
    const told = async (type: number) => {
      for (;;) {
        const message = await connection.next();
        if (message.messageType === type && message.ciaddr === lease!.address) return message;
      }
    };
    await told(MessageType4.DHCPLEASEACTIVE);

    const api = apiClient(backend);
    expect(await api.connections.list.query({})).toMatchObject([
      { family: 4, phase: "active", peerAddress: "127.0.0.1" },
    ]);
    expect(await api.statistics.serverActive.query({ family: 4 })).toMatchObject({
      peers: [{ address: "127.0.0.1", role: "responder", state: "active" }],
    });
    const address = addressText4(lease!);
    expect(await api.bindings.clear.mutate({ family: 4, role: "server", address })).toMatchObject({ cleared: 1 });
    await told(MessageType4.DHCPLEASEUNASSIGNED);
    const [row] = (await api.bindings.list.query({ family: 4, filter: { prefix: address } })).rows;
    expect(row).toMatchObject({ state: "RESET" });
    // Its address is free again: another client may have it.
    expect(await individualQuery4(at4(), addressQuery(lease!.address))).toMatchObject({
      messageType: MessageType4.DHCPLEASEUNASSIGNED,
    });
    const [shown] = await api.connections.list.query({});
    await api.connections.close.mutate({ id: shown!.id });
    await expect.poll(() => connection.closed).toBe(true);
    expect(await api.connections.list.query({})).toEqual([]);
  });

  test("pools, counters and requestors are shown", async () => {
    const api = apiClient(backend);
    const { pools, servers } = await api.pools.list.query({});
    expect(servers).toMatchObject([
      { family: 4, listen: `127.0.0.1#${place.port4}` },
      { family: 6, listen: `::1#${place.port6}` },
    ]);
    expect(pools.map(({ id, active, served, state }) => [id, active, served, state]).sort()).toEqual([
      ["4/default:default/customers", 1, true, "plenty"],
      ["6/default:default/delegated", 1, true, "plenty"],
      ["6/default:default/six", 1, true, "plenty"],
    ]);
    const statistics = await api.statistics.server.query({ family: 4 });
    expect(statistics.received.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["DHCPDISCOVER", "DHCPREQUEST", "DHCPLEASEQUERY"]),
    );
    expect(await api.guard.list.query({})).toMatchObject({
      limits: [{ family: 4 }, { family: 6 }],
      requestors: [{ family: 4, address: "127.0.0.1", quarantine: null }],
    });
    await api.guard.quarantine.mutate({ family: 4, address: "127.0.0.1", seconds: 60, reason: "test" });
    const lease = await clients4.dora(3);
    expect(await individualQuery4(at4(), addressQuery(lease!.address), 300)).toBeNull();
    await api.guard.release.mutate({ family: 4, address: "127.0.0.1" });
    expect(await individualQuery4(at4(), addressQuery(lease!.address))).not.toBeNull();
  });

  test("requestors are told when the program stops, and after a restart all is as it was", async () => {
    const connection = await LeasequeryConnection4.open(at4());
    connection.startActive(3);
    const before = await clients4.dora(4);
    for (;;) if ((await connection.next()).ciaddr === before!.address) break;
    const stopping = backend.stop();
    // QueryTerminated: a status message, then the end (RFC 7724 §7.4).
    expect((await connection.next()).messageType).toBe(MessageType4.DHCPLEASEQUERYSTATUS);
    await expect.poll(() => connection.closed).toBe(true);
    await stopping;
    await backend.start();
    // The same client gets the same address, another one another.
    expect(await clients4.dora(4)).toMatchObject({ address: before!.address });
    const other = await clients4.dora(5);
    expect(other!.address).not.toBe(before!.address);
  });
});
