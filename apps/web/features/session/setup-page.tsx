"use client";

import { Anchor, Button, PasswordInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter, useSearchParams } from "next/navigation";
import { Suspense, useState } from "react";
import { emailProblem, nameProblem, passwordHint, passwordProblem } from "#lib/account-rules.ts";
import { describeError } from "#lib/errors.ts";
import { paths } from "#lib/paths.ts";
import { signIn } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import classes from "./entrance.module.css";
import { Entrance } from "./entrance.tsx";

/** The one-time link printed at first start leads here. */
export function SetupPage() {
  return (
    <Entrance title="Create the first administrator">
      <Suspense>
        <Setup />
      </Suspense>
    </Entrance>
  );
}

function Setup() {
  const trpc = useTRPC();
  const token = useSearchParams().get("token") ?? "";
  const needed = useQuery(trpc.setup.needed.queryOptions());
  if (needed.isPending) return <Loading />;
  if (needed.isError) return <ErrorNotice error={needed.error} onRetry={() => void needed.refetch()} />;
  if (!needed.data) {
    return (
      <Notice tone="info" title="An administrator exists already">
        The set-up link works once.{" "}
        <Anchor component={Link} href={paths.signIn()} underline="always">
          Sign in
        </Anchor>
        , or ask an administrator for an account.
      </Notice>
    );
  }
  if (token === "") {
    return (
      <Notice tone="warn" title="The link is not complete">
        Open the whole link that Leasewire printed on its terminal; it ends in “/setup?token=…”. Starting Leasewire
        again prints a new one.
      </Notice>
    );
  }
  return <SetupForm token={token} />;
}

function SetupForm({ token }: { readonly token: string }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: "", email: "", password: "", repeated: "" },
    validateInputOnBlur: true,
    validate: {
      name: nameProblem,
      email: emailProblem,
      password: passwordProblem,
      repeated: (repeated, values) => (repeated === values.password ? null : "The two passwords differ."),
    },
  });
  const complete = useMutation(trpc.setup.complete.mutationOptions());

  const submit = form.onSubmit(async ({ name, email, password }) => {
    setProblem(null);
    try {
      const created = await complete.mutateAsync({ token, name: name.trim(), email: email.trim(), password });
      const answer = await signIn(created.email, password);
      await queryClient.invalidateQueries();
      router.replace(answer.ok ? paths.overview() : paths.signIn());
    } catch (error) {
      const { field, message } = describeError(error);
      if (field === "email" || field === "name" || field === "password") form.setFieldError(field, message);
      else setProblem(message);
    }
  });

  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="Create the first administrator">
      <TextInput label="Name" name="name" autoComplete="name" size="sm" autoFocus {...form.getInputProps("name")} />
      <TextInput
        label="E-mail"
        name="email"
        type="email"
        autoComplete="username"
        size="sm"
        {...form.getInputProps("email")}
      />
      <PasswordInput
        label="Password"
        description={passwordHint}
        name="password"
        autoComplete="new-password"
        size="sm"
        visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
        {...form.getInputProps("password")}
      />
      <PasswordInput
        label="Password again"
        name="repeated"
        autoComplete="new-password"
        size="sm"
        visibilityToggleButtonProps={{ "aria-label": "Show the repeated password" }}
        {...form.getInputProps("repeated")}
      />
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <Button type="submit" size="sm" loading={complete.isPending}>
        Create administrator
      </Button>
    </form>
  );
}
