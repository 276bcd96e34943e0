import { BindingState, BindingTable } from "@leasewire/bindings";
import { formatIpv6 } from "@leasewire/net";
import { encodeMessage6, encodeRelayMessage6, MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  accessInterface,
  chainOf,
  hex,
  INSTANCE,
  optionsOf,
  PLAIN,
  REMOTE,
  relay,
  relayInterface,
  relayWorld6,
} from "../../test/relay6-world.ts";
import { client, ip, message, START, wrapped } from "../../test/server6-world.ts";

const solicit = message("SOLICIT", { ias: ["na 1"] });
const NAME = "ge-0/0/1.100";

/** A message for a client behind an interface of ours, as a server sends it. */
function relayReply(
  inner: Uint8Array,
  { link = "2001:db8:1::1", peer = "fe80::c", options = [] as { code: number; data: Uint8Array }[] } = {},
): Uint8Array {
  return encodeRelayMessage6({
    messageType: MessageType6["RELAY-REPL"],
    hopCount: 0,
    linkAddress: ip(link),
    peerAddress: ip(peer),
    options: [...options, { code: OptionCode6.RELAY_MSG, data: inner }],
  });
}

const named = (text: string) => ({ code: OptionCode6.INTERFACE_ID, data: new TextEncoder().encode(text) });

