import { LAB_GATEWAYS, type LabFamilyPlaces, type LabPlaces } from "../src/index.ts";

/** Places for everything, as if all ports were free. */
export const labPlaces: LabPlaces = { 4: placesAt("127.0.0.1", 10_067), 6: placesAt("::1", 10_547) };

function placesAt(address: string, serverPort: number): LabFamilyPlaces {
  let last = 20_000;
  const port = () => (last += 1);
  return {
    address,
    serverPort,
    clientsPort: port(),
    relayPorts: Object.fromEntries(LAB_GATEWAYS.map(({ name }) => [name, port()])),
    linkPorts: Object.fromEntries(
      LAB_GATEWAYS.flatMap(({ interfaces }) => interfaces.map(({ name }) => [name, port()])),
    ),
  };
}
