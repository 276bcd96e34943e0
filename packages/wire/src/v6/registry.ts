import type { Ipv6Address } from "@leasewire/net";
import { inOption, type WireResult, wireError } from "../error.ts";
import { type Format, octetCount } from "../format.ts";
import { ipv6, ipv6List } from "../formats/addresses.ts";
import { authentication } from "../formats/authentication.ts";
import { clientFqdn6 } from "../formats/client-fqdn.ts";
import { domainName, domainNames } from "../formats/domain-names.ts";
import {
  absoluteSeconds2000,
  centiseconds16,
  named,
  nothing,
  seconds,
  secondsAgo,
  uint8,
  uint16,
  uint16List,
  uint32,
} from "../formats/numbers.ts";
import { duid, hexOctets, opaque, text } from "../formats/octet-strings.ts";
import { linkLayerAddress6, remoteId6, userClass6, vendorClass6, vendorOptions6 } from "../formats/tagged-lists6.ts";
import { vss } from "../formats/vss.ts";
import { define, type OptionDefinition, type ValueOf } from "../registry.ts";
import { clientData } from "./client-data.ts";
import { messageTypeName6 } from "./codes.ts";
import { encodeOptions6, type Option6 } from "./encode.ts";
import { iaAddress, iaPrefix, identityAssociation, temporaryAssociation } from "./identity-association.ts";
import { lqQuery } from "./lq-query.ts";
import { lqRelayData } from "./lq-relay-data.ts";
import { decodeOptions6, type OptionArea6 } from "./option-area.ts";
import { status6 } from "./status-code.ts";

/** Options and nothing else. */
const container: Format<readonly Option6[]> = {
  nested: { kind: "options6", from: 0 },
  decode: (data) => decodeOptions6(data),
  encode: encodeOptions6,
  show: (options) => (options.length === 1 ? "1 option" : `${options.length} options`),
};

/** A whole message; decoded when asked for, not here. */
const message6: Format<Uint8Array> = {
  nested: { kind: "message6", from: 0 },
  decode: (data) =>
    data.length >= 4
      ? { ok: true, value: data }
      : wireError("option-length", 0, `has ${octetCount(data.length)}, at least 4 are needed for a message`),
  encode: (value) => value,
  show: (value) => messageTypeName6(value[0] as number) ?? `message of type ${value[0]}`,
};

const message4: Format<Uint8Array> = {
  nested: { kind: "message4", from: 0 },
  decode: (data) => ({ ok: true, value: data }),
  encode: (value) => value,
  show: () => "DHCPv4 message",
};

const optionName6 = (code: number): string | undefined => optionDefinition6(code)?.name;

/** Code → name and format: RFC 9915 whole, and the later RFCs named at their lines. */
export const optionRegistry6 = {
  1: define("Client identifier", duid),
  2: define("Server identifier", duid),
  3: define("IA_NA", identityAssociation),
  4: define("IA_TA", temporaryAssociation),
  5: define("IA address", iaAddress),
  6: define("Option request", uint16List(0, optionName6)),
  7: define("Preference", uint8),
  8: define("Elapsed time", centiseconds16),
  9: define("Relay message", message6),
  11: define("Authentication", authentication),
  12: define("Server unicast", ipv6),
  13: define("Status code", status6),
  14: define("Rapid commit", nothing),
  15: define("User class", userClass6),
  16: define("Vendor class", vendorClass6),
  17: define("Vendor-specific information", vendorOptions6),
  18: define("Interface-ID", opaque(0)),
  19: define("Reconfigure message", named(uint8, messageTypeName6)),
  20: define("Reconfigure accept", nothing),
  21: define("SIP server domain names", domainNames), // RFC 3319
  22: define("SIP server addresses", ipv6List), // RFC 3319
  23: define("DNS recursive name server", ipv6List), // RFC 3646
  24: define("Domain search list", domainNames), // RFC 3646
  25: define("IA_PD", identityAssociation),
  26: define("IA prefix", iaPrefix),
  27: define("NIS server", ipv6List), // RFC 3898
  28: define("NIS+ server", ipv6List), // RFC 3898
  29: define("NIS domain name", domainNames), // RFC 3898
  30: define("NIS+ domain name", domainNames), // RFC 3898
  31: define("SNTP server", ipv6List), // RFC 4075
  32: define("Information refresh time", seconds), // RFC 9915 §21.23
  33: define("BCMCS controller domain names", domainNames), // RFC 4280
  34: define("BCMCS controller addresses", ipv6List), // RFC 4280
  36: define("Civic location", hexOctets(1)), // RFC 4776
  37: define("Remote-ID", remoteId6), // RFC 4649
  38: define("Subscriber-ID", opaque(1)), // RFC 4580
  39: define("Client FQDN", clientFqdn6), // RFC 4704
  40: define("PANA agent", ipv6List), // RFC 5192
  41: define("POSIX time zone", text), // RFC 4833
  42: define("Time zone database name", text), // RFC 4833
  43: define("Echo request", uint16List(1, optionName6)), // RFC 4994
  44: define("Leasequery query", lqQuery), // RFC 5007 §4.1.2.1
  45: define("Client data", clientData), // RFC 5007 §4.1.2.2
  46: define("Client last transaction time", secondsAgo), // RFC 5007 §4.1.2.3
  47: define("Leasequery relay data", lqRelayData), // RFC 5007 §4.1.2.4
  48: define("Leasequery client links", ipv6List), // RFC 5007 §4.1.2.5
  51: define("LoST server", domainName), // RFC 5223
  52: define("CAPWAP access controller", ipv6List), // RFC 5417
  53: define("Relay-ID", duid), // RFC 5460 §5.4.1
  56: define("NTP server", hexOctets(4)), // RFC 5908
  57: define("Access network domain name", domainName), // RFC 5986
  59: define("Boot file URL", text), // RFC 5970
  60: define("Boot file parameters", hexOctets(1)), // RFC 5970
  61: define("Client system architecture", uint16List(1)), // RFC 5970
  62: define("Client network interface identifier", hexOctets(3)), // RFC 5970
  64: define("AFTR name", domainName), // RFC 6334
  65: define("ERP local domain name", domainName), // RFC 6440
  66: define("Relay-supplied options", container), // RFC 6422
  67: define("Prefix exclude", hexOctets(2)), // RFC 6603
  68: define("Virtual subnet selection", vss), // RFC 6607
  74: define("RDNSS selection", hexOctets(17)), // RFC 6731
  79: define("Client link-layer address", linkLayerAddress6), // RFC 6939
  80: define("Link address", ipv6), // RFC 6977
  81: define("RADIUS attributes", hexOctets(1)), // RFC 7037
  82: define("SOL_MAX_RT", seconds), // RFC 9915 §21.24
  83: define("INF_MAX_RT", seconds), // RFC 9915 §21.25
  86: define("PCP server", ipv6List), // RFC 7291
  87: define("DHCPv4 message", message4), // RFC 7341
  88: define("DHCP 4o6 server", hexOctets(0)), // RFC 7341
  89: define("S46 rule", hexOctets(8)), // RFC 7598
  90: define("S46 border relay", ipv6), // RFC 7598
  93: define("S46 port parameters", hexOctets(4)), // RFC 7598
  94: define("S46 MAP-E container", container), // RFC 7598
  95: define("S46 MAP-T container", container), // RFC 7598
  96: define("S46 lightweight 4over6 container", container), // RFC 7598
  100: define("Leasequery base time", absoluteSeconds2000), // RFC 7653 §6.3.1
  101: define("Leasequery start time", absoluteSeconds2000), // RFC 7653 §6.3.2
  102: define("Leasequery end time", absoluteSeconds2000), // RFC 7653 §6.3.3
  103: define("Captive portal", text), // RFC 8910
  112: define("MUD URL", text), // RFC 8520
  135: define("Relay source port", uint16), // RFC 8357
  136: define("SZTP redirect", hexOctets(1)), // RFC 8572
  140: define("SLAP quadrant", hexOctets(2)), // RFC 8948
  144: define("Encrypted DNS", hexOctets(1)), // RFC 9463
  148: define("Address registration", uint32), // RFC 9686
} as const;

