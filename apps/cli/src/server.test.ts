import type {
  BindingClearInput,
  BindingListInput,
  GuardView,
  Pool,
  ReconfigureInput,
  ReconfigureOutcome,
  ServerActive,
  ServerActivePeer,
} from "@leasewire/api";
import { describe, expect, test } from "vitest";
import { leasewire, ok } from "../test/leasewire.ts";
import { bindingRow, nowMs } from "../test/samples.ts";

const page = (total: number) =>
  ok({
    view: "v1",
    total,
    offset: 0,
    rows: total === 0 ? [] : [bindingRow({ role: "server", origin: "server" })],
    sequence: 7,
    durableSequence: 7,
  });

describe("show dhcp server binding", () => {
  test("asks for leases of the server only", async () => {
    let asked: BindingListInput | undefined;
    const result = await leasewire("show dhcp server binding 192.0.2.0/24 routing-instance retail", {
      bindings: {
        list: (input) => {
          asked = input;
          return page(1);
        },
      },
    });
    expect(asked?.filter).toEqual({ role: "server", prefix: "192.0.2.0/24", routingInstance: "retail" });
    expect(result.stdout).toContain("192.0.2.7");
  });

  test("summary", async () => {
    let asked: unknown;
    await leasewire("show dhcpv6 server binding summary", {
      bindings: {
        summary: (input) => {
          asked = input;
          return ok({ total: 0, byState: {} as never, byInstance: {}, sequence: 0, durableSequence: 0 });
        },
      },
    });
    expect(asked).toEqual({ family: 6, role: "server" });
  });
});

describe("clear dhcp server binding", () => {
  function services(total: number) {
    const cleared: BindingClearInput[] = [];
    return {
      cleared,
      bindings: {
        list: () => page(total),
        clear: (_: unknown, input: BindingClearInput) => {
          cleared.push(input);
          return ok({ cleared: total });
        },
      },
    };
  }

  test("says what will happen and asks; yes clears", async () => {
    const { cleared, bindings } = services(12);
    const questions: string[] = [];
    const options = { answers: [true], questions };
    const result = await leasewire("clear dhcp server binding interface ge-0/0/1.0", { bindings }, options);
    expect(questions).toEqual([
      "This clears 12 bindings of the DHCPv4 server (interface ge-0/0/1.0). The clients are not told: they use their addresses until they renew, while the addresses may be given to others.\nGo on? [y/N] ",
    ]);
    expect(cleared).toEqual([{ family: 4, role: "server", interfaceName: "ge-0/0/1.0" }]);
    expect(result).toMatchObject({ code: 0, stdout: "12 bindings cleared.\n" });
  });

  test("no clears nothing and ends with 1", async () => {
    const { cleared, bindings } = services(1);
    const result = await leasewire("clear dhcpv6 server binding 2001:db8::/56", { bindings }, { answers: [false] });
    expect(cleared).toEqual([]);
    expect(result).toMatchObject({ code: 1, stdout: "", stderr: "leasewire: nothing was cleared.\n" });
  });

  test.each([
    ["--yes", "clear dhcp server binding all --yes", { answers: [] }, 3],
    ["no terminal", "clear dhcp server binding all", {}, 3],
    ["nothing to clear", "clear dhcp server binding all", { answers: [] }, 0],
  ])("does not ask: %s", async (_, line, options, total) => {
    const { cleared, bindings } = services(total);
    const questions: string[] = [];
    const result = await leasewire(line, { bindings }, { ...options, questions });
    expect([result.code, questions]).toEqual([0, []]);
    expect(cleared).toEqual([{ family: 4, role: "server", all: true }]);
  });

  test("a viewer is told which role it needs", async () => {
    const { bindings } = services(1);
    const result = await leasewire("clear dhcp server binding all --yes", { bindings }, { token: "viewer" });
    expect(result).toMatchObject({
      code: 1,
      stderr:
        "leasewire: bindings.clear needs the role operator; viewer@example.net is viewer. An administrator can change this under Settings.\n",
    });
  });
});

