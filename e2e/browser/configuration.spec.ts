import { expect, test } from "@playwright/test";
import { type Backend, startBackend } from "../support/backend.ts";
import { apiClient } from "../support/client.ts";
import { signIn } from "../support/page.ts";

// Configuration as text in the browser: a finding teaches, a commit takes effect, a rollback takes it back.

let backend: Backend;

test.beforeAll(async () => {
  backend = await startBackend();
});

test.afterAll(() => backend?.dispose());

async function replaceText(page: import("@playwright/test").Page, text: string) {
  const editor = page.getByRole("textbox", { name: /configuration/i });
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

test("check, compare, commit and rollback", async ({ page }) => {
  const api = apiClient(backend);
  const before = (await api.configuration.active.query()).text;
  await signIn(page, backend);
  await page.goto(`${backend.url}/configuration`);

  await replaceText(page, `${before.trimEnd()}\nset forwarding-options dhcp-relay leasequery attempts 11\n`);
  await page.getByRole("button", { name: /^check/i }).click();
  const finding = page.getByRole("region", { name: "Check, difference and history" });
  await expect(finding).toContainText(/error/);
  await expect(finding).toContainText(/1.*10/);
  expect((await api.configuration.active.query()).text).toBe(before);

  await replaceText(page, `${before.trimEnd()}\nset system host-name first-light\n`);
  await page.getByRole("tab", { name: "Compare" }).click();
  await expect(page.getByTestId("diff")).toContainText("host-name first-light");
  await page.getByRole("button", { name: /^Commit/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByTestId("diff")).toContainText("host-name first-light");
  await dialog.getByLabel("Comment").fill("named in the browser");
  await dialog.getByTestId("commit-confirm").click();
  await expect.poll(async () => (await api.configuration.active.query()).text).toContain("host-name first-light");

  expect((await api.configuration.history.query())[0]).toMatchObject({ comment: "named in the browser", via: "web" });
  await api.configuration.rollback.mutate({ number: 1 });
  const result = await api.configuration.commit.mutate({ comment: "back" });
  expect(result.ok).toBe(true);
  expect((await api.configuration.active.query()).text).toBe(before);
});
