import { reasonExplainer } from "../explain-reason.ts";

/**
 * Names of what the DHCPv6 relay agent counts. A name never changes: operators alarm on it. The explanation is for people.
 */
export const relayDropReasons6 = {
  malformed: "The message could not be decoded.",
  "message too long": "The message is longer than messageOctetsMax allows.",
  "forward too long": "The message, with what the relay agent adds to it, is longer than forwardOctetsMax allows.",
  "no relay": "The message came to an instance that has no DHCPv6 relay agent.",
  "interface unknown": "The message came in on an interface that is in no group of the relay agent.",
  "relay disabled": "The message came in on an interface where disable-relay is configured.",
  "no server": "The interface, or the relay agent, has no active server group with servers in it.",
  "source address": "The message came from an address that no answer could be sent to: unspecified or multicast.",
  "client message without interface":
    "A message that clients send came to the socket that faces the servers: clients send on access interfaces only.",
  "not for relay agents":
    "A message that relay agents must discard or take no part in: an ADVERTISE, REPLY or RECONFIGURE that is not in a RELAY-REPL (RFC 9915 §16.3, §16.10, §16.11), or one that servers exchange.",
  "leasequery from a client":
    "A LEASEQUERY on an access interface: relay agents at the perimeter keep subscribers from asking about others (RFC 5007 §5).",
  "leasequery reply": "A LEASEQUERY-REPLY outside of any query of this relay agent (RFC 5007 §4.2.2).",
  "leasequery reply to a client": "A RELAY-REPL with an answer to a leasequery for a client: clients do not ask.",
  "relay-reply from an access interface":
    "A RELAY-REPL came in where clients are: only servers and relay agents nearer to them send it.",
  "relay message empty": "A RELAY-FORW or RELAY-REPL that relays no message (RFC 9915 §9.1, §9.2).",
  "hop count": "A RELAY-FORW that has passed as many relay agents as are allowed (RFC 9915 §19.1.2).",
  "no circuit": "No text for Interface-ID or Remote-ID: the interface has no description, and one is required.",
  "no option 82": "The client has no DHCPv4 binding to take option 82 from, and use-option-82 is strict.",
  "client limit": "As many clients as interface-client-limit allows have a binding on the interface.",
  "unknown client": "A REQUEST, RENEW or REBIND of a client without a binding, where no-bind-on-request is configured.",
  "binding being restored": "The client's binding is being restored by leasequery; its packets wait until it is.",
  "reply for no interface":
    "A RELAY-REPL whose Interface-ID and link-address name none of the relay agent's interfaces (RFC 9915 §19.2).",
  "peer address": "A RELAY-REPL for a client or relay agent whose address is unspecified or multicast.",
} as const;
export type RelayDropReason6 = keyof typeof relayDropReasons6;

export const relayNoteNames6 = {
  "binding learnt": "An address or prefix of a client was learnt or extended from a REPLY that was passed on.",
  "binding released": "A client gave an address or prefix back.",
  "binding ended": "A server told a client that it may not use an address or prefix any more.",
  "binding declined": "A client found an address in use by somebody else, and a server acknowledged it.",
  "declined address freed": "A declined address was left alone long enough.",
  "older than the stored binding":
    "The stored binding tells of a later exchange than the REPLY just seen, so that it was kept (RFC 6926 §7.6).",
  "stored binding of the future":
    "The stored binding told of an exchange further ahead of our clock than clockSkewSecondsMax; the REPLY just seen replaced it.",
  "reply without request":
    "A REPLY about leases that answers no message of a client seen here: passed on, not learnt from.",
  "reply of another server":
    "A REPLY of a server that the client did not ask, or another one after the first: passed on, not learnt from.",
  "preferred beyond valid":
    "A lease in a REPLY is preferred for longer than it is valid: clients discard it, and it was not learnt (RFC 9915 §21.6).",
  "reply not read": "A REPLY that is malformed where leases should be: passed on, not learnt from.",
  "release unanswered":
    "No server answered a RELEASE; the client has given its leases up all the same (RFC 9915 §18.2.7).",
  "exchange forgotten": "More exchanges than exchangesPendingMax or exchangesPerClientMax allow wait for an answer.",
  "exchange unanswered": "No server answered a message of a client within exchangeLifetimeMs.",
  "client options not kept":
    "The client's options were longer than storedOptionsOctetsMax and not kept with the binding.",
  "relay data not kept": "The relay's message was longer than storedRelayOctetsMax and not kept with the binding.",
  "too many restored": "More bindings than restoringMax allows are being restored: their client packets are passed on.",
  "no route":
    "A delegated prefix gets no route: as many as routesMax allows are there, or its client's address is unknown.",
  "release sent": "An operator ended a binding, and a RELEASE was sent for the client (send-release-on-delete).",
} as const;
export type RelayNoteName6 = keyof typeof relayNoteNames6;

/** The sentence for a counter. */
export const explainRelayReason6 = reasonExplainer(relayDropReasons6, relayNoteNames6);