describe("show dhcp server statistics", () => {
  test("messages and drops", async () => {
    const result = await leasewire("show dhcp server statistics", {
      statistics: {
        server: ({ family }) =>
          ok({
            family,
            sinceMs: nowMs,
            dropsTotal: 2,
            drops: [{ name: "no-pool", value: 2, explanation: "No pool serves the network the client is on." }],
            notes: [],
            received: [{ name: "DHCPDISCOVER", value: 12, explanation: "" }],
            sent: [{ name: "DHCPOFFER", value: 10, explanation: "" }],
          }),
      },
    });
    expect(result.stdout).toMatchInlineSnapshot(`
      "Packets dropped:
          Total          2
          no-pool        2  No pool serves the network the client is on.

      Messages received:
          DHCPDISCOVER  12

      Messages sent:
          DHCPOFFER     10

      Counted since 2026-11-24 07:00:00 UTC.
      "
    `);
  });

  test("bulk-leasequery-connections", async () => {
    const result = await leasewire("show dhcpv6 server statistics bulk", {
      statistics: {
        serverBulkConnections: ({ family }) =>
          ok({
            family,
            sinceMs: nowMs,
            accepted: 12,
            notAccepted: 1,
            closedDueToError: 2,
            closedDueToMaxEmptyReplies: 3,
            inFlight: 4,
          }),
      },
    });
    expect(result.stdout).toMatchInlineSnapshot(`
      "Accepted:                         12
      Not accepted:                     1
      Closed due to error:              2
      Closed due to max-empty-replies:  3
      In flight:                        4

      Counted since 2026-11-24 07:00:00 UTC.
      "
    `);
  });

  test("clearing them", async () => {
    const asked: unknown[] = [];
    const statistics = {
      clearServer: (_: unknown, input: unknown) => {
        asked.push(input);
        return ok({ cleared: true as const });
      },
    };
    const lines = [
      "clear dhcp server statistics",
      "clear dhcp server statistics bulk-leasequery-connections",
      "clear dhcpv6 server active-leasequery statistics peer 2001:db8::9",
    ];
    const said: string[] = [];
    for (const line of lines) said.push((await leasewire(line, { statistics })).stdout);
    expect(asked).toEqual([
      { family: 4 },
      { family: 4, what: "bulk-leasequery-connections" },
      { family: 6, what: "active-leasequery", peerAddress: "2001:db8::9" },
    ]);
    expect(said).toEqual([
      "The server statistics of DHCPv4 are cleared.\n",
      "The bulk-leasequery-connections statistics of DHCPv4 are cleared.\n",
      "The active-leasequery statistics of 2001:db8::9 are cleared.\n",
    ]);
  });
});

describe("show dhcp server active-leasequery", () => {
  const peer: ServerActivePeer = {
    connectionId: "c1",
    family: 4,
    address: "192.0.2.9",
    port: 40000,
    localAddress: "192.0.2.1",
    localPort: 67,
    instance: "default:default",
    role: "responder",
    state: "active",
    tls: true,
    upSinceMs: nowMs - 60_000,
    bindingsSent: 12,
    idleTimeoutSeconds: 120,
    timeoutSeconds: 300,
    keepalivePeriodSeconds: 60,
    lastSentAtMs: nowMs,
    lastReceivedAtMs: null,
    lastBaseTimeSeconds: nowMs / 1000 - 3,
    catchUpStartSeconds: null,
    lastStatus: "CatchUpComplete\u001b[2J",
    backlogChanges: 2,
    counters: [{ name: "DHCPLEASEACTIVE", value: 12, explanation: "" }],
  };
  const statistics = { serverActive: (): ReturnType<typeof ok<ServerActive>> => ok({ family: 4, peers: [peer] }) };

  test.each([
    ["show dhcp server active-leasequery"],
    ["show dhcp server active-leasequery peer 192.0.2.9 details"],
    ["show dhcp server active-leasequery statistics peer 192.0.2.9"],
  ])("%s", async (line) => {
    const result = await leasewire(line, { statistics });
    expect(result.code).toBe(0);
    expect(result.stdout).toMatchSnapshot();
  });

  test("a requestor that is not connected", async () => {
    const result = await leasewire("show dhcp server active-leasequery peer 192.0.2.10 details", { statistics });
    expect(result).toMatchObject({
      code: 1,
      stderr: "leasewire: no connection of 192.0.2.10 for active leasequery of DHCPv4 is open.\n",
    });
  });

  test.each([
    ["show dhcp server active-leasequery peer 192.0.2.9"],
    ["show dhcp server active-leasequery statistics"],
    ["show dhcp server active-leasequery details"],
    ["show dhcp server active-leasequery statistics peer 192.0.2.9 details"],
  ])("%s is no form of it", async (line) => {
    const result = await leasewire(line);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('write "peer ADDRESS details" or "statistics peer ADDRESS", or neither');
  });
});

