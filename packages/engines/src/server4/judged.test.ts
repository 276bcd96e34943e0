import { MessageType4, OptionCode4 } from "@leasewire/wire";
import { expect, test } from "vitest";
import { judge4 } from "../../test/judge4.ts";
import { configuration, D, pool, R, utf8, World4 } from "../../test/server4-world.ts";

test("tshark reads every kind of reply without a complaint", () => {
  const giaddr = "10.1.0.1";
  const options = [
    { code: 3, data: Uint8Array.of(10, 1, 0, 1) },
    { code: 6, data: Uint8Array.of(192, 0, 2, 53, 192, 0, 2, 54) },
    { code: 15, data: utf8("example.net") },
    { code: 42, data: Uint8Array.of(192, 0, 2, 123) },
    { code: 43, data: new Uint8Array(300).map((_, i) => [1, 58, ...new Array(58).fill(65)][i % 60]!) },
  ];
  const world = new World4(configuration({ rapidCommit: true, authoritative: true, pools: [pool({ options })] }));
  const parameters = [1, 3, 6, 15, 42, 43];
  const common = {
    giaddr,
    parameters,
    clientId: utf8("client"),
    circuitId: "ge-0/0/1:7",
    remoteId: "cpe",
    options: [{ code: OptionCode4.maximumMessageSize, data: Uint8Array.of(5, 220) }],
  };
  const { rapidCommit } = OptionCode4;
  const asked = [
    { type: D, ...common },
    { type: R, ...common, requested: "10.1.0.10", server: "192.0.2.1" },
    { type: R, ...common, requested: "10.9.0.10" },
    { type: R, ...common, ciaddr: "10.1.0.10" },
    { type: MessageType4.DHCPINFORM, ...common, ciaddr: "10.1.0.50" },
    { type: D, mac: 2, giaddr, options: [{ code: rapidCommit, data: new Uint8Array(0) }] },
  ];
  const replies = asked.map((fields) => world.ask(fields).message.bytes);
  expect(judge4(replies)).toEqual(["2", "5", "6", "5", "5", "5"].map((type) => ({ type, complaints: "" })));
});
