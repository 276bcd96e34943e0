import type { AccessInterface, RelayConfiguration } from "@leasewire/config";
import { ipv4ToBytes } from "@leasewire/net";
import { encodeRelayAgentInformation, type Option4, RelayAgentSubOption } from "@leasewire/wire";
import { textOctets } from "../relay-common/interface-text.ts";

/** Sub-option of option 82: answers are to come to the port the relay agent sends from (RFC 8357 §4.1). */
const relaySourcePort = 19;
/** First bit of the flags sub-option: the client sent by unicast (RFC 5010 §3). */
export const unicastFlag = 0x80;
const serverPort = 67;
const informationOctetsMax = 255;
/** Whose sub-options of sub-option 9 these are (RFC 4243 §3): Junos writes the host name as 1, the interface as 2. */
const vendorEnterprise = 2636;
const vendorHostName = 1;
const vendorLocation = 2;
const vendorTextOctetsMax = 64;

/** What option 82 of an access interface says. */
export interface InformationParts {
  readonly circuitId: Uint8Array | undefined;
  readonly remoteId: Uint8Array | undefined;
  /** Address of the client's subnet, where giaddr is not on it (RFC 3527). */
  readonly subnet: number | undefined;
  /** Where clients reach the relay agent (RFC 5107). */
  readonly address: number;
  readonly interfaceName: string;
  readonly hostName: string | undefined;
}

/** Data of option 82; undefined where the configuration adds none. */
export type Information = Uint8Array | "too-long" | undefined;

/** What is in the packet. */
export function added(information: Information): Uint8Array | undefined {
  return information === "too-long" ? undefined : information;
}

/** Option 82 of an access interface. Longer than fits into one option: `too-long`. */
export function relayInformation(
  relay: RelayConfiguration,
  { relayOption82 }: AccessInterface,
  parts: InformationParts,
  unicast: boolean,
): Information {
  const information: Option4[] = [];
  const add = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) information.push({ code, data });
  };
  add(RelayAgentSubOption.circuitId, parts.circuitId);
  add(RelayAgentSubOption.remoteId, parts.remoteId);
  if (parts.subnet !== undefined) add(RelayAgentSubOption.linkSelection, ipv4ToBytes(parts.subnet));
  if (relayOption82 !== undefined) {
    const { serverIdOverride, vendorSpecific, excludeRelayAgentIdentifier } = relayOption82;
    if (vendorSpecific !== undefined) add(RelayAgentSubOption.vendorSpecific, vendorInformation(vendorSpecific, parts));
    if (serverIdOverride) add(RelayAgentSubOption.serverIdentifierOverride, ipv4ToBytes(parts.address));
    if (!excludeRelayAgentIdentifier && !relay.excludeRelayAgentIdentifier) {
      add(RelayAgentSubOption.relayId, relay.relayId);
    }
  }
  // The sub-option is needed wherever answers would otherwise go to the usual port (RFC 8357 §5.1).
  if (relay.forwardingPort !== serverPort) add(relaySourcePort, new Uint8Array(0));
  if (information.length === 0) return undefined;
  // In every option 82, so that its absence tells nothing (RFC 5010 §4).
  add(RelayAgentSubOption.flags, Uint8Array.of(unicast ? unicastFlag : 0));
  if (information.some(({ data }) => data.length > informationOctetsMax)) return "too-long";
  const encoded = encodeRelayAgentInformation(information);
  return encoded.length > informationOctetsMax ? "too-long" : encoded;
}

function vendorInformation(
  { hostName, location }: { readonly hostName: boolean; readonly location: boolean },
  parts: InformationParts,
): Uint8Array | undefined {
  const texts: Option4[] = [];
  if (hostName && parts.hostName !== undefined) {
    texts.push({ code: vendorHostName, data: textOctets(parts.hostName, vendorTextOctetsMax) });
  }
  if (location) texts.push({ code: vendorLocation, data: textOctets(parts.interfaceName, vendorTextOctetsMax) });
  if (texts.length === 0) return undefined;
  const data = encodeRelayAgentInformation(texts);
  const out = new Uint8Array(5 + data.length);
  out.set(ipv4ToBytes(vendorEnterprise));
  out[4] = data.length;
  out.set(data, 5);
  return out;
}
