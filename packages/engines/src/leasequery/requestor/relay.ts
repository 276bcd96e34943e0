import type { Family } from "@leasewire/bindings";
import type { InstanceName } from "@leasewire/net";

/** A DHCP server a relay may ask. */
export interface RequestorServer {
  /** Canonical text, as `formatIpv4` and `formatIpv6` write it: it is compared with the source of answers. */
  readonly address: string;
  readonly port: number;
  readonly group: string | null;
}

/** A relay agent with `leasequery` configured, of one family in one instance. */
export interface RequestorRelay {
  readonly instance: InstanceName;
  readonly family: Family;
  /** How often a query is sent in all. */
  readonly attempts: number;
  /** First retransmission interval. */
  readonly timeoutSeconds: number;
  readonly servers: readonly RequestorServer[];
  /** DHCPv6: identifies the requestor to the servers. */
  readonly duid?: Uint8Array | undefined;
  /**
   * Client interfaces by name. With any, a lease must name one of them to be recorded. Without, the relay only asks
   * questions, and leases are recorded unplaced.
   */
  readonly interfaces: readonly string[];
  /** giaddr or link-address of a client interface, recorded with leases placed there whose answer tells none. */
  readonly linkAddressOf?: ((interfaceName: string) => Uint8Array | undefined) | undefined;
  /** DHCPv6: the one client interface in whose network the address is. It places leases told without relay data. */
  readonly interfaceOfAddress?: ((address: Uint8Array) => string | undefined) | undefined;
  /** `system processes dhcp-service`: answers whose interface is not there yet. */
  readonly replyRetriesMax: number;
  readonly replyRetrySeconds: number;
}

export function relayKey(family: Family, instance: string): string {
  return `${family}|${instance}`;
}

/**
 * The client interface a circuit-id or interface-id text names, or `undefined`. A prefix before `:` is skipped (host,
 * logical system, routing instance), and an IRB text such as `irb.0:ge-0/0/1.0` is found by either name.
 */
export function interfaceOf(relay: Pick<RequestorRelay, "interfaces">, text: string): string | undefined {
  if (relay.interfaces.includes(text)) return text;
  const parts = text.split(":");
  for (let i = parts.length - 1; i >= 0; i -= 1) {
    const part = parts[i] as string;
    if (relay.interfaces.includes(part)) return part;
  }
  return undefined;
}