describe("a client's message (RFC 9915 §19.1.1)", () => {
  test("goes as it is into a RELAY-FORW with what names the client's place", () => {
    const { said, relayed } = relayWorld6().fromClient(solicit);
    expect(said).toEqual(["RELAY-FORW to 2001:db8:5::1 547"]);
    expect(relayed!.hopCount).toBe(0);
    expect(formatIpv6(relayed!.linkAddress)).toBe("2001:db8:1::1");
    expect(formatIpv6(relayed!.peerAddress)).toBe("fe80::c");
    expect(relayed!.option(OptionCode6.RELAY_MSG)).toEqual(solicit);
    expect(optionsOf(relayed!)).toEqual([`INTERFACE_ID: ${NAME}`, "RELAY_ID: 00030001020000000077"]);
  });

  test("goes to every server of the interface's active group, once to each", () => {
    const serverGroups = [
      { name: "core", servers: [{ address: "2001:db8:5::1", port: 547 }] },
      {
        name: "edge",
        servers: [
          { address: "2001:db8:6::1", port: 547 },
          { address: "2001:db8:6::2", port: 10_547 },
          { address: "2001:db8:6::1", port: 547 },
        ],
      },
    ];
    const world = relayWorld6([
      relay({
        serverGroups,
        listenAddress: "2001:db8:ffff::1",
        accessInterfaces: [accessInterface(NAME, { activeServerGroup: "edge" }), accessInterface("ge-0/0/2.0")],
      }),
    ]);
    const edge = world.fromClient(solicit);
    expect(edge.said).toEqual(["RELAY-FORW to 2001:db8:6::1 547", "RELAY-FORW to 2001:db8:6::2 10547"]);
    expect(edge.sends[0]!.to).toMatchObject({ localAddress: "2001:db8:ffff::1" });
    expect(world.fromClient(solicit, { interfaceName: "ge-0/0/2.0" }).said).toEqual([
      "RELAY-FORW to 2001:db8:5::1 547",
    ]);
    expect(world.state.counters.get(INSTANCE)!.forwarded).toEqual({ towardsServers: 2, towardsClients: 0 });
    expect(world.state.counters.get(INSTANCE)!.sent.get("RELAY-FORW")).toBe(3);
  });

  test.each([
    { of: "a global address is preferred", addresses: ["fe80::1", "2001:db8:1::1"], link: "2001:db8:1::1" },
    { of: "a ULA is global", addresses: ["fe80::1", "fd00::1"], link: "fd00::1" },
    { of: "else a link-local one, with Interface-ID", addresses: ["fe80::1"], link: "fe80::1", id: true },
    { of: "else none, with Interface-ID", addresses: [], link: "::", id: true },
  ])("link-address: $of", ({ addresses, link, id }) => {
    // Without relay-agent-interface-id the option is sent where nothing else names the interface.
    const { relayAgentInterfaceId: _, ...unnamed } = accessInterface();
    const world = relayWorld6([relay({ accessInterfaces: [unnamed] })], [relayInterface(NAME, addresses)]);
    const { relayed } = world.fromClient(solicit);
    expect(formatIpv6(relayed!.linkAddress)).toBe(link);
    expect(relayed!.has(OptionCode6.INTERFACE_ID)).toBe(id === true);
  });

  test("interfaces that share an address are told apart by Interface-ID, configured or not", () => {
    const accessInterfaces = ["ge-0/0/1.1", "ge-0/0/1.2"].map((name) => {
      const { relayAgentInterfaceId: _, ...unnamed } = accessInterface(name);
      return unnamed;
    });
    const world = relayWorld6(
      [relay({ accessInterfaces })],
      accessInterfaces.map(({ name }) => relayInterface(name, ["2001:db8:1::1"])),
    );
    for (const { name } of accessInterfaces) {
      const { relayed } = world.fromClient(solicit, { interfaceName: name });
      expect(optionsOf(relayed!)[0]).toBe(`INTERFACE_ID: ${name}`);
      const back = world.fromServer(relayReply(message("ADVERTISE"), { options: [named(name)] }));
      expect(back.said).toEqual([`ADVERTISE to fe80::c 546 on ${name}`]);
    }
  });

  test("Interface-ID, Remote-ID (RFC 4649) and Subscriber-ID (RFC 4580) in the configured forms", () => {
    const world = relayWorld6(
      [
        relay({
          instance: "default:red",
          excludeRelayAgentIdentifier: true,
          accessInterfaces: [
            accessInterface(NAME, {
              relayAgentInterfaceId: {
                ...PLAIN,
                prefix: { hostName: true, logicalSystemName: false, routingInstanceName: true },
                useVlanId: true,
              },
              relayAgentRemoteId: { ...REMOTE, enterpriseNumber: 32_473, useInterfaceDescription: "logical" },
              relayAgentSubscriberId: "subscriber 7",
            }),
          ],
        }),
      ],
      [
        relayInterface(NAME, ["2001:db8:1::1"], {
          instance: "default:red",
          vlan: { outer: 122, inner: 500 },
          description: "to the hills",
        }),
      ],
      { hostName: "bng-a" },
    );
    const output = world.step({
      kind: "datagram",
      arrival: { instance: "default:red", interfaceName: NAME, sourceAddress: "fe80::c", sourcePort: 546 },
      bytes: solicit,
    });
    const { relays } = chainOf(output.sends[0]!.bytes);
    expect(optionsOf(relays[0]!)).toEqual([
      "INTERFACE_ID: bng-a:red:ge-0/0/1:122-500",
      `REMOTE_ID: 00007ed9${hex(new TextEncoder().encode("to the hills"))}`,
      "SUBSCRIBER_ID: subscriber 7",
    ]);
  });

  test("a description that is required and missing", () => {
    const form = { ...PLAIN, requireInterfaceDescription: true };
    const world = relayWorld6([relay({ accessInterfaces: [accessInterface(NAME, { relayAgentInterfaceId: form })] })]);
    expect(world.fromClient(solicit).said).toEqual(["drop: no circuit"]);
  });

  test("the client's link-layer address where the socket tells it (RFC 6939)", () => {
    const { relayed } = relayWorld6().fromClient(solicit, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 9) });
    expect(optionsOf(relayed!).at(-1)).toBe("CLIENT_LINKLAYER_ADDR: 0001020000000009");
  });

  test.each([
    [546, undefined],
    [10_547, "0000"],
  ])("RFC 8357: a relay agent that sends from port %i", (port, expected) => {
    const forwardingPort = port === 546 ? 547 : port;
    const world = relayWorld6([relay({ listenPort: port, forwardingPort })]);
    const option = world.fromClient(solicit).relayed!.option(OptionCode6.RELAY_PORT);
    expect(option === undefined ? undefined : hex(option)).toBe(expected);
  });

  test("what is unknown is passed on as it is; what is not for relay agents is not", () => {
    const world = relayWorld6();
    const said = (type: number) => world.fromClient(Uint8Array.of(type, 1, 2, 3, 0)).said.join();
    // Types of the future, DHCPv4 over DHCPv6 (RFC 7341) and address registration (RFC 9686) are not looked into.
    for (const type of [200, MessageType6["DHCPV4-QUERY"], MessageType6["ADDR-REG-INFORM"]])
      expect(said(type)).toBe("RELAY-FORW to 2001:db8:5::1 547");
    for (const type of [
      MessageType6.ADVERTISE,
      MessageType6.REPLY,
      MessageType6.RECONFIGURE,
      MessageType6["LEASEQUERY-DATA"],
      MessageType6["DHCPV4-RESPONSE"],
      MessageType6.BNDUPD,
    ])
      expect(said(type)).toBe("drop: not for relay agents");
    expect(said(MessageType6.LEASEQUERY)).toBe("drop: leasequery from a client");
    expect(said(MessageType6["LEASEQUERY-REPLY"])).toBe("drop: leasequery reply");
    expect(said(MessageType6["RELAY-REPL"])).toBe("drop: relay-reply from an access interface");
    expect(said(MessageType6.SOLICIT)).toBe("drop: malformed option-truncated");
  });

  test("what a client sends is not taken from where servers are", () => {
    expect(relayWorld6().fromServer(solicit).said).toEqual(["drop: client message without interface"]);
  });

  test("limits, and places where nothing is relayed", () => {
    const limits = { messageOctetsMax: 100, forwardOctetsMax: 120 };
    const long = message("SOLICIT", { options: [{ code: 16, data: new Uint8Array(100) }] });
    const middling = message("SOLICIT", { options: [{ code: 16, data: new Uint8Array(60) }] });
    const world = relayWorld6(
      [
        relay({
          accessInterfaces: [
            accessInterface(),
            accessInterface("ge-0/0/2.0", { overrides: { disableRelay: true } }),
            accessInterface("ge-0/0/3.0", { activeServerGroup: "none" }),
          ],
        }),
      ],
      undefined,
      { limits },
    );
    expect(world.fromClient(long).said).toEqual(["drop: message too long"]);
    expect(world.fromClient(middling).said).toEqual(["drop: forward too long"]);
    expect(world.fromClient(new Uint8Array(3)).said).toEqual(["drop: malformed message-truncated"]);
    expect(world.fromClient(solicit, { interfaceName: "ge-0/0/2.0" }).said).toEqual(["drop: relay disabled"]);
    expect(world.fromClient(solicit, { interfaceName: "ge-0/0/3.0" }).said).toEqual(["drop: no server"]);
    expect(world.fromClient(solicit, { interfaceName: "ge-0/0/9.0" }).said).toEqual(["drop: interface unknown"]);
    for (const source of ["::", "ff02::1", "nonsense"])
      expect(world.fromClient(solicit, { source }).said).toEqual(["drop: source address"]);
    const elsewhere = world.step({
      kind: "datagram",
      arrival: { instance: "a:b", sourceAddress: "fe80::c", sourcePort: 546 },
      bytes: solicit,
    });
    expect(elsewhere.notes[0]!.reason).toBe("no relay");
  });
});

