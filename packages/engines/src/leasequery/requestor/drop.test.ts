import { type LeaseReply4, type LeaseReply6, MessageType6 } from "@leasewire/wire";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  answer4,
  answer6,
  byAddress4,
  byAddress6,
  byClientId4,
  byDuid,
  byMac,
  data6,
  duid,
  ip4,
  ip6,
  lease6,
  option82,
  prefix6,
  relay4,
  relay6,
  relayData6,
  serverDuid,
  text,
  unassigned,
  World,
} from "../../../test/requestor-world.ts";
import { type DropReason, dropReasons, explainReason, type RunKey, relayStatistics } from "./index.ts";

const strict = { interfaces: ["ge-0/0/1.0"] };

/** Datagrams that do not answer the query: it stays open, and the right answer is still taken afterwards. */
describe("an answer that breaks a rule is dropped, counted, shown, and the query goes on", () => {
  test.each<[string, RunKey, (world: World) => void, string]>([
    [
      "a host never asked",
      byAddress4(),
      (w) => w.receive(answer4(w.query()), w.query(), { address: "203.0.113.5" }),
      "source never asked",
    ],
    [
      "another port of the server",
      byAddress4(),
      (w) => w.receive(answer4(w.query()), w.query(), { port: 1067 }),
      "source never asked",
    ],
    [
      "another transaction id",
      byAddress4(),
      (w) => w.receive(answer4(w.query(), { xid: w.query().xid ^ 1 })),
      "xid unknown",
    ],
    [
      "a transaction id of more than 24 bits",
      byAddress4(),
      (w) => w.receive(answer4(w.query(), { xid: w.query().xid + 0x1000000 })),
      "xid unknown",
    ],
    ["a query instead of an answer", byAddress4(), (w) => w.receive(w.query().bytes), "wrong message type"],
    ["op 1", byAddress4(), (w) => w.receive(withOctet(answer4(w.query()), 0, 1)), "wrong op"],
    [
      "another giaddr",
      byAddress4(),
      (w) => w.receive(answer4(w.query(), { giaddr: ip4("192.0.2.2") })),
      "giaddr mismatch",
    ],
    [
      "another address",
      byAddress4(),
      (w) => w.receive(answer4(w.query(), { ciaddr: ip4("10.0.0.12") })),
      "ciaddr mismatch",
    ],
    [
      "UNASSIGNED of another address",
      byAddress4(),
      (w) => w.receive(answer4(w.query(), { ...unassigned, ciaddr: ip4("10.0.0.12") })),
      "ciaddr mismatch",
    ],
    ["no address", byMac(), (w) => w.receive(answer4(w.query(), { ciaddr: ip4("0.0.0.0") })), "ciaddr mismatch"],
    ["UNASSIGNED to a query by MAC", byMac(), (w) => w.receive(answer4(w.query(), unassigned)), "wrong message type"],
    [
      "another MAC",
      byMac(),
      (w) => w.receive(answer4(w.query(), { chaddr: Uint8Array.of(2, 0, 0, 0, 0, 0x12) })),
      "answer for another client",
    ],
    [
      "another client-id",
      byClientId4(),
      (w) => w.receive(answer4(w.query(), { clientIdentifier: Uint8Array.of(1, 9) })),
      "answer for another client",
    ],
    [
      "a cut message",
      byAddress4(),
      (w) => w.receive(answer4(w.query()).subarray(0, 100)),
      "malformed message-truncated",
    ],
    ["no cookie", byAddress4(), (w) => w.receive(withOctet(answer4(w.query()), 236, 0)), "malformed cookie-missing"],
    ["nothing at all", byAddress4(), (w) => w.receive(new Uint8Array()), "malformed message-truncated"],
    [
      "a lease time of 3 octets",
      byAddress4(),
      (w) =>
        w.receive(
          answer4(w.query(), { leaseTimeSeconds: undefined, options: [{ code: 51, data: Uint8Array.of(1, 2, 3) }] }),
        ),
      "malformed option-length",
    ],
    [
      "v6: another transaction id",
      byAddress6(),
      (w) => w.receive(answer6(w.query(), { transactionId: w.query().xid ^ 1 })),
      "xid unknown",
    ],
    [
      "v6: a message of a bulk query",
      byAddress6(),
      (w) => w.receive(answer6(w.query(), { messageType: MessageType6["LEASEQUERY-DATA"] })),
      "wrong message type",
    ],
    [
      "v6: another requestor's DUID",
      byAddress6(),
      (w) => w.receive(answer6(w.query(), { clientDuid: duid("00:03:00:01:ff:ff:ff:ff:ff:ff") })),
      "requestor duid mismatch",
    ],
    [
      "v6: no requestor DUID",
      byAddress6(),
      (w) => w.receive(answer6(w.query(), { clientDuid: undefined })),
      "requestor duid mismatch",
    ],
    [
      "v6: no server identifier",
      byAddress6(),
      (w) => w.receive(answer6(w.query(), { serverDuid: undefined })),
      "no server-id",
    ],
    [
      "v6: another address",
      byAddress6(),
      (w) => w.receive(answer6(w.query(), { clientData: data6({ addresses: [lease6("2001:db8:1::112")] }) })),
      "ciaddr mismatch",
    ],
    [
      "v6: another client",
      byDuid(),
      (w) => w.receive(answer6(w.query(), { clientData: data6({ clientDuid: serverDuid }) })),
      "answer for another client",
    ],
    [
      "v6: client data that does not decode",
      byAddress6(),
      (w) =>
        w.receive(
          answer6(w.query(), { clientData: undefined, options: [{ code: 45, data: Uint8Array.of(0, 5, 0, 24, 1) }] }),
        ),
      "malformed option-truncated",
    ],
    [
      "v6: relay data that does not decode",
      byAddress6(),
      (w) =>
        w.receive(
          answer6(w.query(), {
            clientData: data6({ relayData: { peerAddress: ip6("::1"), message: Uint8Array.of(12, 0) } }),
          }),
        ),
      "malformed message-truncated",
    ],
    [
      "v6: a list of links of 15 octets",
      byDuid(),
      (w) =>
        w.receive(answer6(w.query(), { clientData: undefined, options: [{ code: 48, data: new Uint8Array(15) }] })),
      "malformed option-length",
    ],
  ])("%s", (_name, key, arrive, reason) => {
    const world = new World([relay4(), relay6()]);
    world.start(key);
    arrive(world);
    expect(world.drops()).toEqual({ [reason]: 1 });
    expect(world.tables[4].size + world.tables[6].size).toBe(0);
    expect(world.run()).toMatchObject({ state: "running", servers: [{ state: "querying" }] });
    const statistics = relayStatistics(world.state, key.family, {}, world.now);
    expect(statistics.drops[0]?.explanation.length).toBeGreaterThan(20);
    const query = world.query();
    world.receive(key.family === 4 ? answer4(query) : answer6(query), query);
    expect(world.run().state).toBe("confirmed");
  });

  test("it is shown with the run, and at the end the server is `dropped`, not silent", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query(), { giaddr: ip4("192.0.2.2") }));
    expect(world.state.runs.get("run-1")?.exchanges.at(-1)).toMatchObject({
      direction: "received",
      dropReason: "giaddr mismatch",
      dropExplanation: "The answer has giaddr 192.0.2.2; the query had 192.0.2.1.",
    });
    world.pass(300_000);
    expect(world.run().servers[0]).toMatchObject({
      state: "dropped",
      attempts: 3,
      explanation: "No usable answer: The answer has giaddr 192.0.2.2; the query had 192.0.2.1.",
    });
  });
});

