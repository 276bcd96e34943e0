import { BindingState } from "@leasewire/bindings";
import { describe, expect, test } from "vitest";
import {
  answer4,
  answer6,
  asked4,
  asked6,
  byAddress4,
  byAddress6,
  byClientId4,
  byDuid,
  byMac,
  data6,
  gateway,
  ip6,
  lease6,
  option82,
  relay4,
  relay6,
  relayData6,
  relayDuid,
  startMs,
  startSeconds,
  unassigned,
  unknown,
  World,
} from "../../../test/requestor-world.ts";
import { leasequeryStatistics, nextDeadlineMs, type RequestorRelay, relayStatistics } from "./index.ts";

const two: Partial<RequestorRelay> = {
  servers: [
    { address: "198.51.100.1", port: 67, group: "isp" },
    { address: "198.51.100.2", port: 1067, group: "other" },
  ],
};

describe("a query carries", () => {
  test.each([
    ["address", byAddress4(), { kind: "address" }],
    ["MAC", byMac(), { kind: "mac", htype: 1 }],
    ["client identifier", byClientId4(), { kind: "client-id" }],
  ])("v4 by %s: one key, the gateway address, the options wanted", (_name, key, query) => {
    const world = new World([relay4()]);
    world.start(key);
    const asked = asked4(world.query());
    expect(asked.query).toMatchObject(query);
    expect(asked.giaddr).toBe(gateway);
    expect(asked.parameterRequestList).toEqual([51, 58, 59, 61, 82, 60, 12, 91, 92, 152, 153, 156, 157]);
  });

  test.each([
    ["address", byAddress6(), 1, "::"],
    ["address on a link", byAddress6("2001:db8:1::111", "2001:db8:1::1"), 1, "2001:db8:1::1"],
    ["DUID", byDuid(), 2, "::"],
  ])("v6 by %s: the relay's DUID, the key inside option 44, the link", (_name, key, type, link) => {
    const world = new World([relay6()]);
    world.start(key);
    const asked = asked6(world.query());
    expect(asked.queryType).toBe(type);
    expect(asked.clientDuid).toEqual(relayDuid);
    expect(asked.linkAddress).toEqual(ip6(link));
    // ORO inside option 44 asks for LQ_RELAY_DATA (47).
    expect(asked.queryOptions.map((option) => option.code)).toContain(6);
    expect(asked.requestedOptions ?? []).toEqual([]);
  });

  test("transaction ids of 24 bits, unique over relays and families", () => {
    const world = new World([relay4(), relay6(), relay4({ instance: "a:b" })]);
    for (let i = 0; i < 20; i += 1) {
      world.start(byAddress4());
      world.start(byAddress6());
    }
    const xids = world.sent.map((send) => send.xid);
    expect(xids.length).toBe(60);
    expect(new Set(xids).size).toBe(60);
    expect(xids.every((xid) => xid > 0 && xid <= 0xffffff)).toBe(true);
  });
});