describe("a message of another relay agent (RFC 9915 §19.1.2)", () => {
  const layer = (more: object = {}) => wrapped(solicit, { relays: [{ link: "2001:db8:7::1", ...more }] });

  test("is wrapped again: hop-count, link-address and peer-address", () => {
    const { relayed } = relayWorld6().fromClient(layer({ hopCount: 3 }), { source: "2001:db8:9::9", port: 547 });
    expect(relayed!.hopCount).toBe(4);
    expect(formatIpv6(relayed!.linkAddress)).toBe("::");
    expect(formatIpv6(relayed!.peerAddress)).toBe("2001:db8:9::9");
    expect(relayed!.option(OptionCode6.RELAY_MSG)).toEqual(layer({ hopCount: 3 }));
    expect(optionsOf(relayed!)).toEqual([`INTERFACE_ID: ${NAME}`, "RELAY_ID: 00030001020000000077"]);
  });

  test("from a link-local address link-address names the link", () => {
    const { relayed } = relayWorld6().fromClient(layer(), { source: "fe80::9", port: 547 });
    expect(formatIpv6(relayed!.linkAddress)).toBe("2001:db8:1::1");
  });

  test("from a link-local address, on a link that only Interface-ID names", () => {
    const { relayAgentInterfaceId: _, ...unnamed } = accessInterface();
    const world = relayWorld6([relay({ accessInterfaces: [unnamed] })], [relayInterface(NAME, ["fe80::1"])]);
    const { relayed } = world.fromClient(layer(), { source: "fe80::9", port: 547 });
    expect(formatIpv6(relayed!.linkAddress)).toBe("::");
    expect(optionsOf(relayed!)[0]).toBe(`INTERFACE_ID: ${NAME}`);
  });

  test.each([
    { limit: 8, hopCount: 7, said: "RELAY-FORW to 2001:db8:5::1 547" },
    { limit: 8, hopCount: 8, said: "drop: hop count" },
    { limit: 2, hopCount: 2, said: "drop: hop count" },
  ])("hop-count $hopCount where $limit is the limit", ({ limit, hopCount, said }) => {
    const world = relayWorld6([relay({ maximumHopCount: limit })]);
    expect(world.fromClient(layer({ hopCount }), { source: "fe80::9", port: 547 }).said).toEqual([said]);
  });

  test("that is on no interface of ours", () => {
    const { said, relayed } = relayWorld6().fromServer(layer(), "2001:db8:9::9");
    expect(said).toEqual(["RELAY-FORW to 2001:db8:5::1 547"]);
    expect(optionsOf(relayed!)).toEqual(["RELAY_ID: 00030001020000000077"]);
    expect(formatIpv6(relayed!.linkAddress)).toBe("::");
  });

  test("RFC 8357: a port that is not 547 is written down, and the answer goes there", () => {
    const world = relayWorld6();
    const { relayed } = world.fromClient(layer(), { source: "fe80::9", port: 1000 });
    const option = relayed!.option(OptionCode6.RELAY_PORT)!;
    expect(hex(option)).toBe("03e8");
    const inner = relayReply(message("ADVERTISE"), { link: "2001:db8:7::1" });
    const port = { code: OptionCode6.RELAY_PORT, data: option };
    expect(world.fromServer(relayReply(inner, { peer: "fe80::9", options: [port] })).said).toEqual([
      `RELAY-REPL to fe80::9 1000 on ${NAME}`,
    ]);
    expect(world.fromServer(relayReply(inner, { peer: "fe80::9" })).said).toEqual([
      `RELAY-REPL to fe80::9 547 on ${NAME}`,
    ]);
    const remote = world.fromServer(layer(), "2001:db8:9::9", 1000);
    expect(hex(remote.relayed!.option(OptionCode6.RELAY_PORT)!)).toBe("03e8");
  });

  test("keep-incoming: what it says of the circuit stands", () => {
    const keeping = accessInterface(NAME, {
      relayAgentInterfaceId: { ...PLAIN, keepIncoming: true },
      relayAgentRemoteId: { ...REMOTE, keepIncoming: true },
    });
    const world = relayWorld6([relay({ accessInterfaces: [keeping] })]);
    const options = [named("port 7"), option6(OptionCode6.REMOTE_ID, { enterprise: 9, remoteId: Uint8Array.of(1) })];
    const kept = world.fromClient(layer({ options }), { source: "fe80::9", port: 547 }).relayed!;
    expect(optionsOf(kept)).toEqual(["RELAY_ID: 00030001020000000077"]);
    const own = world.fromClient(layer(), { source: "fe80::9", port: 547 }).relayed!;
    expect(optionsOf(own).map((text) => text.split(":")[0])).toEqual(["INTERFACE_ID", "REMOTE_ID", "RELAY_ID"]);
  });

  test("a leasequery of a relay agent is for the server to refuse (RFC 5007 §5)", () => {
    const query = encodeMessage6({ messageType: MessageType6.LEASEQUERY, transactionId: 1, options: [] });
    const bytes = wrapped(query, { relays: [{ link: "2001:db8:7::1" }] });
    expect(relayWorld6().fromClient(bytes, { source: "fe80::9", port: 547 }).said).toEqual([
      "RELAY-FORW to 2001:db8:5::1 547",
    ]);
  });

  test("without a message in it, or cut short", () => {
    const world = relayWorld6();
    const head = layer().slice(0, 34);
    expect(world.fromClient(head, { source: "fe80::9" }).said).toEqual(["drop: relay message empty"]);
    expect(world.fromClient(layer().slice(0, 50), { source: "fe80::9" }).said).toEqual([
      "drop: malformed option-truncated",
    ]);
  });
});

