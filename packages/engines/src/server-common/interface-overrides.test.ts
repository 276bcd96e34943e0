import { MessageType4, OptionCode4 } from "@leasewire/wire";
import { expect, test } from "vitest";
import { configuration as configuration4, World4 } from "../../test/server4-world.ts";
import { clientLimitAt, countsClients, rapidCommitAt } from "./interface-overrides.ts";

const own = new Map([["ge-0/0/1.0", { rapidCommit: true, clientLimit: 1 }]]);

test("the group of the interface decides, and nothing else changes", () => {
  const server = configuration4({ interfaceOverrides: own, clientLimitOfGroups: true });
  expect(rapidCommitAt(server, "ge-0/0/1.0")).toBe(true);
  expect(rapidCommitAt(server, "ge-0/0/2.0")).toBe(false);
  expect(rapidCommitAt(server, undefined)).toBe(false);
  expect(clientLimitAt(server, "ge-0/0/1.0")).toBe(1);
  expect(clientLimitAt(server, "ge-0/0/2.0")).toBeUndefined();
  expect(countsClients(server)).toBe(true);
  expect(countsClients(configuration4({}))).toBe(false);
});

test("DHCPv4: one lease at the first packet, and no second client, on that interface alone", () => {
  const world = new World4(configuration4({ interfaceOverrides: own, clientLimitOfGroups: true }));
  const D = MessageType4.DHCPDISCOVER;
  const options = [{ code: OptionCode4.rapidCommit, data: new Uint8Array(0) }];
  expect(world.ask({ type: D, mac: 1, flags: 0x8000, options }).type).toBe("DHCPACK");
  expect(world.silence({ type: D, mac: 2, flags: 0x8000 })).toBe("client limit");
});