describe("found", () => {
  test("v4: the lease is recorded with what the server told", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.pass(40);
    world.receive(answer4(world.query(), { startTimeOfStateSeconds: 700, dataSource: 1 }));
    expect(world.binding4()).toMatchObject({
      state: BindingState.ACTIVE,
      hardwareType: 1,
      expiresAtSeconds: startSeconds + 3000,
      clientLastTransactionTimeSeconds: startSeconds - 600,
      startTimeOfStateSeconds: startSeconds - 700,
      dataSource: 1,
      interfaceName: "ge-0/0/1.0",
      serverAddress: "198.51.100.1",
      origin: "individual",
    });
    expect(world.run()).toMatchObject({
      state: "confirmed",
      outcome: "198.51.100.1 confirmed 1 lease for 10.0.0.11.",
      bindingIds: ["4/default:default/10.0.0.11/32"],
      servers: [{ state: "confirmed", attempts: 1, roundTripMs: 40, nextAttemptAtMs: null }],
    });
    expect(nextDeadlineMs(world.state)).toBeNull();
  });

  test("v6: addresses and prefixes of the client are recorded", () => {
    const world = new World([relay6()]);
    world.start(byAddress6());
    world.receive(
      answer6(world.query(), {
        clientData: data6({ prefixes: [{ ...lease6(), prefix: ip6("2001:db8:100::"), prefixLength: 48 }] }),
      }),
    );
    expect(world.binding6()).toMatchObject({
      kind: "address",
      expiresAtSeconds: startSeconds + 7200,
      preferredUntilSeconds: startSeconds + 3600,
      interfaceName: "ge-0/0/1.0",
    });
    expect(world.binding6("2001:db8:100::", 48)).toMatchObject({ kind: "prefix", state: BindingState.ACTIVE });
    expect(world.run().outcome).toBe("2001:db8:ffff::1 confirmed 2 leases for 2001:db8:1::111.");
  });

  test("v6 by an address inside a delegated prefix", () => {
    const world = new World([relay6()]);
    world.start(byAddress6("2001:db8:100::77"));
    world.receive(
      answer6(world.query(), {
        clientData: data6({
          addresses: [],
          prefixes: [{ ...lease6(), prefix: ip6("2001:db8:100::"), prefixLength: 48 }],
        }),
      }),
    );
    expect(world.run().state).toBe("confirmed");
  });

  test("an infinite lease stays infinite", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { leaseTimeSeconds: 0xffffffff }));
    expect(world.binding4()?.expiresAtSeconds).toBe(0xffffffff);
  });

  test("asked again, what is stored already makes no change, though the seconds wobble", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    const { sequence } = world.tables[4];
    world.pass(10_000);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { leaseTimeSeconds: 2991, clientLastTransactionTimeSeconds: 611 }));
    expect(world.tables[4].sequence).toBe(sequence);
    expect(world.run()).toMatchObject({
      state: "confirmed",
      outcome: "198.51.100.1 confirmed 1 lease for 10.0.0.11.",
      servers: [{ explanation: "The lease is confirmed as it is stored." }],
    });
  });

  test("ISC dhcpd's date in CLT_TIME is converted and noted", () => {
    const world = new World([relay6()]);
    world.start(byAddress6());
    world.receive(answer6(world.query(), { clientData: data6({ cltTimeSeconds: startSeconds - 77 }) }));
    // Its lifetimes are not what remains: they count from then.
    expect(world.binding6()).toMatchObject({
      clientLastTransactionTimeSeconds: startSeconds - 77,
      expiresAtSeconds: startSeconds - 77 + 7200,
    });
    expect(world.notes).toContain("note: absolute client last transaction time");
  });

  test("a date in the future counts as now", () => {
    const world = new World([relay6()]);
    world.start(byAddress6());
    world.receive(answer6(world.query(), { clientData: data6({ cltTimeSeconds: startSeconds + 5000 }) }));
    expect(world.binding6()?.clientLastTransactionTimeSeconds).toBe(startSeconds);
  });
});

