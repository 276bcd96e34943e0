import { createSocket, type Socket } from "node:dgram";
import type { LabDatagram, LabFamilyPlaces, LabPlaces } from "@leasewire/sim";

/** The network between households and whoever relays for them. */
export interface LabAccess {
  send(datagram: LabDatagram): void;
}

/** The clients' end of the datagram links of all access interfaces. */
export async function openInterfaces(
  places: LabPlaces,
  onDatagram: (datagram: LabDatagram) => void,
): Promise<LabAccess> {
  const ends = { 4: await openEnd(4, places[4], onDatagram), 6: await openEnd(6, places[6], onDatagram) };
  return { send: (datagram) => ends[datagram.family]?.(datagram) };
}

async function openEnd(
  family: 4 | 6,
  places: LabFamilyPlaces | null,
  onDatagram: (datagram: LabDatagram) => void,
): Promise<LabAccess["send"] | null> {
  if (places === null) return null;
  const { address, linkPorts, clientsPort } = places;
  const interfaceOf = new Map(Object.entries(linkPorts).map(([name, port]) => [port, name]));
  const socket = await openSocket(family, address, clientsPort, (bytes, port) => {
    const interfaceName = interfaceOf.get(port);
    if (interfaceName !== undefined) onDatagram({ family, interfaceName, bytes });
  });
  return ({ interfaceName, bytes }) => socket.send(bytes, linkPorts[interfaceName], address);
}

/** `port`: 0 for any. */
export function openSocket(
  family: 4 | 6,
  address: string,
  port: number,
  onMessage: (bytes: Uint8Array, port: number) => void,
): Promise<Socket> {
  const socket = createSocket({ type: family === 4 ? "udp4" : "udp6", ipv6Only: family === 6 });
  socket.on("message", (bytes, from) => onMessage(bytes, from.port));
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ address, port }, () => {
      socket.off("error", reject);
      // A far end that closed its socket is nothing to fall over: clients ask again.
      socket.on("error", () => {});
      resolve(socket);
    });
  });
}
