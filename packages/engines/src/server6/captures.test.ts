import { readFileSync } from "node:fs";
import { BindingState } from "@leasewire/bindings";
import { formatIpv6, ipv6FromBytes } from "@leasewire/net";
import {
  decodeMessage6,
  type Message6,
  MessageType6,
  messageTypeName6,
  OptionCode6,
  relayChain6,
} from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { configuration, heard, pool, prefix, range, statusOf, world6 } from "../../test/server6-world.ts";

/**
 * What real clients sent through real relays to real servers is sent to ours. It knows the leases of the capture only as hints, and
 * has to come to the same answers.
 */

interface Captured6 {
  readonly source: string;
  readonly sourcePort: number;
  readonly bytes: Uint8Array;
}

/** The UDP datagrams over IPv6 of one of the captures that lie with the codecs. */
function captured6(name: string): readonly Captured6[] {
  const file = readFileSync(new URL(`../../../wire/test/captures/${name}.pcapng`, import.meta.url));
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const datagrams: Captured6[] = [];
  for (let at = 0; at + 12 <= file.length; at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) !== 6) continue;
    const frame = new Uint8Array(file.subarray(at + 28, at + 28 + view.getUint32(at + 20, true)));
    if (frame.length < 62 || frame[12] !== 0x86 || frame[13] !== 0xdd || frame[20] !== 17) continue;
    datagrams.push({
      source: formatIpv6(ipv6FromBytes(frame, 22)),
      sourcePort: (frame[54]! << 8) | frame[55]!,
      bytes: frame.slice(62, 54 + ((frame[58]! << 8) | frame[59]!)),
    });
  }
  return datagrams;
}

function inner(bytes: Uint8Array): Message6 | undefined {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) return undefined;
  const chain = relayChain6(decoded.value);
  return chain.ok ? chain.value.message : undefined;
}

const relayed = (type: number) => (datagram: Captured6) => datagram.bytes[0] === type;

/** Replies of the capture by type and transaction id of what they answer. */
function repliesOf(datagrams: readonly Captured6[]): Map<number, Message6[]> {
  const replies = new Map<number, Message6[]>();
  for (const { bytes } of datagrams.filter(relayed(MessageType6["RELAY-REPL"]))) {
    const message = inner(bytes);
    if (message === undefined) continue;
    replies.set(message.transactionId, [...(replies.get(message.transactionId) ?? []), message]);
  }
  return replies;
}

const NA = pool("na", "2001:db8:1::/64", {
  ranges: [range("2001:db8:1::100", "2001:db8:1::1ff")],
  options: [{ code: OptionCode6.DNS_SERVERS, data: new Uint8Array(16).fill(1) }],
});
const PD = pool("pd", "2001:db8:f000::/48", {
  ranges: [range("2001:db8:f000::", "2001:db8:f000:ff00::", 56)],
  linkAddresses: [prefix("2001:db8:1::/64")],
});

const FILES = [
  "v6-dhclient-na-pd-renew-release-via-relay",
  "v6-dhclient-confirm-rebind-via-relay",
  "v6-dhclient-decline-via-relay",
  "v6-dhclient-inforequest-via-relay",
  "v6-dhclient-via-isc-dhcrelay",
  "v6-dhclient-dibbler-via-relay",
  "v6-dhcpcd-na-pd-via-relay",
  "v6-perfdhcp-na-pd-via-relay",
];

describe("conversations of real clients", () => {
  test.each(FILES)("%s", (file) => {
    const datagrams = captured6(file);
    const replies = repliesOf(datagrams);
    const duid = [...replies.values()][0]?.[0]?.option(OptionCode6.SERVERID);
    expect(duid).toBeDefined();
    const world = world6(configuration({ duid: duid!, pools: [NA, PD], rapidCommit: file.includes("dhcpcd") }));
    let compared = 0;
    for (const { source, sourcePort, bytes } of datagrams.filter(relayed(MessageType6["RELAY-FORW"]))) {
      const asked = inner(bytes)!;
      const arrival = { instance: "default:default", sourceAddress: source, sourcePort, unicast: true } as const;
      const answer = heard(world.step({ kind: "datagram", arrival, bytes }));
      world.pass(1);
      const their = replies.get(asked.transactionId)?.shift();
      // The server of the capture was stopped for a while.
      if (their === undefined) continue;
      compared += 1;
      const told = heard({
        changes: [],
        probes: [],
        notes: [],
        sends: [
          {
            instance: "default:default",
            bytes: their.bytes,
            promises: false,
            to: { kind: "unicast", address: source, port: 547 },
          },
        ],
      });
      expect(answer.said).toBe(messageTypeName6(their.messageType));
      expect(answer.reply?.transactionId).toBe(asked.transactionId);
      expect(answer.reply?.option(OptionCode6.CLIENTID)).toEqual(asked.option(OptionCode6.CLIENTID));
      // Absent is Success (RFC 9915 §21.13).
      expect(statusOf(answer.reply) || "Success").toBe(statusOf(their) || "Success");
      const shape = (texts: readonly string[], chosen: boolean) =>
        texts.map((text) => text.replace(/ \(.*$/, "").replace(chosen ? /: .*$/ : /^$/, ""));
      // Which address a SOLICIT brings is each server's own choice.
      const chosen = asked.messageType === MessageType6.SOLICIT;
      expect(shape(answer.ias, chosen)).toEqual(shape(told.ias, chosen));
      expect(answer.reply?.has(OptionCode6.RAPID_COMMIT)).toBe(their.has(OptionCode6.RAPID_COMMIT));
      expect(answer.output.sends[0]?.to).toEqual({ kind: "unicast", address: source, port: 547 });
    }
    expect(compared).toBeGreaterThan(0);
    const held = world.table.counts("default:default");
    expect(held[BindingState.ABANDONED]! > 0).toBe(file.includes("decline"));
    expect(held[BindingState.RELEASED]! > 0).toBe(file.includes("release"));
  });
});
