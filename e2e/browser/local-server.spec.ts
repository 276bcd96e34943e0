import { expect, type Page, test } from "@playwright/test";
import { link4, type ServerPlace, serverPlace } from "../integration/server/fixture.ts";
import { type Backend, startBackend } from "../support/backend.ts";
import { apiClient } from "../support/client.ts";
import { askIndividually4, openLeasequery4 } from "../support/leasequery-client.ts";
import { seriousComplaints, signIn, watchForTrouble } from "../support/page.ts";
import { addressText4, Subscribers4 } from "../support/subscribers.ts";

// The local server, seen and driven from its pages, with leases that real DHCP exchanges made.

const viewer = { email: "viewer@example.net", password: "only looking around" };

let place: ServerPlace;
let backend: Backend;
let subscribers: Subscribers4;
let server: { address: string; port: number };
let granted = 0;

test.beforeAll(async () => {
  place = await serverPlace();
  server = { address: "127.0.0.1", port: place.port4 };
  backend = await startBackend({ configuration: place.configuration });
  await apiClient(backend).users.create.mutate({ ...viewer, name: "Viewer", role: "viewer" });
  subscribers = await Subscribers4.open(server, link4);
  await grant(12);
});

test.afterAll(async () => {
  subscribers?.close();
  await backend?.dispose();
});

/** Gives so many more clients an address. */
async function grant(count: number): Promise<string[]> {
  const clients = Array.from({ length: count }, (_, index) => granted + index);
  granted += count;
  const leases = await Promise.all(clients.map((client) => subscribers.dora(client)));
  return leases.map((lease) => {
    if (lease === null) throw new Error("a client got no address");
    return addressText4(lease);
  });
}

/** A lease file of Kea; the row in `wrongLine` has an address that is none. */
function keaLeases4(rows: number, { wrongLine }: { readonly wrongLine: number }): string {
  const header =
    "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id";
  const expire = Math.floor(Date.now() / 1000) + 86_400;
  const lines = Array.from({ length: rows }, (_, index) => {
    const hex = index
      .toString(16)
      .padStart(6, "0")
      .replace(/(..)(..)(..)/, "$1:$2:$3");
    const address = index + 2 === wrongLine ? "10.42.300.1" : `10.42.${index >> 8}.${index & 255}`;
    return `${address},02:42:00:${hex},,86400,${expire},1,0,0,host-${index},0,,0`;
  });
  return `${[header, ...lines].join("\n")}\n`;
}

async function open(page: Page, path: string, who?: typeof viewer): Promise<void> {
  await signIn(page, backend, who);
  await page.goto(backend.url + path);
}

test("a pool fills while one looks at it, and leads to its bindings", async ({ page }) => {
  const { trouble } = watchForTrouble(page);
  await open(page, "/pools");
  const row = page.locator('[data-pool="customers"]');
  await expect(row).toContainText(`${granted} of 262,141`);
  await expect(row).toContainText("plenty");
  await grant(5);
  await expect(row).toContainText(`${granted} of 262,141`);

  await row.getByRole("button", { name: "customers" }).click();
  const drawer = page.getByRole("dialog", { name: "Pool" });
  await expect(drawer.getByRole("heading", { name: "customers" })).toBeVisible();
  await expect(drawer).toContainText("Over time");
  await drawer.getByRole("link", { name: "Bindings of this pool" }).click();
  await expect(page).toHaveURL(/role=server/);
  await expect(page.getByTestId("bindings-count")).toHaveText(
    `${granted} DHCPv4 bindings of the local servers under 2 filters`,
  );
  expect(trouble).toEqual([]);
});

