"use client";

import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearchParams } from "next/navigation";
import { type FormEvent, Suspense, useEffect, useRef, useState } from "react";
import { safeNext } from "#lib/paths.ts";
import { signIn, useSession } from "#lib/session.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { ErrorNotice, Notice } from "#ui/notice.tsx";
import classes from "./entrance.module.css";
import { Entrance } from "./entrance.tsx";

export function SignInPage() {
  return (
    <Entrance title="Sign in">
      <Suspense>
        <SignInForm />
      </Suspense>
    </Entrance>
  );
}

function SignInForm() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const router = useRouter();
  const next = safeNext(useSearchParams().get("next"));
  const session = useSession();
  const setup = useQuery(trpc.setup.needed.queryOptions());
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const passwordInput = useRef<HTMLInputElement>(null);

  const signedIn = session.data != null;
  useEffect(() => {
    if (signedIn) router.replace(next);
  }, [signedIn, next, router]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (email === "" || password === "") {
      setProblem("Enter your e-mail address and your password.");
      return;
    }
    setBusy(true);
    setProblem(null);
    const answer = await signIn(email.trim(), password);
    if (answer.ok) {
      await queryClient.invalidateQueries({ queryKey: trpc.session.me.queryKey() });
      setBusy(false);
      return;
    }
    setBusy(false);
    setProblem(answer.message);
    passwordInput.current?.select();
  };

  return (
    <>
      {setup.data === true && (
        <Notice tone="info" title="There is no account yet">
          Open the one-time set-up link that Leasewire printed on its terminal: it creates the first administrator.
        </Notice>
      )}
      {setup.isError && <ErrorNotice error={setup.error} onRetry={() => void setup.refetch()} />}
      <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate aria-label="Sign in">
        <TextInput
          label="E-mail"
          type="email"
          name="email"
          autoComplete="username"
          size="sm"
          data-autofocus
          autoFocus
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          ref={passwordInput}
          label="Password"
          name="password"
          autoComplete="current-password"
          size="sm"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": "Show the password" }}
        />
        {problem !== null && <Notice tone="bad">{problem}</Notice>}
        <Button type="submit" size="sm" loading={busy || signedIn}>
          Sign in
        </Button>
      </form>
    </>
  );
}
