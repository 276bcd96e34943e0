/**
 * Why a statement is stored but does nothing yet. One text for each feature: the commit check groups its notices by them.
 * When an engine arrives, its text goes and so do the marks.
 */
export const LATER = {
  forwarding: "relay agents do not forward client packets in this version; they only send leasequeries",
  bulkRequestor: "relay agents do not send bulk leasequeries in this version",
  activeRequestor: "relay agents do not keep active leasequery connections in this version",
  serverPeering: "local servers do not query each other in this version; they answer active leasequeries of others",
  interfaceRanges: "ranges of client interfaces are not expanded in this version; name each interface",
  groupOverrides:
    "overrides of a single group do nothing in this version; those of the server hold for all its clients",
  renegotiation: "a client that begins again keeps its binding in this version, and is offered the same address",
  dualStack: "the DHCPv4 and the DHCPv6 binding of a client are not tied together in this version",
  interfaceState:
    "addresses, VLANs and state of network devices are left to the system; local servers open the device that a unit names",
  instanceType: "the kind of an instance changes nothing in this version",
  hostName: "the host name is only used in circuit IDs, which need packet forwarding",
  requestedConnections: "relay agents do not request leasequery connections in this version",
  replyBatches: "replies are processed one by one as they arrive in this version",
  redundancy: "subscriber redundancy groups do not run in this version",
} as const;
