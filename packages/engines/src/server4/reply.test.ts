import { EXPIRES_NEVER } from "@leasewire/bindings";
import { ipv4FromBytes, ipv4ToBytes } from "@leasewire/net";
import { broadcastFlag, encodeRelayAgentInformation, MessageType4, OptionCode4 } from "@leasewire/wire";
import { describe, expect, it, test } from "vitest";
import {
  answerOf,
  attached,
  configuration,
  D,
  type Fields,
  ip,
  macOf,
  pool,
  R,
  relayed,
  request,
  utf8,
  World4,
} from "../../test/server4-world.ts";
import type { Arrival } from "../index.ts";

const giaddr = "10.1.0.1";
const server = "192.0.2.1";

describe("RFC 2131 §4.3.1 table 3: fields", () => {
  const fields: Fields = { type: D, giaddr, xid: 0xdeadbeef, flags: 0x8000, mac: 7 };

  it("of an offer", () => {
    const { message } = new World4().ask(fields);
    expect(message).toMatchObject({
      op: 2,
      htype: 1,
      hlen: 6,
      hops: 0,
      xid: 0xdeadbeef,
      secs: 0,
      flags: 0x8000,
      ciaddr: 0,
    });
    expect(message.yiaddr).toBe(ip("10.1.0.10"));
    expect(message.giaddr).toBe(ip(giaddr));
    expect(message.chaddr).toEqual(macOf(7));
    expect(message.bytes.subarray(44, 236).every((octet) => octet === 0)).toBe(true);
    expect(message.bytes.length).toBeGreaterThanOrEqual(300);
  });

  it("of a DHCPNAK: no address, no parameters, the reason in words", () => {
    const { message } = new World4().ask({
      ...fields,
      type: R,
      requested: "10.9.0.1",
      parameters: [1, 3, 6],
      flags: 0,
    });
    expect(message).toMatchObject({ ciaddr: 0, yiaddr: 0, siaddr: 0 });
    expect([...message.options()].map(({ code }) => code)).toEqual([53, 54, 56]);
    expect(new TextDecoder().decode(message.option(OptionCode4.message))).toBe(
      "The address does not belong to this network.",
    );
  });

  it("options a client may not be sent are not, even if they are configured", () => {
    const options = [50, 51, 52, 53, 54, 55, 57, 61, 82].map((code) => ({ code, data: Uint8Array.of(1, 2, 3, 4) }));
    const world = new World4(configuration({ pools: [pool({ options })] }));
    const codes = [...world.ask(fields).message.options()].map(({ code }) => code);
    expect(codes).toEqual([53, 54, 51, 58, 59, 1]);
  });
});

describe("RFC 6842 §3: the client identifier comes back unaltered, if there was one", () => {
  const clientId = utf8("identifier of the client");
  test.each([
    ["DHCPOFFER", { type: D }],
    ["DHCPACK", { type: MessageType4.DHCPINFORM, ciaddr: "10.1.0.50" }],
    ["DHCPNAK", { type: R, requested: "10.9.0.1" }],
  ])("%s", (type, fields) => {
    const world = new World4();
    const answer = world.ask({ ...fields, giaddr, clientId });
    expect(answer.type).toBe(type);
    expect(answer.message.option(OptionCode4.clientIdentifier)).toEqual(clientId);
    expect(world.ask({ ...fields, giaddr }).message.has(OptionCode4.clientIdentifier)).toBe(false);
  });
});

describe("RFC 2131 §4.3.1: parameters", () => {
  const options = [
    { code: 3, data: ipv4ToBytes(ip("10.1.0.1")) },
    { code: 6, data: Uint8Array.of(192, 0, 2, 53, 192, 0, 2, 54) },
    { code: 15, data: utf8("example.net") },
    { code: 108, data: Uint8Array.of(0, 0, 7, 8) },
    { code: 119, data: new Uint8Array(300).fill(1) },
  ];
  const codesOf = (fields: Partial<Fields>) =>
    [
      ...new World4(configuration({ pools: [pool({ options })] }))
        .ask({ type: D, giaddr, ...fields })
        .message.joinedOptions(),
    ]
      .map(({ code }) => code)
      .slice(5);

  test.each([
    ["in the order asked for, each once", { parameters: [15, 6, 6, 15, 1] }, [15, 6, 1]],
    ["the mask before the router (RFC 2132 §3.3)", { parameters: [3, 15, 1] }, [1, 3, 15]],
    ["nothing that was not asked for", { parameters: [43, 66] }, []],
    ["option 108 only to who asks (RFC 8925 §3.2)", { parameters: [108] }, [108]],
    ["all of them to a client that does not say, but for option 108", {}, [1, 3, 6, 15]],
    [
      "a long one in pieces (RFC 3396 §6), where the client takes it",
      { parameters: [119], options: [{ code: 57, data: Uint8Array.of(4, 0) }] },
      [119],
    ],
  ])("%s", (_, fields, codes) => expect(codesOf(fields)).toEqual(codes));

  it("a mask of the network's length unless another one is configured", () => {
    const world = new World4();
    expect(world.ask({ type: D, giaddr, parameters: [1] }).message.option(1)).toEqual(Uint8Array.of(255, 255, 255, 0));
  });
});