describe("pools and requestors", () => {
  const pool: Pool = {
    id: "4/default:default/homes",
    family: 4,
    instance: "default:default",
    name: "homes",
    prefix: "192.0.2.0/24",
    ranges: [],
    leaseTimeSeconds: 3600,
    links: [],
    served: true,
    total: 200,
    active: 180,
    offered: 1,
    declined: 2,
    reserved: 3,
    free: 14,
    usedPercent: 93,
    state: "nearly-empty",
    trend: [],
  };

  test("show dhcp server pools", async () => {
    const pools = { list: () => ok({ pools: [pool], servers: [] }) };
    expect((await leasewire("show dhcp server pools", { pools })).stdout).toMatchInlineSnapshot(`
      "Pool   Instance         Network       Total  Active  Offered  Declined  Reserved  Free   Used  State
      homes  default:default  192.0.2.0/24    200     180        1         2         3    14  93.0%  nearly empty
      "
    `);
    const none = { list: () => ok({ pools: [], servers: [] }) };
    expect((await leasewire("show dhcp server pools", { pools: none })).stdout).toBe(
      "No address pool is configured: set access address-assignment pool …\n",
    );
  });

  const view: GuardView = {
    limits: [],
    total: 3,
    requestors: [
      {
        id: "4/default:default/192.0.2.9",
        family: 4,
        instance: "default:default",
        address: "192.0.2.9",
        queriesPerSecond: 812.4,
        queries: 50_000,
        dropped: 7,
        windowQueries: 1000,
        windowUnknown: 990,
        firstQueryAtMs: nowMs - 60_000,
        lastQueryAtMs: nowMs,
        quarantine: { sinceMs: nowMs, untilMs: nowMs + 600_000, reason: "99 % unknown", by: null },
      },
      {
        id: "4/default:default/192.0.2.8",
        family: 4,
        instance: "default:default",
        address: "192.0.2.8",
        queriesPerSecond: 0.25,
        queries: 5,
        dropped: 0,
        windowQueries: 5,
        windowUnknown: 0,
        firstQueryAtMs: nowMs - 60_000,
        lastQueryAtMs: nowMs,
        quarantine: null,
      },
    ],
  };

  test("show dhcp server requestors", async () => {
    const guard = { list: () => ok(view) };
    expect((await leasewire("show dhcp server requestors", { guard })).stdout).toMatchInlineSnapshot(`
      "Requestor  Instance         Queries/s  Queries      Unknown  Dropped  Quarantined until        By           Reason
      192.0.2.9  default:default        812    50000  990 of 1000        7  2026-11-24 07:10:00 UTC  storm guard  99 % unknown
      192.0.2.8  default:default        0.3        5       0 of 5        0  -                        -            -
      1 more are not shown.
      "
    `);
    expect(JSON.parse((await leasewire("show dhcp server requestors --json", { guard })).stdout)).toEqual(view);
  });

  test("request dhcp server requestor", async () => {
    const asked: unknown[] = [];
    const take = (_: unknown, input: unknown) => {
      asked.push(input);
      return ok({ changed: 1 });
    };
    const guard = { quarantine: take, release: take };
    const quarantined = await leasewire(
      'request dhcp server requestor 192.0.2.9 quarantine seconds 60 reason "a scan"',
      {
        guard,
      },
    );
    const released = await leasewire("request dhcpv6 server requestor 2001:db8::9 release routing-instance r", {
      guard,
    });
    expect([quarantined.stdout, released.stdout]).toEqual([
      "192.0.2.9 is quarantined.\n",
      "2001:db8::9 is released.\n",
    ]);
    expect(asked).toEqual([
      { family: 4, address: "192.0.2.9", seconds: 60, reason: "a scan" },
      { family: 6, address: "2001:db8::9", routingInstance: "r" },
    ]);
    expect((await leasewire("request dhcp server requestor 192.0.2.9")).code).toBe(2);
    expect((await leasewire("request dhcp server requestor 192.0.2.9 release seconds 5")).code).toBe(2);
  });
});

describe("request dhcpv6 server reconfigure", () => {
  function services(outcome: ReconfigureOutcome) {
    const asked: ReconfigureInput[] = [];
    const reconfigure = (_: unknown, input: ReconfigureInput) => {
      asked.push(input);
      return ok(outcome);
    };
    return { asked, bindings: { reconfigure } };
  }
  const unwilling = { reason: "client-unwilling", message: "the client did not accept it", clients: 2 };

  test.each([
    ["2001:db8::7", { target: { kind: "lease", prefix: "2001:db8::7" }, ask: "renew" }],
    ["2001:DB8:100::/56 rebind", { target: { kind: "lease", prefix: "2001:db8:100::/56" }, ask: "rebind" }],
    [
      "00030001020000000001 information-request",
      { target: { kind: "client", duid: "00:03:00:01:02:00:00:00:00:01" }, ask: "information-request" },
    ],
    ["all routing-instance r", { target: { kind: "all" }, ask: "renew", routingInstance: "r" }],
  ])("%s", async (words, input) => {
    const { asked, bindings } = services({ started: 1, refused: 0, refusals: [] });
    const result = await leasewire(`request dhcpv6 server reconfigure ${words}`, { bindings });
    expect(asked).toEqual([input]);
    expect(result).toMatchObject({ code: 0, stdout: `1 told to ${input.ask}.\n` });
  });

  test.each([
    [
      { started: 5, refused: 2, refusals: [unwilling] },
      0,
      "5 told to renew.\n2 refused: the client did not accept it.\n",
    ],
    [
      { started: 0, refused: 2, refusals: [unwilling] },
      1,
      "0 told to renew.\n2 refused: the client did not accept it.\n",
    ],
    [{ started: 0, refused: 0, refusals: [] }, 1, "No client has a lease; nobody was told.\n"],
  ])("%o ends with %i", async (outcome, code, stdout) => {
    const { bindings } = services(outcome);
    expect(await leasewire("request dhcpv6 server reconfigure all", { bindings })).toMatchObject({ code, stdout });
    const json = await leasewire("request dhcpv6 server reconfigure all --json", { bindings });
    expect([json.code, JSON.parse(json.stdout)]).toEqual([code, outcome]);
  });

  test.each(["", "all 2001:db8::7", "all renew rebind", "2001:db8::g"])("not understood: %s", async (words) => {
    expect((await leasewire(`request dhcpv6 server reconfigure ${words}`)).code).toBe(2);
  });
});
