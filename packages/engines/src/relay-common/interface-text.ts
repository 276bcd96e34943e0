import type { InterfaceText, RemoteIdText } from "@leasewire/config";
import { instanceParts } from "@leasewire/net";
import { octetsKey } from "../server-common/octets.ts";
import type { RelayInterface } from "./messages.ts";

/**
 * The text that names an access interface towards servers: circuit-id and remote-id of option 82, Interface-ID and
 * Remote-ID of DHCPv6 (the forms of Junos).
 *
 *   ge-0/0/1.100              the logical interface
 *   ge-0/0/1:122-500          use-vlan-id: outer and inner VLAN instead of the unit, one number where there is one
 *   122-500                   vlan-id-only
 *   ge-0/0/1                  no-vlan-interface-name: the physical interface
 *   irb.0:ge-0/0/1.0          include-irb-and-l2
 *   bng-a:default:default:…   prefix: host name, logical system, routing instance, each where configured
 *
 * A description stands for the whole of it, without prefix: it is what the operator wrote. An interface without VLAN or
 * description is named by its logical name, unless `require-interface-description` says otherwise.
 */
export function interfaceText(
  form: InterfaceText,
  { instance, name, vlan, description, deviceDescription, l2Interface }: RelayInterface,
  hostName: string | undefined,
): string | undefined {
  if (form.requireInterfaceDescription) return description ?? deviceDescription;
  const described = form.useInterfaceDescription === "device" ? deviceDescription : description;
  if (form.useInterfaceDescription !== undefined && described !== undefined) return described;

  const tags = [vlan?.outer, vlan?.inner].filter((tag) => tag !== undefined).join("-");
  if (form.vlanIdOnly && tags !== "") return withPrefix(form, instance, hostName, tags);
  const device = name.replace(/\.[0-9]+$/, "");
  let text = name;
  if (form.noVlanInterfaceName) text = device;
  else if (form.useVlanId && tags !== "") text = `${device}:${tags}`;
  if (form.includeIrbAndL2 && l2Interface !== undefined) text = `${text}:${l2Interface}`;
  return withPrefix(form, instance, hostName, text);
}

/** The same for remote-id, which can also be a fixed text or the host name. */
export function remoteIdText(
  form: RemoteIdText,
  relayInterface: RelayInterface,
  hostName: string | undefined,
): string | undefined {
  if (form.useString !== undefined) return form.useString;
  if (form.hostNameOnly && hostName !== undefined) return hostName;
  return interfaceText(form, relayInterface, hostName);
}

function withPrefix(
  { prefix }: InterfaceText,
  instance: RelayInterface["instance"],
  hostName: string | undefined,
  text: string,
): string {
  const { logicalSystem, routingInstance } = instanceParts(instance);
  const parts: string[] = [];
  if (prefix.hostName && hostName !== undefined) parts.push(hostName);
  if (prefix.logicalSystemName) parts.push(logicalSystem ?? "default");
  if (prefix.routingInstanceName) parts.push(routingInstance ?? "default");
  return [...parts, text].join(":");
}

/** UTF-8, at most `octetsMax` octets, cut between characters. */
export function textOctets(text: string, octetsMax: number): Uint8Array {
  const octets = encoder.encode(text);
  if (octets.length <= octetsMax) return octets;
  let end = octetsMax;
  while (end > 0 && (octets[end]! & 0xc0) === 0x80) end -= 1;
  return octets.subarray(0, end);
}

const encoder = new TextEncoder();

/**
 * From the octets a relay agent writes back to the interface they name: the inverse of the above.
 *
 * Octets that several interfaces share name none of them. A text that is not one of those in force is searched for the
 * name of an interface between colons, from the end: it was written under an earlier configuration, or by a peer.
 */
export class InterfaceIndex<T extends { readonly name: string }> {
  readonly #byOctets = new Map<string, T | null>();
  readonly #byName = new Map<string, T>();

  /** `octets` undefined: the interface is found by its name alone. */
  add(one: T, octets: Uint8Array | undefined): void {
    this.#byName.set(one.name, one);
    if (octets === undefined) return;
    const key = octetsKey(octets);
    this.#byOctets.set(key, this.#byOctets.has(key) ? null : one);
  }

  /** The interface whose own text it is. */
  exact(octets: Uint8Array): T | undefined {
    return this.#byOctets.get(octetsKey(octets)) ?? undefined;
  }

  /** The interface it names, now or under an earlier configuration. */
  find(octets: Uint8Array): T | undefined {
    const key = octetsKey(octets);
    const exact = this.#byOctets.get(key);
    if (exact !== undefined) return exact ?? undefined;
    // One character for each octet: names of interfaces are ASCII, so that nothing needs to be decoded.
    const whole = this.#byName.get(key);
    if (whole !== undefined) return whole;
    for (let end = key.length; end > 0; ) {
      const colon = key.lastIndexOf(":", end - 1);
      const found = this.#byName.get(key.slice(colon + 1, end));
      if (found !== undefined) return found;
      end = colon;
    }
    return undefined;
  }
}
