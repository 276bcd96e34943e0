import { BindingState } from "@leasewire/bindings";
import {
  decodeMessage4,
  decodeMessage6,
  leasequery4,
  leasequery6,
  MessageType4,
  MessageType6,
  type Query4,
  type Query6,
  query6,
} from "@leasewire/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ip,
  ip6,
  lease4,
  lease6,
  NOW_SECONDS,
  prefix6,
  RELAY_DUID,
  ResponderWorld,
  SCOPES4,
  SCOPES6,
} from "../../../test/responder-world.ts";
import { QuickAnswers4 } from "./quick4.ts";
import { QuickAnswers6 } from "./quick6.ts";
import { respond4 } from "./respond4.ts";
import { respond6 } from "./respond6.ts";
import type { ResponderScopes4, ResponderScopes6, Response } from "./scopes.ts";

const NOW = NOW_SECONDS * 1000;
/** Messages lie somewhere in a buffer, and answers are written somewhere into another. */
const AT = 3;
const START = 5;
const ROOM = 4096;

interface Quick<Scopes> {
  reads(bytes: Uint8Array, at: number, length: number): boolean;
  answer(own: Scopes, bytes: Uint8Array, into: Uint8Array, start: number, end: number, now: number): number;
}

/** The quick answer; undefined: it takes the long way. What lies around the message must not matter. */
function quickAnswer<Scopes>(quick: Quick<Scopes>, own: Scopes, message: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(AT + message.length + 8).fill(0xff);
  bytes.set(message, AT);
  const into = new Uint8Array(START + ROOM).fill(0xaa);
  if (!quick.reads(bytes, AT, message.length)) return undefined;
  const end = quick.answer(own, bytes, into, START, START + ROOM, NOW);
  return end === 0 ? undefined : into.slice(START, end);
}

function long4(world: ResponderWorld, own: ResponderScopes4, message: Uint8Array): Response | undefined {
  const decoded = decodeMessage4(message);
  return decoded.ok ? respond4(world.tables[4], own, decoded.value, NOW) : undefined;
}

function long6(world: ResponderWorld, own: ResponderScopes6, message: Uint8Array): Response | undefined {
  const decoded = decodeMessage6(message);
  return decoded.ok ? respond6(world.tables[6], own, decoded.value, NOW) : undefined;
}

function world4(): ResponderWorld {
  const world = new ResponderWorld();
  for (let host = 1; host <= 8; host += 1) world.put(lease4(host));
  // Two leases of one client, one that is over, one without an identifier, one of another origin, an overdue one.
  world.put(lease4(11, { clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 10) }));
  world.put(lease4(12, { clientId: Uint8Array.of(1, 2, 0, 0, 0, 0, 10) }));
  world.put(lease4(13, { state: BindingState.EXPIRED }));
  const { clientId: _none, ...anonymous } = lease4(14);
  world.put(anonymous);
  world.put(lease4(15, { origin: "gleaned" }));
  world.put(lease4(16, { expiresAtSeconds: NOW_SECONDS - 1 }));
  return world;
}

function world6(): ResponderWorld {
  const world = new ResponderWorld();
  for (let host = 1; host <= 6; host += 1) world.put(lease6(1 + (host % 2), host));
  // With a prefix beside the address, with leases on two links, over, of another origin, on a link that is not configured.
  world.put(lease6(1, 8));
  world.put(prefix6(1, 8));
  world.put(lease6(1, 9));
  world.put(lease6(2, 9));
  world.put(lease6(1, 10, { state: BindingState.EXPIRED }));
  world.put(lease6(1, 11, { origin: "gleaned" }));
  world.put(lease6(7, 12, { linkAddress: ip6(7, 0) }));
  world.put(lease6(1, 13, { clientLastTransactionTimeSeconds: NOW_SECONDS - 50 }));
  world.put(prefix6(1, 13, { clientLastTransactionTimeSeconds: NOW_SECONDS - 10 }));
  return world;
}