test("clearing a lease asks first, says what happens, and is written down", async ({ page }) => {
  const [address] = await grant(1);
  await open(page, `/bindings?role=server&id=${encodeURIComponent(`4/default:default/${address}/32`)}`);
  const drawer = page.getByRole("dialog", { name: "Binding" });
  await expect(drawer.getByTestId("binding-stored")).toHaveText("stored");
  await drawer.getByRole("button", { name: "Clear binding" }).click();
  const question = page.getByRole("dialog", { name: `Clear the binding of ${address}?` });
  await expect(question).toContainText("the address may be given to somebody else");
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(question).toBeHidden();

  await drawer.getByRole("button", { name: "Clear binding" }).click();
  await question.getByRole("button", { name: "Clear binding" }).click();
  await expect(page.getByText("Cleared 1 binding.")).toBeVisible();
  const state = async () => {
    const filter = { role: "server" as const, prefix: address };
    const { rows } = await apiClient(backend).bindings.list.query({ family: 4, filter });
    return rows[0]?.state ?? "gone";
  };
  await expect.poll(state).toBe("RESET");

  await page.goto(`${backend.url}/events?q=bindings.clear`);
  await expect(page.getByTestId("events")).toContainText(address!);
  await expect(page.getByTestId("events")).toContainText("1 cleared at the DHCPv4 server");
});

