/** Where everything of the lab is on loopback, in one family: it has that address alone, so that ports tell what is what. */
export interface LabFamilyPlaces {
  readonly address: string;
  /** Where the server listens. */
  readonly serverPort: number;
  /** Where a gateway speaks with the server, by the gateway's name. */
  readonly relayPorts: Readonly<Record<string, number>>;
  /** Where clients reach a gateway, by the name of its access interface. */
  readonly linkPorts: Readonly<Record<string, number>>;
  /** Where clients are: those of all interfaces, as the port a datagram comes from tells which one it came through. */
  readonly clientsPort: number;
}

/** DHCPv6: null where the machine has no such loopback. */
export interface LabPlaces {
  readonly 4: LabFamilyPlaces;
  readonly 6: LabFamilyPlaces | null;
}
