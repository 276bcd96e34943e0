import type { Socket } from "node:dgram";
import { type Ipv4Address, parseIpv6 } from "@leasewire/net";
import {
  LAB_GATEWAYS,
  type LabDatagram,
  type LabGateway,
  relayToClient4,
  relayToClient6,
  relayToServer4,
  relayToServer6,
} from "@leasewire/sim";
import { type LabAccess, openSocket } from "./access.ts";
import type { LabEndpoint, LabWorkerData } from "./messages.ts";

/** Loopback, whatever the system: answers come to the port a gateway sends from (RFC 8357). */
const loopback = { 4: "127.0.0.1", 6: "::1" } as const;
const giaddr = 0x7f00_0001 as Ipv4Address;
const peer = parseIpv6("fe80::1");

/** Gateways that relay between households and the server of a lab without relay agents for them. */
export async function openGateways(
  { server4, server6 }: Extract<LabWorkerData, { kind: "gateways" }>,
  onDatagram: (datagram: LabDatagram) => void,
): Promise<LabAccess> {
  const servers: Record<4 | 6, LabEndpoint | null> = { 4: server4, 6: server6 };
  const gateways = new Map<string, { gateway: LabGateway; sockets: Record<4 | 6, Socket | null> }>();
  for (const gateway of LAB_GATEWAYS) {
    const open = (family: 4 | 6) =>
      openSocket(family, loopback[family], 0, (bytes) => {
        const reply = family === 4 ? relayToClient4(bytes) : relayToClient6(bytes);
        const interfaceName = new TextDecoder().decode(reply?.circuitId);
        if (reply !== undefined) onDatagram({ family, interfaceName, bytes: reply.bytes });
      });
    const sockets = { 4: await open(4), 6: server6 === null ? null : await open(6) };
    for (const { name } of gateway.interfaces) gateways.set(name, { gateway, sockets });
  }
  return {
    send: ({ family, interfaceName, bytes }) => {
      const { gateway, sockets } = gateways.get(interfaceName)!;
      const server = servers[family];
      const relayed = relay(family, gateway, interfaceName, bytes);
      if (server !== null && relayed !== undefined) sockets[family]?.send(relayed, server.port, server.address);
    },
  };
}

function relay(family: 4 | 6, gateway: LabGateway, interfaceName: string, bytes: Uint8Array): Uint8Array | undefined {
  const { address: linkSelection, linkAddress, relayId } = gateway;
  const circuit = { circuitId: new TextEncoder().encode(interfaceName) };
  if (family === 4) return relayToServer4({ giaddr, linkSelection, relayId, sourcePort: true }, circuit, bytes, false);
  return peer.ok ? relayToServer6({ linkAddress, relayId, sourcePort: true }, circuit, peer.value, bytes) : undefined;
}
