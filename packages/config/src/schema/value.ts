import {
  formatHex,
  formatIpv4,
  formatIpv4Prefix,
  formatIpv6,
  formatIpv6Prefix,
  formatMac,
  formatOpaqueInput,
  parseDuid,
  parseHex,
  parseIpv4,
  parseIpv4InterfaceAddress,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6InterfaceAddress,
  parseIpv6Prefix,
  parseMac,
  parseOpaque,
  quote,
  type Result,
} from "@leasewire/net";
import { LIMITS } from "../limits.ts";

/** What may stand as the value of a statement or the key of a list. */
export type ValueType =
  | { readonly kind: "flag" }
  | { readonly kind: "integer"; readonly min: number; readonly max: number; readonly unit?: string }
  | { readonly kind: "enum"; readonly values: readonly EnumValue[] }
  | { readonly kind: "ipv4" | "ipv6" | "ip" }
  | { readonly kind: "ipv4-prefix" | "ipv6-prefix" }
  /** An address with the length of its subnet; host bits stay. */
  | { readonly kind: "ipv4-interface" | "ipv6-interface" }
  /** A DUID, 3 to 130 octets. */
  | { readonly kind: "duid" }
  | { readonly kind: "hex"; readonly lengthMin: number; readonly lengthMax: number }
  /** A hardware address, 1 to 16 octets. */
  | { readonly kind: "mac" }
  /** What a client or relay chose: hex, or `ascii:TEXT`. */
  | { readonly kind: "octets"; readonly lengthMin: number; readonly lengthMax: number }
  /** `ge-0/0/0` (physical), `ge-0/0/0.100` (logical); `either` where both make sense. */
  | { readonly kind: "interface-name"; readonly unit: "none" | "required" | "either" }
  /** A name that people choose: letters, digits and a few marks. */
  | { readonly kind: "name"; readonly example: string }
  /** Free text of one line. */
  | { readonly kind: "text"; readonly lengthMax: number; readonly example: string };

export interface EnumValue {
  readonly value: string;
  readonly help: string;
}