describe("not found", () => {
  test.each([
    [
      "UNASSIGNED",
      byAddress4(),
      unassigned,
      "The server manages the address and has not leased it (DHCPLEASEUNASSIGNED).",
    ],
    ["UNKNOWN", byAddress4(), unknown, "The server knows nothing about it (DHCPLEASEUNKNOWN)."],
    ["UNKNOWN by MAC", byMac(), unknown, "The server knows nothing about it (DHCPLEASEUNKNOWN)."],
  ])("v4 %s", (_name, key, reply, explanation) => {
    const world = new World([relay4()]);
    world.start(key);
    world.receive(answer4(world.query(), reply));
    expect(world.run()).toMatchObject({ state: "unconfirmed", servers: [{ state: "unconfirmed", explanation }] });
    expect(world.tables[4].size).toBe(0);
  });

  test("v6: neither data nor status", () => {
    const world = new World([relay6()]);
    world.start(byAddress6());
    world.receive(answer6(world.query(), { clientData: undefined }));
    expect(world.run()).toMatchObject({ state: "unconfirmed" });
    expect(world.drops()).toEqual({ "no client-data": 1 });
  });

  test("UNASSIGNED ends the stored binding that this server told of", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    world.pass(60_000);
    world.start(byAddress4());
    world.receive(answer4(world.query(), unassigned));
    expect(world.binding4()).toMatchObject({
      state: BindingState.AVAILABLE,
      startTimeOfStateSeconds: startSeconds + 60,
      clientLastTransactionTimeSeconds: startSeconds - 600,
      expiresAtSeconds: 0,
    });
    expect(world.run().outcome).toBe("No lease for 10.0.0.11, says 198.51.100.1. The stored binding was ended.");
  });

  test("UNASSIGNED of another server ends nothing while the one that told of the lease is silent", () => {
    const world = new World([relay4(two)]);
    world.start(byAddress4(), { serverAddress: "198.51.100.1" });
    world.receive(answer4(world.query()));
    world.start(byAddress4());
    world.receive(answer4(world.query("198.51.100.2"), unassigned));
    world.pass(300_000);
    expect(world.run().state).toBe("unconfirmed");
    expect(world.binding4()?.state).toBe(BindingState.ACTIVE);
  });

  test("UNKNOWN ends nothing", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    world.start(byAddress4());
    world.receive(answer4(world.query(), unknown));
    expect(world.binding4()?.state).toBe(BindingState.ACTIVE);
  });

  test("v6: the answer is the complete set of client, link and server", () => {
    const world = new World([relay6()]);
    world.start(byDuid());
    world.receive(answer6(world.query(), { clientData: data6({ addresses: [lease6(), lease6("2001:db8:1::222")] }) }));
    world.pass(1000);
    world.start(byDuid());
    world.receive(answer6(world.query(), { clientData: data6({ addresses: [lease6()] }) }));
    expect(world.binding6("2001:db8:1::111")?.state).toBe(BindingState.ACTIVE);
    expect(world.binding6("2001:db8:1::222")?.state).toBe(BindingState.AVAILABLE);
  });

  test("v6: leases on another link, or told by another server, are left alone", () => {
    const world = new World([relay6()]);
    world.start(byDuid());
    world.receive(
      answer6(world.query(), {
        clientData: data6({ addresses: [lease6("2001:db8:2::1")], relayData: relayData6({ link: "2001:db8:2::1" }) }),
      }),
    );
    world.start(byDuid());
    world.receive(
      answer6(world.query(), {
        serverDuid: Uint8Array.of(0, 3, 0, 1, 9),
        clientData: data6({ addresses: [lease6("2001:db8:1::222")] }),
      }),
    );
    world.start(byDuid());
    world.receive(answer6(world.query()));
    expect(world.binding6("2001:db8:2::1")?.state).toBe(BindingState.ACTIVE);
    expect(world.binding6("2001:db8:1::222")?.state).toBe(BindingState.ACTIVE);
  });
});

describe("retransmission", () => {
  test("v4: exponential from `timeout`, each ±1 s, up to 64 s; `attempts` in all; then silent", () => {
    const world = new World([relay4({ attempts: 6, timeoutSeconds: 10 })]);
    world.start(byAddress4());
    world.pass(600_000);
    expect(world.sent.length).toBe(6);
    const gaps = world.sent.slice(1).map((send, index) => (send.atMs - (world.sent[index]?.atMs ?? 0)) / 1000);
    for (const [index, base] of [10, 20, 40, 64, 64].entries()) {
      expect(gaps[index]).toBeGreaterThanOrEqual(base - 1);
      expect(gaps[index]).toBeLessThanOrEqual(base + 1);
    }
    expect(new Set(world.sent.map((send) => send.xid)).size).toBe(1);
    expect(world.run()).toMatchObject({
      state: "failed",
      servers: [{ state: "silent", attempts: 6, attemptsMax: 6, nextAttemptAtMs: null }],
    });
    expect(world.run().outcome).toContain("198.51.100.1: No answer after being asked 6 times.");
    expect(world.state.queries.size).toBe(0);
  });

  test("v6: doubling with a tenth of randomness, up to LQ_MAX_RT", () => {
    const world = new World([relay6({ attempts: 6, timeoutSeconds: 1 })]);
    world.start(byAddress6());
    world.pass(600_000);
    const gaps = world.sent.slice(1).map((send, index) => (send.atMs - (world.sent[index]?.atMs ?? 0)) / 1000);
    expect(gaps.length).toBe(5);
    expect(gaps[0]).toBeGreaterThanOrEqual(0.9);
    expect(gaps[0]).toBeLessThanOrEqual(1.1);
    for (let i = 1; i < 3; i += 1) {
      expect((gaps[i] ?? 0) / (gaps[i - 1] ?? 1)).toBeGreaterThanOrEqual(1.89);
      expect((gaps[i] ?? 0) / (gaps[i - 1] ?? 1)).toBeLessThanOrEqual(2.11);
    }
    expect(Math.max(...gaps)).toBeLessThanOrEqual(11);
  });

  test("an answer to a repeated query is taken", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.pass(6_000);
    expect(world.sent.length).toBe(2);
    world.receive(answer4(world.query()));
    expect(world.run()).toMatchObject({ state: "confirmed", servers: [{ attempts: 2 }] });
    world.pass(600_000);
    expect(world.sent.length).toBe(2);
  });

  test("the same seed gives the same run", () => {
    const replay = () => {
      const world = new World([relay4(two), relay6()], {}, 77);
      world.start(byAddress4());
      world.start(byDuid());
      world.pass(600_000);
      return world.sent.map((send) => [send.atMs, send.xid]);
    };
    expect(replay()).toEqual(replay());
  });
});

