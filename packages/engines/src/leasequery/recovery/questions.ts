import {
  formatClientIdentifier,
  formatDuid,
  formatIpv6,
  formatMac,
  formatRelayIdentifier,
  formatRemoteId,
  ipv6Unspecified,
} from "@leasewire/net";
import {
  activeLeasequery4,
  activeLeasequery6,
  type BulkQuery4,
  bulkLeasequery4,
  frame,
  leasequery6,
  OptionCode4,
  OptionCode6,
  type Query6,
  query6,
  tls4,
  tls6,
  unixToEpoch2000Seconds,
} from "@leasewire/wire";
import { optionRequest6, parameterRequestList4 } from "../requestor/encode-question.ts";
import type { BulkRequest, RecoveryRefusal, RecoveryRelay } from "./messages.ts";

/** As of individual queries, without option 92: each binding has a message of its own (RFC 6926 §7.3). */
const parameterRequestList = parameterRequestList4.filter((code) => code !== OptionCode4.associatedIp);

/** LQ_BASE_TIME stands in the query's own list and in that of the message: it is not said which one is meant (RFC 7653 §9.3). */
const innerOptions6 = [...optionRequest6, OptionCode6.CLIENT_LINKLAYER_ADDR, OptionCode6.LQ_BASE_TIME];
const outerOptions6 = [OptionCode6.LQ_BASE_TIME];

/** The DHCPBULKLEASEQUERY or LEASEQUERY of a run to one server, behind its size. */
export function encodeBulk(
  relay: RecoveryRelay,
  request: Pick<BulkRequest, "key" | "linkAddress">,
  xid: number,
  startTimeSeconds: number | null,
  endTimeSeconds: number | null,
): Uint8Array {
  if (relay.family === 4) {
    return frame(
      bulkLeasequery4({
        xid,
        query: query4(relay, request),
        parameterRequestList,
        ...(startTimeSeconds === null ? {} : { queryStartTimeSeconds: startTimeSeconds }),
        ...(endTimeSeconds === null ? {} : { queryEndTimeSeconds: endTimeSeconds }),
      }),
    );
  }
  const { key } = request;
  return frame(
    leasequery6({
      transactionId: xid,
      clientDuid: relay.relayId ?? new Uint8Array(),
      ...query6(queryOf6(relay, request), innerOptions6),
      ...(key.kind === "link-address"
        ? { linkAddress: key.value }
        : request.linkAddress === undefined
          ? {}
          : { linkAddress: request.linkAddress }),
      requestedOptions: outerOptions6,
      ...(startTimeSeconds === null ? {} : { startTimeSeconds: unixToEpoch2000Seconds(startTimeSeconds) }),
      ...(endTimeSeconds === null ? {} : { endTimeSeconds: unixToEpoch2000Seconds(endTimeSeconds) }),
    }),
  );
}

/** The DHCPACTIVELEASEQUERY or ACTIVELEASEQUERY of a stream, behind its size. */
export function encodeActive(relay: RecoveryRelay, xid: number, startTimeSeconds: number | null): Uint8Array {
  if (relay.family === 4) {
    return frame(
      activeLeasequery4({
        xid,
        parameterRequestList,
        ...(startTimeSeconds === null ? {} : { queryStartTimeSeconds: startTimeSeconds }),
      }),
    );
  }
  const duid = relay.relayId ?? new Uint8Array();
  return frame(
    activeLeasequery6({
      transactionId: xid,
      clientDuid: duid,
      // A relay with clients wants its own only (RFC 7653 §6.2.1); DHCPv4 has no such query and is sorted here.
      ...(relay.interfaces.length > 0
        ? {
            query: {
              ...(({ queryType, queryOptions }) => ({ queryType, options: queryOptions }))(
                query6({ kind: "relay-id", relayDuid: duid }, innerOptions6),
              ),
              linkAddress: ipv6Unspecified,
            },
          }
        : {}),
      requestedOptions: [...innerOptions6],
      ...(startTimeSeconds === null ? {} : { startTimeSeconds: unixToEpoch2000Seconds(startTimeSeconds) }),
    }),
  );
}

