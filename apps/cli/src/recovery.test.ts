import type { BulkRun, BulkStartInput, LookupAnswer, RecoveryGroups, StreamView } from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { leasewire, ok } from "../test/leasewire.ts";
import { bulkRun, bulkServer, run as individualRun, lookupAnswer, nowMs, stream } from "../test/samples.ts";

/** A recovery that answers with the given states of a run, one after the other. */
function recovering(...states: BulkRun[]) {
  const asked: BulkStartInput[] = [];
  const calls: string[] = [];
  return {
    asked,
    calls,
    recovery: {
      start: (_: unknown, input: BulkStartInput) => {
        asked.push(input);
        return ok({ id: "run-1" });
      },
      get: () => ok(states.length > 1 ? states.shift()! : states[0]!),
      cancel: () => {
        calls.push("cancel");
        return ok(bulkRun({ state: "cancelled" }));
      },
    },
  };
}

describe("request dhcp relay bulk-leasequery", () => {
  test.each<[string, BulkStartInput]>([
    ["dhcp", { family: 4, key: { kind: "relay-id" } }],
    ["dhcp relay-id ascii:bng-a", { family: 4, key: { kind: "relay-id", relayId: "ascii:bng-a" } }],
    [
      "dhcp remote-id 0x0a0b server-group core",
      { family: 4, key: { kind: "remote-id", remoteId: "0x0a0b" }, serverGroup: "core" },
    ],
    ["dhcp 0011.2233.4455", { family: 4, key: { kind: "mac", mac: "00:11:22:33:44:55" } }],
    ["dhcp ascii:modem7", { family: 4, key: { kind: "client-id", clientId: "ascii:modem7" } }],
    [
      "dhcp all-configured-ip query-start-time 30m query-end-time 2026-11-24T07:00:00Z",
      {
        family: 4,
        key: { kind: "all-configured" },
        queryStartTimeSeconds: nowMs / 1000 - 1800,
        queryEndTimeSeconds: nowMs / 1000,
      },
    ],
    ["dhcpv6", { family: 6, key: { kind: "relay-id" } }],
    ["dhcpv6 2001:DB8:100::/40", { family: 6, key: { kind: "address", address: "2001:db8:100::/40" } }],
    ["dhcpv6 2001:db8::7", { family: 6, key: { kind: "address", address: "2001:db8::7" } }],
    [
      "dhcpv6 link-addr 2001:db8:1::1 incremental",
      { family: 6, key: { kind: "link-address", linkAddress: "2001:db8:1::1" }, incremental: true },
    ],
    [
      "dhcpv6 remote-id 3561:ascii:line7 on-link 2001:db8:1::1 logical-system bng-a",
      {
        family: 6,
        key: { kind: "remote-id", remoteId: "3561:ascii:line7" },
        linkAddress: "2001:db8:1::1",
        logicalSystem: "bng-a",
      },
    ],
  ])("%s", async (words, input) => {
    const [protocol, ...rest] = words.split(" ");
    const { asked, recovery } = recovering(bulkRun());
    const result = await leasewire(`request ${protocol} relay bulk-leasequery ${rest.join(" ")}`, { recovery });
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
    expect(asked).toEqual([input]);
  });

  test.each([
    ["dhcp relay bulk-leasequery relay-id ascii:a remote-id 0x0a", "exclude each other"],
    ["dhcp relay bulk-leasequery 00:11:22:33:44:55 all-configured-ip", "exclude each other"],
    ["dhcp relay bulk-leasequery incremental query-start-time 5", "exclude each other"],
    ["dhcp relay bulk-leasequery query-start-time yesterday", '"yesterday" is not a time: write it like'],
    ["dhcp relay bulk-leasequery query-start-time 2026-02-31", '"2026-02-31" is not a time'],
    ["dhcp relay bulk-leasequery remote-id line7", 'the remote ID "line7" is not hex: write hex such as 0x0a1b'],
    ["dhcpv6 relay bulk-leasequery all-configured-ip", "all-configured-ip"],
  ])("%s is not understood", async (line, sentence) => {
    const result = await leasewire(`request ${line}`, {});
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(sentence);
  });

  test("each server, what was not used, and the outcome", async () => {
    const servers = [
      bulkServer(),
      bulkServer({
        address: "198.51.100.2",
        state: "failed",
        attempts: 3,
        attemptsMax: 3,
        received: 12,
        applied: 12,
        unchanged: 0,
        refused: [{ reason: "no-circuit-id", count: 2, explanation: "The lease names no access interface." }],
        lastStatus: "QueryTerminated: going down",
        explanation: "The server ended the query each time: ask again when it is up.",
      }),
    ];
    const { recovery } = recovering(bulkRun({ state: "partial", servers, outcome: "1 of 2 servers told everything." }));
    const result = await leasewire("request dhcp relay bulk-leasequery", { recovery });
    expect(result.code).toBe(1);
    expect(result.stdout).toMatchInlineSnapshot(`
      "request dhcp relay bulk-leasequery relay-id ascii:bng-a

      Server           Instance         State     Attempts  Received  New  Known  Older  Not kept   Time  Last status
      198.51.100.1#67  default:default  complete  1 of 360        10    9      1      0         0  2.0 s  -
          It told everything.
      198.51.100.2#67  default:default  failed    3 of 3          12   12      0      0         0  2.0 s  QueryTerminated: going down
          The server ended the query each time: ask again when it is up.

      Not used       Leases  Why
      no-circuit-id       2  The lease names no access interface.

      1 of 2 servers told everything. Stored.
      "
    `);
  });

  test("draws how far each server is", async () => {
    const servers = [
      bulkServer({
        state: "receiving",
        finishedAtMs: null,
        received: 250_000,
        expected: 1_000_000,
        ratePerSecond: 200_000,
        etaMs: nowMs + 3_750,
      }),
      bulkServer({
        address: "198.51.100.2",
        state: "waiting",
        attempts: 2,
        attemptsMax: 360,
        nextAttemptAtMs: nowMs + 10_000,
      }),
      bulkServer({ address: "198.51.100.3", state: "queued", attempts: 0 }),
    ];
    const { recovery } = recovering(
      bulkRun({ state: "running", finishedAtMs: null, stored: false, servers }),
      bulkRun(),
    );
    const result = await leasewire("request dhcp relay bulk-leasequery", { recovery }, { terminal: true });
    expect(result.stderr.split("\u001b")[0]).toMatchInlineSnapshot(`
      "198.51.100.1#67  [######------------------]  25 %  250,000 of 1,000,000 bindings, 200,000/s, 4 s left
      198.51.100.2#67  attempt 2 of 360 failed, next in 10 s
      198.51.100.3#67  waits for a free connection
      "
    `);
  });

  test("an interrupt cancels", async () => {
    const { recovery, calls } = recovering(bulkRun({ state: "cancelled", outcome: "Cancelled." }));
    const result = await leasewire(
      "request dhcp relay bulk-leasequery",
      { recovery },
      { interrupted: AbortSignal.abort() },
    );
    expect(calls).toEqual(["cancel"]);
    expect(result).toMatchObject({ code: 1 });
  });

  test("an address of DHCPv4 is asked for individually", async () => {
    let asked: unknown;
    const result = await leasewire("request dhcp relay bulk-leasequery 192.0.2.7 routing-instance retail", {
      leasequery: {
        targets: () =>
          ok({
            relays: [
              {
                instance: "default:default",
                family: 4,
                gatewayAddress: "10.0.0.1",
                attempts: 6,
                timeoutSeconds: 10,
                servers: [],
                unavailable: null,
                bulk: { relayId: null, unavailable: null, bulk: { relayId: null, unavailable: null } },
              },
              {
                instance: "default:retail",
                family: 4,
                gatewayAddress: "192.0.2.1",
                attempts: 6,
                timeoutSeconds: 10,
                servers: [],
                unavailable: null,
                bulk: { relayId: null, unavailable: null, bulk: { relayId: null, unavailable: null } },
              },
            ],
            examples: [],
          }),
        start: (_, input) => {
          asked = input;
          return ok({ id: "run-1" });
        },
        run: () => ok(individualRun({ bindingIds: [] })),
      },
    });
    expect(asked).toEqual({
      family: 4,
      key: { kind: "address", address: "192.0.2.7" },
      gatewayAddress: "192.0.2.1",
      routingInstance: "retail",
    });
    expect(result.stderr).toBe("DHCPv4 has no bulk query by address: asked by individual leasequery.\n");
    expect(result.code).toBe(0);
  });
});

