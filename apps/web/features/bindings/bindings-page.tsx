"use client";

import { Page } from "#ui/page.tsx";
import { PageHeader } from "#ui/page-header.tsx";

export function BindingsPage() {
  return (
    <Page>
      <PageHeader title="Bindings" />
    </Page>
  );
}
