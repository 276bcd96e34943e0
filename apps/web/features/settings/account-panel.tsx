"use client";

import { Button, PasswordInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { passwordHint, passwordProblem } from "#lib/account-rules.ts";
import { changePassword, usePrincipal } from "#lib/session.ts";
import { Facts } from "#ui/facts.tsx";
import { Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import { say } from "#ui/toast.tsx";
import classes from "./settings.module.css";

const roleMeanings = {
  viewer: "viewer: sees everything, changes nothing",
  operator: "operator: also runs leasequeries and clears bindings and statistics",
  administrator: "administrator: also changes the configuration and manages users",
} as const;

export function AccountPanel() {
  const principal = usePrincipal();
  return (
    <Panel title="Your account" labelledBy="account">
      <div className={classes.split}>
        <Facts
          facts={[
            { label: "Name", value: principal.name },
            { label: "E-mail", value: principal.email },
            { label: "Role", value: roleMeanings[principal.role] },
          ]}
        />
        <PasswordForm />
      </div>
    </Panel>
  );
}

function PasswordForm() {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useForm({
    initialValues: { current: "", next: "", repeated: "" },
    validate: {
      current: (current) => (current === "" ? "Enter your current password." : null),
      next: passwordProblem,
      repeated: (repeated, values) => (repeated === values.next ? null : "The two passwords differ."),
    },
  });
  const submit = form.onSubmit(async ({ current, next }) => {
    setBusy(true);
    setProblem(null);
    const answer = await changePassword(current, next);
    setBusy(false);
    if (!answer.ok) return setProblem(answer.message);
    form.reset();
    say("The password is changed. Other sessions of yours were signed out.");
  });
  return (
    <form className={classes.form} onSubmit={submit} noValidate aria-label="Change password">
      <PasswordInput
        label="Current password"
        autoComplete="current-password"
        visibilityToggleButtonProps={{ "aria-label": "Show the current password" }}
        {...form.getInputProps("current")}
      />
      <PasswordInput
        label="New password"
        description={passwordHint}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": "Show the new password" }}
        {...form.getInputProps("next")}
      />
      <PasswordInput
        label="New password again"
        autoComplete="new-password"
        visibilityToggleButtonProps={{ "aria-label": "Show the repeated password" }}
        {...form.getInputProps("repeated")}
      />
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <div>
        <Button type="submit" loading={busy}>
          Change password
        </Button>
      </div>
    </form>
  );
}
