import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import { openDatabase } from "@leasewire/db";
import { afterEach, describe, expect, test } from "vitest";
import { administratorEnvironment, call, withToken } from "./support/backend.ts";
import { earlierLab } from "./support/earlier-lab.ts";
import { cleanUp, startProcess, temporaryFolder, untilReady } from "./support/process.ts";

// A start without configuration, as a newcomer does it: the local server, the relay agents in front of it, and the
// households that lease through them over loopback.

interface Example {
  readonly family: 4 | 6;
  readonly kind: "address" | "mac" | "client-id";
  readonly text: string;
  readonly gatewayAddress: string | null;
  readonly instance: string | null;
}

interface Row {
  readonly instance: string;
  readonly address: string;
  readonly clientId: string;
  readonly interfaceName: string | null;
  readonly circuitId: string | null;
  readonly origin: string;
}

const families = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"))
  ? ([4, 6] as const)
  : ([4] as const);

async function startLab(environment: Record<string, string> = {}) {
  const started = startProcess({ ...administratorEnvironment, LEASEWIRE_DATA: temporaryFolder(), ...environment });
  const backend = { url: await started.url };
  await untilReady(backend.url);
  const get = async (procedure: string, input?: unknown) =>
    (await call(backend, procedure, input, { headers: withToken() })).data;
  const post = async (procedure: string, input: unknown) =>
    (await call(backend, procedure, input, { method: "POST", headers: withToken() })).data;
  const active = async (family: 4 | 6, role: "server" | "relay", logicalSystem?: string): Promise<Row[]> => {
    const filter = { role, states: ["ACTIVE"] };
    const page = await get("bindings.list", { family, filter, limit: 500 });
    return (page.rows as Row[]).filter(
      ({ instance }) => logicalSystem === undefined || instance === `${logicalSystem}:default`,
    );
  };
  return { get, post, active, output: started.output };
}

type Lab = Awaited<ReturnType<typeof startLab>>;

/** Leases that the server gave and no relay agent knows, or that one knows and the server did not give. */
async function differences({ active }: Lab): Promise<string[]> {
  const known = async (role: "server" | "relay") => {
    const rows = (await Promise.all(families.map((family) => active(family, role)))).flat();
    return new Set(rows.map(({ address, clientId, circuitId }) => `${address} ${clientId} ${circuitId}`));
  };
  const [server, relays] = [await known("server"), await known("relay")];
  return [...server.symmetricDifference(relays)];
}

describe("the lab", { timeout: 180_000 }, () => {
  afterEach(cleanUp);

  test("pools fill, relay agents know what the server leased, and every example is answered", async () => {
    const lab = await startLab();
    const { get, post, active, output } = lab;
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

    await expect.poll(() => differences(lab), { timeout: 20_000 }).toEqual([]);
    for (const family of families) {
      const rows = await active(family, "relay");
      expect(new Set(rows.map(({ instance }) => instance))).toEqual(new Set(["bng-a:default", "bng-b:default"]));
      for (const { instance, interfaceName, circuitId } of rows) {
        expect([
          interfaceName,
          interfaceName!.startsWith(instance.startsWith("bng-a") ? "ge-0/0/1.10" : "ge-0/0/2.10"),
        ]).toEqual([circuitId, true]);
      }
    }

    const outcomes: string[] = [];
    for (const { family, kind, text, gatewayAddress, instance } of examples) {
      const value = { address: "address", mac: "mac", "client-id": family === 4 ? "clientId" : "duid" }[kind];
      const key = { kind, [value]: text };
      const query = { family, key, ...(instance !== null && { logicalSystem: instance.split(":")[0] }) };
      const { id } = await post("leasequery.start", family === 4 ? { ...query, gatewayAddress } : query);
      const run = () => get("leasequery.run", { id });
      await expect.poll(async () => (await run()).finishedAtMs, { timeout: 20_000 }).not.toBeNull();
      outcomes.push((await run()).state);
    }
    expect(outcomes.filter((state) => state === "confirmed").length).toBe(examples.length - 3);
    expect(output.stderr).toBe("");
  });

  test("a relay agent that is restarted empty has everything again before its clients renew", async () => {
    const lab = await startLab();
    const { get, post, active } = lab;
    const streams = async () =>
      (await get("streams.list", {})) as {
        instance: string;
        family: number;
        phase: string;
      }[];
    await expect
      .poll(
        async () => (await streams()).map(({ instance, family, phase }) => `${instance} ${family} ${phase}`).sort(),
        { timeout: 60_000 },
      )
      .toEqual(
        families.flatMap((family) => ["bng-a", "bng-b"].map((name) => `${name}:default ${family} Active`)).sort(),
      );
    // The first households are there.
    await get("leasequery.targets");
    await expect.poll(() => differences(lab), { timeout: 20_000 }).toEqual([]);

    const restarted = await post("lab.restartRelay", { name: "bng-a" });
    expect(restarted).toMatchObject({ name: "bng-a" });
    const forgotten = { 4: restarted.forgotten4, 6: restarted.forgotten6 } as const;
    for (const family of families) {
      expect(forgotten[family]).toBeGreaterThan(4);
      const told = async () => (await active(family, "relay", "bng-a")).filter(({ origin }) => origin !== "gleaned");
      await expect.poll(async () => (await told()).length, { timeout: 30_000 }).toBeGreaterThan(forgotten[family] / 2);
    }
    await expect.poll(() => differences(lab), { timeout: 20_000 }).toEqual([]);
    const runs = (await get("recovery.list", {})) as { family: 4 | 6; cause: string; state: string }[];
    expect(runs.map(({ family, cause, state }) => `${family} ${cause} ${state}`).sort()).toEqual(
      families.map((family) => `${family} automatic complete`),
    );
    expect((await get("lab.view")).relays).toMatchObject([
      { name: "bng-a", restartedAtMs: expect.any(Number) },
      { name: "bng-b", restartedAtMs: null },
    ]);
  });

  test("one that an earlier version made goes on, with the gateways it had", async () => {
    const data = temporaryFolder();
    const earlier = await earlierLab();
    const configuration = path.join(data, "lab.set");
    writeFileSync(configuration, earlier.statements.join("\n"));
    const database = await openDatabase({ url: `file:${data}/leasewire.sqlite`, dataDirectory: data });
    await database.migrate();
    await database.meta.setFact("test", "lab", earlier.fact);
    await database.close();

    const { get, active } = await startLab({ LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: configuration });
    expect((await get("leasequery.targets")).examples.length).toBeGreaterThan(5);
    expect((await active(4, "server")).length).toBeGreaterThan(10);
    expect((await get("lab.view")).relays).toEqual([]);
  });

  test("a configuration of one's own ends it", async () => {
    const { get, post } = await startLab();
    await post("configuration.load", { text: "delete logical-systems core" });
    expect(await post("configuration.commit", {})).toMatchObject({ ok: true });
    expect(await get("system.info")).toMatchObject({ lab: false, alarms: [] });
    expect((await get("leasequery.targets")).examples).toEqual([]);
  });
});
