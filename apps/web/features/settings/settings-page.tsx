"use client";

import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";
import { AccountPanel } from "./account-panel.tsx";
import { TokensPanel } from "./tokens-panel.tsx";
import { UsersPanel } from "./users-panel.tsx";

export function SettingsPage() {
  return (
    <Page>
      <PageHeader title="Settings" description="Your account, your API tokens, and who else may sign in" />
      <AccountPanel />
      <TokensPanel />
      <UsersPanel />
    </Page>
  );
}
