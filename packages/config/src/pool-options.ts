import { concatBytes, type Ipv4Address, ipv4ToBytes, parseHex, parseIpv4, parseIpv6, quote } from "@leasewire/net";
import { LIMITS } from "./limits.ts";
import { type ContainerNode, containerAt, entriesOf, leafListValues, leafValue } from "./tree.ts";

/** An option as it goes into a message: RFC 2132 for DHCPv4, RFC 9915 §21 and the RFCs of each option for DHCPv6. */
export interface PoolOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** Why an option cannot be sent. */
export interface OptionProblem {
  /** Words below `dhcp-attributes`: "domain-name", "option 43". */
  readonly statement: string;
  readonly message: string;
}

export interface ReadOptions {
  readonly options: readonly PoolOption[];
  readonly problems: readonly OptionProblem[];
}

const encoder = new TextEncoder();

/** Octets of one DHCPv4 option (RFC 2132 §2). */
const optionOctetsMax4 = 255;

/** What the server itself puts into messages, or what only clients and relay agents send. */
const ownCodes: Readonly<Record<4 | 6, ReadonlySet<number>>> = {
  4: new Set([
    1, 50, 51, 52, 53, 54, 55, 57, 58, 59, 61, 80, 82, 90, 91, 92, 118, 145, 151, 152, 153, 154, 155, 156, 157,
  ]),
  6: new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 19, 20, 25, 26, 37, 38, 44, 45, 46, 47, 48, 53, 79]),
};

/** Options with a word of their own, by family. */
interface NamedOption {
  readonly word: string;
  readonly code: number;
  encode(values: readonly string[]): Uint8Array | string;
}

const named: Readonly<Record<4 | 6, readonly NamedOption[]>> = {
  4: [
    { word: "router", code: 3, encode: addresses4 },
    { word: "name-server", code: 6, encode: addresses4 },
    { word: "domain-name", code: 15, encode: text },
    { word: "wins-server", code: 44, encode: addresses4 },
    { word: "netbios-node-type", code: 46, encode: nodeType },
    { word: "boot-server", code: 66, encode: text },
    { word: "boot-file", code: 67, encode: text },
    { word: "tftp-server", code: 150, encode: addresses4 },
  ],
  6: [
    { word: "dns-server", code: 23, encode: addresses6 },
    { word: "domain-name", code: 24, encode: domainNames },
    { word: "sip-server-address", code: 22, encode: addresses6 },
    { word: "sip-server-domain-name", code: 21, encode: domainNames },
  ],
};

/** Options of a DHCPv4 pool; the first is the subnet mask. */
export function poolOptions4(attributes: ContainerNode | undefined, mask: Ipv4Address): PoolOption[] {
  return [{ code: 1, data: ipv4ToBytes(mask) }, ...readOptions(attributes, 4).options];
}

export function poolOptions6(attributes: ContainerNode | undefined): readonly PoolOption[] {
  return readOptions(attributes, 6).options;
}

/** Every option that `dhcp-attributes` names, each code once, and what is wrong with the others. */
export function readOptions(attributes: ContainerNode | undefined, family: 4 | 6): ReadOptions {
  const options: PoolOption[] = [];
  const problems: OptionProblem[] = [];
  const byCode = new Map<number, string>();
  let octets = 0;
  const take = (statement: string, code: number, data: Uint8Array | string): void => {
    const earlier = byCode.get(code);
    const message =
      typeof data === "string"
        ? data
        : earlier !== undefined
          ? `sets option ${code}, which "${earlier}" sets already`
          : family === 4 && data.length > optionOctetsMax4
            ? `has ${data.length} octets: a DHCPv4 option has at most ${optionOctetsMax4}`
            : octets + data.length > LIMITS.poolOptionsOctetsMax
              ? `makes the options of the pool longer than ${LIMITS.poolOptionsOctetsMax} octets: they have to fit into one message`
              : undefined;
    if (message !== undefined) {
      problems.push({ statement, message });
      return;
    }
    byCode.set(code, statement);
    octets += data.length;
    options.push({ code, data: data as Uint8Array });
  };
  for (const { word, code, encode } of named[family]) {
    const values = valuesOf(attributes, word);
    if (values.length > 0) take(word, code, encode(values));
  }
  for (const [key, option] of entriesOf(attributes, "option")) {
    const code = Number(key);
    const data = ownCodes[family].has(code)
      ? "is an option that the server fills itself, or that only clients and relay agents send"
      : optionData(option, family);
    take(`option ${key}`, code, data);
  }
  return { options, problems };
}

