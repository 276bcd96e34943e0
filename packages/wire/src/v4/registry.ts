import { inOption, type WireResult } from "../error.ts";
import type { DescribedField, Format } from "../format.ts";
import { ipv4, ipv4List, ipv4ListOrNone, ipv4Pairs } from "../formats/addresses.ts";
import { authentication } from "../formats/authentication.ts";
import { classlessRoutes } from "../formats/classless-routes.ts";
import { clientFqdn4 } from "../formats/client-fqdn.ts";
import { compressedDomainNames } from "../formats/domain-names.ts";
import {
  absoluteSeconds1970,
  flag,
  int32,
  named,
  nothing,
  seconds,
  secondsAgo,
  uint8,
  uint8List,
  uint16,
  uint16List,
  uint32,
} from "../formats/numbers.ts";
import { clientIdentifier, hexOctets, opaque, text } from "../formats/octet-strings.ts";
import { enterpriseList, vendorOctets } from "../formats/tag-length-value.ts";
import { vss } from "../formats/vss.ts";
import { define, type OptionDefinition, type ValueOf } from "../registry.ts";
import { dhcpStateName, messageTypeName4 } from "./codes.ts";
import type { Option4 } from "./encode.ts";
import type { Message4 } from "./message.ts";
import { decodeRelayAgentInformation, encodeRelayAgentInformation } from "./relay-agent-information.ts";
import { status4 } from "./status-code.ts";

/** Sub-options of option 82: RFC 3046, 3256, 3527, 3993, 4014, 4030, 4243, 5010, 5107, 6925, 6607, 8357. */
const subOptionRegistry = {
  1: define("Agent circuit ID", opaque(0)),
  2: define("Agent remote ID", opaque(0)),
  4: define("DOCSIS device class", uint32),
  5: define("Link selection", ipv4),
  6: define("Subscriber ID", text),
  7: define("RADIUS attributes", hexOctets(1)),
  8: define("Authentication", hexOctets(1)),
  9: define("Vendor-specific information", enterpriseList),
  10: define(
    "Relay agent flags",
    named(uint8, (value) =>
      value === 0x80 ? "received as unicast" : value === 0 ? "received as broadcast" : undefined,
    ),
  ),
  11: define("Server identifier override", ipv4),
  12: define("Relay agent identifier", opaque(1)),
  19: define("Relay source port", nothing),
  151: define("Virtual subnet selection", vss),
  152: define("Virtual subnet selection control", nothing),
} as const;

export function subOptionDefinition(code: number): OptionDefinition | undefined {
  return (subOptionRegistry as Readonly<Record<number, OptionDefinition>>)[code];
}

/** Option 82: the sub-options in their order. */
const relayAgentInformation: Format<readonly Option4[]> = {
  decode: (data) => {
    const subOptions = decodeRelayAgentInformation(data);
    return subOptions.ok
      ? { ok: true, value: subOptions.value.map(({ code, data: value }) => ({ code, data: value })) }
      : subOptions;
  },
  encode: encodeRelayAgentInformation,
  show: (value) => (value.length === 1 ? "1 sub-option" : `${value.length} sub-options`),
  parts: (data) => {
    const subOptions = decodeRelayAgentInformation(data);
    return subOptions.ok ? subOptions.value.map(describeSubOption) : [];
  },
};

function describeSubOption({ code, data, offset }: { code: number; data: Uint8Array; offset: number }): DescribedField {
  const definition = subOptionDefinition(code);
  const name = `${code} ${definition?.name ?? "unknown sub-option"}`;
  const decoded = (definition?.format ?? opaque(0)).decode(data);
  const field = { name, offset, length: 2 + data.length };
  return decoded.ok
    ? { ...field, value: (definition?.format ?? (opaque(0) as Format<unknown>)).show(decoded.value) }
    : { ...field, value: opaque(0).show(data), note: decoded.error.message };
}

const optionName4 = (code: number): string | undefined => optionDefinition4(code)?.name;

/**
 * Code → name and format, for every option that DHCPv4 servers, clients and relays are known to use here: RFC 2132 whole, and the
 * later RFCs named at their lines.
 */
