import { MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import { describe, expect, test } from "vitest";
import {
  client,
  configuration,
  LINK,
  type MessageName,
  message,
  SERVER_DUID,
  type Way,
  world6,
  wrapped,
} from "../../test/server6-world.ts";
import { serverStatistics6 } from "./statistics.ts";

const OTHER_SERVER = Uint8Array.from([0, 3, 0, 1, 9, 9, 9]);

describe("validation (RFC 9915 §16)", () => {
  // What arrives, and what is said to it.
  test.each<[string, Uint8Array, string]>([
    ["§16.2 SOLICIT without CLIENTID", message("SOLICIT", { duid: undefined, ias: ["na 1"] }), "drop: no client-id"],
    [
      "§16.2 SOLICIT with SERVERID",
      message("SOLICIT", { server: SERVER_DUID, ias: ["na 1"] }),
      "drop: server-id present",
    ],
    ["§16.3 ADVERTISE", message("ADVERTISE", { server: SERVER_DUID }), "drop: wrong message type"],
    ["§16.4 REQUEST without SERVERID", message("REQUEST", { server: undefined, ias: ["na 1"] }), "drop: no server-id"],
    ["§16.4 REQUEST to another server", message("REQUEST", { server: OTHER_SERVER }), "drop: other server chosen"],
    ["§16.4 REQUEST without CLIENTID", message("REQUEST", { duid: undefined }), "drop: no client-id"],
    ["§16.5 CONFIRM without CLIENTID", message("CONFIRM", { duid: undefined }), "drop: no client-id"],
    ["§16.5 CONFIRM with SERVERID", message("CONFIRM", { server: SERVER_DUID }), "drop: server-id present"],
    ["§16.6 RENEW without SERVERID", message("RENEW", { server: undefined }), "drop: no server-id"],
    ["§16.6 RENEW to another server", message("RENEW", { server: OTHER_SERVER }), "drop: other server chosen"],
    ["§16.6 RENEW without CLIENTID", message("RENEW", { duid: undefined }), "drop: no client-id"],
    ["§16.7 REBIND with SERVERID", message("REBIND", { server: SERVER_DUID }), "drop: server-id present"],
    ["§16.7 REBIND without CLIENTID", message("REBIND", { duid: undefined }), "drop: no client-id"],
    ["§16.8 DECLINE without SERVERID", message("DECLINE", { server: undefined }), "drop: no server-id"],
    ["§16.8 DECLINE to another server", message("DECLINE", { server: OTHER_SERVER }), "drop: other server chosen"],
    ["§16.8 DECLINE without CLIENTID", message("DECLINE", { duid: undefined }), "drop: no client-id"],
    ["§16.9 RELEASE without SERVERID", message("RELEASE", { server: undefined }), "drop: no server-id"],
    ["§16.9 RELEASE to another server", message("RELEASE", { server: OTHER_SERVER }), "drop: other server chosen"],
    ["§16.9 RELEASE without CLIENTID", message("RELEASE", { duid: undefined }), "drop: no client-id"],
    ["§16.10 REPLY", message("REPLY", { server: SERVER_DUID }), "drop: wrong message type"],
    ["§16.11 RECONFIGURE", message("RECONFIGURE", { server: SERVER_DUID }), "drop: wrong message type"],
    [
      "§16.12 INFORMATION-REQUEST to another server",
      message("INFORMATION-REQUEST", { server: OTHER_SERVER }),
      "drop: other server chosen",
    ],
    [
      "§16.12 INFORMATION-REQUEST with an IA",
      message("INFORMATION-REQUEST", { ias: ["na 1"] }),
      "drop: ia in information-request",
    ],
    ["§16 unknown message type", Uint8Array.from([200, 0, 0, 1]), "drop: wrong message type"],
    ["leasequery is not ours", message("LEASEQUERY" as MessageName), "drop: wrong message type"],
    ["§11.1 DUID too short", message("SOLICIT", { duid: Uint8Array.of(0, 3) }), "drop: client-id length"],
    ["§11.1 DUID too long", message("SOLICIT", { duid: new Uint8Array(131) }), "drop: client-id length"],
    [
      "§21.4 IA cut short",
      message("SOLICIT", { options: [{ code: OptionCode6.IA_NA, data: new Uint8Array(11) }] }),
      "drop: malformed ia",
    ],
    [
      "§21.6 IAADDR cut short",
      message("SOLICIT", {
        options: [
          {
            code: OptionCode6.IA_NA,
            data: Uint8Array.from([...new Uint8Array(12), 0, 5, 0, 23, ...new Uint8Array(23)]),
          },
        ],
      }),
      "drop: malformed ia",
    ],
    [
      "§21.22 prefix length beyond 128",
      message("SOLICIT", {
        options: [
          {
            code: OptionCode6.IA_PD,
            data: Uint8Array.from([
              ...new Uint8Array(12),
              0,
              26,
              0,
              25,
              ...new Uint8Array(8),
              129,
              32,
              ...new Uint8Array(15),
            ]),
          },
        ],
      }),
      "drop: malformed ia",
    ],
    ["§21.4 an IAID twice", message("SOLICIT", { ias: ["na 1", "na 1"] }), "drop: too many ias"],
    [
      "iasPerMessageMax",
      message("SOLICIT", { ias: Array.from({ length: 65 }, (_, i) => `na ${i}`) }),
      "drop: too many ias",
    ],
    [
      "§16 an unknown option is ignored",
      message("SOLICIT", { ias: ["na 1"], options: [{ code: 999, data: new Uint8Array(3) }] }),
      "ADVERTISE",
    ],
    [
      "§21.12 the Server Unicast option is ignored",
      message("SOLICIT", { ias: ["na 1"], options: [option6(12, SERVER_ADDRESS())] }),
      "ADVERTISE",
    ],
  ])("%s", (_, bytes, said) => {
    expect(world6().send(bytes).said).toBe(said);
  });

  test("§16.14 RELAY-REPL is discarded", () => {
    const world = world6();
    const bytes = wrapped(message("SOLICIT", { ias: ["na 1"] }), { relays: [{ link: LINK }] });
    bytes[0] = MessageType6["RELAY-REPL"];
    const output = world.step({
      kind: "datagram",
      arrival: { instance: "default:default", sourceAddress: "::1", sourcePort: 547 },
      bytes,
    });
    expect(output.notes).toEqual([expect.objectContaining({ kind: "drop", reason: "wrong message type" })]);
  });

  test("§9.1 a RELAY-FORW without message, octets that are no message, and an instance without server", () => {
    const world = world6();
    const arrival = { instance: "default:default", sourceAddress: "2001:db8:ffff::1", sourcePort: 547 } as const;
    const reasons = (bytes: Uint8Array, instance = arrival.instance as `${string}:${string}`) =>
      world.step({ kind: "datagram", arrival: { ...arrival, instance }, bytes }).notes.map(({ reason }) => reason);
    expect(reasons(Uint8Array.from([12, 0, ...new Uint8Array(32)]))).toEqual(["relay message empty"]);
    expect(reasons(Uint8Array.from([1, 0, 0]))).toEqual(["malformed message-truncated"]);
    expect(reasons(Uint8Array.from([1, 0, 0, 1, 0, 1, 0, 9]))).toEqual(["malformed option-truncated"]);
    expect(reasons(message("SOLICIT"), "blue:default")).toEqual(["no server"]);
    expect(reasons(new Uint8Array(20_000))).toEqual(["message too long"]);
  });

  test("drops are counted by reason, messages by type", () => {
    const world = world6();
    world.send(message("SOLICIT", { duid: undefined }));
    world.send(message("SOLICIT", { ias: ["na 1"] }));
    const view = serverStatistics6(world.state, {}, world.now);
    expect(view.drops).toEqual([{ name: "no client-id", value: 1, explanation: expect.stringContaining("RFC 9915") }]);
    expect(view.received).toEqual([expect.objectContaining({ name: "SOLICIT", value: 2 })]);
    expect(view.sent).toEqual([expect.objectContaining({ name: "ADVERTISE", value: 1 })]);
  });
});

describe("the link of the client (RFC 9915 §13.1)", () => {
  const none: Way = { relays: [{ link: "2001:db8:77::1" }] };

  test.each<[string, Way, string]>([
    ["link-address of the relay", { relays: [{ link: LINK }] }, "ADVERTISE"],
    ["a link without pools", none, "drop: no pool"],
    [":: is ignored, the next relay tells (RFC 6221)", { relays: [{ link: "::" }, { link: LINK }] }, "ADVERTISE"],
    ["a link-local link-address names no link", { relays: [{ link: "fe80::1" }, { link: LINK }] }, "ADVERTISE"],
    ["the relay nearest to the client counts", { relays: [{ link: LINK }, { link: "2001:db8:77::1" }] }, "ADVERTISE"],
    ["no relay tells", { relays: [{ link: "::" }] }, "drop: no pool"],
    ["the interface", { interfaceName: "ge-0/0/0.0" }, "ADVERTISE"],
    ["an interface without pools", { interfaceName: "ge-0/0/1.0" }, "drop: no pool"],
    ["an unknown interface", { interfaceName: "ge-0/0/2.0" }, "drop: no pool"],
    ["§16 unicast from a client", { interfaceName: "ge-0/0/0.0", unicast: true }, "drop: unicast from a client"],
  ])("%s", (_, way, said) => {
    const local = (interfaceName: string, text: string) => ({
      instance: "default:default" as const,
      interfaceName,
      address: Uint8Array.from([0x20, 1, 0xd, 0xb8, 0, Number(text), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
      length: 64,
    });
    const world = world6(configuration(), {}, [local("ge-0/0/0.0", "1"), local("ge-0/0/1.0", "119")]);
    expect(world.send(message("SOLICIT", { ias: ["na 1"] }), way).said).toBe(said);
  });
});

describe("relays", () => {
  test("a hop-count of HOP_COUNT_LIMIT arrives, a higher one does not (§7.6, §19.1.2)", () => {
    const layers = Array.from({ length: 9 }, (_, i) => ({ link: i === 0 ? LINK : "::", hopCount: i }));
    expect(world6().send(message("SOLICIT", { ias: ["na 1"] }), { relays: layers }).said).toBe("ADVERTISE");
    const more = [...layers, { link: "::", hopCount: 9 }];
    expect(world6().send(message("SOLICIT", { ias: ["na 1"] }), { relays: more }).said).toBe("drop: hop count");
  });

  test("granting paused: silence where a lease would be promised, answers where not", () => {
    const world = world6();
    world.step({ kind: "granting", allowed: false });
    const paused = (["SOLICIT", "REQUEST", "RENEW", "REBIND", "RELEASE", "DECLINE"] as const).map(
      (name) => world.send(message(name, { ias: ["na 1 2001:db8:1::100"] })).said,
    );
    expect(new Set(paused)).toEqual(new Set(["drop: granting paused"]));
    expect(world.send(message("CONFIRM", { ias: ["na 1 2001:db8:1::100"] })).said).toBe("REPLY");
    expect(world.send(message("INFORMATION-REQUEST")).said).toBe("REPLY");
    world.step({ kind: "granting", allowed: true });
    expect(world.send(message("SOLICIT", { duid: client(2), ias: ["na 1"] })).said).toBe("ADVERTISE");
  });
});

function SERVER_ADDRESS() {
  return Uint8Array.from([0x20, 1, 0xd, 0xb8, ...new Uint8Array(12)]) as never;
}
