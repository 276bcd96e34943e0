import { reasonExplainer } from "../../explain-reason.ts";

/**
 * Names of what the requestor counts. A name never changes: operators alarm on it. The explanation is for people.
 */
export const dropReasons = {
  "source never asked":
    "An answer came from an address or port that no running query was sent to. Answers are only taken from the server that was asked.",
  "xid unknown": "An answer carried a transaction id that no query of this relay has.",
  "expired query": "An answer came after its query had been given up or cancelled.",
  "duplicate reply": "The query had been answered already; this was a second answer to it.",
  malformed: "The message could not be decoded.",
  "wrong message type": "The message is not an answer to an individual leasequery.",
  "wrong op": "The op field does not say BOOTREPLY (RFC 2131 §2).",
  "giaddr mismatch": "The giaddr of the answer is not the gateway address the query was sent with (RFC 4388 §6.4.3).",
  "ciaddr mismatch": "The answer is about another address than the one asked for, or names none (RFC 4388 §6.4.1).",
  "answer for another client": "The answer names another client than the one asked for.",
  "requestor duid mismatch":
    "The client identifier of the reply is missing or is not this relay's DUID (RFC 5007 §4.2.2).",
  "no server-id": "The reply has no server identifier, so it must be discarded (RFC 5007 §4.2.2).",
  "no clt-time": "The client data has no client last transaction time, so its age is not known (RFC 5007 §4.3.3).",
  "no lease": "The client data names no client, or neither an address nor a prefix (RFC 5007 §4.4.2).",
  "too many leases": "The answer names more addresses and prefixes than bindingsPerReplyMax allows.",
  "no circuit-id":
    "The reply has no agent circuit id in option 82, so it cannot be tied to an access interface of this relay.",
  "no client-data": "The reply holds neither client data nor links: the server knows no such lease.",
  "no interface-id": "The relay data has no interface-id, so the lease cannot be tied to an access interface.",
  "client-link present":
    "The reply lists links instead of leases; it is not installed, the links are asked one by one.",
  "no relay-data":
    "The reply has no relay data and its addresses are in the network of no access interface, or of several, so the lease cannot be tied to one.",
  "relay hop count": "The relay data tells of another relay between this one and the client.",
  "error code": "The server answered with an error status.",
  "query-terminated": "The server ended the query before it was complete.",
  "older than the stored binding":
    "The answer tells of an earlier transaction of the client than the stored binding does; the stored one was kept.",
  "processing aborted": "The lease could not be recorded.",
  "interface unknown": "The access interface of the lease did not appear within the configured retries.",
} as const;
export type DropReason = keyof typeof dropReasons;

export const noteNames = {
  "recorded without circuit-id":
    "A relay without client interfaces recorded a lease that names no access interface (no circuit-id).",
  "recorded without relay-data":
    "A relay without client interfaces recorded a lease that names no access interface (no relay data).",
  "placed by its network":
    "A lease told without relay data was tied to the access interface in whose network its address is (ISC dhcpd never sends relay data).",
  "recorded without interface-id":
    "A relay without client interfaces recorded a lease that names no access interface (no interface-id).",
  "recorded with relay hop count":
    "A relay without client interfaces recorded a lease that came to the server through several relays.",
  "absolute client last transaction time":
    "The server wrote the client last transaction time as a date instead of seconds ago (ISC dhcpd does); it was converted.",
  "error reply without server-id":
    "An error status came in a reply without server identifier (dibbler does that); it was taken, since it changes no lease.",
  "links asked": "Links of a client asked one by one, as the reply listed several.",
  "links left out": "Links of a client that were not asked, beyond linksPerRunMax.",
  "associated addresses asked": "Further addresses of a client (option 92) asked one by one.",
  "associated addresses left out":
    "Further addresses of a client (option 92) not asked, beyond associatedAddressesPerRunMax.",
  "lease ended": "Stored bindings ended because the server says the address is not leased.",
  "lease unchanged": "Answers that told what is stored already.",
  "lease recorded": "Bindings recorded or renewed from answers.",
  "reply waits for its interface": "Answers kept until their access interface appears.",
  "send failed": "Queries that the operating system refused to send.",
} as const;
export type NoteName = keyof typeof noteNames;

/** The sentence for a counter. */
export const explainReason = reasonExplainer(dropReasons, noteNames);