export const optionRegistry4 = {
  1: define("Subnet mask", ipv4),
  2: define("Time offset", int32),
  3: define("Router", ipv4List),
  4: define("Time server", ipv4List),
  5: define("Name server", ipv4List),
  6: define("Domain name server", ipv4List),
  7: define("Log server", ipv4List),
  8: define("Cookie server", ipv4List),
  9: define("LPR server", ipv4List),
  10: define("Impress server", ipv4List),
  11: define("Resource location server", ipv4List),
  12: define("Host name", text),
  13: define("Boot file size", uint16),
  14: define("Merit dump file", text),
  15: define("Domain name", text),
  16: define("Swap server", ipv4),
  17: define("Root path", text),
  18: define("Extensions path", text),
  19: define("IP forwarding", flag),
  20: define("Non-local source routing", flag),
  21: define("Policy filter", ipv4Pairs),
  22: define("Maximum datagram reassembly size", uint16),
  23: define("Default IP time-to-live", uint8),
  24: define("Path MTU aging timeout", seconds),
  25: define("Path MTU plateau table", uint16List(1)),
  26: define("Interface MTU", uint16),
  27: define("All subnets are local", flag),
  28: define("Broadcast address", ipv4),
  29: define("Perform mask discovery", flag),
  30: define("Mask supplier", flag),
  31: define("Perform router discovery", flag),
  32: define("Router solicitation address", ipv4),
  33: define("Static route", ipv4Pairs),
  34: define("Trailer encapsulation", flag),
  35: define("ARP cache timeout", seconds),
  36: define("Ethernet encapsulation", flag),
  37: define("TCP default TTL", uint8),
  38: define("TCP keepalive interval", seconds),
  39: define("TCP keepalive garbage", flag),
  40: define("NIS domain", text),
  41: define("NIS server", ipv4List),
  42: define("NTP server", ipv4List),
  43: define("Vendor-specific information", vendorOctets),
  44: define("NetBIOS name server", ipv4List),
  45: define("NetBIOS datagram distribution server", ipv4List),
  46: define("NetBIOS node type", uint8),
  47: define("NetBIOS scope", opaque(1)),
  48: define("X Window font server", ipv4List),
  49: define("X Window display manager", ipv4List),
  50: define("Requested IP address", ipv4),
  51: define("IP address lease time", seconds),
  52: define("Option overload", uint8),
  53: define("DHCP message type", named(uint8, messageTypeName4)),
  54: define("Server identifier", ipv4),
  55: define("Parameter request list", uint8List(optionName4)),
  56: define("Message", text),
  57: define("Maximum DHCP message size", uint16),
  58: define("Renewal time (T1)", seconds),
  59: define("Rebinding time (T2)", seconds),
  60: define("Vendor class identifier", opaque(1)),
  61: define("Client identifier", clientIdentifier),
  62: define("NetWare/IP domain", text), // RFC 2242
  63: define("NetWare/IP information", hexOctets(1)), // RFC 2242
  64: define("NIS+ domain", text),
  65: define("NIS+ server", ipv4List),
  66: define("TFTP server name", text),
  67: define("Boot file name", text),
  68: define("Mobile IP home agent", ipv4ListOrNone),
  69: define("SMTP server", ipv4List),
  70: define("POP3 server", ipv4List),
  71: define("NNTP server", ipv4List),
  72: define("WWW server", ipv4List),
  73: define("Finger server", ipv4List),
  74: define("IRC server", ipv4List),
  75: define("StreetTalk server", ipv4List),
  76: define("StreetTalk directory assistance server", ipv4List),
  77: define("User class", opaque(1)), // RFC 3004; many clients send plain text instead of its list
  78: define("SLP directory agent", hexOctets(1)), // RFC 2610
  79: define("SLP service scope", hexOctets(1)), // RFC 2610
  80: define("Rapid commit", nothing), // RFC 4039
  81: define("Client FQDN", clientFqdn4), // RFC 4702
  82: define("Relay agent information", relayAgentInformation), // RFC 3046
  90: define("Authentication", authentication), // RFC 3118
  91: define("Client last transaction time", secondsAgo), // RFC 4388 §6.1
  92: define("Associated IP", ipv4List), // RFC 4388 §6.1
  93: define("Client system architecture", uint16List(1)), // RFC 4578
  94: define("Client network device interface", hexOctets(3)), // RFC 4578
  97: define("Client machine identifier", hexOctets(1)), // RFC 4578
  100: define("POSIX time zone", text), // RFC 4833
  101: define("Time zone database name", text), // RFC 4833
  108: define("IPv6-only preferred", seconds), // RFC 8925
  114: define("Captive portal", text), // RFC 8910
  116: define("Auto-configure", uint8), // RFC 2563
  117: define("Name service search", uint16List(1)), // RFC 2937
  118: define("Subnet selection", ipv4), // RFC 3011
  119: define("Domain search", compressedDomainNames), // RFC 3397
  120: define("SIP server", hexOctets(1)), // RFC 3361
  121: define("Classless static route", classlessRoutes), // RFC 3442
  124: define("Vendor-identifying vendor class", enterpriseList), // RFC 3925
  125: define("Vendor-identifying vendor-specific information", enterpriseList), // RFC 3925
  138: define("CAPWAP access controller", ipv4List), // RFC 5417
  145: define("Forcerenew nonce capable", uint8List()), // RFC 6704
  146: define("RDNSS selection", hexOctets(1)), // RFC 6731
  150: define("TFTP server address", ipv4List), // RFC 5859
  151: define("Status code", status4), // RFC 6926 §6.2.2
  152: define("Base time", absoluteSeconds1970), // RFC 6926 §6.2.3
  153: define("Start time of state", secondsAgo), // RFC 6926 §6.2.4
  154: define("Query start time", absoluteSeconds1970), // RFC 6926 §6.2.5
  155: define("Query end time", absoluteSeconds1970), // RFC 6926 §6.2.6
  156: define("DHCP state", named(uint8, dhcpStateName)), // RFC 6926 §6.2.7
  157: define(
    "Data source",
    named(uint8, (value) => ((value & 1) === 1 ? "remote" : "local")),
  ), // RFC 6926 §6.2.8
  158: define("PCP server", hexOctets(5)), // RFC 7291
  161: define("MUD URL", text), // RFC 8520
  209: define("Configuration file", text), // RFC 5071
  210: define("Path prefix", text), // RFC 5071
  211: define("Reboot time", seconds), // RFC 5071
  212: define("6rd", hexOctets(22)), // RFC 5969
  213: define("Access network domain name", text), // RFC 5986
  220: define("Subnet allocation", hexOctets(1)), // RFC 6656
  221: define("Virtual subnet selection", vss), // RFC 6607
  249: define("Classless static route (Microsoft)", classlessRoutes),
  252: define("Proxy auto-discovery", text),
} as const;