describe("RFC 2132 §9.10, RFC 2131 §2: sizes", () => {
  const options = Array.from({ length: 8 }, (_, i) => ({ code: 224 + i, data: new Uint8Array(100).fill(i) }));
  const parameters = [231, 230, 229, 228, 227, 226, 225, 224, 3];
  const world = () => new World4(configuration({ pools: [pool({ options })] }));
  const size = (value: number) => [{ code: 57, data: Uint8Array.of(value >> 8, value & 255) }];

  test.each([
    ["576 octets without option 57", undefined, 548, [231, 230]],
    ["no less than 576", 300, 548, [231, 230]],
    ["what option 57 says", 800, 772, [231, 230, 229, 228]],
    ["no more than a frame carries", 60_000, 1472, [231, 230, 229, 228, 227, 226, 225, 224]],
  ])("%s: what was asked for last is left out", (_, maximum, octetsMax, codes) => {
    const one = world();
    const { message } = one.ask({ type: D, giaddr, parameters, options: maximum === undefined ? [] : size(maximum) });
    expect(message.bytes.length).toBeLessThanOrEqual(octetsMax);
    expect([...message.options()].map(({ code }) => code).filter((code) => code >= 224)).toEqual(codes);
    expect(one.counter("notes", "option left out")).toBe(8 - codes.length);
  });

  it("option 82 does not count: the relay takes it out", () => {
    const { message } = world().ask({ type: D, giaddr, parameters, remoteId: "x".repeat(200) });
    expect([...message.options()].map(({ code }) => code).filter((code) => code >= 224)).toEqual([231, 230]);
    expect(message.bytes.length).toBeLessThanOrEqual(548 + 204);
  });
});

describe("RFC 3046 §2.2: option 82", () => {
  test.each([
    ["DHCPOFFER", { type: D }],
    ["DHCPACK", { type: MessageType4.DHCPINFORM, ciaddr: "10.1.0.50" }],
    ["DHCPNAK", { type: R, requested: "10.9.0.1" }],
  ])("%s: whole, and last", (type, fields) => {
    const subOptions = [
      { code: 1, data: utf8("circuit") },
      { code: 250, data: Uint8Array.of(0, 255) },
    ];
    const answer = new World4().ask({ ...fields, giaddr, relaySubOptions: subOptions });
    expect(answer.type).toBe(type);
    expect([...answer.message.options()].at(-1)).toMatchObject({
      code: 82,
      data: encodeRelayAgentInformation(subOptions),
    });
  });

  it("too long to come back: the reply goes without it, which is counted", () => {
    const world = new World4();
    const subOptions = Array.from({ length: 5 }, (_, i) => ({ code: 200 + i, data: new Uint8Array(200) }));
    const { message } = world.ask({ type: D, giaddr, relaySubOptions: subOptions });
    expect(message.has(82)).toBe(false);
    expect(world.counter("notes", "relay information left out")).toBe(1);
  });

  it("is kept with the lease: what it says, and where the relay is (RFC 4388 §6.7, RFC 6925 §5)", () => {
    const world = new World4();
    const relaySubOptions = [
      { code: 1, data: utf8("circuit") },
      { code: 2, data: utf8("remote") },
      { code: 12, data: Uint8Array.of(2, 0, 0, 0, 0, 9) },
    ];
    world.lease({
      relaySubOptions,
      clientId: utf8("cid"),
      options: [
        { code: 12, data: utf8("host") },
        { code: 60, data: utf8("vendor") },
        { code: 57, data: Uint8Array.of(2, 64) },
      ],
    });
    expect(world.binding("10.1.0.10")).toMatchObject({
      linkAddress: ipv4ToBytes(ip(giaddr)),
      relayAgentInformation: encodeRelayAgentInformation(relaySubOptions),
      circuitId: utf8("circuit"),
      remoteId: utf8("remote"),
      relayId: Uint8Array.of(2, 0, 0, 0, 0, 9),
      clientId: utf8("cid"),
      hardwareAddress: macOf(1),
      options: Uint8Array.of(12, 4, ...utf8("host"), 60, 6, ...utf8("vendor")),
      serverIdentifier: ipv4ToBytes(ip(server)),
      dataSource: 0,
      origin: "server",
    });
  });
});

