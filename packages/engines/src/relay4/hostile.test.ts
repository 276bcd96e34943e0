import { MessageType4, Op4 } from "@leasewire/wire";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  accessInterface,
  decoded,
  type Fields,
  instance,
  message,
  option82,
  overridesNone,
  plainText,
  RelayWorld4,
  relayConfiguration,
  utf8,
} from "../../test/relay4-world.ts";
import { explainRelayReason4 } from "./reasons.ts";

const limits = { exchangesPendingMax: 16, restoringMax: 4 };

/** Everything switched on, so that everything is reached. */
function world(): RelayWorld4 {
  const overrides = { ...overridesNone, trustOption82: true, alwaysWriteOption82: true, interfaceClientLimit: 3 };
  const relayOption82 = { ...option82, circuitId: { ...plainText, keepIncoming: true }, serverIdOverride: true };
  return new RelayWorld4(
    relayConfiguration({ accessRoutes: true, accessInterfaces: [accessInterface({ overrides, relayOption82 })] }),
    undefined,
    limits,
  );
}

function expectSound(relay: RelayWorld4): void {
  const { exchanges, exchangesByState } = [...relay.state.relays.values()][0]!;
  expect(relay.state.exchanges.size).toBeLessThanOrEqual(limits.exchangesPendingMax);
  expect(exchanges.size).toBe(relay.state.exchanges.size);
  expect(exchangesByState.reduce((sum, count) => sum + count)).toBe(exchanges.size);
  for (const { bytes } of relay.output.sends) {
    expect(decoded(bytes).bytes.length).toBeGreaterThanOrEqual(300);
    expect(informationsOf(bytes)).toBeLessThanOrEqual(1);
  }
  for (const { reason } of relay.output.notes) expect(explainRelayReason4(reason)).toMatch(/\.$/);
}

/** Options 82 in the options proper: what clients put into `file` and `sname` is not touched (RFC 3046 §2.1). */
function informationsOf(bytes: Uint8Array): number {
  let found = 0;
  for (let at = 240; at < bytes.length && bytes[at] !== 255; at += bytes[at] === 0 ? 1 : 2 + bytes[at + 1]!) {
    if (bytes[at] === 82) found += 1;
  }
  return found;
}

it("takes any octets from either side", () => {
  const relay = world();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.boolean(), (bytes, fromClient) => {
      if (fromClient) relay.client(bytes);
      else relay.server(bytes);
      expect(relay.output.sends).toEqual([]);
      expectSound(relay);
    }),
    { numRuns: 300 },
  );
});

const sample: Fields = {
  requested: "10.1.0.9",
  server: "192.0.2.1",
  clientId: utf8("client"),
  information: [{ code: 1, data: utf8("ge-0/0/1.100") }],
  options: [
    { code: 52, data: Uint8Array.of(3) },
    { code: 43, data: new Uint8Array(300) },
  ],
};

it("takes messages of any type, truncated and changed anywhere", () => {
  const relay = world();
  const type = fc.constantFrom(...Object.values(MessageType4), 0, 99);
  const change = fc.tuple(fc.nat(700), fc.nat(255));
  fc.assert(
    fc.property(
      type,
      fc.array(change, { maxLength: 6 }),
      fc.nat(900),
      fc.boolean(),
      (code, changes, length, fromClient) => {
        const direction = fromClient
          ? {}
          : { op: Op4.BOOTREPLY, giaddr: "10.1.0.1", yiaddr: "10.1.0.9", leaseSeconds: 60 };
        const bytes = message({ ...sample, type: code, xid: length % 40, ...direction });
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const received = bytes.slice(0, length < 300 ? undefined : length);
        const before = received.slice();
        if (fromClient) relay.client(received);
        else relay.server(received);
        expect(received).toEqual(before);
        expectSound(relay);
      },
    ),
    { numRuns: 1500 },
  );
});

it.each([true, false])("what is cut off between two options is not made whole (from a client: %s)", (fromClient) => {
  const relay = world();
  const fields: Fields = fromClient
    ? { type: MessageType4.DHCPREQUEST, requested: "10.1.0.9", server: "192.0.2.1", clientId: utf8("client") }
    : { type: MessageType4.DHCPACK, op: Op4.BOOTREPLY, giaddr: "10.1.0.1", yiaddr: "10.1.0.9", leaseSeconds: 60 };
  const bytes = message(fields);
  for (let at = 240; bytes[at] !== 255; at += 2 + bytes[at + 1]!) {
    const received = bytes.slice(0, at + 2 + bytes[at + 1]!);
    const { sends, changes, notes } = fromClient ? relay.client(received) : relay.server(received);
    expect([sends, changes, notes[0]?.reason]).toEqual([[], [], "malformed end-missing"]);
  }
});

it("grows by nothing that arrives", () => {
  const relay = world();
  for (let at = 0; at < 2000; at += 1) {
    relay.client({
      type: MessageType4.DHCPDISCOVER,
      xid: at,
      mac: Uint8Array.of(2, 0, 0, 0, at >> 8, at),
      giaddr: "0.0.0.0",
    });
    relay.step({ kind: "restoring", instance, address: Uint8Array.of(10, 9, at >> 8, at) });
    relay.client({ type: at % 256, xid: at });
  }
  expect(relay.state.exchanges.size).toBe(limits.exchangesPendingMax);
  expect([...relay.state.relays.values()][0]!.exchanges.size).toBe(limits.exchangesPendingMax);
  expect([...relay.state.relays.values()][0]!.restoring.size).toBe(limits.restoringMax);
  expect([...relay.state.counters.values()][0]!.received.size).toBeLessThan(20);
  relay.pass(120);
  expect(relay.states).toEqual({ restore: limits.restoringMax });
});