export type KnownOptionCode4 = keyof typeof optionRegistry4;
export type OptionValue4<C extends KnownOptionCode4> = ValueOf<(typeof optionRegistry4)[C]>;

export function optionDefinition4(code: number): OptionDefinition | undefined {
  return (optionRegistry4 as Readonly<Record<number, OptionDefinition>>)[code];
}

/** Name of an option code, or `option N`. */
export function optionCodeName4(code: number): string {
  return optionDefinition4(code)?.name ?? `option ${code}`;
}

/** An option from its value: `option4(51, 3600)`. */
export function option4<C extends KnownOptionCode4>(code: C, value: OptionValue4<C>): Option4 {
  return { code, data: (optionRegistry4[code].format as Format<unknown>).encode(value) };
}

/**
 * The typed value of an option of a message; `undefined` if it is not there. Views into the message where the type is octets.
 * Errors: those of the format (`option-length`, `option-value`, …), with the offset within the message.
 */
export function readOption4<C extends KnownOptionCode4>(
  message: Message4,
  code: C,
): WireResult<OptionValue4<C> | undefined> {
  const data = message.option(code);
  if (data === undefined) return { ok: true, value: undefined };
  const { name, format } = optionRegistry4[code];
  const decoded = (format as Format<unknown>).decode(data);
  if (decoded.ok) return decoded as WireResult<OptionValue4<C>>;
  return inOption(decoded, code, name, message.optionOffset(code) + 2);
}

/** The same for the octets of a value that stand alone. Offsets count from the start of `data`. */
export function decodeOption4<C extends KnownOptionCode4>(code: C, data: Uint8Array): WireResult<OptionValue4<C>> {
  const { name, format } = optionRegistry4[code];
  return inOption((format as Format<unknown>).decode(data) as WireResult<OptionValue4<C>>, code, name, 0);
}

export type KnownSubOptionCode = keyof typeof subOptionRegistry;
export type SubOptionValue<C extends KnownSubOptionCode> = ValueOf<(typeof subOptionRegistry)[C]>;

/** A sub-option of option 82 from its value: `relayAgentSubOption4(12, relayId)`. */
export function subOption<C extends KnownSubOptionCode>(code: C, value: SubOptionValue<C>): Option4 {
  return { code, data: (subOptionRegistry[code].format as Format<unknown>).encode(value) };
}

export function decodeSubOption<C extends KnownSubOptionCode>(
  code: C,
  data: Uint8Array,
): WireResult<SubOptionValue<C>> {
  const { name, format } = subOptionRegistry[code];
  return inOption((format as Format<unknown>).decode(data) as WireResult<SubOptionValue<C>>, code, name, 0);
}
