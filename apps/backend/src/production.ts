// Imported before anything else: the pages and the sign-in decide by this how to behave when they are loaded, and
// production is the only way this program runs.
import process from "node:process";

(process.env as Record<string, string>).NODE_ENV ??= "production";
