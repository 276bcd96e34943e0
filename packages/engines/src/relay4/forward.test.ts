import { MessageType4, Op4, OptionCode4 } from "@leasewire/wire";
import { describe, expect, it, test } from "vitest";
import {
  access,
  accessInterface,
  decoded,
  type Fields,
  informationOf,
  interfaces,
  ip,
  mac,
  message,
  option82,
  outline,
  overridesNone,
  plainRemote,
  plainText,
  RelayWorld4,
  relayConfiguration,
  server,
  utf8,
} from "../../test/relay4-world.ts";

const discover: Fields = { type: MessageType4.DHCPDISCOVER };
const circuitHex = "67652d302f302f312e313030";

function relayWith(
  changes: Parameters<typeof accessInterface>[0],
  relay: Parameters<typeof relayConfiguration>[0] = {},
) {
  return new RelayWorld4(relayConfiguration({ accessInterfaces: [accessInterface(changes)], ...relay }));
}

function forwarded(world: RelayWorld4, fields: Fields | Uint8Array, arrival = {}) {
  const { sends } = world.client(fields, arrival);
  if (sends[0] === undefined) throw new Error(`dropped: ${JSON.stringify(world.drops)}`);
  return sends[0].bytes;
}

describe("from a client", () => {
  it("sets giaddr, counts the hop and adds option 82 last before End", () => {
    const sent = forwarded(new RelayWorld4(), { ...discover, hops: 2, clientId: utf8("client") });
    const { giaddr, hops, op } = decoded(sent);
    expect({ giaddr, hops, op }).toEqual({ giaddr: ip("10.1.0.1"), hops: 3, op: Op4.BOOTREQUEST });
    expect([...decoded(sent).options()].at(-1)?.code).toBe(OptionCode4.relayAgentInformation);
    expect(sent.length).toBe(300);
  });

  it("leaves all the rest as it is", () => {
    const received = message({
      ...discover,
      flags: 0x8000,
      clientId: utf8("client"),
      options: [{ code: 55, data: Uint8Array.of(1, 3) }],
    });
    const sent = forwarded(new RelayWorld4(), received);
    const withoutOurs = Uint8Array.from(sent);
    withoutOurs[3] = 0;
    withoutOurs.fill(0, 24, 28);
    const end = received.indexOf(255, 240);
    expect(withoutOurs.subarray(0, end)).toEqual(received.subarray(0, end));
  });

  it("sends the same to every server of the interface's group, once to each", () => {
    const world = new RelayWorld4(
      relayConfiguration({
        serverGroups: [
          {
            name: "core",
            servers: [
              { address: "192.0.2.1", port: 67 },
              { address: "192.0.2.2", port: 1067 },
            ],
          },
          {
            name: "other",
            servers: [
              { address: "192.0.2.3", port: 67 },
              { address: "192.0.2.1", port: 67 },
            ],
          },
        ],
        accessInterfaces: [
          accessInterface({ activeServerGroup: "core" }),
          accessInterface({ name: "ge-0/0/1.200" }),
          accessInterface({ name: "ge-0/0/1.300", activeServerGroup: "none" }),
        ],
      }),
      [...interfaces, { ...interfaces[0]!, name: "ge-0/0/1.300", addresses: interfaces[1]!.addresses }],
    );
    expect(outline(world.client(discover))).toEqual(["DHCPDISCOVER to 192.0.2.1#67", "DHCPDISCOVER to 192.0.2.2#1067"]);
    expect(outline(world.client(discover, { interfaceName: "ge-0/0/1.200" }))).toEqual([
      "DHCPDISCOVER to 192.0.2.1#67",
      "DHCPDISCOVER to 192.0.2.2#1067",
      "DHCPDISCOVER to 192.0.2.3#67",
    ]);
    world.client(discover, { interfaceName: "ge-0/0/1.300" });
    expect(world.drops).toEqual({ "no server": 1 });
  });

  // RFC 1542 §4.1.1.
  test.each([
    [15, 0],
    [16, 1],
    [255, 1],
  ])("hops %i: dropped %i", (hops, drops) => {
    const world = new RelayWorld4();
    world.client({ ...discover, hops });
    expect(world.drops["hop count"] ?? 0).toBe(drops);
  });

  it("a smaller maximum-hop-count", () => {
    const world = new RelayWorld4(relayConfiguration({ maximumHopCount: 4 }));
    world.client({ ...discover, hops: 4 });
    expect(world.drops).toEqual({ "hop count": 1 });
  });

  test.each([
    ["an interface that is not configured", { interfaceName: "ge-0/0/9.0" }, discover, "no access interface"],
    ["a server's message type", {}, { type: MessageType4.DHCPOFFER }, "wrong message type"],
    ["a leasequery", {}, { type: MessageType4.DHCPLEASEQUERY }, "wrong message type"],
    ["BOOTP", {}, {}, "bootp"],
    ["an op of neither direction", {}, { op: 3, ...discover }, "wrong op"],
    ["our own giaddr", {}, { ...discover, giaddr: "10.2.0.1" }, "spoofed giaddr"],
    ["option 82 of a client", {}, { ...discover, information: [{ code: 1, data: utf8("x") }] }, "untrusted option 82"],
  ] as const)("drops %s", (_name, arrival, fields, reason) => {
    const world = new RelayWorld4();
    expect(world.client(fields, arrival).sends).toEqual([]);
    expect(world.drops).toEqual({ [reason]: 1 });
  });

  it("disable-relay, no address, no description", () => {
    const world = new RelayWorld4(
      relayConfiguration({
        accessInterfaces: [
          accessInterface({ overrides: { ...overridesNone, disableRelay: true } }),
          accessInterface({
            name: "ge-0/0/1.200",
            relayOption82: { ...option82, circuitId: { ...plainText, requireInterfaceDescription: true } },
          }),
          accessInterface({ name: "ge-0/0/1.300" }),
        ],
      }),
    );
    for (const interfaceName of [access, "ge-0/0/1.200", "ge-0/0/1.300"]) world.client(discover, { interfaceName });
    expect(world.drops).toEqual({ "relay disabled": 1, "no interface description": 1, "no gateway address": 1 });
  });
});

