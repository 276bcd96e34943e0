import { describe, expect, test } from "vitest";
import { readActiveLeasequery4 } from "./active-leasequery.ts";
import { readBulkLeasequery4, readLeasequeryDone4 } from "./bulk-leasequery.ts";
import { encodeMessage4, type MessageFields4, type Option4 } from "./encode.ts";
import { leaseReply4, readLeaseReply4, stateOf } from "./lease-reply.ts";
import { readLeasequery4 } from "./leasequery.ts";
import { decodeMessage4, type Message4 } from "./message.ts";
import { option4, subOption } from "./registry.ts";
import { readTls4 } from "./tls.ts";

const message = (type: number, fields: Partial<MessageFields4> = {}, ...options: readonly Option4[]): Message4 => {
  const bytes = encodeMessage4({ op: 1, xid: 7, ...fields, options: [option4(53, type as 10), ...options] });
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
};

const clientId = option4(61, Uint8Array.of(1, 2));
const remoteId = option4(82, [subOption(2, Uint8Array.of(1))]);
const relayId = option4(82, [subOption(12, Uint8Array.of(1))]);
const mac = { htype: 1, chaddr: Uint8Array.of(0, 1, 2, 3, 4, 5) };
const giaddr = 0xc6336401;

describe("a DHCPLEASEQUERY that is none", () => {
  test.each([
    ["another type", message(14, { giaddr }), "message-type-unexpected"],
    ["giaddr zero", message(10, { ciaddr: 1 }), "query-giaddr-zero"],
    ["no key", message(10, { giaddr }), "query-missing"],
    ["address and MAC", message(10, { giaddr, ciaddr: 1, ...mac }), "query-several"],
    ["MAC and client-id", message(10, { giaddr, ...mac }, clientId), "query-several"],
    ["htype without hlen", message(10, { giaddr, htype: 1 }), "query-hardware-address"],
    ["hlen without htype", message(10, { giaddr, chaddr: mac.chaddr }), "query-hardware-address"],
    ["client-id of one octet", message(10, { giaddr }, { code: 61, data: Uint8Array.of(1) }), "option-length"],
    [
      "an empty request list",
      message(10, { giaddr, ciaddr: 1 }, { code: 55, data: new Uint8Array(0) }),
      "option-length",
    ],
  ])("%s", (_, query, code) => {
    expect(readLeasequery4(query)).toMatchObject({ ok: false, error: { code } });
  });

  test("without option 53", () => {
    const decoded = decodeMessage4(encodeMessage4({ op: 1, xid: 1, options: [] }));
    expect(decoded.ok && readLeasequery4(decoded.value)).toMatchObject({
      ok: false,
      error: { code: "message-type-missing", option: 53 },
    });
  });

  // RFC 6148 §5.
  test("a remote-id beside another key changes nothing", () => {
    expect(readLeasequery4(message(10, { giaddr, ciaddr: 1 }, remoteId))).toMatchObject({
      ok: true,
      value: { query: { kind: "address" } },
    });
    expect(readLeasequery4(message(10, { giaddr }, remoteId))).toMatchObject({
      ok: true,
      value: { query: { kind: "remote-id" } },
    });
  });
});

describe("a DHCPBULKLEASEQUERY that is none", () => {
  test.each([
    ["ciaddr", message(14, { ciaddr: 1 }), "query-address-set", 12],
    ["yiaddr", message(14, { yiaddr: 1 }), "query-address-set", 16],
    ["siaddr", message(14, { siaddr: 1 }), "query-address-set", 20],
    ["client-id and relay-id", message(14, {}, clientId, relayId), "query-several", 0],
    ["MAC and remote-id", message(14, mac, remoteId), "query-several", 0],
    ["VSS of no octets", message(14, {}, { code: 221, data: new Uint8Array(0) }), "option-length", 245],
  ])("%s", (_, query, code, offset) => {
    expect(readBulkLeasequery4(query)).toMatchObject({ ok: false, error: { code, offset } });
  });

  test("without a key it asks for all", () => {
    expect(readBulkLeasequery4(message(14))).toEqual({
      ok: true,
      value: { xid: 7, query: { kind: "all" }, parameterRequestList: [] },
    });
  });
});

describe("a DHCPACTIVELEASEQUERY that is none", () => {
  test.each([
    ["query-end-time", message(16, {}, option4(155, 1)), "query-end-time"],
    ["ciaddr", message(16, { ciaddr: 1 }), "query-key-not-allowed"],
    ["chaddr", message(16, mac), "query-key-not-allowed"],
    ["client-id", message(16, {}, clientId), "query-key-not-allowed"],
    ["start time of 3 octets", message(16, {}, { code: 154, data: new Uint8Array(3) }), "option-length"],
  ])("%s", (_, query, code) => {
    expect(readActiveLeasequery4(query)).toMatchObject({ ok: false, error: { code } });
  });
});

describe("replies", () => {
  test.each([
    ["ACTIVE for no address", message(13), "reply-ciaddr-zero"],
    ["UNASSIGNED for no address", message(11), "reply-ciaddr-zero"],
    ["another type", message(5), "message-type-unexpected"],
    ["lease time of 3 octets", message(13, { ciaddr: 1 }, { code: 51, data: new Uint8Array(3) }), "option-length"],
    ["status with a NUL", message(11, { ciaddr: 1 }, { code: 151, data: Uint8Array.of(1, 65, 0) }), "option-text-nul"],
    ["status of no octets", message(11, { ciaddr: 1 }, { code: 151, data: new Uint8Array(0) }), "option-length"],
  ])("refused: %s", (_, reply, code) => {
    expect(readLeaseReply4(reply)).toMatchObject({ ok: false, error: { code } });
  });

  test("UNKNOWN names no address, other messages are refused by type", () => {
    expect(readLeaseReply4(message(12))).toMatchObject({ ok: true, value: { messageType: 12, ciaddr: 0 } });
    expect(readLeasequeryDone4(message(17))).toMatchObject({ ok: false, error: { code: "message-type-unexpected" } });
    expect(readTls4(message(10))).toMatchObject({ ok: false, error: { code: "message-type-unexpected" } });
  });

  test("options follow the request list, server identifier first, option 82 last", () => {
    const bytes = leaseReply4(
      {
        messageType: 13,
        xid: 1,
        ciaddr: 1 as never,
        serverIdentifier: 2 as never,
        leaseTimeSeconds: 3,
        clientLastTransactionTimeSeconds: 4,
        dhcpState: 2,
        relayAgentInformation: Uint8Array.of(1, 0),
      },
      [156, 82, 91],
    );
    const decoded = decodeMessage4(bytes);
    expect(decoded.ok && [...decoded.value.options()].map(({ code }) => code)).toEqual([53, 54, 156, 91, 51, 82]);
  });

  test("an ACTIVE without option 156 is active", () => {
    expect(stateOf({ messageType: 13, xid: 1, ciaddr: 1 as never })).toBe(2);
    expect(stateOf({ messageType: 13, xid: 1, ciaddr: 1 as never, dhcpState: 8 })).toBe(8);
    expect(stateOf({ messageType: 11, xid: 1, ciaddr: 1 as never })).toBeUndefined();
  });
});
