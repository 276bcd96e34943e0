import { bulkLeasequery4 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { ResponderWorld, SCOPES4 } from "../../../test/responder-world.ts";
import { StormGuard } from "./guard.ts";

const LIMITS = {
  queriesPerSecondMax: 100,
  unknownRatioMaxPercent: 50,
  unknownWindowSeconds: 60,
  unknownQueriesMin: 10,
  quarantineSeconds: 300,
};
const WHO = { family: 4, instance: "default:default", address: "10.0.0.9" } as const;
const T0 = 1_790_000_000_000;

function admit(guard: StormGuard, now: number, address: string = WHO.address): string | undefined {
  return guard.admit(4, "default:default", address, LIMITS, now);
}

function answered(guard: StormGuard, unknown: boolean, now: number): void {
  guard.answered(4, "default:default", WHO.address, unknown, LIMITS, now);
}

describe("the storm guard", () => {
  test("more queries in a second than allowed: quarantine for as long as configured, with the reason", () => {
    const guard = new StormGuard();
    for (let i = 0; i < 100; i += 1) expect(admit(guard, T0 + i)).toBeUndefined();
    // Another second, another requestor: counted apart.
    expect(admit(guard, T0 + 500, "10.0.0.8")).toBeUndefined();
    expect(admit(guard, T0 + 999)).toBe("requestor-quarantined");
    expect(guard.view({}, T0 + 1000)[0]).toMatchObject({
      ...WHO,
      queries: 101,
      dropped: 1,
      queriesPerSecond: 101,
      quarantine: { untilMs: T0 + 999 + 300_000, by: null, reason: "more than 100 queries in one second" },
    });
    expect(admit(guard, T0 + 999 + 299_999)).toBe("requestor-quarantined");
    expect(admit(guard, T0 + 999 + 300_000)).toBeUndefined();
    expect(guard.view({}, T0 + 400_000)[0]!.quarantine).toBeNull();
  });

  test("a hundred a second, second after second, is within the limit", () => {
    const guard = new StormGuard();
    for (let i = 0; i < 1000; i += 1) expect(admit(guard, T0 + i * 10)).toBeUndefined();
  });

  test("mostly what is not there: quarantine once enough was asked", () => {
    const guard = new StormGuard();
    const ask = (unknown: boolean, now: number) => {
      const refused = admit(guard, now);
      if (refused === undefined) answered(guard, unknown, now);
      return refused;
    };
    // Nine unknown ones say nothing yet, five of ten are half and no more.
    for (let i = 0; i < 5; i += 1) ask(false, T0 + i);
    for (let i = 0; i < 5; i += 1) expect(ask(true, T0 + 10 + i)).toBeUndefined();
    expect(ask(true, T0 + 20)).toBeUndefined();
    expect(ask(false, T0 + 21)).toBe("requestor-quarantined");
    expect(guard.view({}, T0 + 22)[0]!.quarantine!.reason).toBe(
      "6 of 11 queries within 60 seconds asked for what is not there",
    );
  });

  test("the window begins anew", () => {
    const guard = new StormGuard();
    for (let i = 0; i < 30; i += 1) {
      const now = T0 + i * 10_000;
      expect(admit(guard, now)).toBeUndefined();
      answered(guard, true, now);
    }
    expect(guard.view({}, T0 + 300_000)[0]!.windowQueries).toBeLessThan(10);
  });

  test("released by a person, and put in by one", () => {
    const guard = new StormGuard();
    expect(guard.release(WHO, T0)).toBe(false);
    guard.quarantine(WHO, { sinceMs: T0, untilMs: T0 + 1000, reason: "maintenance", by: "noc@example.net" });
    expect(admit(guard, T0 + 1)).toBe("requestor-quarantined");
    expect(guard.isQuarantined(4, "default:default", WHO.address, T0 + 1)).toBe(true);
    expect(guard.release(WHO, T0 + 2)).toBe(true);
    expect(guard.release(WHO, T0 + 2)).toBe(false);
    expect(admit(guard, T0 + 3)).toBeUndefined();
  });

  test("knows a limited number of requestors; those in quarantine are the last to be forgotten", () => {
    const guard = new StormGuard({ requestorsMax: 100 });
    guard.quarantine(WHO, { sinceMs: T0, untilMs: T0 + 1_000_000, reason: "test", by: null });
    for (let i = 0; i < 1000; i += 1) admit(guard, T0, `10.1.${i >>> 8}.${i & 255}`);
    expect(guard.size).toBe(100);
    expect(guard.forgotten).toBe(901);
    expect(guard.isQuarantined(4, "default:default", WHO.address, T0)).toBe(true);
    for (let i = 0; i < 200; i += 1)
      guard.quarantine(
        { ...WHO, address: `10.2.0.${i}` },
        { sinceMs: T0, untilMs: T0 + 9e6, reason: "test", by: null },
      );
    expect(guard.size).toBe(100);
  });

  test("is shown by family and instance", () => {
    const guard = new StormGuard();
    admit(guard, T0);
    guard.admit(6, "core:red", "2001:db8::1", LIMITS, T0);
    expect(guard.view({ family: 6 }, T0).map(({ address }) => address)).toEqual(["2001:db8::1"]);
    expect(guard.view({ logicalSystem: "core", routingInstance: "red" }, T0).length).toBe(1);
    expect(guard.view({ logicalSystem: "default" }, T0).length).toBe(1);
    expect(guard.view({}, T0).length).toBe(2);
  });
});

test("over TCP: the query is not answered, the connection closed, and no other taken while it lasts", () => {
  const world = new ResponderWorld([{ ...SCOPES4, guard: { ...LIMITS, queriesPerSecondMax: 2 } }]);
  const connection = world.connect(4, { peerAddress: WHO.address });
  for (let xid = 1; xid <= 3; xid += 1)
    connection
      .send(
        bulkLeasequery4({ xid, query: { kind: "client-id", clientId: Uint8Array.of(1, 1) }, parameterRequestList: [] }),
      )
      .read();
  expect(connection.messages4().length).toBe(2);
  expect(connection.closedBy).toBe("end");
  expect(world.connect(4, { peerAddress: WHO.address }).refused).toBe("connection-quarantined");
  world.guard.release(WHO, world.now);
  expect(world.connect(4, { peerAddress: WHO.address }).refused).toBeUndefined();
});
