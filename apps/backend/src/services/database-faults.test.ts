import type { Services } from "@leasewire/api";
import { expect, test } from "vitest";
import { refusingWhileDatabaseIsDown } from "./database-faults.ts";

const services = (fault: Error) =>
  refusingWhileDatabaseIsDown({
    users: {
      list: async () => {
        throw fault;
      },
    },
  } as unknown as Services);

test("a database that cannot be reached is a refusal with a remedy", async () => {
  const fault = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
  expect(await services(fault).users.list()).toMatchObject({
    ok: false,
    refusal: { code: "UNAVAILABLE", message: expect.stringContaining("cannot be reached") },
  });
});

test("any other fault stays one", async () => {
  await expect(services(new TypeError("x is not a function")).users.list()).rejects.toThrow("x is not a function");
});
