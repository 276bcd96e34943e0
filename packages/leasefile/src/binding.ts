import { type BindingInput, BindingState, EXPIRES_NEVER, type Family } from "@leasewire/bindings";
import {
  clientFqdn6,
  decodeRelayAgentInformation,
  encodeName,
  encodeOptions4,
  encodeOptions6,
  OptionCode4,
  OptionCode6,
  relayAgentSubOption,
} from "@leasewire/wire";
import { leaseFileLimits } from "./limits.ts";
import { Refused, shown, textOctets } from "./values.ts";

/** Sub-options of option 82 that the table has fields for: RFC 3046 §2.0, RFC 6925 §5. */
const circuitIdCode = 1;
const remoteIdCode = 2;
const relayIdCode = 12;

export type RelayFields = Pick<BindingInput, "relayAgentInformation" | "circuitId" | "remoteId" | "relayId">;

/** Option 82 whole, and what the table keeps of it in fields of their own. */
export function relayFields4(information: Uint8Array, field: string): RelayFields {
  const decoded = decodeRelayAgentInformation(information);
  if (!decoded.ok) {
    throw new Refused(
      `${field} is not option 82: it ${decoded.error.message}`,
      "correct the hex, or leave it out",
      field,
    );
  }
  return {
    relayAgentInformation: information,
    circuitId: relayAgentSubOption(information, circuitIdCode),
    remoteId: relayAgentSubOption(information, remoteIdCode),
    relayId: relayAgentSubOption(information, relayIdCode),
  };
}

/** Adds seconds to a moment; infinity stays infinity and what would run over ends just before it. */
export function moment(startSeconds: number, lifetimeSeconds: number): number {
  return lifetimeSeconds >= EXPIRES_NEVER ? EXPIRES_NEVER : Math.min(startSeconds + lifetimeSeconds, EXPIRES_NEVER - 1);
}

/**
 * What the table would make of an active lease that has run out. Told so at once, a file that is imported again finds what it
 * left the first time.
 */
export function ended(binding: BindingInput, nowSeconds: number): BindingInput {
  const { state, expiresAtSeconds } = binding;
  if (state !== BindingState.ACTIVE || expiresAtSeconds === 0 || expiresAtSeconds > nowSeconds) return binding;
  return { ...binding, state: BindingState.EXPIRED, startTimeOfStateSeconds: expiresAtSeconds };
}

/** Option 12 with the name, `undefined` for an empty one. */
export function hostNameOptions4(name: string, extra: readonly { code: number; data: Uint8Array }[] = []) {
  const data = textOctets(name);
  if (data.length > 255) {
    throw new Refused(
      `the host name ${shown(name)} has ${data.length} octets, 255 are possible`,
      "shorten or remove it",
      "hostname",
    );
  }
  const options = data.length === 0 ? extra : [{ code: OptionCode4.hostName, data }, ...extra];
  return options.length === 0 ? undefined : encodeOptions4(options);
}

/** Option 39 (RFC 4704) with the name; a name without a dot is partial: it has no root at its end. */
export function hostNameOption6(name: string): { code: number; data: Uint8Array } {
  const absolute = name.endsWith(".");
  const labels = (absolute ? name.slice(0, -1) : name).split(".").map(textOctets);
  const octets = labels.reduce((sum, label) => sum + 1 + label.length, 1);
  if (octets > 255 || labels.some((label) => label.length === 0 || label.length > 63)) {
    throw new Refused(
      `the host name ${shown(name)} is not a domain name`,
      "write labels of 1 to 63 octets with dots between them, or remove it",
      "hostname",
    );
  }
  const terminated = absolute || labels.length > 1;
  return {
    code: OptionCode6.CLIENT_FQDN,
    data: clientFqdn6.encode({ flags: 0, name: encodeName(labels, terminated) }),
  };
}