describe("recovery runs", () => {
  const groups: RecoveryGroups = {
    runId: "run-1",
    groups: [
      { relayId: "0x626e672d61", interfaceName: "ge-0/0/1.100", expected: 10, recovered: 8, missing: 2, stale: 1 },
      { relayId: null, interfaceName: null, expected: 0, recovered: 3, missing: 0, stale: null },
    ],
    total: 3,
    sum: { expected: 11, recovered: 12, missing: 2, stale: 1 },
  };

  test("list", async () => {
    const services = { recovery: { list: () => ok([bulkRun()]) } };
    expect((await leasewire("show recovery runs", services)).stdout).toMatchInlineSnapshot(`
      "Run    Started                  By                    Cause     Query                           State     Received  New
      run-1  2026-11-24 06:59:58 UTC  operator@example.net  operator  DHCPv4 by relay-id ascii:bng-a  complete        10    9
      "
    `);
    const own = await leasewire("show recovery runs", { recovery: { list: () => ok([bulkRun({ key: "own" })]) } });
    expect(own.stdout).toContain("DHCPv4 by its own relay-id");
    const none = await leasewire("show recovery runs", { recovery: { list: () => ok([]) } });
    expect(none.stdout).toBe("There was no bulk query yet: `request dhcp relay bulk-leasequery` starts one.\n");
  });

  test("one, with its relays and interfaces", async () => {
    const result = await leasewire("show recovery run run-1", {
      recovery: { get: () => ok(bulkRun()), groups: () => ok(groups) },
    });
    expect(result.stdout.slice(result.stdout.indexOf("\n\n"))).toMatchInlineSnapshot(`
      "

      Server           Instance         State     Attempts  Received  New  Known  Older  Not kept   Time  Last status
      198.51.100.1#67  default:default  complete  1 of 360        10    9      1      0         0  2.0 s  -
          It told everything.

      10 bindings told. Stored.

      Relay id      Interface     Expected  Recovered  Missing  Stale
      0x626e672d61  ge-0/0/1.100        10          8        2      1
      -             -                    0          3        0      -
      Total                             11         12        2      1
      Not shown, but in the total: 1 more.
      "
    `);
  });

  test("--json is the run with its groups", async () => {
    const result = await leasewire("show recovery run run-1 --json", {
      recovery: { get: () => ok(bulkRun()), groups: () => ok(groups) },
    });
    expect(JSON.parse(result.stdout)).toMatchObject({ id: "run-1", total: 3, sum: { missing: 2 } });
  });

  test("two beside each other", async () => {
    let asked: unknown;
    const result = await leasewire("show recovery compare run-1 run-2", {
      recovery: {
        compare: (input) => {
          asked = input;
          return ok({
            first: bulkRun(),
            second: bulkRun({ id: "run-2", received: 12, finishedAtMs: nowMs + 60_000 }),
            groups: [{ relayId: "0x626e672d61", interfaceName: "ge-0/0/1.100", first: 10, second: 12 }],
            total: 1,
          });
        },
      },
    });
    expect(asked).toEqual({ first: "run-1", second: "run-2" });
    expect(result.stdout).toMatchInlineSnapshot(`
      "                            First                   Second
      Run                         run-1                    run-2
      Started   2026-11-24 06:59:58 UTC  2026-11-24 06:59:58 UTC
      State                    complete                 complete
      Received                       10                       12
      New                             9                        9
      Known                           1                        1
      Time                        2.0 s                     62 s

      Relay id      Interface     First  Second  Difference
      0x626e672d61  ge-0/0/1.100     10      12          +2
      "
    `);
  });

  test.each(["pause", "resume", "cancel"] as const)("%s", async (action) => {
    const seen: string[] = [];
    const result = await leasewire(`request recovery ${action} run-1`, {
      recovery: {
        [action]: (_: unknown, id: string) => {
          seen.push(id);
          return ok(bulkRun({ state: action === "pause" ? "paused" : action === "resume" ? "running" : "cancelled" }));
        },
      },
    });
    expect(seen).toEqual(["run-1"]);
    expect(result.stdout).toMatch(/^Run run-1 is (paused|running|cancelled)\.\n$/);
  });

  test("retry follows the run to its end", async () => {
    const { recovery } = recovering(bulkRun({ state: "running", finishedAtMs: null }), bulkRun());
    const result = await leasewire("request recovery retry run-1", {
      recovery: { ...recovery, retry: () => ok(bulkRun({ state: "running", finishedAtMs: null })) },
    });
    expect(result.code).toBe(0);
    expect(result.stdout).toContain("10 bindings told.");
  });

  test("what is not yet in the database is not called stored", async () => {
    const { recovery } = recovering(bulkRun({ stored: false }));
    const result = await leasewire("request dhcp relay bulk-leasequery", { recovery });
    expect(result.stdout).toContain("Not stored yet: the database has not confirmed it.");
  });
});

