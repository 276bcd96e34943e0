import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Backend, startBackend } from "../support/backend.ts";
import { type ApiClient, apiClient } from "../support/client.ts";
import { freeTcpPort } from "../support/free-port.ts";
import { seriousComplaints, signIn, watchForTrouble } from "../support/page.ts";

// A relay of the lab loses its memory and gets it back, seen and driven from the pages. Everything is real: the lab's
// households lease through the relay, and the relay asks the lab's server over TCP.

let backend: Backend;
let api: ApiClient;
/** Signed in once; each test gets a page of its own. */
let session: Awaited<ReturnType<BrowserContext["storageState"]>>;

const it = test.extend({
  storageState: async ({ browserName: _ }, use) => use(session),
});

test.beforeAll(async ({ browser }) => {
  backend = await startBackend();
  api = apiClient(backend);
  const context = await browser.newContext();
  await signIn(await context.newPage(), backend);
  session = await context.storageState();
  await context.close();
  // The households need a moment to move in.
  await expect.poll(() => bindingsOf("bng-a"), { timeout: 60_000 }).toBeGreaterThan(0);
});

test.afterAll(() => backend?.dispose());

async function bindingsOf(relay: string): Promise<number> {
  const { relays } = await api.lab.view.query();
  return relays.find(({ name }) => name === relay)?.bindings4 ?? 0;
}

async function open(page: Page, path: string): Promise<void> {
  await page.goto(backend.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
}

it("a newcomer restarts bng-a empty from the overview and watches it recover", async ({ page }) => {
  const { trouble } = watchForTrouble(page);
  const before = await bindingsOf("bng-a");
  await open(page, "/");
  await page.getByTestId("see-recovery").click();
  await page.getByRole("dialog").getByRole("button", { name: "Restart bng-a empty" }).click();
  await expect(page.getByText(/bng-a is empty: it forgot/)).toBeVisible();
  await expect(page).toHaveURL(/\/recovery/);
  const run = page.locator('[data-testid="bulk-runs"] tr[data-run-state="complete"]').first();
  await expect(run).toBeVisible();
  await expect.poll(() => bindingsOf("bng-a"), { timeout: 30_000 }).toBeGreaterThanOrEqual(before);
  expect(trouble).toEqual([]);
});

it("a bulk query by relay-id from the form, followed to its end", async ({ page }) => {
  await api.recovery.start.mutate({ family: 4, key: { kind: "relay-id" }, logicalSystem: "bng-a" });
  await open(page, "/recovery?view=query&instance=bng-a:*");
  await page.getByTestId("bulk-relay-id").first().click();
  await expect(page.getByTestId("bulk-command")).toContainText("bulk-leasequery relay-id");
  await page.getByTestId("bulk-send").click();
  await expect(page).toHaveURL(/run=/);
  const run = page.getByTestId("bulk-run");
  await expect(run).toHaveAttribute("data-run-state", "complete");
  await expect(run).toHaveAttribute("data-stored", "true");
  await expect(page.getByTestId("bulk-servers")).toContainText("Complete");
  await expect(page.getByTestId("groups")).toContainText("ge-");
  expect(await seriousComplaints(page)).toEqual([]);

  // Beside the run before it.
  await page.getByTestId("compare-with").click();
  await page.getByRole("option").first().click();
  await expect(page).toHaveURL(/against=/);
  await expect(page.getByTestId("comparison")).toContainText("Received");
});

it("a bulk query with the keyboard alone", async ({ page }) => {
  await open(page, "/");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page).toHaveURL(/\/recovery/);
  await expect(page.getByRole("heading", { level: 1, name: "Recovery" })).toBeVisible();
  await page.keyboard.press("n");
  await expect(page.getByTestId("bulk-command")).toBeVisible();
  await page.keyboard.press("Control+Enter");
  await expect(page).toHaveURL(/run=/);
  await expect(page.getByTestId("bulk-run")).toHaveAttribute("data-run-state", "complete");
});