describe("a RELAY-REPL (RFC 9915 §19.2)", () => {
  const reply = message("REPLY", { server: client(99) });

  test.each([
    { of: "Interface-ID names the link", options: [named(NAME)], link: "::" },
    { of: "else link-address", options: [], link: "2001:db8:1::1" },
    { of: "Interface-ID of an earlier configuration", options: [named(`old-host:${NAME}`)], link: "::" },
  ])("$of", ({ options, link }) => {
    const { said, sends } = relayWorld6().fromServer(relayReply(reply, { options, link }));
    expect(said).toEqual([`REPLY to fe80::c 546 on ${NAME}`]);
    expect(sends[0]!.bytes).toEqual(reply);
  });

  test("a RECONFIGURE, and what is unknown, go to the client as everything else", () => {
    const world = relayWorld6();
    expect(world.fromServer(relayReply(Uint8Array.of(10, 0, 0, 0))).said).toEqual([
      `RECONFIGURE to fe80::c 546 on ${NAME}`,
    ]);
    expect(world.fromServer(relayReply(Uint8Array.of(200, 0, 0, 0, 9))).said).toEqual([
      `type 200 to fe80::c 546 on ${NAME}`,
    ]);
  });

  test("a chain is taken apart layer by layer", () => {
    const inner = relayReply(reply, { link: "2001:db8:7::1" });
    const world = relayWorld6();
    const onLink = world.fromServer(relayReply(inner, { link: "::", peer: "2001:db8:9::9", options: [named(NAME)] }));
    expect(onLink.said).toEqual([`RELAY-REPL to 2001:db8:9::9 547 on ${NAME}`]);
    expect(onLink.sends[0]!.bytes).toEqual(inner);
    const remote = world.fromServer(relayReply(inner, { link: "::", peer: "2001:db8:9::9" }));
    expect(remote.sends[0]!.to).toMatchObject({ kind: "server", address: "2001:db8:9::9", port: 547 });
  });

  test("for nobody", () => {
    const world = relayWorld6();
    const said = (more: Parameters<typeof relayReply>[1]) => world.fromServer(relayReply(reply, more)).said.join();
    expect(said({ link: "::" })).toBe("drop: reply for no interface");
    expect(said({ link: "2001:db8:2::1", options: [named("xe-9/9/9.0")] })).toBe("drop: reply for no interface");
    for (const peer of ["::", "ff02::1:2"]) expect(said({ peer })).toBe("drop: peer address");
    const query = encodeMessage6({ messageType: MessageType6["LEASEQUERY-REPLY"], transactionId: 1, options: [] });
    expect(world.fromServer(relayReply(query)).said).toEqual(["drop: leasequery reply to a client"]);
    expect(world.fromServer(relayReply(reply).slice(0, 34)).said).toEqual(["drop: relay message empty"]);
    expect(world.fromServer(relayReply(reply).slice(0, 45)).said).toEqual(["drop: malformed option-truncated"]);
    expect(world.fromServer(relayReply(new Uint8Array(2))).said).toEqual(["drop: relay message empty"]);
  });

  test("an interface that nothing in it names is known from the client's message", () => {
    const names = ["ge-0/0/1.1", "ge-0/0/1.2"];
    const form = { ...PLAIN, noVlanInterfaceName: true };
    const world = relayWorld6(
      [relay({ accessInterfaces: names.map((name) => accessInterface(name, { relayAgentInterfaceId: form })) })],
      names.map((name) => relayInterface(name, ["2001:db8:1::1"])),
    );
    const { relayed } = world.fromClient(message("SOLICIT", { ias: ["na 1"], xid: 5 }), {
      interfaceName: "ge-0/0/1.2",
    });
    expect(optionsOf(relayed!)[0]).toBe("INTERFACE_ID: ge-0/0/1");
    const options = [named("ge-0/0/1")];
    expect(world.fromServer(relayReply(message("ADVERTISE", { xid: 5 }), { options })).said).toEqual([
      "ADVERTISE to fe80::c 546 on ge-0/0/1.2",
    ]);
    expect(world.fromServer(relayReply(message("ADVERTISE", { xid: 6 }), { options })).said).toEqual([
      "drop: reply for no interface",
    ]);
  });
});

