import { OptionCode4 } from "@leasewire/wire";

/**
 * DHCPv4 options that a binding has a column of its own for, that describe the message rather than the client, or that
 * count seconds from the sending (T1, T2), which would differ in each answer. The others are kept as they came.
 */
export const ownColumns4: ReadonlySet<number> = new Set<number>([
  OptionCode4.overload,
  OptionCode4.messageType,
  OptionCode4.serverIdentifier,
  OptionCode4.parameterRequestList,
  OptionCode4.maximumMessageSize,
  OptionCode4.leaseTime,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
  OptionCode4.clientIdentifier,
  OptionCode4.relayAgentInformation,
  OptionCode4.clientLastTransactionTime,
  OptionCode4.statusCode,
  OptionCode4.baseTime,
  OptionCode4.startTimeOfState,
  OptionCode4.dhcpState,
  OptionCode4.dataSource,
]);
