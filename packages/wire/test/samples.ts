import { type Ipv6Address, parseIpv4, parseIpv6 } from "@leasewire/net";
import {
  activeLeasequery4,
  activeLeasequery6,
  type BulkQuery4,
  bulkLeasequery4,
  type ClientData6,
  DhcpState,
  encodeMessage4,
  encodeMessage6,
  encodeRelayMessage6,
  leasequery4,
  leasequery6,
  leasequeryData6,
  leasequeryDone4,
  leasequeryDone6,
  leasequeryStatus4,
  leaseReply4,
  leaseReply6,
  MessageType4,
  MessageType6,
  OptionCode4,
  OptionCode6,
  option4,
  option6,
  type Query4,
  type Query6,
  query6,
  StatusCode4,
  StatusCode6,
  subOption,
  tls4,
  tls6,
  type Vss,
} from "../src/index.ts";
import { hexBytes, must } from "./vectors.ts";

/** One message of every kind this package builds. `transport` says how it travels. */
export interface Sample {
  readonly name: string;
  readonly family: 4 | 6;
  readonly transport: "udp" | "tcp";
  readonly bytes: Uint8Array;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const ip4 = (text: string) => must(parseIpv4(text));
const ip6 = (text: string): Ipv6Address => must(parseIpv6(text));

const giaddr = ip4("198.51.100.1");
const address4 = ip4("192.0.2.10");
const server4 = ip4("203.0.113.1");
const mac = hexBytes("001094000001");
const clientId = hexBytes("01001094000001");
const relayDuid = hexBytes("0003000100109400aabb");
const clientDuid = hexBytes("00030001001094000001");
const serverDuid = hexBytes("0003000100005e005301");
const relayAgentInformation = hexBytes(`010a67652d312f302f302e30${"020474657374"}0c0a${"0003000100109400aabb"}`);
const list = [152, 51, 153, 91, 82, 156, 157];
const base = 1_700_000_100;
const base2000 = 753_315_300;

const queries4: readonly Query4[] = [
  { kind: "address", address: address4 },
  { kind: "mac", htype: 1, address: mac },
  { kind: "client-id", clientId },
  { kind: "remote-id", remoteId: utf8("port-7") },
];
const bulkQueries4: readonly BulkQuery4[] = [
  { kind: "mac", htype: 1, address: mac },
  { kind: "client-id", clientId },
  { kind: "remote-id", remoteId: utf8("port-7") },
  { kind: "relay-id", relayId: relayDuid },
  { kind: "all" },
];
const vpns: readonly Vss[] = [
  { kind: "name", name: utf8("red") },
  { kind: "vpn-id", vpnId: hexBytes("00005e00000007") },
  { kind: "global" },
  { kind: "all" },
];
const queries6: readonly Query6[] = [
  { kind: "address", address: ip6("2001:db8:1::10") },
  { kind: "client-id", clientDuid },
  { kind: "relay-id", relayDuid },
  { kind: "link-address" },
  { kind: "remote-id", enterprise: 32_473, remoteId: utf8("port-7") },
];

const relayForward = encodeRelayMessage6({
  messageType: MessageType6["RELAY-FORW"],
  hopCount: 0,
  linkAddress: ip6("2001:db8:1::1"),
  peerAddress: ip6("fe80::1"),
  options: [
    option6(OptionCode6.INTERFACE_ID, utf8("ge-1/0/0.0")),
    option6(OptionCode6.REMOTE_ID, { enterprise: 32_473, remoteId: utf8("port-7") }),
    option6(OptionCode6.RELAY_ID, relayDuid),
  ],
});

const clientData: ClientData6 = {
  clientDuid,
  addresses: [
    { address: ip6("2001:db8:1::10"), preferredLifetimeSeconds: 1800, validLifetimeSeconds: 3600, options: [] },
  ],
  prefixes: [
    {
      prefix: ip6("2001:db8:100::"),
      prefixLength: 56,
      preferredLifetimeSeconds: 1800,
      validLifetimeSeconds: 3600,
      options: [],
    },
  ],
  cltTimeSeconds: 120,
  relayData: { peerAddress: ip6("2001:db8:ffff::1"), message: relayForward },
  options: [option6(OptionCode6.VENDOR_CLASS, { enterprise: 32_473, items: [utf8("model-7")] })],
};

const status4 = (code: number, text = "") => ({ code, text: utf8(text) });

const v4: readonly Omit<Sample, "family">[] = [
  ...queries4.map((query) => ({
    name: `DHCPLEASEQUERY by ${query.kind}`,
    transport: "udp" as const,
    bytes: leasequery4({ xid: 0x11223344, giaddr, query, parameterRequestList: [51, 82, 91, 92] }),
  })),
  ...bulkQueries4.map((query) => ({
    name: `DHCPBULKLEASEQUERY by ${query.kind}`,
    transport: "tcp" as const,
    bytes: bulkLeasequery4({ xid: 7, query, parameterRequestList: list }),
  })),
  ...vpns.map((vss) => ({
    name: `DHCPBULKLEASEQUERY with a window, VPN ${vss.kind}`,
    transport: "tcp" as const,
    bytes: bulkLeasequery4({
      xid: 8,
      query: { kind: "all" },
      parameterRequestList: list,
      queryStartTimeSeconds: base - 100,
      queryEndTimeSeconds: base,
      vss,
    }),
  })),
  {
    name: "DHCPLEASEACTIVE, individual",
    transport: "udp",
    bytes: leaseReply4({
      messageType: MessageType4.DHCPLEASEACTIVE,
      xid: 0x11223344,
      giaddr,
      ciaddr: address4,
      htype: 1,
      chaddr: mac,
      serverIdentifier: server4,
      leaseTimeSeconds: 3600,
      renewalTimeSeconds: 1800,
      rebindingTimeSeconds: 3000,
      clientLastTransactionTimeSeconds: 120,
      vendorClassIdentifier: utf8("udhcp 1.35.0"),
      clientIdentifier: clientId,
      associatedIps: [address4, ip4("192.0.2.11")],
      relayAgentInformation,
      options: [option4(OptionCode4.hostName, utf8("client-7"))],
    }),
  },
  {
    name: "DHCPLEASEUNASSIGNED, individual",
    transport: "udp",
    bytes: leaseReply4({
      messageType: MessageType4.DHCPLEASEUNASSIGNED,
      xid: 1,
      giaddr,
      ciaddr: address4,
      serverIdentifier: server4,
    }),
  },
  {
    name: "DHCPLEASEUNKNOWN, individual",
    transport: "udp",
    bytes: leaseReply4({
      messageType: MessageType4.DHCPLEASEUNKNOWN,
      xid: 1,
      giaddr,
      ciaddr: address4,
      serverIdentifier: server4,
    }),
  },
  ...Object.entries(DhcpState).map(([name, dhcpState]) => ({
    name: `bulk reply in state ${name}`,
    transport: "tcp" as const,
    bytes: leaseReply4(
      {
        messageType: dhcpState === DhcpState.ACTIVE ? MessageType4.DHCPLEASEACTIVE : MessageType4.DHCPLEASEUNASSIGNED,
        xid: 7,
        ciaddr: address4,
        htype: 1,
        chaddr: mac,
        baseTimeSeconds: base,
        startTimeOfStateSeconds: 600,
        clientLastTransactionTimeSeconds: 120,
        leaseTimeSeconds: 3600,
        dhcpState,
        dataSource: 1,
        vss: { kind: "name", name: utf8("red") },
        relayAgentInformation,
      },
      list,
    ),
  })),
  { name: "DHCPLEASEQUERYDONE", transport: "tcp", bytes: leasequeryDone4({ xid: 7 }) },
  ...Object.entries(StatusCode4).flatMap(([name, code]) => [
    {
      name: `DHCPLEASEQUERYDONE ${name}`,
      transport: "tcp" as const,
      bytes: leasequeryDone4({ xid: 7, serverIdentifier: server4, status: status4(code, "the reason") }),
    },
    {
      name: `DHCPLEASEQUERYSTATUS ${name}`,
      transport: "tcp" as const,
      bytes: leasequeryStatus4({ xid: 7, baseTimeSeconds: base, status: status4(code) }),
    },
  ]),
  {
    name: "DHCPACTIVELEASEQUERY",
    transport: "tcp",
    bytes: activeLeasequery4({ xid: 9, parameterRequestList: list, queryStartTimeSeconds: base }),
  },
  { name: "DHCPTLS request", transport: "tcp", bytes: tls4({ xid: 10, direction: "request" }) },
  { name: "DHCPTLS accepted", transport: "tcp", bytes: tls4({ xid: 10, direction: "reply" }) },
  {
    name: "DHCPTLS refused",
    transport: "tcp",
    bytes: tls4({ xid: 10, direction: "reply", status: status4(StatusCode4.TLSConnectionRefused) }),
  },
  {
    name: "DHCPACK with a split option and option 82 last",
    transport: "udp",
    bytes: encodeMessage4({
      op: 2,
      htype: 1,
      xid: 11,
      yiaddr: address4,
      giaddr,
      chaddr: mac,
      options: [
        option4(OptionCode4.messageType, MessageType4.DHCPACK),
        option4(OptionCode4.relayAgentInformation, [subOption(1, utf8("ge-1/0/0.0")), subOption(12, relayDuid)]),
        option4(OptionCode4.vendorClassIdentifier, utf8("x".repeat(600))),
        option4(OptionCode4.leaseTime, 3600),
      ],
    }),
  },
];

const v6: readonly Omit<Sample, "family">[] = [
  ...queries6.flatMap((query) => {
    const fields = {
      transactionId: 0x0a0b0c,
      clientDuid: relayDuid,
      ...query6(query, [OptionCode6.LQ_RELAY_DATA]),
      linkAddress: query.kind === "link-address" ? ip6("2001:db8:1::") : ip6("::"),
    };
    return [
      // Bulk query types over UDP are flagged by tshark, and refused by servers (RFC 5460 §4).
      ...(query.kind === "address" || query.kind === "client-id"
        ? [
            {
              name: `LEASEQUERY by ${query.kind}`,
              transport: "udp" as const,
              bytes: leasequery6({ ...fields, serverDuid }),
            },
          ]
        : []),
      {
        name: `bulk LEASEQUERY by ${query.kind}`,
        transport: "tcp" as const,
        bytes: leasequery6({
          ...fields,
          startTimeSeconds: base2000,
          endTimeSeconds: base2000 + 60,
          requestedOptions: [100],
        }),
      },
      {
        name: `ACTIVELEASEQUERY by ${query.kind}`,
        transport: "tcp" as const,
        bytes: activeLeasequery6({
          transactionId: 2,
          clientDuid: relayDuid,
          query: { queryType: fields.queryType, linkAddress: fields.linkAddress, options: fields.queryOptions },
          startTimeSeconds: base2000,
        }),
      },
    ];
  }),
  {
    name: "ACTIVELEASEQUERY for everything",
    transport: "tcp",
    bytes: activeLeasequery6({ transactionId: 2, clientDuid: relayDuid, requestedOptions: [100] }),
  },
  ...(["udp", "tcp"] as const).map((transport) => ({
    name: `LEASEQUERY-REPLY with client data, ${transport}`,
    transport,
    bytes: leaseReply6({
      messageType: MessageType6["LEASEQUERY-REPLY"],
      transactionId: 3,
      serverDuid,
      clientDuid: relayDuid,
      clientData,
    }),
  })),
  {
    name: "LEASEQUERY-REPLY with client links",
    transport: "udp",
    bytes: leaseReply6({
      messageType: MessageType6["LEASEQUERY-REPLY"],
      transactionId: 3,
      serverDuid,
      clientDuid: relayDuid,
      clientLinks: [ip6("2001:db8:1::1"), ip6("2001:db8:2::1")],
    }),
  },
  ...Object.entries(StatusCode6).map(([name, code]) => ({
    name: `LEASEQUERY-REPLY ${name}`,
    transport: "udp" as const,
    bytes: leaseReply6({
      messageType: MessageType6["LEASEQUERY-REPLY"],
      transactionId: 3,
      serverDuid,
      clientDuid: relayDuid,
      status: { code, text: utf8("the reason") },
    }),
  })),
  {
    name: "LEASEQUERY-DATA with client data",
    transport: "tcp",
    bytes: leasequeryData6({ transactionId: 3, baseTimeSeconds: base2000, clientData }),
  },
  {
    name: "LEASEQUERY-DATA CatchUpComplete",
    transport: "tcp",
    bytes: leasequeryData6({
      transactionId: 3,
      baseTimeSeconds: base2000,
      status: { code: StatusCode6.CatchUpComplete, text: utf8("") },
    }),
  },
  {
    name: "LEASEQUERY-DATA keepalive",
    transport: "tcp",
    bytes: leasequeryData6({ transactionId: 3, baseTimeSeconds: base2000 }),
  },
  { name: "LEASEQUERY-DONE", transport: "tcp", bytes: leasequeryDone6({ transactionId: 3 }) },
  {
    name: "LEASEQUERY-DONE QueryTerminated",
    transport: "tcp",
    bytes: leasequeryDone6({
      transactionId: 3,
      baseTimeSeconds: base2000,
      status: { code: StatusCode6.QueryTerminated, text: utf8("shutdown") },
    }),
  },
  { name: "STARTTLS", transport: "tcp", bytes: tls6({ transactionId: 4, direction: "request" }) },
  { name: "REPLY, TLS accepted", transport: "tcp", bytes: tls6({ transactionId: 4, direction: "reply" }) },
  {
    name: "REPLY, TLS refused",
    transport: "tcp",
    bytes: tls6({
      transactionId: 4,
      direction: "reply",
      status: { code: StatusCode6.TLSConnectionRefused, text: utf8("") },
    }),
  },
  {
    name: "relayed SOLICIT",
    transport: "udp",
    bytes: encodeRelayMessage6({
      messageType: MessageType6["RELAY-FORW"],
      hopCount: 0,
      linkAddress: ip6("2001:db8:1::1"),
      peerAddress: ip6("fe80::1"),
      options: [
        option6(
          OptionCode6.RELAY_MSG,
          encodeMessage6({
            messageType: MessageType6.SOLICIT,
            transactionId: 5,
            options: [
              option6(OptionCode6.CLIENTID, clientDuid),
              option6(OptionCode6.ELAPSED_TIME, 100),
              option6(OptionCode6.ORO, [OptionCode6.DNS_SERVERS, OptionCode6.SOL_MAX_RT]),
              option6(OptionCode6.RAPID_COMMIT, true),
              option6(OptionCode6.IA_NA, { iaid: 1, t1Seconds: 0, t2Seconds: 0, options: [] }),
              option6(OptionCode6.IA_PD, { iaid: 1, t1Seconds: 0, t2Seconds: 0, options: [] }),
            ],
          }),
        ),
        option6(OptionCode6.INTERFACE_ID, utf8("ge-1/0/0.0")),
        option6(OptionCode6.CLIENT_LINKLAYER_ADDR, { hardwareType: 1, address: mac }),
      ],
    }),
  },
];

export const samples: readonly Sample[] = [
  ...v4.map((sample) => ({ ...sample, family: 4 as const })),
  ...v6.map((sample) => ({ ...sample, family: 6 as const })),
];