describe("show dhcp relay active-leasequery", () => {
  const services = (...peers: StreamView[]) => ({
    statistics: { relayActive: () => ok({ family: 4 as const, peers }) },
  });

  test("summary", async () => {
    const result = await leasewire("show dhcp relay active-leasequery", services(stream()));
    expect(result.stdout).toMatchInlineSnapshot(`
      "Peer          Instance         Role       State   Up since                   Lag  Received  Reconnects  Open gaps
      198.51.100.1  default:default  requestor  Active  2026-11-24 06:58:59 UTC  0.4 s       100           2          1
      "
    `);
    const none = await leasewire("show dhcp relay active-leasequery", services());
    expect(none.stdout).toContain("set forwarding-options dhcp-relay active-leasequery");
  });

  test("details of one server", async () => {
    const result = await leasewire("show dhcp relay active-leasequery peer 198.51.100.1 details", services(stream()));
    expect(result.stdout).toMatchInlineSnapshot(`
      "Peer 198.51.100.1#67
          Instance:           default:default
          Role:               requestor
          State:              Active
          State since:        2026-11-24 06:59:00 UTC
          What it does:       Changes arrive as they happen.
          TLS:                no
          Up since:           2026-11-24 06:58:59 UTC
          Timeout:            120 s
          Idle timeout:       60 s
          Last received:      2026-11-24 06:59:59 UTC (1 seconds ago)
          Last keepalive:     2026-11-24 06:59:30 UTC (30 seconds ago)
          Lag:                0.4 s
          Last base-time:     2026-11-24 07:00:00 UTC
          Stored up to:       2026-11-24 06:59:59 UTC
          Catch-up start:     not asked for
          Last status code:   none
          Restarts:           2
          Bindings received:  100
          Open gaps:          1
          Gap from                 To                       Why                          Run    Healed
          2026-11-24 06:50:00 UTC  2026-11-24 06:51:40 UTC  the server had forgotten it  gap-1  no
      "
    `);
  });

  test("counters of one server", async () => {
    const result = await leasewire(
      "show dhcp relay active-leasequery statistics peer 198.51.100.1",
      services(stream()),
    );
    expect(result.stdout).toMatchInlineSnapshot(`
      "Peer 198.51.100.1#67
          Bindings received:        100
          Bindings applied:         90
          Bindings unchanged:       8
          Bindings older:           1
          Bindings not kept:        1
          Keepalives:               4
          DataMissing:              0
          CatchUpComplete:          1
          Reconnects:               2
          Not used: no-circuit-id:  1
      "
    `);
  });

  test("a server without a stream", async () => {
    const result = await leasewire("show dhcp relay active-leasequery peer 198.51.100.9 details", services(stream()));
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("no relay has active leasequery of DHCPv4 with 198.51.100.9");
  });

  test("restart, and with everything anew", async () => {
    const inputs: unknown[] = [];
    const streams = {
      restart: (_: unknown, input: unknown) => {
        inputs.push(input);
        return ok({ restarted: 1 });
      },
    };
    const result = await leasewire("request dhcp relay active-leasequery restart peer 198.51.100.1", { streams });
    await leasewire("request dhcpv6 relay active-leasequery restart peer 2001:db8::1 resync", { streams });
    expect(result.stdout).toBe("1 connection to 198.51.100.1 restarted.\n");
    expect(inputs).toEqual([
      { family: 4, peerAddress: "198.51.100.1" },
      { family: 6, peerAddress: "2001:db8::1", resync: true },
    ]);
  });

  test("clear counters of one server", async () => {
    let asked: unknown;
    await leasewire("clear dhcp relay active-leasequery statistics peer 198.51.100.1", {
      statistics: {
        clear: (_, input) => {
          asked = input;
          return ok({ cleared: true });
        },
      },
    });
    expect(asked).toEqual({ family: 4, what: "active-leasequery", peerAddress: "198.51.100.1" });
  });
});

