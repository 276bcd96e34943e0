import type { BulkStartInput, Refusal } from "@leasewire/api";
import type { BulkCause, BulkKey, BulkRequest } from "@leasewire/engines";
import {
  formatClientIdentifier,
  formatDuid,
  formatIpv6,
  formatMac,
  formatRelayIdentifier,
  formatRemoteId,
  formatRemoteId6,
  type NetError,
  parseClientIdentifier,
  parseDuid,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  parseRelayIdentifier,
  parseRemoteId,
  parseRemoteId6,
  type Result,
} from "@leasewire/net";
import { canonicalAddress } from "../canonical-address.ts";

type ReadKey =
  | { readonly ok: true; readonly key: BulkKey; readonly words: string }
  | { readonly ok: false; readonly refusal: Refusal };

export interface BulkStart {
  readonly id: string;
  readonly startedBy: string;
  readonly cause: BulkCause;
  /** Bindings expected, where another run tells. */
  readonly expected?: number | undefined;
}

/** Reads the texts of a request. Refuses whole, naming the field. */
export function readBulkRequest(
  input: BulkStartInput,
  start: BulkStart,
): { readonly ok: true; readonly request: BulkRequest } | { readonly ok: false; readonly refusal: Refusal } {
  const { family, logicalSystem, routingInstance, serverGroup, queryStartTimeSeconds, queryEndTimeSeconds } = input;
  const key = input.family === 4 ? readKey4(input.key) : readKey6(input.key);
  if (!key.ok) return key;
  let serverAddress: string | undefined;
  if (input.serverAddress !== undefined) {
    serverAddress = canonicalAddress(family, input.serverAddress);
    if (serverAddress === undefined) {
      return bad(
        "serverAddress",
        `server-address ${JSON.stringify(input.serverAddress)} is not an IPv${family} address: a DHCPv${family} query goes to an IPv${family} server.`,
      );
    }
  }
  const link = input.family === 6 && input.linkAddress !== undefined ? parseIpv6(input.linkAddress) : undefined;
  if (link?.ok === false) return refused("linkAddress", link.error);
  const words = [
    `request dhcp${family === 6 ? "v6" : ""} relay bulk-leasequery`,
    key.words,
    serverAddress === undefined ? "" : `server-address ${serverAddress}`,
    serverGroup === undefined ? "" : `server-group ${serverGroup}`,
    routingInstance === undefined ? "" : `routing-instance ${routingInstance}`,
    logicalSystem === undefined ? "" : `logical-system ${logicalSystem}`,
    queryStartTimeSeconds === undefined ? "" : `query-start-time ${queryStartTimeSeconds}`,
    queryEndTimeSeconds === undefined ? "" : `query-end-time ${queryEndTimeSeconds}`,
    input.incremental === true ? "incremental" : "",
    link === undefined ? "" : `on-link ${formatIpv6(link.value)}`,
  ];
  return {
    ok: true,
    request: {
      ...start,
      family,
      logicalSystem,
      routingInstance,
      serverAddress,
      serverGroup,
      key: key.key,
      linkAddress: link?.value,
      queryStartTimeSeconds,
      queryEndTimeSeconds,
      incremental: input.incremental,
      command: words.filter((word) => word !== "").join(" "),
    },
  };
}

function readKey4(key: Extract<BulkStartInput, { family: 4 }>["key"]): ReadKey {
  switch (key.kind) {
    case "relay-id":
      if (key.relayId === undefined) return own;
      return octets(parseRelayIdentifier(key.relayId), "relayId", (value) => ({
        key: { kind: "relay-id", value },
        words: `relay-id ${formatRelayIdentifier(value)}`,
      }));
    case "remote-id":
      return octets(parseRemoteId(key.remoteId), "remoteId", (value) => ({
        key: { kind: "remote-id", value },
        words: `remote-id ${formatRemoteId(value)}`,
      }));
    case "client-id":
      return octets(parseClientIdentifier(key.clientId), "clientId", (value) => ({
        key: { kind: "client-id", value },
        words: formatClientIdentifier(value),
      }));
    case "mac":
      // Ethernet; what else has hardware addresses of other types does not use this form.
      return octets(parseMac(key.mac), "mac", (value) => ({
        key: { kind: "mac", hardwareType: 1, value },
        words: formatMac(value),
      }));
    case "all-configured":
      return { ok: true, key: { kind: "all-configured" }, words: "all-configured-ip" };
  }
}

function readKey6(key: Extract<BulkStartInput, { family: 6 }>["key"]): ReadKey {
  switch (key.kind) {
    case "relay-id":
      if (key.relayId === undefined) return own;
      return octets(parseDuid(key.relayId), "relayId", (value) => ({
        key: { kind: "relay-id", value },
        words: `relay-id ${formatDuid(value)}`,
      }));
    case "remote-id":
      return octets(parseRemoteId6(key.remoteId), "remoteId", (value) => ({
        key: { kind: "remote-id", value },
        words: `remote-id ${formatRemoteId6(value)}`,
      }));
    case "client-id":
      return octets(parseDuid(key.duid), "duid", (value) => ({
        key: { kind: "client-id", value },
        words: formatDuid(value),
      }));
    case "address": {
      // A delegated prefix is asked for by its first address (RFC 5007 §4.1.2.1).
      if (key.address.includes("/")) {
        return octets(parseIpv6Prefix(key.address), "address", ({ address, length }) => ({
          key: { kind: "address", value: address },
          words: `${formatIpv6(address)}/${length}`,
        }));
      }
      return octets(parseIpv6(key.address), "address", (value) => ({
        key: { kind: "address", value },
        words: formatIpv6(value),
      }));
    }
    case "link-address":
      return octets(parseIpv6(key.linkAddress), "linkAddress", (value) => ({
        key: { kind: "link-address", value },
        words: `link-addr ${formatIpv6(value)}`,
      }));
  }
}

const own: ReadKey = { ok: true, key: { kind: "relay-id" }, words: "" };

function octets<T>(
  parsed: Result<T>,
  field: string,
  use: (value: T) => { readonly key: BulkKey; readonly words: string },
): ReadKey {
  return parsed.ok ? { ok: true, ...use(parsed.value) } : refused(field, parsed.error);
}

function refused(field: string, error: NetError): { ok: false; refusal: Refusal } {
  return bad(field, error.message);
}

function bad(field: string, message: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code: "BAD_REQUEST", message, field } };
}