const clientId4 = (host: number) => Uint8Array.of(1, 2, 0, 0, 0, 0, host);
const duid = (host: number) => Uint8Array.of(0, 3, 0, 1, 2, 0, 0, 0, 0, host);

const queries4 = fc.record({
  kind: fc.constantFrom<"address" | "client-id" | "mac">("address", "address", "client-id", "client-id", "mac"),
  host: fc.integer({ min: 0, max: 17 }),
  list: fc.array(fc.constantFrom(51, 58, 59, 61, 82, 91, 92, 60, 152, 153, 156, 157), { maxLength: 12 }),
  xid: fc.nat({ max: 0xffff_ffff }),
  giaddr: fc.constantFrom(0, ip(10, 0, 0, 254), ip(10, 1, 0, 1)),
});
const queries6 = fc.record({
  kind: fc.constantFrom<"address" | "client-id" | "relay-id">(
    "address",
    "address",
    "client-id",
    "client-id",
    "relay-id",
  ),
  link: fc.integer({ min: 0, max: 3 }),
  host: fc.integer({ min: 0, max: 14 }),
  linkAddress: fc.constantFrom(undefined, undefined, ip6(1, 0), ip6(2, 0), ip6(9, 0)),
  list: fc.array(fc.constantFrom(16, 23, 47, 100), { maxLength: 4 }),
  transactionId: fc.nat({ max: 0xff_ffff }),
  requestor: fc.constantFrom(RELAY_DUID, duid(200), duid(201)),
});
/** What is done to the octets of a good query. */
const damage = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  fc.array(fc.record({ at: fc.nat(), octet: fc.integer({ min: 0, max: 255 }) }), { minLength: 1, maxLength: 3 }),
);
const cut = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 80 }));

function damaged(message: Uint8Array, changes: readonly { at: number; octet: number }[], shorter: number): Uint8Array {
  const bytes = message.slice(0, Math.max(0, message.length - shorter));
  for (const { at, octet } of changes) {
    if (bytes.length === 0) break;
    // Half of them near the end, where options are, the rest anywhere.
    bytes[at % 2 === 0 ? at % bytes.length : bytes.length - 1 - (at % Math.min(60, bytes.length))] = octet;
  }
  return bytes;
}

const scopes4: readonly ResponderScopes4[] = [
  SCOPES4,
  { ...SCOPES4, origins: "all" },
  { ...SCOPES4, sensitiveOptions: [82, 60] },
  { ...SCOPES4, restrictedRequestor: true },
  { ...SCOPES4, requestors: [{ address: ip(10, 0, 0, 0), length: 24 }] },
];
const scopes6: readonly ResponderScopes6[] = [
  SCOPES6,
  { ...SCOPES6, origins: "all" },
  { ...SCOPES6, sensitiveOptions: [16] },
  { ...SCOPES6, restrictedRequestor: true },
  { ...SCOPES6, requestors: [RELAY_DUID] },
];

