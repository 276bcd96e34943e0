import type { Family } from "@leasewire/api";
import type { DatagramLink, LogicalInterface, RelayConfiguration } from "@leasewire/config";
import type { InstanceName } from "@leasewire/net";

/** An access interface of a relay agent. */
export interface Access {
  readonly instance: InstanceName;
  /** Logical name: `ge-0/0/1.100`. */
  readonly interfaceName: string;
}

/** A socket that relay agents need. */
export interface Place {
  readonly key: string;
  readonly family: Family;
  /** Canonical text; undefined: every address. */
  readonly address: string | undefined;
  readonly port: number;
  /** Linux device of a VRF. */
  readonly device: string | undefined;
  /** For whom it is opened: where a finding points to. */
  readonly relay: RelayConfiguration;
  /** The relay agent that gets what comes in from elsewhere than an access interface. */
  server: InstanceName | undefined;
  /** Access interfaces that arrive here, by Linux device. */
  readonly links: Map<string, Access>;
  /** All that arrives came in at this interface, and what its clients get goes to the other end. */
  readonly datagramLink: (Access & DatagramLink) | undefined;
}

/** Where clients and relay agents nearer to them send to (RFC 2131 §4.1, RFC 9915 §7.2). */
const agentPort = { 4: 67, 6: 547 } as const;

/** Whether it passes messages on; one without access interfaces only asks servers. */
export function isForwarding(relay: RelayConfiguration): boolean {
  return relay.accessInterfaces.length > 0;
}

/** Whether its leasequeries leave from, and are answered to, the socket that forwarded messages leave from. */
export function sharesSocket(relay: RelayConfiguration): boolean {
  return isForwarding(relay) && relay.forwardingPort === relay.listenPort;
}

/**
 * The sockets of all relay agents: for each one towards its servers, and for the clients of all of them one on every
 * address, which tells the interface a message came in at. With thousands of interfaces that costs no more than with one,
 * and an interface that is made again is heard again. Where a relay agent has no address of its own, both are the same.
 */
export function placesOf(relays: readonly RelayConfiguration[], interfaces: readonly LogicalInterface[]): Place[] {
  const places = new Map<string, Place>();
  for (const relay of relays.filter(isForwarding)) {
    const { family, instance, listenAddress, forwardingPort, vrfDevice } = relay;
    placeAt(places, relay, listenAddress, forwardingPort, vrfDevice).server ??= instance;
    for (const { name: interfaceName } of relay.accessInterfaces) {
      const one = interfaces.find((known) => known.instance === instance && known.name === interfaceName);
      const link = family === 4 ? one?.datagramLink4 : one?.datagramLink6;
      if (link !== undefined) {
        const { localAddress, localPort } = link;
        placeAt(places, relay, localAddress, localPort, undefined, { instance, interfaceName, ...link });
      } else if (one?.device !== undefined) {
        const place = placeAt(places, relay, undefined, agentPort[family], vrfDevice);
        place.links.set(one.device, { instance, interfaceName });
      }
    }
  }
  return [...places.values()];
}

function placeAt(
  places: Map<string, Place>,
  relay: RelayConfiguration,
  address: string | undefined,
  port: number,
  device: string | undefined,
  datagramLink?: Access & DatagramLink,
): Place {
  const { family } = relay;
  const key = `${family}|${address ?? "*"}|${port}|${device ?? ""}`;
  const known = places.get(key);
  if (known !== undefined) return known;
  const place = { key, family, address, port, device, relay, server: undefined, links: new Map(), datagramLink };
  places.set(key, place);
  return place;
}
