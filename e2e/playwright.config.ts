import { defineConfig } from "@playwright/test";

/** Tests in Debian's Chromium against real backends, which each test starts for itself on a free port. */
export default defineConfig({
  testDir: "browser",
  workers: 1,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  outputDir: "../test-results",
  reporter: [["list"], ["json"]],
  use: {
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    viewport: { width: 1440, height: 900 },
    screenshot: "only-on-failure",
    // A trace films every test, which costs more than the test: ask for one with `--trace on`.
    trace: "off",
  },
});
