import type { BindingRow } from "@leasewire/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../support/backend.ts";
import { type ApiClient, apiClient } from "../../support/client.ts";
import { until } from "../../support/clients.ts";
import type { Dhcpd } from "../../support/dhcpd.ts";
import { canMakeRelayNetworks, makeRelayNetwork, type RelayNetwork } from "../../support/relay-network.ts";
import {
  bindings,
  clientKinds,
  type Programs,
  relayConfiguration,
  type Served,
  Subscriber,
  startPrograms,
  stopPrograms,
} from "./fixture.ts";

// A relay agent with Debian's clients behind it is killed and starts with nothing: it has every client back by leasequery,
// as it knew it before, while none of the clients has said a word. Devices of their own stand in for VLAN units
// (relay-network.ts).

const canRun = canMakeRelayNetworks();
if (!canRun)
  console.log(
    "Skipped: a relay agent with clients needs root and the packages isc-dhcp-client, isc-dhcp-server, dhcpcd-base, udhcpc",
  );

const families = [4, 6] as const;
const relay4 = "set forwarding-options dhcp-relay";
const bulk = `${relay4} bulk-leasequery attempts 3 timeout 1
${relay4} dhcpv6 bulk-leasequery attempts 3 timeout 1
${relay4} dhcpv6 bulk-leasequery trigger automatic`;
const active = `${relay4} bulk-leasequery attempts 3 timeout 1
${relay4} dhcpv6 bulk-leasequery attempts 3 timeout 1
${relay4} active-leasequery mode insecure
${relay4} dhcpv6 active-leasequery mode insecure`;

