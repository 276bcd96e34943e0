import { afterAll, beforeAll, describe, expect, type TestContext, test } from "vitest";
import type { Backend } from "../../support/backend.ts";
import { type ApiClient, apiClient } from "../../support/client.ts";
import { clientMemory, until } from "../../support/clients.ts";
import type { Dhcpd } from "../../support/dhcpd.ts";
import { hasPerfdhcp, perfdhcp } from "../../support/perfdhcp.ts";
import {
  type AccessUnit,
  canMakeRelayNetworks,
  makeRelayNetwork,
  type RelayNetwork,
} from "../../support/relay-network.ts";
import {
  binding,
  bindings,
  type ClientKind,
  clientKinds,
  type Programs,
  relayConfiguration,
  type Served,
  Subscriber,
  startPrograms,
  stopPrograms,
} from "./fixture.ts";

// Debian's DHCP clients behind our relay agent, which has our server for some of its interfaces and ISC dhcpd for others:
// what clients, relay and server believe is the same, from the first packet over renewals to the release. Devices of their
// own stand in for VLAN units (relay-network.ts).

const canRun = canMakeRelayNetworks();
if (!canRun)
  console.log(
    "Skipped: clients of the relay agent need root and the packages isc-dhcp-client, isc-dhcp-server, dhcpcd-base, udhcpc",
  );

if (!hasPerfdhcp()) console.log("Skipped: many clients of the relay agent need the package kea-admin");

