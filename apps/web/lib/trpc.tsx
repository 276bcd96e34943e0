"use client";

import type { AppRouter } from "@leasewire/api";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpLink } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import superjson from "superjson";
import { isRefusal, isUnauthorized } from "#lib/errors.ts";

const context = createTRPCContext<AppRouter>();

/** Query and mutation options of every procedure: `useQuery(useTRPC().bindings.summary.queryOptions({ family: 4 }))`. */
export const useTRPC = context.useTRPC;
/** The bare client, for code that fetches by itself (the rows of the large table). */
export const useTRPCClient = context.useTRPCClient;

/** How often a question is repeated when the backend does not answer at all. A refusal is never repeated. */
const retriesMax = 2;

function createQueryClient(): QueryClient {
  // A session that ended while a page was open shows in any answer: asking again who is signed in leads to /sign-in.
  const onError = (error: unknown) => {
    if (isUnauthorized(error)) void client.invalidateQueries({ queryKey: sessionKeyPrefix });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // The backend is often on this very machine or in a network without a way out: the browser's idea of being
        // "offline" says nothing about reaching it.
        networkMode: "always",
        staleTime: 5_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => !isRefusal(error) && failures < retriesMax,
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
  return client;
}

const sessionKeyPrefix = [["session", "me"]];

export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(createQueryClient);
  const [trpcClient] = useState(() =>
    createTRPCClient<AppRouter>({
      // One request per procedure: a slow sort over a million rows must not hold up everything else of the page.
      links: [httpLink({ url: "/api/trpc", transformer: superjson })],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
