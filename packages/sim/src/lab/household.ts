import { clientFqdn6, encodeName, OptionCode6 } from "@leasewire/wire";
import type { Identity4 } from "../client4/messages.ts";
import type { Identity6 } from "../client6/messages.ts";
import { LAB_GATEWAYS, type LabGateway } from "./topology.ts";

export const HOUSEHOLDS_MAX = 1200;
/** Lives nowhere: its address is reserved and never taken. */
export const VACANT_HOUSEHOLD = HOUSEHOLDS_MAX;

/** Of every so many households one has something odd. */
const oddPeriod = 20;
const text = new TextEncoder();

/** What clients call themselves is not what an operator would: names that pages, logs and terminals have to withstand. */
const hostileNames = [
  text.encode("<script>alert(1)</script>"),
  text.encode('"><img src=x onerror=alert(1)>'),
  text.encode("\u001b[31mred\u001b[0m\r\nroot"),
  text.encode("\u202egnp.exe"),
  Uint8Array.of(0xff, 0xfe, 0x00, 0x41, 0x80),
  text.encode("x".repeat(63)),
];

/** A router with an IPv4 address, an IPv6 address and a delegated prefix; some have more. */
export interface LabHousehold {
  readonly number: number;
  readonly name: string;
  readonly hardwareAddress: Uint8Array;
  readonly duid: Uint8Array;
  readonly gateway: LabGateway;
  readonly clients: readonly LabClient[];
  /** Comes and goes, instead of staying. */
  readonly restless: boolean;
  /** Has two IPv4 addresses (associated-ip), or addresses on two links (LQ_CLIENT_LINK). */
  readonly oddity: "two addresses" | "two links" | null;
}

export type LabClient = {
  readonly gateway: LabGateway;
  /** Name of the gateway's interface it is on. */
  readonly interfaceName: string;
} & ({ readonly family: 4; readonly identity: Identity4 } | { readonly family: 6; readonly identity: Identity6 });

/** Household `number` of the lab, always the same one. */
export function labHousehold(number: number): LabHousehold {
  const gateway = gatewayOf(number);
  const place = Math.floor(number / LAB_GATEWAYS.length);
  const name = `lab-${String(number).padStart(4, "0")}`;
  const hardwareAddress = Uint8Array.of(0x02, 0x4c, 0x57, 0x10, number >>> 8, number & 255);
  const duid = Uint8Array.of(0, 3, 0, 1, ...hardwareAddress);
  const oddity = number % oddPeriod === 0 ? "two addresses" : number % oddPeriod === 10 ? "two links" : null;
  const hostName = number % 8 === 5 ? hostileNames[(number >>> 3) % hostileNames.length]! : text.encode(name);
  const vendorClass = text.encode(number % 3 === 0 ? "home-router-3" : "home-router-2");

  const client4 = (kind: number): LabClient => ({
    family: 4,
    gateway,
    interfaceName: interfaceOf(gateway, place),
    identity: { hardwareAddress, clientId: Uint8Array.of(kind, ...hardwareAddress), hostName, vendorClass },
  });
  const client6 = (through: LabGateway, associations: Identity6["associations"]): LabClient => ({
    family: 6,
    gateway: through,
    interfaceName: interfaceOf(through, place),
    identity: { duid, associations, options: [fullName(hostName)] },
  });

  const clients = [
    // RFC 2132 §9.14: type 1 and the hardware address.
    client4(1),
    client6(gateway, [
      { kind: "address", iaid: 1 },
      { kind: "prefix", iaid: 1 },
    ]),
  ];
  // Not a hardware type: a second client of the same device.
  if (oddity === "two addresses") clients.push(client4(0));
  if (oddity === "two links") {
    clients.push(client6(gatewayOf(number + 1), [{ kind: "address", iaid: 2 }]));
  }
  const restless = oddity === null && number % 3 === 2;
  return { number, name, hardwareAddress, duid, gateway, clients, restless, oddity };
}

function gatewayOf(number: number): LabGateway {
  return LAB_GATEWAYS[number % LAB_GATEWAYS.length]!;
}

function interfaceOf({ interfaces }: LabGateway, place: number): string {
  return interfaces[place % interfaces.length]!.name;
}

/** One label, not completed by a root (RFC 4704 §4.2): the client's name, whatever is in it. */
function fullName(hostName: Uint8Array) {
  return { code: OptionCode6.CLIENT_FQDN, data: clientFqdn6.encode({ flags: 0, name: encodeName([hostName], false) }) };
}
