import { paths } from "#lib/paths.ts";

/** One page of the console: its name, the key after `g`, and what one does there. */
export interface NavigationEntry {
  readonly id:
    | "overview"
    | "bindings"
    | "pools"
    | "leasequery"
    | "recovery"
    | "lookup"
    | "connections"
    | "statistics"
    | "configuration"
    | "events"
    | "settings";
  readonly label: string;
  readonly href: string;
  readonly key: string;
  readonly description: string;
}

export const navigation: readonly NavigationEntry[] = [
  {
    id: "overview",
    label: "Overview",
    href: paths.overview(),
    key: "o",
    description: "Totals, alarms and the last leasequeries",
  },
  {
    id: "bindings",
    label: "Bindings",
    href: paths.bindings(),
    key: "b",
    description: "Who holds which address or prefix, live",
  },
  {
    id: "pools",
    label: "Pools",
    href: paths.pools(),
    key: "p",
    description: "How full the address pools of the local servers are, now and lately",
  },
  {
    id: "leasequery",
    label: "Leasequery",
    href: paths.leasequery(),
    key: "l",
    description: "Ask DHCP servers about an address, a MAC or a client",
  },
  {
    id: "recovery",
    label: "Recovery",
    href: paths.recovery(),
    key: "r",
    description: "What relays get back in bulk, what is missing, and the streams that keep them current",
  },
  {
    id: "lookup",
    label: "Look-up",
    href: paths.lookup(),
    key: "u",
    description: "Many addresses, MACs or client identifiers at once, one answer a line",
  },
  {
    id: "connections",
    label: "Connections",
    href: paths.connections(),
    key: "n",
    description: "Requestors being served: bulk and active connections, query rates, quarantine",
  },
  {
    id: "statistics",
    label: "Statistics",
    href: paths.statistics(),
    key: "s",
    description: "Messages, drops by reason and query counters",
  },
  {
    id: "configuration",
    label: "Configuration",
    href: paths.configuration(),
    key: "c",
    description: "Edit, check, compare, commit and roll back",
  },
  { id: "events", label: "Events", href: paths.events(), key: "e", description: "Who did what, and what was refused" },
  {
    id: "settings",
    label: "Settings",
    href: paths.settings(),
    key: ",",
    description: "Your account, API tokens and users",
  },
];

/** Places inside a page that the palette leads to as well. */
export const furtherPlaces: readonly {
  readonly id: string;
  readonly label: string;
  readonly href: string;
  readonly description: string;
}[] = [
  {
    id: "import",
    label: "Import bindings",
    href: paths.importBindings(),
    description: "Take leases over from Kea, ISC dhcpd or a CSV file",
  },
  {
    id: "bulk-query",
    label: "New bulk query",
    href: paths.recovery({ view: "query" }),
    description: "Every binding behind a relay, on a circuit or of a client in one transfer; templates",
  },
  {
    id: "stream-health",
    label: "Stream health",
    href: paths.recovery({ view: "streams" }),
    description: "Active leasequery: lag, reconnects and gaps of each connection",
  },
  {
    id: "server-bindings",
    label: "Bindings of the local servers",
    href: paths.bindings({ role: "server" }),
    description: "Leases granted or imported here",
  },
  {
    id: "server-statistics",
    label: "Statistics of the local servers",
    href: paths.statistics({ of: "server" }),
    description: "Messages received and sent, drops by reason, bulk connections",
  },
];

/** The entry a path belongs to. */
export function currentEntry(pathname: string): NavigationEntry | undefined {
  return navigation.find((entry) =>
    entry.href === "/" ? pathname === "/" : pathname === entry.href || pathname.startsWith(`${entry.href}/`),
  );
}
