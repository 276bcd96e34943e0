import { OptionCode6, type RelayMessage6 } from "@leasewire/wire";
import { octetsKey } from "../server-common/octets.ts";
import type { Host6, Server6 } from "./state.ts";

/** An option of the relay nearest to the client that has one. */
export function nearestRelayOption(relays: readonly RelayMessage6[], code: number): Uint8Array | undefined {
  for (let i = relays.length - 1; i >= 0; i -= 1) {
    const data = relays[i]!.option(code);
    if (data !== undefined) return data;
  }
  return undefined;
}

export interface HardwareAddress6 {
  readonly type: number;
  readonly address: Uint8Array;
}

/** What the relay saw (RFC 6939), else what the DUID was made of (RFC 9915 §11.2, §11.4): it need not be of this interface. */
export function hardwareAddressOf(duid: Uint8Array, relays: readonly RelayMessage6[]): HardwareAddress6 | undefined {
  const seen = nearestRelayOption(relays, OptionCode6.CLIENT_LINKLAYER_ADDR);
  if (seen !== undefined && seen.length > 2) return { type: (seen[0]! << 8) | seen[1]!, address: seen.subarray(2) };
  const from = duid[0] !== 0 ? 0 : duid[1] === 1 ? 8 : duid[1] === 3 ? 4 : 0;
  if (from === 0 || duid.length <= from) return undefined;
  return { type: (duid[2]! << 8) | duid[3]!, address: duid.subarray(from) };
}

/**
 * Hosts the client is one of, the best known key in front: DUID, Interface-ID, Remote-ID, hardware address. A remote-id is
 * configured with its enterprise number in front, or without.
 */
export function hostsOf(
  server: Server6,
  duid: Uint8Array,
  duidKey: string,
  relays: readonly RelayMessage6[],
): readonly Host6[] {
  const { hosts } = server;
  if (server.reservations.size === 0) return NONE;
  const found: Host6[] = [];
  const look = (kind: Host6["kind"], key: string): void => {
    const list = hosts[kind].get(key);
    if (list !== undefined) found.push(...list);
  };
  if (hosts.duid.size > 0) look("duid", duidKey);
  if (hosts["circuit-id"].size > 0) {
    const interfaceId = nearestRelayOption(relays, OptionCode6.INTERFACE_ID);
    if (interfaceId !== undefined) look("circuit-id", octetsKey(interfaceId));
  }
  if (hosts["remote-id"].size > 0) {
    const remoteId = nearestRelayOption(relays, OptionCode6.REMOTE_ID);
    if (remoteId !== undefined) {
      look("remote-id", octetsKey(remoteId));
      if (remoteId.length > 4) look("remote-id", octetsKey(remoteId.subarray(4)));
    }
  }
  if (hosts["hardware-address"].size > 0) {
    const hardware = hardwareAddressOf(duid, relays);
    if (hardware !== undefined) look("hardware-address", octetsKey(hardware.address));
  }
  return found;
}

const NONE: readonly Host6[] = [];
