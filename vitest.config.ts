import { defineConfig } from "vitest/config";

/** Unit and integration tests. The browser's tests are Playwright's: e2e/browser. */
export default defineConfig({
  test: {
    include: [
      "{apps,packages}/**/*.test.{ts,tsx}",
      "e2e/{integration,support}/**/*.test.ts",
      "{bench,scripts}/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/.next/**"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Real servers are started by the tests: one file at a time in each worker, nothing shared between files.
    isolate: true,
  },
});