/** DHCPTLS or STARTTLS, behind its size. */
export function encodeTls(family: 4 | 6, xid: number): Uint8Array {
  return frame(family === 4 ? tls4({ xid, direction: "request" }) : tls6({ transactionId: xid, direction: "request" }));
}

/** Whether a relay can ask by that key; null: it can. */
export function keyRefusal(relay: RecoveryRelay, { key }: Pick<BulkRequest, "key">): RecoveryRefusal | null {
  const unsupported = (message: string): RecoveryRefusal => ({ code: "key-unsupported", message, field: "key" });
  if (relay.family === 4) {
    if (key.kind === "address")
      return unsupported("DHCPv4 has no bulk query by address (RFC 6926 §7.2): use an individual leasequery.");
    if (key.kind === "link-address")
      return unsupported("DHCPv4 has no bulk query by link address: choose relay-id, remote-id, client-id or mac.");
  } else {
    if (key.kind === "mac" || key.kind === "all-configured")
      return unsupported(
        `DHCPv6 has no bulk query by ${key.kind === "mac" ? "MAC address" : "all configured addresses"} (RFC 5460 §5.3): choose relay-id, remote-id, client-id, address or link-address.`,
      );
    if (key.kind === "remote-id" && key.value.length < 5)
      return unsupported("A DHCPv6 remote-id has an enterprise number of 4 octets in front (RFC 4649 §3).");
    if (relay.relayId === undefined)
      return {
        code: "relay-id-missing",
        message: `The relay of instance ${relay.instance} has no DUID, which every DHCPv6 query needs: add "set forwarding-options dhcp-relay dhcpv6 relay-id".`,
      };
  }
  if (key.kind === "relay-id" && key.value === undefined && relay.relayId === undefined)
    return {
      code: "relay-id-missing",
      message: `The relay of instance ${relay.instance} has no relay-id to ask by: add "set forwarding-options dhcp-relay relay-id", or name one.`,
      field: "key",
    };
  return null;
}

/** The key as it is shown. */
export function keyText({ key, family }: Pick<BulkRequest, "key" | "family">): string {
  switch (key.kind) {
    case "relay-id":
      return key.value === undefined ? "own" : formatRelayIdentifier(key.value);
    case "remote-id":
      return formatRemoteId(key.value);
    case "client-id":
      return family === 4 ? formatClientIdentifier(key.value) : formatDuid(key.value);
    case "mac":
      return formatMac(key.value);
    case "address":
    case "link-address":
      return formatIpv6(key.value);
    case "all-configured":
      return "";
  }
}

function query4(relay: RecoveryRelay, { key }: Pick<BulkRequest, "key">): BulkQuery4 {
  switch (key.kind) {
    case "relay-id":
      // A query without a key means all configured addresses (RFC 6926 §7.2): the own relay-id is named.
      return { kind: "relay-id", relayId: key.value ?? relay.relayId ?? new Uint8Array() };
    case "remote-id":
      return { kind: "remote-id", remoteId: key.value };
    case "client-id":
      return { kind: "client-id", clientId: key.value };
    case "mac":
      return { kind: "mac", htype: key.hardwareType, address: key.value };
    default:
      return { kind: "all" };
  }
}

function queryOf6(relay: RecoveryRelay, { key }: Pick<BulkRequest, "key">): Query6 {
  switch (key.kind) {
    case "remote-id": {
      const [a = 0, b = 0, c = 0, d = 0] = key.value;
      return {
        kind: "remote-id",
        enterprise: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0,
        remoteId: key.value.subarray(4),
      };
    }
    case "client-id":
      return { kind: "client-id", clientDuid: key.value };
    case "address":
      return { kind: "address", address: key.value };
    case "link-address":
      return { kind: "link-address" };
    case "relay-id":
      return { kind: "relay-id", relayDuid: key.value ?? relay.relayId ?? new Uint8Array() };
    default:
      return { kind: "relay-id", relayDuid: relay.relayId ?? new Uint8Array() };
  }
}
