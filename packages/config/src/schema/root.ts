import { accessSchema } from "./address-pool.ts";
import { dhcpServiceSchema } from "./dhcp-service.ts";
import { interfacesSchema } from "./interfaces.ts";
import { localServerSchema } from "./local-server.ts";
import { anonymousList, type ContainerSchema, container, leaf, leafList, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import { redundancySchema } from "./redundancy.ts";
import { forwardingOptionsSchema } from "./relay.ts";

const system = container("system", "The system as a whole", [
  leaf("host-name", "Name of this system", { kind: "name", example: "bng-a" }),
  container("services", "Services offered", [localServerSchema(), redundancySchema()]),
  container("processes", "Settings of processes", [dhcpServiceSchema()]),
]);
const instanceSystem = container("system", "The system as a whole", [
  container("services", "Services offered", [localServerSchema()]),
]);
const interfaces = interfacesSchema();
const forwardingOptions = forwardingOptionsSchema();
const access = accessSchema();

/** What an instance can hold, apart from what only the chassis has. */
const instanceBody: readonly SchemaNode[] = [instanceSystem, forwardingOptions, access];

const routingInstances = container("routing-instances", "Routing instances", [
  anonymousList("A routing instance", { name: "instance", type: { kind: "name", example: "subscribers" } }, [
    leaf("description", "What the instance is for", { kind: "text", lengthMax: 900, example: "retail customers" }),
    leaf(
      "instance-type",
      "Kind of the instance",
      {
        kind: "enum",
        values: [
          { value: "forwarding", help: "forwarding instance without interfaces of its own" },
          { value: "no-forwarding", help: "separate routes, no forwarding" },
          { value: "virtual-router", help: "virtual router" },
          { value: "vrf", help: "VPN routing instance" },
        ],
      },
      { notInEffect: LATER.instanceType },
    ),
    leafList(
      "interface",
      "Logical interface of the instance",
      { kind: "interface-name", unit: "required" },
      { names: "interface" },
    ),
    leaf(
      "vrf-device",
      "Linux VRF device that the sockets of the instance bind to",
      { kind: "text", lengthMax: 15, example: "vrf-red" },
      { extension: true },
    ),
    ...instanceBody,
  ]),
]);

const logicalSystems = container("logical-systems", "Logical systems: virtual chassis inside this one", [
  anonymousList("A logical system", { name: "logical-system", type: { kind: "name", example: "core" } }, [
    interfaces,
    ...instanceBody,
    routingInstances,
  ]),
]);

/** The whole configuration. The order of statements here is their canonical order. */
export const ROOT_SCHEMA: ContainerSchema = container("", "The configuration", [
  system,
  interfaces,
  forwardingOptions,
  access,
  routingInstances,
  logicalSystems,
]);
