import { accessInterfaceShared } from "./access-interface-shared.ts";
import { accessInterfaceUnreachable } from "./access-interface-unreachable.ts";
import { activePeeringExclusive } from "./active-peering-exclusive.ts";
import { activeTlsRequired } from "./active-tls-required.ts";
import { addressUnusable } from "./address-unusable.ts";
import { allowBulkLeasequeryRequired } from "./allow-bulk-leasequery-required.ts";
import { alwaysWriteOption82Required } from "./always-write-option-82-required.ts";
import { bulkLeasequeryRequired } from "./bulk-leasequery-required.ts";
import { circuitIdRequired } from "./circuit-id-required.ts";
import { datagramLinkConflict } from "./datagram-link-conflict.ts";
import { datagramLinkIncomplete } from "./datagram-link-incomplete.ts";
import { deviceShared } from "./device-shared.ts";
import { deviceUnknown } from "./device-unknown.ts";
import { excludeInterfaceUnknown } from "./exclude-interface-unknown.ts";
import { gatewayAddressMissing } from "./gateway-address-missing.ts";
import { includeIrbAndL2Missing } from "./include-irb-and-l2-missing.ts";
import { instanceNameReserved } from "./instance-name-reserved.ts";
import { interfaceDescriptionConflict } from "./interface-description-conflict.ts";
import { interfaceDescriptionForbidden } from "./interface-description-forbidden.ts";
import { interfaceIdRequired } from "./interface-id-required.ts";
import { interfaceRange } from "./interface-range.ts";
import { lifetimeOrder } from "./lifetime-order.ts";
import { listenAddressConflict } from "./listen-address-conflict.ts";
import { listenAddressUnset } from "./listen-address-unset.ts";
import { maxConnectionsLimit } from "./max-connections-limit.ts";
import { notInEffect } from "./not-in-effect.ts";
import { peerAddressFamily } from "./peer-address-family.ts";
import { peerAddressOwn } from "./peer-address-own.ts";
import { peerAddressRequired } from "./peer-address-required.ts";
import { poolDelegatedLength } from "./pool-delegated-length.ts";
import { poolExcluded } from "./pool-excluded.ts";
import { poolHost } from "./pool-host.ts";
import { poolNetworkRequired } from "./pool-network-required.ts";
import { poolOption } from "./pool-option.ts";
import { poolOverlap } from "./pool-overlap.ts";
import { poolRange } from "./pool-range.ts";
import { poolSize } from "./pool-size.ts";
import { poolUnserved } from "./pool-unserved.ts";
import { redundancyInterfaceUnknown } from "./redundancy-interface-unknown.ts";
import { redundancyMatchKeys } from "./redundancy-match-keys.ts";
import { relayIdentity } from "./relay-identity.ts";
import type { Rule } from "./rule.ts";
import { serverAddressFamily } from "./server-address-family.ts";
import { serverBesideRelay } from "./server-beside-relay.ts";
import { serverGroupUnknown } from "./server-group-unknown.ts";
import { serverPoolsMissing } from "./server-pools-missing.ts";
import { serversMissing } from "./servers-missing.ts";
import { timeoutBelowRfcDefault } from "./timeout-below-rfc-default.ts";
import { tlsIncomplete } from "./tls-incomplete.ts";
import { valueRange } from "./value-range.ts";
import { vlanConflict } from "./vlan-conflict.ts";

/** Every rule of the commit check, in the order their findings are shown within one severity. */
export const RULES: readonly Rule[] = [
  alwaysWriteOption82Required,
  circuitIdRequired,
  interfaceDescriptionForbidden,
  interfaceIdRequired,
  bulkLeasequeryRequired,
  peerAddressRequired,
  activePeeringExclusive,
  interfaceDescriptionConflict,
  valueRange,
  maxConnectionsLimit,
  allowBulkLeasequeryRequired,
  tlsIncomplete,
  activeTlsRequired,
  serverBesideRelay,
  redundancyMatchKeys,
  peerAddressFamily,
  serverAddressFamily,
  includeIrbAndL2Missing,
  timeoutBelowRfcDefault,
  serversMissing,
  serverGroupUnknown,
  listenAddressConflict,
  listenAddressUnset,
  excludeInterfaceUnknown,
  peerAddressOwn,
  addressUnusable,
  poolNetworkRequired,
  poolRange,
  poolDelegatedLength,
  poolOverlap,
  poolExcluded,
  poolHost,
  poolSize,
  poolOption,
  lifetimeOrder,
  poolUnserved,
  serverPoolsMissing,
  vlanConflict,
  deviceShared,
  datagramLinkIncomplete,
  datagramLinkConflict,
  accessInterfaceShared,
  accessInterfaceUnreachable,
  gatewayAddressMissing,
  interfaceRange,
  deviceUnknown,
  relayIdentity,
  instanceNameReserved,
  redundancyInterfaceUnknown,
  notInEffect,
];
