import type { BindingFilter as ApiFilter, BindingRole, Family, Refusal } from "@leasewire/api";
import { dhcpStateNames } from "@leasewire/api";
import { BINDING_ORIGINS, type BindingFilter, type BindingOrigin, type BindingTable } from "@leasewire/bindings";
import {
  formatIpv4,
  formatIpv6,
  ipv4ToBytes,
  type NetError,
  parseClientIdentifier,
  parseDuid,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  parseRelayIdentifier,
  parseRemoteId,
  type Result,
} from "@leasewire/net";
import { instancesMatching } from "./instances.ts";

/** Texts of a filter, read once. Refuses whole, naming the field. */
export function readFilter(
  table: BindingTable,
  input: ApiFilter,
): { readonly ok: true; readonly filter: BindingFilter } | { readonly ok: false; readonly refusal: Refusal } {
  const { family } = table;
  const filter: BindingFilter = {
    states: input.states?.map((name) => dhcpStateNames.indexOf(name) + 1),
    kinds: input.kinds,
    text: input.text,
    interfaceName: input.interfaceName,
    changedSinceSeconds: input.changedSinceSeconds,
  };
  if (input.logicalSystem !== undefined || input.routingInstance !== undefined) {
    filter.instances = instancesMatching(table.instanceNames(), input);
  }
  if (input.origin !== undefined && input.origin !== "") {
    const origin = BINDING_ORIGINS.find((known) => known === input.origin);
    if (origin === undefined) {
      return bad(
        "origin",
        `There is no origin ${JSON.stringify(input.origin)}: it is one of ${BINDING_ORIGINS.join(", ")}.`,
      );
    }
    filter.origins = [origin];
  }
  if (input.role !== undefined) {
    const ofRole = originsOf(input.role);
    filter.origins = (filter.origins ?? ofRole).filter((origin) => ofRole.includes(origin));
  }
  for (const { name, parse } of byteFields(family)) {
    const text = input[name];
    if (text === undefined || text.trim() === "") continue;
    const parsed = parse(text);
    if (!parsed.ok) return bad(name, parsed.error.message);
    filter[name] = parsed.value;
  }
  if (input.prefix !== undefined && input.prefix.trim() !== "") {
    const prefix = readPrefix(family, input.prefix.trim());
    if (!prefix.ok) return bad("prefix", prefix.error.message);
    filter.prefix = prefix.value;
  }
  if (input.serverAddress !== undefined && input.serverAddress.trim() !== "") {
    const v4 = parseIpv4(input.serverAddress);
    const v6 = parseIpv6(input.serverAddress);
    if (!v4.ok && !v6.ok) return bad("serverAddress", v4.error.message);
    filter.serverAddress = v4.ok ? formatIpv4(v4.value) : v6.ok ? formatIpv6(v6.value) : undefined;
  }
  return { ok: true, filter };
}

/** Leases this node's servers granted or took from an import; all others it learned as a relay. */
export function roleOf(origin: BindingOrigin): BindingRole {
  return origin === "server" || origin === "import" ? "server" : "relay";
}

export function originsOf(role: BindingRole): readonly BindingOrigin[] {
  return BINDING_ORIGINS.filter((origin) => roleOf(origin) === role);
}

type ByteField = "hardwareAddress" | "clientId" | "relayId" | "remoteId" | "circuitId" | "linkAddress";

function byteFields(
  family: Family,
): readonly { readonly name: ByteField; readonly parse: (text: string) => Result<Uint8Array> }[] {
  return [
    { name: "hardwareAddress", parse: parseMac },
    { name: "clientId", parse: family === 4 ? shown(parseClientIdentifier) : parseDuid },
    { name: "relayId", parse: family === 4 ? shown(parseRelayIdentifier) : parseDuid },
    { name: "remoteId", parse: shown(parseRemoteId) },
    { name: "circuitId", parse: shown(parseRemoteId) },
    { name: "linkAddress", parse: (text) => readAddress(family, text) },
  ];
}

/** Takes hex and `ascii:…`, and also the printable text as the table shows it. */
function shown(parse: (text: string) => Result<Uint8Array>): (text: string) => Result<Uint8Array> {
  return (text) => {
    const parsed = parse(text);
    return parsed.ok || text.includes(":") ? parsedOrPlain(parsed, parse, text) : parse(`ascii:${text.trim()}`);
  };
}

function parsedOrPlain(
  parsed: Result<Uint8Array>,
  parse: (text: string) => Result<Uint8Array>,
  text: string,
): Result<Uint8Array> {
  if (parsed.ok || text.startsWith("ascii:")) return parsed;
  return parse(`ascii:${text.trim()}`);
}

export function readAddress(family: Family, text: string): Result<Uint8Array> {
  if (family === 6) return parseIpv6(text);
  const parsed = parseIpv4(text);
  return parsed.ok ? { ok: true, value: ipv4ToBytes(parsed.value) } : parsed;
}

/** A prefix, or an address as the prefix of itself. */
export function readPrefix(family: Family, text: string): Result<{ address: Uint8Array; length: number }, NetError> {
  if (!text.includes("/")) {
    const address = readAddress(family, text);
    return address.ok ? { ok: true, value: { address: address.value, length: family === 4 ? 32 : 128 } } : address;
  }
  if (family === 6) return parseIpv6Prefix(text);
  const prefix = parseIpv4Prefix(text);
  return prefix.ok
    ? { ok: true, value: { address: ipv4ToBytes(prefix.value.address), length: prefix.value.length } }
    : prefix;
}

function bad(field: string, message: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code: "BAD_REQUEST", message, field } };
}
