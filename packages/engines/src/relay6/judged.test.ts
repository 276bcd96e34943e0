import { expect, test } from "vitest";
import { judge6 } from "../../test/judge6.ts";
import { accessInterface, REMOTE, relay, relayInterface, relayWorld6 } from "../../test/relay6-world.ts";
import { message, wrapped } from "../../test/server6-world.ts";

test("tshark reads what is sent to servers without a complaint, and the client's message within", () => {
  const full = accessInterface("ge-0/0/1.100", { relayAgentRemoteId: REMOTE, relayAgentSubscriberId: "subscriber 7" });
  const sent: Uint8Array[] = [];
  const types: string[] = [];
  for (const forwardingPort of [547, 10_547]) {
    const world = relayWorld6([relay({ forwardingPort, accessInterfaces: [full] })], [relayInterface()]);
    for (const name of ["SOLICIT", "REQUEST", "CONFIRM", "RENEW", "REBIND", "RELEASE", "DECLINE"] as const) {
      const bytes = message(name, { ias: ["na 1 2001:db8:1::5", "pd 2 2001:db8:a000::/56"], xid: 3 });
      const hardwareAddress = Uint8Array.of(2, 0, 0, 0, 0, 9);
      sent.push(world.fromClient(bytes, { hardwareAddress }).sends[0]!.bytes);
      const layered = wrapped(bytes, { relays: [{ link: "2001:db8:7::1" }] });
      sent.push(world.fromClient(layered, { source: "fe80::9", port: 1000 }).sends[0]!.bytes);
      types.push(String(bytes[0]), String(bytes[0]));
    }
  }
  expect(judge6(sent)).toEqual(types.map((type) => ({ type, complaints: "" })));
}, 60_000);
