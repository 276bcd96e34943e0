import { namesOf } from "../names.ts";

/**
 * 1–13 RFC 9915 §7.3, 14–15 RFC 5007 §4.1.1, 16–17 RFC 5460 §5.2, 18–19 RFC 6977, 20–21 RFC 7341 §6, 22–23 RFC 7653 §6.2,
 * 24–35 RFC 8156, 36–37 RFC 9686.
 */
export const MessageType6 = {
  SOLICIT: 1,
  ADVERTISE: 2,
  REQUEST: 3,
  CONFIRM: 4,
  RENEW: 5,
  REBIND: 6,
  REPLY: 7,
  RELEASE: 8,
  DECLINE: 9,
  RECONFIGURE: 10,
  "INFORMATION-REQUEST": 11,
  "RELAY-FORW": 12,
  "RELAY-REPL": 13,
  LEASEQUERY: 14,
  "LEASEQUERY-REPLY": 15,
  "LEASEQUERY-DONE": 16,
  "LEASEQUERY-DATA": 17,
  "RECONFIGURE-REQUEST": 18,
  "RECONFIGURE-REPLY": 19,
  "DHCPV4-QUERY": 20,
  "DHCPV4-RESPONSE": 21,
  ACTIVELEASEQUERY: 22,
  STARTTLS: 23,
  BNDUPD: 24,
  BNDREPLY: 25,
  POOLREQ: 26,
  POOLRESP: 27,
  UPDREQ: 28,
  UPDREQALL: 29,
  UPDDONE: 30,
  CONNECT: 31,
  CONNECTREPLY: 32,
  DISCONNECT: 33,
  STATE: 34,
  CONTACT: 35,
  "ADDR-REG-INFORM": 36,
  "ADDR-REG-REPLY": 37,
} as const;
export type MessageType6 = (typeof MessageType6)[keyof typeof MessageType6];

/** Option 13: 0–6 RFC 9915 §21.13, 7–10 RFC 5007 §4.1.3, 11 RFC 5460 §9, 12–15 RFC 7653 §11. Unrelated to the DHCPv4 numbers. */
export const StatusCode6 = {
  Success: 0,
  UnspecFail: 1,
  NoAddrsAvail: 2,
  NoBinding: 3,
  NotOnLink: 4,
  UseMulticast: 5,
  NoPrefixAvail: 6,
  UnknownQueryType: 7,
  MalformedQuery: 8,
  NotConfigured: 9,
  NotAllowed: 10,
  QueryTerminated: 11,
  DataMissing: 12,
  CatchUpComplete: 13,
  NotSupported: 14,
  TLSConnectionRefused: 15,
} as const;
export type StatusCode6 = (typeof StatusCode6)[keyof typeof StatusCode6];

/** First octet of option 44: 1–2 RFC 5007 §4.1.2.1, 3–5 RFC 5460 §5.3 (TCP only). */
export const QueryType6 = {
  QUERY_BY_ADDRESS: 1,
  QUERY_BY_CLIENTID: 2,
  QUERY_BY_RELAY_ID: 3,
  QUERY_BY_LINK_ADDRESS: 4,
  QUERY_BY_REMOTE_ID: 5,
} as const;
export type QueryType6 = (typeof QueryType6)[keyof typeof QueryType6];

/** The codes that code names; all the others are in the registry. */
export const OptionCode6 = {
  CLIENTID: 1,
  SERVERID: 2,
  IA_NA: 3,
  IA_TA: 4,
  IAADDR: 5,
  ORO: 6,
  PREFERENCE: 7,
  ELAPSED_TIME: 8,
  RELAY_MSG: 9,
  AUTH: 11,
  UNICAST: 12,
  STATUS_CODE: 13,
  RAPID_COMMIT: 14,
  USER_CLASS: 15,
  VENDOR_CLASS: 16,
  VENDOR_OPTS: 17,
  INTERFACE_ID: 18,
  RECONF_MSG: 19,
  RECONF_ACCEPT: 20,
  DNS_SERVERS: 23,
  DOMAIN_LIST: 24,
  IA_PD: 25,
  IAPREFIX: 26,
  INFORMATION_REFRESH_TIME: 32,
  REMOTE_ID: 37,
  SUBSCRIBER_ID: 38,
  CLIENT_FQDN: 39,
  ERO: 43,
  LQ_QUERY: 44,
  CLIENT_DATA: 45,
  CLT_TIME: 46,
  LQ_RELAY_DATA: 47,
  LQ_CLIENT_LINK: 48,
  RELAY_ID: 53,
  RSOO: 66,
  PD_EXCLUDE: 67,
  VSS: 68,
  CLIENT_LINKLAYER_ADDR: 79,
  LINK_ADDRESS: 80,
  SOL_MAX_RT: 82,
  INF_MAX_RT: 83,
  DHCPV4_MSG: 87,
  LQ_BASE_TIME: 100,
  LQ_START_TIME: 101,
  LQ_END_TIME: 102,
  RELAY_PORT: 135,
} as const;
export type OptionCode6 = (typeof OptionCode6)[keyof typeof OptionCode6];

export const messageTypeName6 = namesOf(MessageType6);
export const statusCodeName6 = namesOf(StatusCode6);
export const queryTypeName6 = namesOf(QueryType6);

export function isRelayMessageType6(messageType: number): boolean {
  return messageType === MessageType6["RELAY-FORW"] || messageType === MessageType6["RELAY-REPL"];
}