describe("giaddr", () => {
  it("listen-address stands in giaddr, and link selection names the client's subnet (RFC 3527)", () => {
    const sent = forwarded(new RelayWorld4(relayConfiguration({ listenAddress: "192.0.2.77" })), discover);
    expect(decoded(sent).giaddr).toBe(ip("192.0.2.77"));
    expect(informationOf(sent)).toEqual({ 1: circuitHex, 5: "0a010000", 10: "00" });
  });

  it("of an interface without address of its own is listen-address", () => {
    const unnumbered = interfaces.map((one) => ({ ...one, addresses: [] }));
    const relay = relayConfiguration({
      listenAddress: "192.0.2.77",
      accessInterfaces: [accessInterface({ relayOption82: { ...option82, serverIdOverride: true } })],
    });
    const sent = forwarded(new RelayWorld4(relay, unnumbered), discover);
    expect(decoded(sent).giaddr).toBe(ip("192.0.2.77"));
    expect(informationOf(sent)).toEqual({ 1: circuitHex, 10: "00", 11: "c000024d" });
  });

  it("leaves by listen-address, or by giaddr with replace-ip-source-with", () => {
    expect(new RelayWorld4(relayConfiguration({ listenAddress: "192.0.2.77" })).client(discover).sends[0]!.to).toEqual({
      kind: "server",
      address: server,
      port: 67,
      localAddress: "192.0.2.77",
    });
    const world = relayWith({ overrides: { ...overridesNone, replaceIpSourceWithGiaddr: true } });
    expect(world.client(discover).sends[0]!.to).toMatchObject({ localAddress: "10.1.0.1" });
  });

  // RFC 3046 §2.1.1: what a relay agent nearer to the client has relayed is not touched.
  it("keeps the giaddr of another relay agent and adds no option 82", () => {
    const received = { ...discover, giaddr: "10.9.0.1", hops: 1 };
    const sent = forwarded(new RelayWorld4(), received);
    expect(decoded(sent).giaddr).toBe(ip("10.9.0.1"));
    expect(decoded(sent).hops).toBe(2);
    expect(informationOf(sent)).toBeUndefined();
  });

  it("keeps the option 82 of another relay agent, wherever it comes from", () => {
    const sent = forwarded(new RelayWorld4(), {
      ...discover,
      giaddr: "10.9.0.1",
      information: [{ code: 1, data: utf8("x") }],
    });
    expect(informationOf(sent)).toEqual({ 1: "78" });
  });

  it("always-write-giaddr takes the client over", () => {
    const world = relayWith({ overrides: { ...overridesNone, alwaysWriteGiaddr: true } });
    const sent = forwarded(world, { ...discover, giaddr: "10.9.0.1" });
    expect(decoded(sent).giaddr).toBe(ip("10.1.0.1"));
    expect(informationOf(sent)).toEqual({ 1: circuitHex, 10: "00" });
    expect(world.notes["giaddr replaced"]).toBe(1);
  });
});

