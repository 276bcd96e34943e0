import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { cleanUp, temporaryFolder as folder, type Started, startProcess as start } from "./support/process.ts";

afterEach(cleanUp);

/** One line on stderr, no stack, exit code 1. */
async function expectRefusal(started: Started, line: RegExp) {
  expect(await started.ended).toBe(1);
  expect(started.output.stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(line)]);
}

function emptyConfiguration(data: string): string {
  const file = path.join(data, "first.set");
  writeFileSync(file, "");
  return file;
}

describe("a start that cannot succeed is one line and exit code 1", { timeout: 60_000 }, () => {
  test("the port is in use", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)),
    );
    const data = folder();
    const environment = {
      LEASEWIRE_DATA: data,
      LEASEWIRE_LISTEN: `127.0.0.1:${port}`,
      LEASEWIRE_CONFIG: emptyConfiguration(data),
    };
    await expectRefusal(
      start(environment),
      /^Leasewire cannot start\. Cannot listen on 127\.0\.0\.1:\d+: port \d+ is in use/,
    );
    other.close();
  });

  test("the address is not one of this host", async () => {
    const data = folder();
    const environment = {
      LEASEWIRE_DATA: data,
      LEASEWIRE_LISTEN: "192.0.2.1:8067",
      LEASEWIRE_CONFIG: emptyConfiguration(data),
    };
    await expectRefusal(start(environment), /Cannot listen on 192\.0\.2\.1:8067: this host has no such address/);
  });

  test("the data directory is a file", async () => {
    const file = path.join(folder(), "var");
    writeFileSync(file, "");
    await expectRefusal(
      start({ LEASEWIRE_DATA: file }),
      /data directory \S+\/var cannot be written: there is a file of this name/,
    );
  });

  test("the data directory lies under a file", async () => {
    const file = path.join(folder(), "file");
    writeFileSync(file, "");
    await expectRefusal(start({ LEASEWIRE_DATA: `${file}/var` }), /cannot be written: a part of the path is a file/);
  });

  test("the data directory cannot be written", async () => {
    // Holds for root too, whom permissions do not stop.
    await expectRefusal(
      start({ LEASEWIRE_DATA: "/proc/leasewire" }),
      /data directory \/proc\/leasewire cannot be written/,
    );
  });

  test("the database is not there", async () => {
    const url = "postgresql://leasewire:sesame@127.0.0.1:1/leasewire";
    const started = start({ LEASEWIRE_DATA: folder(), DATABASE_URL: url });
    await expectRefusal(
      started,
      /^Leasewire cannot start\. The database: PostgreSQL 127\.0\.0\.1:1\/leasewire cannot be reached/,
    );
    expect(started.output.stderr).not.toContain("sesame");
  });

  test("the database is no database", async () => {
    const data = folder();
    writeFileSync(
      path.join(data, "leasewire.sqlite"),
      "this is a letter to my aunt, and no database at all".repeat(100),
    );
    await expectRefusal(start({ LEASEWIRE_DATA: data }), /is a file of another kind, not a database/);
  });

  test("the configuration file is missing, or wrong: nothing is committed", async () => {
    const data = folder();
    await expectRefusal(
      start({ LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: "/nowhere.set" }),
      /LEASEWIRE_CONFIG: \/nowhere\.set cannot be read/,
    );
    const file = path.join(data, "wrong.set");
    writeFileSync(file, "set forwarding-options dhcp-relay\nset forwarding-options dhcp-rely server-group x\n");
    await expectRefusal(
      start({ LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: file }),
      /LEASEWIRE_CONFIG: \S+wrong\.set: error: line 2, column \d+: .*Nothing was committed\.$/,
    );
    const good = start({ LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: emptyConfiguration(data) });
    await good.url;
  });

  test("a value in the environment", async () => {
    await expectRefusal(
      start({ LEASEWIRE_LISTEN: "nonsense" }),
      /LEASEWIRE_LISTEN="nonsense" is not an address with a port/,
    );
  });

  test("the directory belongs to a running Leasewire; it is free again however that one ends", async () => {
    const data = folder();
    const environment = { LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: emptyConfiguration(data) };
    const first = start(environment);
    await first.url;
    const inUse = new RegExp(`is in use by another Leasewire \\(process ${first.child.pid}\\)`);
    await expectRefusal(start(environment), inUse);
    first.child.kill("SIGKILL");
    await first.ended;
    await start(environment).url;
  });
});

describe("running", { timeout: 60_000 }, () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it in order, with exit code 0", async (signal) => {
    const data = folder();
    const started = start({ LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: emptyConfiguration(data) });
    const url = await started.url;
    // A request under way and an idle connection must not hold it up.
    await fetch(`${url}/healthz`);
    const before = Date.now();
    started.child.kill(signal);
    expect(await started.ended).toBe(0);
    expect(Date.now() - before).toBeLessThan(10_000);
    expect(started.output.stderr).toBe("");
  });

  test("the secret is made once and is for the owner's eyes only", async () => {
    const data = path.join(folder(), "new", "var");
    mkdirSync(path.dirname(data));
    const file = path.join(folder(), "first.set");
    writeFileSync(file, "");
    const environment = { LEASEWIRE_DATA: data, LEASEWIRE_CONFIG: file };
    const first = start(environment);
    await first.url;
    const secret = readFileSync(path.join(data, "secret"), "utf8");
    first.child.kill("SIGTERM");
    await first.ended;
    await start(environment).url;
    expect(readFileSync(path.join(data, "secret"), "utf8")).toBe(secret);
  });
});