describe("server identifier", () => {
  const override = [{ code: 11, data: ipv4ToBytes(ip("10.1.0.1")) }];
  const identifierOf = (world: World4, fields: Fields, arrival = relayed) =>
    ipv4FromBytes(world.ask({ type: D, ...fields }, arrival).message.option(54)!);

  test.each([
    ["the relay's word (RFC 5107 §4)", {}, { giaddr, relaySubOptions: override }, relayed, "10.1.0.1"],
    ["without giaddr nobody's word", {}, { relaySubOptions: override }, attached, server],
    ["the pool's", { pools: [pool({ serverIdentifier: ip("192.0.2.7") })] }, { giaddr }, relayed, "192.0.2.7"],
    ["the server's", {}, { giaddr }, relayed, server],
    [
      "the listen-address",
      { serverIdentifier: undefined, listenAddress: "192.0.2.3" },
      { giaddr },
      relayed,
      "192.0.2.3",
    ],
    [
      "the address the message came to",
      { serverIdentifier: undefined, listenAddress: "0.0.0.0" },
      {},
      { ...attached, localAddress: "10.1.0.2" },
      "10.1.0.2",
    ],
    ["the interface's", { serverIdentifier: undefined }, {}, { ...attached, localAddress: undefined }, "10.1.0.1"],
  ])("%s", (_, changes, fields, arrival, expected) => {
    expect(identifierOf(new World4(configuration(changes)), fields, arrival as typeof relayed)).toBe(ip(expected));
  });

  it("none at all: nothing is answered", () => {
    const world = new World4(configuration({ serverIdentifier: undefined }));
    expect(world.silence({ type: D, giaddr }, { ...relayed, localAddress: undefined })).toBe("no server identifier");
  });

  test.each([
    ["RFC 5107 §4: the relay's word", { giaddr, relaySubOptions: override, server: "10.1.0.1" }],
    ["RFC 2131 §4.1: any of its addresses", { giaddr, server: "10.1.0.1" }],
    ["its identifier", { giaddr, server }],
  ])("in a DHCPREQUEST: %s names this server", (_, fields) => {
    const world = new World4();
    world.ask({ type: D, giaddr });
    expect(world.ask({ type: R, requested: "10.1.0.10", ...fields }).type).toBe("DHCPACK");
  });

  it("RFC 5010 §3: a renewal that the relay got by unicast is a renewal", () => {
    const world = new World4();
    const relaySubOptions = [...override, { code: 10, data: Uint8Array.of(0x80) }];
    world.lease({ relaySubOptions });
    const answer = world.ask({ type: R, giaddr, ciaddr: "10.1.0.10", relaySubOptions });
    expect(answer.type).toBe("DHCPACK");
    expect(answer.send.to).toMatchObject({ address: giaddr });
  });
});

