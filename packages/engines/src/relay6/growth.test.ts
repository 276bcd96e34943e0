import { type BindingInput, BindingState, BindingTable } from "@leasewire/bindings";
import { encodeRelayMessage6, MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import { expect, test } from "vitest";
import { accessInterface, INSTANCE, relay, relayWorld6 } from "../../test/relay6-world.ts";
import { client, ip, message, SERVER_DUID, START } from "../../test/server6-world.ts";

const BOUND = 50_000;

function address(number: number): Uint8Array {
  const octets = ip("2001:db8:1::");
  new DataView(octets.buffer).setUint32(12, number);
  return octets;
}

/** Look-ups in the table that an exchange of a new client takes, where so many bindings are on the interface. */
function lookups(bound: number): number {
  const table = new BindingTable(6);
  for (let i = 0; i < bound; i += 1) {
    const binding: BindingInput = {
      instance: INSTANCE,
      address: address(i + 1),
      prefixLength: 128,
      kind: "address",
      state: BindingState.ACTIVE,
      hardwareType: 1,
      clientId: client(i + 1000),
      iaid: 1,
      startTimeOfStateSeconds: START / 1000,
      clientLastTransactionTimeSeconds: START / 1000,
      expiresAtSeconds: START / 1000 + 3600,
      dataSource: 0,
      origin: "bulk",
      interfaceName: "ge-0/0/1.100",
    };
    table.put(binding, "bulk", START / 1000);
  }
  const limited = accessInterface("ge-0/0/1.100", {
    overrides: { interfaceClientLimit: 100_000, noBindOnRequest: true },
  });
  const world = relayWorld6([relay({ accessInterfaces: [limited] })], undefined, { table });
  world.pass(1);
  expect(world.state.relays.get(INSTANCE)!.access.get("ge-0/0/1.100")!.bound).toBe(bound);
  let count = 0;
  const { byPrefix, byClientId, at, stateOf } = table;
  table.byPrefix = (...args) => {
    count += 1;
    return byPrefix.apply(table, args);
  };
  table.byClientId = (...args) => {
    count += 1;
    return byClientId.apply(table, args);
  };
  table.at = (...args) => {
    count += 1;
    return at.apply(table, args);
  };
  table.stateOf = (...args) => {
    count += 1;
    return stateOf.apply(table, args);
  };
  for (let i = 0; i < 20; i += 1) {
    world.fromClient(message("SOLICIT", { ias: ["na 1"], duid: client(i), xid: 1 }));
    world.fromClient(message("REQUEST", { ias: ["na 1"], duid: client(i), xid: 2 }));
    const lifetimes = { preferredLifetimeSeconds: 100, validLifetimeSeconds: 200, options: [] };
    const options = [option6(OptionCode6.IAADDR, { address: address(BOUND * 2 + i) as never, ...lifetimes })];
    const ia = option6(OptionCode6.IA_NA, { iaid: 1, t1Seconds: 0, t2Seconds: 0, options });
    const reply = message("REPLY", { duid: client(i), server: SERVER_DUID, xid: 2, options: [ia] });
    const { output } = world.fromServer(
      encodeRelayMessage6({
        messageType: MessageType6["RELAY-REPL"],
        hopCount: 0,
        linkAddress: ip("2001:db8:1::1"),
        peerAddress: ip("fe80::c"),
        options: [{ code: OptionCode6.RELAY_MSG, data: reply }],
      }),
    );
    expect(output.changes).toHaveLength(1);
  }
  return count / 20;
}

test("an exchange costs as many look-ups with many bindings as with none", () => {
  const empty = lookups(0);
  expect(lookups(BOUND)).toBe(empty);
  expect(empty).toBeLessThan(5);
}, 60_000);
