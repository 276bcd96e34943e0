import { describe, expect, test } from "vitest";
import { paths, safeNext } from "./paths.ts";

test("every path of the site", () => {
  expect({
    overview: paths.overview(),
    bindings: paths.bindings(),
    bindingsFiltered: paths.bindings({ family: 6, states: ["ACTIVE", "EXPIRED"], q: "a b&c" }),
    binding: paths.bindings({ family: 4, id: "4/default:default/192.0.2.7/32" }),
    leasequery: paths.leasequery({ family: 4, kind: "address", key: "192.0.2.7", gateway: "198.51.100.1" }),
    leasequeryEmptyParts: paths.leasequery({ family: 6, key: "", link: undefined }),
    run: paths.leasequery({ run: "r1" }),
    recovery: paths.recovery(),
    bulkRun: paths.recovery({ run: "r1", against: "r0" }),
    bulkForm: paths.recovery({ view: "query", family: 6, kind: "relay-id", key: "", from: "30m", incremental: false }),
    incremental: paths.recovery({ view: "query", incremental: true }),
    lookup: paths.lookup(),
    bindingsOfPool: paths.bindings({ family: 4, role: "server", instance: "a:b", prefix: "192.0.2.0/24" }),
    importBindings: paths.importBindings(),
    import: paths.importBindings({ id: "i1" }),
    pools: paths.pools(),
    pool: paths.pools({ id: "4/default:default/homes" }),
    connections: paths.connections({ family: 6 }),
    serverStatistics: paths.statistics({ family: 6, of: "server" }),
    signIn: paths.signIn("/bindings?q=1"),
    signInPlain: paths.signIn("/"),
  }).toEqual({
    overview: "/",
    bindings: "/bindings",
    bindingsFiltered: "/bindings?family=6&states=ACTIVE,EXPIRED&q=a%20b%26c",
    binding: "/bindings?family=4&id=4/default:default/192.0.2.7/32",
    leasequery: "/leasequery?family=4&kind=address&key=192.0.2.7&gateway=198.51.100.1",
    leasequeryEmptyParts: "/leasequery?family=6",
    run: "/leasequery?run=r1",
    recovery: "/recovery",
    bulkRun: "/recovery?run=r1&against=r0",
    bulkForm: "/recovery?view=query&family=6&kind=relay-id&from=30m",
    incremental: "/recovery?view=query&incremental=true",
    lookup: "/lookup",
    bindingsOfPool: "/bindings?family=4&role=server&instance=a:b&prefix=192.0.2.0/24",
    importBindings: "/bindings/import",
    import: "/bindings/import?id=i1",
    pools: "/pools",
    pool: "/pools?id=4/default:default/homes",
    connections: "/connections?family=6",
    serverStatistics: "/statistics?family=6&of=server",
    signIn: "/sign-in?next=/bindings%3Fq%3D1",
    signInPlain: "/sign-in",
  });
});

describe("after signing in, only pages of this site are opened", () => {
  test.each([
    ["/bindings?q=1", "/bindings?q=1"],
    [null, "/"],
    ["", "/"],
    ["https://example.net/", "/"],
    ["//example.net", "/"],
    ["/\\example.net", "/"],
    ["/\t/example.net", "/"],
    ["javascript:alert(1)", "/"],
    ["/sign-in?next=/sign-in", "/"],
  ])("%s leads to %s", (next, target) => expect(safeNext(next)).toBe(target));
});
