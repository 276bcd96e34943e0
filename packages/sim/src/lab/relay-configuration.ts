import { formatDuid, formatHex, formatIpv4, formatIpv6 } from "@leasewire/net";
import type { LabFamilyPlaces, LabPlaces } from "./places.ts";
import { LAB_GATEWAYS, type LabGateway } from "./topology.ts";

/** A server of the same machine that does not answer now will in a moment. */
const retry = { attempts: 10, seconds: 2 } as const;

/** `set` statements of the lab's relay agents, each in a logical system of its own, with access interfaces over datagrams. */
export function relayStatements(places: LabPlaces): string[] {
  return LAB_GATEWAYS.flatMap((gateway) => [
    ...interfaces(gateway, places),
    ...relay4(gateway, places[4]),
    ...(places[6] === null ? [] : relay6(gateway, places[6])),
  ]);
}

function interfaces(gateway: LabGateway, { 4: places4, 6: places6 }: LabPlaces): string[] {
  const address4 = `${formatIpv4(gateway.address)}/${gateway.network.length}`;
  const address6 = `${formatIpv6(gateway.linkAddress)}/${gateway.link.length}`;
  return gateway.interfaces.flatMap(({ name, description }) => {
    const [device, number] = name.split(".");
    const unit = `set logical-systems ${gateway.name} interfaces ${device} unit ${number}`;
    return [
      `${unit} description "${description}"`,
      `${unit} family inet address ${address4}`,
      `${unit} datagram-link inet ${link(name, places4)}`,
      ...(places6 === null
        ? []
        : [`${unit} family inet6 address ${address6}`, `${unit} datagram-link inet6 ${link(name, places6)}`]),
    ];
  });
}

function link(name: string, { address, linkPorts, clientsPort }: LabFamilyPlaces): string {
  return `local-address ${address} local-port ${linkPorts[name]} remote-address ${address} remote-port ${clientsPort}`;
}

function relay4(gateway: LabGateway, places: LabFamilyPlaces): string[] {
  const path = `set logical-systems ${gateway.name} forwarding-options dhcp-relay`;
  return [
    `${path} overrides always-write-option-82`,
    `${path} relay-option-82 circuit-id`,
    `${path} relay-option-82 remote-id use-interface-description logical`,
    `${path} relay-option-82 link-selection`,
    // Renewals come by way of the relay agent: there is no other way to the server (RFC 5107).
    `${path} relay-option-82 server-id-override`,
    `${path} relay-id ${formatHex(gateway.relayId)}`,
    ...common(path, gateway, places),
  ];
}

function relay6(gateway: LabGateway, places: LabFamilyPlaces): string[] {
  const path = `set logical-systems ${gateway.name} forwarding-options dhcp-relay dhcpv6`;
  return [
    `${path} relay-agent-interface-id`,
    `${path} relay-agent-remote-id use-interface-description logical`,
    `${path} duid ${formatDuid(gateway.relayId)}`,
    `${path} bulk-leasequery trigger automatic`,
    ...common(path, gateway, places),
  ];
}

function common(path: string, { name, interfaces }: LabGateway, places: LabFamilyPlaces): string[] {
  return [
    `${path} server-group core ${places.address} port ${places.serverPort}`,
    `${path} active-server-group core`,
    `${path} leasequery attempts ${retry.attempts} timeout ${retry.seconds}`,
    `${path} bulk-leasequery attempts ${retry.attempts} timeout ${retry.seconds}`,
    // Nobody but this machine is on its loopback.
    `${path} active-leasequery mode insecure`,
    `${path} listen-address ${places.address}`,
    `${path} listen-port ${places.relayPorts[name]}`,
    ...interfaces.map((one) => `${path} group homes interface ${one.name}`),
  ];
}
