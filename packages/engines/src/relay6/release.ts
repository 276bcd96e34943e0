import type { BindingInput } from "@leasewire/bindings";
import { type Ipv6Address, isIpv6Unspecified } from "@leasewire/net";
import { encodeMessage6, MessageType6, OptionCode6, option6 } from "@leasewire/wire";
import { kindOf } from "../server6/leases.ts";
import { type Context6, count } from "./context.ts";
import { followRow } from "./follow-table.ts";
import { passOn, writeMessage } from "./forward.ts";
import { HeadAt } from "./head.ts";

/**
 * An operator ended a binding. Where `send-release-on-delete` is configured its server is told in the client's name: a RELEASE as the
 * client would send it (RFC 9915 §18.2.7), from the address it was heard of last. Its answer is passed on as any other.
 */
export function onCleared(context: Context6, binding: BindingInput & { readonly row?: number }): void {
  const { state } = context;
  if (binding.row !== undefined) followRow(context, binding.row);
  const relay = state.relays.get(binding.instance);
  const access = binding.interfaceName === undefined ? undefined : relay?.access.get(binding.interfaceName);
  if (relay === undefined || access === undefined || !access.configuration.overrides.sendReleaseOnDelete) return;
  const { clientId, serverIdentifier, iaid, relayAgentInformation } = binding;
  if (clientId === undefined || serverIdentifier === undefined || iaid === undefined) return;
  const peer = relayAgentInformation?.subarray(34, 50);
  if (peer?.length !== 16 || isIpv6Unspecified(peer)) return;
  const lifetimes = { preferredLifetimeSeconds: 0, validLifetimeSeconds: 0, options: [] };
  const address = binding.address as Ipv6Address;
  const times = { iaid, t1Seconds: 0, t2Seconds: 0 };
  const kind = kindOf(binding.prefixLength, binding.options);
  const lease =
    kind === "pd"
      ? option6(OptionCode6.IAPREFIX, { prefix: address, prefixLength: binding.prefixLength, ...lifetimes })
      : option6(OptionCode6.IAADDR, { address, ...lifetimes });
  let ia = option6(OptionCode6.IA_NA, { ...times, options: [lease] });
  if (kind === "pd") ia = option6(OptionCode6.IA_PD, { ...times, options: [lease] });
  else if (kind === "ta") ia = option6(OptionCode6.IA_TA, { iaid, options: [lease] });
  const message = encodeMessage6({
    messageType: MessageType6.RELEASE,
    transactionId: state.random.uint32() >>> 8,
    options: [
      option6(OptionCode6.CLIENTID, clientId),
      option6(OptionCode6.SERVERID, serverIdentifier),
      option6(OptionCode6.ELAPSED_TIME, 0),
      ia,
    ],
  });
  const sent = writeMessage(context, relay, access.clientHead, message);
  if (sent === undefined) return;
  sent.set(peer, HeadAt.peerAddress);
  if (passOn(context, relay, access.servers, sent)) count(context, relay.instance, "release sent");
}
