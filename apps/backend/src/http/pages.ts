import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "../log.ts";
import { reasonOf } from "../start-failure.ts";
import { sendText } from "./request.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const webDirectory = fileURLToPath(new URL("../../../web", import.meta.url));

/** The pages of apps/web. They load after the API is up: until then, and where they are missing, a line of text says so. */
export interface Pages {
  readonly handle: Handler;
  /** Loads the built pages; resolves when they answer or cannot. */
  load(): Promise<void>;
  close(): Promise<void>;
}

export function createPages(enabled: boolean, log: Log): Pages {
  let handler: Handler | null = null;
  let close = async () => {};
  let notice = enabled
    ? "The pages are still loading: try again in a few seconds. The API answers already."
    : "The pages are switched off (LEASEWIRE_WEB=off). The API answers at /api/trpc.";

  return {
    async handle(request, response) {
      if (handler !== null) {
        response.removeHeader("content-security-policy");
        return handler(request, response);
      }
      response.setHeader("retry-after", "2");
      sendText(response, 503, notice);
    },
    async load() {
      if (!enabled) return;
      if (!existsSync(path.join(webDirectory, ".next", "BUILD_ID"))) {
        notice = 'The pages are not built: run "npm run build", then start again. The API answers at /api/trpc.';
        log.warn({ part: "pages" }, "the pages are not built: run npm run build");
        return;
      }
      try {
        const { default: next } = await import("next");
        // biome-ignore lint/suspicious/noExplicitAny: the factory's type differs between module systems.
        const app = (next as any)({ dev: false, dir: webDirectory });
        await app.prepare();
        handler = app.getRequestHandler();
        close = () => app.close();
        log.info({ part: "pages" }, "the pages are ready");
      } catch (error) {
        notice = 'The pages could not be loaded: run "npm run build" again. The log says more.';
        log.error({ part: "pages", reason: reasonOf(error) }, "the pages could not be loaded");
      }
    },
    close: () => close(),
  };
}
