import { type BindingInput, BindingState } from "@leasewire/bindings";
import { formatIpv4, ipv4FromBytes } from "@leasewire/net";
import { encodeMessage4, MessageType4, Op4, type Option4, OptionCode4 } from "@leasewire/wire";
import { increase } from "../server-common/counters.ts";
import { type Context4, note } from "./context.ts";
import { added } from "./information.ts";

/**
 * An operator ended a binding: routes and counts follow, and the server is told in the client's name where
 * send-release-on-delete is configured.
 */
export function onCleared(context: Context4, binding: BindingInput & { readonly row?: number }): void {
  const { state } = context;
  const { instance, address } = binding;
  if (address.length !== 4) return;
  state.rows.look(context, binding.row ?? state.table.byPrefix(instance, address, 32));
  const relay = state.relays.get(instance);
  const access = binding.interfaceName === undefined ? undefined : relay?.accesses.get(binding.interfaceName);
  if (relay === undefined || access === undefined || access.refusal !== undefined) return;
  if (!access.configuration.overrides.sendReleaseOnDelete || binding.state !== BindingState.ACTIVE) return;

  const options: Option4[] = [{ code: OptionCode4.messageType, data: Uint8Array.of(MessageType4.DHCPRELEASE) }];
  if (binding.serverIdentifier?.length === 4) {
    options.push({ code: OptionCode4.serverIdentifier, data: binding.serverIdentifier });
  }
  if (binding.clientId !== undefined) options.push({ code: OptionCode4.clientIdentifier, data: binding.clientId });
  // Clients send a RELEASE by unicast (RFC 2131 §4.4.4).
  const information = added(access.unicastInformation);
  if (information !== undefined) options.push({ code: OptionCode4.relayAgentInformation, data: information });
  const bytes = encodeMessage4({
    op: Op4.BOOTREQUEST,
    htype: binding.hardwareType,
    hops: 1,
    xid: state.random.uint32(),
    ciaddr: ipv4FromBytes(address),
    giaddr: access.giaddr,
    chaddr: binding.hardwareAddress?.subarray(0, 16),
    options,
    lengthMin: 300,
  });
  const granting = access.destinations.filter((to) => to.address === binding.serverAddress);
  const destinations = granting.length > 0 ? granting : access.destinations;
  for (const to of destinations) context.out.sends.push({ instance, bytes, to });
  increase(relay.counters.sent, "DHCPRELEASE", destinations.length);
  note(context, instance, "release sent", formatIpv4(ipv4FromBytes(address)));
}
