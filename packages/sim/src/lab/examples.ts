import { formatClientIdentifier, formatDuid, formatIpv4, formatIpv6, formatMac } from "@leasewire/net";
import { labHousehold, VACANT_HOUSEHOLD } from "./household.ts";
import type { LabNetwork } from "./network.ts";
import { LAB_GATEWAYS, LAB_VACANT_ADDRESS } from "./topology.ts";

/** Something an operator can query, with the texts the forms take. */
export interface LabExample {
  readonly family: 4 | 6;
  /** As in the query forms: `address` (a delegated prefix is asked for as one), `mac`, or `client-id`. */
  readonly kind: "address" | "mac" | "client-id";
  readonly text: string;
  /** What the server says now. */
  readonly expected: "active" | "unassigned" | "unknown" | "several links";
  /** The gateway's address on the client's link. */
  readonly gatewayAddress: string;
  /** Of that gateway: its relay agent knows the interface that the answer names. null: several do. */
  readonly logicalSystem: string | null;
}

/** Keys to try: each kind and each kind of answer, as far as there are clients for it. */
export function labExamples(network: LabNetwork): LabExample[] {
  const examples: LabExample[] = [];
  const held = heldLeases(network);
  const staying = network.lives.filter(({ household }) => !household.restless);
  const whole = staying.filter(
    ({ household, devices }) =>
      household.oddity === null && devices.length > 0 && devices.every((one) => held.has(one)),
  );
  const oddity = (which: string) =>
    staying.find(({ household, devices }) => household.oddity === which && devices.every((one) => held.has(one)));
  const ofFamily = (life: (typeof staying)[number] | undefined, family: 4 | 6) =>
    life?.devices.find(({ client }) => client.family === family);

  const add4 = (life: (typeof staying)[number] | undefined, kind: LabExample["kind"]) => {
    const device = ofFamily(life, 4);
    if (device?.client.family !== 4) return;
    const { identity, gateway } = device.client;
    const text = {
      address: held.get(device)![0]!,
      mac: formatMac(identity.hardwareAddress),
      "client-id": formatClientIdentifier(identity.clientId!),
    }[kind];
    examples.push({
      family: 4,
      kind,
      text,
      expected: "active",
      gatewayAddress: formatIpv4(gateway.address),
      logicalSystem: gateway.name,
    });
  };
  const add6 = (life: (typeof staying)[number] | undefined, kind: "address" | "client-id", which: number) => {
    const device = ofFamily(life, 6);
    if (device?.client.family !== 6) return;
    const { identity, gateway } = device.client;
    const text = kind === "address" ? held.get(device)?.[which] : formatDuid(identity.duid);
    if (text === undefined) return;
    const isOnTwo = life?.household.oddity === "two links";
    examples.push({
      family: 6,
      kind,
      text,
      expected: isOnTwo ? "several links" : "active",
      gatewayAddress: formatIpv6(gateway.linkAddress),
      logicalSystem: isOnTwo ? null : gateway.name,
    });
  };

  add4(whole[0], "address");
  add4(whole[1], "mac");
  add4(whole[2], "client-id");
  add4(oddity("two addresses"), "mac");
  const { address, name } = LAB_GATEWAYS[0]!;
  const first = { family: 4, gatewayAddress: formatIpv4(address), logicalSystem: name } as const;
  const vacant = labHousehold(VACANT_HOUSEHOLD).hardwareAddress;
  examples.push(
    { ...first, kind: "address", text: formatIpv4(LAB_VACANT_ADDRESS), expected: "unassigned" },
    { ...first, kind: "mac", text: formatMac(vacant), expected: "unknown" },
    { ...first, kind: "address", text: "203.0.113.99", expected: "unknown" },
  );
  add6(whole[3], "address", 0);
  add6(whole[4], "address", 1);
  add6(whole[5], "client-id", 0);
  add6(oddity("two links"), "client-id", 0);
  return examples;
}

/** Addresses and prefixes that clients hold, as text, by client; addresses first. */
export function heldLeases({ lives }: LabNetwork): Map<LabNetwork["lives"][number]["devices"][number], string[]> {
  const held = new Map<LabNetwork["lives"][number]["devices"][number], string[]>();
  for (const device of lives.flatMap(({ devices }) => devices)) {
    const { state } = device;
    if (state.family === 4) {
      if (state.of.lease !== null) held.set(device, [formatIpv4(state.of.lease.address)]);
      continue;
    }
    const leases = [...state.of.leases].sort((a, b) => b.length - a.length);
    const texts = leases.map(({ address, length }) =>
      length === 128 ? formatIpv6(address) : `${formatIpv6(address)}/${length}`,
    );
    if (texts.length > 0) held.set(device, texts);
  }
  return held;
}
