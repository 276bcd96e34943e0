import { type InstanceName, ipv4FromBytes } from "@leasewire/net";
import { type Context4, note } from "./context.ts";

/** A binding is being restored by leasequery, or no longer is; `address` null: none of the instance is. */
export function onRestoring(
  context: Context4,
  instance: InstanceName,
  address: Uint8Array | null,
  done: boolean,
): void {
  const { state } = context;
  const relay = state.relays.get(instance);
  if (relay === undefined) return;
  if (address === null) relay.restoring.clear();
  else if (address.length !== 4) return;
  else if (done) relay.restoring.delete(ipv4FromBytes(address));
  else if (relay.restoring.size < state.limits.restoringMax) relay.restoring.add(ipv4FromBytes(address));
  else note(context, instance, "restoring limit");
}
