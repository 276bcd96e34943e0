import { paths } from "#lib/paths.ts";

/** One page of the console: its name, the key after `g`, and what one does there. */
export interface NavigationEntry {
  readonly id: "overview" | "bindings" | "leasequery" | "statistics" | "configuration" | "events" | "settings";
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
    id: "leasequery",
    label: "Leasequery",
    href: paths.leasequery(),
    key: "l",
    description: "Ask DHCP servers about an address, a MAC or a client",
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

/** The entry a path belongs to. */
export function currentEntry(pathname: string): NavigationEntry | undefined {
  return navigation.find((entry) =>
    entry.href === "/" ? pathname === "/" : pathname === entry.href || pathname.startsWith(`${entry.href}/`),
  );
}
