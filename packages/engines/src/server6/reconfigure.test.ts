import { createHmac } from "node:crypto";
import { formatIpv6 } from "@leasewire/net";
import { decodeMessage6, MessageType6, OptionCode6, option6, readOption6, relayChain6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  asRequested,
  client,
  configuration,
  ip,
  LINK,
  message,
  obtain,
  RELAY,
  SERVER_DUID,
  type Way,
  type World6,
  world6,
} from "../../test/server6-world.ts";

const ACCEPTS = [{ code: OptionCode6.RECONF_ACCEPT, data: new Uint8Array(0) }];
const SERVER = configuration({ reconfigure: true });
const reconfigure = (world: World6, ask: "renew" | "rebind" | "information-request" = "renew", duid = client(1)) =>
  world.step({ kind: "reconfigure", request: { instance: "default:default", duid, ask } });

/** Options of RKAP (RFC 9915 §20.4.1). */
function authOf(data: Uint8Array | undefined) {
  const area = decodeMessage6(Uint8Array.from([1, 0, 0, 0, 0, 11, 0, data!.length, ...data!]));
  if (!area.ok || area.value.kind !== "message") throw new Error("not a message");
  const auth = readOption6(area.value, 11);
  if (!auth.ok || auth.value === undefined) throw new Error("no authentication");
  const { protocol, algorithm, replayDetectionMethod, replayDetection, information } = auth.value;
  const replay = replayDetection.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  return { kind: [protocol, algorithm, replayDetectionMethod, information[0]], replay, value: information.slice(1) };
}

