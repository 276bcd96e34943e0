import { decodeMessage4, type Message4, MessageType4, OptionCode4 } from "@leasewire/wire";
import { expect, test } from "vitest";
import { judge4 } from "../../test/judge4.ts";
import { configuration, D, pool, R, utf8, World4 } from "../../test/server4-world.ts";

function decodedOf(bytes: Uint8Array): Message4 {
  const message = decodeMessage4(bytes);
  if (!message.ok) throw new Error(message.error.message);
  return message.value;
}

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
    // SELECTING, INIT-REBOOT, REBINDING through the relay, RENEWING past it.
    { type: R, ...common, requested: "10.1.0.10", server: "192.0.2.1" },
    { type: R, ...common, requested: "10.1.0.10" },
    { type: R, ...common, ciaddr: "10.1.0.10" },
    { type: R, clientId: common.clientId, parameters, ciaddr: "10.1.0.10" },
    { type: R, ...common, requested: "10.9.0.10" },
    { type: R, ...common, requested: "10.1.0.15" },
    { type: R, mac: 3, giaddr, requested: "10.1.0.16" },
    { type: MessageType4.DHCPINFORM, ...common, ciaddr: "10.1.0.50" },
    { type: D, mac: 2, giaddr, options: [{ code: rapidCommit, data: new Uint8Array(0) }] },
    // Option 82 in two pieces.
    {
      type: D,
      mac: 4,
      giaddr,
      relaySubOptions: [
        { code: 1, data: utf8("c".repeat(200)) },
        { code: 2, data: utf8("r".repeat(200)) },
      ],
    },
    // On the client's own link.
    { type: D, mac: 5 },
  ];
  const replies = asked.map((fields) => world.ask(fields).message.bytes);
  const types = ["2", "5", "5", "5", "5", "6", "6", "6", "5", "5", "2", "2"];
  const judged = judge4(replies);
  expect(judged.map(({ type }) => type)).toEqual(types);
  // tshark reads each piece of option 82 by itself, although they are one value (RFC 3396 §7).
  const inPieces = replies.findIndex((bytes) => decodedOf(bytes).relayAgentOption(2)?.length === 200);
  expect(judged.map(({ complaints }) => complaints)).toEqual(
    types.map((_, i) => (i === inPieces ? expect.stringMatching(/^Suboption 2: no room left in option/) : "")),
  );
});
