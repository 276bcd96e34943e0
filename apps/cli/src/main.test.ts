import { createServer } from "node:http";
import type { LeasequeryStartInput } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { leasewire, ok, server } from "../test/leasewire.ts";
import { bindingDetail, bindingRow, nowMs, run as runSample, runServer } from "../test/samples.ts";
import { type PartialServices, startServerDouble } from "../test/server-double.ts";

/** Where nothing listens. */
const closedUrl = await (async () => {
  const closed = await startServerDouble({});
  await closed.close();
  return closed.url;
})();

describe("request dhcp relay leasequery", () => {
  const command = "request dhcp relay leasequery 192.0.2.7 gateway-address 192.0.2.1";
  const bindings = { detail: () => ok(bindingDetail()) };

  test("waits for the answer and shows each server, the outcome and the binding", async () => {
    let asked: LeasequeryStartInput | undefined;
    const states = [runSample({ state: "running", finishedAtMs: null, stored: false, bindingIds: [] }), runSample()];
    const result = await leasewire(`${command} server-group core`, {
      bindings,
      leasequery: {
        start: (_, input) => {
          asked = input;
          return ok({ id: "run-1" });
        },
        run: () => ok(states.shift()!),
      },
    });
    expect(asked).toEqual({
      family: 4,
      key: { kind: "address", address: "192.0.2.7" },
      gatewayAddress: "192.0.2.1",
      serverGroup: "core",
    });
    expect(result.stderr).toBe("");
    expect(result.stdout).toMatchInlineSnapshot(`
      "Server           Instance         State      Attempts  Round trip
      198.51.100.1#67  default:default  confirmed  1 of 6        2.1 ms
          It named the lease of 192.0.2.7.

      192.0.2.7 is leased to 00:11:22:33:44:55. Stored.

      Client IP Address: 192.0.2.7
          Hardware Address:           00:11:22:33:44:55
          Client Identifier:          01:00:11:22:33:44:55
          State:                      ACTIVE
          State Since:                2026-11-24 06:50:00 UTC
          Lease Expires:              2026-11-24 08:00:00 UTC (in 3600 seconds)
          Last Packet Received:       2026-11-24 06:59:00 UTC
          Incoming Client Interface:  ge-0/0/1.100
          Server Identifier:          198.51.100.1
          Server Address:             198.51.100.1
          Gateway Address:            192.0.2.1
          Circuit Id:                 ge-0/0/1:100
          Instance:                   default:default
          Origin:                     individual
          Data Source:                local
          Stored:                     yes
          Options:
              host-name (12): modem7
          Relay Data:
              relay-agent-information (82): 
                  circuit-id (1): ge-0/0/1:100
      "
    `);
    expect(result.code).toBe(0);
  });

  test.each([
    ["unconfirmed", 0],
    ["failed", 1],
    ["cancelled", 1],
  ] as const)("%s ends with %i", async (state, code) => {
    const run = runSample({ state, outcome: "A plain sentence.", bindingIds: [], stored: false });
    const result = await leasewire(command, {
      leasequery: { start: () => ok({ id: "run-1" }), run: () => ok(run) },
    });
    expect(result.code).toBe(code);
    expect(result.stdout).toContain("\nA plain sentence.\n");
  });

  test("an outcome is called stored only when it is", async () => {
    const result = await leasewire(command, {
      bindings,
      leasequery: { start: () => ok({ id: "run-1" }), run: () => ok(runSample({ stored: false })) },
    });
    expect(result.stdout).toContain("Not stored yet: the database has not confirmed it.");
  });

  test("draws progress over itself on a terminal", async () => {
    const querying = runServer({ state: "querying", attempts: 2, nextAttemptAtMs: nowMs + 4_000, roundTripMs: null });
    const states = [
      runSample({ state: "running", finishedAtMs: null, servers: [querying] }),
      runSample({ state: "running", finishedAtMs: null, servers: [querying] }),
      runSample(),
    ];
    const result = await leasewire(
      command,
      { bindings, leasequery: { start: () => ok({ id: "run-1" }), run: () => ok(states.shift()!) } },
      { terminal: true },
    );
    const line = "198.51.100.1#67  attempt 2 of 6, next in 4 s\n";
    expect(result.stderr).toBe(`${line}\u001b[1A\u001b[J${line}\u001b[1A\u001b[J`);
  });

  test("an interrupt cancels", async () => {
    let cancelled = false;
    const result = await leasewire(
      command,
      {
        leasequery: {
          start: () => ok({ id: "run-1" }),
          cancel: () => {
            cancelled = true;
            return ok(runSample({ state: "cancelled" }));
          },
          run: () =>
            ok(cancelled ? runSample({ state: "cancelled", bindingIds: [], outcome: "Cancelled." }) : runSample()),
        },
      },
      { interrupted: AbortSignal.abort() },
    );
    expect(result.code).toBe(1);
    expect(result.stdout).toContain("Cancelled.");
  });

  test("a viewer is refused in one sentence", async () => {
    const result = await leasewire(command, { leasequery: {} }, { token: "viewer" });
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "leasewire: leasequery.start needs the role operator; viewer@example.net is viewer. An administrator can change this under Settings.\n",
    });
  });

  test("a refusal of the backend is its sentence", async () => {
    const message = "No relay of routing-instance retail can query: add one.";
    const result = await leasewire(`${command} routing-instance retail`, {
      leasequery: { start: async () => ({ ok: false, refusal: { code: "NOT_FOUND", message } }) },
    });
    expect(result).toEqual({ code: 1, stdout: "", stderr: `leasewire: ${message}\n` });
  });

  test("--json is the run with its bindings", async () => {
    const result = await leasewire(`${command} --json`, {
      bindings,
      leasequery: { start: () => ok({ id: "run-1" }), run: () => ok(runSample()) },
    });
    expect(JSON.parse(result.stdout)).toMatchObject({
      state: "confirmed",
      stored: true,
      bindings: [{ address: "192.0.2.7" }],
    });
  });

  test("bad input sends nothing", async () => {
    const result = await leasewire(
      "request dhcp relay leasequery 192.0.2.300 gateway-address 192.0.2.1",
      {},
      { url: closedUrl },
    );
    expect(result.code).toBe(2);
    expect(result.stderr).toContain("192.0.2.300");
  });

  test("DHCPv6 asks for a prefix by its first address", async () => {
    let asked: LeasequeryStartInput | undefined;
    await leasewire("request dhcpv6 relay leasequery 2001:db8:100::/56 link-address 2001:db8:1::1", {
      bindings,
      leasequery: {
        start: (_, input) => {
          asked = input;
          return ok({ id: "run-1" });
        },
        run: () => ok(runSample()),
      },
    });
    expect(asked).toEqual({
      family: 6,
      key: { kind: "address", address: "2001:db8:100::" },
      linkAddress: "2001:db8:1::1",
    });
  });
});