describe("option 82", () => {
  const trusted = { ...overridesNone, trustOption82: true };
  const always = { ...trusted, alwaysWriteOption82: true };
  const theirs = [
    { code: 1, data: utf8("port 3") },
    { code: 2, data: utf8("dslam") },
  ];

  it("is only added where it is configured", () => {
    expect(informationOf(forwarded(relayWith({ relayOption82: undefined }), discover))).toBeUndefined();
  });

  it("of a trusted device stays as it is", () => {
    const world = relayWith({ overrides: trusted });
    const sent = forwarded(world, { ...discover, information: theirs });
    expect(informationOf(sent)).toEqual({ 1: "706f72742033", 2: "64736c616d" });
    expect(decoded(sent).giaddr).toBe(ip("10.1.0.1"));
    expect(world.notes["option 82 kept"]).toBe(1);
  });

  it("always-write-option-82 replaces it", () => {
    const world = relayWith({ overrides: always });
    const sent = forwarded(world, { ...discover, information: theirs, clientId: utf8("c") });
    expect(informationOf(sent)).toEqual({ 1: circuitHex, 10: "00" });
    expect([...decoded(sent).options()].filter(({ code }) => code === 82)).toHaveLength(1);
    expect(decoded(sent).option(61)).toEqual(utf8("c"));
  });

  it("always-write-option-82 alone does not make a client trusted", () => {
    const world = relayWith({ overrides: { ...overridesNone, alwaysWriteOption82: true } });
    world.client({ ...discover, information: theirs });
    expect(world.drops).toEqual({ "untrusted option 82": 1 });
  });

  it("always-write-option-82 without relay-option-82 takes it out", () => {
    const sent = forwarded(relayWith({ overrides: always, relayOption82: undefined }), {
      ...discover,
      information: theirs,
    });
    expect(informationOf(sent)).toBeUndefined();
  });

  it("replaces it however many pieces it is in", () => {
    const long = [1, 2].map((code) => ({ code, data: new Uint8Array(200).fill(65) }));
    const sent = forwarded(relayWith({ overrides: always }), { ...discover, information: long, clientId: utf8("c") });
    expect(informationOf(sent)).toEqual({ 1: circuitHex, 10: "00" });
    expect(decoded(sent).option(61)).toEqual(utf8("c"));
  });

  it("keep-incoming-circuit-id and keep-incoming-remote-id", () => {
    const keep = { ...plainText, keepIncoming: true };
    const world = relayWith({
      overrides: always,
      relayOption82: {
        ...option82,
        circuitId: keep,
        remoteId: { ...plainRemote, keepIncoming: true, useString: "ours" },
      },
    });
    expect(informationOf(forwarded(world, { ...discover, information: theirs.slice(0, 1) }))).toEqual({
      1: "706f72742033",
      2: "6f757273",
      10: "00",
    });
    expect(informationOf(forwarded(world, { ...discover, information: theirs.slice(1) }))).toEqual({
      1: circuitHex,
      2: "64736c616d",
      10: "00",
    });
  });

  it("remote ID, link selection, server identifier, relay identifier, vendor's and source port, each where configured", () => {
    const world = new RelayWorld4(
      relayConfiguration({
        relayId: Uint8Array.of(1, 2, 3),
        listenPort: 1067,
        forwardingPort: 1067,
        accessInterfaces: [
          accessInterface({
            relayOption82: {
              ...option82,
              remoteId: { ...plainRemote, hostNameOnly: true },
              serverIdOverride: true,
              linkSelection: true,
              vendorSpecific: { hostName: true, location: true },
            },
          }),
        ],
      }),
      interfaces,
      {},
      "bng-a",
    );
    expect(informationOf(forwarded(world, discover))).toEqual({
      1: circuitHex,
      2: "626e672d61",
      5: "0a010000",
      9: `00000a4c150105626e672d61020c${circuitHex}`,
      10: "00",
      11: "0a010001",
      12: "010203",
      19: "",
    });
  });

  it("exclude-relay-agent-identifier", () => {
    const world = relayWith(
      { relayOption82: { ...option82, excludeRelayAgentIdentifier: true } },
      { relayId: Uint8Array.of(1) },
    );
    expect(informationOf(forwarded(world, discover))).toEqual({ 1: circuitHex, 10: "00" });
  });

  it("says whether the client sent by unicast (RFC 5010)", () => {
    const sent = forwarded(
      new RelayWorld4(),
      { type: MessageType4.DHCPREQUEST, ciaddr: "10.1.0.9" },
      { unicast: true },
    );
    expect(informationOf(sent)).toEqual({ 1: circuitHex, 10: "80" });
  });

  // RFC 3046 §2.1: the packet is not made longer than goes on the wire.
  it("is left out where the message would become too long, and counted", () => {
    const world = new RelayWorld4();
    const room = (octets: number) => ({ ...discover, options: [{ code: 43, data: new Uint8Array(octets) }] });
    // 240 + type 3 + five headers of option 43, and 3 + 2 + 17 for End and option 82.
    const information = 2 + 2 + circuitHex.length / 2 + 3;
    const fits = 1472 - 240 - 3 - 5 * 2 - information - 1;
    expect(informationOf(forwarded(world, room(fits)))).toBeDefined();
    const without = forwarded(world, room(fits + 1));
    expect(informationOf(without)).toBeUndefined();
    expect(decoded(without).giaddr).toBe(ip("10.1.0.1"));
    expect(world.notes["option 82 left out"]).toBe(1);
  });

  it("is left out where it would be longer than an option can be", () => {
    const world = relayWith({
      relayOption82: { ...option82, remoteId: { ...plainRemote, useString: "x".repeat(250) } },
    });
    expect(informationOf(forwarded(world, discover))).toBeUndefined();
    expect(world.notes["option 82 left out"]).toBe(1);
  });
});

