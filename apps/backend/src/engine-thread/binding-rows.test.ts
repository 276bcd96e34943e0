import type { MessageField } from "@leasewire/api";
import { BindingTable, type Family } from "@leasewire/bindings";
import { parseHex } from "@leasewire/net";
import { expect, test } from "vitest";
import { bindingDetail } from "./binding-rows.ts";

function hex(text: string): Uint8Array {
  const parsed = parseHex(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

function detailOf(family: Family, relayAgentInformation: Uint8Array) {
  const table = new BindingTable(family);
  const put = table.put(
    {
      instance: "default:default",
      address: new Uint8Array(family === 4 ? 4 : 16).fill(1),
      prefixLength: family === 4 ? 32 : 128,
      kind: "address",
      state: 2,
      hardwareType: 1,
      startTimeOfStateSeconds: 1,
      clientLastTransactionTimeSeconds: 1,
      expiresAtSeconds: 100,
      dataSource: 0,
      origin: "individual",
      relayAgentInformation,
    },
    "test",
    1,
  );
  if (!("row" in put)) throw new Error("not put");
  return bindingDetail(family, table.at(put.row)!, 1);
}

function all(fields: readonly MessageField[]): MessageField[] {
  return fields.flatMap((field) => [field, ...all(field.children ?? [])]);
}

test.each<[Family, string, string, string]>([
  [4, "0103676531", "ge1", "0103676531"],
  [6, `${"20010db8".padEnd(32, "0")}0c00${"0".repeat(64)}00120003676531`, "ge1", "00120003676531"],
])("v%i: a field of the relay data lies in its hex where it says", (family, data, value, option) => {
  const detail = detailOf(family, hex(data));
  const field = all(detail.relayData).find((each) => each.value === value)!;
  const octets = detail.relayDataHex.slice(field.offset * 2, (field.offset + field.length) * 2);
  expect(option).toContain(octets);
  expect(octets).toContain("676531");
});

test("no relay data is no fields and no octets", () => {
  expect(detailOf(4, new Uint8Array())).toMatchObject({ relayData: [], relayDataHex: "" });
});
