import type { AppRouter, LeasequeryRunDetail } from "@leasewire/api";
import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";
import type { Backend } from "./backend.ts";

/** The API as a program uses it, with the administrator's token. */
export function apiClient(backend: Pick<Backend, "url" | "token">, token = backend.token) {
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${backend.url}/api/trpc`, transformer: superjson, headers: { "x-api-key": token } })],
  });
}

export type ApiClient = ReturnType<typeof apiClient>;

/** Waits until a run has ended and, when it brought bindings, until they are stored. */
export async function finishedRun(api: ApiClient, id: string, timeoutMs = 20_000): Promise<LeasequeryRunDetail> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const run = await api.leasequery.run.query({ id });
    if (run.state !== "running" && run.stored) return run;
    if (Date.now() > deadline)
      throw new Error(`run ${id} is ${run.state}, stored ${run.stored}, after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
