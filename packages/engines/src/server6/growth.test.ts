import { type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import { expect, test } from "vitest";
import { client, configuration, ip, obtain, pool, range, START, world6 } from "../../test/server6-world.ts";

const SIZE = 65_536;

/** Look-ups in the table that a SOLICIT and a REQUEST of a new client take, where so many of the addresses are leased. */
function lookups(leased: number): number {
  const table = new BindingTable(6);
  const first = ip("2001:db8:1::1:0");
  const lease: BindingInput = {
    instance: "default:default",
    address: first,
    prefixLength: 128,
    kind: "address",
    state: BindingState.ACTIVE,
    hardwareType: 1,
    startTimeOfStateSeconds: START / 1000,
    clientLastTransactionTimeSeconds: START / 1000,
    expiresAtSeconds: START / 1000 + 3600,
    dataSource: 0,
    origin: "import",
  };
  for (let i = 0; i < leased; i += 1) {
    const address = first.slice();
    address[14] = i >>> 8;
    address[15] = i;
    table.put({ ...lease, address, clientId: client(1000 + i), iaid: 1 }, "import", START / 1000);
  }
  const na = pool("na", "2001:db8:1::/64", { ranges: [range("2001:db8:1::1:0", "2001:db8:1::1:ffff")] });
  const world = world6(configuration({ pools: [na] }), { table });
  let count = 0;
  const { byPrefix, byClientId, at } = table;
  table.byPrefix = (...args) => {
    count += 1;
    return byPrefix.apply(table, args);
  };
  table.byClientId = (...args) => {
    count += 1;
    return byClientId.apply(table, args);
  };
  table.at = (...args) => {
    count += 1;
    return at.apply(table, args);
  };
  for (let i = 0; i < 20; i += 1) obtain(world, ["na 1"], { duid: client(i) });
  return count / 20;
}

test("a new client costs as many look-ups in a full pool as in an empty one", () => {
  const empty = lookups(0);
  expect(lookups(SIZE / 2)).toBeLessThanOrEqual(empty + 1);
  expect(lookups(SIZE - 20)).toBeLessThanOrEqual(empty + 1);
  expect(empty).toBeLessThan(8);
}, 60_000);
