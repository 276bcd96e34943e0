import type { ImportFormat } from "@leasewire/api";
import {
  formatIpv4,
  formatIpv6,
  formatIpv6Prefix,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
  parseRelayIdentifier,
  parseRemoteId,
  parseRemoteId6,
  parseTime,
  type Result,
  type TimeText,
} from "@leasewire/net";
import {
  type BindingKey,
  type ClientKey6,
  parseBindingKey4,
  parseBindingKey6,
  parseBulkKey6,
  parseClientKey6,
  parseQueryKey4,
  parseQueryKey6,
  type QueryKey4,
  type QueryKey6,
} from "./key.ts";

/**
 * Every word the command line knows, once. Parsing, `?`, the texts of refusals and docs/operating/cli.md all read this
 * table, so they cannot disagree.
 *
 * A command is a fixed row of words followed by parameters in any order. A parameter is a bare word (`detail`), a word with
 * a value (`gateway-address ADDRESS`), or a value alone (the key).
 */
export interface Parameter<T = unknown> {
  /** The keyword; absent for a value alone. */
  readonly word?: string;
  /** How the value is written in help: `ADDRESS`. Absent for a bare word. */
  readonly placeholder?: string;
  readonly help: string;
  /** Absent for a bare word. */
  readonly parse?: (text: string) => Result<T>;
  readonly required?: boolean;
  /** Parameters of one group exclude each other. */
  readonly group?: string;
  /** The value may be any word, so only whole keywords are taken for keywords, never their beginnings. */
  readonly anyWord?: boolean;
}

export type CommandId =
  | `request-leasequery${4 | 6}`
  | `show-binding${4 | 6}`
  | `show-statistics${4 | 6}`
  | `clear-statistics${4 | 6}`
  | `clear-binding${4 | 6}`
  | `request-bulk-leasequery${4 | 6}`
  | `request-active-leasequery-restart${4 | 6}`
  | `show-active-leasequery${4 | 6}`
  | `clear-active-leasequery-statistics${4 | 6}`
  | `request-recovery-${"pause" | "resume" | "cancel" | "retry"}`
  | `show-recovery-${"runs" | "run" | "compare"}`
  | "lookup"
  | `request-requestor${4 | 6}`
  | "request-reconfigure"
  | `show-server-${"binding" | "statistics" | "active-leasequery" | "pools" | "requestors"}${4 | 6}`
  | `clear-server-${"binding" | "statistics" | "active-leasequery-statistics"}${4 | 6}`
  | `${"import" | "export"}-bindings`
  | `configure-${"load" | "check" | "compare" | "commit" | "rollback" | "show" | "history" | "discard"}`;

