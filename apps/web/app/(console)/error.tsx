"use client";

import { ErrorNotice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";

/** A fault of ours in one page: the rest of the console stays. */
export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <Page>
      <ErrorNotice title="This page has failed; that is a fault in Leasewire" error={error} onRetry={reset} />
    </Page>
  );
}