export interface ValueError {
  readonly rule: "text-out-of-range" | "text-wrong-type";
  readonly message: string;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const physicalPattern = /^[A-Za-z0-9][A-Za-z0-9_/:@-]*$/;
const logicalPattern = /^[A-Za-z0-9][A-Za-z0-9_/:@-]*\.[0-9]{1,10}$/;

/**
 * The canonical text of a value, or what is wrong with it. `subject` names the statement in the message: "attempts".
 * `canonical(canonical(x)) = canonical(x)`.
 */
export function canonicalValue(
  type: ValueType,
  text: string,
  subject: string,
  defaultText?: string,
): Result<string, ValueError> {
  switch (type.kind) {
    case "flag":
      return { ok: true, value: "" };
    case "integer":
      return canonicalInteger(type, text, subject, defaultText);
    case "enum":
      return type.values.some(({ value }) => value === text)
        ? { ok: true, value: text }
        : wrongType(`${subject} takes ${type.values.map(({ value }) => value).join(" or ")}, not ${quote(text)}`);
    case "ipv4":
      return converted(parseIpv4(text), formatIpv4, () => addressMessage(subject, text, "IPv4", exampleOf(type)));
    case "ipv6":
      return converted(parseIpv6(text), formatIpv6, () => addressMessage(subject, text, "IPv6", exampleOf(type)));
    case "ip":
      return canonicalAddress(text, subject);
    case "ipv4-prefix":
      return converted(parseIpv4Prefix(text), formatIpv4Prefix, (reason) => valueMessage(subject, type, text, reason));
    case "ipv6-prefix":
      return converted(parseIpv6Prefix(text), formatIpv6Prefix, (reason) => valueMessage(subject, type, text, reason));
    case "ipv4-interface":
      return converted(parseIpv4InterfaceAddress(text), formatIpv4Prefix, (reason) =>
        valueMessage(subject, type, text, reason),
      );
    case "ipv6-interface":
      return converted(parseIpv6InterfaceAddress(text), formatIpv6Prefix, (reason) =>
        valueMessage(subject, type, text, reason),
      );
    case "duid":
      return converted(parseDuid(text), colonHex, (reason) => `${subject}: ${reason}`);
    case "hex":
      return canonicalHex(type, text, subject);
    case "mac":
      return converted(parseMac(text), formatMac, (reason) => `${subject}: ${reason}`);
    case "octets":
      return converted(
        parseOpaque(text, subject, type.lengthMin, type.lengthMax),
        formatOpaqueInput,
        (reason) => reason,
      );
    case "interface-name":
      return canonicalInterface(type, text, subject);
    case "name":
      return canonicalName(type, text, subject);
    case "text":
      return canonicalText(type, text, subject);
  }
}

/** The kind in words: "whole number 1 to 10, seconds". */
export function describeType(type: ValueType): string {
  switch (type.kind) {
    case "flag":
      return "no value";
    case "integer":
      return `whole number, ${rangeOf(type)}`;
    case "enum":
      return type.values.map(({ value }) => value).join(" or ");
    case "ipv4":
      return "IPv4 address";
    case "ipv6":
      return "IPv6 address";
    case "ip":
      return "IPv4 or IPv6 address";
    case "ipv4-prefix":
      return "IPv4 prefix";
    case "ipv6-prefix":
      return "IPv6 prefix";
    case "ipv4-interface":
      return "IPv4 address with prefix length";
    case "ipv6-interface":
      return "IPv6 address with prefix length";
    case "duid":
      return "DUID in hex, 3 to 130 octets";
    case "hex":
      return `hex, ${type.lengthMin} to ${type.lengthMax} octets`;
    case "mac":
      return "hardware address";
    case "octets":
      return `hex or ascii:TEXT, ${type.lengthMin} to ${type.lengthMax} octets`;
    case "interface-name":
      return type.unit === "none"
        ? "physical interface name"
        : type.unit === "required"
          ? "logical interface name"
          : "interface name";
    case "name":
      return `name, 1 to ${LIMITS.nameLengthMax} characters`;
    case "text":
      return `text, 1 to ${type.lengthMax} characters`;
  }
}

/** A value that would be taken. */
export function exampleOf(type: ValueType): string {
  switch (type.kind) {
    case "flag":
      return "";
    case "integer":
      return String(type.min);
    case "enum":
      return type.values[0]?.value ?? "";
    case "ipv4":
    case "ip":
      return "192.0.2.1";
    case "ipv6":
      return "2001:db8::1";
    case "ipv4-prefix":
      return "192.0.2.0/24";
    case "ipv6-prefix":
      return "2001:db8::/32";
    case "ipv4-interface":
      return "192.0.2.1/24";
    case "ipv6-interface":
      return "2001:db8::1/64";
    case "duid":
      return "00:03:00:01:00:11:22:33:44:55";
    case "hex":
    case "mac":
      return "00:11:22:33:44:55";
    case "octets":
      return "ascii:port-7";
    case "interface-name":
      return type.unit === "none" ? "ge-0/0/0" : "ge-0/0/0.100";
    case "name":
      return type.example;
    case "text":
      return /\s/.test(type.example) ? `"${type.example}"` : type.example;
  }
}

export function rangeOf(type: Extract<ValueType, { kind: "integer" }>): string {
  return `${type.min} to ${type.max}${type.unit === undefined ? "" : ` ${type.unit}`}`;
}

function canonicalInteger(
  type: Extract<ValueType, { kind: "integer" }>,
  text: string,
  subject: string,
  defaultText: string | undefined,
): Result<string, ValueError> {
  const usual = defaultText === undefined ? "" : ` (default ${defaultText})`;
  if (!/^[0-9]{1,15}$/.test(text)) {
    if (/^[+-]?[0-9]+$/.test(text)) return outOfRange(subject, text, rangeOf(type), usual);
    return wrongType(
      `${subject} takes a whole number, ${rangeOf(type)}${usual}; ${quote(text)} is not one. Example: ${subject} ${defaultText ?? exampleOf(type)}`,
    );
  }
  const value = Number(text);
  if (value < type.min || value > type.max) return outOfRange(subject, text, rangeOf(type), usual);
  return { ok: true, value: String(value) };
}

function outOfRange(subject: string, text: string, range: string, usual: string): Result<string, ValueError> {
  const shown = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  return {
    ok: false,
    error: { rule: "text-out-of-range", message: `${subject} ${shown} is out of range: ${range}${usual}` },
  };
}

function canonicalAddress(text: string, subject: string): Result<string, ValueError> {
  const v4 = parseIpv4(text);
  if (v4.ok) return { ok: true, value: formatIpv4(v4.value) };
  const v6 = parseIpv6(text);
  if (v6.ok) return { ok: true, value: formatIpv6(v6.value) };
  return wrongType(
    `${subject} takes an IPv4 or IPv6 address; ${quote(text)} is neither. Examples: 192.0.2.1, 2001:db8::1`,
  );
}

function addressMessage(subject: string, text: string, family: "IPv4" | "IPv6", example: string): string {
  const other = family === "IPv4" ? parseIpv6(text) : parseIpv4(text);
  const found = other.ok ? `is an ${family === "IPv4" ? "IPv6" : "IPv4"} address` : "is not one";
  return `${subject} takes an ${family} address; ${quote(text)} ${found}. Example: ${example}`;
}

function canonicalHex(
  type: Extract<ValueType, { kind: "hex" }>,
  text: string,
  subject: string,
): Result<string, ValueError> {
  const bytes = parseHex(text);
  if (!bytes.ok) return wrongType(`${subject} takes hex: ${bytes.error.message}. Example: ${exampleOf(type)}`);
  const { length } = bytes.value;
  if (length < type.lengthMin || length > type.lengthMax) {
    return wrongType(
      `${subject} takes ${type.lengthMin} to ${type.lengthMax} octets in hex; ${quote(text)} has ${length}. Example: ${exampleOf(type)}`,
    );
  }
  return { ok: true, value: colonHex(bytes.value) };
}

function canonicalInterface(
  type: Extract<ValueType, { kind: "interface-name" }>,
  text: string,
  subject: string,
): Result<string, ValueError> {
  const logical = logicalPattern.test(text);
  const fits =
    type.unit === "none"
      ? physicalPattern.test(text)
      : type.unit === "required"
        ? logical
        : logical || physicalPattern.test(text);
  if (fits && text.length <= LIMITS.nameLengthMax) return { ok: true, value: text };
  if (type.unit === "none" && logical) {
    return wrongType(
      `${subject} takes a physical interface; ${quote(text)} names a unit of one. Write: ${text.replace(/\.([0-9]+)$/, " unit $1")}`,
    );
  }
  if (type.unit === "required" && physicalPattern.test(text) && text.length <= LIMITS.nameLengthMax) {
    return wrongType(`${subject} takes a logical interface; ${quote(text)} lacks its unit. Example: ${text}.0`);
  }
  return wrongType(
    `${subject} takes an interface name of at most ${LIMITS.nameLengthMax} characters; ${quote(text)} is not one. Example: ${exampleOf(type)}`,
  );
}

function canonicalName(
  type: Extract<ValueType, { kind: "name" }>,
  text: string,
  subject: string,
): Result<string, ValueError> {
  if (text.length <= LIMITS.nameLengthMax && namePattern.test(text)) return { ok: true, value: text };
  return wrongType(
    `${subject} takes a name of 1 to ${LIMITS.nameLengthMax} letters, digits and . _ -, beginning with a letter or digit; ${quote(text)} is not one. Example: ${type.example}`,
  );
}

function canonicalText(
  type: Extract<ValueType, { kind: "text" }>,
  text: string,
  subject: string,
): Result<string, ValueError> {
  if (text.length >= 1 && text.length <= type.lengthMax) return { ok: true, value: text };
  return wrongType(
    `${subject} takes 1 to ${type.lengthMax} characters; this has ${text.length}. Example: ${exampleOf(type)}`,
  );
}

function converted<T>(
  parsed: Result<T>,
  format: (value: T) => string,
  message: (reason: string) => string,
): Result<string, ValueError> {
  return parsed.ok ? { ok: true, value: format(parsed.value) } : wrongType(message(parsed.error.message));
}

function valueMessage(subject: string, type: ValueType, text: string, reason: string): string {
  return `${subject} takes an ${describeType(type)}; ${quote(text)} is not one: ${reason}. Example: ${exampleOf(type)}`;
}

function wrongType(message: string): { ok: false; error: ValueError } {
  return { ok: false, error: { rule: "text-wrong-type", message } };
}

function colonHex(bytes: Uint8Array): string {
  return formatHex(bytes, ":");
}
