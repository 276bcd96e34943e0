import { describe, expect, test } from "vitest";
import { readSettings } from "./settings.ts";

const read = (environment: Record<string, string>) => readSettings(environment, "/srv/leasewire");

describe("settings", () => {
  test("nothing set: loopback, SQLite in ./var, the lab", () => {
    const settings = read({});
    expect(settings.listen).toEqual({ host: "127.0.0.1", port: 8067 });
    expect(settings.dataDirectory).toBe("/srv/leasewire/var");
    expect(settings.databaseUrl).toBe("file:/srv/leasewire/var/leasewire.sqlite");
    expect(settings.configurationFile).toBeNull();
    expect(settings.administrator).toBeNull();
    expect(settings.web).toBe(true);
    expect(settings.node).toMatch(/^[A-Za-z0-9]/);
  });

  test("paths are relative to the working directory", () => {
    const settings = read({ LEASEWIRE_DATA: "state", DATABASE_URL: "file:x/y.db", LEASEWIRE_CONFIG: "lab.set" });
    expect(settings.dataDirectory).toBe("/srv/leasewire/state");
    expect(settings.databaseUrl).toBe("file:/srv/leasewire/x/y.db");
    expect(settings.configurationFile).toBe("/srv/leasewire/lab.set");
  });

  test("IPv6 listen address", () => {
    expect(read({ LEASEWIRE_LISTEN: "[::]:80" }).listen).toEqual({ host: "::", port: 80 });
  });

  test("the administrator's address is compared in lower case", () => {
    const environment = { LEASEWIRE_ADMIN_EMAIL: "NOC@Example.net", LEASEWIRE_ADMIN_PASSWORD: "correct horse" };
    expect(read(environment).administrator).toEqual({
      email: "noc@example.net",
      password: "correct horse",
      token: null,
    });
  });

  test.each([
    [{ LEASEWIRE_LISTEN: "8067" }, 'LEASEWIRE_LISTEN="8067" is not an address with a port'],
    [{ LEASEWIRE_LISTEN: "127.0.0.1:99999" }, "is not an address with a port"],
    [{ LEASEWIRE_NODE: "a b" }, 'LEASEWIRE_NODE="a b" is not a name'],
    [{ DATABASE_URL: "mysql://root:secret@db/x" }, "DATABASE_URL is neither"],
    [{ LEASEWIRE_ADMIN_EMAIL: "noc" }, "is not an e-mail address"],
    [{ LEASEWIRE_ADMIN_PASSWORD: "long enough" }, "LEASEWIRE_ADMIN_EMAIL is not"],
    [{ LEASEWIRE_ADMIN_EMAIL: "a@b.net", LEASEWIRE_ADMIN_PASSWORD: "short" }, "has 5 characters: choose one of 10"],
    [{ LEASEWIRE_ADMIN_EMAIL: "a@b.net", LEASEWIRE_ADMIN_TOKEN: "x" }, "has 1 characters"],
    [{ LEASEWIRE_PUBLIC_URL: "leasewire" }, "is not the address of a site"],
    [{ LEASEWIRE_WEB: "maybe" }, "set it to on or off"],
    [{ LEASEWIRE_LOG_LEVEL: "loud" }, "is not a log level"],
  ])("%j is refused with what, where and the remedy", (environment, message) => {
    expect(() => read(environment as Record<string, string>)).toThrow(message);
  });

  test("secrets are never repeated", () => {
    for (const environment of [
      { DATABASE_URL: "mysql://root:sesame@db/x" },
      { LEASEWIRE_ADMIN_EMAIL: "a@b.net", LEASEWIRE_ADMIN_PASSWORD: "sesame" },
      { LEASEWIRE_ADMIN_EMAIL: "a@b.net", LEASEWIRE_ADMIN_TOKEN: "sesame" },
    ]) {
      try {
        read(environment as unknown as Record<string, string>);
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toContain("sesame");
      }
    }
  });
});