export type KnownOptionCode6 = keyof typeof optionRegistry6;
export type OptionValue6<C extends KnownOptionCode6> = ValueOf<(typeof optionRegistry6)[C]>;

export function optionDefinition6(code: number): OptionDefinition | undefined {
  return (optionRegistry6 as Readonly<Record<number, OptionDefinition>>)[code];
}

/** Name of an option code, or `option N`. */
export function optionCodeName6(code: number): string {
  return optionDefinition6(code)?.name ?? `option ${code}`;
}

/** An option from its value: `option6(46, 120)`. */
export function option6<C extends KnownOptionCode6>(code: C, value: OptionValue6<C>): Option6 {
  return { code, data: (optionRegistry6[code].format as Format<unknown>).encode(value) };
}

/**
 * The typed value of the first option of that code; `undefined` if there is none. Octets are views.
 * Errors: those of the format (`option-length`, `option-value`, `option-truncated` inside it, …), with the offset in the area's bytes.
 */
export function readOption6<C extends KnownOptionCode6>(
  area: OptionArea6,
  code: C,
): WireResult<OptionValue6<C> | undefined> {
  const at = area.optionOffset(code);
  if (at < 0) return { ok: true, value: undefined };
  const { name, format } = optionRegistry6[code];
  const data = area.option(code) as Uint8Array;
  return inOption((format as Format<unknown>).decode(data) as WireResult<OptionValue6<C>>, code, name, at + 4);
}

/** The same for the octets of a value that stand alone. Offsets count from the start of `data`. */
export function decodeOption6<C extends KnownOptionCode6>(code: C, data: Uint8Array): WireResult<OptionValue6<C>> {
  const { name, format } = optionRegistry6[code];
  return inOption((format as Format<unknown>).decode(data) as WireResult<OptionValue6<C>>, code, name, 0);
}

/** Every value of that code in a list of options, such as those of an IA. Errors as above. */
export function readAll6<C extends KnownOptionCode6>(
  options: Iterable<Option6>,
  code: C,
): WireResult<readonly OptionValue6<C>[]> {
  const values: OptionValue6<C>[] = [];
  for (const option of options) {
    if (option.code !== code) continue;
    const value = decodeOption6(code, option.data);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return { ok: true, value: values };
}

/** Readers for the octets of one option's value. */
export const readIaAddress = (data: Uint8Array) => decodeOption6(5, data);
export const readIaPrefix = (data: Uint8Array) => decodeOption6(26, data);
export const readStatusCode6 = (data: Uint8Array) => decodeOption6(13, data);
export const readLqQuery = (data: Uint8Array) => decodeOption6(44, data);
export const readClientData = (data: Uint8Array) => decodeOption6(45, data);
export const readCltTime = (data: Uint8Array) => decodeOption6(46, data);
export const readLqRelayData = (data: Uint8Array) => decodeOption6(47, data);
export const readClientLinks = (data: Uint8Array): WireResult<readonly Ipv6Address[]> => decodeOption6(48, data);
export const readBaseTime = (data: Uint8Array) => decodeOption6(100, data);