describe("use-option-82 strict", () => {
  const strict = accessInterface(NAME, {
    relayAgentInterfaceId: { ...PLAIN, useOption82Strict: true },
    relayAgentRemoteId: { ...REMOTE, useOption82Strict: true },
  });
  const table4 = new BindingTable(4);
  table4.put(
    {
      instance: INSTANCE,
      address: Uint8Array.of(192, 0, 2, 7),
      prefixLength: 32,
      kind: "address",
      state: BindingState.ACTIVE,
      hardwareType: 1,
      // That in the DUID of `client(1)`.
      hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1),
      circuitId: new TextEncoder().encode("port 7"),
      remoteId: new TextEncoder().encode("line 7"),
      startTimeOfStateSeconds: START / 1000,
      clientLastTransactionTimeSeconds: START / 1000,
      expiresAtSeconds: START / 1000 + 3600,
      dataSource: 0,
      origin: "gleaned",
      interfaceName: NAME,
    },
    "test",
    START / 1000,
  );
  const world = relayWorld6([relay({ accessInterfaces: [strict] })], undefined, { table4 });

  test("the texts are those of the client's DHCPv4 binding", () => {
    const { relayed } = world.fromClient(solicit);
    expect(optionsOf(relayed!).slice(0, 2)).toEqual([
      "INTERFACE_ID: port 7",
      `REMOTE_ID: 00000a4c${hex(new TextEncoder().encode("line 7"))}`,
    ]);
    expect(world.fromServer(relayReply(message("ADVERTISE"), { options: [named("port 7")] })).said).toEqual([
      `ADVERTISE to fe80::c 546 on ${NAME}`,
    ]);
  });

  test("a client without one is not relayed", () => {
    const other = message("SOLICIT", { duid: client(2), ias: ["na 1"] });
    expect(world.fromClient(other).said).toEqual(["drop: no option 82"]);
    expect(world.fromClient(other, { hardwareAddress: Uint8Array.of(2, 0, 0, 0, 0, 1) }).said).toEqual([
      "RELAY-FORW to 2001:db8:5::1 547",
    ]);
  });
});
