import { describe, expect, test } from "vitest";
import { readActiveLeasequery6 } from "./active-leasequery.ts";
import { isBulkMessageType6 } from "./bulk-leasequery.ts";
import { encodeMessage6, type Option6 } from "./encode.ts";
import { readLeaseReply6 } from "./lease-reply.ts";
import { query6, readLeasequery6, readQuery6, readRequestedOptions } from "./leasequery.ts";
import { decodeMessage6, type Message6 } from "./message.ts";
import { option6 } from "./registry.ts";
import { readTls6 } from "./tls.ts";

const duid = Uint8Array.of(0, 3, 0, 1, 1, 2, 3);
const message = (messageType: number, ...options: readonly Option6[]): Message6 => {
  const decoded = decodeMessage6(encodeMessage6({ messageType, transactionId: 5, options }));
  if (!decoded.ok || decoded.value.kind !== "message") throw new Error("not a message");
  return decoded.value;
};
const client = option6(1, duid);
const lqQuery = option6(44, { queryType: 4, linkAddress: new Uint8Array(16) as never, options: [] });

describe("queries that are none", () => {
  test.each([
    ["another type", readLeasequery6(message(1)), "message-type-unexpected"],
    ["no CLIENTID", readLeasequery6(message(14, lqQuery)), "option-missing"],
    ["no LQ_QUERY", readLeasequery6(message(14, client)), "option-missing"],
    [
      "LQ_QUERY of one octet",
      readLeasequery6(message(14, client, { code: 44, data: Uint8Array.of(1) })),
      "option-length",
    ],
    ["active without CLIENTID", readActiveLeasequery6(message(22)), "option-missing"],
    ["active with an end time", readActiveLeasequery6(message(22, client, option6(102, 1))), "query-end-time"],
    ["active of another type", readActiveLeasequery6(message(14)), "message-type-unexpected"],
    ["a reply of another type", readLeaseReply6(message(7)), "message-type-unexpected"],
    [
      "a reply with a short status",
      readLeaseReply6(message(15, { code: 13, data: Uint8Array.of(0) })),
      "option-length",
    ],
    ["TLS of another type", readTls6(message(14)), "message-type-unexpected"],
  ])("%s", (_, result, code) => {
    expect(result).toMatchObject({ ok: false, error: { code } });
  });

  test.each([
    [1, 5],
    [2, 1],
    [3, 53],
    [5, 37],
  ])("query type %i without option %i", (queryType, option) => {
    expect(readQuery6({ queryType, options: [] })).toMatchObject({
      ok: false,
      error: { code: "query-option-missing", option },
    });
  });

  test("an unknown query type", () => {
    expect(readQuery6({ queryType: 77, options: [] })).toMatchObject({
      ok: false,
      error: { code: "query-type-unknown" },
    });
  });
});

test("every kind of query comes back", () => {
  for (const query of [
    { kind: "address", address: new Uint8Array(16).fill(3) as never },
    { kind: "client-id", clientDuid: duid },
    { kind: "relay-id", relayDuid: duid },
    { kind: "link-address" },
    { kind: "remote-id", enterprise: 9, remoteId: Uint8Array.of(1) },
  ] as const) {
    const { queryType, queryOptions } = query6(query, [47, 100]);
    expect(readQuery6({ queryType, options: queryOptions })).toEqual({ ok: true, value: query });
    expect(readRequestedOptions(queryOptions)).toEqual({ ok: true, value: [47, 100] });
  }
});

test("what may travel on a bulk connection, and on an active one", () => {
  const allowed = (active: boolean): number[] =>
    Array.from({ length: 40 }, (_, type) => type).filter((type) => isBulkMessageType6(type, active));
  expect(allowed(false)).toEqual([14, 15, 16, 17]);
  expect(allowed(true)).toEqual([7, 14, 15, 16, 17, 22, 23]);
});