/** Answers of the right server that cannot be used: asking again would bring the same. */
describe("a valid answer that cannot be used ends the query", () => {
  test.each<[string, RunKey, Partial<LeaseReply4> | Partial<LeaseReply6>, DropReason, "dropped" | "refused"]>([
    ["v4 no option 82", byAddress4(), { relayAgentInformation: undefined }, "no circuit-id", "dropped"],
    ["v4 no circuit-id", byAddress4(), { relayAgentInformation: option82(null) }, "no circuit-id", "dropped"],
    ["v4 error status", byAddress4(), { status: { code: 4, text: text("no") } }, "error code", "refused"],
    ["v4 terminated", byAddress4(), { status: { code: 2, text: text("bye") } }, "query-terminated", "refused"],
    ["v6 no relay data", byAddress6(), { clientData: data6({ relayData: undefined }) }, "no relay-data", "dropped"],
    [
      "v6 no interface-id",
      byAddress6(),
      { clientData: data6({ relayData: relayData6({ interfaceId: null }) }) },
      "no interface-id",
      "dropped",
    ],
    [
      "v6 hop count",
      byAddress6(),
      { clientData: data6({ relayData: relayData6({ hopCount: 1 }) }) },
      "relay hop count",
      "dropped",
    ],
    ["v6 no CLT_TIME", byAddress6(), { clientData: data6({ cltTimeSeconds: undefined }) }, "no clt-time", "dropped"],
    ["v6 no lease", byAddress6(), { clientData: data6({ addresses: [] }) }, "no lease", "dropped"],
    ["v6 no client", byAddress6(), { clientData: data6({ clientDuid: undefined }) }, "no lease", "dropped"],
    [
      "v6 too many leases",
      byAddress6(),
      { clientData: data6({ addresses: Array.from({ length: 300 }, () => lease6()) }) },
      "too many leases",
      "dropped",
    ],
    [
      "v6 not allowed",
      byAddress6(),
      { clientData: undefined, status: { code: 10, text: text("") } },
      "error code",
      "refused",
    ],
    [
      "v6 terminated",
      byAddress6(),
      { clientData: undefined, status: { code: 11, text: text("") } },
      "query-terminated",
      "refused",
    ],
    [
      "v6 links though one was named",
      byAddress6("2001:db8:1::111", "2001:db8:1::1"),
      { clientData: undefined, clientLinks: [ip6("2001:db8:1::1")] },
      "client-link present",
      "dropped",
    ],
  ])("%s", (_name, key, changes, reason, state) => {
    const world = new World([relay4(strict), relay6(strict)]);
    world.start(key);
    const query = world.query();
    world.receive(
      key.family === 4
        ? answer4(query, changes as Partial<LeaseReply4>)
        : answer6(query, changes as Partial<LeaseReply6>),
    );
    expect(world.drops()).toEqual({ [reason]: 1 });
    expect(world.run()).toMatchObject({ state: "failed", servers: [{ state }] });
    expect(world.tables[4].size + world.tables[6].size).toBe(0);
    expect(world.state.queries.size).toBe(0);
  });

  test("v6 no relay data: placed where the network of one access interface has the address", () => {
    const link = ip6("2001:db8:1::1");
    const placing = (name: string | undefined) =>
      relay6({ ...strict, interfaceOfAddress: () => name, linkAddressOf: (one) => (one === name ? link : undefined) });
    for (const name of ["ge-0/0/1.0", undefined]) {
      const world = new World([placing(name)]);
      world.start(byAddress6());
      world.receive(answer6(world.query(), { clientData: data6({ relayData: undefined }) }));
      expect(world.drops()).toEqual(name === undefined ? { "no relay-data": 1 } : {});
      const placed = world.binding6();
      expect([placed?.interfaceName, placed?.linkAddress]).toEqual(
        name === undefined ? [undefined, undefined] : [name, link],
      );
    }
  });

  test("the status is told with what to do", () => {
    const world = new World([relay6()]);
    world.start(byDuid());
    world.receive(answer6(world.query(), { clientData: undefined, status: { code: 7, text: text("unsupported") } }));
    expect(world.run().servers[0]?.explanation).toBe(
      "The server answered with status UnknownQueryType (7): unsupported. The server does not support this kind of query; ask by address.",
    );
  });

  test("an error without server identifier is taken (dibbler), data without one is not", () => {
    const world = new World([relay6()]);
    world.start(byDuid());
    world.receive(
      answer6(world.query(), { clientData: undefined, serverDuid: undefined, status: { code: 7, text: text("") } }),
    );
    expect(world.run().servers[0]?.state).toBe("refused");
    expect(world.notes).toContain("note: error reply without server-id");
  });

  test("older than the stored binding: the stored one is kept", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    const { sequence } = world.tables[4];
    world.start(byAddress4());
    world.receive(answer4(world.query(), { clientLastTransactionTimeSeconds: 9000, leaseTimeSeconds: 1 }));
    expect(world.tables[4].sequence).toBe(sequence);
    expect(world.drops()).toEqual({ "older than the stored binding": 1 });
    expect(world.run()).toMatchObject({ state: "failed", servers: [{ state: "dropped" }] });
  });
});

