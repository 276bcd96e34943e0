import { type BindingInput, BindingState, EXPIRES_NEVER } from "@leasewire/bindings";
import { formatHex, formatIpv4, formatIpv6, ipv4FromBytes } from "@leasewire/net";

/** A binding as one line of NDJSON: the fields of the CSV, with null for absent ones, and what only the table knows. */
export function formatJsonRow(binding: BindingInput, sequence: number, changedAtSeconds: number): string {
  const row = {
    instance: binding.instance,
    address: formatAddress(binding.address),
    prefixLength: binding.prefixLength,
    kind: binding.kind,
    state: stateNames[binding.state] ?? binding.state,
    hardwareType: binding.hardwareType,
    hardwareAddress: hex(binding.hardwareAddress),
    clientId: hex(binding.clientId),
    iaid: binding.iaid ?? null,
    startTimeOfState: binding.startTimeOfStateSeconds,
    clientLastTransactionTime: binding.clientLastTransactionTimeSeconds,
    expiresAt: time(binding.expiresAtSeconds),
    preferredUntil: binding.preferredUntilSeconds === undefined ? null : time(binding.preferredUntilSeconds),
    linkAddress: binding.linkAddress === undefined ? null : formatAddress(binding.linkAddress),
    relayAgentInformation: hex(binding.relayAgentInformation),
    circuitId: hex(binding.circuitId),
    remoteId: hex(binding.remoteId),
    relayId: hex(binding.relayId),
    options: hex(binding.options),
    serverIdentifier: hex(binding.serverIdentifier),
    serverAddress: binding.serverAddress ?? null,
    dataSource: binding.dataSource,
    interfaceName: binding.interfaceName ?? null,
    origin: binding.origin,
    sequence,
    changedAt: changedAtSeconds,
  };
  return `${JSON.stringify(row)}\n`;
}

const stateNames: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(BindingState).map(([name, state]) => [state, name]),
);

function formatAddress(address: Uint8Array): string {
  if (address.length === 4) return formatIpv4(ipv4FromBytes(address));
  return address.length === 16 ? formatIpv6(address) : `0x${formatHex(address)}`;
}

function hex(octets: Uint8Array | undefined): string | null {
  return octets === undefined ? null : `0x${formatHex(octets)}`;
}

function time(seconds: number): number | "never" {
  return seconds === EXPIRES_NEVER ? "never" : seconds;
}
