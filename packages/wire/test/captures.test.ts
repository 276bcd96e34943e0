import { readdirSync } from "node:fs";
import { formatIpv4, formatIpv6, formatMac } from "@leasewire/net";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type DescribedField,
  decodeMessage4,
  decodeMessage6,
  decodeOption6,
  describeMessage4,
  describeMessage6,
  type Format,
  type KnownOptionCode6,
  type Message4,
  type Message6,
  OptionCode4,
  OptionCode6,
  optionDefinition6,
  options6,
  RelayAgentSubOption,
  type RelayMessage6,
  readOption4,
  relayAgentSubOptions,
} from "../src/index.ts";
import { readPcapng, udpOf } from "./pcap.ts";
import { type Judgement, judge } from "./tshark.ts";
import { hex, must } from "./vectors.ts";

const directory = new URL("./captures/", import.meta.url);
const files = readdirSync(directory)
  .filter((name) => name.endsWith(".pcapng"))
  .sort();

interface Packet {
  readonly name: string;
  readonly frame: Uint8Array;
  readonly family: 4 | 6;
  readonly payload: Uint8Array;
}

/** Every DHCP packet of every capture. */
const packets: readonly Packet[] = files.flatMap((file) =>
  readPcapng(new URL(file, directory)).flatMap((frame, i) => {
    const datagram = udpOf(frame);
    if (datagram === undefined) return [];
    const ports = datagram.family === 4 ? [67, 68] : [546, 547];
    if (!ports.includes(datagram.sourcePort) && !ports.includes(datagram.destinationPort)) return [];
    return [
      { name: `${file.replace(".pcapng", "")} #${i + 1}`, frame, family: datagram.family, payload: datagram.payload },
    ];
  }),
);

/** What is compared, and what we say to it: each a list in the order of the wire, depth first. */
type Claims = Readonly<Record<string, readonly string[]>>;

const fields4 = [
  "dhcp.type",
  "dhcp.hw.type",
  "dhcp.hw.len",
  "dhcp.hops",
  "dhcp.id",
  "dhcp.secs",
  "dhcp.flags",
  "dhcp.ip.client",
  "dhcp.ip.your",
  "dhcp.ip.server",
  "dhcp.ip.relay",
  "dhcp.hw.mac_addr",
  "dhcp.option.type",
  "dhcp.option.length",
  "dhcp.option.value",
  "dhcp.option.dhcp",
  "dhcp.option.dhcp_server_id",
  "dhcp.option.requested_ip_address",
  "dhcp.option.ip_address_lease_time",
  "dhcp.option.renewal_time_value",
  "dhcp.option.rebinding_time_value",
  "dhcp.option.request_list_item",
  "dhcp.option.client_last_transaction_time",
  "dhcp.option.associated_ip_option",
  "dhcp.option.agent_information_option.suboption",
  "dhcp.option.agent_information_option.agent_circuit_id",
  "dhcp.option.agent_information_option.agent_remote_id",
  "dhcp.option.agent_information_option.relay_agent_id",
];

const fields6 = [
  "dhcpv6.msgtype",
  "dhcpv6.xid",
  "dhcpv6.hopcount",
  "dhcpv6.linkaddr",
  "dhcpv6.peeraddr",
  "dhcpv6.option.type",
  "dhcpv6.option.length",
  "dhcpv6.duid.bytes",
  "dhcpv6.iaid",
  "dhcpv6.iaid.t1",
  "dhcpv6.iaid.t2",
  "dhcpv6.iaaddr.ip",
  "dhcpv6.iaaddr.pref_lifetime",
  "dhcpv6.iaaddr.valid_lifetime",
  "dhcpv6.iaprefix.pref_addr",
  "dhcpv6.iaprefix.pref_len",
  "dhcpv6.iaprefix.pref_lifetime",
  "dhcpv6.iaprefix.valid_lifetime",
  "dhcpv6.status_code",
  "dhcpv6.interface_id",
  "dhcpv6.remoteid.enterprise",
  "dhcpv6.elapsed_time",
  "dhcpv6.lq_query",
  "dhcpv6.lq_query_link_address",
  "dhcpv6.clt_time",
  "dhcpv6.lq_relay_data_peer_addr",
  "dhcpv6.lq_client_link",
];

let judgements: readonly Judgement[] = [];
beforeAll(() => {
  judgements = judge(
    packets.map(({ frame }) => frame),
    [...fields4, ...fields6],
  );
}, 60_000);

