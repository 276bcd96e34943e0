// What `node apps/backend/src/main.ts` starts. The program itself is loaded after these two lines, since both count for
// what is loaded later only.
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// The pages and the sign-in decide by this how to behave, and production is the only way this program runs.
(process.env as Record<string, string>).NODE_ENV ??= "production";
// Halves the time a start takes. Not in a folder that others can write, which is what Node would choose.
enableCompileCache(fileURLToPath(new URL("../../../node_modules/.cache/leasewire", import.meta.url)));

await import("./run.ts");