describe("several servers", () => {
  test("all are asked at once, each with its own transaction id", () => {
    const world = new World([relay4(two)]);
    world.start(byAddress4());
    expect(world.sent.map((send) => [send.address, send.port, send.atMs])).toEqual([
      ["198.51.100.1", 67, startMs],
      ["198.51.100.2", 1067, startMs],
    ]);
    expect(world.sent[0]?.xid).not.toBe(world.sent[1]?.xid);
  });

  test("one confirms: the silent one is not asked again and gets a short while", () => {
    const world = new World([relay4(two)]);
    world.start(byAddress4());
    world.receive(answer4(world.query("198.51.100.2")));
    expect(world.run().state).toBe("running");
    world.pass(2_000);
    expect(world.run()).toMatchObject({
      state: "confirmed",
      outcome: "198.51.100.2 confirmed 1 lease for 10.0.0.11.",
      servers: [
        { state: "silent", explanation: "No answer yet; not asked again, as 198.51.100.2 confirmed the lease." },
        { state: "confirmed" },
      ],
    });
    expect(world.sent.length).toBe(2);
  });

  test("a confirmed answer outweighs an unconfirmed one, in either order", () => {
    for (const order of [
      ["198.51.100.1", "198.51.100.2"],
      ["198.51.100.2", "198.51.100.1"],
    ]) {
      const world = new World([relay4(two)]);
      world.start(byAddress4());
      for (const address of order) {
        const query = world.query(address);
        world.receive(answer4(query, address === "198.51.100.1" ? {} : unassigned), query);
      }
      expect(world.run().state).toBe("confirmed");
      expect(world.binding4()?.state).toBe(BindingState.ACTIVE);
    }
  });

  test("of two leases the one with the later transaction wins (RFC 4388 §6.8)", () => {
    const world = new World([relay4(two)]);
    world.start(byAddress4());
    const [first, second] = [world.query("198.51.100.1"), world.query("198.51.100.2")];
    world.receive(answer4(first, { clientLastTransactionTimeSeconds: 50 }), first);
    world.receive(answer4(second, { clientLastTransactionTimeSeconds: 900, leaseTimeSeconds: 5 }), second);
    expect(world.binding4()?.clientLastTransactionTimeSeconds).toBe(startSeconds - 50);
    expect(world.drops()).toEqual({ "older than the stored binding": 1 });
    expect(world.run().servers.map((server) => server.state)).toEqual(["confirmed", "dropped"]);
  });

  test("both tell the same: one record, two confirmations", () => {
    const world = new World([relay4(two)]);
    world.start(byAddress4());
    for (const address of ["198.51.100.1", "198.51.100.2"])
      world.receive(answer4(world.query(address)), world.query(address));
    expect(world.tables[4].sequence).toBe(1);
    expect(world.run().servers.map((server) => server.state)).toEqual(["confirmed", "confirmed"]);
  });
});