describe("every packet of the captures", () => {
  test("there are as many as there were", () => {
    expect(packets.filter(({ family }) => family === 4).length).toBe(125);
    expect(packets.filter(({ family }) => family === 6).length).toBe(184);
  });

  test.each(packets.map((packet, i) => [packet.name, packet, i] as const))("%s", (_, { family, payload }, i) => {
    const claims = family === 4 ? claims4(must(decodeMessage4(payload))) : claims6(must(decodeMessage6(payload)));
    const judgement = judgements[i] as Judgement;
    const said = Object.fromEntries((family === 4 ? fields4 : fields6).map((field) => [field, judgement.get(field)]));
    // tshark shows End as an option of type 0.
    if (family === 4 && said["dhcp.option.type"]?.at(-1) === "0")
      said["dhcp.option.type"] = said["dhcp.option.type"].slice(0, -1);
    expect(claims).toEqual(said);
  });

  test.each(packets.map((packet) => [packet.name, packet] as const))(
    "%s is described to its last octet",
    (_, { family, payload }) => {
      const fields = family === 4 ? describeMessage4(payload) : describeMessage6(payload);
      expect(
        flat(fields).filter(({ name, note }) => name === "undecodable" || note?.startsWith("undecodable")),
      ).toEqual([]);
      let at = 0;
      for (const field of fields) {
        expect(field.offset).toBe(at);
        at = field.offset + field.length;
      }
      expect(at).toBe(payload.length);
    },
  );
});

function claims4(message: Message4): Claims {
  const options = [...message.options()];
  const value = (code: Parameters<typeof readOption4>[1]): string[] => {
    const read = must(readOption4(message, code));
    return read === undefined ? [] : [read].flat().map((item) => String(item));
  };
  const address = (code: 50 | 54): string[] => {
    const read = must(readOption4(message, code));
    return read === undefined ? [] : [formatIpv4(read)];
  };
  const subOptions = [...relayAgentSubOptions(message.option(OptionCode4.relayAgentInformation) ?? new Uint8Array(0))];
  const subOption = (code: number): string[] =>
    subOptions.filter((item) => item.code === code).map(({ data }) => hex(data));
  return {
    "dhcp.type": [String(message.op)],
    "dhcp.hw.type": [
      `0x${message.htype.toString(16).padStart(2, "0")}`,
      ...options.filter(isEthernetClientIdentifier).map(() => "0x01"),
    ],
    "dhcp.hw.len": [String(message.hlen)],
    "dhcp.hops": [String(message.hops)],
    "dhcp.id": [`0x${message.xid.toString(16).padStart(8, "0")}`],
    "dhcp.secs": [String(message.secs)],
    "dhcp.flags": [`0x${message.flags.toString(16).padStart(4, "0")}`],
    "dhcp.ip.client": [formatIpv4(message.ciaddr)],
    "dhcp.ip.your": [formatIpv4(message.yiaddr)],
    "dhcp.ip.server": [formatIpv4(message.siaddr)],
    "dhcp.ip.relay": [formatIpv4(message.giaddr)],
    "dhcp.hw.mac_addr": [
      ...(message.hlen === 6 ? [formatMac(message.chaddr)] : []),
      ...options.filter(isEthernetClientIdentifier).map(({ data }) => formatMac(data.subarray(1))),
    ],
    "dhcp.option.type": options.map(({ code }) => String(code)),
    "dhcp.option.length": options.map(({ data }) => String(data.length)),
    "dhcp.option.value": options.map(({ data }) => hex(data)),
    "dhcp.option.dhcp": [String(message.messageType)],
    "dhcp.option.dhcp_server_id": address(54),
    "dhcp.option.requested_ip_address": address(50),
    "dhcp.option.ip_address_lease_time": value(51),
    "dhcp.option.renewal_time_value": value(58),
    "dhcp.option.rebinding_time_value": value(59),
    "dhcp.option.request_list_item": value(55),
    "dhcp.option.client_last_transaction_time": value(91),
    "dhcp.option.associated_ip_option": (must(readOption4(message, 92)) ?? []).map(formatIpv4),
    "dhcp.option.agent_information_option.suboption": subOptions.map(({ code }) => String(code)),
    "dhcp.option.agent_information_option.agent_circuit_id": subOption(RelayAgentSubOption.circuitId),
    "dhcp.option.agent_information_option.agent_remote_id": subOption(RelayAgentSubOption.remoteId),
    "dhcp.option.agent_information_option.relay_agent_id": subOption(RelayAgentSubOption.relayId),
  };
}

