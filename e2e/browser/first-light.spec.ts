import { expect, test } from "@playwright/test";
import { type Backend, startBackend } from "../support/backend.ts";
import { apiClient } from "../support/client.ts";
import { type Dhcpd, type DhcpdLink, makeLink, startDhcpd4 } from "../support/dhcpd.ts";
import { signIn, watchForTrouble } from "../support/page.ts";
import { requestor4 } from "../support/requestor.ts";

// The main job, in a browser, against a real dhcpd.

const leased = { address: "10.0.0.20", mac: "02:00:00:00:00:20", circuitId: "ge-1/0/0:120" };
const viewer = { email: "viewer@example.net", password: "only looking around" };

let link: DhcpdLink;
let dhcpd: Dhcpd;
let backend: Backend;

test.beforeAll(async () => {
  link = makeLink();
  const now = Math.floor(Date.now() / 1000);
  dhcpd = await startDhcpd4({
    link,
    leases: [{ ...leased, remoteId: "line-20", startsSeconds: now - 600, endsSeconds: now + 3600 }],
  });
  backend = await startBackend({
    configuration: requestor4({ listenAddress: link.relayAddress4, servers: [link.serverAddress4] }),
  });
  await apiClient(backend).users.create.mutate({ ...viewer, name: "Viewer", role: "viewer" });
});

test.afterAll(async () => {
  await backend?.dispose();
  await dhcpd?.stop();
  link?.remove();
});

test("a query brings the binding into the open table, and a restart keeps it", async ({ page, context }) => {
  const { trouble } = watchForTrouble(page);
  await signIn(page, backend);
  await page.goto(`${backend.url}/bindings`);
  await expect(page.getByTestId("bindings-count")).toHaveText(/^(0|No) DHCPv4 bindings/);

  // The table stays open in one tab while the query is sent from another.
  const form = await context.newPage();
  await form.goto(`${backend.url}/leasequery`);
  await form.getByTestId("query-key").fill(leased.address);
  await form.getByTestId("query-send").click();
  await expect(form.getByText("confirmed", { exact: false }).first()).toBeVisible();
  await expect(form.getByText(/DHCPLEASEACTIVE/).first()).toBeVisible();

  const row = page.getByTestId("bindings-grid").getByText(leased.address, { exact: true });
  await expect(row).toBeVisible();
  await expect(page.getByTestId("bindings-grid")).toContainText(leased.mac);

  await row.click();
  const drawer = page.getByRole("dialog", { name: "Binding" });
  await expect(drawer).toContainText(leased.circuitId);
  await expect(drawer.getByTestId("binding-stored")).toHaveText("stored");
  await expect(page).toHaveURL(/id=/);
  expect(trouble).toEqual([]);

  await backend.stop();
  await backend.start();
  await page.reload();
  await expect(page.getByRole("dialog", { name: "Binding" })).toContainText(leased.mac);
});

test("a viewer cannot run a query, and is told why", async ({ page }) => {
  await signIn(page, backend, viewer);
  await page.goto(`${backend.url}/leasequery?family=4&key=${leased.address}`);
  await expect(page.getByTestId("query-denied")).toContainText("needs the role operator");
  await expect(page.getByTestId("query-denied")).toContainText(viewer.email);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("leasequery.start")) asked.push(request.url());
  });
  await page.getByTestId("query-key").press("Control+Enter");
  await page.getByTestId("query-key").press("Enter");
  await page.getByTestId("query-send").click({ force: true });
  await page.waitForTimeout(300);
  expect(asked).toEqual([]);

  // The page is only polite; the backend decides.
  const answer = await page.evaluate(async () => {
    const body = { json: { family: 4, key: { kind: "address", address: "10.0.0.20" }, gatewayAddress: "10.0.0.1" } };
    const response = await fetch("/api/trpc/leasequery.start", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  });
  expect(answer.status).toBe(403);
  expect(answer.text).toContain("needs the role operator");
});

test("a form with bad input sends nothing, and says what is wrong while one types", async ({ page }) => {
  await signIn(page, backend);
  await page.goto(`${backend.url}/leasequery`);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("leasequery.start")) asked.push(request.url());
  });
  const before = (await apiClient(backend).leasequery.list.query({})).length;
  for (const bad of ["10.0.0", "10.0.0.256", "2001:db8::1", "<script>alert(1)</script>"]) {
    await page.getByTestId("query-key").fill(bad);
    await expect(page.getByTestId("query-form")).toContainText(/IPv4 address/);
    await expect(page.getByTestId("query-key")).toHaveAttribute("aria-invalid", "true");
    await page.getByTestId("query-send").click({ force: true });
    await page.getByTestId("query-key").press("Control+Enter");
  }
  await page.getByTestId("query-key").fill(leased.address);
  await page.getByTestId("query-gateway").fill("");
  await page.getByTestId("query-key").press("Control+Enter");
  await page.waitForTimeout(300);
  expect(asked).toEqual([]);
  expect(await apiClient(backend).leasequery.list.query({})).toHaveLength(before);
});

test("a wrong password is refused in words, and signing out ends the session", async ({ page }) => {
  await page.goto(`${backend.url}/bindings`);
  await expect(page).toHaveURL(/sign-in\?next=/);
  await page.getByRole("textbox", { name: "E-mail" }).fill(viewer.email);
  await page.getByRole("textbox", { name: "Password" }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("form", { name: "Sign in" })).toContainText(/password/i);
  await page.getByRole("textbox", { name: "Password" }).fill(viewer.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/bindings/);
});