describe("who is asked", () => {
  const relays = [
    relay4(two),
    relay4({ instance: "core:default", servers: [{ address: "198.51.100.3", port: 67, group: "isp" }] }),
    relay4({ instance: "core:red", servers: [{ address: "198.51.100.4", port: 67, group: "red" }] }),
    relay6(),
  ];
  test.each([
    ["everybody of the family", {}, ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"]],
    ["one server", { serverAddress: "198.51.100.3" }, ["198.51.100.3"]],
    ["one group", { serverGroup: "isp" }, ["198.51.100.1", "198.51.100.3"]],
    ["one logical system", { logicalSystem: "core" }, ["198.51.100.3", "198.51.100.4"]],
    ["one routing instance", { routingInstance: "red" }, ["198.51.100.4"]],
    ["both", { logicalSystem: "core", routingInstance: "default" }, ["198.51.100.3"]],
  ])("%s", (_name, tail, servers) => {
    const world = new World(relays);
    world.start(byAddress4(), tail);
    expect(world.sent.map((send) => send.address)).toEqual(servers);
  });

  test.each([
    [
      "no relay there",
      { logicalSystem: "edge" },
      'No DHCPv4 relay in logical-systems edge can send leasequeries: add "set logical-systems edge forwarding-options dhcp-relay leasequery".',
    ],
    [
      "a server nobody knows",
      { serverAddress: "203.0.113.9" },
      '203.0.113.9 is not a server of a relay that can ask: add "set forwarding-options dhcp-relay server-group NAME 203.0.113.9", or choose one of 198.51.100.1, 198.51.100.2, 198.51.100.3, 198.51.100.4.',
    ],
    [
      "a group nobody has",
      { serverGroup: "nope" },
      "No relay that can ask has a server group nope with servers: choose one of isp, other, red.",
    ],
  ])("refused: %s", (_name, tail, message) => {
    const world = new World(relays);
    expect(world.tryStart(byAddress4(), tail).refusal?.message).toBe(message);
    expect(world.sent).toEqual([]);
    expect(world.state.runs.size).toBe(0);
  });

  test("refused: no relay, no server", () => {
    expect(new World([]).tryStart(byAddress6()).refusal?.message).toBe(
      'No DHCPv6 relay can send leasequeries: add "set forwarding-options dhcp-relay dhcpv6 leasequery".',
    );
    expect(new World([relay4({ servers: [] })]).tryStart(byAddress4()).refusal?.message).toBe(
      'The relay knows no server to ask: add "set forwarding-options dhcp-relay server-group NAME ADDRESS".',
    );
  });
});

describe("answers that lead on", () => {
  const links = [ip6("2001:db8:1::1"), ip6("2001:db8:2::1")];

  test("v6: a list of links is asked one by one, in the same run (RFC 5007 §4.3.3)", () => {
    const world = new World([relay6()]);
    world.start(byDuid());
    world.receive(answer6(world.query(), { clientData: undefined, clientLinks: links }));
    const followed = world.sent.slice(1);
    expect(followed.map((send) => asked6(send).linkAddress)).toEqual(links);
    expect(world.drops()).toEqual({ "client-link present": 1 });
    const [one, other] = followed;
    world.receive(answer6(one!), one);
    expect(world.run().state).toBe("running");
    const second = data6({ addresses: [lease6("2001:db8:2::111")], relayData: relayData6({ link: "2001:db8:2::1" }) });
    world.receive(answer6(other!, { clientData: second }), other);
    expect(world.run()).toMatchObject({ state: "confirmed", servers: [{ state: "confirmed", attempts: 3 }] });
    expect(world.run().bindingIds.length).toBe(2);
    expect(world.run().servers[0]?.explanation).toBe(
      "The client is on 2 links; each is asked. link 2001:db8:1::1: 1 lease recorded (link 2001:db8:1::1). link 2001:db8:2::1: 1 lease recorded (link 2001:db8:2::1).",
    );
  });

  test("v6: links are bounded, and links in answer to a link are not followed", () => {
    const world = new World([relay6()], { linksPerRunMax: 3 });
    world.start(byDuid());
    const many = Array.from({ length: 50 }, (_, index) => ip6(`2001:db8:${index + 1}::1`));
    world.receive(answer6(world.query(), { clientData: undefined, clientLinks: many }));
    expect(world.sent.length).toBe(4);
    for (const query of world.sent.slice(1)) {
      world.receive(answer6(query, { clientData: undefined, clientLinks: many }), query);
    }
    expect(world.sent.length).toBe(4);
    expect(world.run()).toMatchObject({ state: "failed", servers: [{ state: "dropped" }] });
  });

  test("v4: further addresses of the client (option 92) are asked by address", () => {
    const world = new World([relay4()]);
    world.start(byMac());
    const addresses = ["10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.12"].map((one) => asAddress(one));
    world.receive(answer4(world.query(), { associatedIps: addresses }));
    const followed = world.sent.slice(1);
    expect(followed.map((send) => asked4(send).query)).toEqual([
      { kind: "address", address: asAddress("10.0.0.12") },
      { kind: "address", address: asAddress("10.0.0.13") },
    ]);
    world.receive(answer4(followed[0]!), followed[0]);
    world.receive(answer4(followed[1]!, unassigned), followed[1]);
    expect(world.run()).toMatchObject({ state: "confirmed" });
    expect(world.run().bindingIds).toEqual(["4/default:default/10.0.0.11/32", "4/default:default/10.0.0.12/32"]);
    expect(world.sent.length).toBe(3);
  });

  test("v4: associated addresses are bounded", () => {
    const world = new World([relay4()], { associatedAddressesPerRunMax: 2 });
    world.start(byMac());
    const addresses = Array.from({ length: 60 }, (_, index) => asAddress(`10.0.1.${index + 1}`));
    world.receive(answer4(world.query(), { associatedIps: addresses }));
    expect(world.sent.length).toBe(3);
    expect(world.notes).toContain("note: associated addresses left out");
  });
});

describe("client interfaces (Junos)", () => {
  const strict = { interfaces: ["ge-0/0/1.0"] };

  test("a circuit-id that names one places the lease, also behind a prefix", () => {
    for (const circuit of ["ge-0/0/1.0", "bng-a:ge-0/0/1.0", "irb.0:ge-0/0/1.0"]) {
      const world = new World([relay4(strict)]);
      world.start(byAddress4());
      world.receive(answer4(world.query(), { relayAgentInformation: option82(circuit) }));
      expect(world.binding4()).toMatchObject({ interfaceName: "ge-0/0/1.0", linkAddress: Uint8Array.of(192, 0, 2, 1) });
    }
  });

  test("an interface that is not there yet is waited for, and found after a commit", () => {
    const world = new World([relay4(strict)]);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { relayAgentInformation: option82("ge-0/0/2.0") }));
    expect(world.run()).toMatchObject({ state: "running", servers: [{ state: "querying" }] });
    expect(world.binding4()).toBeUndefined();
    world.pass(10_000);
    world.input({ kind: "configuration", relays: [relay4({ interfaces: ["ge-0/0/1.0", "ge-0/0/2.0"] })] });
    world.pass(0);
    expect(world.binding4()?.interfaceName).toBe("ge-0/0/2.0");
    expect(world.run().state).toBe("confirmed");
    expect(leasequeryStatistics(world.state, 4, {}, world.now).replyPacketRetries).toBe(2);
  });

  test("after the configured retries it is given up and counted", () => {
    const world = new World([relay4(strict)]);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { relayAgentInformation: option82("ge-0/0/2.0") }));
    world.pass(49_000);
    expect(world.run().state).toBe("running");
    world.pass(1_000);
    expect(world.run()).toMatchObject({ state: "failed", servers: [{ state: "dropped" }] });
    expect(leasequeryStatistics(world.state, 4, {}, world.now)).toMatchObject({
      replyPacketRetries: 5,
      repliesGivenUp: 1,
    });
    expect(world.drops()).toEqual({ "interface unknown": 1 });
    expect(world.binding4()).toBeUndefined();
  });
});

