import type { Ipv4Address, Ipv6Address } from "@leasewire/net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeMessage4,
  decodeMessage6,
  decodeOption4,
  decodeOption6,
  decodeSubOption,
  encodeMessage4,
  encodeMessage6,
  encodeRelayMessage6,
  type Format,
  type KnownOptionCode4,
  type KnownOptionCode6,
  type KnownSubOptionCode,
  type Option6,
  OptionCode4,
  optionRegistry4,
  optionRegistry6,
  subOption,
  subOptionDefinition,
} from "../src/index.ts";
import { must } from "./vectors.ts";

const octets = (minLength = 0, maxLength = 40) => fc.uint8Array({ minLength, maxLength });
const uint8 = fc.nat(255);
const uint16 = fc.nat(65_535);
const uint32 = fc.nat(0xffff_ffff);
const ip4 = uint32 as fc.Arbitrary<Ipv4Address>;
const ip6 = octets(16, 16) as fc.Arbitrary<Ipv6Address>;
const list = <T>(item: fc.Arbitrary<T>, minLength = 1) => fc.array(item, { minLength, maxLength: 8 });
const label = octets(1, 63);
const name = fc.array(label, { maxLength: 4 });
const nulFree = octets(0, 20).map((bytes) => bytes.filter((octet) => octet !== 0));
const option6: fc.Arbitrary<Option6> = fc.record({ code: uint16, data: octets() });
const options6 = fc.array(option6, { maxLength: 5 });
const enterprises = list(fc.record({ enterprise: uint32, data: octets(0, 60) }));
const authentication = fc.record({
  protocol: uint8,
  algorithm: uint8,
  replayDetectionMethod: uint8,
  replayDetection: octets(8, 8),
  information: octets(),
});
const vss = fc.oneof(
  fc.record({ kind: fc.constant("name"), name: nulFree }),
  fc.record({ kind: fc.constant("vpn-id"), vpnId: octets(7, 7) }),
  fc.constant({ kind: "all" }),
  fc.constant({ kind: "global" }),
  fc.record({ kind: fc.constant("other"), type: fc.integer({ min: 2, max: 253 }), information: octets() }),
);
const route = fc
  .record({ destination: uint32, length: fc.nat(32), router: ip4 })
  // Only the octets that the length covers travel.
  .map(({ destination, length, router }) => {
    const covered = Math.ceil(length / 8) * 8;
    return { destination: covered === 0 ? 0 : (destination & (0xffff_ffff << (32 - covered))) >>> 0, length, router };
  });
const iaAddress = fc.record({
  address: ip6,
  preferredLifetimeSeconds: uint32,
  validLifetimeSeconds: uint32,
  options: options6,
});
const iaPrefix = fc.record({
  preferredLifetimeSeconds: uint32,
  validLifetimeSeconds: uint32,
  prefixLength: fc.nat(128),
  prefix: ip6,
  options: options6,
});
const relayData = fc.record({ peerAddress: ip6, message: octets() });
const ownField: readonly number[] = [1, 5, 26, 46, 47];
const clientData = fc.record(
  {
    clientDuid: octets(3, 130),
    addresses: fc.array(iaAddress, { maxLength: 3 }),
    prefixes: fc.array(iaPrefix, { maxLength: 3 }),
    cltTimeSeconds: uint32,
    relayData,
    options: options6.map((options) => options.filter(({ code }) => !ownField.includes(code))),
  },
  { requiredKeys: ["addresses", "prefixes", "options"] },
);

/** Values by format, found by what the format accepts. A format without values here fails the test that uses it. */
const candidates: readonly fc.Arbitrary<unknown>[] = [
  uint8,
  uint16,
  uint32,
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.boolean(),
  fc.constant(true),
  list(uint8),
  list(uint16),
  list(ip4),
  list(ip6),
  list(fc.tuple(ip4, ip4)),
  ip6,
  octets(0, 40),
  octets(22, 60),
  list(name),
  name,
  list(octets()),
  list(route),
  enterprises,
  authentication,
  vss,
  fc.record({ flags: uint8, rcode1: uint8, rcode2: uint8, name: octets() }),
  fc.record({ flags: uint8, name: octets() }),
  fc.record({ code: uint8, text: nulFree }),
  fc.record({ code: uint16, text: nulFree }),
  list(fc.record({ code: uint8, data: octets() })),
  options6,
  fc.record({ enterprise: uint32, items: list(octets(), 0) }),
  fc.record({ enterprise: uint32, options: fc.array(option6, { maxLength: 5 }) }),
  fc.record({ enterprise: uint32, remoteId: octets(1, 40) }),
  fc.record({ hardwareType: uint16, address: octets(1, 20) }),
  fc.record({ iaid: uint32, t1Seconds: uint32, t2Seconds: uint32, options: options6 }),
  fc.record({ iaid: uint32, options: options6 }),
  iaAddress,
  iaPrefix,
  fc.record({ queryType: uint8, linkAddress: ip6, options: options6 }),
  relayData,
  clientData,
];

