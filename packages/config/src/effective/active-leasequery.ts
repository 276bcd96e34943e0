import { type ContainerNode, entriesOf, hasFlag, leafListValues, leafValue } from "../tree.ts";
import { integer, usualPort } from "./values.ts";

/** `active-leasequery` of a relay agent, or of a local server among its peers. */
export interface ActiveLeasequery {
  readonly timeoutSeconds: number;
  readonly idleTimeoutSeconds: number;
  /** 0 is off. */
  readonly staleTimerSeconds: number;
  readonly peers: readonly { readonly address: string; readonly port: number }[];
  readonly topologyDiscover: boolean;
  readonly excludeInterfaces: readonly string[];
}

export function activeLeasequery(node: ContainerNode | undefined, family: 4 | 6): ActiveLeasequery | undefined {
  if (node === undefined) return undefined;
  const path = ["forwarding-options", "dhcp-relay", "active-leasequery"];
  return {
    timeoutSeconds: integer(node, path, "timeout"),
    idleTimeoutSeconds: integer(node, path, "idle-timeout"),
    staleTimerSeconds: integer(node, path, "stale-timer"),
    peers: [...entriesOf(node, "peer-address")].map(([address, peer]) => ({
      address,
      port: Number(leafValue(peer, "port") ?? usualPort(family)),
    })),
    topologyDiscover: hasFlag(node, "topology-discover"),
    excludeInterfaces: leafListValues(node, "exclude-interface"),
  };
}