describe("show dhcp relay binding", () => {
  const rows = Array.from({ length: 1100 }, (_, i) => bindingRow({ address: `10.0.${i >> 8}.${i & 255}`, id: `${i}` }));
  const list: NonNullable<PartialServices["bindings"]>["list"] = ({ offset, limit, filter }) => {
    const matching = rows.filter((row) => filter.prefix === undefined || row.address === filter.prefix);
    return ok({
      view: "v",
      total: matching.length,
      offset,
      rows: matching.slice(offset, offset + limit),
      sequence: 1,
      durableSequence: 1,
    });
  };

  test("brief fetches every page and prints one header", async () => {
    const result = await leasewire("show dhcp relay binding", { bindings: { list } });
    const lines = result.stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(1101);
    expect(lines[0]).toBe("IP address  Hardware address   Expires  State   Interface");
    expect(lines[1]).toBe("10.0.0.0    00:11:22:33:44:55  3600     ACTIVE  ge-0/0/1.100");
    expect(lines.filter((line) => line.startsWith("IP address"))).toHaveLength(1);
  });
  test("by address", async () => {
    const result = await leasewire("show dhcp relay binding 10.0.0.3", { bindings: { list } });
    expect(result.stdout.trimEnd().split("\n")).toHaveLength(2);
  });
  test("nothing matches", async () => {
    const result = await leasewire("show dhcp relay binding 10.9.0.3", { bindings: { list } });
    expect(result).toEqual({ code: 0, stdout: "No binding matches.\n", stderr: "" });
  });
  test("--json is one array", async () => {
    const all = await leasewire("show dhcp relay binding --json", { bindings: { list } });
    expect(JSON.parse(all.stdout)).toHaveLength(1100);
    await server?.close();
    const none = await leasewire("show dhcp relay binding --json 10.9.0.3", { bindings: { list } });
    expect(JSON.parse(none.stdout)).toEqual([]);
  });
  test("detail makes hostile text harmless", async () => {
    const hostile = bindingDetail({ row: bindingRow({ circuitId: "\u001b]0;owned\u0007" }) });
    const result = await leasewire("show dhcp relay binding detail 10.0.0.3", {
      bindings: { list, detail: () => ok(hostile) },
    });
    expect(result.stdout).toContain("Circuit Id:                 \\u{1b}]0;owned\\u{7}\n");
    expect(result.stdout).not.toContain("\u001b");
  });
  test("summary", async () => {
    const byState = {
      AVAILABLE: 0,
      ACTIVE: 4,
      EXPIRED: 1,
      RELEASED: 0,
      ABANDONED: 0,
      RESET: 0,
      REMOTE: 0,
      TRANSITIONING: 0,
    };
    const result = await leasewire("show dhcp relay binding summary", {
      bindings: {
        summary: () => ok({ total: 5, byState, byInstance: { "default:default": 5 }, sequence: 1, durableSequence: 1 }),
      },
      statistics: {
        relayBindingStates: ({ family }) =>
          ok({
            family,
            total: 4,
            byState: { INIT: 0, SELECTING: 0, REQUESTING: 0, BOUND: 3, RENEWING: 1, REBINDING: 0, RELEASE: 0 },
            waitingToBeRestored: 2,
          }),
      },
    });
    expect(result.stdout).toMatchInlineSnapshot(`
      "5 bindings (4 active, 1 expired)

      Instance         Bindings
      default:default         5

      Client state            Clients
      INIT                          0
      SELECTING                     0
      REQUESTING                    0
      BOUND                         3
      RENEWING                      1
      REBINDING                     0
      RELEASE                       0
      Total                         4
      Waiting to be restored        2
      "
    `);
  });
});