export interface Command {
  readonly id: CommandId;
  readonly words: readonly string[];
  readonly help: string;
  readonly parameters: readonly Parameter[];
  /** One parameter of this group has to be given. */
  readonly requiredGroup?: string;
  /** Words that cannot stand together although they are of no one group. */
  readonly excludes?: readonly (readonly [Parameter, Parameter])[];
  /** Parameters that come together or not at all: one of these rows, or none of them. */
  readonly forms?: readonly (readonly Parameter[])[];
  /** Junos has no such command. */
  readonly extension?: boolean;
  /** Further sentences for the documentation. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
}

/** What each word opens, by the words before it. */
export const wordHelp: Readonly<Record<string, string>> = {
  request: "Ask something of the network",
  "request dhcp": "DHCPv4",
  "request dhcp relay": "The relay agent",
  "request dhcp relay active-leasequery": "Connections over which servers tell changes as they happen",
  "request dhcp server": "The local server",
  "request dhcpv6": "DHCPv6",
  "request dhcpv6 relay": "The relay agent",
  "request dhcpv6 relay active-leasequery": "Connections over which servers tell changes as they happen",
  "request dhcpv6 server": "The local server",
  "request recovery": "Bulk queries that are under way or finished",
  show: "Look at bindings and counters",
  "show dhcp": "DHCPv4",
  "show dhcp relay": "The relay agent",
  "show dhcp server": "The local server",
  "show dhcpv6": "DHCPv6",
  "show dhcpv6 relay": "The relay agent",
  "show dhcpv6 server": "The local server",
  "show recovery": "Bulk queries that are under way or finished",
  clear: "Reset counters, remove bindings",
  "clear dhcp": "DHCPv4",
  "clear dhcp relay": "The relay agent",
  "clear dhcp relay active-leasequery": "Connections over which servers tell changes as they happen",
  "clear dhcp server": "The local server",
  "clear dhcp server active-leasequery": "Connections that tell changes as they happen",
  "clear dhcpv6": "DHCPv6",
  "clear dhcpv6 relay": "The relay agent",
  "clear dhcpv6 relay active-leasequery": "Connections over which servers tell changes as they happen",
  "clear dhcpv6 server": "The local server",
  "clear dhcpv6 server active-leasequery": "Connections that tell changes as they happen",
  import: "Take over bindings from lease files",
  export: "Write bindings out",
  configure: "Change the configuration: load, check, compare, commit",
};

const logicalSystem: Parameter<string> = {
  word: "logical-system",
  placeholder: "LS",
  help: "Only this logical system",
  parse: name(
    /^[A-Za-z0-9_-]{1,63}$/,
    "is not the name of a logical system: write 1 to 63 letters, digits, '-' or '_'",
  ),
};
const routingInstance: Parameter<string> = {
  word: "routing-instance",
  placeholder: "RI",
  help: "Only this routing instance",
  parse: name(
    /^[A-Za-z0-9_.-]{1,63}$/,
    "is not the name of a routing instance: write 1 to 63 letters, digits, '-', '_' or '.'",
  ),
};
const gatewayAddress: Parameter<string> = {
  word: "gateway-address",
  placeholder: "ADDRESS",
  help: "The relay's address towards the clients; it becomes giaddr",
  parse: ipv4,
  required: true,
};
const serverAddress: Parameter<string> = {
  word: "server-address",
  placeholder: "ADDRESS",
  help: "Only the server with this address",
  group: "server",
  parse: (text) => (text.includes(":") ? ipv6(text) : ipv4(text)),
};
const serverGroup: Parameter<string> = {
  word: "server-group",
  placeholder: "NAME",
  help: "Only the servers of this group",
  group: "server",
  parse: name(/^[!-~]{1,63}$/, "is not the name of a server group: write 1 to 63 characters without blanks"),
};
const queryKey4: Parameter<QueryKey4> = {
  placeholder: "IPV4 | MAC | CLIENT-ID",
  help: "What is asked for: an address, a MAC address, or a client identifier (0x… or ascii:NAME)",
  parse: parseQueryKey4,
  required: true,
};
const queryKey6: Parameter<QueryKey6> = {
  placeholder: "IPV6[/LEN] | CLIENT-ID",
  help: "What is asked for: an address, a prefix by its first address, or a client DUID in hex",
  parse: parseQueryKey6,
  required: true,
};
/** Junos has no word for it: the field of LQ_QUERY that limits a query to one link (RFC 5007 §4.1.2.1). */
const linkAddress: Parameter<string> = {
  word: "link-address",
  placeholder: "ADDRESS",
  help: "Only on the link with this address (a word of Leasewire, not of Junos)",
  parse: ipv6,
};
const bulkKey4: Parameter<QueryKey4> = {
  placeholder: "IPV4 | MAC | CLIENT-ID",
  help: "Leases of this MAC address or client identifier; an address is asked for individually",
  parse: parseQueryKey4,
  group: "key",
};
const bulkKey6: Parameter<QueryKey6> = {
  placeholder: "IPV6[/LEN] | CLIENT-ID",
  help: "Leases of this address, of the addresses and prefixes in this prefix, or of this client DUID",
  parse: parseBulkKey6,
  group: "key",
};
const relayId: Parameter<string> = {
  word: "relay-id",
  placeholder: "ID",
  help: "Leases of clients behind the relay with this identifier (0x… or ascii:NAME)",
  parse: checked(parseRelayIdentifier),
  group: "key",
};
const remoteId4: Parameter<string> = {
  word: "remote-id",
  placeholder: "ID",
  help: "Leases on the access circuit with this remote-id (0x… or ascii:NAME)",
  parse: checked(parseRemoteId),
  group: "key",
};
const remoteId6: Parameter<string> = {
  ...remoteId4,
  help: "Leases on the access circuit with this remote-id (NUMBER:0x… or NUMBER:ascii:NAME, with the enterprise number)",
  parse: checked(parseRemoteId6),
};
const allConfigured: Parameter<true> = {
  word: "all-configured-ip",
  help: "Every address the servers are configured with, leased or not",
  group: "key",
};
const linkAddr: Parameter<string> = {
  word: "link-addr",
  placeholder: "ADDRESS",
  help: "Leases on the link with this address",
  parse: ipv6,
  group: "key",
};
const onLink: Parameter<string> = {
  word: "on-link",
  placeholder: "ADDRESS",
  help: "Beside another key: only on the link with this address (a word of Leasewire, not of Junos)",
  parse: ipv6,
};
const queryStartTime: Parameter<TimeText> = {
  word: "query-start-time",
  placeholder: "TIME",
  help: "Only what changed at or after this time (a word of Leasewire, not of Junos)",
  parse: parseTime,
};
const queryEndTime: Parameter<TimeText> = {
  word: "query-end-time",
  placeholder: "TIME",
  help: "Only what changed at or before this time (a word of Leasewire, not of Junos)",
  parse: parseTime,
};
const incremental: Parameter<true> = {
  word: "incremental",
  help: "Only what changed since each server's newest stored base-time (a word of Leasewire, not of Junos)",
};
const runId: Parameter<string> = {
  placeholder: "RUN",
  help: "A run, by the id that `show recovery runs` lists",
  parse: name(/^[!-~]{1,64}$/, "is not the id of a run: `show recovery runs` lists them"),
  required: true,
  anyWord: true,
};
const otherRunId: Parameter<string> = { ...runId, placeholder: "OTHER", help: "The run it is compared with" };
const lookupKey: Parameter<string> = {
  placeholder: "KEY",
  help: "An address, a prefix, a MAC address, or a client identifier, in any notation",
  parse: (text) => ({ ok: true, value: text }),
  group: "what",
  anyWord: true,
};
const lookupFile: Parameter<string> = {
  word: "--file",
  placeholder: "FILE | -",
  help: "One key a line, 10,000 lines at most; - reads standard input",
  parse: (text) => ({ ok: true, value: text }),
  group: "what",
};
const askServers: Parameter<true> = {
  word: "--ask",
  help: "Ask the servers, one by one, for what has no active binding in the table",
};
const brief: Parameter<true> = { word: "brief", help: "One line for each binding (the default)", group: "level" };
const detail: Parameter<true> = { word: "detail", help: "Everything known about each binding", group: "level" };
const summary: Parameter<true> = { word: "summary", help: "How many bindings in which state", group: "level" };
const bindingKey4: Parameter<BindingKey> = {
  placeholder: "ADDRESS | PREFIX | MAC | CLIENT-ID",
  help: "Only bindings of this address, prefix, MAC address or client identifier",
  parse: parseBindingKey4,
};
const bindingKey6: Parameter<BindingKey> = {
  placeholder: "ADDRESS | PREFIX | MAC | CLIENT-ID",
  help: "Only bindings of this address, prefix, MAC address or client DUID",
  parse: parseBindingKey6,
};
const interfaceName: Parameter<string> = {
  word: "interface",
  placeholder: "NAME",
  help: "Only bindings of this access interface",
  parse: name(/^[!-~]{1,128}$/, "is not the name of an interface: write it like ge-0/0/1.100"),
};
const leasequery: Parameter<true> = { word: "leasequery", help: "Individual leasequeries" };
const clearAddress4: Parameter<string> = {
  placeholder: "ADDRESS",
  help: "The binding of this address",
  parse: ipv4,
  group: "what",
};
const clearAddress6: Parameter<string> = { ...clearAddress4, parse: ipv6 };
const clearAll: Parameter<true> = { word: "all", help: "Every binding", group: "what" };
const clearInterface: Parameter<string> = {
  ...interfaceName,
  help: "Every binding of this access interface",
  group: "what",
};

const clearAddressOrPrefix6: Parameter<string> = {
  placeholder: "IPV6[/LEN]",
  help: "The binding of this address, or of this delegated prefix",
  parse: ipv6OrPrefix,
  group: "what",
};
const yes: Parameter<true> = { word: "--yes", help: "Do not ask first" };
const bulkConnections: Parameter<true> = {
  word: "bulk-leasequery-connections",
  help: "Connections for bulk leasequery instead",
};
const details: Parameter<true> = { word: "details", help: "Everything known about the connections of one requestor" };
const peerStatistics: Parameter<true> = { word: "statistics", help: "Messages to and from one requestor by type" };
const peer: Parameter<string> = {
  word: "peer",
  placeholder: "ADDRESS",
  help: "The requestor with this address",
  parse: (text) => (text.includes(":") ? ipv6(text) : ipv4(text)),
};
const relayPeer: Parameter<string> = { ...peer, help: "The server with this address" };
const relayPeerDetails: Parameter<true> = {
  ...details,
  help: "Everything known about the connection to one server",
};
const relayPeerStatistics: Parameter<true> = {
  ...peerStatistics,
  help: "What one server told, and what became of it",
};
const resync: Parameter<true> = {
  word: "resync",
  help: "Transfer everything again (a word of Leasewire, not of Junos)",
};
const requestor4: Parameter<string> = {
  placeholder: "ADDRESS",
  help: "The requestor: the source address of its queries",
  parse: ipv4,
  required: true,
};
const requestor6: Parameter<string> = { ...requestor4, parse: ipv6 };
const quarantine: Parameter<true> = {
  word: "quarantine",
  help: "Leave its queries unanswered for a while",
  group: "action",
};
const release: Parameter<true> = { word: "release", help: "Answer its queries again", group: "action" };
const seconds: Parameter<number> = {
  word: "seconds",
  placeholder: "N",
  help: "How long, instead of the time the server is configured with",
  parse: count(1, 604_800),
};
const reason: Parameter<string> = {
  word: "reason",
  placeholder: "TEXT",
  help: "Why; others see it. Quote it for the shell",
  parse: name(/^[^\u0000-\u001f\u007f]{1,200}$/u, "is not a reason: write one line of 1 to 200 characters"),
};

const reconfigureAll: Parameter<true> = { word: "all", help: "Every client with a lease", group: "what" };
const reconfigureKey: Parameter<ClientKey6> = {
  placeholder: "ADDRESS | PREFIX | DUID",
  help: "The client with this address, delegated prefix or DUID",
  parse: parseClientKey6,
  group: "what",
};
const renew: Parameter<true> = {
  word: "renew",
  help: "Clients extend their leases at this server (the default)",
  group: "ask",
};
const rebind: Parameter<true> = { word: "rebind", help: "Clients extend their leases at any server", group: "ask" };
const informationRequest: Parameter<true> = {
  word: "information-request",
  help: "Clients ask for other configuration only",
  group: "ask",
};

const file: Parameter<string> = {
  placeholder: "FILE | -",
  help: "A file with the configuration; - reads standard input",
  parse: (text) => ({ ok: true, value: text }),
  required: true,
  anyWord: true,
};
const leaseFile: Parameter<string> = {
  ...file,
  help: "The lease file; - reads standard input",
};
const importFormat: Parameter<ImportFormat> = {
  word: "--format",
  placeholder: "kea-csv4 | kea-csv6 | isc-leases | csv",
  help: "What the file is: a Kea lease file of DHCPv4 or DHCPv6, one of ISC dhcpd, or Leasewire's own CSV",
  parse: oneOf(["kea-csv4", "kea-csv6", "isc-leases", "csv"]),
  required: true,
};
const allOrNothing: Parameter<true> = { word: "--all-or-nothing", help: "Take nothing if a row is refused" };
const exportFormat: Parameter<"csv" | "ndjson"> = {
  word: "--format",
  placeholder: "csv | ndjson",
  help: "CSV, which can be imported again, or one JSON object a line",
  parse: oneOf(["csv", "ndjson"]),
  required: true,
};
const exportFamily: Parameter<"4" | "6"> = {
  word: "--family",
  placeholder: "4 | 6",
  help: "Only DHCPv4 or only DHCPv6; both without it",
  parse: oneOf(["4", "6"]),
};
const replaceMode: Parameter<true> = {
  word: "replace",
  help: "The text is the whole configuration (the default)",
  group: "mode",
};
const setMode: Parameter<true> = {
  word: "set",
  help: "The set and delete statements of the text change the candidate",
  group: "mode",
};
const compareRollback: Parameter<number> = {
  word: "rollback",
  placeholder: "N",
  help: "Compare with the Nth configuration back instead of the active one",
  parse: count(0, 49),
};
const confirmed: Parameter<number> = {
  word: "confirmed",
  placeholder: "N",
  help: "Go back by itself after N minutes unless another commit confirms",
  parse: count(1, 65535),
};
const comment: Parameter<string> = {
  word: "comment",
  placeholder: "TEXT",
  help: "A remark for the history; quote it for the shell",
  parse: name(/^[^\u0000-\u001f\u007f]{1,512}$/u, "is not a comment: write one line of 1 to 512 characters"),
};
const rollbackNumber: Parameter<number> = {
  placeholder: "N",
  help: "How many commits back; 0 is the active configuration",
  parse: count(0, 49),
  required: true,
};
const candidate: Parameter<true> = {
  word: "candidate",
  help: "The candidate, as set statements, instead of the active configuration",
};
const showSet: Parameter<true> = { word: "set", help: "As set statements instead of braces" };

/** The parameters by name, for whoever carries a command out. */
export const parameters = {
  logicalSystem,
  routingInstance,
  gatewayAddress,
  serverAddress,
  serverGroup,
  queryKey4,
  queryKey6,
  linkAddress,
  bulkKey4,
  bulkKey6,
  relayId,
  remoteId4,
  remoteId6,
  allConfigured,
  linkAddr,
  onLink,
  queryStartTime,
  queryEndTime,
  incremental,
  runId,
  otherRunId,
  lookupKey,
  lookupFile,
  askServers,
  resync,
  brief,
  detail,
  summary,
  bindingKey4,
  bindingKey6,
  interfaceName,
  leasequery,
  clearAddress4,
  clearAddress6,
  clearAll,
  clearInterface,
  clearAddressOrPrefix6,
  yes,
  bulkConnections,
  details,
  peerStatistics,
  peer,
  requestor4,
  requestor6,
  quarantine,
  release,
  seconds,
  reason,
  reconfigureAll,
  reconfigureKey,
  renew,
  rebind,
  informationRequest,
  file,
  leaseFile,
  importFormat,
  allOrNothing,
  exportFormat,
  exportFamily,
  replaceMode,
  setMode,
  compareRollback,
  confirmed,
  comment,
  rollbackNumber,
  candidate,
  showSet,
};

const instance = [routingInstance, logicalSystem];

function relayCommands(family: 4 | 6): Command[] {
  const protocol = family === 4 ? "dhcp" : "dhcpv6";
  const address = family === 4 ? "192.0.2.7" : "2001:db8::7";
  const client = family === 4 ? "ascii:modem7" : "00:03:00:01:00:11:22:33:44:55";
  const tail = family === 4 ? " gateway-address 192.0.2.1" : "";
  const server = family === 4 ? "198.51.100.1" : "2001:db8:53::1";
  return [
    {
      id: `request-leasequery${family}`,
      words: ["request", protocol, "relay", "leasequery"],
      help: "Ask the servers for one binding and wait for their answers",
      parameters: [
        ...(family === 4 ? [queryKey4, gatewayAddress] : [queryKey6]),
        serverAddress,
        serverGroup,
        ...instance,
        ...(family === 4 ? [] : [linkAddress]),
      ],
      notes: [
        "Without a server every server is asked that the relays know. On a terminal the progress of each server is shown while they answer; an interrupt (Ctrl+C) cancels the query.",
        "The exit code is 0 when the servers answered, also when they know of no lease (the sentence says so), and 1 when none answered, all refused, or the query was cancelled.",
      ],
      examples: [
        `request ${protocol} relay leasequery ${address}${tail}`,
        ...(family === 4 ? [`request dhcp relay leasequery 00:11:22:33:44:55${tail} server-group core`] : []),
        `request ${protocol} relay leasequery ${client}${tail} routing-instance retail`,
      ],
    },
    {
      id: `request-bulk-leasequery${family}`,
      words: ["request", protocol, "relay", "bulk-leasequery"],
      help: "Ask the servers for many bindings at once and follow the transfer to its end",
      parameters: [
        ...(family === 4 ? [bulkKey4, relayId, remoteId4, allConfigured] : [bulkKey6, relayId, remoteId6, linkAddr]),
        serverAddress,
        serverGroup,
        ...instance,
        queryStartTime,
        queryEndTime,
        incremental,
        ...(family === 4 ? [] : [onLink]),
      ],
      excludes: [[incremental, queryStartTime], ...(family === 4 ? [] : ([[linkAddr, onLink]] as const))],
      notes: [
        "Without a key the servers are asked for the clients behind the relay itself: by its own relay-id. A TIME is written `2026-11-24T07:00:00Z`, as seconds since 1970, or as a time ago: `90s`, `30m`, `12h`, `7d`.",
        ...(family === 4
          ? ["DHCPv4 has no bulk query by address: with an address an individual leasequery is sent instead."]
          : []),
        "On a terminal a bar shows how far each server is; an interrupt (Ctrl+C) cancels the run, and what was recovered until then stays.",
        "The exit code is 0 when every server told everything, and 1 otherwise: `request recovery retry` asks those again that failed.",
      ],
      examples: [
        `request ${protocol} relay bulk-leasequery`,
        family === 4
          ? "request dhcp relay bulk-leasequery 00:11:22:33:44:55 server-group core"
          : "request dhcpv6 relay bulk-leasequery 2001:db8:100::/40 server-group core",
        `request ${protocol} relay bulk-leasequery relay-id ascii:bng-a routing-instance retail`,
        family === 4
          ? "request dhcp relay bulk-leasequery all-configured-ip query-start-time 30m"
          : "request dhcpv6 relay bulk-leasequery link-addr 2001:db8:1::1 incremental",
      ],
    },
    {
      id: `request-active-leasequery-restart${family}`,
      words: ["request", protocol, "relay", "active-leasequery", "restart"],
      help: "Close the connection to a server and open it anew",
      parameters: [{ ...relayPeer, required: true }, resync, ...instance],
      notes: ["Without `resync` the relay asks for what it missed meanwhile, and for no more."],
      examples: [`request ${protocol} relay active-leasequery restart peer ${server}`],
    },
    {
      id: `show-active-leasequery${family}`,
      words: ["show", protocol, "relay", "active-leasequery"],
      help: "Servers that tell changes as they happen",
      parameters: [relayPeerStatistics, relayPeer, relayPeerDetails, ...instance],
      forms: [
        [relayPeer, relayPeerDetails],
        [relayPeerStatistics, relayPeer],
      ],
      examples: [
        `show ${protocol} relay active-leasequery`,
        `show ${protocol} relay active-leasequery peer ${server} details`,
        `show ${protocol} relay active-leasequery statistics peer ${server}`,
      ],
    },
    {
      id: `clear-active-leasequery-statistics${family}`,
      words: ["clear", protocol, "relay", "active-leasequery", "statistics"],
      help: "Set the counters of one server to zero",
      parameters: [{ ...relayPeer, required: true }, ...instance],
      examples: [`clear ${protocol} relay active-leasequery statistics peer ${server}`],
    },
    {
      id: `show-binding${family}`,
      words: ["show", protocol, "relay", "binding"],
      help: "Bindings the relay knows",
      parameters: [brief, detail, summary, family === 4 ? bindingKey4 : bindingKey6, interfaceName, ...instance],
      excludes: [
        [summary, family === 4 ? bindingKey4 : bindingKey6],
        [summary, interfaceName],
      ],
      notes: ["With `summary` neither a key nor an interface can be given."],
      examples: [
        `show ${protocol} relay binding`,
        `show ${protocol} relay binding detail ${address}`,
        `show ${protocol} relay binding summary`,
      ],
    },
    {
      id: `show-statistics${family}`,
      words: ["show", protocol, "relay", "statistics"],
      help: "Packets dropped by reason, messages received, sent and passed on",
      parameters: [
        { ...leasequery, help: "Individual leasequeries instead", group: "of" },
        { ...bulkConnections, group: "of" },
        ...instance,
      ],
      examples: [
        `show ${protocol} relay statistics`,
        `show ${protocol} relay statistics leasequery`,
        `show ${protocol} relay statistics bulk-leasequery-connections`,
      ],
    },
    {
      id: `clear-binding${family}`,
      words: ["clear", protocol, "relay", "binding"],
      help: "Remove bindings from the relay",
      parameters: [family === 4 ? clearAddress4 : clearAddress6, clearAll, clearInterface, ...instance],
      requiredGroup: "what",
      examples: [`clear ${protocol} relay binding ${address}`, `clear ${protocol} relay binding all`],
    },
    {
      id: `clear-statistics${family}`,
      words: ["clear", protocol, "relay", "statistics"],
      help: "Set the counters of the relay to zero",
      parameters: [
        { ...leasequery, help: "Only those of individual leasequeries", group: "of" },
        { ...bulkConnections, help: "Only those of connections for bulk leasequery", group: "of" },
        ...instance,
      ],
      examples: [
        `clear ${protocol} relay statistics leasequery`,
        `clear ${protocol} relay statistics bulk-leasequery-connections`,
      ],
    },
  ];
}

function serverCommands(family: 4 | 6): Command[] {
  const protocol = family === 4 ? "dhcp" : "dhcpv6";
  const address = family === 4 ? "192.0.2.7" : "2001:db8::7";
  const requestor = family === 4 ? "192.0.2.9" : "2001:db8::9";
  const key = family === 4 ? bindingKey4 : bindingKey6;
  return [
    {
      id: `request-requestor${family}`,
      words: ["request", protocol, "server", "requestor"],
      help: "Quarantine a requestor of individual leasequeries, or release it",
      parameters: [family === 4 ? requestor4 : requestor6, quarantine, release, seconds, reason, ...instance],
      requiredGroup: "action",
      excludes: [
        [release, seconds],
        [release, reason],
      ],
      extension: true,
      notes: ["Without an instance it holds for every server of the family."],
      examples: [
        `request ${protocol} server requestor ${requestor} quarantine seconds 600 reason "scans the pool"`,
        `request ${protocol} server requestor ${requestor} release`,
      ],
    },
    ...(family === 6 ? [reconfigureCommand] : []),
    {
      id: `show-server-binding${family}`,
      words: ["show", protocol, "server", "binding"],
      help: "Leases the local servers granted, or took from an import",
      parameters: [brief, detail, summary, key, interfaceName, ...instance],
      excludes: [
        [summary, key],
        [summary, interfaceName],
      ],
      notes: ["With `summary` neither a key nor an interface can be given."],
      examples: [`show ${protocol} server binding`, `show ${protocol} server binding detail ${address}`],
    },
    {
      id: `show-server-statistics${family}`,
      words: ["show", protocol, "server", "statistics"],
      help: "Packets dropped by reason, messages received and sent",
      parameters: [bulkConnections, ...instance],
      examples: [
        `show ${protocol} server statistics`,
        `show ${protocol} server statistics bulk-leasequery-connections`,
      ],
    },
    {
      id: `show-server-active-leasequery${family}`,
      words: ["show", protocol, "server", "active-leasequery"],
      help: "Requestors that are told changes as they happen",
      parameters: [peerStatistics, peer, details, ...instance],
      forms: [
        [peer, details],
        [peerStatistics, peer],
      ],
      examples: [
        `show ${protocol} server active-leasequery`,
        `show ${protocol} server active-leasequery peer ${requestor} details`,
        `show ${protocol} server active-leasequery statistics peer ${requestor}`,
      ],
    },
    {
      id: `show-server-pools${family}`,
      words: ["show", protocol, "server", "pools"],
      help: "How full the address pools are",
      parameters: [...instance],
      extension: true,
      examples: [`show ${protocol} server pools`],
    },
    {
      id: `show-server-requestors${family}`,
      words: ["show", protocol, "server", "requestors"],
      help: "Who sends individual leasequeries, how many, and who is quarantined",
      parameters: [...instance],
      extension: true,
      examples: [`show ${protocol} server requestors`],
    },
    {
      id: `clear-server-binding${family}`,
      words: ["clear", protocol, "server", "binding"],
      help: "End leases of the local servers",
      parameters: [family === 4 ? clearAddress4 : clearAddressOrPrefix6, clearAll, clearInterface, yes, ...instance],
      requiredGroup: "what",
      notes: [
        "On a terminal it says how many leases end and asks first. The exit code is 1 when the answer is no.",
        "The clients are not told: they use their addresses until they renew, while the addresses may be given to others.",
      ],
      examples: [`clear ${protocol} server binding ${address}`, `clear ${protocol} server binding all --yes`],
    },
    {
      id: `clear-server-statistics${family}`,
      words: ["clear", protocol, "server", "statistics"],
      help: "Set the counters of the local servers to zero",
      parameters: [{ ...bulkConnections, help: "Only those of connections for bulk leasequery" }, ...instance],
      examples: [
        `clear ${protocol} server statistics`,
        `clear ${protocol} server statistics bulk-leasequery-connections`,
      ],
    },
    {
      id: `clear-server-active-leasequery-statistics${family}`,
      words: ["clear", protocol, "server", "active-leasequery", "statistics"],
      help: "Set the counters of one requestor to zero",
      parameters: [{ ...peer, required: true }, ...instance],
      examples: [`clear ${protocol} server active-leasequery statistics peer ${requestor}`],
    },
  ];
}

const reconfigureCommand: Command = {
  id: "request-reconfigure",
  words: ["request", "dhcpv6", "server", "reconfigure"],
  help: "Tell clients to come back now, for example after the configuration changed",
  parameters: [reconfigureAll, reconfigureKey, renew, rebind, informationRequest, ...instance],
  requiredGroup: "what",
  extension: true,
  notes: [
    "Needs `reconfigure` in the configuration of the server, and clients that said that they accept it when they got their leases. The message is repeated until the client does what it says, eight times at most.",
    "The exit code is 0 when a client was told, and 1 when every one was refused; the reasons are counted.",
  ],
  examples: [
    "request dhcpv6 server reconfigure 2001:db8::7",
    "request dhcpv6 server reconfigure 00030001020000000001 rebind",
    "request dhcpv6 server reconfigure all information-request routing-instance retail",
  ],
};

function recoveryRequest(word: "pause" | "resume" | "cancel" | "retry", help: string, notes: string[] = []): Command {
  return {
    id: `request-recovery-${word}`,
    words: ["request", "recovery", word],
    help,
    parameters: [runId],
    extension: true,
    notes,
    examples: [`request recovery ${word} 01K0VB9A2M`],
  };
}

const recoveryCommands: Command[] = [
  recoveryRequest("pause", "Stop reading from the servers of a run; the connections stay open"),
  recoveryRequest("resume", "Go on with a paused run"),
  recoveryRequest("cancel", "End a run; what was recovered until then stays"),
  recoveryRequest("retry", "Ask those servers of a run again that failed, and follow it to its end", [
    "The exit code is that of `request dhcp relay bulk-leasequery`.",
  ]),
  {
    id: "show-recovery-runs",
    words: ["show", "recovery", "runs"],
    help: "Bulk queries, the newest first",
    parameters: [],
    extension: true,
    examples: ["show recovery runs"],
  },
  {
    id: "show-recovery-run",
    words: ["show", "recovery", "run"],
    help: "What each server of a run told, and what is missing for each relay and interface",
    parameters: [runId],
    extension: true,
    examples: ["show recovery run 01K0VB9A2M"],
  },
  {
    id: "show-recovery-compare",
    words: ["show", "recovery", "compare"],
    help: "Two runs beside each other",
    parameters: [runId, otherRunId],
    extension: true,
    examples: ["show recovery compare 01K0VB9A2M 01K0VBH7QD"],
  },
];

const lookupCommand: Command = {
  id: "lookup",
  words: ["lookup"],
  help: "Who holds an address; what a client holds",
  parameters: [
    lookupKey,
    lookupFile,
    { ...exportFamily, help: "Only bindings of DHCPv4 or of DHCPv6; both without it" },
    askServers,
    { ...gatewayAddress, help: "giaddr of DHCPv4 queries with --ask; the relay's own without it", required: false },
    serverAddress,
    serverGroup,
    ...instance,
  ],
  requiredGroup: "what",
  extension: true,
  notes: [
    "One answer a line, in the order of the keys: the active binding, or else the one that was seen last. The binding table answers; with `--ask` the servers are asked for the rest by individual leasequery.",
    "The exit code is 0 when every line was read, also when nobody is known for it, and 1 when a line is no key or a server could not be asked.",
  ],
  examples: ["lookup 192.0.2.7", "lookup --file clients.txt", "lookup --file - --ask server-group core"],
};

const fileCommands: Command[] = [
  {
    id: "import-bindings",
    words: ["import", "bindings"],
    help: "Take over the leases of a file as leases of the local server",
    parameters: [
      leaseFile,
      importFormat,
      allOrNothing,
      { ...logicalSystem, help: "Into this logical system" },
      { ...routingInstance, help: "Into this routing instance" },
    ],
    extension: true,
    notes: [
      "The file is sent while it is read. Refused rows are written to standard error, one line each; an interrupt (Ctrl+C) cancels the import. See [import](import.md) for the formats.",
      "The exit code is 0 when every row was taken, also when the server knew newer ones, and 1 when a row was refused or the import failed.",
    ],
    examples: [
      "import bindings --format kea-csv4 /var/lib/kea/kea-leases4.csv",
      "import bindings --format isc-leases /var/lib/dhcp/dhcpd.leases --all-or-nothing routing-instance retail",
    ],
  },
  {
    id: "export-bindings",
    words: ["export", "bindings"],
    help: "Write all bindings of an instance to standard output",
    parameters: [
      exportFormat,
      exportFamily,
      { ...logicalSystem, help: "Of this logical system" },
      { ...routingInstance, help: "Of this routing instance" },
    ],
    extension: true,
    notes: [
      "`csv` is the format that `import bindings --format csv` reads; a spreadsheet takes no field of it for a formula.",
    ],
    examples: ["export bindings --format csv", "export bindings --format ndjson --family 6 logical-system lab"],
  },
];

const configureCommands: Command[] = [
  {
    id: "configure-load",
    words: ["configure", "load"],
    help: "Read a configuration into the candidate",
    parameters: [file, replaceMode, setMode],
    notes: ["A text with an error is refused whole: each error is shown with its line, column and remedy."],
    examples: ["configure load leasewire.conf", "configure load - set"],
  },
  {
    id: "configure-check",
    words: ["configure", "check"],
    help: "Check the candidate without committing it",
    parameters: [],
    examples: ["configure check"],
  },
  {
    id: "configure-compare",
    words: ["configure", "compare"],
    help: "Show how the candidate differs from the active configuration",
    parameters: [compareRollback],
    examples: ["configure compare", "configure compare rollback 1"],
  },
  {
    id: "configure-commit",
    words: ["configure", "commit"],
    help: "Check the candidate and put it into effect",
    parameters: [confirmed, comment],
    examples: ["configure commit", 'configure commit confirmed 5 comment "new server group"'],
  },
  {
    id: "configure-rollback",
    words: ["configure", "rollback"],
    help: "Put an earlier configuration into the candidate",
    parameters: [rollbackNumber],
    examples: ["configure rollback 1"],
  },
  {
    id: "configure-discard",
    words: ["configure", "discard"],
    help: "Throw the changes of the candidate away",
    parameters: [],
    examples: ["configure discard"],
  },
  {
    id: "configure-show",
    words: ["configure", "show"],
    help: "Show the active configuration",
    parameters: [showSet, candidate],
    examples: ["configure show", "configure show set", "configure show candidate"],
  },
  {
    id: "configure-history",
    words: ["configure", "history"],
    help: "Who committed what and when",
    parameters: [],
    examples: ["configure history"],
  },
];

export const commands: readonly Command[] = [
  ...([4, 6] as const).flatMap((family) => [...relayCommands(family), ...serverCommands(family)]),
  ...recoveryCommands,
  lookupCommand,
  ...fileCommands,
  ...configureCommands,
];

/** How a parameter is written: `gateway-address ADDRESS`. */
export function parameterSyntax(parameter: Parameter): string {
  const value = parameter.placeholder?.includes("|") ? `(${parameter.placeholder})` : parameter.placeholder;
  return [parameter.word, value].filter((part) => part !== undefined).join(" ");
}

/** How a command is written: what may be left out in brackets, alternatives with bars. */
export function commandSyntax(command: Command): string {
  const parts: string[] = [...command.words];
  const seen = new Set<string>();
  const forms = command.forms ?? [];
  if (forms.length > 0) parts.push(`[${forms.map(formSyntax).join(" | ")}]`);
  for (const parameter of command.parameters) {
    if (forms.some((form) => form.includes(parameter))) continue;
    const { group } = parameter;
    if (group === undefined) {
      const syntax = parameterSyntax(parameter);
      parts.push(
        parameter.required ? syntax : parameter.word === undefined ? `[${parameter.placeholder}]` : `[${syntax}]`,
      );
    } else if (!seen.has(group)) {
      seen.add(group);
      const all = command.parameters.filter((other) => other.group === group).map(parameterSyntax);
      parts.push(command.requiredGroup === group ? `(${all.join(" | ")})` : `[${all.join(" | ")}]`);
    }
  }
  return parts.join(" ");
}

/** How parameters that come together are written: `peer ADDRESS details`. */
export function formSyntax(form: readonly Parameter[]): string {
  return form.map(parameterSyntax).join(" ");
}

function name(pattern: RegExp, complaint: string): (text: string) => Result<string> {
  return (text) =>
    pattern.test(text)
      ? { ok: true, value: text }
      : { ok: false, error: { code: "name-syntax", message: `"${text}" ${complaint}` } };
}

function oneOf<T extends string>(values: readonly T[]): (text: string) => Result<T> {
  return (text) => {
    const value = values.find((known) => known === text);
    return value !== undefined
      ? { ok: true, value }
      : { ok: false, error: { code: "value-unknown", message: `"${text}" is not one of ${values.join(", ")}` } };
  };
}

function count(min: number, max: number): (text: string) => Result<number> {
  return (text) => {
    const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max
      ? { ok: true, value }
      : { ok: false, error: { code: "number-range", message: `"${text}" is not a number from ${min} to ${max}` } };
  };
}

function ipv4(text: string): Result<string> {
  const address = parseIpv4(text);
  return address.ok ? { ok: true, value: formatIpv4(address.value) } : address;
}

function ipv6(text: string): Result<string> {
  const address = parseIpv6(text);
  return address.ok ? { ok: true, value: formatIpv6(address.value) } : address;
}

/** Checks the form and hands the text on: the server reads it again. */
function checked(parse: (text: string) => Result<unknown>): (text: string) => Result<string> {
  return (text) => {
    const parsed = parse(text);
    return parsed.ok ? { ok: true, value: text.trim() } : parsed;
  };
}

function ipv6OrPrefix(text: string): Result<string> {
  if (!text.includes("/")) return ipv6(text);
  const prefix = parseIpv6Prefix(text);
  return prefix.ok ? { ok: true, value: formatIpv6Prefix(prefix.value) } : prefix;
}