test("show dhcp relay statistics bulk-leasequery-connections", async () => {
  const result = await leasewire("show dhcp relay statistics bulk-leasequery-connections", {
    statistics: {
      relayBulkConnections: () =>
        ok({
          family: 4,
          sinceMs: nowMs,
          requested: 3,
          attempted: 5,
          connected: 4,
          terminatedByServer: 1,
          reachedMaxAttempts: 0,
          closedDueToError: 1,
          inFlight: 1,
          replyPacketRetries: 0,
          replyMaxRetried: 0,
          queries: [
            {
              xid: "0000a1b2",
              runId: "run-1",
              servers: [{ address: "198.51.100.1", state: "receiving", attempts: 1 }],
            },
          ],
          drops: [{ name: "no-circuit-id", value: 2, explanation: "The lease names no access interface." }],
          notes: [],
        }),
    },
  });
  expect(result.stdout).toMatchInlineSnapshot(`
    "Requested:             3
    Attempted:             5
    Connected:             4
    Terminated by server:  1
    Reached max attempts:  0
    Closed due to error:   1
    In flight:             1
    Reply packet retries:  0
    Reply max retried:     0

    Query xid 0000a1b2
        Number of servers:  1
        Server address  State      Attempts
        198.51.100.1    receiving         1

    Leases not used:
        no-circuit-id  2  The lease names no access interface.

    Counted since 2026-11-24 07:00:00 UTC.
    "
  `);
});

