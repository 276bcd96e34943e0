import { container, flag, leaf, list, type SchemaNode } from "./node.ts";
import { LATER } from "./not-in-effect.ts";
import type { ValueType } from "./value.ts";

const accessInterface: ValueType = { kind: "interface-name", unit: "required" };

/** `system services subscriber-management redundancy`: M:N subscriber groups. */
export function redundancySchema(): SchemaNode {
  return container("subscriber-management", "Subscribers", [
    container(
      "redundancy",
      "Subscriber groups that another gateway backs up",
      [
        list(
          "interface",
          "Logical access interface; its subscribers are one group",
          { name: "interface", type: accessInterface },
          [
            leaf("virtual-inet-address", "IPv4 gateway address shared by VRRP", { kind: "ipv4" }),
            leaf("virtual-inet6-address", "IPv6 gateway address shared by VRRP", { kind: "ipv6" }),
            leaf("local-inet-address", "Own IPv4 address on a pseudowire interface", { kind: "ipv4" }),
            leaf("local-inet6-address", "Own IPv6 address on a pseudowire interface", { kind: "ipv6" }),
            leaf("shared-key", "Key by which both ends of a pseudowire recognise each other", {
              kind: "text",
              lengthMax: 64,
              example: "subscribers-7",
            }),
          ],
          { oneLine: true },
        ),
        leaf("protocol", "What decides which gateway is primary", {
          kind: "enum",
          values: [
            { value: "vrrp", help: "the VRRP state of the access interface" },
            { value: "pseudo-wire", help: "the active pseudowire" },
          ],
        }),
        flag("no-advertise-routes-on-backup", "Advertise subscriber routes only as primary"),
        leaf(
          "route-operation-interval",
          "Pace of route changes after a failover",
          { kind: "integer", min: 1, max: 100, unit: "seconds" },
          { default: "20" },
        ),
        flag("re-authenticate-on-failover", "Authenticate subscribers again after a failover"),
        list("group", "A redundancy group", { name: "name", type: { kind: "name", example: "east" } }, [
          list("interface", "Access interface of the group", { name: "interface", type: accessInterface }, [
            leaf("standby-mode", "How far the backup prepares", {
              kind: "enum",
              values: [
                { value: "hot-standby", help: "subscribers are fully provisioned" },
                { value: "service-activation-on-failover", help: "services are activated at the failover" },
              ],
            }),
          ]),
        ]),
      ],
      { notInEffect: LATER.redundancy },
    ),
  ]);
}
