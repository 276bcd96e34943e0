"use client";

import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { ApiProvider } from "#lib/trpc.tsx";
import { cssVariablesResolver, theme } from "#ui/theme.ts";

/** What every page stands on: theme, dialogs, notices, URL state and the API client. */
export function Providers({ children }: { readonly children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <NuqsAdapter>
        <ApiProvider>
          <ModalsProvider labels={{ confirm: "Confirm", cancel: "Cancel" }}>
            <Notifications position="bottom-right" limit={4} />
            {children}
          </ModalsProvider>
        </ApiProvider>
      </NuqsAdapter>
    </MantineProvider>
  );
}