describe("from a server", () => {
  const offer: Fields = { type: MessageType4.DHCPOFFER, yiaddr: "10.1.0.9", server, leaseSeconds: 600 };
  const circuit = [{ code: 1, data: utf8(access) }];

  it("goes to the client's hardware address, as it does not answer for its address yet; option 82 is taken out", () => {
    const world = new RelayWorld4();
    const { sends } = world.server({ ...offer, information: circuit });
    expect(sends[0]!.to).toEqual({
      kind: "link",
      interfaceName: access,
      address: "10.1.0.9",
      port: 68,
      hardwareAddress: mac,
    });
    expect(informationOf(sends[0]!.bytes)).toBeUndefined();
    expect(decoded(sends[0]!.bytes).giaddr).toBe(ip("10.1.0.1"));
    expect(decoded(sends[0]!.bytes).option(54)).toEqual(Uint8Array.of(192, 0, 2, 1));
  });

  test.each([
    ["the client asks for it", { ...offer, flags: 0x8000 }],
    ["there is no address", { ...offer, yiaddr: undefined }],
    ["the hardware is not Ethernet", { ...offer, htype: 32, mac: new Uint8Array(0) }],
    ["the client is refused", { type: MessageType4.DHCPNAK, server, ciaddr: "10.1.0.9" }],
  ] as [string, Fields][])("is broadcast where %s", (_name, fields) => {
    expect(outline(new RelayWorld4().server({ ...fields, information: circuit }))[0]).toMatch(
      /to 255\.255\.255\.255#68%ge-0\/0\/1\.100$/,
    );
  });

  it("layer2-unicast-replies", () => {
    const world = relayWith({ overrides: { ...overridesNone, layer2UnicastReplies: true } });
    expect(outline(world.server({ ...offer, flags: 0x8000, information: circuit }))).toEqual([
      `DHCPOFFER to 10.1.0.9#68%${access}`,
    ]);
  });

  it("an answer to INFORM goes to ciaddr", () => {
    const world = new RelayWorld4();
    const { sends } = world.server({ type: MessageType4.DHCPACK, ciaddr: "10.1.0.40", information: circuit });
    expect(sends[0]!.to).toMatchObject({ address: "10.1.0.40" });
    expect(world.output.changes).toEqual([]);
  });

  it("finds the interface by its circuit ID, whatever giaddr says", () => {
    const world = new RelayWorld4(relayConfiguration({ listenAddress: "192.0.2.77" }));
    const reply = (name: string) => ({ ...offer, giaddr: "192.0.2.77", information: [{ code: 1, data: utf8(name) }] });
    expect(outline(world.server(reply("ge-0/0/1.200")))).toEqual(["DHCPOFFER to 10.1.0.9#68%ge-0/0/1.200"]);
    expect(outline(world.server(reply(access)))).toEqual([`DHCPOFFER to 10.1.0.9#68%${access}`]);
  });

  it("finds it by the exchange, or by giaddr, where the server does not echo option 82", () => {
    const shared = new RelayWorld4(relayConfiguration({ listenAddress: "192.0.2.77" }));
    shared.client(discover, { interfaceName: "ge-0/0/1.200" });
    expect(outline(shared.server({ ...offer, giaddr: "192.0.2.77" }))).toEqual([
      "DHCPOFFER to 10.1.0.9#68%ge-0/0/1.200",
    ]);
    shared.server({ ...offer, xid: 99, giaddr: "192.0.2.77" });
    expect(shared.drops).toEqual({ "unknown circuit": 1 });
    expect(outline(new RelayWorld4().server({ ...offer, giaddr: "10.2.0.1" }))).toEqual([
      "DHCPOFFER to 10.1.0.9#68%ge-0/0/1.200",
    ]);
  });

  it("goes back with the option 82 of the trusted device that added it", () => {
    const world = relayWith({ overrides: { ...overridesNone, trustOption82: true } });
    const theirs = [{ code: 1, data: utf8("port 3") }];
    world.client({ ...discover, information: theirs });
    expect(informationOf(world.server({ ...offer, information: theirs }).sends[0]!.bytes)).toEqual({
      1: "706f72742033",
    });
    // After a restart nothing is known of the exchange.
    const restarted = relayWith({ overrides: { ...overridesNone, trustOption82: true } });
    expect(informationOf(restarted.server({ ...offer, information: theirs }).sends[0]!.bytes)).toEqual({
      1: "706f72742033",
    });
    expect(informationOf(restarted.server({ ...offer, information: circuit }).sends[0]!.bytes)).toBeUndefined();
  });

  test.each([
    ["giaddr of somebody else", { ...offer, giaddr: "10.77.0.1" }, "giaddr not ours"],
    ["no giaddr", { ...offer, giaddr: "0.0.0.0" }, "no giaddr"],
    ["FORCERENEW", { type: MessageType4.DHCPFORCERENEW }, "forcerenew"],
    ["DHCPLEASEACTIVE", { type: MessageType4.DHCPLEASEACTIVE }, "leasequery reply"],
    ["DHCPLEASEQUERYSTATUS", { type: MessageType4.DHCPLEASEQUERYSTATUS }, "leasequery reply"],
    ["a client's type", { type: MessageType4.DHCPDISCOVER }, "wrong message type"],
    ["BOOTP", {}, "bootp"],
  ] as [string, Fields, string][])("drops %s", (_name, fields, reason) => {
    const world = new RelayWorld4();
    expect(world.server(fields).sends).toEqual([]);
    expect(world.drops).toEqual({ [reason]: 1 });
  });

  it("drops what somebody on an access interface sends as a server; a configured server may be there", () => {
    const world = new RelayWorld4();
    const bytes = message({ op: Op4.BOOTREPLY, giaddr: "10.1.0.1", ...offer });
    world.client(bytes, { source: "10.1.0.66" });
    expect(world.drops).toEqual({ "reply from an access interface": 1 });
    expect(outline(world.client(bytes, { source: server }))).toEqual([`DHCPOFFER to 10.1.0.9#68%${access}`]);
  });

  it("leaves an option 82 in an overloaded field alone (RFC 3046 §2.1)", () => {
    const bytes = message({
      op: Op4.BOOTREPLY,
      giaddr: "10.1.0.1",
      ...offer,
      options: [{ code: OptionCode4.overload, data: Uint8Array.of(1) }],
    });
    bytes.set([82, 3, 1, 1, 65, 255], 108);
    const { sends } = new RelayWorld4().server(bytes);
    expect([...sends[0]!.bytes.subarray(108, 114)]).toEqual([82, 3, 1, 1, 65, 255]);
  });
});

