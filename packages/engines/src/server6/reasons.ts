import { reasonExplainer } from "../explain-reason.ts";

/**
 * Names of what the DHCPv6 server counts. A name never changes: operators alarm on it. The explanation is for people.
 */
export const dropReasons6 = {
  malformed: "The message could not be decoded.",
  "message too long": "The message is longer than requestOctetsMax allows.",
  "no server": "The message came to an instance that has no DHCPv6 local server.",
  "relay message empty": "A RELAY-FORW that relays no message (RFC 9915 §9.1).",
  "hop count": "A RELAY-FORW that passed more relays than HOP_COUNT_LIMIT allows (RFC 9915 §7.6).",
  "wrong message type":
    "A message that servers do not take part in: one that servers send, or a kind that is unknown (RFC 9915 §16).",
  "no client-id": "The message must name its client (RFC 9915 §16.2–16.9).",
  "client-id length": "The DUID is shorter than 3 or longer than 130 octets (RFC 9915 §11.1).",
  "server-id present": "A SOLICIT, CONFIRM or REBIND that names a server (RFC 9915 §16.2, §16.5, §16.7).",
  "no server-id": "A REQUEST, RENEW, RELEASE or DECLINE that names no server (RFC 9915 §16.4, §16.6, §16.8, §16.9).",
  "other server chosen": "The message is meant for another server (RFC 9915 §16.4, §16.6, §16.8, §16.9, §16.12).",
  "malformed ia": "An IA option, or an option inside it, is cut short.",
  "too many ias":
    "The message has more IA options than iasPerMessageMax allows, or two of one kind with the same IAID.",
  "ia in information-request": "An INFORMATION-REQUEST with an IA option (RFC 9915 §16.12).",
  "unicast from a client": "A client sent to the server's own address instead of multicast (RFC 9915 §16).",
  "no pool":
    "No pool serves the link the client is on: that of the link-address, or of the interface the message came in on.",
  "no addresses to confirm": "A CONFIRM without addresses must not be answered (RFC 9915 §18.3.3).",
  "no record of the client":
    "A REBIND about leases of another server, or without anything to say to it (RFC 9915 §18.3.5).",
  "too many offers": "As many offers as offersPendingMax allows wait to be taken up.",
  "client limit": "As many clients as the interface's client limit allows have a lease there.",
  "granting paused": "Nothing is granted while leases cannot be stored.",
  "reply too long": "The reply would be longer than replyOctetsMax allows.",
  "nowhere to send": "The message came neither through a relay nor on a known interface.",
} as const;
export type DropReason6 = keyof typeof dropReasons6;

export const noteNames6 = {
  "pool exhausted":
    "NoAddrsAvail or NoPrefixAvail: nothing is free in the pools of the link, or the client has enough leases.",
  "not on link": "NotOnLink, or lifetimes of 0: an address or prefix does not belong to the link the client is on.",
  "no binding": "NoBinding: the client holds no such lease.",
  "address declined":
    "A client found the address it was given in use by somebody else; it is not given out for a while.",
  "declined address freed": "A declined address was left alone long enough.",
  "offer expired": "What was offered went back to the pool: no client took it up.",
  "reserved lease in use": "What is reserved for the client is held by somebody else; it was given another one.",
  "client options not kept":
    "The client's options were longer than storedOptionsOctetsMax and not kept with the binding.",
  "relay data not kept": "The relay's message was longer than storedRelayOctetsMax and not kept with the binding.",
  "reconfigure answered": "A client did what a RECONFIGURE asked for.",
  "reconfigure unanswered": "A client did not answer REC_MAX_RC RECONFIGUREs.",
  "reconfigure refused": "A RECONFIGURE that cannot be sent.",
} as const;
export type NoteName6 = keyof typeof noteNames6;

/** The sentence for a counter. */
export const explainReason6 = reasonExplainer(dropReasons6, noteNames6);
