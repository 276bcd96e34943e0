import {
  checkConfiguration,
  logicalInterfaces,
  parseConfiguration,
  printSet,
  relayConfigurations,
} from "@leasewire/config";
import { describe, expect, test } from "vitest";
import { labPlaces } from "../../test/places.ts";
import { labStatements } from "./configuration.ts";
import type { LabPlaces } from "./places.ts";
import { LAB_GATEWAYS } from "./topology.ts";

function parsed(places: LabPlaces) {
  const { tree, findings } = parseConfiguration(labStatements(places).join("\n"));
  return { tree, findings: [...findings, ...checkConfiguration(tree)] };
}

describe("the lab's configuration", () => {
  test("nothing is wrong with it, and every statement is in effect", () => {
    expect(parsed(labPlaces).findings).toEqual([]);
    expect(parsed({ ...labPlaces, 6: null }).findings).toEqual([]);
  });

  test("relay agents of both families, each with four access interfaces that no other one has", () => {
    const relays = relayConfigurations(parsed(labPlaces).tree);
    expect(
      relays.map(({ instance, family, interfaces }) => `${instance} ${family} ${interfaces.length}`).sort(),
    ).toEqual(["bng-a:default 4 4", "bng-a:default 6 4", "bng-b:default 4 4", "bng-b:default 6 4"]);
    // What a stream tells is told to all relay agents of a node: the name of an interface says whose a lease is.
    const names = LAB_GATEWAYS.flatMap(({ interfaces }) => interfaces.map(({ name }) => name));
    expect(new Set(names).size).toBe(8);
    for (const { leasequery, bulkLeasequery, activeLeasequery } of relays) {
      expect([leasequery, bulkLeasequery, activeLeasequery].includes(undefined)).toBe(false);
    }
  });

  test("without IPv6 there is nothing of it", () => {
    const { tree } = parsed({ ...labPlaces, 6: null });
    expect(printSet(tree)).not.toMatch(/inet6|dhcpv6|2001:/);
    for (const { datagramLink4, datagramLink6 } of logicalInterfaces(tree)) {
      expect([datagramLink4?.remotePort, datagramLink6]).toEqual([labPlaces[4].clientsPort, undefined]);
    }
  });
});
