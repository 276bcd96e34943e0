import { type Ipv4Address, parseIpv6 } from "@leasewire/net";
import {
  decodeMessage4,
  decodeMessage6,
  encodeMessage4,
  encodeMessage6,
  type Message4,
  MessageType4,
  MessageType6,
  OptionCode4,
  OptionCode6,
  type RelayMessage6,
  relayReply6,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { relayToClient4, relayToServer4 } from "./relay4.ts";
import { relayToClient6, relayToServer6 } from "./relay6.ts";

const text = (value: string) => new TextEncoder().encode(value);
const circuit = { circuitId: text("ge-1/0/3.100:7"), remoteId: text("subscriber-7") };
const relay4 = {
  giaddr: 0x7f00_0001 as Ipv4Address,
  linkSelection: 0x6440_0401 as Ipv4Address,
  relayId: Uint8Array.of(0, 3, 0, 1, 9),
  sourcePort: true,
};

function decoded4(bytes: Uint8Array | undefined): Message4 {
  const message = decodeMessage4(bytes!);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

const discover = (more: { hops?: number; op?: number; relayed?: Uint8Array } = {}) =>
  encodeMessage4({
    op: more.op ?? 1,
    htype: 1,
    hops: more.hops ?? 0,
    xid: 7,
    chaddr: Uint8Array.of(2, 0, 0, 0, 0, 1),
    options: [
      { code: OptionCode4.messageType, data: Uint8Array.of(MessageType4.DHCPDISCOVER) },
      { code: OptionCode4.hostName, data: text("x".repeat(300)) },
      ...(more.relayed === undefined ? [] : [{ code: OptionCode4.relayAgentInformation, data: more.relayed }]),
    ],
  });

describe("the relay in front of DHCPv4 clients", () => {
  test("says who it is and where the client is, and leaves the rest as it is", () => {
    const message = decoded4(relayToServer4(relay4, circuit, discover(), false));
    expect(message).toMatchObject({ hops: 1, giaddr: 0x7f00_0001, xid: 7 });
    expect(message.option(OptionCode4.hostName)).toHaveLength(300);
    const subOption = (code: number) => message.relayAgentOption(code);
    expect([subOption(1), subOption(2), subOption(12)]).toEqual([circuit.circuitId, circuit.remoteId, relay4.relayId]);
    expect([subOption(5), subOption(10), subOption(19)]).toEqual([
      Uint8Array.of(100, 64, 4, 1),
      undefined,
      new Uint8Array(0),
    ]);
  });

  test("tells what the client sent by unicast", () => {
    const message = decoded4(relayToServer4(relay4, circuit, discover(), true));
    expect(message.relayAgentOption(10)).toEqual(Uint8Array.of(0x80));
  });

  test("does not believe a client that claims to have been relayed", () => {
    const forged = discover({ relayed: Uint8Array.of(1, 4, ...text("evil")) });
    expect(decoded4(relayToServer4(relay4, circuit, forged, false)).relayAgentOption(1)).toEqual(circuit.circuitId);
    expect(decoded4(relayToServer4({ giaddr: relay4.giaddr }, {}, forged, false)).option(82)).toBeUndefined();
  });

  test("passes on no replies, nothing that went round too often, nothing broken", () => {
    const refused = [discover({ op: 2 }), discover({ hops: 16 }), discover().subarray(0, 200)];
    for (const bytes of refused) expect(relayToServer4(relay4, circuit, bytes, false)).toBeUndefined();
    expect(relayToServer4(relay4, circuit, discover({ hops: 15 }), false)).toBeDefined();
  });

  test("takes its own words out of the answer", () => {
    const forwarded = decoded4(relayToServer4(relay4, circuit, discover(), false));
    const answer = discover({ op: 2, relayed: forwarded.option(OptionCode4.relayAgentInformation)! });
    const reply = relayToClient4(answer)!;
    expect(reply.circuitId).toEqual(circuit.circuitId);
    const message = decoded4(reply.bytes);
    expect([message.has(OptionCode4.relayAgentInformation), message.option(OptionCode4.hostName)?.length]).toEqual([
      false,
      300,
    ]);
    expect(relayToClient4(discover())).toBeUndefined();
  });
});

describe("the relay in front of DHCPv6 clients", () => {
  const link = parseIpv6("2001:db8:1::1");
  const peer = parseIpv6("fe80::1");
  if (!link.ok || !peer.ok) throw new Error("no addresses");
  const solicit = encodeMessage6({ messageType: MessageType6.SOLICIT, transactionId: 5, options: [] });
  const forward = () =>
    relayToServer6(
      { linkAddress: link.value, relayId: relay4.relayId, sourcePort: true },
      circuit,
      peer.value,
      solicit,
    );

  test("wraps what came, with who it is and where the client is", () => {
    const decoded = decodeMessage6(forward()!);
    const message = decoded.ok && decoded.value.kind === "relay" ? decoded.value : undefined;
    expect(message).toMatchObject({ messageType: MessageType6["RELAY-FORW"], hopCount: 0 });
    expect([message?.linkAddress, message?.peerAddress]).toEqual([link.value, peer.value]);
    const option = (code: number) => message?.option(code);
    expect([option(OptionCode6.INTERFACE_ID), option(OptionCode6.REMOTE_ID)]).toEqual([
      circuit.circuitId,
      circuit.remoteId,
    ]);
    expect([option(OptionCode6.RELAY_ID), option(OptionCode6.RELAY_PORT)]).toEqual([
      relay4.relayId,
      Uint8Array.of(0, 0),
    ]);
    expect(option(OptionCode6.RELAY_MSG)).toEqual(solicit);
  });

  test("unwraps the answer, and nothing else", () => {
    const decoded = decodeMessage6(forward()!);
    const reply = relayReply6(solicit, (decoded.ok && decoded.value) as RelayMessage6);
    expect(relayToClient6(reply)).toEqual({ circuitId: circuit.circuitId, peerAddress: peer.value, bytes: solicit });
    for (const bytes of [forward()!, solicit, reply.subarray(0, 20)]) expect(relayToClient6(bytes)).toBeUndefined();
  });
});
