import { type BrowserContext, expect, test } from "@playwright/test";
import { type Backend, startBackend } from "../support/backend.ts";
import { apiClient, finishedRun } from "../support/client.ts";
import { seriousComplaints, signIn, watchForTrouble } from "../support/page.ts";

// Every page of the lab: in both themes, without complaints of axe, scripts or the console, and by keyboard alone.

const pages = [
  "/",
  "/bindings",
  "/bindings/import",
  "/pools",
  "/leasequery",
  "/recovery",
  "/recovery?view=query",
  "/recovery?view=streams",
  "/lookup",
  "/connections",
  "/statistics",
  "/statistics?of=server",
  "/configuration",
  "/events",
  "/settings",
];

let backend: Backend;
let bindingId: string;
let runId: string;
/** Signed in once; the pages are what is looked at here. */
let session: Awaited<ReturnType<BrowserContext["storageState"]>>;

test.beforeAll(async ({ browser }) => {
  backend = await startBackend();
  const api = apiClient(backend);
  const { examples } = await api.leasequery.targets.query();
  for (const example of examples) {
    if (example.kind !== "address") continue;
    const { id } = await api.leasequery.start.mutate(
      example.family === 4
        ? { family: 4, key: { kind: "address", address: example.text }, gatewayAddress: example.gatewayAddress ?? "" }
        : { family: 6, key: { kind: "address", address: example.text } },
    );
    const run = await finishedRun(api, id);
    runId = id;
    bindingId = run.bindingIds[0] ?? bindingId;
  }
  const context = await browser.newContext();
  await signIn(await context.newPage(), backend);
  session = await context.storageState();
  await context.close();
});

// Each test gets a page of its own that is signed in already.
const it = test.extend({
  storageState: async ({ browserName: _ }, use) => use(session),
});

test.afterAll(() => backend?.dispose());

// The themes differ in colours and in nothing else.
for (const [theme, rules] of [
  ["light", undefined],
  ["dark", ["color-contrast"]],
] as const) {
  for (const path of pages) {
    it(`${path} in ${theme}`, async ({ page }) => {
      const { trouble } = watchForTrouble(page);
      await page.emulateMedia({ colorScheme: theme });
      await page.goto(backend.url + path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.waitForLoadState("networkidle");
      expect(await seriousComplaints(page, rules)).toEqual([]);
      expect(trouble).toEqual([]);
    });
  }

  it(`an open binding and a run in ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${backend.url}/bindings?id=${encodeURIComponent(bindingId)}`);
    await expect(page.getByTestId("binding-stored")).toHaveText("stored");
    expect(await seriousComplaints(page, rules)).toEqual([]);
    await page.goto(`${backend.url}/leasequery?run=${runId}`);
    await expect(page.getByText(/LEASEACTIVE|LEASEQUERY-REPLY/).first()).toBeVisible();
    expect(await seriousComplaints(page, rules)).toEqual([]);
  });

  test(`sign-in in ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(`${backend.url}/sign-in`);
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
    expect(await seriousComplaints(page, rules)).toEqual([]);
  });
}

it("from a page to the answer of a query with the keyboard alone", async ({ page }) => {
  await page.goto(backend.url);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("l");
  await expect(page).toHaveURL(/\/leasequery/);
  const api = apiClient(backend);
  const { examples } = await api.leasequery.targets.query();
  const example = examples.find(({ family, kind }) => family === 4 && kind === "address")!;
  await page.goto(`${backend.url}/leasequery?family=4&key=${example.text}&gateway=${example.gatewayAddress}`);
  await expect(page.getByTestId("query-key")).toHaveValue(example.text);
  await page.getByTestId("query-key").focus();
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/run=/);
  await expect(page.getByText(/DHCPLEASEACTIVE/).first()).toBeVisible();
});

it("the palette leads to a page", async ({ page }) => {
  await page.goto(backend.url);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("textbox", { name: "Go to, or look up" });
  await expect(palette).toBeFocused();
  await page.keyboard.type("statist");
  await expect(page.getByRole("dialog", { name: "Palette" })).toContainText("Search bindings for");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/statistics/);
});
