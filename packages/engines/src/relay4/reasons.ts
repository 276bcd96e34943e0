import { reasonExplainer } from "../explain-reason.ts";

/**
 * Names of what the DHCPv4 relay agent counts. A name never changes: operators alarm on it. The explanation is for people.
 */
export const relayDropReasons4 = {
  malformed: "The message could not be decoded.",
  bootp: "A BOOTP message, without magic cookie or DHCP message type: BOOTP is not relayed.",
  "wrong op": "The op field says neither BOOTREQUEST nor BOOTREPLY (RFC 2131 §2).",
  "wrong message type":
    "A message that is not relayed in this direction: clients send DISCOVER, REQUEST, DECLINE, RELEASE and INFORM, servers OFFER, ACK and NAK.",
  "message too long": "The message is longer than messageOctetsMax allows.",
  "no relay": "The message came to an instance that has no DHCPv4 relay agent.",
  "no access interface":
    "The message came from no access interface: add the interface to a group of dhcp-relay, or the client sent to an address that belongs to none.",
  "relay disabled": "disable-relay is configured for the interface or its group.",
  "no gateway address":
    "There is no address to stand in giaddr: give the unit of the access interface a family inet address, or the relay agent a listen-address.",
  "no interface description":
    "require-interface-description is configured, and neither the unit nor the physical interface has a description.",
  "no server": "No server is configured for the interface: its server group is empty or missing.",
  "hop count": "The message went through as many relay agents as maximum-hop-count allows (RFC 1542 §4.1.1).",
  "spoofed giaddr":
    "A message of a client names an address of this relay agent as giaddr: it is made up, or it goes in circles (RFC 3046 §2.1.1).",
  "untrusted option 82":
    "A client sent option 82 without giaddr over an interface that is not trusted (RFC 3046 §2.1). Configure overrides trust-option-82 where a switch or DSLAM adds it.",
  "binding being restored": "The client's binding is being restored by leasequery; the client sends again.",
  "unknown client":
    "no-bind-on-request is configured, and the client asks for a lease that this relay agent has seen nothing of.",
  "client limit": "The access interface has as many clients as interface-client-limit allows.",
  "reply from an access interface":
    "A message of a server came over an access interface, and from none of the servers that are configured: somebody plays server there.",
  "no giaddr": "A message of a server has no giaddr, so it was not meant for a relay agent (RFC 1542 §4.1.2).",
  "giaddr not ours": "The giaddr of a server's message is no address of this relay agent (RFC 1542 §4.1.2).",
  "unknown circuit":
    "A server's message names no access interface: the circuit ID is not one of ours, no exchange of the client is known, and several interfaces share the giaddr.",
  forcerenew: "A server's DHCPFORCERENEW goes to the client itself (RFC 3203 §2); relay agents do not pass it on.",
  "leasequery reply": "An answer to a leasequery: it is for whoever asked, never for a client.",
} as const;
export type RelayDropReason4 = keyof typeof relayDropReasons4;

export const relayNoteNames4 = {
  "option 82 left out":
    "Option 82 would have made the message longer than forwardedOctetsMax or the option longer than 255 octets; it was forwarded without (RFC 3046 §2.1).",
  "option 82 replaced": "Option 82 of a message was replaced by the relay agent's own (always-write-option-82).",
  "option 82 kept": "Option 82 that a trusted device nearer to the client had added was passed on.",
  "giaddr replaced": "The giaddr of a relay agent nearer to the client was replaced (always-write-giaddr).",
  "client identifier not kept": "A client identifier was longer than clientIdentifierOctetsMax.",
  "client options not kept":
    "The client's options were longer than storedOptionsOctetsMax and not kept with the binding.",
  "exchange forgotten": "The oldest exchange was forgotten: as many as exchangesPendingMax were under way.",
  "exchange unanswered": "A client's exchange with the servers came to nothing within exchangeLifetimeMs.",
  "binding learnt": "A DHCPACK made a binding, or another client's address became this client's.",
  "binding renewed": "A DHCPACK extended a binding.",
  "binding released": "A client gave its address back.",
  "binding declined": "A client found the address it was given in use by somebody else.",
  "binding withdrawn": "A server refused the address a client had a binding of (DHCPNAK).",
  "older than the stored binding":
    "The stored binding tells of a later exchange than the DHCPACK just seen, so that it was kept (RFC 6926 §7.6).",
  "stored binding of the future":
    "The stored binding told of an exchange further ahead of our clock than clockSkewSecondsMax; the DHCPACK just seen replaced it.",
  "release sent": "A binding was deleted and the server told with a DHCPRELEASE (send-release-on-delete).",
  "restoring limit": "More bindings are being restored than restoringMax; packets of the others are not held back.",
  "interfaces not counted": "Clients of an access interface are not counted: countedInterfacesMax is reached.",
} as const;
export type RelayNoteName4 = keyof typeof relayNoteNames4;

/** The sentence for a counter. */
export const explainRelayReason4 = reasonExplainer(relayDropReasons4, relayNoteNames4);
