import { encodeMessage6, MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  client,
  configuration,
  hmacMd5,
  LINK,
  message,
  obtain,
  RELAY,
  world6,
  wrapped,
} from "../../test/server6-world.ts";
import { dropReasons6, noteNames6 } from "./reasons.ts";

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

const names = [
  "SOLICIT",
  "REQUEST",
  "CONFIRM",
  "RENEW",
  "REBIND",
  "RELEASE",
  "DECLINE",
  "INFORMATION-REQUEST",
] as const;

describe("whatever arrives", () => {
  test("is answered or dropped under a known name, never thrown at, and what is sent can be decoded", () => {
    const world = world6(configuration({ rapidCommit: true, reconfigure: true, clientLimitPerInterface: 50 }), {
      hmacMd5,
    });
    const ias = ["na 1 2001:db8:1::1a0", "pd 2 2001:db8:a000:100::/56", "ta 3", "pd 4 ::/60"];
    const extra = [
      option6(OptionCode6.RAPID_COMMIT, new Uint8Array(0) as never),
      { code: OptionCode6.RECONF_ACCEPT, data: new Uint8Array(0) },
      { code: OptionCode6.VENDOR_CLASS, data: new Uint8Array(9) },
    ].map(({ code, data }) => ({ code, data: data ?? new Uint8Array(0) }));
    const sources = names.flatMap((name) => {
      const plain = message(name, {
        ias: name === "INFORMATION-REQUEST" ? [] : ias,
        oro: [23, 24, 32, 82],
        options: extra,
      });
      const layers = [
        {
          link: LINK,
          options: [option6(OptionCode6.INTERFACE_ID, Uint8Array.of(1, 2, 3)), option6(OptionCode6.ERO, [37, 18])],
        },
        { link: "::", options: [option6(OptionCode6.RELAY_ID, client(9)), option6(OptionCode6.RELAY_PORT, 5)] },
      ];
      return [plain, wrapped(plain, { relays: [{ link: LINK }] }), wrapped(plain, { relays: layers })];
    });
    const arrival = { instance: "default:default", sourceAddress: RELAY, sourcePort: 547 } as const;
    let answered = 0;
    let dropped = 0;
    fc.assert(
      fc.property(fc.oneof(...sources.map(mutated)), fc.nat(3), (bytes, direct) => {
        const before = bytes.slice();
        const output = world.step({
          kind: "datagram",
          arrival:
            direct === 0 ? { ...arrival, interfaceName: "ge-0/0/0.0", sourceAddress: "not an address" } : arrival,
          bytes,
        });
        expect(bytes).toEqual(before);
        expect(output.sends.length).toBeLessThanOrEqual(1);
        if (output.sends.length > 0) answered += 1;
        else {
          dropped += 1;
          expect(output.notes.some(({ kind }) => kind === "drop")).toBe(true);
        }
        for (const { reason, kind } of output.notes) {
          const known = kind === "drop" ? dropReasons6 : noteNames6;
          expect(Object.hasOwn(known, reason) || /^malformed [a-z-]+$/.test(reason)).toBe(true);
        }
        for (const send of output.sends)
          expect(send.bytes.length).toBeLessThanOrEqual(world.state.limits.replyOctetsMax);
      }),
      { numRuns: 6000, seed: 20_260_101 },
    );
    expect(Math.min(answered, dropped)).toBeGreaterThan(500);
    expect(world.state.counters.get("default:default")!.drops.size).toBeLessThan(60);
  });

  test("a reply that does not fit promises nothing", () => {
    const big = configuration();
    const pools = big.pools.map((one) => ({ ...one, options: [{ code: 1000, data: new Uint8Array(20_000) }] }));
    const world = world6({ ...big, pools } as typeof big);
    const heard = world.send(message("REQUEST", { ias: ["na 1"], oro: [1000] }));
    expect(heard.said).toBe("drop: reply too long");
    expect(heard.output.changes).toEqual([]);
    expect(world.table.size).toBe(0);
    expect(world.state.ranges[1]?.taken?.count).toBe(0);
  });

  test("options and relay data beyond their limits are not kept; the lease is", () => {
    const world = world6(configuration(), { limits: { storedOptionsOctetsMax: 10, storedRelayOctetsMax: 20 } });
    const options = [{ code: OptionCode6.VENDOR_CLASS, data: new Uint8Array(50) }];
    const { binding } = obtain(world, ["na 1"], { options }).output.changes[0]!;
    expect(binding.options).toBeUndefined();
    expect(binding.relayAgentInformation).toBeUndefined();
  });

  test("a message as deep as it goes", () => {
    const solicit = encodeMessage6({ messageType: MessageType6.SOLICIT, transactionId: 1, options: [] });
    const layers = Array.from({ length: 60 }, () => ({ link: LINK, hopCount: 1 }));
    expect(world6().send(solicit, { relays: layers }).said).toBe("drop: malformed relay-nesting");
  });
});
