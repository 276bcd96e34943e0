/**
 * DHCPv4 and DHCPv6 on the wire: messages, options, leasequery of all kinds, framing on TCP. No I/O, no clock.
 * `decode…` checks octets from the network and never throws; `read…` gives typed values or a `WireError`; builders and `encode…`
 * take our own values and throw only where those cannot be written at all.
 */
export * from "./describe.ts";
export * from "./error.ts";
export type { Format } from "./format.ts";
export * from "./formats/addresses.ts";
export * from "./formats/authentication.ts";
export * from "./formats/classless-routes.ts";
export * from "./formats/client-fqdn.ts";
export * from "./formats/domain-names.ts";
export * from "./formats/numbers.ts";
export * from "./formats/octet-strings.ts";
export * from "./formats/tag-length-value.ts";
export * from "./formats/tagged-lists6.ts";
export * from "./formats/vss.ts";
export * from "./framing.ts";
export * from "./limits.ts";
export type { OptionDefinition } from "./registry.ts";
export * from "./time.ts";
export * from "./v4/active-leasequery.ts";
export * from "./v4/bulk-leasequery.ts";
export * from "./v4/codes.ts";
export * from "./v4/encode.ts";
export * from "./v4/lease-reply.ts";
export * from "./v4/leasequery.ts";
export * from "./v4/message.ts";
export * from "./v4/option-area.ts";
export * from "./v4/registry.ts";
export * from "./v4/relay-agent-information.ts";
export * from "./v4/status-code.ts";
export * from "./v4/tls.ts";
export * from "./v6/active-leasequery.ts";
export * from "./v6/bulk-leasequery.ts";
export * from "./v6/client-data.ts";
export * from "./v6/codes.ts";
export * from "./v6/encode.ts";
export * from "./v6/identity-association.ts";
export * from "./v6/lease-reply.ts";
export * from "./v6/leasequery.ts";
export * from "./v6/lq-query.ts";
export * from "./v6/lq-relay-data.ts";
export * from "./v6/message.ts";
export * from "./v6/option-area.ts";
export * from "./v6/registry.ts";
export * from "./v6/relay.ts";
export * from "./v6/status-code.ts";
export * from "./v6/tls.ts";
