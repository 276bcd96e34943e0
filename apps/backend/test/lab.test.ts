import { afterEach, describe, expect, test } from "vitest";
import { administratorEnvironment, call, withToken } from "./support/backend.ts";
import { cleanUp, startProcess, temporaryFolder, untilReady } from "./support/process.ts";

// A start without configuration, as a newcomer does it: the local server, the households that lease from it over loopback,
// and the relay that asks it.

interface Example {
  readonly family: 4 | 6;
  readonly kind: "address" | "mac" | "client-id";
  readonly text: string;
  readonly gatewayAddress: string | null;
}

async function startLab() {
  const started = startProcess({ ...administratorEnvironment, LEASEWIRE_DATA: temporaryFolder() });
  const backend = { url: await started.url };
  await untilReady(backend.url);
  const get = async (procedure: string, input?: unknown) =>
    (await call(backend, procedure, input, { headers: withToken() })).data;
  const post = async (procedure: string, input: unknown) =>
    (await call(backend, procedure, input, { method: "POST", headers: withToken() })).data;
  return { get, post, output: started.output };
}

describe("the lab", { timeout: 120_000 }, () => {
  afterEach(cleanUp);

  test("pools fill, clients hold leases of both families, and the relay gets every example answered", async () => {
    const { get, post, output } = await startLab();
    expect(await get("system.info")).toMatchObject({ lab: true, alarms: [] });
    // The first households are there when the examples are.
    const { examples } = (await get("leasequery.targets")) as { examples: Example[] };
    expect(new Set(examples.map(({ family, kind }) => `${family} ${kind}`)).size).toBe(5);

    const pools = (await get("pools.list", {})).pools as {
      name: string;
      family: number;
      active: number;
      free: number;
    }[];
    expect(pools.map(({ family, name }) => `${family} ${name}`).sort()).toEqual([
      "4 bng-a",
      "4 bng-b",
      "6 bng-a",
      "6 bng-a-pd",
      "6 bng-b",
      "6 bng-b-pd",
    ]);
    for (const pool of pools) expect([pool.name, pool.active > 5, pool.free > 5]).toEqual([pool.name, true, true]);

    for (const family of [4, 6]) {
      const { rows } = await get("bindings.list", { family, role: "server", states: ["ACTIVE"] });
      expect(rows.length).toBeGreaterThan(10);
      expect(rows[0]).toMatchObject({ instance: "core:default", state: "ACTIVE", role: "server" });
    }

    const outcomes: string[] = [];
    for (const { family, kind, text, gatewayAddress } of examples) {
      const value = { address: "address", mac: "mac", "client-id": family === 4 ? "clientId" : "duid" }[kind];
      const key = { kind, [value]: text };
      const { id } = await post("leasequery.start", family === 4 ? { family, key, gatewayAddress } : { family, key });
      const run = () => get("leasequery.run", { id });
      await expect.poll(async () => (await run()).finishedAtMs, { timeout: 20_000 }).not.toBeNull();
      outcomes.push((await run()).state);
    }
    expect(outcomes.filter((state) => state === "confirmed").length).toBe(examples.length - 3);
    expect(output.stderr).toBe("");
  });

  test("a configuration of one's own ends it", async () => {
    const { get, post } = await startLab();
    await post("configuration.load", { text: "delete logical-systems core" });
    expect(await post("configuration.commit", {})).toMatchObject({ ok: true });
    expect(await get("system.info")).toMatchObject({ lab: false, alarms: [] });
    expect((await get("leasequery.targets")).examples).toEqual([]);
  });
});