describe("lookup", () => {
  test("one key", async () => {
    let asked: unknown;
    const result = await leasewire("lookup 0011.2233.4455", {
      lookups: {
        run: (input) => {
          asked = input;
          return ok({ answers: [lookupAnswer()] });
        },
      },
    });
    expect(asked).toEqual({ lines: ["0011.2233.4455"] });
    expect(result.stdout).toMatchInlineSnapshot(`
      "Key                Address    State   Expires  Hardware address   Client identifier     Interface     Instance         From   More
      00:11:22:33:44:55  192.0.2.7  ACTIVE  3600     00:11:22:33:44:55  01:00:11:22:33:44:55  ge-0/0/1.100  default:default  table
      "
    `);
    expect(result.code).toBe(0);
  });

  test("a file, in the order of its lines; a line that is no key makes the exit code 1", async () => {
    let asked: unknown;
    const answers: LookupAnswer[] = [
      lookupAnswer({ further: 2 }),
      lookupAnswer({
        text: "192.0.2.9",
        key: "192.0.2.9",
        kind: "address",
        result: "none",
        binding: null,
        source: null,
        message: "Nobody is known for it.",
      }),
      lookupAnswer({
        text: "\u001b[2Jx",
        key: null,
        kind: null,
        result: "unreadable",
        binding: null,
        source: null,
        message: "it is not hex",
      }),
    ];
    const result = await leasewire(
      "lookup --file keys.txt --family 4",
      {
        lookups: {
          run: (input) => {
            asked = input;
            return ok({ answers });
          },
        },
      },
      { files: { "keys.txt": "00:11:22:33:44:55\r\n\n192.0.2.9\nx\n" } },
    );
    expect(asked).toEqual({ lines: ["00:11:22:33:44:55", "192.0.2.9", "x"], family: 4 });
    expect(result.stdout).toMatchInlineSnapshot(`
      "Key                Address    State       Expires  Hardware address   Client identifier     Interface     Instance         From   More
      00:11:22:33:44:55  192.0.2.7  ACTIVE      3600     00:11:22:33:44:55  01:00:11:22:33:44:55  ge-0/0/1.100  default:default  table    +2
      192.0.2.9          -          none        -        -                  -                     -             -                -
      \\u{1b}[2Jx         -          unreadable  -        -                  -                     -             -                -

      \\u{1b}[2Jx: it is not hex
      "
    `);
    expect(result.code).toBe(1);
  });

  test("asks servers for a hundred lines at a time", async () => {
    const sizes: number[] = [];
    const result = await leasewire(
      "lookup --file - --ask server-group core --json",
      {
        lookups: {
          ask: (_, input) => {
            sizes.push(input.lines.length);
            expect(input.serverGroup).toBe("core");
            return ok({ answers: input.lines.map((text) => lookupAnswer({ text, source: "leasequery" })) });
          },
        },
      },
      { files: { "-": Array.from({ length: 250 }, (_, i) => `192.0.2.${i}`).join("\n") } },
    );
    expect(sizes).toEqual([100, 100, 50]);
    expect(JSON.parse(result.stdout)).toHaveLength(250);
  });

  test.each([
    ["", "there is nothing to look up"],
    ["x\n".repeat(10_001), "the file has 10001 lines, and 10000 are looked up at a time"],
  ])("refuses a file of that size", async (text, sentence) => {
    const result = await leasewire("lookup --file keys.txt", {}, { files: { "keys.txt": text } });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(sentence);
  });
});
