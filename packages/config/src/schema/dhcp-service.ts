import { container, leaf, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";

/** `system processes dhcp-service`: limits of the whole chassis. */
export function dhcpServiceSchema(): SchemaNode {
  return container(
    "dhcp-service",
    "Limits for all DHCP engines of the chassis together",
    [
      leaf(
        "accept-max-tcp-connections",
        "Leasequery connections served, all instances and families together",
        { kind: "integer", min: 1, max: 100 },
        { default: "5" },
      ),
      leaf(
        "request-max-tcp-connections",
        "Leasequery connections requested, all instances and families together",
        { kind: "integer", min: 1, max: 100 },
        { default: "3" },
      ),
      leaf(
        "max-leasequery-reply-packet-retries",
        "How often a reply that cannot be installed yet is tried again",
        { kind: "integer", min: 0, max: 10_000 },
        { default: "5" },
      ),
      leaf(
        "leasequery-reply-packet-retry-timer",
        "Time before such a reply is tried again",
        { kind: "integer", min: 0, max: 10_000, unit: "seconds" },
        { default: "10" },
      ),
      leaf(
        "max-leasequery-reply-packet-process",
        "Replies processed in one batch",
        { kind: "integer", min: 0, max: 1_000_000 },
        { default: "100", notInEffect: LATER.replyBatches },
      ),
    ],
    { oneLine: true },
  );
}
