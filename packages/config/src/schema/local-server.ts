import { flag, leaf, list, presence, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import { activeLeasequery, relayPort4, relayPort6 } from "./relay.ts";
import type { ValueType } from "./value.ts";

const port: ValueType = { kind: "integer", min: 1, max: 65_535 };
const clientInterface: ValueType = { kind: "interface-name", unit: "either" };

/** `system services dhcp-local-server`: the DHCP servers of both families. */
export function localServerSchema(): SchemaNode {
  return presence(
    "dhcp-local-server",
    "DHCPv4 server; its block dhcpv6 is the DHCPv6 server",
    [...server(4), presence("dhcpv6", "DHCPv6 server", server(6))],
    { notInEffect: LATER.localServer },
  );
}

function server(family: 4 | 6): SchemaNode[] {
  return [
    presence("allow-leasequery", "Answer individual leasequeries", [restrictedRequestor(family)], { oneLine: true }),
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
      ],
      { oneLine: true },
    ),
    presence(
      "allow-active-leasequery",
      "Answer active leasequeries",
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
      ],
      { oneLine: true },
    ),
    activeLeasequery(family, LATER.localServer),
    list(
      "group",
      "Client interfaces that are treated alike",
      { name: "name", type: { kind: "name", example: "access" } },
      [
        list("interface", "A client interface", { name: "interface", type: clientInterface }, [
          leaf("upto", "Last interface of a range that begins here", clientInterface, { names: "interface" }),
          flag("exclude", "Leave this interface out of the range"),
        ]),
        presence("overrides", "Overrides for this group", overrides()),
      ],
    ),
    presence("overrides", "Deviations from the usual treatment of clients", overrides()),
    leaf(
      "listen-address",
      "Local address the server listens on; every address when absent",
      { kind: family === 4 ? "ipv4" : "ipv6" },
      { extension: true },
    ),
    leaf("listen-port", "Local port the server listens on, UDP and TCP", port, {
      extension: true,
      default: String(family === 4 ? relayPort4 : relayPort6),
    }),
  ];
}

function restrictedRequestor(family: 4 | 6): SchemaNode {
  return flag(
    "restricted-requestor",
    family === 4
      ? "Give a binding only to the relay agent whose giaddr is stored with it; the RFCs ask servers not to"
      : "Give a binding only to the requestor whose DUID is the Relay-ID stored with it",
  );
}

function overrides(): SchemaNode[] {
  return [
    leaf("interface-client-limit", "Clients allowed on one interface", { kind: "integer", min: 1, max: 500_000 }),
    flag("delete-binding-on-renegotiation", "A new first packet ends the client's binding"),
    leaf("dual-stack", "Dual-stack group of the clients", { kind: "name", example: "household" }),
  ];
}