describe("late and doubled answers", () => {
  test("after the query was given up: expired", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.pass(100_000);
    expect(world.run().state).toBe("failed");
    world.receive(answer4(world.query()));
    expect(world.drops()).toEqual({ "expired query": 1 });
    expect(world.tables[4].size).toBe(0);
  });

  test("a second answer to an answered query: duplicate", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    world.receive(answer4(world.query(), { leaseTimeSeconds: 9 }));
    expect(world.drops()).toEqual({ "duplicate reply": 1 });
    expect(world.tables[4].sequence).toBe(1);
  });

  test("a late answer from elsewhere is not told from a forged one", () => {
    const world = new World([relay4()]);
    world.start(byAddress4());
    world.receive(answer4(world.query()));
    world.receive(answer4(world.query()), world.query(), { address: "203.0.113.5" });
    expect(world.drops()).toEqual({ "source never asked": 1 });
  });

  test("an answer in the other family or another instance does not match", () => {
    const world = new World([relay4(), relay4({ instance: "a:b" })]);
    world.start(byAddress4(), { logicalSystem: "default" });
    const query = world.query();
    world.receive(answer4(query), { ...query, instance: "a:b" });
    expect(world.drops()).toEqual({ "xid unknown": 1 });
    expect(world.run().state).toBe("running");
  });
});

