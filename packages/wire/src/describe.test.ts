import { describe, expect, test } from "vitest";
import {
  type DescribedField,
  describeMessage4,
  describeMessage6,
  describeOptions4,
  describeOptions6,
} from "./describe.ts";
import { encodeMessage4, encodeOptions4 } from "./v4/encode.ts";
import { option4, subOption } from "./v4/registry.ts";
import { encodeMessage6, encodeOptions6 } from "./v6/encode.ts";
import { option6 } from "./v6/registry.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** `name: value [offset+length] (note)`, parts indented. */
const lines = (fields: readonly DescribedField[], indent = ""): string[] =>
  fields.flatMap(({ name, value, offset, length, note, children }) => [
    `${indent}${name}: ${value} [${offset}+${length}]${note === undefined ? "" : ` (${note})`}`,
    ...lines(children ?? [], `${indent}  `),
  ]);

describe("DHCPv4 for people", () => {
  test("a lease reply", () => {
    const bytes = encodeMessage4({
      op: 2,
      htype: 1,
      xid: 0x11223344,
      ciaddr: 0xc000020a,
      giaddr: 0xc6336401,
      chaddr: Uint8Array.of(0, 0x10, 0x94, 0, 0, 1),
      options: [
        option4(53, 13),
        option4(51, 3600),
        option4(91, 120),
        option4(156, 2),
        option4(152, 1_700_000_100),
        option4(12, utf8("<b>\u202e")),
        option4(82, [
          subOption(1, utf8("ge-1/0/0.0")),
          subOption(12, Uint8Array.of(0, 3)),
          { code: 5, data: Uint8Array.of(1) },
          { code: 19, data: new Uint8Array(0) },
        ]),
      ],
    });
    expect(lines(describeMessage4(bytes)).slice(0, 3)).toEqual([
      "op: BOOTREPLY (2) [0+1]",
      "htype: Ethernet (1) [1+1]",
      "hlen: 6 [2+1]",
    ]);
    expect(lines(describeMessage4(bytes)).slice(4)).toEqual([
      "xid: 0x11223344 [4+4]",
      "secs: 0 [8+2]",
      "flags: 0x0000 [10+2]",
      "ciaddr: 192.0.2.10 [12+4]",
      "yiaddr: 0.0.0.0 [16+4]",
      "siaddr: 0.0.0.0 [20+4]",
      "giaddr: 198.51.100.1 [24+4]",
      "chaddr: 00:10:94:00:00:01 [28+16]",
      "sname: none [44+64]",
      "file: none [108+128]",
      "magic cookie: DHCP [236+4]",
      "53 DHCP message type: DHCPLEASEACTIVE (13) [240+3]",
      "51 IP address lease time: 3600 s [243+6]",
      "91 Client last transaction time: 120 s before [249+6]",
      "156 DHCP state: ACTIVE (2) [255+3]",
      "152 Base time: 2023-11-14T22:15:00Z (1700000100) [258+6]",
      "12 Host name: 0x3c623ee280ae [264+8]",
      "82 Relay agent information: 4 sub-options [272+23]",
      "  1 Agent circuit ID: ge-1/0/0.0 [274+12]",
      "  12 Relay agent identifier: 0x0003 [286+4]",
      "  5 Link selection: 0x01 [290+3] (has 1 octet, 4 are needed)",
      "  19 Relay source port: present [293+2]",
      "255 End:  [295+1]",
    ]);
  });

  test("a split option is joined at its first part", () => {
    expect(lines(describeOptions4(encodeOptions4([{ code: 15, data: utf8("x".repeat(257)) }])))).toEqual([
      `15 Domain name: ${"x".repeat(257)} [0+257] (joined from several parts (RFC 3396))`,
      "15 Domain name: xx [257+4] (continues the option of the same code (RFC 3396))",
    ]);
  });

  test("what cannot be decoded is shown in hex, what can is still shown", () => {
    const bytes = Uint8Array.from([
      ...encodeMessage4({ op: 1, xid: 1, options: [option4(53, 10)] }).subarray(0, 243),
      61,
      9,
      1,
    ]);
    expect(lines(describeMessage4(bytes)).slice(1)).toEqual([
      "53 DHCP message type: DHCPLEASEQUERY (10) [240+3]",
      "undecodable: 0x3d0901 [243+3] (option 61 says 9 octets, 1 are left)",
    ]);
    expect(lines(describeMessage4(Uint8Array.of(1, 2)))).toEqual([
      "undecodable: 0x0102 [0+2] (a DHCPv4 message has at least 240 octets, this one has 2)",
    ]);
    expect(lines(describeOptions4(Uint8Array.of(51, 4, 0, 0, 0, 1, 12)))).toEqual([
      "51 IP address lease time: 1 s [0+6]",
      "undecodable: 0x0c [6+1] (option 12 ends before its length)",
    ]);
  });
});

describe("DHCPv6 for people", () => {
  const address = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) as never;

  test("a message with options in options", () => {
    const bytes = encodeMessage6({
      messageType: 15,
      transactionId: 0x0a0b0c,
      options: [
        option6(1, Uint8Array.of(0, 3, 0, 1, 0, 0x10, 0x94, 0, 0, 1)),
        option6(45, {
          addresses: [
            {
              address,
              preferredLifetimeSeconds: 60,
              validLifetimeSeconds: 0xffff_ffff,
              options: [option6(13, { code: 0, text: utf8("ok") })],
            },
          ],
          prefixes: [],
          cltTimeSeconds: 9,
          options: [],
        }),
        option6(100, 753_315_300),
        { code: 999, data: Uint8Array.of(1) },
      ],
    });
    expect(lines(describeMessage6(bytes))).toEqual([
      "msg-type: LEASEQUERY-REPLY (15) [0+1]",
      "transaction-id: 0x0a0b0c [1+3]",
      "1 Client identifier: 00:03:00:01:00:10:94:00:00:01 (DUID-LL Ethernet 00:10:94:00:00:01) [4+14]",
      "45 Client data: 44 octets [18+48]",
      "  5 IA address: 2001:db8::1, preferred 60 s, valid infinite [22+36]",
      "    13 Status code: Success (0): ok [50+8]",
      "  46 Client last transaction time: 9 s before [58+8]",
      "100 Leasequery base time: 2023-11-14T22:15:00Z (753315300) [66+8]",
      "999 unknown option: 0x01 [74+5]",
    ]);
  });

  test("a broken rest", () => {
    expect(lines(describeOptions6(Uint8Array.from([...encodeOptions6([option6(8, 150)]), 0, 6, 0, 9])))).toEqual([
      "8 Elapsed time: 1.5 s [0+6]",
      "undecodable: 0x00060009 [6+4] (option 6 says 9 octets, 0 are left)",
    ]);
    expect(lines(describeMessage6(Uint8Array.of(12, 0)))).toEqual([
      "undecodable: 0x0c00 [0+2] (a message of this type has at least 34 octets)",
    ]);
  });

  test("nesting is followed only so deep", () => {
    let area = encodeOptions6([option6(46, 1)]);
    for (let level = 0; level < 40; level += 1) area = encodeOptions6([{ code: 45, data: area }]);
    expect(lines(describeOptions6(area)).at(-1)).toContain("nested too deeply to be shown");
  });
});