test("a connection being served appears, follows the changes, and is closed from the page", async ({ page }) => {
  await open(page, "/connections");
  await expect(page.getByText("No requestor is connected")).toBeVisible();
  const connection = await openLeasequery4(server, "active");
  connection.read();
  try {
    const row = page.locator('[data-phase="active"]');
    await expect(row).toContainText("127.0.0.1#");
    await grant(3);
    await expect(row).toContainText("3 bindings");
    await row.getByRole("button", { name: /^Close/ }).click();
    const question = page.getByRole("dialog", { name: /Close the connection of 127\.0\.0\.1#/ });
    await expect(question).toContainText("It is told changes as they happen");
    await question.getByRole("button", { name: "Close connection" }).click();
    await connection.ended;
    await expect(row).toHaveCount(0);
    await page.goto(`${backend.url}/events?q=connections.close`);
    await expect(page.getByTestId("events")).toContainText("127.0.0.1#");
  } finally {
    connection.close();
  }
});

test("a lease file is taken over from the page, and a slow reader of all its leases is seen and cut off", async ({
  page,
}) => {
  test.setTimeout(240_000);
  // More than the kernel's buffers take while nobody reads.
  const rows = 60_000;
  await open(page, "/bindings/import");
  await page.locator('input[type="file"]').setInputFiles({
    name: "kea-leases4.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(keaLeases4(rows, { wrongLine: 3 })),
  });
  await expect(page.getByRole("combobox", { name: "Format" })).toHaveValue("Kea, DHCPv4 (CSV)");
  await page.getByTestId("import-start").click();
  const job = page.getByTestId("import-job");
  await expect(job).toHaveAttribute("data-import-state", "done", { timeout: 60_000 });
  await expect(job).toContainText((rows - 1).toLocaleString("en-US"));
  const refused = page.getByTestId("import-refusals").getByRole("row").nth(1);
  await expect(refused).toContainText("3");
  await expect(refused).toContainText("10.42.300.1");

  const connection = await openLeasequery4(server, "bulk");
  try {
    await page.goto(`${backend.url}/connections`);
    const row = page.locator('[data-phase="bulk"]');
    await expect(row).toContainText("127.0.0.1#");
    await expect(row.getByRole("progressbar")).toBeVisible();
    await expect(row).toContainText("not reading");
    await row.getByRole("button", { name: /^Close/ }).click();
    const question = page.getByRole("dialog", { name: /Close the connection of 127\.0\.0\.1#/ });
    await expect(question).toContainText("Its bulk query is not finished");
    await question.getByRole("button", { name: "Close connection" }).click();
    await expect(row).toHaveCount(0);
    connection.read();
    await connection.ended;
  } finally {
    connection.close();
  }
});

test("a requestor is quarantined with a reason, and released", async ({ page }) => {
  const [address] = await grant(1);
  expect(await askIndividually4(server, address!, 10_000)).not.toBeNull();
  await open(page, "/connections");
  const row = page.locator('[data-requestor="127.0.0.1"]');
  await expect(row).toContainText("answered");
  await row.getByRole("button", { name: /^Quarantine/ }).click();
  const form = page.getByRole("form", { name: "Quarantine a requestor" });
  await form.getByRole("textbox", { name: "Reason" }).fill("it scans the pool");
  await form.getByRole("button", { name: "Quarantine" }).click();
  await expect(row).toContainText("it scans the pool, by admin@example.net");
  expect(await askIndividually4(server, address!, 500)).toBeNull();

  await row.getByRole("button", { name: /^Release/ }).click();
  await page.getByRole("dialog", { name: "Release 127.0.0.1?" }).getByRole("button", { name: "Release" }).click();
  await expect(row).toContainText("answered");
  expect(await askIndividually4(server, address!, 10_000)).not.toBeNull();
  await page.goto(`${backend.url}/events?q=guard.`);
  for (const action of ["guard.quarantine", "guard.release"]) {
    await expect(page.getByTestId("events")).toContainText(action);
  }
});

test("the server's counters stand beside those of the relay", async ({ page }) => {
  await open(page, "/statistics");
  await page.getByRole("radiogroup", { name: "Counters of" }).getByText("Server").click();
  await expect(page).toHaveURL(/of=server/);
  await expect(page.locator('[data-counter="DHCPDISCOVER"]')).toBeVisible();
  await expect(page.locator('[data-counter="DHCPACK"]')).toBeVisible();
  await expect(page.getByTestId("bulk-connections")).toContainText("Accepted");
});

test("a viewer sees it all, changes nothing, and is told why", async ({ page }) => {
  await askIndividually4(server, "10.40.0.9", 2_000);
  const connection = await openLeasequery4(server, "active");
  connection.read();
  try {
    await open(page, "/connections", viewer);
    const asked: string[] = [];
    page.on("request", (request) => {
      if (/connections\.close|guard\.(quarantine|release)|bindings\.clear/.test(request.url()))
        asked.push(request.url());
    });
    for (const name of [/^Close 127/, /^Quarantine 127/, "Quarantine an address…"]) {
      const button = page.getByRole("button", { name }).first();
      await expect(button).toHaveAttribute("aria-disabled", "true");
      await expect(button).toHaveAccessibleDescription(/needs the role operator; viewer@example\.net is viewer/);
      await button.click({ force: true });
    }
    await page.goto(`${backend.url}/bindings/import`);
    await expect(page.getByTestId("import-start")).toHaveAccessibleDescription(/needs the role operator/);
    expect(asked).toEqual([]);
  } finally {
    connection.close();
  }
});

for (const theme of ["light", "dark"] as const) {
  test(`its pages with something on them, in ${theme}`, async ({ page }) => {
    // Six pages, each judged by axe.
    test.setTimeout(240_000);
    const { trouble } = watchForTrouble(page);
    await askIndividually4(server, "10.40.0.9", 2_000);
    const connection = await openLeasequery4(server, "active");
    connection.read();
    try {
      await page.emulateMedia({ colorScheme: theme });
      await signIn(page, backend);
      for (const [path, sign] of [
        ["/pools", '[data-pool="customers"]'],
        ["/pools?id=4/default:default/customers", '[data-testid="pool-drawer"] h2'],
        ["/connections", '[data-phase="active"]'],
        ["/statistics?of=server", '[data-counter="DHCPACK"]'],
        ["/bindings?role=server", '[row-index="0"] [col-id="address"]'],
        ["/bindings/import", '[data-testid="import-form"]'],
      ] as const) {
        await page.goto(backend.url + path);
        await expect(page.locator(sign).first()).toBeVisible();
        await page.waitForLoadState("networkidle");
        expect(await seriousComplaints(page), path).toEqual([]);
      }
      expect(trouble).toEqual([]);
    } finally {
      connection.close();
    }
  });
}