/** Options of the client as a DHCPv6 row keeps them. A temporary address is known by an IA_TA option in front. */
export function options6(parts: { readonly temporaryIaid?: number | undefined; readonly hostName?: string }) {
  const options: { code: number; data: Uint8Array }[] = [];
  const { temporaryIaid: iaid, hostName = "" } = parts;
  if (iaid !== undefined) {
    options.push({ code: OptionCode6.IA_TA, data: Uint8Array.of(iaid >>> 24, iaid >>> 16, iaid >>> 8, iaid) });
  }
  if (hostName !== "") options.push(hostNameOption6(hostName));
  return options.length === 0 ? undefined : encodeOptions6(options);
}

/** What a DUID says of the interface it was made of (RFC 9915 §11.2, §11.4). */
export function hardwareOfDuid(duid: Uint8Array): { type: number; address: Uint8Array } | undefined {
  const from = duid[0] !== 0 ? 0 : duid[1] === 1 ? 8 : duid[1] === 3 ? 4 : 0;
  if (from === 0 || duid.length <= from) return undefined;
  if (duid.length - from > leaseFileLimits.hardwareAddressOctetsMax) return undefined;
  return { type: ((duid[2] as number) << 8) | (duid[3] as number), address: duid.subarray(from) };
}

/** The last look at a binding before it is told: its values fit the table, and areas of options are such. */
export function checked(family: Family, binding: BindingInput): BindingInput {
  const { hardwareAddress, clientId, linkAddress, relayAgentInformation, circuitId, remoteId, relayId } = binding;
  const { options, serverIdentifier } = binding;
  let octets = 0;
  for (const value of [hardwareAddress, clientId, relayAgentInformation, circuitId, remoteId, relayId, options]) {
    octets += value?.length ?? 0;
  }
  if (octets > leaseFileLimits.recordOctetsMax) {
    throw new Refused(
      `the values of this lease have ${octets} octets together, ${leaseFileLimits.recordOctetsMax} are possible`,
      "leave out relay data or options",
    );
  }
  atMost(hardwareAddress, leaseFileLimits.hardwareAddressOctetsMax, "hardwareAddress");
  atMost(clientId, leaseFileLimits.clientIdOctetsMax, "clientId");
  const addressOctets = family === 4 ? 4 : 16;
  if (linkAddress !== undefined && linkAddress.length !== addressOctets) {
    throw new Refused(`the link address has ${linkAddress.length} octets`, `give ${addressOctets}`, "linkAddress");
  }
  if (family === 4 && serverIdentifier !== undefined && serverIdentifier.length !== 4) {
    throw new Refused(
      `the server identifier has ${serverIdentifier.length} octets`,
      "give the 4 of an IPv4 address",
      "serverIdentifier",
    );
  }
  atMost(serverIdentifier, leaseFileLimits.clientIdOctetsMax, "serverIdentifier");
  if (options !== undefined && !(family === 4 ? isOptionArea4(options) : isOptionArea6(options, 0))) {
    throw new Refused("options is not a row of options", "give each with its code and length", "options");
  }
  return binding;
}

function atMost(octets: Uint8Array | undefined, max: number, field: string): void {
  if (octets === undefined || octets.length <= max) return;
  throw new Refused(`${field} has ${octets.length} octets, ${max} are possible`, "correct the value", field);
}

function isOptionArea4(area: Uint8Array): boolean {
  let at = 0;
  while (at < area.length) {
    // Pad and End have no length, and have no place among kept options.
    if (area[at] === 0 || area[at] === OptionCode4.end || at + 2 > area.length) return false;
    at += 2 + (area[at + 1] as number);
  }
  return at === area.length;
}

export function isOptionArea6(area: Uint8Array, start: number): boolean {
  let at = start;
  while (at < area.length) {
    if (at + 4 > area.length) return false;
    at += 4 + (((area[at + 2] as number) << 8) | (area[at + 3] as number));
  }
  return at === area.length;
}
