import { container, flag, leaf, leafList, list, presence, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import { activeLeasequery, relayPort4, relayPort6 } from "./relay.ts";
import type { ValueType } from "./value.ts";

const extension = { extension: true } as const;
const port: ValueType = { kind: "integer", min: 1, max: 65_535 };
const clientInterface: ValueType = { kind: "interface-name", unit: "either" };
const file: ValueType = { kind: "text", lengthMax: 900, example: "/etc/leasewire/server.pem" };

/** `system services dhcp-local-server`: the DHCP servers of both families. */
export function localServerSchema(): SchemaNode {
  return presence("dhcp-local-server", "DHCPv4 server; its block dhcpv6 is the DHCPv6 server", [
    ...server(4),
    presence("dhcpv6", "DHCPv6 server", server(6)),
  ]);
}

function server(family: 4 | 6): SchemaNode[] {
  return [
    presence("allow-leasequery", "Answer individual leasequeries", individual(family), { oneLine: true }),
    presence(
      "allow-bulk-leasequery",
      "Answer bulk leasequeries",
      [
        leaf(
          "max-connections",
          "Connections served at a time in this instance; below accept-max-tcp-connections",
          { kind: "integer", min: 1, max: 10 },
          { default: "3" },
        ),
        leaf(
          "max-empty-replies",
          "Replies without bindings after which a connection is closed",
          { kind: "integer", min: 1, max: 100 },
          { default: "5" },
        ),
        leaf(
          "timeout",
          "How long a connection may be idle or blocked",
          { kind: "integer", min: 1, max: 1000, unit: "seconds" },
          { default: "120" },
        ),
        restrictedRequestor(family),
        leaf(
          "max-queries-parallel",
          "Queries of one connection that are answered side by side",
          { kind: "integer", min: 1, max: 64 },
          { extension: true, default: "8" },
        ),
        requestor(family, "Prefix whose requestors may connect, for active leasequery as well; anyone when absent"),
      ],
      { oneLine: true },
    ),
    presence(
      "allow-active-leasequery",
      "Answer active leasequeries; over TLS, unless insecure is set as well",
      [
        leaf(
          "timeout",
          "How long a write may block before the connection is closed",
          { kind: "integer", min: 10, max: 3600, unit: "seconds" },
          { default: "120" },
        ),
        leaf(
          "idle-timeout",
          "The receiver's patience; a keepalive is sent after half of it",
          { kind: "integer", min: 10, max: 3600, unit: "seconds" },
          { default: "60" },
        ),
        flag("insecure", "Answer over plain TCP too: anyone on the path sees and can forge every binding", extension),
      ],
      { oneLine: true },
    ),
    presence(
      "active-leasequery",
      "Keep connections to other servers open over which binding changes arrive as they happen",
      activeLeasequery(family),
      { oneLine: true, notInEffect: LATER.serverPeering },
    ),
    list(
      "group",
      "Client interfaces that are treated alike",
      { name: "name", type: { kind: "name", example: "access" } },
      [
        list("interface", "A client interface", { name: "interface", type: clientInterface }, [
          leaf("upto", "Last interface of a range that begins here", clientInterface, {
            names: "interface",
          }),
          flag("exclude", "Leave this interface out of the range"),
        ]),
        presence("overrides", "Overrides for this group", overrides(family)),
      ],
    ),
    presence("overrides", "Deviations from the usual treatment of clients", overrides(family)),
    ...own(family),
    guard(),
    container(
      "tls",
      "TLS of leasequery connections; both ends show certificates",
      [
        leaf("certificate-file", "File with the server's certificate and its chain, PEM", file),
        leaf("private-key-file", "File with the private key, PEM", file),
        leaf("ca-file", "File with the authorities that requestors' certificates come from, PEM", file),
      ],
      { oneLine: true, extension: true },
    ),
    leafList(
      "sensitive-option",
      "Code of an option of clients that no leasequery answer tells",
      { kind: "integer", min: 1, max: family === 4 ? 254 : 65_535 },
      extension,
    ),
    leaf(
      "listen-address",
      "Local address the server listens on; every address when absent",
      { kind: family === 4 ? "ipv4" : "ipv6" },
      extension,
    ),
    leaf("listen-port", "Local port the server listens on, UDP and TCP", port, {
      extension: true,
      default: String(family === 4 ? relayPort4 : relayPort6),
    }),
  ];
}

/** What the server itself is and does. */
function own(family: 4 | 6): SchemaNode[] {
  if (family === 6) {
    return [
      leaf("duid", "DUID of the server; derived from the name of the node when absent", { kind: "duid" }, extension),
      presence("reconfigure", "Let an operator call back clients that accept it", []),
      leaf(
        "preference",
        "Preference told to clients that choose among servers (option 7); 255 ends their waiting for others; not told when absent",
        { kind: "integer", min: 0, max: 255 },
        extension,
      ),
    ];
  }
  return [
    leaf(
      "server-identifier",
      "Server identifier (option 54); listen-address, or the address a message came to, when absent",
      { kind: "ipv4" },
      extension,
    ),
    flag(
      "authoritative",
      "Refuse leases of which there is no record; no other server serves these networks",
      extension,
    ),
    container(
      "address-probe",
      "Ask on the network whether an address is in use before it is offered",
      [
        flag("disable", "Offer addresses without asking"),
        leaf(
          "timeout",
          "How long an answer is waited for",
          { kind: "integer", min: 50, max: 5000, unit: "milliseconds" },
          { default: "500" },
        ),
      ],
      { oneLine: true, extension: true },
    ),
  ];
}

function individual(family: 4 | 6): SchemaNode[] {
  const strict = flag(
    "strict-replies",
    "Leave the server identifier (option 54) out of DHCPLEASEUNASSIGNED and DHCPLEASEUNKNOWN",
    extension,
  );
  return [
    restrictedRequestor(family),
    requestor(family, "Prefix whose requestors are answered; anyone when absent"),
    ...(family === 4 ? [strict] : []),
  ];
}

function requestor(family: 4 | 6, help: string): SchemaNode {
  return leafList("requestor", help, { kind: family === 4 ? "ipv4-prefix" : "ipv6-prefix" }, extension);
}

function guard(): SchemaNode {
  return container(
    "leasequery-guard",
    "When a requestor is put into quarantine, so that one that went wrong does not take the server down",
    [
      leaf(
        "queries-per-second",
        "Individual queries of one requestor beyond which it is put into quarantine",
        { kind: "integer", min: 1, max: 1_000_000 },
        { default: "10000" },
      ),
      leaf(
        "unknown-ratio",
        "Share of queries for what is not known, beyond which the requestor is put into quarantine; 100 is never exceeded",
        { kind: "integer", min: 1, max: 100, unit: "percent" },
        { default: "90" },
      ),
      leaf(
        "unknown-window",
        "Time over which the share is measured",
        { kind: "integer", min: 1, max: 3600, unit: "seconds" },
        { default: "10" },
      ),
      leaf(
        "unknown-queries",
        "Queries within that time below which the share says nothing",
        { kind: "integer", min: 1, max: 1_000_000 },
        { default: "1000" },
      ),
      leaf(
        "quarantine-time",
        "How long queries of the requestor are dropped",
        { kind: "integer", min: 1, max: 86_400, unit: "seconds" },
        { default: "60" },
      ),
    ],
    { oneLine: true, extension: true },
  );
}

function restrictedRequestor(family: 4 | 6): SchemaNode {
  return flag(
    "restricted-requestor",
    family === 4
      ? "Give a binding only to the relay agent whose giaddr is stored with it; the RFCs ask servers not to"
      : "Give a binding only to the requestor whose DUID is the Relay-ID stored with it",
  );
}

function overrides(family: 4 | 6): SchemaNode[] {
  return [
    leaf("interface-client-limit", "Clients allowed on one interface", { kind: "integer", min: 1, max: 500_000 }),
    flag(
      "rapid-commit",
      family === 4
        ? "Lease at the first packet where the client asks for it (RFC 4039)"
        : "Reply at the first packet where the client asks for it",
      family === 4 ? extension : {},
    ),
    flag("delete-binding-on-renegotiation", "A new first packet ends the client's binding", {
      notInEffect: LATER.renegotiation,
    }),
    leaf(
      "dual-stack",
      "Dual-stack group of the clients",
      { kind: "name", example: "household" },
      { notInEffect: LATER.dualStack },
    ),
  ];
}
