import { namesOf } from "../names.ts";

/** BOOTREQUEST and BOOTREPLY (RFC 2131 §2). */
export const Op4 = { BOOTREQUEST: 1, BOOTREPLY: 2 } as const;

/** Option 53. 1–8 RFC 2132 §9.6, 9 RFC 3203, 10–13 RFC 4388 §6.1, 14–15 RFC 6926 §6.2.1, 16–18 RFC 7724 §5.2.1. */
export const MessageType4 = {
  DHCPDISCOVER: 1,
  DHCPOFFER: 2,
  DHCPREQUEST: 3,
  DHCPDECLINE: 4,
  DHCPACK: 5,
  DHCPNAK: 6,
  DHCPRELEASE: 7,
  DHCPINFORM: 8,
  DHCPFORCERENEW: 9,
  DHCPLEASEQUERY: 10,
  DHCPLEASEUNASSIGNED: 11,
  DHCPLEASEUNKNOWN: 12,
  DHCPLEASEACTIVE: 13,
  DHCPBULKLEASEQUERY: 14,
  DHCPLEASEQUERYDONE: 15,
  DHCPACTIVELEASEQUERY: 16,
  DHCPLEASEQUERYSTATUS: 17,
  DHCPTLS: 18,
} as const;
export type MessageType4 = (typeof MessageType4)[keyof typeof MessageType4];

/** Option 151 (RFC 6926 §6.2.2, RFC 7724 §5.2.2). Unrelated to the DHCPv6 numbers. */
export const StatusCode4 = {
  Success: 0,
  UnspecFail: 1,
  QueryTerminated: 2,
  MalformedQuery: 3,
  NotAllowed: 4,
  DataMissing: 5,
  ConnectionActive: 6,
  CatchUpComplete: 7,
  TLSConnectionRefused: 8,
} as const;
export type StatusCode4 = (typeof StatusCode4)[keyof typeof StatusCode4];

/** Option 156 (RFC 6926 §6.2.7). */
export const DhcpState = {
  AVAILABLE: 1,
  ACTIVE: 2,
  EXPIRED: 3,
  RELEASED: 4,
  ABANDONED: 5,
  RESET: 6,
  REMOTE: 7,
  TRANSITIONING: 8,
} as const;
export type DhcpState = (typeof DhcpState)[keyof typeof DhcpState];

/** Bits of option 157 (RFC 6926 §6.2.8): the latest change happened on another server. */
export const DataSource = { REMOTE: 1 } as const;

/** Option 52 (RFC 2132 §9.3). */
export const OptionOverload = { file: 1, sname: 2, both: 3 } as const;

/** Bit 0 of `flags`: the client wants replies broadcast (RFC 2131 §2). */
export const broadcastFlag = 0x8000;

/** The codes that code names; all the others are in the registry. */
export const OptionCode4 = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  domainNameServer: 6,
  hostName: 12,
  domainName: 15,
  broadcastAddress: 28,
  vendorSpecificInformation: 43,
  requestedIpAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  message: 56,
  maximumMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClassIdentifier: 60,
  clientIdentifier: 61,
  userClass: 77,
  rapidCommit: 80,
  clientFqdn: 81,
  relayAgentInformation: 82,
  authentication: 90,
  clientLastTransactionTime: 91,
  associatedIp: 92,
  subnetSelection: 118,
  vendorClass: 124,
  vendorSpecific: 125,
  statusCode: 151,
  baseTime: 152,
  startTimeOfState: 153,
  queryStartTime: 154,
  queryEndTime: 155,
  dhcpState: 156,
  dataSource: 157,
  vss: 221,
  end: 255,
} as const;
export type OptionCode4 = (typeof OptionCode4)[keyof typeof OptionCode4];

/** Sub-options of option 82. */
export const RelayAgentSubOption = {
  circuitId: 1,
  remoteId: 2,
  docsisDeviceClass: 4,
  linkSelection: 5,
  subscriberId: 6,
  radiusAttributes: 7,
  authentication: 8,
  vendorSpecific: 9,
  flags: 10,
  serverIdentifierOverride: 11,
  relayId: 12,
  vss: 151,
  vssControl: 152,
} as const;

/** Hardware types of option-independent fields `htype` (RFC 2131 §2, the ARP numbers). */
export const HardwareType = { ethernet: 1, ieee802: 6, infiniband: 32 } as const;

export const messageTypeName4 = namesOf(MessageType4);
export const statusCodeName4 = namesOf(StatusCode4);
export const dhcpStateName = namesOf(DhcpState);
export const opName4 = namesOf(Op4);
