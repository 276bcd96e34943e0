import { decodeMessage6, encodeRelayMessage6, MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accessInterface,
  INSTANCE,
  PLAIN,
  REMOTE,
  relay,
  relayInterface,
  relayWorld6,
  SERVER,
} from "../../test/relay6-world.ts";
import { client, ip, message, SERVER_DUID, wrapped } from "../../test/server6-world.ts";
import { relayDropReasons6, relayNoteNames6 } from "./reasons.ts";

/** A message with some octets overwritten, its end perhaps cut off or a piece of it doubled. */
function mutated(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 5 }),
      fc.nat(bytes.length),
      fc.nat(bytes.length - 1),
      fc.nat(60),
      fc.nat(3),
    )
    .map(([changes, cut, from, length, how]) => {
      let copy = bytes.slice(0, how === 1 ? cut : bytes.length);
      for (const [at, octet] of changes) if (at < copy.length) copy[at] = octet;
      if (how === 2)
        copy = Uint8Array.from([...copy.slice(0, cut), ...copy.slice(from, from + length), ...copy.slice(cut)]);
      return copy;
    });
}

const lifetimes = { preferredLifetimeSeconds: 100, validLifetimeSeconds: 200, options: [] };
const leases = [
  option6(OptionCode6.IA_NA, {
    iaid: 1,
    t1Seconds: 0,
    t2Seconds: 0,
    options: [option6(OptionCode6.IAADDR, { address: ip("2001:db8:1::1a0"), ...lifetimes })],
  }),
  option6(OptionCode6.IA_PD, {
    iaid: 2,
    t1Seconds: 0,
    t2Seconds: 0,
    options: [
      option6(OptionCode6.IAPREFIX, { prefix: ip("2001:db8:a000:100::"), prefixLength: 56, ...lifetimes }),
      { code: OptionCode6.STATUS_CODE, data: Uint8Array.of(0, 3) },
    ],
  }),
];

function reply(inner: Uint8Array, options: readonly { code: number; data: Uint8Array }[] = []): Uint8Array {
  return encodeRelayMessage6({
    messageType: MessageType6["RELAY-REPL"],
    hopCount: 0,
    linkAddress: ip("2001:db8:1::1"),
    peerAddress: ip("fe80::c"),
    options: [{ code: OptionCode6.RELAY_MSG, data: inner }, ...options],
  });
}

