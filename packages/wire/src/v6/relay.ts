import { type WireResult, wireError } from "../error.ts";
import { hopCountLimit } from "../limits.ts";
import { MessageType6, OptionCode6 } from "./codes.ts";
import { encodeRelayMessage6, type Option6 } from "./encode.ts";
import type { Message6, RelayMessage6 } from "./message.ts";

/** A message and the relays it came through. */
export interface RelayChain6 {
  /** Outermost (nearest the server) first. */
  readonly relays: readonly RelayMessage6[];
  /** The client's message; `undefined` where the innermost relay message holds none, as in option 47. */
  readonly message: Message6 | undefined;
}

/** Unwraps all relay messages. Errors: `relay-nesting` and those of the messages inside. */
export function relayChain6(outermost: Message6 | RelayMessage6): WireResult<RelayChain6> {
  const relays: RelayMessage6[] = [];
  let message = outermost;
  while (message.kind === "relay") {
    relays.push(message);
    if (!message.has(OptionCode6.RELAY_MSG)) return { ok: true, value: { relays, message: undefined } };
    const inner = message.relayed();
    if (!inner.ok) return inner;
    message = inner.value;
  }
  return { ok: true, value: { relays, message } };
}

export interface RelayForward6 {
  readonly linkAddress: Uint8Array;
  /** Where the message came from: the client, or the relay nearer to it. */
  readonly peerAddress: Uint8Array;
  /** Of the relay itself: interface-id, remote-id, relay-id, … written behind the relayed message. */
  readonly options: readonly Option6[];
}

/**
 * Wraps a message in a RELAY-FORW (RFC 9915 §19.1). A relayed message's hop-count is raised by one.
 * Errors: `relay-hop-count` where it has reached HOP_COUNT_LIMIT and must be discarded (§19.1.2).
 */
export function relayForward6(received: Message6 | RelayMessage6, relay: RelayForward6): WireResult<Uint8Array> {
  const hopCount = received.kind === "relay" ? received.hopCount + 1 : 0;
  if (hopCount > hopCountLimit) {
    return wireError(
      "relay-hop-count",
      1,
      `the hop-count is ${hopCount - 1}: a message is not forwarded at ${hopCountLimit}`,
    );
  }
  return { ok: true, value: wrap(MessageType6["RELAY-FORW"], hopCount, received.bytes, relay) };
}

/** Wraps an answer for one relay: header fields and interface-id are those of its RELAY-FORW (RFC 9915 §19.3). */
export function relayReply6(answer: Uint8Array, forward: RelayMessage6, options: readonly Option6[] = []): Uint8Array {
  const interfaceId = forward.option(OptionCode6.INTERFACE_ID);
  return wrap(MessageType6["RELAY-REPL"], forward.hopCount, answer, {
    linkAddress: forward.linkAddress,
    peerAddress: forward.peerAddress,
    options: interfaceId === undefined ? options : [{ code: OptionCode6.INTERFACE_ID, data: interfaceId }, ...options],
  });
}

function wrap(
  messageType: number,
  hopCount: number,
  message: Uint8Array,
  { linkAddress, peerAddress, options }: RelayForward6,
): Uint8Array {
  return encodeRelayMessage6({
    messageType,
    hopCount,
    linkAddress,
    peerAddress,
    options: [{ code: OptionCode6.RELAY_MSG, data: message }, ...options],
  });
}
