import { anonymousList, container, flag, leaf, leafList, list, presence, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import type { ValueType } from "./value.ts";

export const relayPort4 = 67;
export const relayPort6 = 547;
/** Where a server answers a DHCPv6 leasequery (RFC 9915 §7.2); on 547 a relay agent has to discard replies (RFC 5007 §4.2.2). */
const requestorPort6 = 546;

const port: ValueType = { kind: "integer", min: 1, max: 65_535 };
const logicalInterface: ValueType = { kind: "interface-name", unit: "either" };
const serverGroupName: ValueType = { kind: "name", example: "core" };
const extension = { extension: true } as const;
const file: ValueType = { kind: "text", lengthMax: 900, example: "/etc/leasewire/relay.pem" };

/** `forwarding-options`: the relay agents of both families. */
export function forwardingOptionsSchema(): SchemaNode {
  return container("forwarding-options", "How packets are forwarded", [
    presence("dhcp-relay", "DHCPv4 relay agent; its block dhcpv6 is the DHCPv6 relay agent", [
      ...relay4(),
      presence("dhcpv6", "DHCPv6 relay agent", relay6()),
    ]),
  ]);
}

function relay4(): SchemaNode[] {
  return [
    presence("overrides", "Deviations from the usual treatment of client packets", overrides4()),
    relayOption82(),
    ...servers(4),
    individual(),
    bulkRequestor(4),
    activeRequestor(4),
    group(4),
    ...listen(4),
    ...own(4),
    leaf(
      "relay-id",
      "Relay identifier (option 82 sub-option 12) of this relay agent; use the same octets as the DUID of the DHCPv6 relay agent",
      { kind: "hex", lengthMin: 1, lengthMax: 255 },
      extension,
    ),
  ];
}

function relay6(): SchemaNode[] {
  return [
    presence("overrides", "Deviations from the usual treatment of client packets", overrides6()),
    interfaceId("relay-agent-interface-id", "Insert Interface-ID (option 18), which ties a binding to its interface"),
    interfaceId("relay-agent-remote-id", "Insert Remote-ID (option 37)"),
    subscriberId("Insert Subscriber-ID (option 38)"),
    flag("exclude-relay-agent-identifier", "Do not add Relay-ID (option 53) to forwarded packets"),
    ...servers(6),
    individual(),
    bulkRequestor(6),
    activeRequestor(6),
    group(6),
    ...listen(6),
    ...own(6),
    leaf(
      "duid",
      "DUID of this relay agent: it identifies the requestor and is the Relay-ID (option 53)",
      { kind: "duid" },
      {
        extension: true,
      },
    ),
  ];
}

function servers(family: 4 | 6): SchemaNode[] {
  return [
    container("server-group", "Servers that client packets and leasequeries go to, by group", [
      anonymousList("A group of servers", { name: "name", type: serverGroupName }, [
        anonymousList(
          "Address of a server",
          { name: "address", type: { kind: "ip" } },
          [
            leaf("port", "Port the server listens on", port, {
              extension: true,
              default: String(family === 4 ? relayPort4 : relayPort6),
            }),
          ],
          { userOrdered: true, oneLine: true },
        ),
      ]),
    ]),
    leaf("active-server-group", "Server group that client packets go to", serverGroupName, { names: "server-group" }),
  ];
}

/** Retransmission of individual leasequeries (architecture of Junos: attempts × timeout). */
function individual(): SchemaNode {
  return presence(
    "leasequery",
    "Allow individual leasequeries: one binding, asked for by an operator",
    [
      leaf(
        "attempts",
        "How often a query is sent before it is given up",
        { kind: "integer", min: 1, max: 10 },
        { default: "6" },
      ),
      leaf(
        "timeout",
        "Time before a query is sent again",
        { kind: "integer", min: 1, max: 10, unit: "seconds" },
        { default: "10" },
      ),
    ],
    { oneLine: true },
  );
}

function bulkRequestor(family: 4 | 6): SchemaNode {
  const attempts: SchemaNode = leaf(
    "attempts",
    "How often a failed connection is tried again",
    { kind: "integer", min: 1, max: family === 4 ? 720 : 10 },
    { default: family === 4 ? "360" : "6" },
  );
  const timeout: SchemaNode = leaf(
    "timeout",
    "Time before each retry of a connection",
    { kind: "integer", min: 1, max: 10, unit: "seconds" },
    { default: "10" },
  );
  const trigger: SchemaNode = leaf("trigger", "Start the query without an operator", {
    kind: "enum",
    values: [{ value: "automatic", help: "at start, if the session database holds no bound subscribers" }],
  });
  const mode = connectionMode("insecure");
  return presence(
    "bulk-leasequery",
    "Allow bulk leasequeries: many bindings over one TCP connection",
    family === 4 ? [attempts, timeout, mode] : [attempts, timeout, trigger, mode],
    { oneLine: true },
  );
}

/** `active-leasequery` of a relay agent: streams from servers; peers are other relay agents. */
function activeRequestor(family: 4 | 6): SchemaNode {
  return presence(
    "active-leasequery",
    "Keep connections to servers open over which binding changes arrive as they happen",
    [...activeLeasequery(family, { notInEffect: LATER.relayPeering }), connectionMode("secure")],
    { oneLine: true },
  );
}

function connectionMode(usual: "secure" | "insecure"): SchemaNode {
  return leaf(
    "mode",
    "Whether connections are protected by TLS",
    {
      kind: "enum",
      values: [
        { value: "secure", help: "TLS only, with the files of the statement tls" },
        { value: "insecure", help: "plain TCP: anyone on the path sees and can forge every binding" },
      ],
    },
    { ...extension, default: usual },
  );
}

/** Statements of `active-leasequery` that relay agents and local servers share; `peering` marks those about peers. */
export function activeLeasequery(family: 4 | 6, peering: { notInEffect?: string } = {}): SchemaNode[] {
  return [
    leaf(
      "timeout",
      "How long a read or write may block before the connection is closed",
      { kind: "integer", min: 10, max: 3600, unit: "seconds" },
      { default: "120" },
    ),
    leaf(
      "idle-timeout",
      "How long nothing may arrive before the connection is closed",
      { kind: "integer", min: 10, max: 3600, unit: "seconds" },
      { default: "60" },
    ),
    list(
      "peer-address",
      "Peer that the same subscribers can reach",
      { name: "address", type: { kind: "ip" } },
      [
        leaf("port", "Port the peer listens on", port, {
          extension: true,
          default: String(family === 4 ? relayPort4 : relayPort6),
        }),
      ],
      { userOrdered: true, oneLine: true, ...peering },
    ),
    flag("topology-discover", "Learn which access interfaces of the peers belong together", peering),
    leafList("exclude-interface", "Access interface left out of topology discovery", logicalInterface, {
      userOrdered: true,
      names: "interface",
      ...peering,
    }),
    leaf(
      "stale-timer",
      "How long an unfinished binding may stand against a bound one of the peer; 0 is off",
      { kind: "integer", min: 0, max: 3600, unit: "seconds" },
      { ...extension, default: "0", ...peering },
    ),
  ];
}

function group(family: 4 | 6): SchemaNode {
  const own: SchemaNode[] =
    family === 4
      ? [presence("overrides", "Overrides for this group", overrides4()), relayOption82()]
      : [
          presence("overrides", "Overrides for this group", overrides6()),
          interfaceId("relay-agent-interface-id", "Interface-ID (option 18) for this group"),
          interfaceId("relay-agent-remote-id", "Remote-ID (option 37) for this group"),
          subscriberId("Subscriber-ID (option 38) for this group"),
        ];
  return list(
    "group",
    "Client interfaces that are treated alike",
    { name: "name", type: { kind: "name", example: "access" } },
    [
      list("interface", "A client interface", { name: "interface", type: logicalInterface }, [
        leaf("upto", "Last interface of a range that begins here", logicalInterface, { names: "interface" }),
        flag("exclude", "Leave this interface out of the range"),
        presence("overrides", "Overrides for this interface", family === 4 ? overrides4() : overrides6()),
      ]),
      leaf("active-server-group", "Server group for clients of this group", serverGroupName, {
        names: "server-group",
      }),
      ...own,
    ],
  );
}

function listen(family: 4 | 6): SchemaNode[] {
  return [
    leaf(
      "listen-address",
      family === 4
        ? "Local address that queries and forwarded packets leave from, and their giaddr; when absent every address, and giaddr is the address of the client's interface"
        : "Local address that queries and forwarded packets leave from and replies come to; every address when absent",
      { kind: family === 4 ? "ipv4" : "ipv6" },
      extension,
    ),
    leaf(
      "listen-port",
      "Local UDP port that queries leave from and replies come to; unless it is the usual one, servers are told to answer forwarded packets there (RFC 8357)",
      port,
      {
        extension: true,
        default: String(family === 4 ? relayPort4 : requestorPort6),
      },
    ),
  ];
}

/** What the words of Junos do not cover. */
function own(family: 4 | 6): SchemaNode[] {
  return [
    container(
      "tls",
      "TLS of leasequery connections; both ends show certificates",
      [
        leaf("certificate-file", "File with the relay agent's certificate and its chain, PEM", file),
        leaf("private-key-file", "File with the private key, PEM", file),
        leaf("ca-file", "File with the authorities that servers' certificates come from, PEM", file),
      ],
      { oneLine: true, ...extension },
    ),
    leaf(
      "maximum-hop-count",
      "Packets that already went through as many relay agents are dropped",
      { kind: "integer", min: 1, max: family === 4 ? 16 : 32 },
      { ...extension, default: family === 4 ? "16" : "8" },
    ),
    flag(
      "access-routes",
      family === 4
        ? "Give the system routes to clients and to their framed routes"
        : "Give the system routes to clients and to the prefixes delegated to them",
      extension,
    ),
  ];
}

function overrides4(): SchemaNode[] {
  return [
    flag(
      "always-write-option-82",
      "Replace option 82 of client packets by the relay agent's own, so that it names the circuit",
    ),
    flag("always-write-giaddr", "Replace giaddr of client packets"),
    flag("allow-no-end-option", "Accept packets without the end option", { notInEffect: LATER.noEndOption }),
    flag("layer2-unicast-replies", "Send replies to the client's hardware address"),
    flag("trust-option-82", "Accept packets with option 82 and giaddr 0"),
    flag("proxy-mode", "Appear to clients as the server", { notInEffect: LATER.proxyMode }),
    leaf("replace-ip-source-with", "Source address of packets towards the server", {
      kind: "enum",
      values: [{ value: "giaddr", help: "the gateway address of the packet" }],
    }),
    ...overridesOfBoth(),
  ];
}

function overrides6(): SchemaNode[] {
  return [
    flag("always-process-option-request-option", "Heed option 6 of every client packet", {
      notInEffect: LATER.optionRequest,
    }),
    ...overridesOfBoth(),
  ];
}

function overridesOfBoth(): SchemaNode[] {
  return [
    flag("allow-snooped-clients", "Create bindings from snooped packets"),
    flag("no-allow-snooped-clients", "Ignore snooped packets"),
    flag("delay-authentication", "Authenticate at the request, not at the first packet", {
      notInEffect: LATER.authentication,
    }),
    flag("delete-binding-on-renegotiation", "A new first packet ends the client's binding", {
      notInEffect: LATER.renegotiation,
    }),
    flag("disable-relay", "Relay nothing here"),
    leaf(
      "dual-stack",
      "Dual-stack group of the clients",
      { kind: "name", example: "household" },
      { notInEffect: LATER.dualStack },
    ),
    leaf("interface-client-limit", "Clients allowed on one interface", { kind: "integer", min: 1, max: 500_000 }),
    flag("no-bind-on-request", "Ignore requests of unknown clients"),
    leaf("relay-source", "Interface whose address is the source of relayed packets", logicalInterface, {
      names: "interface",
      notInEffect: LATER.relaySource,
    }),
    flag("send-release-on-delete", "Send a release when a binding is deleted"),
  ];
}

function relayOption82(): SchemaNode {
  return presence("relay-option-82", "Option 82 in packets towards the server", [
    presence(
      "circuit-id",
      "Circuit ID (sub-option 1): the client's access interface",
      [
        ...interfaceText(),
        flag("vlan-id-only", "The VLAN ID alone"),
        presence("user-defined", "Let the profile of the interface define the text", [], {
          notInEffect: LATER.profiles,
        }),
        flag("keep-incoming-circuit-id", "Keep a circuit ID that is already there"),
      ],
      { oneLine: true },
    ),
    presence(
      "remote-id",
      "Remote ID (sub-option 2): the subscriber or remote end",
      [
        ...interfaceText(),
        flag("hostname-only", "The host name alone"),
        leaf("use-string", "A fixed text", { kind: "text", lengthMax: 200, example: "pop-7" }),
        flag("keep-incoming-remote-id", "Keep a remote ID that is already there"),
      ],
      { oneLine: true },
    ),
    flag("server-id-override", "Name the relay agent as server (sub-option 11)"),
    flag("link-selection", "Name the client's subnet (sub-option 5)"),
    presence(
      "vendor-specific",
      "Vendor information (sub-option 9)",
      [flag("host-name", "Host name of the relay agent"), flag("location", "Access interface of the client")],
      { oneLine: true },
    ),
    flag("exclude-relay-agent-identifier", "Do not add the relay identifier (sub-option 12) to forwarded packets"),
  ]);
}

/** RFC 4580. */
function subscriberId(help: string): SchemaNode {
  return leaf("relay-agent-subscriber-id", help, { kind: "text", lengthMax: 200, example: "pop-7" }, extension);
}

const enterpriseNumber: SchemaNode = leaf(
  "enterprise-number",
  "Enterprise number in front of the Remote-ID (RFC 4649)",
  { kind: "integer", min: 0, max: 4_294_967_295 },
  { ...extension, default: "2636" },
);

function interfaceId(name: string, help: string): SchemaNode {
  return presence(
    name,
    help,
    [
      ...interfaceText(),
      leaf("use-option-82", "Take the text from option 82 of the same client", {
        kind: "enum",
        values: [{ value: "strict", help: "drop packets of clients without option 82" }],
      }),
      flag(
        name === "relay-agent-remote-id" ? "keep-incoming-remote-id" : "keep-incoming-interface-id",
        "Keep one that is already there",
      ),
      ...(name === "relay-agent-remote-id" ? [enterpriseNumber] : []),
    ],
    { oneLine: true },
  );
}

/** What goes into the text that names an access interface. */
function interfaceText(): SchemaNode[] {
  return [
    container(
      "prefix",
      "Text before the interface name",
      [
        flag("host-name", "Host name of the relay agent"),
        flag("logical-system-name", "Name of the logical system"),
        flag("routing-instance-name", "Name of the routing instance"),
      ],
      { oneLine: true },
    ),
    leaf("use-interface-description", "The description instead of the interface name", {
      kind: "enum",
      values: [
        { value: "logical", help: "description of the unit" },
        { value: "device", help: "description of the physical interface" },
      ],
    }),
    flag("require-interface-description", "Drop packets from interfaces without description"),
    flag("use-vlan-id", "The VLAN ID instead of the unit"),
    flag("no-vlan-interface-name", "No VLAN in the interface name"),
    flag("include-irb-and-l2", "For IRB interfaces, name the layer-2 interface too: restoring a binding needs it"),
  ];
}
