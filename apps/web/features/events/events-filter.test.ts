import type { AuditEntry } from "@leasewire/api";
import { expect, test } from "vitest";
import { shownEntries } from "./events-filter.ts";

const entry = (action: string, outcome: AuditEntry["outcome"], detail = ""): AuditEntry => ({
  id: action,
  atMs: 0,
  actor: "noc@example.net",
  via: "session",
  action,
  subject: "",
  outcome,
  detail,
});

test("words and outcome narrow the list together", () => {
  const entries = [
    entry("sign-in", "failed", "Wrong password"),
    entry("leasequery.start", "done"),
    entry("sign-in", "done"),
  ];
  expect(shownEntries(entries, "", "all")).toHaveLength(3);
  expect(shownEntries(entries, "SIGN noc", "all")).toHaveLength(2);
  expect(shownEntries(entries, "sign password", "all")).toHaveLength(1);
  expect(shownEntries(entries, "sign", "done")).toHaveLength(1);
  expect(shownEntries(entries, "sign commit", "all")).toHaveLength(0);
});
