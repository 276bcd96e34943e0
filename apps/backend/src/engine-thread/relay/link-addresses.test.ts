import { parseIpv6 } from "@leasewire/net";
import { expect, test } from "vitest";
import { interfaceOfAddress6 } from "./link-addresses.ts";

function octets(text: string): Uint8Array {
  const parsed = parseIpv6(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

test("an address is placed on the one access interface in whose network it is", () => {
  const instance = "default:default" as const;
  const on = (name: string, ...networks: string[]) => ({
    instance,
    name,
    addresses: networks.map((text) => ({ address: octets(text), length: 64 })),
  });
  const interfaces = [
    on("ge-0/0/1.1", "2001:db8:1::1", "fe80::1"),
    on("ge-0/0/1.2", "2001:db8:2::1", "2001:db8:9::1", "fe80::1"),
    on("ge-0/0/1.3", "2001:db8:9::3"),
    on("ge-0/0/1.4", "2001:db8:4::1"),
  ];
  const accessInterfaces = ["ge-0/0/1.1", "ge-0/0/1.2", "ge-0/0/1.3"].map((name) => ({ name }));
  const placed = (text: string) =>
    interfaceOfAddress6(
      { accessInterfaces } as unknown as Parameters<typeof interfaceOfAddress6>[0],
      interfaces,
      octets(text),
    );
  expect(placed("2001:db8:1::77")).toBe("ge-0/0/1.1");
  expect(placed("2001:db8:2::77")).toBe("ge-0/0/1.2");
  // Two interfaces have that network; the third is none of the relay's; nobody has the last.
  expect(["2001:db8:9::77", "fe80::77", "2001:db8:4::77", "2001:db8:77::1"].map(placed)).toEqual(
    Array(4).fill(undefined),
  );
});