describe("a relay that only asks", () => {
  test("records a lease without circuit-id, unplaced, and notes it", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { relayAgentInformation: undefined }));
    expect(world.binding4()?.interfaceName).toBeUndefined();
    expect(world.binding4()?.linkAddress).toBeUndefined();
    expect(world.notes).toContain("note: recorded without circuit-id");
  });

  test("does not take an unprintable circuit-id for a name", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { relayAgentInformation: Uint8Array.of(1, 2, 0, 255) }));
    expect(world.binding4()).toMatchObject({ interfaceName: undefined, circuitId: Uint8Array.of(0, 255) });
  });

  test.each([
    ["no relay data", data6({ relayData: undefined }), "recorded without relay-data"],
    ["no interface-id", data6({ relayData: relayData6({ interfaceId: null }) }), "recorded without interface-id"],
    ["several hops", data6({ relayData: relayData6({ hopCount: 1 }) }), "recorded with relay hop count"],
  ])("v6: %s", (_name, clientData, note) => {
    const world = new World([relay6()]);
    world.start(byAddress6());
    world.receive(answer6(world.query(), { clientData }));
    expect(world.run().state).toBe("confirmed");
    expect(world.notes).toContain(`note: ${note}`);
  });
});

describe("interruptions", () => {
  test("cancel ends a run; what comes later is expired", () => {
    const world = new World([relay4()]);
    const id = world.start(byAddress4());
    world.input({ kind: "cancel-run", id });
    expect(world.run()).toMatchObject({ state: "cancelled", servers: [{ state: "cancelled" }], finishedAtMs: startMs });
    world.receive(answer4(world.query()));
    expect(world.drops()).toEqual({ "expired query": 1 });
    expect(world.tables[4].size).toBe(0);
    expect(world.input({ kind: "cancel-run", id }).refusal?.code).toBe("run-finished");
    expect(world.input({ kind: "cancel-run", id: "none" }).refusal?.code).toBe("run-unknown");
  });

  test("a commit that takes the server away ends the query", () => {
    const world = new World([relay4(two)]);
    world.start(byAddress4());
    world.input({ kind: "configuration", relays: [relay4()] });
    expect(world.run().servers.map((server) => server.state)).toEqual(["querying", "cancelled"]);
    world.input({ kind: "configuration", relays: [] });
    expect(world.run().servers.map((server) => server.explanation)).toEqual([
      "Ended by a commit: this relay has no leasequery any more.",
      "Ended by a commit: 198.51.100.2 is no server of this relay any more.",
    ]);
    expect(world.run().state).toBe("failed");
    expect(nextDeadlineMs(world.state)).toBeNull();
  });

  test("a send that fails is told at once and tried again", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    const reason = "network unreachable: there is no route to 198.51.100.1";
    world.input({ kind: "send-failed", xid: world.query().xid, reason });
    expect(world.run().servers[0]?.explanation).toBe(`error: ${reason} (sending to 198.51.100.1); it is tried again.`);
    world.pass(6_000);
    world.receive(answer4(world.query()));
    expect(world.run().state).toBe("confirmed");
  });

  test("a server that could never be sent to is an error", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    for (const wait of [5_000, 9_000, 17_000]) {
      world.input({ kind: "send-failed", xid: world.query().xid, reason: "network unreachable: no route" });
      world.pass(wait);
    }
    expect(world.run().servers[0]).toMatchObject({
      state: "error",
      explanation: "error: network unreachable: no route (tried 3 times).",
    });
  });

  test("a table that refuses the lease makes the run fail and says why", () => {
    const world = new World([relay4()]);
    world.refuseChanges = "The binding table has reached bindingsMax (1).";
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    expect(world.drops()).toEqual({ "processing aborted": 1 });
    expect(world.run()).toMatchObject({
      state: "failed",
      bindingIds: [],
      servers: [
        {
          state: "dropped",
          explanation: "The lease could not be recorded: The binding table has reached bindingsMax (1).",
        },
      ],
    });
  });
});