/** The values that belong to a format: those which survive encoding and decoding once, by shape. */
function valuesOf(format: Format<unknown>): fc.Arbitrary<unknown> {
  for (const candidate of candidates) {
    const probes = fc.sample(candidate, { numRuns: 60, seed: 3 });
    if (probes.every((probe) => survives(format, probe))) return candidate;
  }
  throw new Error("no kind of value goes through this format unharmed");
}

function survives(format: Format<unknown>, value: unknown): boolean {
  try {
    const data = format.encode(value);
    if (!(data instanceof Uint8Array)) return false;
    expect(format.decode(data)).toEqual({ ok: true, value });
    return true;
  } catch {
    return false;
  }
}

function checkFormat(format: Format<unknown>, decode: (data: Uint8Array) => { ok: boolean }): void {
  fc.assert(
    fc.property(valuesOf(format), (value) => {
      const data = format.encode(value);
      expect(format.decode(data)).toEqual({ ok: true, value });
      expect(typeof format.show(value)).toBe("string");
      for (let length = 0; length < data.length; length += 1)
        expect(typeof decode(data.subarray(0, length)).ok).toBe("boolean");
    }),
    { numRuns: 40 },
  );
}

describe("decode(encode(x)) = x, and a value cut short never throws", () => {
  const codes4 = Object.keys(optionRegistry4).map(Number) as KnownOptionCode4[];
  test.each(codes4)("v4 option %i", (code) =>
    checkFormat(optionRegistry4[code].format as Format<unknown>, (data) => decodeOption4(code, data)),
  );

  const codes6 = Object.keys(optionRegistry6).map(Number) as KnownOptionCode6[];
  test.each(codes6)("v6 option %i", (code) =>
    checkFormat(optionRegistry6[code].format as Format<unknown>, (data) => decodeOption6(code, data)),
  );

  test.each([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 19, 151, 152] as const)("sub-option %i", (code) => {
    const definition = subOptionDefinition(code);
    if (definition === undefined) throw new Error("unknown sub-option");
    checkFormat(definition.format, (data) => decodeSubOption(code as KnownSubOptionCode, data));
  });

  test("a sub-option from its value", () => {
    expect(subOption(12, Uint8Array.of(1, 2))).toEqual({ code: 12, data: Uint8Array.of(1, 2) });
  });
});

describe("whole messages", () => {
  const code4 = fc.integer({ min: 1, max: 254 }).filter((code) => code !== OptionCode4.overload);
  const fields4 = fc.record({
    op: uint8,
    htype: uint8,
    hops: uint8,
    xid: uint32,
    secs: uint16,
    flags: uint16,
    ciaddr: ip4,
    yiaddr: ip4,
    siaddr: ip4,
    giaddr: ip4,
    chaddr: octets(0, 16),
    options: fc.uniqueArray(fc.record({ code: code4, data: octets(0, 700) }), {
      selector: ({ code }) => code,
      maxLength: 6,
    }),
  });

  test("v4: header and options come back, long ones joined, option 82 last", () => {
    fc.assert(
      fc.property(fields4, (fields) => {
        const message = must(decodeMessage4(encodeMessage4(fields)));
        const { options, ...header } = fields;
        for (const [field, value] of Object.entries(header))
          expect(message[field as keyof typeof header]).toEqual(value);
        for (const { code, data } of options) expect(message.option(code)).toEqual(data);
        const order = [...message.joinedOptions()].map(({ code }) => code);
        const wanted = options.map(({ code }) => code);
        expect(order).toEqual([...wanted.filter((code) => code !== 82), ...wanted.filter((code) => code === 82)]);
      }),
    );
  });

  test("v6: header and options come back in order", () => {
    fc.assert(
      fc.property(uint8, fc.nat(0xff_ffff), options6, (type, transactionId, options) => {
        const messageType = type === 12 || type === 13 ? 1 : type;
        const message = must(decodeMessage6(encodeMessage6({ messageType, transactionId, options })));
        if (message.kind !== "message") throw new Error("a relay message");
        expect([message.messageType, message.transactionId]).toEqual([messageType, transactionId]);
        expect([...message.options()].map(({ code, data }) => ({ code, data }))).toEqual(options);
      }),
    );
  });

  test("v6 relay: header and options come back in order", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(12, 13),
        uint8,
        ip6,
        ip6,
        options6,
        (messageType, hopCount, linkAddress, peerAddress, options) => {
          const message = must(
            decodeMessage6(encodeRelayMessage6({ messageType, hopCount, linkAddress, peerAddress, options })),
          );
          if (message.kind !== "relay") throw new Error("not a relay message");
          expect([message.messageType, message.hopCount, message.linkAddress, message.peerAddress]).toEqual([
            messageType,
            hopCount,
            linkAddress,
            peerAddress,
          ]);
          expect([...message.options()].map(({ code, data }) => ({ code, data }))).toEqual(options);
        },
      ),
    );
  });
});
