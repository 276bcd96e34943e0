// Started by migrator.test.ts, several at once: opens the database, migrates, prints how many migrations it applied.
import { openDatabase } from "../src/index.ts";

const [url, dataDirectory] = process.argv.slice(2);
const database = await openDatabase({ url, dataDirectory: dataDirectory! });
console.log((await database.migrate()).applied.length);
await database.close();
