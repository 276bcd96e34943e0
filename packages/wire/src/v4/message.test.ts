import { describe, expect, test } from "vitest";
import { OptionCode4 } from "./codes.ts";
import { encodeMessage4, encodeOptions4, type Option4 } from "./encode.ts";
import { decodeMessage4, type Message4 } from "./message.ts";
import { option4, readOption4, subOption } from "./registry.ts";

const base = (...options: readonly number[]): Uint8Array => {
  const header = encodeMessage4({ op: 1, xid: 1, options: [] }).subarray(0, 240);
  return Uint8Array.from([...header, ...options]);
};
const decode = (bytes: Uint8Array): Message4 => {
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  return decoded.value;
};
const list = (message: Message4): unknown[] =>
  [...message.options()].map(({ code, data, offset }) => [code, [...data], offset]);

describe("decodeMessage4 refuses", () => {
  const overlong = new Uint8Array(65_536);
  const noCookie = base(255);
  noCookie[236] = 0;
  const hlen17 = base(255);
  hlen17[2] = 17;
  // name, octets, error
  test.each([
    ["nothing", new Uint8Array(0), "message-truncated", 0, "a DHCPv4 message has at least 240 octets, this one has 0"],
    [
      "239 octets",
      base().subarray(0, 239),
      "message-truncated",
      239,
      "a DHCPv4 message has at least 240 octets, this one has 239",
    ],
    ["65536 octets", overlong, "message-too-long", 65_535, "a message has at most 65535 octets, this one has 65536"],
    ["BOOTP", noCookie, "cookie-missing", 236, "the magic cookie 63:82:53:63 is missing: this is BOOTP, not DHCP"],
    ["hlen 17", hlen17, "hardware-address-length", 2, "hlen is 17: chaddr has room for 16 octets"],
    ["a code alone", base(53), "option-truncated", 240, "option 53 ends before its length"],
    ["a value cut short", base(53, 1, 1, 61, 7, 1, 2), "option-truncated", 243, "option 61 says 7 octets, 2 are left"],
    [
      "overload 4",
      base(52, 1, 4, 255),
      "option-overload",
      240,
      "option 52 (overload) must be one octet of value 1, 2 or 3",
    ],
    [
      "overload of two octets",
      base(52, 2, 1, 1, 255),
      "option-overload",
      240,
      "option 52 (overload) must be one octet of value 1, 2 or 3",
    ],
  ])("%s", (_, bytes, code, offset, message) => {
    expect(decodeMessage4(bytes)).toMatchObject({ ok: false, error: { code, offset, message } });
  });

  test("an option cut short in an overloaded file", () => {
    const bytes = base(52, 1, 1, 255);
    bytes.set([12, 127], 108);
    expect(decodeMessage4(bytes)).toMatchObject({
      ok: false,
      error: { code: "option-truncated", option: 12, offset: 108 },
    });
  });
});