test("every reason and note has an explanation of its own", () => {
  for (const reason of Object.keys(dropReasons)) expect(explainReason(reason)).toMatch(/^[A-Z].{20,}\.$/s);
  expect(explainReason("malformed option-truncated")).toBe("The message could not be decoded. Code: option-truncated.");
});

describe("hostile octets", () => {
  const mutation = fc.record({
    position: fc.nat(600),
    octet: fc.nat(255),
    cut: fc.nat(600),
    how: fc.constantFrom("change", "cut", "insert", "repeat"),
  });

  test("mutated answers never throw, and the state stays bounded", () => {
    fc.assert(
      fc.property(
        fc.constantFrom<4 | 6>(4, 6),
        fc.array(fc.array(mutation, { maxLength: 6 }), { minLength: 1, maxLength: 30 }),
        fc.boolean(),
        (family, mutants, isStrict) => {
          const limits = {
            exchangesPerRunMax: 20,
            pastQueriesMax: 8,
            repliesWaitingMax: 4,
            linksPerRunMax: 4,
            associatedAddressesPerRunMax: 4,
          };
          const world = new World([relay4(isStrict ? strict : {}), relay6(isStrict ? strict : {})], limits);
          world.start(family === 4 ? byMac() : byDuid());
          for (const mutations of mutants) {
            const query = world.query();
            const answer =
              family === 4
                ? answer4(query, { associatedIps: [ip4("10.0.0.12"), ip4("10.0.0.13")] })
                : answer6(query, { clientData: data6({ prefixes: [prefix6("2001:db8:100::", 48)] }) });
            world.receive(mutations.reduce(mutate, answer), query);
            world.pass(50);
            if (world.run().state !== "running") world.start(family === 4 ? byMac() : byDuid());
          }
          world.pass(600_000);
          expect(world.state.queries.size).toBe(0);
          expect(world.state.pastQueries.size).toBeLessThanOrEqual(8);
          expect(world.state.waiting.length).toBe(0);
          for (const run of world.state.runs.values()) {
            expect(run.state).not.toBe("running");
            expect(run.exchanges.length).toBeLessThanOrEqual(20);
          }
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  test("arbitrary octets never throw", () => {
    const world = new World([relay4(), relay6()]);
    world.start(byAddress4());
    world.start(byAddress6());
    fc.assert(
      fc.property(fc.constantFrom<4 | 6>(4, 6), fc.uint8Array({ maxLength: 700 }), (family, bytes) => {
        const query = world.sent.find((send) => send.family === family);
        if (query !== undefined) world.receive(bytes, query);
      }),
      { numRuns: 2000 },
    );
    expect(world.tables[4].size + world.tables[6].size).toBe(0);
  });
});

function mutate(
  bytes: Uint8Array,
  { position, octet, cut, how }: { position: number; octet: number; cut: number; how: string },
): Uint8Array {
  const at = bytes.length === 0 ? 0 : position % bytes.length;
  switch (how) {
    case "cut":
      return bytes.slice(0, cut % (bytes.length + 1));
    case "insert":
      return Uint8Array.of(...bytes.subarray(0, at), octet, ...bytes.subarray(at));
    case "repeat":
      return Uint8Array.of(...bytes, ...bytes.subarray(at, at + 40));
    default:
      return withOctet(bytes, at, octet);
  }
}

function withOctet(bytes: Uint8Array, at: number, octet: number): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy[at] = octet;
  return copy;
}
