import { BindingState, type BindingTable } from "@leasewire/bindings";
import { formatIpv6 } from "@leasewire/net";
import { describe, expect, test } from "vitest";
import { chainOf, INSTANCE, relay, relayWorld6 } from "../../test/relay6-world.ts";
import { asRequested, client, configuration, heard, message, START, world6 } from "../../test/server6-world.ts";
import { seededRandom } from "../random.ts";
import { relayBindingStates6 } from "./index.ts";

/** Who holds what until when. */
function active(table: BindingTable): Map<string, string> {
  const found = new Map<string, string>();
  for (let row = 1; row <= table.rowLast; row += 1) {
    const binding = table.at(row);
    if (binding?.state !== BindingState.ACTIVE) continue;
    const { address, prefixLength, clientId, expiresAtSeconds, iaid } = binding;
    found.set(`${formatIpv6(address)}/${prefixLength}`, `${clientId} ${iaid} until ${expiresAtSeconds}`);
  }
  return found;
}

/**
 * Clients come, renew and go by way of the relay agent to a server of ours. Packets of clients are lost, doubled and held back; those of
 * the server may be doubled and held back. The relay agent may start anew, empty.
 */
function run(seed: number): void {
  const random = seededRandom(seed);
  const chance = (percent: number) => random.uint32() % 100 < percent;
  const own = "2001:db8:ffff::1";
  const configured = relay({ listenAddress: own, accessRoutes: true });
  let world = relayWorld6([configured]);
  const server = world6(configuration());
  /** What each client holds, as it asks for it. */
  const held = new Map<number, string[]>();
  const asked = new Map<number, number>();
  const heldBack: (() => void)[] = [];
  let xid = 0;

  const toClient = (number: number, bytes: Uint8Array) => {
    const { message: told } = chainOf(bytes);
    if (told.messageType !== 7 || told.transactionId !== asked.get(number)) return;
    asked.delete(number);
    const ias = heard({ changes: [], probes: [], notes: [], sends: [{ bytes } as never] }).ias;
    const leased = ias.filter((text) => /\([1-9]/.test(text)).map(asRequested);
    if (leased.length > 0) held.set(number, leased);
  };
  const fromServer = (number: number, bytes: Uint8Array) => {
    const arrive = () => {
      const { sends } = world.fromServer(bytes);
      if (sends.length > 0) toClient(number, bytes);
    };
    if (chance(20)) heldBack.push(arrive);
    else arrive();
    if (chance(10)) heldBack.push(arrive);
  };
  const toServer = (number: number, bytes: Uint8Array) => {
    const arrival = { instance: INSTANCE, sourceAddress: own, sourcePort: 547, unicast: true };
    for (const send of server.step({ kind: "datagram", arrival, bytes }).sends) fromServer(number, send.bytes);
  };
  const say = (
    number: number,
    name: "SOLICIT" | "REQUEST" | "RENEW" | "REBIND" | "RELEASE",
    ias: string[],
    sure = false,
  ) => {
    xid += 1;
    asked.set(number, xid);
    const bytes = message(name, { ias, duid: client(number), xid });
    const { sends } = world.fromClient(bytes, { source: `fe80::${number.toString(16)}` });
    for (const send of sends) {
      const fate = sure ? 100 : random.uint32() % 100;
      if (fate < 10) continue;
      if (fate < 20) heldBack.push(() => toServer(number, send.bytes));
      else toServer(number, send.bytes);
    }
  };
  const deliver = () => {
    for (const late of heldBack.splice(0)) late();
  };

  for (let turn = 0; turn < 150; turn += 1) {
    const number = 1 + (random.uint32() % 12);
    const ias = held.get(number);
    if (ias === undefined || chance(10)) say(number, "REQUEST", ["na 1", "pd 2"]);
    else if (chance(20)) {
      say(number, "RELEASE", ias);
      held.delete(number);
    } else say(number, chance(60) ? "RENEW" : "REBIND", ias);
    if (chance(40)) deliver();
    const seconds = 1 + (random.uint32() % 20);
    world.pass(seconds);
    server.pass(seconds);
    if (chance(1)) {
      // Empty, as after the loss of its disk; clients tell it again.
      const { now } = world;
      world = relayWorld6([configured]);
      world.now = now;
    }
    // A lease is never thought to be longer, or another's, than the server gave it.
    const given = active(server.table);
    for (const [key, mine] of active(world.table)) {
      const theirs = given.get(key);
      if (theirs === undefined) continue;
      const [who, until] = mine.split(" until ");
      const [whose, end] = theirs.split(" until ");
      if (who === whose) expect(Number(until)).toBeLessThanOrEqual(Number(end) + 31);
    }
  }
  // Now everything arrives, and every client renews what it holds once.
  deliver();
  while (heldBack.length > 0) deliver();
  world.pass(60);
  server.pass(60);
  for (const number of held.keys()) {
    say(number, "REQUEST", ["na 1", "pd 2"], true);
    while (heldBack.length > 0) deliver();
  }
  world.pass(1);
  server.pass(1);
  const mine = active(world.table);
  const theirs = active(server.table);
  for (const number of held.keys()) {
    const of = (map: Map<string, string>) =>
      [...map].filter(([, text]) => text.startsWith(`${client(number)} `)).sort();
    expect(of(mine)).toEqual(of(theirs));
    expect(of(mine).length).toBe(2);
  }
  // What is counted is what is there.
  expect(relayBindingStates6(world.state, {})).toMatchObject({ BOUND: mine.size, INIT: 0, REQUESTING: 0 });
  expect([...world.state.routes.values()]).toHaveLength([...mine.keys()].filter((key) => !key.endsWith("/128")).length);
  world.pass(20_000);
  expect(world.state.routes.size).toBe(0);
  expect(world.now).toBeGreaterThan(START);
}

describe("loss, repetition, reordering, a relay agent that lost its state", () => {
  test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    "seed %i: the relay agent comes to know what the server gave",
    (seed) => {
      run(seed);
    },
    60_000,
  );
});
