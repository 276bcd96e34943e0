/**
 * Why a statement is stored but does nothing yet. One text for each feature: the commit check groups its notices by them.
 * When an engine arrives, its text goes and so do the marks.
 */
export const LATER = {
  forwarding: "relay agents do not forward client packets in this version; they only send leasequeries",
  bulkRequestor: "relay agents do not send bulk leasequeries in this version",
  activeRequestor: "relay agents do not keep active leasequery connections in this version",
  localServer: "local servers do not run in this version",
  interfaces: "interfaces are not opened in this version; relay agents use listen-address",
  instances:
    "sockets are not bound to routing instances in this version; an instance is a name that queries can select",
  hostName: "the host name is only used in circuit IDs, which need packet forwarding",
  tcpLimits: "there are no bulk or active leasequery connections in this version",
  replyBatches: "replies are processed one by one as they arrive in this version",
  redundancy: "subscriber redundancy groups do not run in this version",
  pools: "address pools are not served in this version",
} as const;