describe("RFC 2132 §9.2, RFC 2131 §4.4.5: times", () => {
  const times = (changes: Parameters<typeof pool>[0], leaseSeconds?: number) => {
    const { message } = new World4(configuration({ pools: [pool(changes)] })).ask({ type: D, giaddr, leaseSeconds });
    return [51, 58, 59].map((code) => {
      const data = message.option(code);
      return data && ipv4FromBytes(data);
    });
  };

  test.each([
    ["of the pool", {}, undefined, [3600, 1800, 3150]],
    ["as configured", { renewalTimeSeconds: 600, rebindingTimeSeconds: 1200 }, undefined, [3600, 600, 1200]],
    ["T1 that is not before T2 is not used", { renewalTimeSeconds: 3300 }, undefined, [3600, 1800, 3150]],
    ["shorter if asked for", { renewalTimeSeconds: 1000, rebindingTimeSeconds: 3000 }, 600, [600, 300, 525]],
    ["no longer than the pool's", {}, 7200, [3600, 1800, 3150]],
    ["nor absurdly short", {}, 0, [30, 15, 26]],
    [
      "without end, and then without T1 and T2",
      { leaseTimeSeconds: 0xffffffff },
      undefined,
      [0xffffffff, undefined, undefined],
    ],
    ["without end only where that is the pool's", {}, 0xffffffff, [3600, 1800, 3150]],
  ])("%s", (_, changes, asked, expected) => expect(times(changes, asked)).toEqual(expected));

  it("a lease without end is stored as one", () => {
    const world = new World4(configuration({ pools: [pool({ leaseTimeSeconds: 0xffffffff })] }));
    world.lease();
    expect(world.binding("10.1.0.10")?.expiresAtSeconds).toBe(EXPIRES_NEVER);
  });
});

describe("RFC 2131 §4.1: where replies go", () => {
  const hardwareAddress = macOf(1);
  const link = { kind: "link", interfaceName: "ge-0/0/1.0" };

  test.each<[string, Fields, Arrival, object]>([
    ["giaddr: the relay's server port", { type: D, giaddr }, relayed, { kind: "unicast", address: giaddr, port: 67 }],
    [
      "RFC 8357 §5.1: the port the relay sent from",
      { type: D, giaddr, relaySubOptions: [{ code: 19, data: new Uint8Array(0) }] },
      { ...relayed, sourcePort: 9067 },
      { kind: "unicast", address: giaddr, port: 9067 },
    ],
    [
      "a relay on another port without saying so",
      { type: D, giaddr },
      { ...relayed, sourcePort: 9067 },
      { kind: "unicast", address: giaddr, port: 67 },
    ],
    ["broadcast flag", { type: D, flags: broadcastFlag }, attached, { ...link, address: "255.255.255.255", port: 68 }],
    [
      "neither: yiaddr at the hardware address",
      { type: D },
      attached,
      { ...link, address: "10.1.0.10", port: 68, hardwareAddress },
    ],
    [
      "DHCPNAK on the link: broadcast, whatever the flag",
      { type: R, requested: "10.9.0.1" },
      attached,
      { ...link, address: "255.255.255.255", port: 68 },
    ],
    [
      "DHCPNAK to ciaddr on the link: broadcast",
      { type: R, ciaddr: "10.1.0.19", mac: 2 },
      { ...attached, unicast: true, sourceAddress: "10.1.0.19" },
      { ...link, address: "255.255.255.255", port: 68 },
    ],
    [
      "DHCPNAK through the relay",
      { type: R, giaddr, requested: "10.9.0.1" },
      relayed,
      { kind: "unicast", address: giaddr, port: 67 },
    ],
  ])("%s", (_, fields, arrival, to) => {
    const world = new World4();
    if (fields.mac === 2) {
      for (let mac = 10; mac < 20; mac += 1) world.lease({ mac });
    }
    expect(world.ask(fields, arrival).send.to).toEqual(to);
  });

  it("RFC 2131 §4.3.2: a DHCPNAK through a relay asks it to broadcast", () => {
    expect(new World4().ask({ type: R, giaddr, requested: "10.9.0.1" }).message.flags).toBe(broadcastFlag);
    expect(new World4().ask({ type: R, requested: "10.9.0.1" }, attached).message.flags).toBe(0);
  });

  it("a server on another port answers where peers sent from", () => {
    const world = new World4(configuration({ listenPort: 10_067 }));
    expect(world.ask({ type: D, giaddr }, { ...relayed, sourcePort: 20_067 }).send.to).toMatchObject({ port: 20_067 });
  });
});

it("octets of the message may change once the step's changes are stored: replies and leases keep their own", () => {
  const world = new World4();
  world.ask({ type: D, clientId: utf8("client") });
  const bytes = request({ type: R, requested: "10.1.0.10", server, clientId: utf8("client") });
  const output = world.datagram(bytes, attached);
  bytes.fill(0xee);
  expect(output.sends[0]!.to).toMatchObject({ hardwareAddress: macOf(1) });
  expect(answerOf(output)?.message.option(61)).toEqual(utf8("client"));
  expect(world.binding("10.1.0.10")?.clientId).toEqual(utf8("client"));
});
