"use client";

import type { TokenView } from "@leasewire/api";
import { Button, NumberInput, Table, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "#lib/errors.ts";
import { formatTimeMs } from "#lib/format.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { confirm } from "#ui/confirm.tsx";
import { CopyButton } from "#ui/copy.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { complain, say } from "#ui/toast.tsx";
import classes from "./settings.module.css";

/** Tokens for the command line and scripts: they act with the role of their owner. */
export function TokensPanel() {
  const trpc = useTRPC();
  const tokens = useQuery(trpc.users.tokens.queryOptions());
  const [created, setCreated] = useState<{ readonly name: string; readonly secret: string } | null>(null);
  return (
    <Panel title="API tokens" labelledBy="tokens">
      <Text size="sm" c="dimmed" mb="xs">
        For the command line (<span className="mono">LEASEWIRE_TOKEN</span>) and for scripts. A token acts with your
        role.
      </Text>
      <TokenForm onCreated={setCreated} />
      {created !== null && (
        <Notice
          tone="good"
          title={`Token “${created.name}”: copy it now, it is shown only once`}
          action={
            <Button variant="default" onClick={() => setCreated(null)}>
              I have copied it
            </Button>
          }
        >
          <code className={`mono ${classes.secret}`} data-testid="token-secret">
            {created.secret} <CopyButton value={created.secret} what="token" />
          </code>
        </Notice>
      )}
      {tokens.isPending && <Loading />}
      {tokens.isError && <ErrorNotice error={tokens.error} onRetry={() => void tokens.refetch()} />}
      {tokens.data && <TokenTable tokens={tokens.data} />}
    </Panel>
  );
}

function TokenForm(props: {
  readonly onCreated: (created: { readonly name: string; readonly secret: string }) => void;
}) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form = useForm<{ name: string; days: number | string }>({
    initialValues: { name: "", days: 365 },
    validate: {
      name: (name) =>
        name.trim() === "" || name.length > 64 ? "Name it after what uses it, in 1 to 64 characters." : null,
      days: (days) =>
        days === "" || (Number.isInteger(days) && Number(days) >= 1 && Number(days) <= 3650)
          ? null
          : "Whole days from 1 to 3650, or empty for a token that does not expire.",
    },
  });
  const create = useMutation(trpc.users.createToken.mutationOptions());
  const submit = form.onSubmit(async ({ name, days }) => {
    try {
      const { secret } = await create.mutateAsync({
        name: name.trim(),
        ...(days !== "" && { expiresInDays: Number(days) }),
      });
      props.onCreated({ name: name.trim(), secret });
      form.reset();
      void queryClient.invalidateQueries({ queryKey: trpc.users.tokens.queryKey() });
    } catch (error) {
      form.setFieldError("name", describeError(error).message);
    }
  });
  return (
    <form className={classes.inline} onSubmit={submit} noValidate aria-label="Create token">
      <TextInput label="Token name" placeholder="nightly report" w={240} {...form.getInputProps("name")} />
      <NumberInput label="Expires in days" min={1} max={3650} w={140} {...form.getInputProps("days")} />
      <Button type="submit" loading={create.isPending}>
        Create token
      </Button>
    </form>
  );
}

function TokenTable({ tokens }: { readonly tokens: readonly TokenView[] }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const revoke = useMutation(
    trpc.users.revokeToken.mutationOptions({
      onSuccess: () => {
        say("The token is revoked.");
        void queryClient.invalidateQueries({ queryKey: trpc.users.tokens.queryKey() });
      },
      onError: (error) => complain(error, "The token was not revoked"),
    }),
  );
  if (tokens.length === 0) {
    return (
      <Text size="sm" c="dimmed" mt="sm">
        You have no tokens.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={620}>
      <Table aria-label="API tokens" mt="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Starts with</Table.Th>
            <Table.Th>Created (UTC)</Table.Th>
            <Table.Th>Expires (UTC)</Table.Th>
            <Table.Th>Last used (UTC)</Table.Th>
            <Table.Th>Action</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td>{token.name}</Table.Td>
              <Table.Td className="mono">{token.start === null ? "—" : `${token.start}…`}</Table.Td>
              <Table.Td className="mono">{formatTimeMs(token.createdAtMs)}</Table.Td>
              <Table.Td className="mono">
                {token.expiresAtMs === null ? "never" : formatTimeMs(token.expiresAtMs)}
              </Table.Td>
              <Table.Td className="mono">
                {token.lastUsedAtMs === null ? "never" : formatTimeMs(token.lastUsedAtMs)}
              </Table.Td>
              <Table.Td>
                <Button
                  variant="default"
                  size="compact-xs"
                  aria-label={`Revoke ${token.name}`}
                  onClick={() =>
                    confirm({
                      title: `Revoke the token “${token.name}”?`,
                      body: "Whatever uses it is refused from now on. This cannot be undone.",
                      action: "Revoke token",
                      dangerous: true,
                      onConfirm: () => revoke.mutate({ id: token.id }),
                    })
                  }
                >
                  Revoke
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
