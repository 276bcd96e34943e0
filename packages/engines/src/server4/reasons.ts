import { reasonExplainer } from "../explain-reason.ts";

/**
 * Names of what the DHCPv4 server counts. A name never changes: operators alarm on it. The explanation is for people.
 */
export const dropReasons4 = {
  malformed: "The message could not be decoded.",
  bootp: "A BOOTP request, without DHCP message type: BOOTP clients are not served.",
  "wrong op": "The op field does not say BOOTREQUEST (RFC 2131 §2).",
  "wrong message type": "A message that servers do not take part in: one that servers send, or a kind that is unknown.",
  "message too long": "The message is longer than requestOctetsMax allows.",
  "no server": "The message came to an instance that has no DHCPv4 local server.",
  "no client identity": "Neither a client identifier nor a hardware address: the client cannot be told from others.",
  "client identifier too long": "The client identifier is longer than clientIdentifierOctetsMax allows.",
  "malformed option": "Option 50 or 54 does not hold one address.",
  "no pool":
    "No pool serves the link the client is on: its link selection, its giaddr, or the network of the interface.",
  "no server identifier":
    "There is no address that could stand in option 54: configure server-identifier or listen-address.",
  "pool exhausted": "Every address of the pools of the link is leased, offered, reserved or excluded.",
  "catching up": "The table changed more than one step can follow, by an import for example; the client asks again.",
  "every address tried is in use": "Probes found as many addresses in use as probesPerDiscoverMax allows to try.",
  "probe pending": "The address is being probed; the offer follows when that is done.",
  "too many offers": "As many offers as offersPendingMax allows wait to be taken up.",
  "client limit": "As many clients as the interface's client limit allows have a lease there.",
  "granting paused": "Nothing is granted while leases cannot be stored.",
  "other server chosen": "The client took the offer of another server; ours is withdrawn (RFC 2131 §4.3.2).",
  "no record of the client":
    "The client asks for a lease that this server does not know of: another server may hold it (RFC 2131 §4.3.2).",
  "no address asked for": "A DHCPREQUEST with neither a requested address nor ciaddr.",
  "not leased to the client": "A RELEASE or DECLINE of an address that the client does not hold.",
  "no ciaddr": "A RELEASE or INFORM without the client's address in ciaddr (RFC 2131 §4.4.3, §4.4.4).",
  "nowhere to send": "The reply would have to be broadcast, and the interface the client is on is not known.",
} as const;
export type DropReason4 = keyof typeof dropReasons4;

export const noteNames4 = {
  "address declined":
    "A client found the address it was given in use by somebody else; it is not given out for a while.",
  "address in use": "A probe found that somebody uses a free address; it is not given out for a while.",
  "abandoned address used again": "A pool had run dry: an address that had been found in use was offered again.",
  "abandoned address freed": "An address that had been found in use was left alone long enough.",
  "probe skipped": "An address was offered without a probe: as many as probesPendingMax allows were pending.",
  "probe unanswered": "A probe gave no result in time; the address counts as not in use.",
  "offer expired": "An offered address went back to the pool: no client took up the offer.",
  "reserved address in use": "The address reserved for the client is held by somebody else; it was given another one.",
  "lease moved": "A client took another address; its lease of the earlier one was ended.",
  "option left out": "Options that were configured but did not fit into what the client accepts (option 57).",
  "relay information left out": "Option 82 did not fit into the reply, which was sent without it (RFC 3046 §2.2).",
  "client options not kept":
    "The client's options were longer than storedOptionsOctetsMax and not kept with the binding.",
  "range too large": "Part of the pools is not given out: poolAddressesMax is reached.",
  "nak wrong network": "DHCPNAK: the address does not belong to the link the client is on.",
  "nak not the client's address":
    "DHCPNAK: the address is leased, offered or reserved to another client, or not given out any more.",
  "nak unknown lease": "DHCPNAK: there is no record of the lease, and the server is authoritative for the link.",
} as const;
export type NoteName4 = keyof typeof noteNames4;

/** The sentence for a counter. */
export const explainReason4 = reasonExplainer(dropReasons4, noteNames4);