describe("limits", () => {
  test("runsActiveMax, queriesInFlightMax and serversPerRunMax refuse by name", () => {
    const world = new World([relay4(two)], { runsActiveMax: 1 });
    world.start(byAddress4());
    expect(world.tryStart(byAddress4()).refusal?.message).toContain("runsActiveMax");
    expect(new World([relay4(two)], { queriesInFlightMax: 1 }).tryStart(byAddress4()).refusal?.message).toContain(
      "queriesInFlightMax",
    );
    expect(new World([relay4(two)], { serversPerRunMax: 1 }).tryStart(byAddress4()).refusal?.message).toContain(
      "serversPerRunMax",
    );
  });

  test("runsRememberedMax: the oldest finished run is forgotten, a running one is not", () => {
    const world = new World([relay4()], { runsRememberedMax: 3 });
    world.start(byAddress4("10.9.9.9"));
    for (let i = 0; i < 10; i += 1) {
      world.start(byAddress4());
      world.receive(answer4(world.query(), unknown));
    }
    expect([...world.state.runs.keys()]).toEqual(["run-1", "run-9", "run-10", "run-11"]);
  });

  test("exchangesPerRunMax and exchangeBytesPerRunMax bound what is kept of a flood", () => {
    const world = new World([relay4()], { exchangesPerRunMax: 5, pastQueriesMax: 4 });
    world.start(byAddress4());
    for (let i = 0; i < 100; i += 1) world.receive(Uint8Array.of(1, 2, 3));
    const run = world.state.runs.get("run-1");
    expect(run?.exchanges.length).toBe(5);
    expect(run?.exchangesLeftOut).toBe(96);
    expect(world.drops()).toEqual({ "malformed message-truncated": 100 });
  });
});

