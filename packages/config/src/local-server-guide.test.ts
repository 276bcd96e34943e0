import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkConfiguration } from "./check.ts";
import { commitCandidate, editCandidate, startCommitState } from "./commit.ts";
import { localServerConfigurations } from "./effective.ts";
import { formatFinding } from "./finding.ts";
import { EMPTY_TREE } from "./tree.ts";

const page = readFileSync(new URL("../../../docs/operating/local-server.md", import.meta.url), "utf8");
/** The steps of the page, in order: each block of set lines. */
const steps = [...page.matchAll(/```\n(set [\s\S]*?)```/g)].map(([, lines = ""]) => lines);

test("every step of docs/operating/local-server.md commits on top of the ones before it, without a finding", () => {
  expect(steps.length).toBeGreaterThanOrEqual(7);
  let state = startCommitState(EMPTY_TREE);
  for (const lines of steps) {
    const edited = editCandidate(state, lines);
    expect(edited.findings.map(formatFinding), lines).toEqual([]);
    const committed = commitCandidate(edited.state, 0);
    if (!committed.ok) throw new Error(committed.error.findings.map(formatFinding).join("\n"));
    expect(checkConfiguration(edited.state.candidate).map(formatFinding), lines).toEqual([]);
    state = committed.value.state;
  }
  const servers = localServerConfigurations(state.active);
  expect(servers.map(({ instance, family, pools }) => [instance, family, pools.map(({ name }) => name)])).toEqual([
    ["default:default", 4, ["homes"]],
    ["default:default", 6, ["homes", "homes-pd"]],
    ["default:red", 4, ["business"]],
  ]);
  for (const { allowLeasequery, allowBulkLeasequery, allowActiveLeasequery, tls } of servers.slice(0, 2)) {
    expect(allowLeasequery && allowBulkLeasequery && tls).toBeDefined();
    expect(allowActiveLeasequery?.mode).toBe("secure");
  }
  expect(servers.slice(0, 2).flatMap(({ pools }) => pools.map(({ hosts }) => hosts.length))).toEqual([2, 1, 0]);
});
