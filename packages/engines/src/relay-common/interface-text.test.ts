import type { InterfaceText } from "@leasewire/config";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { plainRemote, plainText, utf8 } from "../../test/relay4-world.ts";
import { InterfaceIndex, interfaceText, remoteIdText, textOctets } from "./interface-text.ts";
import type { RelayInterface } from "./messages.ts";

const vlan: RelayInterface = {
  instance: "ls1:retail",
  name: "ge-4/1/1.500",
  addresses: [],
  vlan: { outer: 122, inner: 500 },
  description: "customers north",
  deviceDescription: "DSLAM 7",
};
const irb: RelayInterface = { instance: "default:default", name: "irb.0", addresses: [], l2Interface: "ge-0/0/1.0" };

// The forms of Junos.
test.each<[string, Partial<InterfaceText>, RelayInterface, string | undefined]>([
  ["the logical interface", {}, vlan, "ge-4/1/1.500"],
  ["use-vlan-id", { useVlanId: true }, vlan, "ge-4/1/1:122-500"],
  ["use-vlan-id, one tag", { useVlanId: true }, { ...vlan, vlan: { outer: 122 } }, "ge-4/1/1:122"],
  ["use-vlan-id without VLAN", { useVlanId: true }, irb, "irb.0"],
  ["vlan-id-only", { vlanIdOnly: true }, vlan, "122-500"],
  ["vlan-id-only without VLAN", { vlanIdOnly: true }, irb, "irb.0"],
  ["no-vlan-interface-name", { noVlanInterfaceName: true }, vlan, "ge-4/1/1"],
  ["include-irb-and-l2", { includeIrbAndL2: true }, irb, "irb.0:ge-0/0/1.0"],
  ["include-irb-and-l2, no IRB", { includeIrbAndL2: true }, vlan, "ge-4/1/1.500"],
  ["description of the unit", { useInterfaceDescription: "logical" }, vlan, "customers north"],
  ["description of the device", { useInterfaceDescription: "device" }, vlan, "DSLAM 7"],
  ["description that is missing", { useInterfaceDescription: "logical" }, irb, "irb.0"],
  ["require-interface-description", { requireInterfaceDescription: true }, vlan, "customers north"],
  ["required, of the device", { requireInterfaceDescription: true }, { ...vlan, description: undefined }, "DSLAM 7"],
  ["required and missing", { requireInterfaceDescription: true }, irb, undefined],
  [
    "prefix",
    { prefix: { hostName: true, logicalSystemName: true, routingInstanceName: true } },
    vlan,
    "bng-a:ls1:retail:ge-4/1/1.500",
  ],
  [
    "prefix of the main instance",
    { prefix: { hostName: false, logicalSystemName: true, routingInstanceName: true } },
    irb,
    "default:default:irb.0",
  ],
  [
    "prefix before VLANs",
    { vlanIdOnly: true, prefix: { hostName: true, logicalSystemName: false, routingInstanceName: false } },
    vlan,
    "bng-a:122-500",
  ],
])("%s", (_name, changes, relayInterface, text) => {
  expect(interfaceText({ ...plainText, ...changes }, relayInterface, "bng-a")).toBe(text);
});

it("remote-id also: a fixed text, or the host name", () => {
  expect(remoteIdText({ ...plainRemote, useString: "pop-7" }, vlan, "bng-a")).toBe("pop-7");
  expect(remoteIdText({ ...plainRemote, hostNameOnly: true }, vlan, "bng-a")).toBe("bng-a");
  expect(remoteIdText({ ...plainRemote, hostNameOnly: true }, vlan, undefined)).toBe("ge-4/1/1.500");
});

it("text is cut between characters", () => {
  expect(textOctets("äöü", 6)).toEqual(utf8("äöü"));
  expect(textOctets("äöü", 5)).toEqual(utf8("äö"));
  expect(textOctets("äöü", 1)).toEqual(new Uint8Array(0));
});

describe("from the octets back to the interface", () => {
  function indexOf(form: InterfaceText, interfaces: readonly RelayInterface[]): InterfaceIndex<RelayInterface> {
    const index = new InterfaceIndex<RelayInterface>();
    for (const one of interfaces) {
      const text = interfaceText(form, one, "bng-a");
      index.add(one, text === undefined ? undefined : textOctets(text, 255));
    }
    return index;
  }

  it("is the inverse of every form that tells the interfaces apart", () => {
    const flag = fc.boolean();
    const form = fc.record({
      prefix: fc.record({ hostName: flag, logicalSystemName: flag, routingInstanceName: flag }),
      useVlanId: flag,
      vlanIdOnly: flag,
      includeIrbAndL2: flag,
    });
    const interfaces = [1, 2, 3, 4].map((unit) => ({
      ...vlan,
      name: `ge-4/1/1.${unit}`,
      vlan: { outer: 100, inner: unit },
    }));
    fc.assert(
      fc.property(form, fc.nat(3), (changes, at) => {
        const written = { ...plainText, ...changes };
        const octets = utf8(interfaceText(written, interfaces[at]!, "bng-a")!);
        expect(indexOf(written, interfaces).exact(octets)).toBe(interfaces[at]);
      }),
    );
  });

  it("octets that several interfaces share name none of them", () => {
    const other = { ...vlan, name: "ge-4/1/1.501" };
    const index = indexOf({ ...plainText, noVlanInterfaceName: true }, [vlan, other]);
    expect(index.find(utf8("ge-4/1/1"))).toBeUndefined();
    expect(index.find(utf8("ge-4/1/1.501"))).toBe(other);
  });

  it("finds what was written in another form by the name in it", () => {
    const index = indexOf({ ...plainText, vlanIdOnly: true }, [vlan, irb]);
    for (const text of ["ge-4/1/1.500", "old-name:ls1:retail:ge-4/1/1.500", "122-500"]) {
      expect(index.find(utf8(text))).toBe(vlan);
    }
    expect(index.exact(utf8("ge-4/1/1.500"))).toBeUndefined();
    expect(index.find(utf8("irb.0:ge-0/0/1.0"))).toBe(irb);
    expect(index.find(utf8("ge-4/1/1.50"))).toBeUndefined();
    expect(index.find(new Uint8Array(0))).toBeUndefined();
    expect(index.find(utf8(":::"))).toBeUndefined();
  });
});