function innermost(bytes: Uint8Array) {
  const decoded = decodeMessage6(bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const chain = relayChain6(decoded.value);
  if (!chain.ok || chain.value.message === undefined) throw new Error("no message");
  return { message: chain.value.message, relays: chain.value.relays };
}

describe("Reconfigure Accept and the key (RFC 9915 §18.3.2, §20.4.2, §21.20)", () => {
  test("told to a client that accepts, where the server is configured to", () => {
    const world = world6(SERVER);
    const advertised = world.send(message("SOLICIT", { ias: ["na 1"], options: ACCEPTS }));
    expect(advertised.reply?.has(OptionCode6.RECONF_ACCEPT)).toBe(true);
    expect(advertised.reply?.has(OptionCode6.AUTH)).toBe(false);
    const granted = world.send(message("REQUEST", { ias: ["na 1"], options: ACCEPTS }));
    expect(granted.reply?.has(OptionCode6.RECONF_ACCEPT)).toBe(true);
    const auth = authOf(granted.reply?.option(OptionCode6.AUTH));
    expect(auth.kind).toEqual([3, 1, 0, 1]);
    expect(auth.value).toHaveLength(16);
    const renewed = world.send(message("RENEW", { ias: granted.ias.map(asRequested), options: ACCEPTS }));
    expect(renewed.reply?.has(OptionCode6.AUTH)).toBe(false);
  });

  test.each<[string, ReturnType<typeof configuration>, typeof ACCEPTS, object]>([
    ["the client does not", SERVER, [], {}],
    ["the server does not", configuration(), ACCEPTS, {}],
    ["there is no HMAC", SERVER, ACCEPTS, { hmacMd5: undefined }],
  ])("not told where %s", (_, server, options, parts) => {
    const { reply } = obtain(world6(server, parts), ["na 1"], { options });
    expect(reply?.has(OptionCode6.RECONF_ACCEPT)).toBe(false);
    expect(reply?.has(OptionCode6.AUTH)).toBe(false);
  });

  test("each client has a key of its own, the same after a restart", () => {
    const world = world6(SERVER);
    const keyOf = (number: number) =>
      authOf(obtain(world, ["na 1"], { duid: client(number), options: ACCEPTS }).reply?.option(OptionCode6.AUTH)).value;
    const first = keyOf(1);
    expect(keyOf(2)).not.toEqual(first);
    world.restart();
    expect(keyOf(1)).toEqual(first);
    world.restart({ reconfigureSecret: new Uint8Array(16).fill(8) });
    expect(keyOf(1)).not.toEqual(first);
  });
});

describe("RECONFIGURE (§18.3.11, §20.4.2)", () => {
  const WAY: Way = {
    relays: [
      { link: LINK, options: [option6(OptionCode6.INTERFACE_ID, Uint8Array.of(1, 2))] },
      { link: "::", options: [option6(OptionCode6.RELAY_ID, client(9))] },
    ],
  };

  test("goes back through the relays, signed with the client's key", () => {
    const world = world6(SERVER);
    const key = authOf(obtain(world, ["na 1"], { options: ACCEPTS }, WAY).reply?.option(OptionCode6.AUTH)).value;
    world.restart();
    const output = reconfigure(world, "rebind");
    expect(output.reconfigure).toEqual({ started: true });
    const [send] = output.sends;
    expect(send).toMatchObject({ promises: false, to: { kind: "unicast", address: RELAY, port: 547 } });
    const { message: told, relays } = innermost(send!.bytes);
    expect(relays.map((relay) => [relay.messageType, relay.hopCount, formatIpv6(relay.peerAddress)])).toEqual([
      [13, 1, "2001:db8:eeee::1"],
      [13, 0, "fe80::c"],
    ]);
    expect(relays[1]?.option(OptionCode6.INTERFACE_ID)).toEqual(Uint8Array.of(1, 2));
    expect([told.messageType, told.transactionId]).toEqual([MessageType6.RECONFIGURE, 0]);
    expect([...told.options()].map(({ code }) => code)).toEqual([1, 2, 19, 11]);
    expect(told.option(OptionCode6.CLIENTID)).toEqual(client(1));
    expect(told.option(OptionCode6.SERVERID)).toEqual(SERVER_DUID);
    expect(told.option(OptionCode6.RECONF_MSG)).toEqual(Uint8Array.of(MessageType6.REBIND));
    const auth = authOf(told.option(OptionCode6.AUTH));
    expect(auth.kind).toEqual([3, 1, 0, 2]);
    // As a client checks it: over the message with zeroes in place of the digest (§20.4.3).
    const signed = told.bytes.slice();
    signed.fill(0, signed.length - 16);
    expect(Uint8Array.from(createHmac("md5", key).update(signed).digest())).toEqual(auth.value);
  });

  test("the replay detection value rises, over restarts too (§20.3)", () => {
    const world = world6(SERVER);
    obtain(world, ["na 1"], { options: ACCEPTS });
    const replay = () => authOf(innermost(reconfigure(world).sends[0]!.bytes).message.option(OptionCode6.AUTH)).replay;
    const values = [replay(), replay()];
    world.pass(1);
    world.restart();
    values.push(replay());
    expect(values.every((value, i) => i === 0 || value > values[i - 1]!)).toBe(true);
  });

  test("is repeated after 2, 4, 8, … seconds until the client does what was asked", () => {
    const world = world6(SERVER);
    const granted = obtain(world, ["na 1"], { options: ACCEPTS });
    const seconds: number[] = [];
    const start = world.now;
    reconfigure(world);
    const step = world.step;
    world.step = (input) => {
      const output = step(input);
      if (input.kind === "deadline" && output.sends.length > 0) seconds.push((world.now - start) / 1000);
      return output;
    };
    world.pass(15);
    expect(seconds).toEqual([2, 6, 14]);
    // Another message does not settle it.
    world.send(message("REBIND", { ias: granted.ias.map(asRequested) }));
    expect(world.state.reconfigures.size).toBe(1);
    const renewed = world.send(message("RENEW", { ias: granted.ias.map(asRequested) }));
    expect(renewed.output.notes.map(({ reason }) => reason)).toContain("reconfigure answered");
    expect(world.state.reconfigures.size).toBe(0);
  });

  test("REC_MAX_RC messages, then it is given up", () => {
    const world = world6(SERVER);
    obtain(world, ["na 1"], { options: ACCEPTS });
    let sent = reconfigure(world).sends.length;
    const notes: string[] = [];
    const step = world.step;
    world.step = (input) => {
      const output = step(input);
      sent += output.sends.length;
      notes.push(...output.notes.map(({ reason }) => reason));
      return output;
    };
    world.pass(2000);
    expect(sent).toBe(8);
    expect(notes).toEqual(["offer expired", "reconfigure unanswered"].filter((name) => name !== "offer expired"));
    expect(world.state.reconfigures.size).toBe(0);
  });

  test("a client on our own interface is told at the address it leases", () => {
    const local = {
      instance: "default:default",
      interfaceName: "ge-0/0/0.0",
      address: ip("2001:db8:1::1"),
      length: 64,
    } as const;
    const world = world6(SERVER, {}, [local]);
    const way = { interfaceName: "ge-0/0/0.0" };
    obtain(world, ["na 1 2001:db8:1::1aa"], { options: ACCEPTS }, way);
    expect(reconfigure(world, "information-request").sends[0]?.to).toEqual({
      kind: "link",
      interfaceName: "ge-0/0/0.0",
      address: "2001:db8:1::1aa",
      port: 546,
    });
  });

  test.each<[string, string, (world: World6) => void, object]>([
    ["no server", "server-unknown", (world) => world.state.servers.clear(), {}],
    ["reconfigure is off", "reconfigure-off", (world) => world.configure(configuration()), {}],
    ["no lease", "client-unknown", (world) => world.pass(5000), {}],
    [
      "the client does not accept",
      "client-unwilling",
      (world) => void world.send(message("REQUEST", { ias: ["na 1"] })),
      {},
    ],
    ["too many at a time", "reconfigures-max", () => {}, { limits: { reconfiguresMax: 0 } }],
  ])("refused: %s", (_, refusal, before, parts) => {
    const world = world6(SERVER, parts);
    obtain(world, ["na 1"], { options: ACCEPTS });
    before(world);
    const output = reconfigure(world);
    expect(output.sends).toEqual([]);
    expect(output.reconfigure).toEqual({ refusal, message: expect.stringMatching(/^[a-z].*[a-zA-Z]$/) });
  });
});
