import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { administrator, type Backend } from "./backend.ts";

/** Signs in through the form, the way a person does. */
export async function signIn(page: Page, backend: Backend, who = administrator): Promise<void> {
  await page.goto(`${backend.url}/sign-in`);
  await page.getByRole("textbox", { name: "E-mail" }).fill(who.email);
  await page.getByRole("textbox", { name: "Password" }).fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Complaints of axe that stand in somebody's way; `rules`: of these rules only. */
export async function seriousComplaints(page: Page, rules?: readonly string[]): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  if (rules !== undefined) axe.withRules([...rules]);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(" ")).join(", ")})`);
}

/** Gathers what must stay empty: errors of scripts and of the console, and requests that leave this machine. */
export function watchForTrouble(page: Page): { readonly trouble: string[] } {
  const trouble: string[] = [];
  page.on("pageerror", (error) => trouble.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    // A refused call (401, 403) and a backend that is being restarted are part of the tests, and logged by the browser.
    if (message.type() === "error" && !/Failed to load resource|WebSocket|ERR_CONNECTION/.test(message.text()))
      trouble.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(http|ws)s?:$/.test(protocol) && hostname !== "127.0.0.1")
      trouble.push(`leaves the machine: ${request.url()}`);
  });
  return { trouble };
}
