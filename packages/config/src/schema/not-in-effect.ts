/**
 * Why a statement is stored but does nothing yet. One text for each feature: the commit check groups its notices by them.
 * When an engine arrives, its text goes and so do the marks.
 */
export const LATER = {
  relayPeering: "relay agents do not query each other in this version; they query servers",
  serverPeering: "local servers do not query each other in this version; they answer active leasequeries of others",
  renegotiation: "a client that begins again keeps its binding in this version, and is offered the same address",
  dualStack: "the DHCPv4 and the DHCPv6 binding of a client are not tied together in this version",
  tagging: "frames are tagged by the network device that a unit names",
  instanceType: "the kind of an instance changes nothing in this version",
  replyBatches: "replies are processed as they arrive in this version",
  redundancy: "subscriber redundancy groups do not run in this version",
  noEndOption: "packets without the end option are accepted anyway",
  proxyMode: "relay agents do not stand in for the server in this version",
  optionRequest: "what clients request with option 6 is left to the server",
  authentication: "clients are not authenticated in this version",
  relaySource: "forwarded packets leave from listen-address, or from the address that the system chooses",
  profiles: "interfaces have no profiles in this version",
} as const;
