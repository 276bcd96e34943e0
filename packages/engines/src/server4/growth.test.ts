import { BindingState, BindingTable } from "@leasewire/bindings";
import { ipv4ToBytes } from "@leasewire/net";
import { expect, test } from "vitest";
import { configuration, D, instance, ip, macOf, pool, R, startMs, World4 } from "../../test/server4-world.ts";

/** A table in which the last of so many addresses is free. */
function nearlyFull(leases: number): World4 {
  const table = new BindingTable(4);
  for (let client = 0; client < leases; client += 1) {
    table.put(
      {
        instance,
        address: ipv4ToBytes(ip("10.0.0.1") + client),
        prefixLength: 32,
        kind: "address",
        state: BindingState.ACTIVE,
        hardwareType: 1,
        hardwareAddress: macOf(client + 1000),
        startTimeOfStateSeconds: startMs / 1000,
        clientLastTransactionTimeSeconds: startMs / 1000,
        expiresAtSeconds: startMs / 1000 + 3600,
        dataSource: 0,
        origin: "server",
      },
      "fill",
      startMs / 1000,
    );
  }
  const low = ip("10.0.0.1");
  const high = (low + leases) as typeof low;
  const network = { address: ip("10.0.0.0"), length: 8 };
  return new World4(configuration({ pools: [pool({ network, ranges: [{ name: "r", low, high }] })] }), {}, table);
}

/** How often the table is asked for anything while `run` runs. */
function lookups(world: World4, run: () => void): number {
  const table = world.table as unknown as Record<string, (...of: unknown[]) => unknown>;
  const names = [
    "byPrefix",
    "byAddress",
    "byClientId",
    "firstOfClient",
    "byHardwareAddress",
    "fieldOf",
    "stateOf",
    "at",
  ];
  let count = 0;
  for (const name of names) {
    const asked = table[name]!.bind(table);
    table[name] = (...of) => {
      count += 1;
      return asked(...of);
    };
  }
  run();
  for (const name of names) delete table[name];
  return count;
}

test("an exchange asks the table as often with 60,000 leases as with 60, and finds the only free address", () => {
  const [few, many] = [60, 60_000].map((leases) => {
    const world = nearlyFull(leases);
    const counts = [
      lookups(world, () => world.ask({ type: D, giaddr: "10.0.0.1" })),
      lookups(world, () => {
        const last = world.pool();
        expect(last).toMatchObject({ total: leases + 1, active: leases, offered: 1, free: 0 });
      }),
    ];
    const { yiaddr } = world.ask({ type: D, giaddr: "10.0.0.1" });
    const take = { type: R, giaddr: "10.0.0.1", requested: yiaddr, server: "192.0.2.1" };
    counts.push(lookups(world, () => world.ask(take)));
    counts.push(lookups(world, () => world.ask({ type: R, giaddr: "10.0.0.1", mac: 1010, ciaddr: "10.0.0.11" })));
    counts.push(lookups(world, () => world.silence({ type: D, giaddr: "10.0.0.1", mac: 2 })));
    return counts;
  }) as [number[], number[]];
  expect(many).toEqual(few);
  expect(Math.max(...many)).toBeLessThan(16);
});