describe("a client that sends to one of our addresses", () => {
  it("is placed by the address, or by its binding", () => {
    const world = new RelayWorld4();
    const arrival = { instance: "default:default", sourceAddress: "10.2.0.9", sourcePort: 68, unicast: true } as const;
    const bytes = message({ type: MessageType4.DHCPREQUEST, ciaddr: "10.2.0.9" });
    const toAddress = world.step({ kind: "datagram", arrival: { ...arrival, localAddress: "10.2.0.1" }, bytes });
    expect(decoded(toAddress.sends[0]!.bytes).giaddr).toBe(ip("10.2.0.1"));
    world.step({ kind: "datagram", arrival: { ...arrival, localAddress: "192.0.2.77" }, bytes });
    expect(world.drops).toEqual({ "no access interface": 1 });
    world.lease("10.2.0.9", {}, "ge-0/0/1.200");
    const known = world.step({ kind: "datagram", arrival: { ...arrival, localAddress: "192.0.2.77" }, bytes });
    expect(decoded(known.sends[0]!.bytes).giaddr).toBe(ip("10.2.0.1"));
  });
});

it("every counter explains itself", async () => {
  const { explainRelayReason4, relayDropReasons4, relayNoteNames4 } = await import("./reasons.ts");
  for (const name of [...Object.keys(relayDropReasons4), ...Object.keys(relayNoteNames4)]) {
    expect(explainRelayReason4(name)).toMatch(/^\S.{20,}[.]$/);
  }
});
