"use client";

import { Menu } from "@mantine/core";
import { IconBolt, IconChevronDown } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { formatCount } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { can, type Permission } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { complain, say } from "#ui/toast.tsx";

/** Relays of the lab, and the way to lose one's memory; nothing outside the lab. */
export function useLabRestart() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const permission: Permission = can.restartLab(usePrincipal());
  const view = useQuery(trpc.lab.view.queryOptions(undefined, { staleTime: 10_000 }));
  const restart = useMutation(
    trpc.lab.restartRelay.mutationOptions({
      onSuccess: async ({ name, forgotten4, forgotten6 }) => {
        say(
          `${name} is empty: it forgot ${formatCount(forgotten4)} DHCPv4 and ${formatCount(forgotten6)} DHCPv6 bindings.`,
        );
        router.push(paths.recovery());
        await queryClient.invalidateQueries({ queryKey: trpc.lab.pathKey() });
        await queryClient.invalidateQueries({ queryKey: trpc.recovery.pathKey() });
      },
      onError: (error) => complain(error, "Not restarted"),
    }),
  );
  const ask = (name: string) =>
    confirm({
      title: `Restart ${name} empty?`,
      body: "The relay forgets every binding, as a router does whose routing engine restarts. Then watch it get them back from the server. Nothing else in the lab changes.",
      action: `Restart ${name} empty`,
      onConfirm: () => restart.mutate({ name }),
    });
  return { relays: view.data?.relays ?? [], permission, pending: restart.isPending, ask };
}

/** “Restart bng-a empty”: where a newcomer sees recovery happen. */
export function LabRestart() {
  const { relays, permission, pending, ask } = useLabRestart();
  const [first, ...others] = relays;
  if (first === undefined) return null;
  const button = (name: string) => (
    <ActionButton
      permission={permission}
      variant="default"
      leftSection={<IconBolt size={14} />}
      loading={pending}
      onClick={() => ask(name)}
      data-testid="lab-restart"
    >
      Restart {name} empty
    </ActionButton>
  );
  if (others.length === 0 || !permission.allowed) return button(first.name);
  return (
    <>
      {button(first.name)}
      <Menu>
        <Menu.Target>
          <ActionButton permission={permission} variant="default" rightSection={<IconChevronDown size={14} />}>
            Another relay
          </ActionButton>
        </Menu.Target>
        <Menu.Dropdown>
          {others.map(({ name }) => (
            <Menu.Item key={name} leftSection={<IconBolt size={14} />} onClick={() => ask(name)}>
              Restart {name} empty
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
