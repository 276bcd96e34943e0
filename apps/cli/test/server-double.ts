import { appRouter, type Principal, type Role, type Services } from "@leasewire/api";
import { createHTTPServer } from "@trpc/server/adapters/standalone";

/** Only what a test needs of each area; calling anything else is a fault of the test and answers 500. */
export type PartialServices = { [Area in keyof Services]?: Partial<Services[Area]> };

export interface ServerDouble {
  readonly url: string;
  close(): Promise<void>;
}

/** The real routers over HTTP with made-up services. A token is the name of a role. */
export async function startServerDouble(services: PartialServices): Promise<ServerDouble> {
  const server = createHTTPServer({
    router: appRouter,
    basePath: "/api/trpc/",
    createContext: ({ req }) => ({
      principal: principalOf(req.headers["x-api-key"]),
      services: { audit: { refused: () => {} }, ...services } as unknown as Services,
    }),
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function principalOf(token: string | string[] | undefined): Principal | null {
  if (typeof token !== "string" || !["viewer", "operator", "administrator"].includes(token)) return null;
  return { userId: token, email: `${token}@example.net`, name: token, role: token as Role, via: "token" };
}
