import { readFileSync } from "node:fs";
import { BindingState } from "@leasewire/bindings";
import { formatIpv6, ipv6FromBytes } from "@leasewire/net";
import { MessageType6, OptionCode6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import { accessInterface, chainOf, INSTANCE, relay, relayInterface, relayWorld6 } from "../../test/relay6-world.ts";

/**
 * What real clients sent and real servers answered goes through our relay agent. It has to pass every octet on, and to hold in the
 * end what the servers gave.
 */

interface Captured6 {
  readonly source: string;
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
      bytes: frame.slice(62, 54 + ((frame[58]! << 8) | frame[59]!)),
    });
  }
  return datagrams;
}

describe.each([
  "v6-dhclient-confirm-rebind-via-relay",
  "v6-dhclient-decline-via-relay",
  "v6-dhclient-dibbler-via-relay",
  "v6-dhclient-inforequest-via-relay",
  "v6-dhclient-na-pd-renew-release-via-relay",
  "v6-dhclient-via-isc-dhcrelay",
  "v6-dhcpcd-na-pd-via-relay",
  "v6-perfdhcp-na-pd-via-relay",
])("%s", (file) => {
  test("every message arrives as it was sent, and what was given is known", () => {
    const datagrams = captured6(file);
    const first = datagrams.find(({ bytes }) => bytes[0] === MessageType6["RELAY-FORW"])!;
    const link = formatIpv6(chainOf(first.bytes).relays[0]!.linkAddress);
    const named = accessInterface("eth1.0");
    const world = relayWorld6([relay({ accessInterfaces: [named] })], [relayInterface("eth1.0", ["fe80::1", link])]);
    /** By address or prefix: the number of seconds it was last given for; 0 once it is given up. */
    const given = new Map<string, number>();
    const asked = new Map<number, number>();
    let forwarded = 0;
    let returned = 0;
    for (const { bytes } of datagrams) {
      if (bytes[0] === MessageType6["RELAY-FORW"]) {
        const { relays, message } = chainOf(bytes);
        asked.set(message.transactionId, message.messageType);
        const peer = formatIpv6(relays.at(-1)!.peerAddress);
        const { relayed, said } = world.fromClient(message.bytes, { interfaceName: "eth1.0", source: peer });
        expect(said).toEqual(["RELAY-FORW to 2001:db8:5::1 547"]);
        expect(relayed!.option(OptionCode6.RELAY_MSG)).toEqual(message.bytes);
        expect(formatIpv6(relayed!.linkAddress)).toBe(link);
        forwarded += 1;
        if (message.messageType === MessageType6.RELEASE || message.messageType === MessageType6.DECLINE)
          for (const lease of leasesIn(message.bytes)) given.set(lease.key, 0);
      } else if (bytes[0] === MessageType6["RELAY-REPL"]) {
        const { relays, message } = chainOf(bytes);
        // Of several relay agents the capture knows of, ours stands in for the one nearest to the client.
        const own = relays.at(-1)!;
        const { sends } = world.fromServer(own.bytes);
        expect(sends[0]!.bytes).toEqual(message.bytes);
        expect(sends[0]!.to).toMatchObject({
          address: formatIpv6(own.peerAddress),
          port: 546,
          interfaceName: "eth1.0",
        });
        returned += 1;
        const to = asked.get(message.transactionId);
        if (message.messageType === MessageType6.REPLY && to !== undefined && to !== MessageType6.RELEASE)
          for (const lease of leasesIn(message.bytes)) if (lease.valid > 0) given.set(lease.key, lease.valid);
      }
    }
    expect(forwarded).toBeGreaterThan(0);
    expect(returned).toBeGreaterThan(0);
    const active = new Map<string, number>();
    for (let row = 1; row <= world.table.rowLast; row += 1) {
      const binding = world.table.at(row);
      if (binding?.state !== BindingState.ACTIVE) continue;
      active.set(
        `${formatIpv6(binding.address)}/${binding.prefixLength}`,
        binding.expiresAtSeconds - binding.clientLastTransactionTimeSeconds,
      );
      expect(binding).toMatchObject({ instance: INSTANCE, interfaceName: "eth1.0", origin: "gleaned" });
    }
    expect(active).toEqual(new Map([...given].filter(([, valid]) => valid > 0)));
    expect(given.size > 0).toBe(!file.includes("inforequest"));
  });
});

/** Leases of the IAs of a message, read apart from the engine. */
function leasesIn(bytes: Uint8Array): { readonly key: string; readonly valid: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: { key: string; valid: number }[] = [];
  for (let at = 4; at < bytes.length; at += 4 + view.getUint16(at + 2)) {
    const code = view.getUint16(at);
    if (code !== OptionCode6.IA_NA && code !== OptionCode6.IA_PD) continue;
    const end = at + 4 + view.getUint16(at + 2);
    for (let inner = at + 16; inner < end; inner += 4 + view.getUint16(inner + 2)) {
      const prefix = view.getUint16(inner) === OptionCode6.IAPREFIX;
      if (!prefix && view.getUint16(inner) !== OptionCode6.IAADDR) continue;
      const address = formatIpv6(bytes.subarray(inner + (prefix ? 13 : 4)));
      const length = prefix ? bytes[inner + 12]! : 128;
      found.push({ key: `${address}/${length}`, valid: view.getUint32(inner + (prefix ? 8 : 24)) });
    }
  }
  return found;
}
