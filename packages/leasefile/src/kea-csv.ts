import { BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { checked, ended, hardwareOfDuid, hostNameOptions4, moment, options6 } from "./binding.ts";
import { keaRelay4, keaRelays6 } from "./kea-relay.ts";
import type { LeaseFileOptions, LeaseRecord } from "./lease-file.ts";
import { leaseFileLimits } from "./limits.ts";
import type { Columns, TableFormat } from "./table-rows.ts";
import { address4, address6, hexOctets, number, Refused } from "./values.ts";

/**
 * Lease files of Kea's memfile, `kea-leases4.csv` and `kea-leases6.csv`, of any version: the header says which columns there
 * are. The file is a journal: the last row of an address holds, and a row with `valid_lifetime` 0 says that the lease is gone.
 * Of times it keeps the end of the lease only; the client's last transaction was `valid_lifetime` before.
 */

const ethernet = 1;
/** An expire of later than that is none of a clock. */
const secondsMax = Number.MAX_SAFE_INTEGER;

export function keaCsv4(options: LeaseFileOptions): TableFormat {
  return {
    name: "a Kea lease file for DHCPv4",
    required: ["address", "hwaddr", "valid_lifetime", "expire"],
    split,
    read: (field, _has, line) => readRow4(field, line, options),
  };
}

export function keaCsv6(options: LeaseFileOptions): TableFormat {
  return {
    name: "a Kea lease file for DHCPv6",
    required: ["address", "duid", "valid_lifetime", "expire", "lease_type", "iaid"],
    split,
    read: (field, _has, line) => readRow6(field, line, options),
  };
}

function readRow4(field: Columns, line: number, { instance, nowSeconds }: LeaseFileOptions): LeaseRecord {
  const hwaddr = field("hwaddr");
  const clientId = field("client_id");
  const times = readTimes(field);
  const relay = keaRelay4(unescaped(field("user_context")));
  const binding = checked(4, {
    instance,
    address: address4(field("address"), "address"),
    prefixLength: 32,
    kind: "address",
    state: times.state,
    hardwareType: hwaddr === "" ? 0 : ethernet,
    hardwareAddress:
      hwaddr === "" ? undefined : hexOctets(hwaddr, "hwaddr", 1, leaseFileLimits.hardwareAddressOctetsMax),
    clientId: clientId === "" ? undefined : hexOctets(clientId, "client_id", 1, leaseFileLimits.clientIdOctetsMax),
    startTimeOfStateSeconds: times.startTimeOfStateSeconds,
    clientLastTransactionTimeSeconds: times.clientLastTransactionTimeSeconds,
    expiresAtSeconds: times.expiresAtSeconds,
    relayAgentInformation: relay.relayAgentInformation,
    circuitId: relay.circuitId,
    remoteId: relay.remoteId,
    relayId: relay.relayId,
    options: hostNameOptions4(unescaped(field("hostname"))),
    dataSource: 0,
    origin: "import",
  });
  return { line, family: 4, binding: ended(binding, nowSeconds), onlyEnds: times.gone };
}

const leaseTypes = ["na", "ta", "pd"] as const;

function readRow6(field: Columns, line: number, { instance, nowSeconds }: LeaseFileOptions): LeaseRecord {
  const type = leaseTypes[number(field("lease_type"), "lease_type", 2)];
  const prefixLengthText = field("prefix_len");
  const prefixLength =
    prefixLengthText === "" ? (type === "pd" ? 0 : 128) : number(prefixLengthText, "prefix_len", 128);
  if ((type === "pd") === (prefixLength === 128) || prefixLength === 0) {
    throw new Refused(
      `prefix_len ${prefixLength} is not that of lease_type ${leaseTypes.indexOf(type as "na")}`,
      "an address has 128, a delegated prefix 1 to 127",
      "prefix_len",
    );
  }
  const iaid = number(field("iaid"), "iaid", 0xffffffff);
  const duid = hexOctets(field("duid"), "duid", 1, leaseFileLimits.clientIdOctetsMax);
  // Kea writes the DUID of a declined lease, which nobody has, as one octet 00.
  const nobody = duid.length === 1 && duid[0] === 0;
  const times = readTimes(field);
  const relays = keaRelays6(unescaped(field("user_context")));
  const hardware = readHardware6(field) ?? relays.hardware ?? hardwareOfDuid(duid);
  const preferred = field("pref_lifetime");
  const binding = checked(6, {
    instance,
    address: address6(field("address"), "address"),
    prefixLength,
    kind: type === "pd" ? "prefix" : "address",
    state: times.state,
    hardwareType: hardware?.type ?? 0,
    hardwareAddress: hardware?.address,
    clientId: nobody ? undefined : duid,
    iaid,
    startTimeOfStateSeconds: times.startTimeOfStateSeconds,
    clientLastTransactionTimeSeconds: times.clientLastTransactionTimeSeconds,
    expiresAtSeconds: times.expiresAtSeconds,
    preferredUntilSeconds:
      preferred === ""
        ? undefined
        : moment(times.clientLastTransactionTimeSeconds, number(preferred, "pref_lifetime", 0xffffffff)),
    linkAddress: relays.linkAddress,
    relayAgentInformation: relays.relayAgentInformation,
    circuitId: relays.circuitId,
    remoteId: relays.remoteId,
    relayId: relays.relayId,
    options: options6({ temporaryIaid: type === "ta" ? iaid : undefined, hostName: unescaped(field("hostname")) }),
    dataSource: 0,
    origin: "import",
  });
  return { line, family: 6, binding: ended(binding, nowSeconds), onlyEnds: times.gone };
}

function readHardware6(field: Columns): { type: number; address: Uint8Array } | undefined {
  const hwaddr = field("hwaddr");
  if (hwaddr === "") return undefined;
  const hwtype = field("hwtype");
  return {
    type: hwtype === "" ? ethernet : number(hwtype, "hwtype", 0xffff),
    address: hexOctets(hwaddr, "hwaddr", 1, leaseFileLimits.hardwareAddressOctetsMax),
  };
}

interface KeaTimes {
  readonly state: number;
  readonly startTimeOfStateSeconds: number;
  readonly clientLastTransactionTimeSeconds: number;
  readonly expiresAtSeconds: number;
  readonly gone: boolean;
}

/** Kea's states: 0 default, 1 declined, 2 expired and reclaimed, 3 released and kept for its client, 4 registered (RFC 9686). */
function readTimes(field: Columns): KeaTimes {
  const lifetime = number(field("valid_lifetime"), "valid_lifetime", EXPIRES_NEVER);
  const expire = number(field("expire"), "expire", secondsMax);
  const transaction = Math.min(Math.max(expire - lifetime, 0), EXPIRES_NEVER - 1);
  const expiresAtSeconds = lifetime === EXPIRES_NEVER ? EXPIRES_NEVER : Math.min(expire, EXPIRES_NEVER - 1);
  const at = { clientLastTransactionTimeSeconds: transaction, expiresAtSeconds };
  const stateText = field("state");
  const keaState = stateText === "" ? 0 : number(stateText, "state", 4);
  if (lifetime === 0) {
    return { ...at, state: BindingState.RELEASED, startTimeOfStateSeconds: transaction, gone: true };
  }
  switch (keaState) {
    case 1:
      return { ...at, state: BindingState.ABANDONED, startTimeOfStateSeconds: transaction, gone: false };
    case 2:
      return { ...at, state: BindingState.EXPIRED, startTimeOfStateSeconds: expiresAtSeconds, gone: false };
    case 3:
      return { ...at, state: BindingState.RELEASED, startTimeOfStateSeconds: transaction, gone: false };
    default:
      return { ...at, state: BindingState.ACTIVE, startTimeOfStateSeconds: transaction, gone: false };
  }
}

/** Kea writes a comma, and its own mark, inside a field as `&#x` and two hex digits. */
function unescaped(text: string): string {
  if (!text.includes("&#x")) return text;
  return text.replace(/&#x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function split(line: string): string[] {
  return line.split(",");
}