function valuesOf(node: ContainerNode | undefined, word: string): string[] {
  const single = leafValue(node, word);
  return single === undefined ? leafListValues(node, word) : [single];
}

/** The octets of `option CODE TYPE VALUE`, or what is wrong with it. */
function optionData(option: ContainerNode, family: 4 | 6): Uint8Array | string {
  const array = containerAt(option, "array");
  const given = optionTypes.flatMap((word) => [...found(option, word), ...found(array, word)]);
  if (given.length !== 1) {
    return given.length === 0
      ? "has no value: a type and a value have to follow, such as hex-string 0102"
      : `has ${given.length} values: one type and its value make an option`;
  }
  const [{ word, values }] = given as [{ word: OptionType; values: string[] }];
  return encodeType(word, values, family);
}

const optionTypes = [
  "string",
  "hex-string",
  "ip-address",
  "byte",
  "short",
  "unsigned-short",
  "integer",
  "unsigned-integer",
  "flag",
] as const;
type OptionType = (typeof optionTypes)[number];

function found(node: ContainerNode | undefined, word: OptionType): { word: OptionType; values: string[] }[] {
  const values = valuesOf(node, word);
  return values.length === 0 ? [] : [{ word, values }];
}

function encodeType(word: OptionType, values: readonly string[], family: 4 | 6): Uint8Array | string {
  switch (word) {
    case "string":
      return text(values);
    case "hex-string": {
      const bytes = parseHex(values[0] ?? "");
      return bytes.ok ? bytes.value : bytes.error.message;
    }
    case "ip-address":
      return family === 4 ? addresses4(values) : addresses6(values);
    case "byte":
      return numbers(values, 1);
    case "short":
    case "unsigned-short":
      return numbers(values, 2);
    case "integer":
    case "unsigned-integer":
      return numbers(values, 4);
    case "flag":
      return Uint8Array.of(values[0] === "true" ? 1 : 0);
  }
}

function numbers(values: readonly string[], octets: 1 | 2 | 4): Uint8Array {
  const bytes = new Uint8Array(values.length * octets);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of values.entries()) {
    if (octets === 1) view.setUint8(at, Number(value));
    else if (octets === 2) view.setUint16(at * 2, Number(value));
    else view.setUint32(at * 4, Number(value));
  }
  return bytes;
}

function addresses4(values: readonly string[]): Uint8Array | string {
  const parsed = values.map(parseIpv4);
  const wrong = parsed.find((one) => !one.ok);
  if (wrong !== undefined && !wrong.ok) return wrong.error.message;
  return concatBytes(parsed.flatMap((one) => (one.ok ? [ipv4ToBytes(one.value)] : [])));
}

function addresses6(values: readonly string[]): Uint8Array | string {
  const parsed = values.map(parseIpv6);
  const wrong = parsed.find((one) => !one.ok);
  if (wrong !== undefined && !wrong.ok) return wrong.error.message;
  return concatBytes(parsed.flatMap((one) => (one.ok ? [one.value] : [])));
}

function text(values: readonly string[]): Uint8Array {
  return encoder.encode(values[0] ?? "");
}

function nodeType(values: readonly string[]): Uint8Array {
  return Uint8Array.of({ "b-node": 1, "p-node": 2, "m-node": 4, "h-node": 8 }[values[0] ?? ""] ?? 1);
}

/** Domain names in DNS form, one after the other (RFC 9915 §10, RFC 3319 §3.1, RFC 3646 §4). */
function domainNames(values: readonly string[]): Uint8Array | string {
  const out: number[] = [];
  for (const value of values) {
    const labels = value.replace(/\.$/, "").split(".");
    const octets = labels.reduce((sum, label) => sum + label.length + 1, 1);
    if (octets > 255) return `${quote(value)} is longer than 255 octets as a domain name`;
    for (const label of labels) {
      if (!/^[\u0021-\u007e]{1,63}$/.test(label)) {
        return `${quote(value)} is not a domain name: each part has 1 to 63 visible ASCII characters`;
      }
      out.push(label.length);
      for (let at = 0; at < label.length; at += 1) out.push(label.charCodeAt(at));
    }
    out.push(0);
  }
  return Uint8Array.from(out);
}