describe("statistics (Junos schema)", () => {
  test("counts queries, attempts, replies and messages by type, and clears", () => {
    const world = new World([relay4(two), relay6()]);
    world.start(byAddress4());
    world.pass(6_000);
    world.receive(answer4(world.query("198.51.100.1")), world.query("198.51.100.1"));
    world.receive(answer4(world.query("198.51.100.2"), unknown), world.query("198.51.100.2"));
    world.start(byAddress4("10.0.0.12"));
    expect(leasequeryStatistics(world.state, 4, {}, world.now)).toMatchObject({
      inFlightQueries: 1,
      totalQueries: 2,
      totalAttempts: 6,
      replyPacketRetries: 0,
      repliesGivenUp: 0,
      queries: [
        { runId: "run-2", state: "running", confirmedReplies: 0, unconfirmedReplies: 0, attempts: 2 },
        {
          runId: "run-1",
          state: "confirmed",
          confirmedReplies: 1,
          unconfirmedReplies: 1,
          attempts: 4,
          servers: [
            { serverAddress: "198.51.100.1", state: "confirmed", attempts: 2 },
            { serverAddress: "198.51.100.2", state: "unconfirmed", attempts: 2 },
          ],
        },
      ],
    });
    expect(relayStatistics(world.state, 4, {}, world.now)).toMatchObject({
      dropsTotal: 0,
      received: [
        { name: "DHCPLEASEACTIVE", value: 1 },
        { name: "DHCPLEASEUNKNOWN", value: 1 },
      ],
      sent: [{ name: "DHCPLEASEQUERY", value: 6 }],
    });
    expect(leasequeryStatistics(world.state, 6, {}, world.now).totalQueries).toBe(0);
    expect(leasequeryStatistics(world.state, 4, { logicalSystem: "other" }, world.now).totalQueries).toBe(0);

    world.input({ kind: "clear-statistics", family: 4, what: "leasequery" });
    expect(leasequeryStatistics(world.state, 4, {}, world.now)).toMatchObject({ totalQueries: 0, sinceMs: world.now });
    expect(relayStatistics(world.state, 4, {}, world.now).sent).not.toEqual([]);
    world.input({ kind: "clear-statistics", family: 4 });
    expect(relayStatistics(world.state, 4, {}, world.now).sent).toEqual([]);
  });
});

function asAddress(text: string) {
  const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
  return ((a << 24) | (b << 16) | (c << 8) | d) as ReturnType<typeof asked4>["giaddr"];
}