describe("a quick answer is the answer", () => {
  test("DHCPLEASEQUERY, whatever is asked and however it is damaged", () => {
    const world = world4();
    const quick = new QuickAnswers4(world.tables[4]);
    let answered = 0;
    fc.assert(
      fc.property(queries4, damage, cut, fc.constantFrom(...scopes4), (asked, changes, shorter, own) => {
        const { kind, host, list, xid, giaddr } = asked;
        const query: Query4 =
          kind === "address"
            ? { kind, address: ip(10, 0, 0, host) }
            : kind === "client-id"
              ? { kind, clientId: clientId4(host) }
              : { kind, htype: 1, address: Uint8Array.of(2, 0, 0, 0, 0, host) };
        const message = damaged(
          leasequery4({ xid, giaddr: giaddr as ReturnType<typeof ip>, query, parameterRequestList: list }),
          changes,
          shorter,
        );
        const bytes = quickAnswer(quick, own, message);
        if (bytes === undefined) return;
        answered += 1;
        expect(long4(world, own, message)).toEqual({ kind: "reply", bytes, unknown: false });
      }),
      { numRuns: 3000, seed: 4 },
    );
    expect(answered).toBeGreaterThan(300);
  });

  test("LEASEQUERY, whatever is asked and however it is damaged", () => {
    const world = world6();
    const quick = new QuickAnswers6(world.tables[6]);
    let answered = 0;
    fc.assert(
      fc.property(queries6, damage, cut, fc.constantFrom(...scopes6), (asked, changes, shorter, own) => {
        const { kind, link, host, linkAddress, list, transactionId, requestor } = asked;
        const query: Query6 =
          kind === "address"
            ? { kind, address: ip6(link, host) as Extract<Query6, { kind: "address" }>["address"] }
            : kind === "client-id"
              ? { kind, clientDuid: duid(host) }
              : { kind, relayDuid: RELAY_DUID };
        const message = damaged(
          leasequery6({
            transactionId,
            clientDuid: requestor,
            ...query6(query, list),
            ...(linkAddress === undefined ? {} : { linkAddress: linkAddress as never }),
          }),
          changes,
          shorter,
        );
        const bytes = quickAnswer(quick, own, message);
        if (bytes === undefined) return;
        answered += 1;
        expect(long6(world, own, message)).toEqual({ kind: "reply", bytes, unknown: false });
      }),
      { numRuns: 3000, seed: 6 },
    );
    expect(answered).toBeGreaterThan(200);
  });

  test("a binding that changes is told as it is then, and a link-address that is used anew as well", () => {
    const world = world6();
    const quick = new QuickAnswers6(world.tables[6]);
    const message = leasequery6({
      transactionId: 1,
      clientDuid: RELAY_DUID,
      ...query6({ kind: "client-id", clientDuid: duid(1) }),
    });
    const before = quickAnswer(quick, SCOPES6, message);
    expect(before).toBeDefined();
    world.put(lease6(1, 1, { expiresAtSeconds: NOW_SECONDS + 5000 }));
    world.put(lease6(2, 1, { state: BindingState.RELEASED }));
    const after = quickAnswer(quick, SCOPES6, message);
    expect(after).not.toEqual(before);
    expect(long6(world, SCOPES6, message)).toEqual({ kind: "reply", bytes: after, unknown: false });
  });
});

describe("the usual queries are answered quickly", () => {
  test("IPv4, by address and by client identifier", () => {
    const quick = new QuickAnswers4(world4().tables[4]);
    for (const query of [
      { kind: "address", address: ip(10, 0, 0, 3) },
      { kind: "client-id", clientId: clientId4(3) },
    ] as const satisfies readonly Query4[]) {
      const list = [51, 58, 59, 82, 91, 92];
      const message = leasequery4({ xid: 7, giaddr: ip(10, 0, 0, 254), query, parameterRequestList: list });
      expect(quickAnswer(quick, SCOPES4, message)?.[242]).toBe(MessageType4.DHCPLEASEACTIVE);
    }
  });

  test("IPv6, by address and by DUID", () => {
    const quick = new QuickAnswers6(world6().tables[6]);
    for (const query of [
      { kind: "address", address: ip6(1, 8) as never },
      { kind: "client-id", clientDuid: duid(8) },
    ] as const satisfies readonly Query6[]) {
      const message = leasequery6({ transactionId: 7, clientDuid: RELAY_DUID, ...query6(query, [47]) });
      expect(quickAnswer(quick, SCOPES6, message)?.[0]).toBe(MessageType6["LEASEQUERY-REPLY"]);
    }
  });

  test("an answer that does not fit takes the long way", () => {
    const quick = new QuickAnswers4(world4().tables[4]);
    const query = { kind: "address", address: ip(10, 0, 0, 3) } as const;
    const message = leasequery4({ xid: 7, giaddr: ip(10, 0, 0, 254), query, parameterRequestList: [] });
    expect(quick.reads(message, 0, message.length)).toBe(true);
    expect(quick.answer(SCOPES4, message, new Uint8Array(300), 0, 300, NOW)).toBe(0);
  });
});