describe("statistics", () => {
  test("drops, received and sent", async () => {
    const result = await leasewire("show dhcp relay statistics", {
      statistics: {
        relay: () =>
          ok({
            family: 4,
            sinceMs: nowMs,
            dropsTotal: 12,
            drops: [{ name: "xid-unknown", value: 12, explanation: "No query with this transaction id is open." }],
            notes: [{ name: "recorded without circuit-id", value: 2, explanation: "The lease names no interface." }],
            received: [{ name: "DHCPLEASEACTIVE", value: 3, explanation: "" }],
            sent: [],
            forwarded: [{ name: "DHCPDISCOVER to servers", value: 9, explanation: "" }],
          }),
      },
    });
    expect(result.stdout).toMatchInlineSnapshot(`
      "Packets dropped:
          Total                        12
          xid-unknown                  12  No query with this transaction id is open.

      Packets used, but unusual:
          recorded without circuit-id   2  The lease names no interface.

      Messages received:
          DHCPLEASEACTIVE               3

      Messages sent:
          none

      Messages passed on:
          DHCPDISCOVER to servers       9

      Counted since 2026-11-24 07:00:00 UTC.
      "
    `);
  });
  test("of leasequeries", async () => {
    const result = await leasewire("show dhcp relay statistics leasequery", {
      statistics: {
        relayLeasequery: () =>
          ok({
            family: 4,
            sinceMs: nowMs,
            inFlightQueries: 1,
            totalQueries: 2,
            totalAttempts: 5,
            replyPacketRetries: 0,
            repliesGivenUp: 0,
            queries: [
              {
                xid: "0000a1b2",
                runId: "run-1",
                state: "running",
                confirmedReplies: 0,
                unconfirmedReplies: 1,
                attempts: 3,
                servers: [{ serverAddress: "198.51.100.1", xid: "0000a1b2", state: "querying", attempts: 3 }],
              },
            ],
          }),
      },
    });
    expect(result.stdout).toMatchInlineSnapshot(`
      "In-flight queries:                   1
      Total queries:                       2
      Total attempts:                      5
      Reply packet retries:                0
      Replies given up after max retries:  0

      Query xid 0000a1b2
          State:                running
          Confirmed replies:    0
          Unconfirmed replies:  1
          Attempts:             3
          Server address  Xid       State     Attempts
          198.51.100.1    0000a1b2  querying         3

      Counted since 2026-11-24 07:00:00 UTC.
      "
    `);
  });
});

