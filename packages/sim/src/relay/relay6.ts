import type { Ipv6Address } from "@leasewire/net";
import { decodeMessage6, MessageType6, type Option6, OptionCode6, relayForward6 } from "@leasewire/wire";
import type { AccessCircuit } from "./circuit.ts";

/** What a relay says of itself. */
export interface AccessRelay6 {
  /** Link of the clients. */
  readonly linkAddress: Ipv6Address;
  /** RFC 5460 §5.4.1. */
  readonly relayId?: Uint8Array | undefined;
  /** Whether answers are to come to the port it sends from (RFC 8357 §4.2). */
  readonly sourcePort?: boolean | undefined;
}

/** What came from a client at `peerAddress`, as it goes on to the server; undefined if it goes no further. */
export function relayToServer6(
  relay: AccessRelay6,
  circuit: AccessCircuit,
  peerAddress: Ipv6Address,
  bytes: Uint8Array,
): Uint8Array | undefined {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) return undefined;
  const options: Option6[] = [];
  const add = (code: number, data: Uint8Array | undefined) => {
    if (data !== undefined) options.push({ code, data });
  };
  add(OptionCode6.INTERFACE_ID, circuit.circuitId);
  add(OptionCode6.REMOTE_ID, circuit.remoteId);
  add(OptionCode6.RELAY_ID, relay.relayId);
  // The port downstream: 0, as nothing is behind this relay but clients.
  add(OptionCode6.RELAY_PORT, relay.sourcePort === true ? new Uint8Array(2) : undefined);
  const forwarded = relayForward6(decoded.value, { linkAddress: relay.linkAddress, peerAddress, options });
  return forwarded.ok ? forwarded.value : undefined;
}

export interface RelayedReply6 {
  /** Interface-ID of the answer: on which circuit the client is. */
  readonly circuitId: Uint8Array | undefined;
  readonly peerAddress: Ipv6Address;
  /** What the client gets. */
  readonly bytes: Uint8Array;
}

/** What came from a server; undefined if it is no answer to a relay. */
export function relayToClient6(bytes: Uint8Array): RelayedReply6 | undefined {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok || decoded.value.kind !== "relay") return undefined;
  const { messageType, peerAddress } = decoded.value;
  const inner = decoded.value.option(OptionCode6.RELAY_MSG);
  if (messageType !== MessageType6["RELAY-REPL"] || inner === undefined) return undefined;
  return { circuitId: decoded.value.option(OptionCode6.INTERFACE_ID), peerAddress, bytes: inner };
}