it("a server that failed is asked again once it is there", async ({ page }) => {
  // The relay is told of a server that does not exist yet.
  const port = await freeTcpPort();
  const relay = "set logical-systems bng-a forwarding-options dhcp-relay";
  await commit(`${relay} server-group spare 127.0.0.1 port ${port}\n${relay} bulk-leasequery attempts 1 timeout 1`);
  await open(page, "/recovery?view=query&instance=bng-a:*&group=spare");
  await page.getByTestId("bulk-send").click();
  const run = page.getByTestId("bulk-run");
  await expect(run).toHaveAttribute("data-run-state", "failed");
  await expect(page.getByTestId("bulk-servers")).toContainText("Failed");
  await expect(page.getByRole("button", { name: "Pause" })).toHaveAttribute("aria-disabled", "true");

  const spare = "set logical-systems spare system services dhcp-local-server";
  const pool = "set logical-systems spare access address-assignment pool spare family inet network 10.99.0.0/24";
  await commit(
    `${pool}\n${spare} listen-address 127.0.0.1\n${spare} listen-port ${port}\n${spare} allow-leasequery\n${spare} allow-bulk-leasequery`,
  );
  await page.getByTestId("retry-failed").click();
  await expect(run).toHaveAttribute("data-run-state", "complete");
});

it("a template is saved, started and repeated", async ({ page }) => {
  await open(page, "/recovery?view=query&instance=bng-b:*&incremental=true");
  await page.getByTestId("template-name").fill("bng-b, what changed");
  await page.getByTestId("template-minutes").fill("15");
  await page.getByTestId("template-save").click();
  const row = page.locator('[data-template="bng-b, what changed"]');
  await expect(row).toContainText("every 15 min");
  await row.getByRole("button", { name: /Start/ }).click();
  await expect(page).toHaveURL(/run=/);
  await expect(page.getByTestId("bulk-run")).toHaveAttribute("data-run-state", /complete|partial|failed/);
});

it("streams are active, and are resynchronised by hand", async ({ page }) => {
  await open(page, "/recovery?view=streams");
  const row = page.locator('[data-testid="streams"] tr[data-phase="Active"]').first();
  await expect(row).toBeVisible();
  await row.locator("button[aria-expanded]").click();
  await expect(page.getByTestId("timeline")).toBeVisible();
  expect(await seriousComplaints(page)).toEqual([]);
  await row.getByTestId("resync").click();
  await page.getByRole("dialog").getByRole("button", { name: "Resync" }).click();
  await expect(page.getByText(/begins anew/)).toBeVisible();
  await expect(page.locator('[data-testid="streams"] tr[data-phase="Active"]').first()).toBeVisible();
});

it("keys in any notation are looked up, one answer a line", async ({ page }) => {
  const { rows } = await api.bindings.list.query({
    family: 4,
    filter: { role: "relay", states: ["ACTIVE"] },
    limit: 2,
  });
  const [one] = rows;
  if (one === undefined || one.hardwareAddress === null) throw new Error("the lab has no active lease");
  await open(page, "/lookup");
  const dotted = one.hardwareAddress.replaceAll(":", "").replace(/(....)(....)(....)/, "$1.$2.$3");
  await page.getByTestId("lookup-keys").fill(`${one.address}\n${dotted}\n192.0.2.300\n203.0.113.7`);
  await page.keyboard.press("Control+Enter");
  const answers = page.locator('[data-testid="answers"] tbody tr');
  await expect(answers).toHaveCount(4);
  await expect(answers.nth(0)).toHaveAttribute("data-result", "found");
  await expect(answers.nth(1)).toHaveAttribute("data-result", "found");
  await expect(answers.nth(2)).toHaveAttribute("data-result", "unreadable");
  await expect(answers.nth(3)).toHaveAttribute("data-result", "none");
  expect(await seriousComplaints(page)).toEqual([]);
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("lookup-csv").click()]);
  expect(download.suggestedFilename()).toBe("leasewire-look-up.csv");
});

async function commit(statements: string): Promise<void> {
  await api.configuration.load.mutate({ text: statements, mode: "apply" });
  const { ok, findings } = await api.configuration.commit.mutate({});
  if (!ok) throw new Error(findings.map(({ message }) => message).join("\n"));
}
