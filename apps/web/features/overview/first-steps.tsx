"use client";

import type { LeasequeryTargets } from "@leasewire/api";
import { Anchor } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import Link from "next/link";
import { paths } from "#lib/paths.ts";
import { can } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { EmptyState } from "#ui/empty-state.tsx";
import { Panel } from "#ui/page.tsx";
import classes from "./overview-page.module.css";

type Example = LeasequeryTargets["examples"][number];

/** What to do while nothing is known yet. */
export function FirstSteps({ targets }: { readonly targets: LeasequeryTargets }) {
  const mayRun = can.runLeasequery(usePrincipal());
  const able = targets.relays.some((relay) => relay.unavailable === null && relay.servers.length > 0);
  return (
    <Panel>
      <EmptyState
        icon={<IconListSearch size={28} stroke={1.4} />}
        title="Run your first leasequery"
        action={
          targets.examples.length > 0 ? (
            <ul className={classes.examples}>
              {targets.examples.map((example) => (
                <li key={`${example.family}${example.kind}${example.text}`}>
                  <Anchor component={Link} href={exampleHref(example)} underline="always">
                    <span className="mono">{example.text}</span>
                  </Anchor>{" "}
                  by {example.kind}, DHCPv{example.family}
                </li>
              ))}
            </ul>
          ) : (
            <Anchor component={Link} href={able ? paths.leasequery() : paths.configuration()} underline="always">
              {able ? "Open the leasequery form" : "Open the configuration"}
            </Anchor>
          )
        }
      >
        {able
          ? "A leasequery asks a DHCP server who holds an address, or what a client holds. The answer becomes a binding, is stored, and appears everywhere at once."
          : "No relay knows a server yet. Name one in the configuration, then ask it who holds an address."}
        {targets.examples.length > 0 && " These keys exist in the lab; pick one to fill in the form:"}
        {!mayRun.allowed && ` ${mayRun.reason}`}
      </EmptyState>
    </Panel>
  );
}

function exampleHref(example: Example): string {
  const kind = example.kind === "mac" || example.kind === "client-id" ? example.kind : "address";
  return paths.leasequery({
    family: example.family,
    kind,
    key: example.text,
    gateway: example.gatewayAddress ?? undefined,
    instance: example.instance ?? undefined,
  });
}
