"use client";

import type { Role, UserView } from "@leasewire/api";
import { Button, Modal, PasswordInput, Select, Table, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { emailProblem, nameProblem, passwordHint, passwordProblem } from "#lib/account-rules.ts";
import { describeError } from "#lib/errors.ts";
import { formatTimeMs } from "#lib/format.ts";
import { allowed, can, denied, every, type Permission } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ActionButton } from "#ui/action-button.tsx";
import { confirm } from "#ui/confirm.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { complain, say } from "#ui/toast.tsx";
import classes from "./settings.module.css";

const roleChoices: { readonly value: Role; readonly label: string }[] = [
  { value: "viewer", label: "viewer" },
  { value: "operator", label: "operator" },
  { value: "administrator", label: "administrator" },
];

export function UsersPanel() {
  const permission = can.manageUsers(usePrincipal());
  const [creating, setCreating] = useState(false);
  return (
    <Panel
      title="Users"
      labelledBy="users"
      actions={
        <ActionButton permission={permission} onClick={() => setCreating(true)}>
          Create user
        </ActionButton>
      }
    >
      {permission.allowed ? <Users /> : <Notice tone="info">{permission.reason}</Notice>}
      <Modal
        opened={creating}
        onClose={() => setCreating(false)}
        title="Create user"
        closeButtonProps={{ "aria-label": "Close" }}
      >
        <CreateUser onDone={() => setCreating(false)} />
      </Modal>
    </Panel>
  );
}

function Users() {
  const trpc = useTRPC();
  const users = useQuery(trpc.users.list.queryOptions());
  const [resetting, setResetting] = useState<UserView | null>(null);
  if (users.isPending) return <Loading />;
  if (users.isError) return <ErrorNotice error={users.error} onRetry={() => void users.refetch()} />;
  return (
    <>
      <Table.ScrollContainer minWidth={720}>
        <Table aria-label="Users">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Name</Table.Th>
              <Table.Th>E-mail</Table.Th>
              <Table.Th>Role</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Created (UTC)</Table.Th>
              <Table.Th>Actions</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {users.data.map((user) => (
              <UserRow key={user.id} user={user} onReset={() => setResetting(user)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Modal
        opened={resetting !== null}
        onClose={() => setResetting(null)}
        title={`Reset the password of ${resetting?.email ?? ""}`}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {resetting !== null && <ResetPassword user={resetting} onDone={() => setResetting(null)} />}
      </Modal>
    </>
  );
}

function useUpdateUser() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return useMutation(
    trpc.users.update.mutationOptions({
      onSettled: () => void queryClient.invalidateQueries({ queryKey: trpc.users.list.queryKey() }),
    }),
  );
}

function UserRow({ user, onReset }: { readonly user: UserView; readonly onReset: () => void }) {
  const principal = usePrincipal();
  const update = useUpdateUser();
  const notOneself: Permission =
    user.id === principal.userId
      ? denied("This is your own account: another administrator has to do that, so that nobody locks everybody out.")
      : allowed;
  const permission = every(can.manageUsers(principal), notOneself);
  const change = (values: { role?: Role; disabled?: boolean }, done: string) =>
    update.mutate(
      { id: user.id, ...values },
      { onSuccess: () => say(done), onError: (error) => complain(error, "The account was not changed") },
    );
  return (
    <Table.Tr>
      <Table.Td>{user.name}</Table.Td>
      <Table.Td>{user.email}</Table.Td>
      <Table.Td>
        <Select
          aria-label={`Role of ${user.email}`}
          w={140}
          data={roleChoices}
          value={user.role}
          allowDeselect={false}
          disabled={!permission.allowed}
          title={permission.allowed ? undefined : permission.reason}
          onChange={(role) => role !== null && change({ role: role as Role }, `${user.email} is ${role} now.`)}
        />
      </Table.Td>
      <Table.Td>{user.disabled ? "disabled" : "enabled"}</Table.Td>
      <Table.Td className="mono">{formatTimeMs(user.createdAtMs)}</Table.Td>
      <Table.Td>
        <div className={classes.inline}>
          <ActionButton
            variant="default"
            size="compact-xs"
            permission={permission}
            onClick={() =>
              user.disabled
                ? change({ disabled: false }, `${user.email} can sign in again.`)
                : confirm({
                    title: `Disable ${user.email}?`,
                    body: "Open sessions end and tokens stop working. The account can be enabled again.",
                    action: "Disable account",
                    dangerous: true,
                    onConfirm: () => change({ disabled: true }, `${user.email} is disabled.`),
                  })
            }
          >
            {user.disabled ? "Enable" : "Disable"}
          </ActionButton>
          <Button variant="default" size="compact-xs" onClick={onReset}>
            Reset password
          </Button>
        </div>
      </Table.Td>
    </Table.Tr>
  );
}

function CreateUser({ onDone }: { readonly onDone: () => void }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [problem, setProblem] = useState<string | null>(null);
  const create = useMutation(trpc.users.create.mutationOptions());
  const form = useForm<{ name: string; email: string; password: string; role: Role }>({
    initialValues: { name: "", email: "", password: "", role: "viewer" },
    validate: { name: nameProblem, email: emailProblem, password: passwordProblem },
  });
  const submit = form.onSubmit(async (values) => {
    setProblem(null);
    try {
      await create.mutateAsync({ ...values, name: values.name.trim(), email: values.email.trim() });
      void queryClient.invalidateQueries({ queryKey: trpc.users.list.queryKey() });
      say(`${values.email.trim()} can sign in now.`);
      onDone();
    } catch (error) {
      const { field, message } = describeError(error);
      if (field === "email" || field === "name" || field === "password") form.setFieldError(field, message);
      else setProblem(message);
    }
  });
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="Create user">
      <TextInput label="Name" autoComplete="off" data-autofocus {...form.getInputProps("name")} />
      <TextInput label="E-mail" type="email" autoComplete="off" {...form.getInputProps("email")} />
      <Select label="Role" data={roleChoices} allowDeselect={false} {...form.getInputProps("role")} />
      <PasswordInput
        label="Password"
        description={`${passwordHint} Tell it to the person; it can be changed under Settings.`}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
        {...form.getInputProps("password")}
      />
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <div>
        <Button type="submit" loading={create.isPending}>
          Create user
        </Button>
      </div>
    </form>
  );
}

function ResetPassword({ user, onDone }: { readonly user: UserView; readonly onDone: () => void }) {
  const update = useUpdateUser();
  const form = useForm({ initialValues: { password: "" }, validate: { password: passwordProblem } });
  const submit = form.onSubmit(async ({ password }) => {
    try {
      await update.mutateAsync({ id: user.id, password });
      say(`The password of ${user.email} is changed.`);
      onDone();
    } catch (error) {
      form.setFieldError("password", describeError(error).message);
    }
  });
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="Reset password">
      <PasswordInput
        label="New password"
        description={passwordHint}
        autoComplete="new-password"
        data-autofocus
        visibilityToggleButtonProps={{ "aria-label": "Show the new password" }}
        {...form.getInputProps("password")}
      />
      <div>
        <Button type="submit" loading={update.isPending}>
          Reset password
        </Button>
      </div>
    </form>
  );
}
