import type { Ipv6Address } from "@leasewire/net";
import { describe, expect, test } from "vitest";
import { encodeMessage6, encodeRelayMessage6 } from "./encode.ts";
import { decodeMessage6, type Message6, type RelayMessage6 } from "./message.ts";
import { option6, readOption6 } from "./registry.ts";
import { relayChain6, relayForward6, relayReply6 } from "./relay.ts";

const link = new Uint8Array(16).fill(1);
const peer = new Uint8Array(16).fill(2);
const decode = (bytes: Uint8Array): Message6 | RelayMessage6 => {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
};
const solicit = encodeMessage6({ messageType: 1, transactionId: 0xabcdef, options: [option6(8, 0)] });
const relay = (hopCount: number, inner: Uint8Array): Uint8Array =>
  encodeRelayMessage6({
    messageType: 12,
    hopCount,
    linkAddress: link,
    peerAddress: peer,
    options: [option6(18, Uint8Array.of(9)), option6(9, inner)],
  });

describe("decodeMessage6 refuses", () => {
  test.each([
    ["nothing", new Uint8Array(0), "message-truncated", 0, "a DHCPv6 message has at least 4 octets, this one has 0"],
    [
      "3 octets",
      Uint8Array.of(1, 2, 3),
      "message-truncated",
      3,
      "a DHCPv6 message has at least 4 octets, this one has 3",
    ],
    [
      "a short relay message",
      relay(0, solicit).subarray(0, 33),
      "message-truncated",
      33,
      "a DHCPv6 relay message has at least 34 octets, this one has 33",
    ],
    [
      "65536 octets",
      new Uint8Array(65_536).fill(1),
      "message-too-long",
      65_535,
      "a message has at most 65535 octets, this one has 65536",
    ],
    [
      "an option header cut short",
      Uint8Array.of(1, 0, 0, 1, 0, 8, 0),
      "option-truncated",
      4,
      "3 octets are left where an option header of 4 is due",
    ],
    [
      "a value cut short",
      Uint8Array.of(1, 0, 0, 1, 0, 8, 0, 2, 0),
      "option-truncated",
      4,
      "option 8 says 2 octets, 1 are left",
    ],
  ])("%s", (_, bytes, code, offset, message) => {
    expect(decodeMessage6(bytes)).toMatchObject({ ok: false, error: { code, offset, message } });
  });
});

describe("values of v6 options", () => {
  const reading = (code: number, ...data: readonly number[]) =>
    readOption6(
      decode(encodeMessage6({ messageType: 7, transactionId: 1, options: [{ code, data: Uint8Array.from(data) }] })),
      code as 1,
    );
  const zeros = (count: number): number[] => new Array<number>(count).fill(0);
  test.each([
    ["DUID of 2 octets", reading(1, 0, 3), "option-length", 8],
    ["IA_NA of 11 octets", reading(3, ...zeros(11)), "option-length", 8],
    ["IA_NA with a broken option", reading(3, ...zeros(12), 0, 5, 0, 24), "option-truncated", 20],
    ["IA address of 23 octets", reading(5, ...zeros(23)), "option-length", 8],
    ["IA prefix of length 129", reading(26, ...zeros(8), 129, ...zeros(16)), "option-value", 16],
    ["odd option request", reading(6, 0, 1, 0), "option-length", 8],
    ["status of one octet", reading(13, 0), "option-length", 8],
    ["status with a NUL inside", reading(13, 0, 1, 65, 0, 66), "option-text-nul", 11],
    ["query of 16 octets", reading(44, ...zeros(16)), "option-length", 8],
    ["client data with a short CLT_TIME", reading(45, 0, 46, 0, 1, 0), "option-length", 12],
    ["relay data of 15 octets", reading(47, ...zeros(15)), "option-length", 8],
    ["client links of 17 octets", reading(48, ...zeros(17)), "option-length", 8],
    ["base time of 5 octets", reading(100, ...zeros(5)), "option-length", 8],
    ["remote-id of the enterprise only", reading(37, ...zeros(4)), "option-length", 8],
    ["vendor options cut short", reading(17, ...zeros(4), 0, 1, 0, 2, 0), "option-length", 12],
    ["a label of 64 octets", reading(24, 64, ...zeros(70)), "option-value", 8],
    ["a pointer, which is not allowed here", reading(24, 0xc0, 0), "option-value", 8],
  ])("%s", (_, result, code, offset) => {
    expect(result).toMatchObject({ ok: false, error: { code, offset } });
  });

  test("servers in the field end a status text with NUL", () => {
    expect(reading(13, 0, 0, 65, 0)).toMatchObject({ ok: true, value: { code: 0, text: Uint8Array.of(65, 0) } });
  });
});

describe("relaying", () => {
  test("a chain is unwrapped, outermost first", () => {
    const chain = relayChain6(decode(relay(1, relay(0, solicit))));
    if (!chain.ok) throw new Error(chain.error.message);
    expect(chain.value.relays.map(({ hopCount }) => hopCount)).toEqual([1, 0]);
    expect(chain.value.message?.transactionId).toBe(0xabcdef);
  });

  test("32 levels are followed, 33 are not", () => {
    let inner = solicit;
    for (let level = 0; level < 32; level += 1) inner = relay(0, inner);
    expect(relayChain6(decode(inner))).toMatchObject({ ok: true });
    inner = relay(0, inner);
    expect(relayChain6(decode(inner))).toMatchObject({ ok: false, error: { code: "relay-nesting" } });
  });

  test("without a message inside", () => {
    const bare = decode(
      encodeRelayMessage6({ messageType: 12, hopCount: 0, linkAddress: link, peerAddress: peer, options: [] }),
    );
    expect(bare.kind === "relay" && bare.relayed()).toMatchObject({
      ok: false,
      error: { code: "relay-message-missing", option: 9 },
    });
    expect(relayChain6(bare)).toMatchObject({ ok: true, value: { message: undefined } });
  });

  test("an error inside has its place in the outer message", () => {
    const outer = decode(relay(0, Uint8Array.of(1, 0, 0, 1, 0, 8, 0)));
    expect(outer.kind === "relay" && outer.relayed()).toMatchObject({
      ok: false,
      error: { code: "option-truncated", offset: 34 + 5 + 4 + 4 },
    });
  });

  // RFC 9915 §19.1.2.
  test("forwarding raises the hop-count and stops at the limit", () => {
    const options = [option6(18, Uint8Array.of(1))];
    const first = relayForward6(decode(solicit), { linkAddress: link, peerAddress: peer, options });
    expect(first.ok && decode(first.value)).toMatchObject({ hopCount: 0 });
    const second = relayForward6(decode(relay(7, solicit)), { linkAddress: link, peerAddress: peer, options });
    expect(second.ok && decode(second.value)).toMatchObject({ hopCount: 8 });
    expect(relayForward6(decode(relay(8, solicit)), { linkAddress: link, peerAddress: peer, options })).toMatchObject({
      ok: false,
      error: { code: "relay-hop-count" },
    });
  });

  test("an answer goes back the way it came", () => {
    const forward = decode(relay(3, solicit)) as RelayMessage6;
    const reply = decode(relayReply6(solicit, forward)) as RelayMessage6;
    expect([reply.messageType, reply.hopCount, reply.linkAddress, reply.peerAddress]).toEqual([
      13,
      3,
      link as Ipv6Address,
      peer as Ipv6Address,
    ]);
    expect(reply.option(18)).toEqual(Uint8Array.of(9));
    expect(reply.option(9)).toEqual(solicit);
  });
});
