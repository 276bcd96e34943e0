import { type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import { describe, expect, test } from "vitest";
import { lookUp } from "./look-ups.ts";
import { readLookupKey } from "./lookup-key.ts";

const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
const duid = Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, 1);

function put(table: BindingTable, more: Partial<BindingInput> & Pick<BindingInput, "address">): void {
  const result = table.put(
    {
      instance: "default:default",
      prefixLength: more.address.length * 8,
      kind: "address",
      state: BindingState.ACTIVE,
      hardwareType: 1,
      startTimeOfStateSeconds: 100,
      clientLastTransactionTimeSeconds: 100,
      expiresAtSeconds: 5000,
      dataSource: 0,
      origin: "gleaned",
      ...more,
    },
    "test",
    100,
  );
  if (result.outcome === "refused") throw new Error(result.refusal.message);
}

function tables() {
  const four = new BindingTable(4);
  const six = new BindingTable(6);
  put(four, { address: Uint8Array.of(10, 0, 0, 1), hardwareAddress: mac, clientId: Uint8Array.of(65, 66) });
  put(four, {
    address: Uint8Array.of(10, 0, 0, 2),
    hardwareAddress: mac,
    state: BindingState.EXPIRED,
    clientLastTransactionTimeSeconds: 200,
  });
  put(four, { address: Uint8Array.of(10, 0, 0, 1), instance: "bng-a:default" });
  const prefix = Uint8Array.of(0x20, 1, 0x0d, 0xb8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  put(six, { address: prefix, prefixLength: 56, kind: "prefix", clientId: duid });
  return { 4: four, 6: six };
}

const look = async (lines: string[], more: object = {}) =>
  (await lookUp(tables(), () => Number.MAX_SAFE_INTEGER, { lines, ...more })).map(
    ({ result, kind, key, binding, further }) => ({ result, kind, key, binding: binding?.address, further }),
  );

describe("one answer a line", () => {
  test("by address, MAC in any notation, client identifier, DUID; an address inside a delegated prefix", async () => {
    const lines = ["10.0.0.1", "0200.0000.0001", "ascii:AB", "00:03:00:01:02:00:00:00:00:01", "2001:db8:100:0:1::9"];
    expect(await look(lines, { logicalSystem: "default" })).toEqual([
      { result: "found", kind: "address", key: "10.0.0.1", binding: "10.0.0.1", further: 0 },
      // Active before ended, though that one is later.
      { result: "found", kind: "mac", key: "02:00:00:00:00:01", binding: "10.0.0.1", further: 1 },
      { result: "found", kind: "client-id", key: expect.any(String), binding: "10.0.0.1", further: 0 },
      { result: "found", kind: "client-id", key: expect.any(String), binding: "2001:db8:100::/56", further: 0 },
      { result: "found", kind: "address", key: "2001:db8:100:0:1::9", binding: "2001:db8:100::/56", further: 0 },
    ]);
  });

  test("empty lines have none; what is not known and what cannot be read say so", async () => {
    const answers = await lookUp(tables(), () => 0, { lines: ["", "10.9.9.9", "10.0.0.300", "\u0007zz/"] });
    expect(answers.map(({ result }) => result)).toEqual(["none", "unreadable", "unreadable"]);
    expect(answers[1]!.message).toContain("10.0.0.300");
    expect(answers[2]!.text).toBe("?zz/");
  });

  test("instances that share an address are all counted", async () => {
    expect(await look(["10.0.0.1"])).toMatchObject([{ result: "found", further: 1 }]);
    expect(await look(["10.0.0.1"], { logicalSystem: "bng-a" })).toMatchObject([{ result: "found", further: 0 }]);
  });

  test("one family only: a key of the other is said to be one", () => {
    expect(readLookupKey("2001:db8::1", 4)).toEqual({
      ok: false,
      message: "2001:db8::1 can only be found among bindings of DHCPv6.",
    });
    expect(readLookupKey("10.0.0.0/24", 4)).toMatchObject({ ok: true, key: { kind: "prefix", length: 24 } });
  });
});
