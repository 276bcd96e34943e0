import type { BindingDetail, BindingRow, DhcpStateName, ExpiresAt, Family } from "@leasewire/api";
import { dhcpStateNames } from "@leasewire/api";
import { type Binding, bindingId, EXPIRES_NEVER } from "@leasewire/bindings";
import {
  formatClientIdentifier,
  formatDuid,
  formatHex,
  formatIpv4,
  formatIpv6,
  formatMac,
  formatOpaque,
  ipv4FromBytes,
} from "@leasewire/net";
import {
  describeOptions4,
  describeOptions6,
  encodeOptions4,
  encodeOptions6,
  OptionCode4,
  OptionCode6,
} from "@leasewire/wire";
import { roleOf } from "./binding-filter.ts";
import { hostName } from "./host-name.ts";

export function stateName(state: number): DhcpStateName {
  return dhcpStateNames[state - 1] ?? "AVAILABLE";
}

/** One binding as the table shows it. What clients and relays sent is made printable here. */
export function bindingRow(family: Family, binding: Binding, durableSequence: number): BindingRow {
  return {
    id: bindingId(family, binding.instance, binding.address, binding.prefixLength),
    family,
    instance: binding.instance,
    address: addressText(family, binding.address) + (binding.kind === "prefix" ? `/${binding.prefixLength}` : ""),
    kind: binding.kind,
    state: stateName(binding.state),
    hardwareAddress: text(binding.hardwareAddress, formatMac),
    clientId: text(binding.clientId, family === 4 ? formatClientIdentifier : formatDuid),
    iaid: binding.iaid ?? null,
    expiresAt: moment(binding.expiresAtSeconds),
    preferredUntil: moment(binding.preferredUntilSeconds ?? 0),
    clientLastTransactionTime: binding.clientLastTransactionTimeSeconds || null,
    startTimeOfState: binding.startTimeOfStateSeconds || null,
    interfaceName: binding.interfaceName ?? null,
    circuitId: text(binding.circuitId, formatOpaque),
    remoteId: text(binding.remoteId, formatOpaque),
    relayId: text(binding.relayId, family === 4 ? formatOpaque : formatDuid),
    linkAddress: text(binding.linkAddress, (address) => addressText(family, address)),
    serverAddress: binding.serverAddress ?? null,
    hostName: hostName(family, binding.options),
    origin: binding.origin,
    role: roleOf(binding.origin),
    sequence: binding.sequence,
    stored: binding.sequence <= durableSequence,
  };
}

/** Everything of a binding but its history. */
export function bindingDetail(
  family: Family,
  binding: Binding,
  durableSequence: number,
): Omit<BindingDetail, "history"> {
  const options = binding.options ?? new Uint8Array();
  // With its option header, so that offsets of the fields are offsets in the hex beside them.
  const relayData = relayOption(family, binding.relayAgentInformation);
  return {
    row: bindingRow(family, binding, durableSequence),
    serverIdentifier: text(binding.serverIdentifier, (bytes) =>
      family === 4 && bytes.length === 4 ? formatIpv4(ipv4FromBytes(bytes)) : formatDuid(bytes),
    ),
    dataSource: (binding.dataSource & 1) === 0 ? "local" : "remote",
    placement: placement(family, binding),
    options: family === 4 ? describeOptions4(options) : describeOptions6(options),
    relayData: family === 4 ? describeOptions4(relayData) : describeOptions6(relayData),
    optionsHex: formatHex(options),
    relayDataHex: formatHex(relayData),
  };
}

function relayOption(family: Family, data: Uint8Array | undefined): Uint8Array {
  if (data === undefined || data.length === 0) return new Uint8Array();
  return family === 4
    ? encodeOptions4([{ code: OptionCode4.relayAgentInformation, data }])
    : encodeOptions6([{ code: OptionCode6.LQ_RELAY_DATA, data }]);
}

/** Why a binding has no access interface. */
function placement(family: Family, binding: Binding): string | null {
  if (binding.interfaceName !== undefined) return null;
  const name = family === 4 ? "circuit-id (option 82)" : "interface-id (option 18)";
  if (binding.circuitId === undefined) {
    const remedy =
      family === 4
        ? " Let the server keep option 82 of its clients (ISC dhcpd: stash-agent-options true)."
        : binding.relayAgentInformation === undefined
          ? " The server sent no relay data (option 47); ISC dhcpd never does."
          : "";
    return `The server told no ${name}, so the lease cannot be tied to an access interface.${remedy}`;
  }
  return `The ${name} ${formatOpaque(binding.circuitId)} names no interface: it is not printable text.`;
}

function addressText(family: Family, address: Uint8Array): string {
  return family === 4 ? formatIpv4(ipv4FromBytes(address)) : formatIpv6(address);
}

function text(bytes: Uint8Array | undefined, format: (bytes: Uint8Array) => string): string | null {
  return bytes === undefined || bytes.length === 0 ? null : format(bytes);
}

function moment(seconds: number): ExpiresAt {
  return seconds === 0 ? null : seconds === EXPIRES_NEVER ? "never" : seconds;
}