/** tshark reads a hardware address out of option 61 where it has that form. */
function isEthernetClientIdentifier({ code, data }: { code: number; data: Uint8Array }): boolean {
  return code === OptionCode4.clientIdentifier && data[0] === 1 && data.length === 7;
}

function claims6(message: Message6 | RelayMessage6): Claims {
  const claims: Record<string, string[]> = Object.fromEntries(fields6.map((field) => [field, []]));
  const say = (field: string, ...values: readonly (string | number)[]): void => {
    claims[`dhcpv6.${field}`]?.push(...values.map(String));
  };
  walkMessage(message);
  return claims;

  function walkMessage(inner: Message6 | RelayMessage6): void {
    say("msgtype", inner.messageType);
    if (inner.kind === "message") say("xid", `0x${inner.transactionId.toString(16).padStart(6, "0")}`);
    else {
      say("hopcount", inner.hopCount);
      say("linkaddr", formatIpv6(inner.linkAddress));
      say("peeraddr", formatIpv6(inner.peerAddress));
    }
    walkOptions(inner.bytes, inner.optionsOffset);
  }

  function walkOptions(bytes: Uint8Array, from: number): void {
    for (const { code, data } of options6(bytes, from)) {
      say("option.type", code);
      say("option.length", data.length);
      sayValue(code, data);
      const nested = (optionDefinition6(code)?.format as Format<unknown> | undefined)?.nested;
      if (nested?.kind === "options6") walkOptions(data, nested.from);
      if (nested?.kind === "message6") walkMessage(must(decodeMessage6(data.subarray(nested.from))));
    }
  }

  function sayValue(code: number, data: Uint8Array): void {
    const value = <C extends KnownOptionCode6>(known: C) => must(decodeOption6(known, data));
    switch (code) {
      case OptionCode6.CLIENTID:
      case OptionCode6.SERVERID:
      case OptionCode6.RELAY_ID:
        say("duid.bytes", hex(value(OptionCode6.CLIENTID)));
        return;
      case OptionCode6.IA_NA:
      case OptionCode6.IA_PD: {
        const association = value(OptionCode6.IA_NA);
        say("iaid", association.iaid.toString(16).padStart(8, "0"));
        say("iaid.t1", association.t1Seconds);
        say("iaid.t2", association.t2Seconds);
        return;
      }
      case OptionCode6.IAADDR: {
        const address = value(OptionCode6.IAADDR);
        say("iaaddr.ip", formatIpv6(address.address));
        say("iaaddr.pref_lifetime", address.preferredLifetimeSeconds);
        say("iaaddr.valid_lifetime", address.validLifetimeSeconds);
        return;
      }
      case OptionCode6.IAPREFIX: {
        const prefix = value(OptionCode6.IAPREFIX);
        say("iaprefix.pref_addr", formatIpv6(prefix.prefix));
        say("iaprefix.pref_len", prefix.prefixLength);
        say("iaprefix.pref_lifetime", prefix.preferredLifetimeSeconds);
        say("iaprefix.valid_lifetime", prefix.validLifetimeSeconds);
        return;
      }
      case OptionCode6.STATUS_CODE:
        say("status_code", value(OptionCode6.STATUS_CODE).code);
        return;
      case OptionCode6.INTERFACE_ID:
        say("interface_id", hex(value(OptionCode6.INTERFACE_ID)));
        return;
      case OptionCode6.REMOTE_ID:
        say("remoteid.enterprise", value(OptionCode6.REMOTE_ID).enterprise);
        return;
      case OptionCode6.ELAPSED_TIME:
        say("elapsed_time", value(OptionCode6.ELAPSED_TIME));
        return;
      case OptionCode6.LQ_QUERY: {
        const query = value(OptionCode6.LQ_QUERY);
        say("lq_query", query.queryType);
        say("lq_query_link_address", formatIpv6(query.linkAddress));
        return;
      }
      case OptionCode6.CLT_TIME:
        say("clt_time", value(OptionCode6.CLT_TIME));
        return;
      case OptionCode6.LQ_RELAY_DATA:
        say("lq_relay_data_peer_addr", formatIpv6(value(OptionCode6.LQ_RELAY_DATA).peerAddress));
        return;
      case OptionCode6.LQ_CLIENT_LINK:
        say("lq_client_link", ...value(OptionCode6.LQ_CLIENT_LINK).map(formatIpv6));
        return;
    }
  }
}

function flat(fields: readonly DescribedField[]): readonly DescribedField[] {
  return fields.flatMap((field) => [field, ...flat(field.children ?? [])]);
}
