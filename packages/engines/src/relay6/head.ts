import { MessageType6, OptionCode6 } from "@leasewire/wire";
import { RELAY_PORT } from "./limits.ts";
import type { Relay6 } from "./state.ts";

/**
 * What a relay agent puts in front of a message it passes on, RELAY_MSG being its last option:
 *
 *    0  own address, 16 octets: not sent, but the beginning of LQ_RELAY_DATA (RFC 5007 §4.1.2.4)
 *   16  RELAY-FORW: msg-type, hop-count, link-address, peer-address (RFC 9915 §9.1)
 *   50  options of the relay agent
 *
 * With the message left out that is relay data as the table keeps it, so that nothing has to be copied for it.
 */
export const HeadAt = { relayForward: 16, hopCount: 17, linkAddress: 18, peerAddress: 34, options: 50 } as const;

export interface HeadParts {
  readonly ownAddress: Uint8Array;
  readonly linkAddress: Uint8Array;
  readonly interfaceId?: Uint8Array | undefined;
  /** Enterprise number and text. */
  readonly remoteId?: Uint8Array | undefined;
  readonly relayId?: Uint8Array | undefined;
  readonly subscriberId?: Uint8Array | undefined;
  /** Link-layer address of the client. */
  readonly hardwareAddress?: Uint8Array | undefined;
  /** RFC 8357 §4.2: port of the relay agent downstream, 0 where it is the usual one; undefined: the option is not sent. */
  readonly downstreamPort?: number | undefined;
}

/** hop-count and peer-address are 0. */
export function makeHead(parts: HeadParts): Uint8Array {
  const options: (readonly [number, Uint8Array | undefined])[] = [
    [OptionCode6.INTERFACE_ID, parts.interfaceId],
    [OptionCode6.REMOTE_ID, parts.remoteId],
    [OptionCode6.SUBSCRIBER_ID, parts.subscriberId],
    [OptionCode6.RELAY_ID, parts.relayId],
    [OptionCode6.CLIENT_LINKLAYER_ADDR, linkLayerAddress(parts.hardwareAddress)],
    [OptionCode6.RELAY_PORT, portOctets(parts.downstreamPort)],
  ];
  let length: number = HeadAt.options;
  for (const [, data] of options) if (data !== undefined) length += 4 + data.length;
  const head = new Uint8Array(length);
  head.set(parts.ownAddress, 0);
  head[HeadAt.relayForward] = MessageType6["RELAY-FORW"];
  head.set(parts.linkAddress, HeadAt.linkAddress);
  let at: number = HeadAt.options;
  for (const [code, data] of options) {
    if (data === undefined) continue;
    head[at] = code >>> 8;
    head[at + 1] = code;
    head[at + 2] = data.length >>> 8;
    head[at + 3] = data.length;
    head.set(data, at + 4);
    at += 4 + data.length;
  }
  return head;
}

/** What of the head is the same for every message of the relay agent. */
export function relayParts(relay: Pick<Relay6, "ownAddress" | "configuration">): {
  ownAddress: Uint8Array;
  relayId: Uint8Array | undefined;
  downstreamPort: number | undefined;
} {
  const { configuration } = relay;
  return {
    ownAddress: relay.ownAddress,
    relayId: configuration.excludeRelayAgentIdentifier ? undefined : configuration.relayId,
    downstreamPort: configuration.forwardingPort === RELAY_PORT ? undefined : 0,
  };
}

/** Hardware type 1 is Ethernet; anything but six octets is of a type the socket does not tell. */
function linkLayerAddress(address: Uint8Array | undefined): Uint8Array | undefined {
  if (address?.length !== 6) return undefined;
  return Uint8Array.of(0, 1, ...address);
}

function portOctets(port: number | undefined): Uint8Array | undefined {
  return port === undefined ? undefined : Uint8Array.of(port >>> 8, port);
}
