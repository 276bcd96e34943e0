import { ipv6FromBytes } from "@leasewire/net";
import {
  activeLeasequery4,
  activeLeasequery6,
  bulkLeasequery4,
  decodeMessage4,
  decodeMessage6,
  leasequery6,
  query6,
  tls4,
  tls6,
} from "@leasewire/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ip6, lease4, lease6, NOW_SECONDS, RELAY_DUID, ResponderWorld } from "../../../test/responder-world.ts";

function framed(message: Uint8Array): Uint8Array {
  return Uint8Array.from([message.length >>> 8, message.length & 255, ...message]);
}

/** A stream of queries with some octets overwritten, some left out, cut where it may be. */
function stream(messages: readonly Uint8Array[]): fc.Arbitrary<{ bytes: Uint8Array; cuts: number[] }> {
  return fc
    .record({
      chosen: fc.array(fc.constantFrom(...messages), { minLength: 1, maxLength: 6 }),
      changes: fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 5 }),
      dropped: fc.option(fc.nat(4000), { nil: undefined }),
      cuts: fc.array(fc.nat(4000), { maxLength: 6 }),
    })
    .map(({ chosen, changes, dropped, cuts }) => {
      const octets = chosen.flatMap((message) => [...framed(message)]);
      for (const [at, octet] of changes) if (at < octets.length) octets[at] = octet;
      if (dropped !== undefined) octets.splice(dropped % octets.length, 1);
      return { bytes: Uint8Array.from(octets), cuts: cuts.map((cut) => cut % octets.length).sort((a, b) => a - b) };
    });
}

const noOctets = fc.uint8Array({ maxLength: 60 });

test.each([4, 6] as const)(
  "DHCPv%i: whatever arrives, whole messages come back or the connection is closed",
  (family) => {
    const byRelay = query6({ kind: "relay-id", relayDuid: RELAY_DUID }, [47, 16, 100]);
    const common = { transactionId: 1, clientDuid: RELAY_DUID };
    const messages =
      family === 4
        ? [
            bulkLeasequery4({
              xid: 1,
              query: { kind: "all" },
              parameterRequestList: [51, 82, 60, 152],
              vss: { kind: "all" },
            }),
            bulkLeasequery4({
              xid: 2,
              query: { kind: "relay-id", relayId: RELAY_DUID },
              parameterRequestList: [82],
              queryStartTimeSeconds: NOW_SECONDS - 200,
            }),
            activeLeasequery4({ xid: 3, parameterRequestList: [82], queryStartTimeSeconds: NOW_SECONDS }),
            tls4({ xid: 4, direction: "request" }),
          ]
        : [
            leasequery6({ ...common, ...byRelay }),
            leasequery6({
              ...common,
              transactionId: 2,
              ...query6({ kind: "link-address" }),
              linkAddress: ipv6FromBytes(ip6(1, 0)),
            }),
            activeLeasequery6({ ...common, transactionId: 3, requestedOptions: [100] }),
            tls6({ transactionId: 4, direction: "request" }),
          ];
    const decode = family === 4 ? decodeMessage4 : decodeMessage6;
    fc.assert(
      fc.property(stream(messages), noOctets, noOctets, ({ bytes, cuts }, options, relay) => {
        const world = new ResponderWorld();
        for (let host = 1; host <= 5; host += 1) {
          const more = { options, relayAgentInformation: relay };
          world.put(family === 4 ? lease4(host, more) : lease6(1, host, more));
        }
        const connection = world.connect(family);
        let from = 0;
        for (const to of [...cuts, bytes.length]) {
          if (to > from) connection.octets(bytes.slice(from, to));
          from = Math.max(from, to);
          connection.read(200);
          if (connection.closedBy !== undefined) break;
        }
        world.engine.peerEnded(connection.id, world.now);
        connection.read(200);
        for (const message of connection.received) expect(decode(message).ok).toBe(true);
        if (connection.closedBy === undefined) world.engine.closed(connection.id, true, world.now);
        expect(world.engine.size).toBe(0);
        expect(world.tables[family].cursorCount).toBe(0);
      }),
      { numRuns: 1500, interruptAfterTimeLimit: 10_000 },
    );
  },
);
