import { beforeAll, describe, expect, test } from "vitest";
import { decodeMessage4, decodeMessage6, frame, MessageType6, options6 } from "../src/index.ts";
import { wrapTcp6, wrapUdp4, wrapUdp6 } from "./pcap.ts";
import { rebuild } from "./rebuild.ts";
import { type Sample, samples } from "./samples.ts";
import { type Judgement, judge } from "./tshark.ts";
import { hex, must } from "./vectors.ts";

const leasequerySamples = samples.filter(({ name }) => !name.startsWith("DHCPACK") && !name.startsWith("relayed"));

let judgements: readonly Judgement[] = [];
beforeAll(() => {
  judgements = judge(samples.map(wrap), [
    "_ws.malformed",
    "_ws.expert.message",
    "dhcp.option.dhcp",
    "dhcp.option.type",
    "dhcp.option.length",
    "dhcp.option.value",
    "dhcpv6.msgtype",
    "dhcpv6.bulk_leasequery.msgtype",
    "dhcpv6.bulk_leasequery.size",
    "dhcpv6.option.type",
  ]);
}, 60_000);

/** tshark has no DHCPv4 over TCP: those messages go to it as datagrams, which differ only in the size in front. */
function wrap({ family, transport, bytes }: Sample, i: number): Uint8Array {
  if (family === 4) return wrapUdp4(bytes);
  return transport === "udp" ? wrapUdp6(bytes) : wrapTcp6(frame(bytes), 40_000 + i);
}

describe("our own messages, judged by tshark", () => {
  test.each(samples.map((sample, i) => [sample.name, sample, i] as const))("%s", (_, sample, i) => {
    const judgement = judgements[i] as Judgement;
    const said = (field: string): readonly string[] => judgement.get(field) ?? [];
    if (!knownMalformed(sample)) expect(said("_ws.malformed")).toEqual([]);

    if (sample.family === 4) {
      const message = must(decodeMessage4(sample.bytes));
      const options = [...message.options()];
      expect(said("dhcp.option.dhcp")).toEqual([String(message.messageType)]);
      expect(said("dhcp.option.type")).toEqual([...options.map(({ code }) => String(code)), "0"]);
      expect(said("dhcp.option.length")).toEqual(options.map(({ data }) => String(data.length)));
      expect(said("dhcp.option.value")).toEqual(options.map(({ data }) => hex(data)));
      return;
    }
    const message = must(decodeMessage6(sample.bytes));
    if (sample.transport === "tcp") {
      expect(said("dhcpv6.bulk_leasequery.size")).toEqual([String(sample.bytes.length)]);
      expect(said("dhcpv6.bulk_leasequery.msgtype")).toEqual([String(message.messageType)]);
    } else {
      expect(said("dhcpv6.msgtype")[0]).toBe(String(message.messageType));
    }
    const outer = [...options6(message.bytes, message.optionsOffset)].map(({ code }) => String(code));
    expect(said("dhcpv6.option.type")).toEqual(expect.arrayContaining(outer));
  });
});

/** Limits of tshark 4.0: it calls TCP messages without options malformed, and does not know types 22, 23 and 7 on TCP. */
function knownMalformed({ family, transport, bytes }: Sample): boolean {
  const newTypes: readonly number[] = [MessageType6.ACTIVELEASEQUERY, MessageType6.STARTTLS, MessageType6.REPLY];
  return family === 6 && transport === "tcp" && (bytes.length === 4 || newTypes.includes(bytes[0] as number));
}

describe("our own leasequery messages, decoded and built again", () => {
  // Replies in the order of a request list are compared by content: the list is not in the reply.
  test.each(
    leasequerySamples
      .filter(({ name }) => !name.startsWith("bulk reply"))
      .map((sample) => [sample.name, sample] as const),
  )("%s", (_, sample) => {
    expect(hex(rebuild(sample.family, sample.bytes))).toBe(hex(sample.bytes));
  });
});
