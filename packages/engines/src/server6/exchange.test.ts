import { BindingState } from "@leasewire/bindings";
import { formatHex, formatIpv6 } from "@leasewire/net";
import {
  decodeMessage6,
  encodeRelayMessage6,
  leasequery6,
  OptionCode6,
  option6,
  query6,
  readLeaseReply6,
  relayChain6,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  asRequested,
  client,
  configuration,
  ip,
  LINK,
  leaseOf,
  message,
  NA,
  obtain,
  PD,
  pool,
  prefix,
  RELAY,
  range,
  SERVER_DUID,
  statusOf,
  type World6,
  world6,
  wrapped,
} from "../../test/server6-world.ts";
import { respond6 } from "../leasequery/responder/index.ts";
import { poolStatistics6 } from "./statistics.ts";

const INSTANCE = "default:default" as const;
const states = (world: World6) => world.table.counts(INSTANCE);
const FREE = "2001:db8:1::1a5";

describe("SOLICIT to RELEASE through a relay", () => {
  test("an address and a prefix are advertised, granted, extended and given back", () => {
    const world = world6();
    const advertised = world.send(message("SOLICIT", { ias: ["na 1", "pd 2"] }));
    expect(advertised.said).toBe("ADVERTISE");
    expect(advertised.ias).toEqual([
      expect.stringMatching(/^na 1: 2001:db8:1::1[0-9a-f]{2} \(3000\/4000\) T1 1500 T2 2400$/),
      expect.stringMatching(/^pd 2: 2001:db8:a000:\S*::\/56 \(3000\/4000\) T1 1500 T2 2400$/),
    ]);
    expect(advertised.output.changes).toEqual([]);
    expect(advertised.output.sends[0]).toMatchObject({ promises: false });

    const granted = world.send(message("REQUEST", { ias: advertised.ias.map(asRequested) }));
    expect(granted.said).toBe("REPLY");
    expect(granted.ias).toEqual(advertised.ias);
    expect(granted.output.sends[0]).toMatchObject({ promises: true });
    expect(granted.output.changes.map(({ binding }) => binding.kind)).toEqual(["address", "prefix"]);
    expect(states(world)[BindingState.ACTIVE]).toBe(2);

    world.pass(1500);
    const renewed = world.send(message("RENEW", { ias: granted.ias.map(asRequested) }));
    expect(renewed.said).toBe("REPLY");
    expect(renewed.ias).toEqual(granted.ias);
    expect(renewed.output.changes.map(({ binding }) => binding.expiresAtSeconds - world.now / 1000)).toEqual([
      4000, 4000,
    ]);
    const start = granted.output.changes[0]!.binding.startTimeOfStateSeconds;
    expect(renewed.output.changes[0]!.binding.startTimeOfStateSeconds).toBe(start);

    const released = world.send(message("RELEASE", { ias: granted.ias.map(asRequested) }));
    expect(released.said).toBe("REPLY");
    expect(statusOf(released.reply)).toBe("Success");
    expect(released.ias).toEqual([]);
    expect(states(world)[BindingState.RELEASED]).toBe(2);
    expect(obtain(world, ["na 1", "pd 2"]).ias).toEqual(granted.ias);
  });

  test("every reply has the transaction id, SERVERID and CLIENTID (§18.3)", () => {
    const world = world6();
    const { reply } = obtain(world, ["na 1"], { xid: 0xabcdef });
    expect(reply?.transactionId).toBe(0xabcdef);
    expect(reply?.option(OptionCode6.SERVERID)).toEqual(SERVER_DUID);
    expect(reply?.option(OptionCode6.CLIENTID)).toEqual(client(1));
  });

  test("the same REQUEST again brings the same leases, made anew (§18.3.2)", () => {
    const world = world6();
    const granted = obtain(world, ["na 1", "pd 2"]);
    world.pass(10);
    const again = world.send(message("REQUEST", { ias: granted.ias.map(asRequested) }));
    expect(again.ias).toEqual(granted.ias);
    expect(again.output.changes[0]!.binding.expiresAtSeconds).toBe(world.now / 1000 + 4000);
    expect(states(world)[BindingState.ACTIVE]).toBe(2);
  });

  test("several IAs of a client get different leases", () => {
    const world = world6();
    const granted = obtain(world, ["na 1", "na 2", "pd 1", "pd 2"]);
    expect(new Set(granted.ias.map((text) => leaseOf(text))).size).toBe(4);
    expect(states(world)[BindingState.ACTIVE]).toBe(4);
  });

  test("the binding tells everything of the exchange", () => {
    const world = world6();
    const interfaceId = option6(OptionCode6.INTERFACE_ID, Uint8Array.of(7, 7));
    const remoteId = option6(OptionCode6.REMOTE_ID, { enterprise: 2636, remoteId: Uint8Array.of(1, 2, 3) });
    const relayId = option6(OptionCode6.RELAY_ID, client(900));
    const linkLayer = { code: OptionCode6.CLIENT_LINKLAYER_ADDR, data: Uint8Array.of(0, 1, 6, 5, 4, 3, 2, 1) };
    const vendorClass = { code: OptionCode6.VENDOR_CLASS, data: Uint8Array.of(0, 0, 0, 9, 0, 1, 65) };
    const way = {
      relays: [
        { link: LINK, options: [interfaceId, remoteId, linkLayer] },
        { link: "::", options: [relayId] },
      ],
    };
    const granted = obtain(world, ["na 5"], { options: [vendorClass] }, way);
    const { binding } = granted.output.changes[0]!;
    expect(binding).toMatchObject({
      instance: INSTANCE,
      prefixLength: 128,
      kind: "address",
      state: BindingState.ACTIVE,
      iaid: 5,
      hardwareType: 1,
      dataSource: 0,
      origin: "server",
      startTimeOfStateSeconds: world.now / 1000,
      clientLastTransactionTimeSeconds: world.now / 1000,
      expiresAtSeconds: world.now / 1000 + 4000,
      preferredUntilSeconds: world.now / 1000 + 3000,
    });
    const hex = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : formatHex(bytes, ""));
    expect(formatIpv6(binding.address)).toBe(leaseOf(granted.ias[0]));
    expect(hex(binding.clientId)).toBe(hex(client(1)));
    expect(hex(binding.serverIdentifier)).toBe(hex(SERVER_DUID));
    expect(hex(binding.hardwareAddress)).toBe("060504030201");
    expect(hex(binding.linkAddress)).toBe(hex(ip(LINK)));
    expect(hex(binding.circuitId)).toBe("0707");
    expect(hex(binding.remoteId)).toBe("00000a4c010203");
    expect(hex(binding.relayId)).toBe(hex(client(900)));
    expect(hex(binding.options)).toBe("00100007000000090001".concat("41"));
    // RFC 5007 §4.1.2.4: the relay it came from, and the chain without the client's message.
    const inner = encodeRelayMessage6({
      messageType: 12,
      hopCount: 0,
      linkAddress: ip(LINK),
      peerAddress: ip("fe80::c"),
      options: [interfaceId, remoteId, linkLayer],
    });
    const outer = encodeRelayMessage6({
      messageType: 12,
      hopCount: 1,
      linkAddress: ip("::"),
      peerAddress: ip("2001:db8:eeee::1"),
      options: [relayId, { code: OptionCode6.RELAY_MSG, data: inner }],
    });
    expect(hex(binding.relayAgentInformation)).toBe(hex(ip(RELAY))! + hex(outer)!);
  });
});