describe.skipIf(!canRun)("real clients through our relay agent", () => {
  let network: RelayNetwork;
  let served: Served;
  const programs: Partial<Programs> = {};
  let server: Backend;
  let relay: Backend;
  let isc: Readonly<Record<4 | 6, Dhcpd>>;
  let serverApi: ApiClient;
  let relayApi: ApiClient;

  beforeAll(async () => {
    // A unit for each client of each server, and one for many clients.
    const units = clientKinds.length + 1;
    network = makeRelayNetwork(units * 2);
    served = {
      network,
      own: network.units.slice(0, units),
      dhcpd: network.units.slice(units),
      times: { renewal: 3, rebinding: 40, valid: 60 },
    };
    ({ server, relay, isc } = await startPrograms(served, programs, relayConfiguration(served)));
    serverApi = apiClient(server);
    relayApi = apiClient(relay);
  }, 180_000);

  afterAll(async () => {
    await stopPrograms(programs);
    network?.remove();
  });

  const told = (subscriber: Subscriber) => () =>
    [subscriber.output(), relay.output(), server.output(), isc[4].log(), isc[6].log()].join("\n");

  const learnt = (family: 4 | 6, address: string) => binding(relayApi, family, "relay", address);
  const granted = (family: 4 | 6, address: string) => binding(serverApi, family, "server", address);
  const active = async (family: 4 | 6, address: string) => (await learnt(family, address))?.state === "ACTIVE";

  /** A client on that unit as long as the test runs, its address, and the prefix delegated to it; all known to the relay agent. */
  async function leased({ onTestFinished }: TestContext, kind: ClientKind, unit: AccessUnit) {
    const { family } = kind;
    const subscriber = new Subscriber(unit, kind);
    onTestFinished(() => subscriber.remove());
    await until(() => subscriber.address !== undefined, "the client has no address", told(subscriber));
    const address = subscriber.address as string;
    await until(() => active(family, address), `the relay does not know ${address}`, told(subscriber));
    const row = (await learnt(family, address))!;
    // What passed through told it all: whose lease it is, until when, and behind which interface.
    expect(row).toMatchObject({
      origin: "gleaned",
      interfaceName: unit.name,
      circuitId: unit.name,
      linkAddress: family === 4 ? unit.relayAddress4 : unit.relayAddress6,
    });
    if (family === 4) return { subscriber, address, row, prefix: undefined };
    const prefix = (await bindings(relayApi, 6, "relay")).find(
      ({ kind, clientId }) => kind === "prefix" && clientId === row.clientId,
    );
    expect(prefix).toMatchObject({
      origin: "gleaned",
      state: "ACTIVE",
      interfaceName: unit.name,
      circuitId: unit.name,
    });
    expect(prefix?.address.startsWith(`${unit.delegated}:`)).toBe(true);
    return { subscriber, address, row, prefix: prefix?.address };
  }

  /** Clients renew by themselves; udhcpc, which knows no T1, on demand, and later than in the second of its lease. */
  async function renew(subscriber: Subscriber): Promise<void> {
    if (subscriber.kind.client !== "udhcpc") return;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    subscriber.signal("SIGUSR1");
  }

  /** Scripts of clients take a moment. */
  const keeps = (subscriber: Subscriber, address: string) =>
    until(() => subscriber.address === address, `the client has lost ${address}`, told(subscriber));

  /** The relay agent and our server say the same of an address or prefix. */
  async function agreed(family: 4 | 6, address: string): Promise<void> {
    const both = async () => [await learnt(family, address), await granted(family, address)] as const;
    const shown = ([relayed, server]: Awaited<ReturnType<typeof both>>) =>
      [relayed, server].map((row) => {
        const { state, hardwareAddress, clientId, iaid, circuitId, relayId, linkAddress } = row ?? {};
        return { state, hardwareAddress, clientId, iaid, circuitId, relayId, linkAddress };
      });
    // Clients renew all the time, and each counts from when it saw the answer.
    const sameTimes = ([relayed, server]: Awaited<ReturnType<typeof both>>) =>
      near(relayed?.clientLastTransactionTime, server?.clientLastTransactionTime) &&
      near(relayed?.expiresAt, server?.expiresAt);
    await until(
      async () => sameTimes(await both()),
      "relay agent and server do not agree",
      async () => JSON.stringify(await both()),
    );
    const [relayed, server] = shown(await both());
    expect(relayed).toEqual(server);
  }

  describe.concurrent("our server", () => {
    test.for(clientKinds.map((kind, index) => ({ ...kind, index })))(
      "DHCPv$family, $client: lease, renewal, release",
      { timeout: 120_000 },
      async ({ index, family }, context) => {
        const { subscriber, address, row, prefix } = await leased(context, clientKinds[index]!, served.own[index]!);
        await agreed(family, address);
        if (prefix !== undefined) await agreed(family, prefix);

        // The server identifier is the relay agent: even unicast renewals of DHCPv4 pass through it.
        await renew(subscriber);
        const later = async () =>
          Number((await learnt(family, address))?.clientLastTransactionTime) > Number(row.clientLastTransactionTime);
        await until(later, "the relay saw no renewal", told(subscriber));
        await agreed(family, address);
        await keeps(subscriber, address);

        await subscriber.release();
        for (const one of prefix === undefined ? [address] : [address, prefix]) {
          const ended = async () =>
            (await learnt(family, one))?.state === "RELEASED" && (await granted(family, one))?.state === "RELEASED";
          await until(ended, `${one} was not released`, told(subscriber));
        }
      },
    );
  });

  describe.concurrent("ISC dhcpd", () => {
    test.for(clientKinds.map((kind, index) => ({ ...kind, index })))(
      "DHCPv$family, $client: lease, renewal, release",
      { timeout: 120_000 },
      async ({ index, family }, context) => {
        const unit = served.dhcpd[index]!;
        const { subscriber, address, row, prefix } = await leased(context, clientKinds[index]!, unit);
        const states = () => dhcpdStates(isc[family].leaseFile(), family, address);
        expect(states().at(-1)).toBe("active");
        if (family === 4) expect(isc[4].leaseFile()).toContain(`option agent.circuit-id "${unit.name}"`);

        // dhcpd has no server identifier override: DHCPv4 clients renew and release past the relay agent.
        const writes = states().length;
        await renew(subscriber);
        const later = async () =>
          family === 4
            ? states().length > writes
            : Number((await learnt(6, address))?.clientLastTransactionTime) > Number(row.clientLastTransactionTime);
        await until(later, "there was no renewal", told(subscriber));
        await keeps(subscriber, address);

        await subscriber.release();
        await until(() => states().at(-1) !== "active", `${address} was not released`, told(subscriber));
        if (family === 6) {
          const ended = async () => !(await active(6, address)) && !(await active(6, prefix!));
          await until(ended, "the relay did not see the release", told(subscriber));
        }
      },
    );
  });

  describe.skipIf(!hasPerfdhcp()).concurrent("many clients (perfdhcp)", () => {
    const clients = 40;

    test.for([
      { name: "our server", family: 4 },
      { name: "our server", family: 6 },
      { name: "ISC dhcpd", family: 4 },
      { name: "ISC dhcpd", family: 6 },
    ] as const)(
      "DHCPv$family, $name: everyone has a lease, and the relay agent knows all",
      { timeout: 60_000 },
      async ({ name, family }, { onTestFinished }) => {
        const units = name === "our server" ? served.own : served.dhcpd;
        const unit = units.at(-1)!;
        const memory = clientMemory();
        onTestFinished(() => memory.remove());
        expect(await perfdhcp(unit, memory, family, clients)).toEqual({ begun: clients, completed: clients });
        const known = async () =>
          (await bindings(relayApi, family, "relay")).filter(
            ({ interfaceName, state }) => interfaceName === unit.name && state === "ACTIVE",
          );
        // An address for each, and for DHCPv6 a prefix.
        const expected = family === 4 ? clients : clients * 2;
        await until(
          async () => (await known()).length === expected,
          "the relay agent does not know all",
          async () => JSON.stringify((await known()).map(({ address }) => address)),
        );
        for (const { origin, circuitId } of await known()) expect([origin, circuitId]).toEqual(["gleaned", unit.name]);
      },
    );
  });
});

function near(one: number | string | null | undefined, other: number | string | null | undefined): boolean {
  return Math.abs(Number(one) - Number(other)) <= 2;
}

/** States of a lease as a lease file of dhcpd tells them, oldest first. */
function dhcpdStates(leaseFile: string, family: 4 | 6, address: string): string[] {
  const pattern =
    family === 4
      ? new RegExp(`^lease ${address.replaceAll(".", "\\.")} \\{[^}]*?\\bbinding state (\\w+);`, "gm")
      : new RegExp(`iaaddr ${address} \\{[^}]*?\\bbinding state (\\w+);`, "g");
  return [...leaseFile.matchAll(pattern)].map(([, state]) => state!);
}
