"use client";

import {
  IconAdjustments,
  IconChartBar,
  IconFileDescription,
  IconHome,
  IconListDetails,
  IconListNumbers,
  IconListSearch,
  IconPlugConnected,
  IconRestore,
  IconStack2,
  IconTerminal2,
} from "@tabler/icons-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { currentEntry, type NavigationEntry, navigation } from "#lib/navigation.ts";
import classes from "./console.module.css";
import { useSystemInfo } from "./system-info.ts";

const icons: Readonly<Record<NavigationEntry["id"], typeof IconHome>> = {
  overview: IconHome,
  bindings: IconListDetails,
  pools: IconStack2,
  leasequery: IconListSearch,
  recovery: IconRestore,
  lookup: IconListNumbers,
  connections: IconPlugConnected,
  statistics: IconChartBar,
  configuration: IconTerminal2,
  events: IconFileDescription,
  settings: IconAdjustments,
};

export function SideNavigation() {
  const current = currentEntry(usePathname());
  const info = useSystemInfo().data;
  return (
    <nav className={classes.nav} aria-label="Main">
      <ul className={classes.navList}>
        {navigation.map((entry) => {
          const Icon = icons[entry.id];
          return (
            <li key={entry.id}>
              <Link
                href={entry.href}
                className={classes.navLink}
                title={entry.description}
                {...(entry === current && { "aria-current": "page" as const })}
              >
                <Icon size={17} stroke={1.6} aria-hidden />
                <span className={classes.navLabel}>{entry.label}</span>
                <span className={classes.navKey} aria-hidden>
                  g {entry.key}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
      {info && <div className={classes.navFoot}>Leasewire {info.version}</div>}
    </nav>
  );
}