describe("SOLICIT (§18.3.1, §18.3.9)", () => {
  test("rapid commit where both sides want it", () => {
    const rapid = [{ code: OptionCode6.RAPID_COMMIT, data: new Uint8Array(0) }];
    const world = world6(configuration({ rapidCommit: true }));
    const reply = world.send(message("SOLICIT", { ias: ["na 1"], options: rapid }));
    expect(reply.said).toBe("REPLY");
    expect(reply.reply?.has(OptionCode6.RAPID_COMMIT)).toBe(true);
    expect(reply.output.sends[0]?.promises).toBe(true);
    expect(states(world)[BindingState.ACTIVE]).toBe(1);
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).said).toBe("ADVERTISE");
    expect(world6().send(message("SOLICIT", { ias: ["na 1"], options: rapid })).said).toBe("ADVERTISE");
  });

  test("what is offered to one client is not offered to another, until nobody took it up", () => {
    const one = pool("one", "2001:db8:1::/64", { ranges: [range("2001:db8:1::5", "2001:db8:1::5")] });
    const world = world6(configuration({ pools: [one] }));
    const first = world.send(message("SOLICIT", { ias: ["na 1"] }));
    expect(leaseOf(first.ias[0])).toBe("2001:db8:1::5");
    expect(world.send(message("SOLICIT", { ias: ["na 1"] })).ias).toEqual(first.ias);
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    world.pass(61);
    expect(leaseOf(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).ias[0])).toBe("2001:db8:1::5");
    expect(world.send(message("REQUEST", { ias: ["na 1 2001:db8:1::5"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
  });

  test.each<[string, string, string]>([
    ["a free address is given", `na 1 ${FREE}`, FREE],
    ["an address of the link that is not given out is not", "na 1 2001:db8:1::9", "2001:db8:1::1"],
    ["an address of elsewhere is not", "na 1 2001:db8:9::1", "2001:db8:1::1"],
    ["a free prefix is given", "pd 1 2001:db8:a000:4200::/56", "2001:db8:a000:4200::/56"],
    ["a prefix of another length is not", "pd 1 2001:db8:a000:4200::/60", "2001:db8:a000:"],
    ["a prefix with bits beyond its length is not", "pd 1 2001:db8:a000:4201::/56", "2001:db8:a000:"],
  ])("hints: %s", (_, asked, given) => {
    expect(leaseOf(world6().send(message("SOLICIT", { ias: [asked] })).ias[0])).toContain(given);
    expect(leaseOf(world6().send(message("SOLICIT", { ias: [asked] })).ias[0])).toMatch(
      /^2001:db8:(1::1|a000:\S*\/56)/,
    );
  });

  test("hints: of ranges with several lengths the nearest to the one asked for (RFC 8168)", () => {
    const several = pool("pd", "2001:db8:a000::/40", {
      ranges: [
        range("2001:db8:a000::", "2001:db8:a000:ff00::", 56),
        range("2001:db8:a001::", "2001:db8:a001:fff0::", 60),
      ],
      linkAddresses: [prefix("2001:db8:1::/64")],
    });
    const world = world6(configuration({ pools: [NA, several] }));
    const lengths = ["pd 1 ::/60", "pd 1 ::/56", "pd 1 ::/48", "pd 1 ::/64", "pd 1"].map((asked, i) =>
      leaseOf(world.send(message("SOLICIT", { duid: client(i), ias: [asked] })).ias[0])
        .split("/")
        .at(-1),
    );
    expect(lengths).toEqual(["60", "56", "56", "60", "56"]);
  });

  test("nothing left: NoAddrsAvail and NoPrefixAvail, each in its IA", () => {
    const world = world6(configuration({ pools: [pool("na", "2001:db8:1::/64")] }));
    const heard = world.send(message("SOLICIT", { ias: ["na 1", "pd 2"] }));
    expect([heard.said, ...heard.ias]).toEqual(["ADVERTISE", "na 1: NoAddrsAvail", "pd 2: NoPrefixAvail"]);
    const requested = world.send(message("REQUEST", { ias: ["na 1", "pd 2"] }));
    expect([requested.said, ...requested.ias]).toEqual(["REPLY", "na 1: NoAddrsAvail", "pd 2: NoPrefixAvail"]);
  });

  test("leasesPerClientMax: one client cannot take a pool", () => {
    const world = world6(configuration(), { limits: { leasesPerClientMax: 3 } });
    const granted = obtain(world, ["na 1", "na 2", "na 3", "na 4"]);
    expect(granted.ias).toHaveLength(3);
    expect(world.send(message("SOLICIT", { ias: ["na 9"] })).ias).toEqual(["na 9: NoAddrsAvail"]);
  });

  test("offersPendingMax", () => {
    const world = world6(configuration(), { limits: { offersPendingMax: 1 } });
    expect(world.send(message("SOLICIT", { ias: ["na 1"] })).said).toBe("ADVERTISE");
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).said).toBe("drop: too many offers");
  });
});

