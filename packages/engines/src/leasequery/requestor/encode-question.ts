import type { Family } from "@leasewire/bindings";
import { leasequery4, leasequery6, OptionCode4, OptionCode6, query6 } from "@leasewire/wire";
import type { Question } from "./question.ts";
import type { RequestorRelay } from "./relay.ts";

/**
 * What a relay wants to know of a DHCPv4 lease (RFC 4388 §6.2; RFC 6926 §7.2 for 152 … 157). Option 82 is what restoring
 * needs most.
 */
export const parameterRequestList4: readonly number[] = [
  OptionCode4.leaseTime,
  OptionCode4.renewalTime,
  OptionCode4.rebindingTime,
  OptionCode4.clientIdentifier,
  OptionCode4.relayAgentInformation,
  OptionCode4.vendorClassIdentifier,
  OptionCode4.hostName,
  OptionCode4.clientLastTransactionTime,
  OptionCode4.associatedIp,
  OptionCode4.baseTime,
  OptionCode4.startTimeOfState,
  OptionCode4.dhcpState,
  OptionCode4.dataSource,
];

/** Options wanted for each client of a DHCPv6 answer; the request stands inside LQ_QUERY (RFC 5007 §4.1.2.1). */
export const optionRequest6: readonly number[] = [
  OptionCode6.LQ_RELAY_DATA,
  OptionCode6.USER_CLASS,
  OptionCode6.VENDOR_CLASS,
  OptionCode6.CLIENT_FQDN,
];

export function encodeQuestion(question: Question, xid: number, relay: RequestorRelay): Uint8Array {
  if (question.family === 4) {
    return leasequery4({
      xid,
      giaddr: question.gatewayAddress,
      query:
        question.kind === "mac"
          ? { kind: "mac", htype: question.hardwareType, address: question.hardwareAddress }
          : question,
      parameterRequestList: parameterRequestList4,
    });
  }
  return leasequery6({
    transactionId: xid,
    clientDuid: relay.duid ?? new Uint8Array(),
    linkAddress: question.linkAddress,
    ...query6(
      question.kind === "address" ? question : { kind: "client-id", clientDuid: question.duid },
      optionRequest6,
    ),
  });
}

export function queryMessageName(family: Family): string {
  return family === 4 ? "DHCPLEASEQUERY" : "LEASEQUERY";
}
