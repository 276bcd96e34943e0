// `npm start`: installs, generates, builds what is stale, serves.
import { buildAddon, buildWeb, generate, install, root, run } from "./prepare.mjs";

install();
generate();
buildAddon();
buildWeb();
process.exitCode = await run([`${root}/apps/backend/src/main.ts`]);
