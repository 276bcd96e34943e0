// `npm start`: installs, generates, builds what is stale, serves.
import { buildWeb, generate, install, root, run } from "./prepare.mjs";

install();
generate();
buildWeb();
process.exitCode = await run([`${root}/apps/backend/src/main.ts`]);
