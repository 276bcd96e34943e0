import { describe, expect, test } from "vitest";
import { leasesOf, NOW_SECONDS, RecoveryWorld } from "../../../test/recovery-world.ts";
import { lease4, lease6, prefix6 } from "../../../test/responder-world.ts";

describe("a run against our own server", () => {
  test("DHCPv4 by the own relay-id: everything of the relay is back", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve("192.0.2.1");
    for (let host = 1; host <= 300; host += 1) server.put(lease4(host));
    const id = world.run();
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", received: 300, applied: 300, refused: 0 });
    expect(leasesOf(world.tables[4])).toEqual(leasesOf(server.tables[4]));
    expect(world.bulk(id).outcome).toBe("Complete: 300 bindings recovered from 1 server.");
    expect(world.baseTimes).toEqual([
      { family: 4, instance: "default:default", server: "192.0.2.1", baseTimeSeconds: NOW_SECONDS },
    ]);
  });

  test("DHCPv6 by the own relay-id: addresses and prefixes", () => {
    const world = new RecoveryWorld();
    const { server } = world.serve("2001:db8::1");
    for (let host = 1; host <= 120; host += 1) {
      server.put(lease6(1, host));
      server.put(prefix6(1, host));
    }
    const id = world.run({ family: 6 });
    world.settle();
    expect(world.bulk(id)).toMatchObject({ state: "complete", received: 240, applied: 240, refused: 0 });
    expect(leasesOf(world.tables[6])).toEqual(leasesOf(server.tables[6]));
  });
});