describe("REQUEST (§18.3.2)", () => {
  test("an address of another link: NotOnLink", () => {
    const heard = world6().send(message("REQUEST", { ias: ["na 1 2001:db8:9::1", "pd 2 2001:db8:9::/56"] }));
    expect(heard.ias[0]).toBe("na 1: NotOnLink");
    expect(heard.ias[1]).toMatch(/^pd 2: 2001:db8:a000:/);
    expect(heard.output.changes).toHaveLength(1);
  });

  test("an address that somebody else has: another one", () => {
    const world = world6();
    const first = leaseOf(obtain(world, ["na 1"]).ias[0]);
    const second = world.send(message("REQUEST", { duid: client(2), ias: [`na 1 ${first}`] }));
    expect(leaseOf(second.ias[0])).not.toBe(first);
  });
});

describe("CONFIRM (§18.3.3)", () => {
  test.each<[string, string[], string, string]>([
    ["all on the link", ["na 1 2001:db8:1::77", "na 2 2001:db8:1::78"], "REPLY", "Success"],
    ["one of another link", ["na 1 2001:db8:1::77 2001:db8:9::1"], "REPLY", "NotOnLink"],
    ["no addresses", ["na 1"], "drop: no addresses to confirm", ""],
    ["prefixes say nothing", ["pd 1 2001:db8:a000::/56"], "drop: no addresses to confirm", ""],
  ])("%s", (_, ias, said, status) => {
    const heard = world6().send(message("CONFIRM", { ias }));
    expect([heard.said, statusOf(heard.reply), heard.ias]).toEqual([said, status, []]);
  });

  test("a link of which only delegated prefixes are known: silence", () => {
    const world = world6(configuration({ pools: [PD] }));
    expect(world.send(message("CONFIRM", { ias: ["na 1 2001:db8:1::77"] })).said).toBe("drop: no pool");
    expect(world.send(message("REQUEST", { ias: ["na 1 2001:db8:1::77"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    expect(world.send(message("RENEW", { ias: ["na 1 2001:db8:1::77"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
  });

  test("a link that is not known: silence", () => {
    const way = { relays: [{ link: "2001:db8:77::1" }] };
    expect(world6().send(message("CONFIRM", { ias: ["na 1 2001:db8:1::77"] }), way).said).toBe("drop: no pool");
  });
});

describe("RENEW and REBIND (§18.3.4, §18.3.5)", () => {
  const MOVED = configuration({
    pools: [
      pool("na2", "2001:db8:2::/64", {
        ranges: [range("2001:db8:2::100", "2001:db8:2::1ff")],
        linkAddresses: [prefix("2001:db8:1::/64")],
      }),
    ],
  });

  test.each(["RENEW", "REBIND"] as const)(
    "%s: what left the link is told with lifetimes of 0, and replaced",
    (name) => {
      const world = world6(configuration({ pools: [NA] }));
      const old = leaseOf(obtain(world, ["na 1"]).ias[0]);
      world.configure(MOVED);
      const heard = world.send(message(name, { ias: [`na 1 ${old}`] }));
      if (name === "RENEW") {
        expect(heard.ias[0]).toMatch(
          new RegExp(`^na 1: 2001:db8:2::1\\S+ \\(3000/4000\\), ${old} \\(0/0\\) T1 1500 T2 2400$`),
        );
      } else {
        expect(heard.ias[0]).toContain(`${old} (0/0)`);
      }
      expect(states(world)[BindingState.EXPIRED]).toBe(1);
    },
  );

  test.each<[string, "RENEW" | "REBIND", Parameters<typeof configuration>[0], string[], string, string[]]>([
    ["no record, on the link", "RENEW", {}, [`na 1 ${FREE}`], "REPLY", [`na 1: ${FREE} (3000/4000) T1 1500 T2 2400`]],
    ["no record, of another link", "RENEW", {}, ["na 1 2001:db8:9::1"], "REPLY", ["2001:db8:9::1 (0/0)"]],
    [
      "no record, no pool left",
      "RENEW",
      { pools: [pool("na", "2001:db8:1::/64")] },
      ["na 1", "pd 2"],
      "REPLY",
      ["na 1: NoAddrsAvail", "pd 2: NoPrefixAvail"],
    ],
    ["no record, of another link", "REBIND", {}, ["na 1 2001:db8:9::1"], "REPLY", ["na 1: 2001:db8:9::1 (0/0)"]],
    [
      "no record, a prefix of elsewhere",
      "REBIND",
      {},
      ["pd 1 2001:db8:9::/56"],
      "REPLY",
      ["pd 1: 2001:db8:9::/56 (0/0)"],
    ],
    ["no record, on the link, authoritative", "REBIND", {}, [`na 1 ${FREE}`], "REPLY", ["na 1: NoBinding"]],
    [
      "no record, on the link, not authoritative",
      "REBIND",
      { authoritative: false },
      [`na 1 ${FREE}`],
      "drop: no record of the client",
      [],
    ],
    [
      "no record, on the link, rapid commit",
      "REBIND",
      { rapidCommit: true },
      [`na 1 ${FREE}`],
      "REPLY",
      [`na 1: ${FREE} (3000/4000) T1 1500 T2 2400`],
    ],
  ])("%s: %s", (_, name, more, ias, said, answers) => {
    const heard = world6(configuration(more)).send(message(name, { ias }));
    expect(heard.said).toBe(said);
    expect(heard.ias).toHaveLength(answers.length);
    answers.forEach((text, i) => {
      expect(heard.ias[i]).toContain(text);
    });
    expect(heard.output.sends.every(({ promises }) => promises)).toBe(true);
  });

  test("REBIND extends what is on record, of both kinds", () => {
    const world = world6();
    const granted = obtain(world, ["na 1", "pd 2"]);
    world.pass(3500);
    expect(world.send(message("REBIND", { ias: granted.ias.map(asRequested) })).ias).toEqual(granted.ias);
  });

  test("RENEW: an address the IA does not have is told with lifetimes of 0", () => {
    const world = world6();
    const own = leaseOf(obtain(world, ["na 1"]).ias[0]);
    const other = leaseOf(obtain(world, ["na 1"], { duid: client(2) }).ias[0]);
    const heard = world.send(message("RENEW", { ias: [`na 1 ${own} ${other}`] }));
    expect(heard.ias).toEqual([`na 1: ${own} (3000/4000), ${other} (0/0) T1 1500 T2 2400`]);
    expect(states(world)[BindingState.ACTIVE]).toBe(2);
  });

  test("an IA without leases gets one in RENEW", () => {
    const world = world6();
    const own = asRequested(obtain(world, ["na 1"]).ias[0]!);
    const heard = world.send(message("RENEW", { ias: [own, "pd 2"] }));
    expect(heard.ias[1]).toMatch(/^pd 2: 2001:db8:a000:/);
  });

  test("a lease that ran out is renewed with the same address if it is still free", () => {
    const world = world6();
    const granted = obtain(world, ["na 1", "pd 2"]);
    world.pass(4001);
    expect(states(world)[BindingState.EXPIRED]).toBe(2);
    expect(world.send(message("RENEW", { ias: granted.ias.map(asRequested) })).ias).toEqual(granted.ias);
  });
});

describe("RELEASE and DECLINE (§18.3.7, §18.3.8)", () => {
  test.each(["RELEASE", "DECLINE"] as const)("%s of what the client does not have: NoBinding in its IA", (name) => {
    const world = world6();
    const other = leaseOf(obtain(world, ["na 1"], { duid: client(2) }).ias[0]);
    const heard = world.send(message(name, { ias: [`na 1 ${other}`] }));
    expect([heard.said, statusOf(heard.reply), ...heard.ias]).toEqual(["REPLY", "Success", "na 1: NoBinding"]);
    expect(heard.output.changes).toEqual([]);
    expect(states(world)[BindingState.ACTIVE]).toBe(1);
  });

  test("RELEASE: of a known IA a lease it does not have is ignored", () => {
    const world = world6();
    obtain(world, ["na 1"]);
    const heard = world.send(message("RELEASE", { ias: ["na 1 2001:db8:1::7777"] }));
    expect([heard.said, statusOf(heard.reply), ...heard.ias]).toEqual(["REPLY", "Success"]);
    expect(states(world)[BindingState.ACTIVE]).toBe(1);
  });

  test("RELEASE works from wherever the client is", () => {
    const world = world6();
    const own = asRequested(obtain(world, ["na 1"]).ias[0]!);
    expect(world.send(message("RELEASE", { ias: [own] }), { relays: [{ link: "2001:db8:77::1" }] }).said).toBe("REPLY");
    expect(states(world)[BindingState.RELEASED]).toBe(1);
  });

  test("a declined address rests for declinedRetentionSeconds, over a restart too", () => {
    const one = pool("one", "2001:db8:1::/64", { ranges: [range("2001:db8:1::5", "2001:db8:1::5")] });
    const world = world6(configuration({ pools: [one] }), { limits: { declinedRetentionSeconds: 1000 } });
    const own = asRequested(obtain(world, ["na 1"]).ias[0]!);
    const declined = world.send(message("DECLINE", { ias: [own] }));
    expect([declined.said, statusOf(declined.reply), ...declined.ias]).toEqual(["REPLY", "Success"]);
    expect(states(world)[BindingState.ABANDONED]).toBe(1);
    expect(poolStatistics6(world.state)).toMatchObject([{ total: 1, active: 0, declined: 1, free: 0 }]);
    expect(world.send(message("SOLICIT", { ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    world.restart();
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).ias).toEqual(["na 1: NoAddrsAvail"]);
    world.pass(1001);
    expect(states(world)[BindingState.AVAILABLE]).toBe(1);
    expect(leaseOf(world.send(message("SOLICIT", { ias: ["na 1"] })).ias[0])).toBe("2001:db8:1::5");
  });

  test("a prefix cannot be declined", () => {
    const world = world6();
    const own = asRequested(obtain(world, ["pd 1"]).ias[0]!);
    expect(world.send(message("DECLINE", { ias: [own] })).said).toBe("REPLY");
    expect(states(world)[BindingState.ACTIVE]).toBe(1);
  });
});

describe("IA_TA (RFC 8415 §21.5, obsolete since RFC 9915 §21.5)", () => {
  test("has leases of its own beside an IA_NA with the same IAID, over a restart too", () => {
    const world = world6();
    const granted = obtain(world, ["na 1", "ta 1"]);
    expect(granted.ias[1]).toMatch(/^ta 1: 2001:db8:1::1\S+ \(3000\/4000\)$/);
    expect(leaseOf(granted.ias[0])).not.toBe(leaseOf(granted.ias[1]));
    world.restart();
    const renewed = world.send(message("RENEW", { ias: granted.ias.map(asRequested) }));
    expect(renewed.ias).toEqual(granted.ias);
    expect(states(world)[BindingState.ACTIVE]).toBe(2);
  });

  test("is ignored where temporaryAddresses is off", () => {
    const world = world6(configuration(), { temporaryAddresses: false });
    expect(world.send(message("SOLICIT", { ias: ["na 1", "ta 2"] })).ias).toHaveLength(1);
  });
});

describe("the way back (§18.3.10, §19.3)", () => {
  const chainOf = (bytes: Uint8Array) => {
    const decoded = decodeMessage6(bytes);
    if (!decoded.ok) throw new Error(decoded.error.message);
    const chain = relayChain6(decoded.value);
    if (!chain.ok) throw new Error(chain.error.message);
    return chain.value.relays;
  };

  test("mirrors the chain of relays: hop-count, addresses, Interface-ID, relay port, what is to be echoed", () => {
    const world = world6();
    const way = {
      port: 5555,
      relays: [
        {
          link: LINK,
          options: [
            option6(OptionCode6.INTERFACE_ID, Uint8Array.of(1, 2)),
            option6(OptionCode6.REMOTE_ID, { enterprise: 9, remoteId: Uint8Array.of(5) }),
          ],
        },
        {
          link: "::",
          options: [
            option6(OptionCode6.INTERFACE_ID, Uint8Array.of(3)),
            option6(OptionCode6.RELAY_PORT, 1000),
            option6(OptionCode6.SUBSCRIBER_ID, Uint8Array.of(8)),
            option6(OptionCode6.ERO, [OptionCode6.SUBSCRIBER_ID, OptionCode6.INTERFACE_ID]),
          ],
        },
      ],
    };
    const send = world.send(message("SOLICIT", { ias: ["na 1"] }), way).output.sends[0]!;
    expect(send.to).toEqual({ kind: "unicast", address: RELAY, port: 5555 });
    const told = chainOf(send.bytes).map((relay) => ({
      type: relay.messageType,
      hopCount: relay.hopCount,
      link: formatIpv6(relay.linkAddress),
      peer: formatIpv6(relay.peerAddress),
      options: [...relay.options()].filter(({ code }) => code !== OptionCode6.RELAY_MSG).map(({ code }) => code),
    }));
    expect(told).toEqual([
      { type: 13, hopCount: 1, link: "::", peer: "2001:db8:eeee::1", options: [18, 135, 38] },
      { type: 13, hopCount: 0, link: "2001:db8:1::1", peer: "fe80::c", options: [18] },
    ]);
  });

  test("a relay is answered at port 547, whatever it sends from (§7.2); a server with a port of its own at that one", () => {
    const to = (listenPort: number) =>
      world6(configuration({ listenPort })).send(message("SOLICIT", { ias: ["na 1"] }), {
        relays: [{ link: LINK }],
        port: 5555,
      }).output.sends[0]?.to;
    expect(to(547)).toMatchObject({ port: 547 });
    expect(to(10_547)).toMatchObject({ port: 5555 });
  });

  test("a client on our own interface is answered there, at its address and port 546", () => {
    const address = ip("2001:db8:1::1");
    const world = world6(configuration(), {}, [
      { instance: INSTANCE, interfaceName: "ge-0/0/0.0", address, length: 64 },
    ]);
    const granted = obtain(world, ["na 1"], {}, { interfaceName: "ge-0/0/0.0", source: "fe80::42" });
    expect(granted.output.sends[0]?.to).toEqual({
      kind: "link",
      interfaceName: "ge-0/0/0.0",
      address: "fe80::42",
      port: 546,
    });
    const { binding } = granted.output.changes[0]!;
    expect(binding.interfaceName).toBe("ge-0/0/0.0");
    expect(binding.relayAgentInformation).toBeUndefined();
    expect(formatIpv6(binding.linkAddress!)).toBe("2001:db8:1::1");
  });
});

describe("a lightweight relay on our own link (RFC 6221)", () => {
  test("link-address ::, answered on the interface", () => {
    const address = ip("2001:db8:1::1");
    const world = world6(configuration(), {}, [
      { instance: INSTANCE, interfaceName: "ge-0/0/0.0", address, length: 64 },
    ]);
    const bytes = wrapped(message("SOLICIT", { ias: ["na 1"] }), { relays: [{ link: "::" }] });
    const arrival = {
      instance: INSTANCE,
      interfaceName: "ge-0/0/0.0",
      sourceAddress: "fe80::c",
      sourcePort: 547,
    } as const;
    const heardOf = world.step({ kind: "datagram", arrival, bytes });
    expect(heardOf.sends[0]?.to).toEqual({ kind: "link", interfaceName: "ge-0/0/0.0", address: "fe80::c", port: 547 });
  });
});

describe("instances", () => {
  test("give out the same addresses, each its own", () => {
    const one = pool("one", "2001:db8:1::/64", { ranges: [range("2001:db8:1::5", "2001:db8:1::5")] });
    const world = world6();
    const blue = "blue:default" as const;
    const servers = ([INSTANCE, blue] as const).map((instance) =>
      configuration({ instance, pools: [{ ...one, instance }] }),
    );
    world.step({ kind: "configuration", servers });
    const bytes = wrapped(message("REQUEST", { ias: ["na 1"] }), { relays: [{ link: LINK }] });
    for (const instance of [INSTANCE, blue] as const) {
      const output = world.step({
        kind: "datagram",
        arrival: { instance, sourceAddress: RELAY, sourcePort: 547 },
        bytes,
      });
      expect(output.changes.map(({ binding }) => [binding.instance, formatIpv6(binding.address)])).toEqual([
        [instance, "2001:db8:1::5"],
      ]);
    }
    expect(poolStatistics6(world.state).map(({ instance, active }) => [instance, active])).toEqual([
      [INSTANCE, 1],
      [blue, 1],
    ]);
  });
});

describe("leasequery", () => {
  test("tells what the exchange left in the table (RFC 5007)", () => {
    const world = world6();
    const interfaceId = option6(OptionCode6.INTERFACE_ID, Uint8Array.of(7, 7));
    const vendorClass = { code: OptionCode6.VENDOR_CLASS, data: Uint8Array.of(0, 0, 0, 9, 0, 1, 65) };
    const granted = obtain(
      world,
      ["na 1", "pd 1", "ta 1"],
      { options: [vendorClass] },
      { relays: [{ link: LINK, options: [interfaceId] }] },
    );
    world.pass(100);
    const query = decodeMessage6(
      leasequery6({
        transactionId: 9,
        clientDuid: client(800),
        ...query6({ kind: "client-id", clientDuid: client(1) }, [OptionCode6.LQ_RELAY_DATA, OptionCode6.VENDOR_CLASS]),
      }),
    );
    if (!query.ok) throw new Error(query.error.message);
    const links = [{ linkAddress: ip(LINK), prefixes: [prefix("2001:db8:1::/64"), prefix("2001:db8:a000::/48")] }];
    const answer = respond6(
      world.table,
      { instance: INSTANCE, serverDuid: SERVER_DUID, links },
      query.value,
      world.now,
    );
    if (answer.kind !== "reply") throw new Error(answer.reason);
    const decoded = decodeMessage6(answer.bytes);
    if (!decoded.ok || decoded.value.kind !== "message") throw new Error("not a message");
    const reply = readLeaseReply6(decoded.value);
    if (!reply.ok) throw new Error(reply.error.message);
    const { clientData } = reply.value;
    expect(clientData?.addresses.map(({ address }) => formatIpv6(address)).sort()).toEqual(
      [leaseOf(granted.ias[0]), leaseOf(granted.ias[2])].sort(),
    );
    expect(clientData?.prefixes.map(({ prefix: address }) => `${formatIpv6(address)}/56`)).toEqual([
      leaseOf(granted.ias[1]),
    ]);
    expect(clientData?.cltTimeSeconds).toBe(100);
    expect(clientData?.options).toEqual([vendorClass]);
    expect(formatIpv6(clientData!.relayData!.peerAddress)).toBe(RELAY);
    const relay = decodeMessage6(clientData!.relayData!.message);
    if (!relay.ok || relay.value.kind !== "relay") throw new Error("not a relay message");
    expect(relay.value.option(OptionCode6.INTERFACE_ID)).toEqual(Uint8Array.of(7, 7));
    expect(relay.value.has(OptionCode6.RELAY_MSG)).toBe(false);
  });
});

describe("options (§18.3, §21.7)", () => {
  const seconds = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  const configured = pool("na", "2001:db8:1::/64", {
    ranges: NA.ranges,
    options: [
      { code: OptionCode6.DNS_SERVERS, data: ip("2001:db8::53") },
      { code: OptionCode6.SOL_MAX_RT, data: seconds(7200) },
      { code: OptionCode6.INF_MAX_RT, data: seconds(7200) },
      { code: OptionCode6.INFORMATION_REFRESH_TIME, data: seconds(60) },
      { code: OptionCode6.DOMAIN_LIST, data: Uint8Array.of(1, 97, 0) },
    ],
  });
  const codes = (heard: ReturnType<World6["send"]>) => [...heard.reply!.options()].map(({ code }) => code);

  test("those asked for, in the order asked for, each once", () => {
    const world = world6(configuration({ pools: [configured], preference: 9 }));
    const oro = [24, 99, 23, 82, 23, 7, 1, 32];
    expect(codes(world.send(message("SOLICIT", { ias: ["na 1"], oro })))).toEqual([1, 2, 3, 7, 24, 23, 82]);
    expect(codes(world.send(message("REQUEST", { ias: ["na 1"], oro })))).toEqual([1, 2, 3, 24, 23, 82]);
    expect(codes(world.send(message("RENEW", { ias: ["na 1"] })))).toEqual([1, 2, 3]);
  });

  test.each([0, 255])("preference %i stands in ADVERTISE only (§21.8)", (preference) => {
    const world = world6(configuration({ preference }));
    const solicited = world.send(message("SOLICIT", { ias: ["na 1"] })).reply;
    expect(solicited?.option(OptionCode6.PREFERENCE)).toEqual(Uint8Array.of(preference));
    const requested = world.send(message("REQUEST", { ias: ["na 1"] })).reply;
    expect(requested?.has(OptionCode6.PREFERENCE)).toBe(false);
  });

  test("no preference unless configured; another holds from the commit on", () => {
    const world = world6();
    const advertised = () => world.send(message("SOLICIT", { ias: ["na 1"] })).reply?.option(OptionCode6.PREFERENCE);
    expect(advertised()).toBeUndefined();
    world.configure(configuration({ preference: 7 }));
    expect(advertised()).toEqual(Uint8Array.of(7));
  });

  test("INFORMATION-REQUEST: configuration, with or without CLIENTID; refresh time not below IRT_MINIMUM (§18.3.6, §21.23)", () => {
    const world = world6(configuration({ pools: [configured] }));
    const oro = [23, 83, 32];
    const heard = world.send(message("INFORMATION-REQUEST", { oro }));
    expect(codes(heard)).toEqual([1, 2, 23, 83, 32]);
    expect(heard.reply?.option(OptionCode6.INFORMATION_REFRESH_TIME)).toEqual(seconds(600));
    expect(codes(world.send(message("INFORMATION-REQUEST", { oro, duid: undefined })))).toEqual([2, 23, 83, 32]);
    const unconfigured = world6().send(message("INFORMATION-REQUEST", { oro: [32], server: SERVER_DUID }));
    expect(unconfigured.reply?.option(OptionCode6.INFORMATION_REFRESH_TIME)).toEqual(seconds(86_400));
    expect(heard.output.changes).toEqual([]);
  });
});

describe("T1 and T2 (§18.3.2, §21.4)", () => {
  const INFINITE = 0xffffffff;
  test.each<[string, Partial<typeof NA>, Partial<typeof PD>, string]>([
    [
      "half and four fifths of the shortest preferred lifetime of all IAs",
      {},
      { preferredLifetimeSeconds: 1000 },
      "T1 500 T2 800",
    ],
    ["as configured, the shortest", { renewalTimeSeconds: 300, rebindingTimeSeconds: 600 }, {}, "T1 300 T2 600"],
    ["T1 is never after T2", { renewalTimeSeconds: 900, rebindingTimeSeconds: 600 }, {}, "T1 600 T2 600"],
    [
      "T2 is not after the end",
      { rebindingTimeSeconds: 9000, renewalTimeSeconds: 9000 },
      { rebindingTimeSeconds: 9000, renewalTimeSeconds: 9000 },
      "T1 4000 T2 4000",
    ],
    [
      "infinite stays infinite",
      { preferredLifetimeSeconds: INFINITE, validLifetimeSeconds: INFINITE },
      { preferredLifetimeSeconds: INFINITE, validLifetimeSeconds: INFINITE },
      `T1 ${INFINITE} T2 ${INFINITE}`,
    ],
  ])("%s", (_, na, pd, times) => {
    const world = world6(
      configuration({
        pools: [
          { ...NA, ...na },
          { ...PD, ...pd },
        ],
      }),
    );
    const granted = obtain(world, ["na 1", "pd 2"]);
    for (const text of granted.ias) expect(text.endsWith(times)).toBe(true);
  });

  test("a preferred lifetime beyond the valid one is cut", () => {
    const world = world6(configuration({ pools: [{ ...NA, preferredLifetimeSeconds: 9000 }] }));
    expect(obtain(world, ["na 1"]).ias[0]).toContain("(4000/4000)");
  });

  test("an infinite lease is stored as one", () => {
    const world = world6(
      configuration({ pools: [{ ...NA, validLifetimeSeconds: INFINITE, preferredLifetimeSeconds: INFINITE }] }),
    );
    expect(obtain(world, ["na 1"]).output.changes[0]?.binding).toMatchObject({
      expiresAtSeconds: INFINITE,
      preferredUntilSeconds: INFINITE,
    });
  });
});