describe("clear", () => {
  test("bindings of an interface", async () => {
    let asked: unknown;
    const result = await leasewire("clear dhcp relay binding interface ge-0/0/1.0", {
      bindings: {
        clear: (_, input) => {
          asked = input;
          return ok({ cleared: 3 });
        },
      },
    });
    expect(asked).toEqual({ family: 4, role: "relay", interfaceName: "ge-0/0/1.0" });
    expect(result).toEqual({ code: 0, stdout: "3 bindings cleared.\n", stderr: "" });
  });
  test("statistics of leasequeries", async () => {
    let asked: unknown;
    const result = await leasewire("clear dhcpv6 relay statistics leasequery", {
      statistics: {
        clear: (_, input) => {
          asked = input;
          return ok({ cleared: true });
        },
      },
    });
    expect(asked).toEqual({ family: 6, what: "leasequery" });
    expect(result.stdout).toBe("The leasequery statistics of DHCPv6 are cleared.\n");
  });
});

describe("configure", () => {
  const candidate = { text: "set a b\n", changed: true, changedBy: "noc@example.net" };
  const finding = {
    severity: "error",
    rule: "text-unknown-word",
    path: "forwarding-options dhcp-relay",
    message: "there is no statement bulk-leasequry here: did you mean bulk-leasequery?",
    remedy: "set forwarding-options dhcp-relay bulk-leasequery",
    line: 3,
    column: 36,
    statement: "set forwarding-options dhcp-relay bulk-leasequry",
  } as const;

  test("load gives the file's text and mode", async () => {
    let asked: unknown;
    const result = await leasewire(
      "configure load new.conf set",
      {
        configuration: {
          load: (_, input) => {
            asked = input;
            return ok({ ok: true, findings: [], candidate });
          },
        },
      },
      { files: { "new.conf": "set a b\n" } },
    );
    expect(asked).toEqual({ text: "set a b\n", mode: "apply" });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("load complete");
  });
  test("load with an error shows line, column, statement and remedy", async () => {
    const result = await leasewire("configure load new.conf", {
      configuration: { load: () => ok({ ok: false, findings: [finding], candidate }) },
    });
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr: `error: line 3, column 36: [edit forwarding-options dhcp-relay] there is no statement bulk-leasequry here: did you mean bulk-leasequery?
    set forwarding-options dhcp-relay bulk-leasequry
    remedy: set forwarding-options dhcp-relay bulk-leasequery
load refused: nothing was changed.
`,
    });
  });
  test("check", async () => {
    const result = await leasewire("configure check", {
      configuration: { check: () => ok({ ok: true, findings: [] }) },
    });
    expect(result).toEqual({ code: 0, stdout: "configuration check succeeds\n", stderr: "" });
  });
  test("compare keeps the lines and nothing that acts on the terminal", async () => {
    let asked: unknown;
    const result = await leasewire("configure compare rollback 2", {
      configuration: {
        compare: (input) => {
          asked = input;
          return ok({ diff: "[edit]\n+ a \u001b[2J;", added: [], removed: [] });
        },
      },
    });
    expect(asked).toEqual({ rollback: 2 });
    expect(result.stdout).toBe("[edit]\n+ a \\u{1b}[2J;\n");
  });
  test("commit confirmed says until when", async () => {
    let asked: unknown;
    const result = await leasewire('configure commit confirmed 5 comment "new group"', {
      configuration: {
        commit: (_, input) => {
          asked = input;
          return ok({ ok: true, findings: [], commit: null, confirmBeforeMs: nowMs + 300_000 });
        },
      },
    });
    expect(asked).toEqual({ comment: "new group", confirmedMinutes: 5 });
    expect(result.stdout).toContain("goes back by itself at 2026-11-24 07:05:00 UTC");
  });
  test("a refused commit", async () => {
    const result = await leasewire("configure commit", {
      configuration: { commit: () => ok({ ok: false, findings: [finding], commit: null, confirmBeforeMs: null }) },
    });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("commit refused: the active configuration is unchanged.");
  });
  test("show is the active configuration, and says when the candidate differs", async () => {
    const configuration = {
      active: () => ok({ text: "set a\n", braces: "a;\n", commit: null, confirmBeforeMs: null }),
      candidate: () => ok(candidate),
    };
    const braces = await leasewire("configure show", { configuration });
    expect(braces.stdout).toBe("a;\n");
    expect(braces.stderr).toBe(
      "The candidate was changed by noc@example.net and is not in effect yet: `configure compare` shows how.\n",
    );
    await server?.close();
    expect((await leasewire("configure show set", { configuration })).stdout).toBe("set a\n");
    await server?.close();
    expect((await leasewire("configure show candidate", { configuration })).stdout).toBe("set a b\n");
  });
});

