import { type BindingInput, BindingState, EXPIRES_NEVER, type Family } from "@leasewire/bindings";
import { formatHex, formatIpv4, formatIpv6, ipv4FromBytes } from "@leasewire/net";
import { checked, relayFields4 } from "./binding.ts";
import type { LeaseFileOptions } from "./lease-file.ts";
import { leaseFileLimits } from "./limits.ts";
import type { Columns, TableFormat } from "./table-rows.ts";
import { address4, address6, hexOctets, number, Refused, shown, textOctets } from "./values.ts";

/**
 * Our own CSV: one binding a line, the columns named as the fields are, in any order. Octets are `0x…`; times are unix seconds,
 * `never` for a lease without end; an empty field is an absent one. What `formatCsvRow` writes, the reader takes back exactly,
 * origin apart: what comes from a file is an import.
 *
 * No field it writes can be taken for a formula, a date or a number with an exponent by a spreadsheet: text that is not plain is
 * written as the octets of its UTF-8.
 */
export const csvColumns = [
  "address",
  "prefixLength",
  "kind",
  "state",
  "hardwareType",
  "hardwareAddress",
  "clientId",
  "iaid",
  "startTimeOfState",
  "clientLastTransactionTime",
  "expiresAt",
  "preferredUntil",
  "linkAddress",
  "relayAgentInformation",
  "circuitId",
  "remoteId",
  "relayId",
  "options",
  "serverIdentifier",
  "serverAddress",
  "dataSource",
  "interfaceName",
] as const;

export const csvHeader = `${csvColumns.join(",")}\n`;

export function formatCsvRow(binding: BindingInput): string {
  const family = binding.address.length === 4 ? 4 : 6;
  const fields = [
    formatAddress(binding.address),
    binding.prefixLength,
    binding.kind,
    stateNames[binding.state] ?? binding.state,
    binding.hardwareType,
    hex(binding.hardwareAddress),
    hex(binding.clientId),
    binding.iaid ?? "",
    binding.startTimeOfStateSeconds,
    binding.clientLastTransactionTimeSeconds,
    time(binding.expiresAtSeconds),
    binding.preferredUntilSeconds === undefined ? "" : time(binding.preferredUntilSeconds),
    binding.linkAddress?.length === (family === 4 ? 4 : 16) ? formatAddress(binding.linkAddress) : "",
    hex(binding.relayAgentInformation),
    hex(binding.circuitId),
    hex(binding.remoteId),
    hex(binding.relayId),
    hex(binding.options),
    hex(binding.serverIdentifier),
    text(binding.serverAddress),
    binding.dataSource,
    text(binding.interfaceName),
  ];
  return `${fields.join(",")}\n`;
}

export function ownCsv({ instance }: LeaseFileOptions): TableFormat {
  return {
    name: "Leasewire's CSV",
    required: ["address"],
    split: splitQuoted,
    read: (field, has, line) => {
      const family: Family = field("address").includes(":") ? 6 : 4;
      return { line, family, binding: checked(family, readRow(field, has, family, instance)), onlyEnds: false };
    },
  };
}