describe("whatever arrives", () => {
  test("is passed on or dropped under a known name, never thrown at; what is sent to servers can be decoded", () => {
    const limits = { exchangesPendingMax: 20, sourcesRememberedMax: 16, restoringMax: 4, routesMax: 8 };
    const world = relayWorld6(
      [
        relay({
          accessRoutes: true,
          accessInterfaces: [
            accessInterface("ge-0/0/1.100", {
              relayAgentRemoteId: { ...REMOTE, keepIncoming: true },
              overrides: { interfaceClientLimit: 4, noBindOnRequest: false },
            }),
            accessInterface("ge-0/0/2.0", { relayAgentInterfaceId: { ...PLAIN, useOption82Strict: true } }),
          ],
        }),
      ],
      [relayInterface(), relayInterface("ge-0/0/2.0", ["2001:db8:2::1"])],
      { limits },
    );
    world.step({ kind: "restoring", instance: INSTANCE, address: ip("2001:db8:1::1b0") });
    const ias = ["na 1 2001:db8:1::1a0", "pd 2 2001:db8:a000:100::/56", "ta 3", "na 4 2001:db8:1::1b0"];
    const asking = (["SOLICIT", "REQUEST", "CONFIRM", "RENEW", "REBIND", "RELEASE", "DECLINE"] as const).map((name) =>
      message(name, {
        ias: ias.slice(0, 3),
        xid: 7,
        options: [{ code: OptionCode6.VENDOR_CLASS, data: new Uint8Array(9) }],
      }),
    );
    const answers = (["ADVERTISE", "REPLY", "RECONFIGURE", "LEASEQUERY-REPLY"] as const).map((name) =>
      message(name, { server: SERVER_DUID, xid: 7, options: leases }),
    );
    const sources = [
      ...asking,
      message("RENEW", { ias, xid: 7 }),
      ...asking.map((bytes) => wrapped(bytes, { relays: [{ link: "2001:db8:7::1" }, { link: "::" }] })),
      ...answers.map((bytes) => reply(bytes)),
      ...answers.map((bytes) => reply(reply(bytes), [option6(OptionCode6.RELAY_PORT, 99)])),
      ...answers,
    ];
    const places = [undefined, "ge-0/0/1.100", "ge-0/0/2.0"];
    const addresses = ["fe80::c", "2001:db8:9::9", SERVER, "not an address", "ff02::1"];
    let passed = 0;
    let dropped = 0;
    fc.assert(
      fc.property(
        fc.oneof(...sources.map(mutated), fc.uint8Array({ maxLength: 80 })),
        fc.nat(2),
        fc.nat(20),
        (bytes, place, from) => {
          const before = bytes.slice();
          const output = world.step({
            kind: "datagram",
            arrival: {
              instance: INSTANCE,
              interfaceName: places[place],
              sourceAddress: addresses[from] ?? `fe80::${from}`,
              sourcePort: 547,
            },
            bytes,
          });
          expect(bytes).toEqual(before);
          expect(output.sends.length).toBeLessThanOrEqual(1);
          if (output.sends.length > 0) passed += 1;
          else {
            dropped += 1;
            expect(output.notes.filter(({ kind }) => kind === "drop")).toHaveLength(1);
          }
          for (const send of output.sends) {
            if (send.to.kind === "server" && bytes[0] !== MessageType6["RELAY-REPL"]) {
              const decoded = decodeMessage6(send.bytes);
              expect(decoded.ok && decoded.value.kind === "relay" && decoded.value.has(OptionCode6.RELAY_MSG)).toBe(
                true,
              );
            }
          }
          for (const { reason, kind } of output.notes) {
            const known = kind === "drop" ? relayDropReasons6 : relayNoteNames6;
            expect(Object.hasOwn(known, reason) || /^malformed [a-z-]+$/.test(reason)).toBe(true);
          }
          world.now += 10;
          if (world.now % 1000 === 0) world.step({ kind: "deadline" });
        },
      ),
      { numRuns: 6000, seed: 20_260_102 },
    );
    expect(Math.min(passed, dropped)).toBeGreaterThan(1000);
    const counters = world.state.counters.get(INSTANCE)!;
    // Leases were learnt on the way, so that more than the surface was met.
    expect(counters.notes.get("binding learnt")).toBeGreaterThan(20);
    expect(counters.drops.size).toBeLessThan(40);
    for (const name of counters.notes.keys()) expect(Object.hasOwn(relayNoteNames6, name)).toBe(true);
    expect(world.state.exchanges.size).toBeLessThanOrEqual(20);
    expect(world.state.sources.size).toBeLessThanOrEqual(16);
    expect(world.state.routes.size).toBeLessThanOrEqual(8);
    // Nothing of it stays.
    world.pass(100_000);
    expect(world.state.exchanges.size).toBe(0);
    expect(world.state.relays.get(INSTANCE)!.exchangesOfClients.size).toBe(0);
    expect(world.state.declined.size).toBe(0);
    expect(world.state.routes.size).toBe(0);
    expect([...world.state.relays.get(INSTANCE)!.access.values()].map(({ bound }) => bound)).toEqual([0, 0]);
  }, 60_000);

  test("a message as deep as it goes is passed on, and not looked into", () => {
    const layers = Array.from({ length: 60 }, () => ({ link: "2001:db8:7::1", hopCount: 1 }));
    const deep = wrapped(message("SOLICIT", { ias: ["na 1"] }), { relays: layers });
    const world = relayWorld6();
    expect(world.fromClient(deep, { source: "fe80::9", port: 547 }).said).toEqual(["RELAY-FORW to 2001:db8:5::1 547"]);
    expect(world.state.exchanges.size).toBe(0);
  });

  test("options and relay data beyond their limits are not kept; the binding is", () => {
    const world = relayWorld6(undefined, undefined, {
      limits: { storedOptionsOctetsMax: 10, storedRelayOctetsMax: 20 },
    });
    const options = [{ code: OptionCode6.VENDOR_CLASS, data: new Uint8Array(50) }];
    const request = message("REQUEST", { ias: ["na 1"], xid: 2, options });
    const answer = reply(message("REPLY", { server: SERVER_DUID, xid: 2, options: leases }));
    world.fromClient(request);
    const { binding } = world.fromServer(answer).output.changes[0]!;
    expect(binding.options).toBeUndefined();
    expect(binding.relayAgentInformation).toBeUndefined();
    world.fromClient(wrapped(request, { relays: [{ link: "2001:db8:7::1" }] }), { source: "fe80::9", port: 547 });
    const behind = world.fromServer(reply(answer)).output.changes[0]!.binding;
    expect(behind.relayAgentInformation).toBeUndefined();
    expect(behind.clientId).toEqual(client(1));
  });
});