describe.skipIf(!canRun)("the relay agent is killed and starts with nothing", () => {
  let network: RelayNetwork;
  let served: Served;
  const programs: Partial<Programs> = {};
  let server: Backend;
  let relay: Backend;
  let isc: Readonly<Record<4 | 6, Dhcpd>>;
  let serverApi: ApiClient;
  let relayApi: ApiClient;
  let subscribers: Subscriber[] = [];
  /** What the relay agent and our server knew before, of addresses and prefixes in use. */
  const before = { relay: [] as BindingRow[], server: [] as BindingRow[] };

  const inUse = async (api: ApiClient, role: "relay" | "server") =>
    (await Promise.all(families.map((family) => bindings(api, family, role))))
      .flat()
      .filter(({ state }) => state === "ACTIVE");
  const told = () => [relay.output(), server.output(), isc[4].log(), isc[6].log()].join("\n");

  beforeAll(async () => {
    network = makeRelayNetwork(clientKinds.length * 2);
    served = {
      network,
      own: network.units.slice(0, clientKinds.length),
      dhcpd: network.units.slice(clientKinds.length),
      // None renews within the test.
      times: { renewal: 1200, rebinding: 2000, valid: 2400 },
    };
    ({ server, relay, isc } = await startPrograms(served, programs, relayConfiguration(served)));
    serverApi = apiClient(server);
    relayApi = apiClient(relay);
    subscribers = network.units.map((unit, index) => new Subscriber(unit, clientKinds[index % clientKinds.length]!));
    for (const subscriber of subscribers) {
      await until(
        () => subscriber.address !== undefined,
        "a client has no address",
        () => subscriber.output() + told(),
      );
    }
    // An address for every client, and a prefix for those of DHCPv6.
    const expected = subscribers.length + subscribers.filter(({ kind }) => kind.family === 6).length;
    await until(async () => (await inUse(relayApi, "relay")).length === expected, "the relay has not learnt all", told);
    before.relay = await inUse(relayApi, "relay");
    before.server = await inUse(serverApi, "server");
  }, 240_000);

  afterAll(async () => {
    await Promise.all(subscribers.map((subscriber) => subscriber.remove()));
    await stopPrograms(programs);
    network?.remove();
  });

  const known = (units: Served["own"], family?: 4 | 6) =>
    before.relay.filter(
      (row) => units.some(({ name }) => name === row.interfaceName) && (family === undefined || family === row.family),
    );

  /** All these are in the table again, as they were, from that origin; and no client has renewed meanwhile. */
  async function back(rows: readonly BindingRow[], origins: readonly string[]): Promise<void> {
    let now: readonly BindingRow[] = [];
    const found = ({ id }: BindingRow) => now.find((row) => row.id === id);
    await until(
      async () => {
        now = await inUse(relayApi, "relay");
        return rows.every((row) => found(row) !== undefined);
      },
      "not every client is back",
      () => `${rows.filter((row) => found(row) === undefined).map(({ id }) => id)}\n${told()}`,
    );
    for (const row of rows) {
      // The IAID is not told by leasequery (RFC 5007 §4.1.2.2).
      const { state, clientId, interfaceName, linkAddress } = row;
      expect(found(row)).toMatchObject({ state, clientId, interfaceName, linkAddress });
      expect(origins).toContain(found(row)?.origin);
      expect(Math.abs(Number(found(row)?.expiresAt) - Number(row.expiresAt))).toBeLessThanOrEqual(3);
    }
    const changes = (all: readonly BindingRow[]) =>
      all
        .map(({ id, sequence, clientLastTransactionTime }) => [id, sequence, clientLastTransactionTime].join(" "))
        .sort();
    expect(changes(await inUse(serverApi, "server"))).toEqual(changes(before.server));
  }

  describe("without active leasequery", () => {
    beforeAll(async () => {
      await relay.restartEmpty(relayConfiguration(served, bulk));
      expect(await bindings(relayApi, 4, "relay")).toEqual([]);
    }, 120_000);

    test("clients of our server, DHCPv6: by a bulk query that starts by itself", async () => {
      await back(known(served.own, 6), ["bulk"]);
    });

    test("clients of our server, DHCPv4: by a bulk query of an operator, by relay-id", async () => {
      const { id } = await relayApi.recovery.start.mutate({
        family: 4,
        key: { kind: "relay-id" },
        serverGroup: "own",
      });
      const rows = known(served.own, 4);
      await back(rows, ["bulk"]);
      await until(
        async () => (await relayApi.recovery.get.query({ id })).state === "complete",
        "the run goes on",
        told,
      );
      const { sum } = await relayApi.recovery.groups.query({ id });
      expect(sum).toMatchObject({ recovered: rows.length, missing: 0 });
    });

    test("clients of ISC dhcpd, DHCPv4: by individual queries, MAC by MAC", async () => {
      const rows = known(served.dhcpd, 4);
      const { answers } = await relayApi.lookups.ask.mutate({
        lines: rows.map(({ hardwareAddress }) => hardwareAddress ?? ""),
        family: 4,
        serverGroup: "isc",
        gatewayAddress: served.dhcpd[0]!.relayAddress4,
      });
      expect(answers.map(({ source, message }) => source ?? message)).toEqual(rows.map(() => "leasequery"));
      await back(rows, ["individual"]);
    });

    test("clients of ISC dhcpd, DHCPv6: by individual queries, address by address", async () => {
      // dhcpd finds no delegated prefix by leasequery: those are learnt when the clients renew.
      const rows = known(served.dhcpd, 6).filter(({ kind }) => kind === "address");
      const { answers } = await relayApi.lookups.ask.mutate({
        lines: rows.map(({ address }) => address),
        family: 6,
        serverGroup: "isc",
      });
      expect(answers.map(({ source, message }) => source ?? message)).toEqual(rows.map(() => "leasequery"));
      await back(rows, ["individual"]);
    });
  });

  test("with active leasequery: every client of our server, by the stream", async () => {
    await relay.restartEmpty(relayConfiguration(served, active));
    await back(known(served.own), ["active", "bulk"]);
    const phases = async () =>
      (await relayApi.streams.list.query({}))
        .filter((stream) => [network.ownServer4, network.ownServer6].includes(stream.server))
        .map(({ family, phase }) => `${family} ${phase}`);
    const streaming = async () => (await phases()).sort().join() === "4 Active,6 Active";
    await until(streaming, "the streams do not go on", async () => `${await phases()}\n${told()}`);
    // From here on changes arrive as they happen: a lease that an operator of the server ends.
    const { address } = known([served.own[0]!])[0]!;
    await serverApi.bindings.clear.mutate({ family: 4, role: "server", address });
    const ended = async () => (await inUse(relayApi, "relay")).every((row) => row.address !== address);
    await until(ended, `the relay agent does not hear that ${address} is free`, told);
  }, 120_000);

  test("a client renews through the relay agent that was restored", async () => {
    const subscriber = subscribers.find(({ kind }) => kind.client === "udhcpc")!;
    const row = async () => (await inUse(relayApi, "relay")).find(({ address }) => address === subscriber.address);
    const earlier = Number((await row())?.clientLastTransactionTime);
    subscriber.signal("SIGUSR1");
    await until(async () => Number((await row())?.clientLastTransactionTime) > earlier, "no renewal was seen", told);
    expect(await row()).toMatchObject({ origin: "gleaned", interfaceName: subscriber.unit.name });
  });
});