describe("when the backend cannot be asked", () => {
  const line = "show dhcp relay statistics";
  test("nothing listens", async () => {
    const result = await leasewire(line, {}, { url: closedUrl });
    expect(result).toEqual({
      code: 1,
      stdout: "",
      stderr: `leasewire: nothing answers at ${closedUrl} (connection refused): start Leasewire there with \`npm start\`, or set LEASEWIRE_URL to where it runs.\n`,
    });
  });
  test("no token", async () => {
    const result = await leasewire(line, {}, { token: undefined });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("LEASEWIRE_TOKEN is not set");
  });
  test("a token that is not accepted", async () => {
    const result = await leasewire(line, {}, { token: "old" });
    expect(result.stderr).toMatch(/^leasewire: LEASEWIRE_TOKEN was not accepted at .*: Nobody is signed in/);
  });
  test("something else answers", async () => {
    const other = createServer((_, response) => response.end("<html>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const result = await leasewire(line, {}, { url: `http://127.0.0.1:${port}` });
    expect(result.stderr).toContain("is not Leasewire");
    other.close();
  });
  test("an unusable LEASEWIRE_URL", async () => {
    const result = await leasewire(line, {}, { url: "localhost:8067" });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("write it like http://127.0.0.1:8067");
  });
  test("help needs no backend", async () => {
    const result = await leasewire("show ?", {}, { url: closedUrl });
    expect(result).toEqual({
      code: 0,
      stdout:
        "Possible completions:\n  dhcp      DHCPv4\n  dhcpv6    DHCPv6\n  recovery  Bulk queries that are under way or finished\n",
      stderr: "",
    });
  });
});
