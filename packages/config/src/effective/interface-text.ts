import { type ContainerNode, containerAt, hasFlag, leafValue } from "../tree.ts";
import { integer } from "./values.ts";

/** How the text that names an access interface is made. */
export interface InterfaceText {
  readonly prefix: {
    readonly hostName: boolean;
    readonly logicalSystemName: boolean;
    readonly routingInstanceName: boolean;
  };
  readonly useInterfaceDescription?: "logical" | "device";
  /** Packets from interfaces without description are dropped. */
  readonly requireInterfaceDescription: boolean;
  readonly useVlanId: boolean;
  /** The VLAN ID alone. */
  readonly vlanIdOnly: boolean;
  readonly noVlanInterfaceName: boolean;
  readonly includeIrbAndL2: boolean;
  readonly keepIncoming: boolean;
  /** v6: the text is what option 82 of the same client holds; packets of clients without it are dropped. */
  readonly useOption82Strict: boolean;
}

/** `remote-id` and `relay-agent-remote-id`. */
export interface RemoteIdText extends InterfaceText {
  /** The host name alone. */
  readonly hostNameOnly: boolean;
  /** A fixed text instead. */
  readonly useString?: string;
  /** v6: before the text on the wire (RFC 4649 §3). */
  readonly enterpriseNumber: number;
}

export function interfaceText(node: ContainerNode | undefined): InterfaceText | undefined {
  if (node === undefined) return undefined;
  const prefix = containerAt(node, "prefix");
  const description = leafValue(node, "use-interface-description");
  return {
    prefix: {
      hostName: hasFlag(prefix, "host-name"),
      logicalSystemName: hasFlag(prefix, "logical-system-name"),
      routingInstanceName: hasFlag(prefix, "routing-instance-name"),
    },
    useInterfaceDescription: description === "logical" || description === "device" ? description : undefined,
    requireInterfaceDescription: hasFlag(node, "require-interface-description"),
    useVlanId: hasFlag(node, "use-vlan-id"),
    vlanIdOnly: hasFlag(node, "vlan-id-only"),
    noVlanInterfaceName: hasFlag(node, "no-vlan-interface-name"),
    includeIrbAndL2: hasFlag(node, "include-irb-and-l2"),
    keepIncoming:
      hasFlag(node, "keep-incoming-circuit-id") ||
      hasFlag(node, "keep-incoming-remote-id") ||
      hasFlag(node, "keep-incoming-interface-id"),
    useOption82Strict: leafValue(node, "use-option-82") === "strict",
  };
}

export function remoteIdText(node: ContainerNode | undefined): RemoteIdText | undefined {
  const text = interfaceText(node);
  return (
    text && {
      ...text,
      hostNameOnly: hasFlag(node, "hostname-only"),
      useString: leafValue(node, "use-string"),
      enterpriseNumber: integer(
        node,
        ["forwarding-options", "dhcp-relay", "dhcpv6", "relay-agent-remote-id"],
        "enterprise-number",
      ),
    }
  );
}
