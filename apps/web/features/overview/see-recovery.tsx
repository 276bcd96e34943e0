"use client";

import { Anchor } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";
import Link from "next/link";
import { useLabRestart } from "#features/recovery/lab-restart.tsx";
import { formatCountOf } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { ActionButton } from "#ui/action-button.tsx";
import { Notice } from "#ui/notice.tsx";

/** What a newcomer does next in the lab: make a relay lose its memory, and watch it come back. */
export function SeeRecovery() {
  const { relays, permission, pending, ask } = useLabRestart();
  const [relay] = relays;
  if (relay === undefined) return null;
  return (
    <Notice
      tone="info"
      title="See what leasequery is for"
      action={
        <ActionButton
          permission={permission}
          leftSection={<IconBolt size={14} />}
          loading={pending}
          onClick={() => ask(relay.name)}
          data-testid="see-recovery"
        >
          Restart {relay.name} empty
        </ActionButton>
      }
    >
      Relay {relay.name} of the lab knows {formatCountOf(relay.bindings4, "DHCPv4 binding")} and{" "}
      {formatCountOf(relay.bindings6, "DHCPv6 binding")}. Restart it empty, and watch it get them back under{" "}
      <Anchor component={Link} href={paths.recovery()} size="sm" underline="always">
        Recovery
      </Anchor>
      .
    </Notice>
  );
}
