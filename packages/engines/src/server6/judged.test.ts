import { MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import { expect, test } from "vitest";
import { judge6 } from "../../test/judge6.ts";
import {
  asRequested,
  client,
  configuration,
  LINK,
  message,
  NA,
  obtain,
  PD,
  type Way,
  world6,
} from "../../test/server6-world.ts";

test("tshark reads every kind of answer without a complaint", () => {
  const seconds = (value: number) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  const options = [
    { code: OptionCode6.DNS_SERVERS, data: new Uint8Array(32).fill(0x20) },
    { code: OptionCode6.DOMAIN_LIST, data: Uint8Array.of(7, 101, 120, 97, 109, 112, 108, 101, 3, 110, 101, 116, 0) },
    { code: OptionCode6.SOL_MAX_RT, data: seconds(7200) },
    { code: OptionCode6.INF_MAX_RT, data: seconds(7200) },
  ];
  const world = world6(
    configuration({ rapidCommit: true, reconfigure: true, preference: 255, pools: [{ ...NA, options }, PD] }),
  );
  const deep: Way = {
    relays: [
      {
        link: LINK,
        options: [
          option6(OptionCode6.INTERFACE_ID, Uint8Array.of(1, 2)),
          option6(OptionCode6.REMOTE_ID, { enterprise: 2636, remoteId: Uint8Array.of(1, 2) }),
          option6(OptionCode6.ERO, [OptionCode6.REMOTE_ID]),
        ],
      },
      { link: "::", options: [option6(OptionCode6.RELAY_ID, client(9)), option6(OptionCode6.RELAY_PORT, 0)] },
      { link: "::" },
    ],
  };
  const accepts = [{ code: OptionCode6.RECONF_ACCEPT, data: new Uint8Array(0) }];
  const rapid = [{ code: OptionCode6.RAPID_COMMIT, data: new Uint8Array(0) }];
  const oro = [OptionCode6.DNS_SERVERS, OptionCode6.DOMAIN_LIST, OptionCode6.SOL_MAX_RT, OptionCode6.INF_MAX_RT];
  const all = ["na 1", "pd 1", "ta 1"];
  const replies: Uint8Array[] = [];
  const types: string[] = [];
  const say = (name: Parameters<typeof message>[0], asked: Parameters<typeof message>[1], way?: Way) => {
    const heard = world.send(message(name, asked), way);
    replies.push(heard.output.sends[0]!.bytes);
    types.push(String(MessageType6[heard.said as "REPLY"]));
    return heard;
  };

  say("SOLICIT", { ias: all, oro, options: accepts }, deep);
  const granted = say("REQUEST", { ias: all, oro, options: accepts }, deep);
  const held = granted.ias.map(asRequested);
  say("CONFIRM", { ias: [held[0]!] });
  say("CONFIRM", { ias: ["na 1 2001:db8:9::1"] });
  say("RENEW", { ias: [...held, "na 7 2001:db8:9::1"], oro });
  say("REBIND", { ias: held }, deep);
  say("REQUEST", { ias: ["na 8 2001:db8:9::1"] });
  say("INFORMATION-REQUEST", { oro: [...oro, OptionCode6.INFORMATION_REFRESH_TIME], duid: undefined });
  say("DECLINE", { ias: [held[0]!, "na 9 2001:db8:1::77"] });
  say("RELEASE", { ias: [held[1]!, "pd 9 2001:db8:a000:7700::/56"] }, deep);
  say("SOLICIT", { duid: client(2), ias: ["na 1"], options: rapid });
  // Nothing left.
  world.configure(configuration({ reconfigure: true, pools: [{ ...NA, ranges: [] }] }));
  say("SOLICIT", { duid: client(3), ias: ["na 1", "pd 1"] });
  // To a client behind relays, and to one on an interface of ours.
  for (const way of [deep, { interfaceName: "ge-0/0/0.0" }]) {
    const other = world6(configuration({ reconfigure: true }), {}, [
      { instance: "default:default", interfaceName: "ge-0/0/0.0", address: NA.ranges[0]!.low, length: 64 },
    ]);
    obtain(other, ["na 1"], { options: accepts }, way);
    const request = { instance: "default:default", duid: client(1), ask: "renew" } as const;
    replies.push(other.step({ kind: "reconfigure", request }).sends[0]!.bytes);
    types.push(String(MessageType6.RECONFIGURE));
  }

  expect(judge6(replies)).toEqual(types.map((type) => ({ type, complaints: "" })));
  expect(new Set(types)).toEqual(new Set(["2", "7", "10"]));
});
