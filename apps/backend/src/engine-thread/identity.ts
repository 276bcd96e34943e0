import { createHash } from "node:crypto";
import type { InstanceName } from "@leasewire/net";

/**
 * DUID of a relay or server without a configured one: a DUID-UUID (RFC 6355) made from the node's name and the instance,
 * so that it stays the same over restarts and differs between relays and servers.
 */
export function nodeDuid(role: "relay" | "server", node: string, instance: InstanceName): Uint8Array {
  const digest = createHash("sha256").update(`leasewire ${role} duid\0${node}\0${instance}`).digest();
  const duid = new Uint8Array(18);
  duid[1] = 4;
  duid.set(digest.subarray(0, 16), 2);
  // A UUID of version 8: its content is of our own making (RFC 9562 §5.8).
  duid[8] = ((duid[8] as number) & 0x0f) | 0x80;
  duid[10] = ((duid[10] as number) & 0x3f) | 0x80;
  return duid;
}