function readRow(
  field: Columns,
  has: (name: string) => boolean,
  family: Family,
  instance: BindingInput["instance"],
): BindingInput {
  const bits = family === 4 ? 32 : 128;
  const readAddress = family === 4 ? address4 : address6;
  const address = readAddress(field("address"), "address");
  const prefixLength = optional(field("prefixLength"), (value) => number(value, "prefixLength", bits)) ?? bits;
  const kind = field("kind") === "" ? (prefixLength === bits ? "address" : "prefix") : field("kind");
  if (kind !== "address" && kind !== "prefix") {
    throw new Refused(`kind ${shown(kind)} is unknown`, "write address or prefix", "kind");
  }
  if (kind === "address" && prefixLength !== bits) {
    throw new Refused(`prefixLength ${prefixLength} is not that of an address`, `write ${bits}`, "prefixLength");
  }
  const octets = (name: string) =>
    optional(field(name), (value) => hexOctets(value, name, 0, leaseFileLimits.valueOctetsMax));
  const seconds = (name: string) => optional(field(name), (value) => readTime(value, name));
  const relayAgentInformation = octets("relayAgentInformation");
  // A file that names none of them leaves it to us to take them out of option 82.
  const derive =
    family === 4 &&
    relayAgentInformation !== undefined &&
    !["circuitId", "remoteId", "relayId"].some((name) => has(name));
  const relay = derive
    ? relayFields4(relayAgentInformation, "relayAgentInformation")
    : {
        relayAgentInformation,
        circuitId: octets("circuitId"),
        remoteId: octets("remoteId"),
        relayId: octets("relayId"),
      };
  const hardwareAddress = octets("hardwareAddress");
  const clientLastTransactionTimeSeconds = seconds("clientLastTransactionTime") ?? 0;
  return {
    instance,
    address,
    prefixLength,
    kind,
    state: readState(field("state")),
    hardwareType:
      optional(field("hardwareType"), (value) => number(value, "hardwareType", 0xffff)) ??
      (hardwareAddress === undefined ? 0 : 1),
    hardwareAddress,
    clientId: octets("clientId"),
    iaid: optional(field("iaid"), (value) => number(value, "iaid", 0xffffffff)),
    startTimeOfStateSeconds: seconds("startTimeOfState") ?? clientLastTransactionTimeSeconds,
    clientLastTransactionTimeSeconds,
    expiresAtSeconds: seconds("expiresAt") ?? 0,
    preferredUntilSeconds: seconds("preferredUntil"),
    linkAddress: optional(field("linkAddress"), (value) => readAddress(value, "linkAddress")),
    ...relay,
    options: octets("options"),
    serverIdentifier: octets("serverIdentifier"),
    serverAddress: optional(field("serverAddress"), (value) => readText(value, "serverAddress")),
    dataSource: optional(field("dataSource"), (value) => number(value, "dataSource", 255)) ?? 0,
    origin: "import",
    interfaceName: optional(field("interfaceName"), (value) => readText(value, "interfaceName")),
  };
}

const stateNames = Object.fromEntries(Object.entries(BindingState).map(([name, state]) => [state, name])) as Record<
  number,
  string
>;

function readState(value: string): number {
  if (value === "") return BindingState.ACTIVE;
  const state = Object.hasOwn(BindingState, value) ? BindingState[value as keyof typeof BindingState] : undefined;
  if (state !== undefined) return state;
  throw new Refused(
    `state ${shown(value)} is unknown`,
    `write one of ${Object.keys(BindingState).join(", ")}`,
    "state",
  );
}

function readTime(value: string, name: string): number {
  return value === "never" ? EXPIRES_NEVER : number(value, name, EXPIRES_NEVER);
}

function time(seconds: number): string {
  return seconds === EXPIRES_NEVER ? "never" : String(seconds);
}

const textLengthMax = 255;
const plainText = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:/-]*[A-Za-z0-9._:/-])?$/;

function text(value: string | undefined): string {
  if (value === undefined) return "";
  return plainText.test(value) && !looksLikeHex(value) ? value : hex(textOctets(value));
}

function readText(value: string, name: string): string {
  const octets = looksLikeHex(value) ? hexOctets(value, name, 0, textLengthMax * 4) : undefined;
  const read = octets === undefined ? value : new TextDecoder("utf-8", { ignoreBOM: true }).decode(octets);
  if (read.length <= textLengthMax) return read;
  throw new Refused(`${name} has more than ${textLengthMax} characters`, "shorten it", name);
}

function looksLikeHex(value: string): boolean {
  return value.startsWith("0x") || value.startsWith("0X");
}

function hex(octets: Uint8Array | undefined): string {
  return octets === undefined ? "" : `0x${formatHex(octets)}`;
}

function formatAddress(address: Uint8Array): string {
  return address.length === 4 ? formatIpv4(ipv4FromBytes(address)) : formatIpv6(address);
}

function optional<T>(value: string, read: (value: string) => T): T | undefined {
  return value === "" ? undefined : read(value);
}

/** Fields between commas, quoted where a spreadsheet has quoted them (RFC 4180); no field goes over the end of a line. */
function splitQuoted(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(",");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (line[at] !== '"') {
      const end = line.indexOf(",", at);
      fields.push(line.slice(at, end < 0 ? undefined : end));
      if (end < 0) return fields;
      at = end + 1;
      continue;
    }
    let field = "";
    for (at += 1; ; ) {
      const close = line.indexOf('"', at);
      if (close < 0) return undefined;
      field += line.slice(at, close);
      at = close + 1;
      if (line[at] !== '"') break;
      field += '"';
      at += 1;
    }
    fields.push(field);
    if (at >= line.length) return fields;
    if (line[at] !== ",") return undefined;
    at += 1;
  }
}
