import { reasonExplainer } from "../../explain-reason.ts";

/**
 * Names of what recovery counts. A name never changes: operators alarm on it. The explanation is for people.
 */
export const recoveryDropReasons = {
  malformed: "A message on a connection could not be decoded.",
  "xid unknown":
    "A message carried a transaction id that no query on its connection has: the connection is closed (RFC 6926 §7.3).",
  "wrong op": "The op field does not say BOOTREPLY (RFC 2131 §2).",
  "wrong message type": "A message of a type that does not belong in the answer.",
  "data after done": "The server went on after it had said that the answer was complete; what came then was not used.",
  "requestor duid mismatch": "The client identifier of the reply is not this relay's DUID (RFC 5007 §4.2.2).",
  "no server-id": "The LEASEQUERY-REPLY has no server identifier (RFC 5007 §4.2.2); the lease was not used.",
  "no address": "A lease names no address: ciaddr is zero (RFC 6926 §8.3).",
  "no clt-time": "The client data has no client last transaction time, so its age is not known (RFC 5007 §4.3.3).",
  "no lease": "The client data names no client, or neither an address nor a prefix (RFC 5007 §4.4.2).",
  "too many leases":
    "A message names more addresses and prefixes than leasesPerMessageMax allows; the rest was left out.",
  "no circuit-id":
    "The lease has no agent circuit id in option 82, so it cannot be tied to an access interface of this relay.",
  "no relay-data":
    "The client data has no relay data (option 47), so the lease cannot be tied to an access interface. ISC dhcpd never sends it.",
  "no interface-id": "The relay data has no interface-id, so the lease cannot be tied to an access interface.",
  "relay hop count": "The relay data tells of another relay between this one and the client.",
  "client-link present":
    "The reply lists links instead of leases: that belongs in an individual answer only (RFC 5460 §4).",
  "error code": "A lease was told with an error status.",
  "query-terminated": "The server ended the query before it was complete.",
  "query refused": "The server refused the query with a status.",
  "own lease": "The address is leased by the server of this node itself; what another server tells of it is not taken.",
  "interface unknown": "The access interface of the lease did not appear within the configured retries.",
  "too many leases waiting": "The lease waits for its access interface, and leasesWaitingMax of them wait already.",
  "processing aborted": "The binding table refused the lease.",
  "endless answer": "One answer told more than messagesPerAnswerMax leases: the connection was closed.",
  "too many faults": "A connection brought more unusable messages than faultsPerConnectionMax: it was closed.",
  "tls refused": "The server refuses TLS (TLSConnectionRefused, or it says nothing): the connection was closed.",
  "octets early": "The server sent something before it had been asked anything.",
} as const;
export type RecoveryDropReason = keyof typeof recoveryDropReasons;

export const recoveryNoteNames = {
  "recorded without circuit-id":
    "A relay without client interfaces recorded a lease that names no access interface (no circuit-id).",
  "recorded without relay-data":
    "A relay without client interfaces recorded a lease that names no access interface (no relay data).",
  "recorded with relay hop count":
    "A relay without client interfaces recorded a lease that came to the server through several relays.",
  "lease waits for its interface": "Leases kept until their access interface appears.",
  "lease of another relay": "Leases of clients behind other relays, which this one does not keep.",
  "address not leased": "Addresses that nobody holds and of which nothing was stored.",
  "leased by another server":
    "A server called an address free that another server has told of as leased; the lease was kept.",
  "base-time held": "A base-time was not kept, as leases of before still wait for their interface or a gap is open.",
} as const;
export type RecoveryNoteName = keyof typeof recoveryNoteNames;

/** The sentence for a counter. */
export const explainRecoveryReason = reasonExplainer(recoveryDropReasons, recoveryNoteNames);
