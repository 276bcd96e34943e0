// Started by unavailable.test.ts under another account: tries to open a database and prints what was said.
import { DatabaseUnavailable, openDatabase } from "../src/index.ts";

const [url, dataDirectory] = process.argv.slice(2);
try {
  await (await openDatabase({ url, dataDirectory: dataDirectory! })).close();
  console.log("opened");
} catch (error) {
  console.log(error instanceof DatabaseUnavailable ? `${error.code} ${error.message}` : error);
}
