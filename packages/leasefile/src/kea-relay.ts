import { MessageType6, OptionCode6 } from "@leasewire/wire";
import { isOptionArea6, type RelayFields, relayFields4 } from "./binding.ts";
import { leaseFileLimits } from "./limits.ts";
import { address6, hexOctets, Refused } from "./values.ts";

const field = "user_context";

/** What Kea keeps of the relays of a DHCPv6 client. */
export interface KeaRelays6 extends RelayFields {
  readonly linkAddress?: Uint8Array | undefined;
  /** RFC 6939, as the relay nearest to the client saw it. */
  readonly hardware?: { readonly type: number; readonly address: Uint8Array } | undefined;
}

/**
 * `ISC.relay-agent-info` of a DHCPv4 lease: option 82 in hex (Kea up to 2.2), or an object that holds it as `sub-options`
 * (since 2.3.1) beside `remote-id` and `relay-id`.
 */
export function keaRelay4(userContext: string): RelayFields {
  if (userContext === "") return {};
  const information = member(isc(userContext), "relay-agent-info");
  if (information === undefined) return {};
  const text = typeof information === "string" ? information : member(information, "sub-options");
  if (typeof text !== "string") {
    throw new Refused(`${field} has an ISC.relay-agent-info without sub-options`, "give option 82 in hex", field);
  }
  return relayFields4(hexOctets(text, "sub-options", 0, leaseFileLimits.valueOctetsMax), "sub-options");
}

/**
 * `ISC.relay-info` of a DHCPv6 lease: one entry for each relay, or before Kea 2.3.2 under `ISC.relays`. The relays become the
 * RELAY-FORWs that LQ_RELAY_DATA holds (RFC 5007 §4.1.2.4). Kea does not keep from which address the server heard the
 * outermost one: it is told as `::`.
 */
export function keaRelays6(userContext: string): KeaRelays6 {
  if (userContext === "") return {};
  const context = isc(userContext);
  const entries = member(context, "relay-info") ?? member(context, "relays");
  if (entries === undefined) return {};
  if (!Array.isArray(entries) || entries.length > leaseFileLimits.relaysMax) {
    throw new Refused(
      `${field} has an ISC.relay-info that is not a list of at most ${leaseFileLimits.relaysMax} relays`,
      "correct it, or leave it out",
      field,
    );
  }
  if (entries.length === 0) return {};
  // Outermost first, which is that with the most hops behind it. Equal ones keep their order.
  const relays = entries.map(readRelay).sort((a, b) => b.hop - a.hop);
  return {
    relayAgentInformation: lqRelayData(relays),
    circuitId: nearest(relays, OptionCode6.INTERFACE_ID),
    remoteId: nearest(relays, OptionCode6.REMOTE_ID),
    relayId: nearest(relays, OptionCode6.RELAY_ID),
    linkAddress: relays.findLast((relay) => relay.link.some((octet) => octet !== 0))?.link,
    hardware: hardware(nearest(relays, OptionCode6.CLIENT_LINKLAYER_ADDR)),
  };
}

interface Relay {
  readonly hop: number;
  readonly link: Uint8Array;
  readonly peer: Uint8Array;
  /** Its options, RELAY_MSG apart, in wire form. */
  readonly options: Uint8Array;
}

function readRelay(entry: unknown): Relay {
  const hop = member(entry, "hop");
  const link = member(entry, "link");
  const peer = member(entry, "peer");
  const options = member(entry, "options") ?? "";
  if (
    typeof hop !== "number" ||
    !Number.isInteger(hop) ||
    hop < 0 ||
    hop > 255 ||
    typeof link !== "string" ||
    typeof peer !== "string" ||
    typeof options !== "string"
  ) {
    throw new Refused(
      `${field} has a relay without hop, link and peer`,
      "give hop as a number, link and peer as addresses, options in hex",
      field,
    );
  }
  const area = hexOctets(options, "options", 0, leaseFileLimits.valueOctetsMax);
  if (!isOptionArea6(area, 0) || optionOf(area, OptionCode6.RELAY_MSG) !== undefined) {
    throw new Refused(
      `${field} has relay options that are not a row of options without a relayed message`,
      "correct them, or leave them out",
      field,
    );
  }
  return { hop, link: address6(link, "link"), peer: address6(peer, "peer"), options: area };
}

/** Peer address, then one RELAY-FORW in another: type, hops, link, peer, options, and the next as RELAY_MSG. */
function lqRelayData(relays: readonly Relay[]): Uint8Array {
  let length = 16;
  for (const [index, { options }] of relays.entries()) length += (index === 0 ? 0 : 4) + 34 + options.length;
  if (length > leaseFileLimits.recordOctetsMax) {
    throw new Refused(`${field} has relays of ${length} octets`, "leave them out", field);
  }
  const out = new Uint8Array(length);
  let at = 16;
  for (const [index, { hop, link, peer, options }] of relays.entries()) {
    if (index > 0) {
      const rest = length - at - 4;
      out.set([0, OptionCode6.RELAY_MSG, rest >>> 8, rest & 255], at);
      at += 4;
    }
    out[at] = MessageType6["RELAY-FORW"];
    out[at + 1] = hop;
    out.set(link, at + 2);
    out.set(peer, at + 18);
    out.set(options, at + 34);
    at += 34 + options.length;
  }
  return out;
}

/** Of the relay nearest to the client that has the option. */
function nearest(relays: readonly Relay[], code: number): Uint8Array | undefined {
  for (let i = relays.length - 1; i >= 0; i -= 1) {
    const data = optionOf((relays[i] as Relay).options, code);
    if (data !== undefined) return data;
  }
  return undefined;
}

function optionOf(area: Uint8Array, code: number): Uint8Array | undefined {
  for (let at = 0; at + 4 <= area.length; ) {
    const end = at + 4 + (((area[at + 2] as number) << 8) | (area[at + 3] as number));
    if ((((area[at] as number) << 8) | (area[at + 1] as number)) === code) return area.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

function hardware(option: Uint8Array | undefined): KeaRelays6["hardware"] {
  if (option === undefined || option.length <= 2) return undefined;
  if (option.length - 2 > leaseFileLimits.hardwareAddressOctetsMax) return undefined;
  return { type: ((option[0] as number) << 8) | (option[1] as number), address: option.subarray(2) };
}

function isc(userContext: string): unknown {
  let context: unknown;
  try {
    context = JSON.parse(userContext);
  } catch {
    throw new Refused(`${field} is not JSON`, "correct it, or leave the field empty", field);
  }
  return member(context, "ISC");
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