describe("options of a v4 message", () => {
  test("pads between them, none after End, End may be missing", () => {
    expect(list(decode(base(0, 0, 53, 1, 1, 0, 12, 1, 65, 255, 12, 1, 66)))).toEqual([
      [53, [1], 242],
      [12, [65], 246],
    ]);
    expect(list(decode(base(53, 1, 1)))).toEqual([[53, [1], 240]]);
    expect(list(decode(base()))).toEqual([]);
  });

  test("a single value is a view, a split one is joined in order", () => {
    const message = decode(base(12, 2, 65, 66, 61, 2, 1, 2, 12, 1, 67, 255));
    expect(message.option(61)?.buffer).toBe(message.bytes.buffer);
    expect(message.option(12)).toEqual(Uint8Array.of(65, 66, 67));
    expect(message.option(99)).toBeUndefined();
    expect([...message.joinedOptions()].map(({ code, data }) => [code, [...data]])).toEqual([
      [12, [65, 66, 67]],
      [61, [1, 2]],
    ]);
  });

  // RFC 3396 §5: the options field first, then file, then sname.
  test("options in file and sname", () => {
    const bytes = base(12, 1, 65, 52, 1, 3, 255);
    bytes.set([12, 1, 66, 255], 108);
    bytes.set([12, 1, 67, 15, 1, 68, 255], 44);
    const message = decode(bytes);
    expect(message.option(12)).toEqual(Uint8Array.of(65, 66, 67));
    expect(message.option(15)).toEqual(Uint8Array.of(68));
    expect(message.sname.length).toBe(0);
    expect(message.file.length).toBe(0);
  });

  test("overload 1 leaves sname alone, overload 2 leaves file alone", () => {
    const one = base(52, 1, 1, 255);
    one.set([12, 1, 66, 255], 108);
    one.set([104, 105], 44);
    expect(decode(one).sname).toEqual(Uint8Array.of(104, 105));
    expect(decode(one).option(12)).toEqual(Uint8Array.of(66));
    const two = base(52, 1, 2, 255);
    two.set([12, 1, 67, 255], 44);
    two.set([102], 108);
    expect(decode(two).file).toEqual(Uint8Array.of(102));
    expect(decode(two).option(12)).toEqual(Uint8Array.of(67));
  });

  test("a doubled message type is none", () => {
    expect(decode(base(53, 1, 1, 53, 1, 2, 255)).messageType).toBeUndefined();
    expect(decode(base(255)).messageType).toBeUndefined();
  });

  test("a value of the wrong length is a typed error with its place", () => {
    expect(readOption4(decode(base(53, 1, 13, 51, 3, 0, 0, 1, 255)), OptionCode4.leaseTime)).toEqual({
      ok: false,
      error: {
        code: "option-length",
        offset: 245,
        option: 51,
        message: "option 51 (IP address lease time) has 3 octets, 4 are needed",
      },
    });
  });
});

describe("encodeMessage4", () => {
  test("splits after 255 octets, option 82 stays last before End", () => {
    const options: Option4[] = [
      option4(OptionCode4.messageType, 13),
      option4(OptionCode4.relayAgentInformation, [subOption(1, Uint8Array.of(1)), subOption(2, new Uint8Array(0))]),
      { code: 60, data: new Uint8Array(511).fill(7) },
      { code: 80, data: new Uint8Array(0) },
    ];
    const bytes = encodeMessage4({
      op: 2,
      xid: 1,
      options,
      encodedOptions: encodeOptions4([{ code: 12, data: Uint8Array.of(65) }]),
    });
    const message = decode(bytes);
    expect([...message.options()].map(({ code, data }) => [code, data.length])).toEqual([
      [53, 1],
      [60, 255],
      [60, 255],
      [60, 1],
      [80, 0],
      [12, 1],
      [82, 5],
    ]);
    expect(bytes.at(-1)).toBe(255);
    expect(message.option(60)).toEqual(new Uint8Array(511).fill(7));
    expect(message.relayAgentOption(1)).toEqual(Uint8Array.of(1));
    expect(message.relayAgentOption(2)).toEqual(new Uint8Array(0));
    expect(message.relayAgentOption(12)).toBeUndefined();
  });

  test("pads to the minimum asked for, keeps sname and file", () => {
    const bytes = encodeMessage4({
      op: 1,
      xid: 1,
      options: [],
      lengthMin: 300,
      sname: Uint8Array.of(115),
      file: Uint8Array.of(102),
    });
    expect(bytes.length).toBe(300);
    expect([decode(bytes).sname, decode(bytes).file]).toEqual([Uint8Array.of(115), Uint8Array.of(102)]);
  });

  test.each([
    ["chaddr", { chaddr: new Uint8Array(17) }],
    ["sname", { sname: new Uint8Array(65) }],
    ["file", { file: new Uint8Array(129) }],
    ["the message", { options: [{ code: 1, data: new Uint8Array(65_535) }] }],
  ])("throws on its own bug: %s too long", (_, fields) => {
    expect(() => encodeMessage4({ op: 1, xid: 1, options: [], ...fields })).toThrow(RangeError);
  });
});
