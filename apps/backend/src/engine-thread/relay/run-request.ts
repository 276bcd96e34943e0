import type { LeasequeryStartInput, Refusal } from "@leasewire/api";
import type { RunKey, RunRequest } from "@leasewire/engines";
import {
  formatClientIdentifier,
  formatDuid,
  formatIpv4,
  formatIpv6,
  formatIpv6Prefix,
  formatMac,
  type Ipv6Address,
  isIpv6Unspecified,
  type NetError,
  parseClientIdentifier,
  parseDuid,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
} from "@leasewire/net";
import { canonicalAddress } from "../canonical-address.ts";

type ReadKey =
  | { readonly ok: true; readonly key: RunKey; readonly words: string }
  | { readonly ok: false; readonly refusal: Refusal };

/** Reads the texts of a request. Refuses whole, naming the field. */
export function readRunRequest(
  id: string,
  input: LeasequeryStartInput,
  startedBy: string,
): { readonly ok: true; readonly request: RunRequest } | { readonly ok: false; readonly refusal: Refusal } {
  const key = input.family === 4 ? readKey4(input) : readKey6(input);
  if (!key.ok) return key;
  const { logicalSystem, routingInstance, serverGroup } = input;
  let serverAddress: string | undefined;
  if (input.serverAddress !== undefined) {
    serverAddress = canonicalAddress(input.family, input.serverAddress);
    if (serverAddress === undefined) {
      return bad(
        "serverAddress",
        `server-address ${JSON.stringify(input.serverAddress)} is not an IPv${input.family} address: a DHCPv${input.family} query goes to an IPv${input.family} server.`,
      );
    }
  }
  const command = [
    `request dhcp${input.family === 6 ? "v6" : ""} relay leasequery ${key.words}`,
    ...(serverAddress === undefined ? [] : [`server-address ${serverAddress}`]),
    ...(serverGroup === undefined ? [] : [`server-group ${serverGroup}`]),
    ...(routingInstance === undefined ? [] : [`routing-instance ${routingInstance}`]),
    ...(logicalSystem === undefined ? [] : [`logical-system ${logicalSystem}`]),
  ].join(" ");
  return {
    ok: true,
    request: { id, key: key.key, logicalSystem, routingInstance, serverAddress, serverGroup, startedBy, command },
  };
}

function readKey4(input: Extract<LeasequeryStartInput, { family: 4 }>): ReadKey {
  const gateway = parseIpv4(input.gatewayAddress);
  if (!gateway.ok) return refused("gatewayAddress", gateway.error);
  if (gateway.value === 0) {
    return bad("gatewayAddress", "The gateway-address is where the answer goes: 0.0.0.0 cannot receive one.");
  }
  const tail = ` gateway-address ${formatIpv4(gateway.value)}`;
  const { key } = input;
  switch (key.kind) {
    case "address": {
      const address = parseIpv4(key.address);
      if (!address.ok) return refused("address", address.error);
      if (address.value === 0) return bad("address", "0.0.0.0 is no client's address: give the address to ask for.");
      return {
        ok: true,
        key: { family: 4, kind: "address", address: address.value, gatewayAddress: gateway.value },
        words: formatIpv4(address.value) + tail,
      };
    }
    case "mac": {
      const mac = parseMac(key.mac);
      if (!mac.ok) return refused("mac", mac.error);
      return {
        ok: true,
        // Ethernet; what else has hardware addresses of other types does not use this form.
        key: {
          family: 4,
          kind: "mac",
          hardwareType: 1,
          hardwareAddress: mac.value,
          gatewayAddress: gateway.value,
        },
        words: formatMac(mac.value) + tail,
      };
    }
    case "client-id": {
      const clientId = parseClientIdentifier(key.clientId);
      if (!clientId.ok) return refused("clientId", clientId.error);
      return {
        ok: true,
        key: { family: 4, kind: "client-id", clientId: clientId.value, gatewayAddress: gateway.value },
        words: formatClientIdentifier(clientId.value) + tail,
      };
    }
  }
}

function readKey6(input: Extract<LeasequeryStartInput, { family: 6 }>): ReadKey {
  let linkAddress: Ipv6Address | undefined;
  if (input.linkAddress !== undefined) {
    const link = parseIpv6(input.linkAddress);
    if (!link.ok) return refused("linkAddress", link.error);
    // :: means all links, as no link-address does.
    if (!isIpv6Unspecified(link.value)) linkAddress = link.value;
  }
  const tail = linkAddress === undefined ? "" : ` link-address ${formatIpv6(linkAddress)}`;
  const { key } = input;
  if (key.kind === "client-id") {
    const duid = parseDuid(key.duid);
    if (!duid.ok) return refused("duid", duid.error);
    return {
      ok: true,
      key: { family: 6, kind: "client-id", duid: duid.value, linkAddress },
      words: formatDuid(duid.value) + tail,
    };
  }
  if (key.address.includes("/")) {
    const prefix = parseIpv6Prefix(key.address);
    if (!prefix.ok) return refused("address", prefix.error);
    return {
      ok: true,
      key: { family: 6, kind: "address", address: prefix.value.address, linkAddress },
      words: formatIpv6Prefix(prefix.value) + tail,
    };
  }
  const address = parseIpv6(key.address);
  if (!address.ok) return refused("address", address.error);
  if (isIpv6Unspecified(address.value))
    return bad("address", ":: is no client's address: give the address to ask for.");
  return {
    ok: true,
    key: { family: 6, kind: "address", address: address.value, linkAddress },
    words: formatIpv6(address.value) + tail,
  };
}

function refused(field: string, error: NetError): { ok: false; refusal: Refusal } {
  return bad(field, error.message);
}

function bad(field: string, message: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code: "BAD_REQUEST", message, field } };
}
