import type { Family, LeasequeryRun, LeasequeryStartInput, LeasequeryTargets } from "@leasewire/api";
import {
  describeDuid,
  formatClientIdentifier,
  formatDuid,
  formatIpv4,
  formatIpv6,
  formatIpv6Prefix,
  formatMac,
  parseClientIdentifier,
  parseDuid,
  parseIpv4,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  type Result,
} from "@leasewire/net";

export type KeyKind = "address" | "mac" | "client-id";

/** The form as it stands in the URL: texts as typed. */
export interface QueryForm {
  readonly family: Family;
  readonly kind: KeyKind;
  readonly key: string;
  /** v4; `null`: untouched, the relay's own is taken. */
  readonly gateway: string | null;
  /** v6: limits the query to one link; empty: every link. */
  readonly link: string;
  /** `LS:RI`, with `*` for any: `core:*`. Empty: every instance. */
  readonly instance: string;
  readonly server: string;
  readonly group: string;
}

export type FormField = "key" | "gateway" | "link" | "instance" | "target";

/** What the form means: either a query that can be sent, or why not, field by field. */
export interface ReadForm {
  readonly errors: Partial<Readonly<Record<FormField, string>>>;
  /** How the key was understood, when that is not what was typed. */
  readonly understood: string | null;
  readonly gateway: string;
  /** null while there is an error. */
  readonly input: LeasequeryStartInput | null;
  /** The same query for a terminal; null while there is an error. */
  readonly command: string | null;
}

export type Relay = LeasequeryTargets["relays"][number];

const ethernetOctets = 6;

export function kindsOf(family: Family): readonly { readonly value: KeyKind; readonly label: string }[] {
  return family === 4
    ? [
        { value: "address", label: "Address" },
        { value: "mac", label: "MAC address" },
        { value: "client-id", label: "Client identifier" },
      ]
    : [
        { value: "address", label: "Address or prefix" },
        { value: "client-id", label: "DUID" },
      ];
}

/** v6 has no query by MAC: the form falls back to the address. */
export function kindFor(family: Family, kind: KeyKind): KeyKind {
  return family === 6 && kind === "mac" ? "address" : kind;
}

export function readForm(form: QueryForm, relays: readonly Relay[]): ReadForm {
  const kind = kindFor(form.family, form.kind);
  const errors: Partial<Record<FormField, string>> = {};
  const key = readKey(form.family, kind, form.key);
  if (!key.ok) errors.key = sentence(key.error.message);

  const gatewayText = form.gateway ?? defaultGateway(form, relays) ?? "";
  const gateway = parseIpv4(gatewayText);
  if (form.family === 4) {
    if (gatewayText.trim() === "") {
      errors.gateway = "A DHCPv4 query needs the relay's address towards the clients: it becomes giaddr.";
    } else if (!gateway.ok) errors.gateway = sentence(gateway.error.message);
  }
  const link = form.link.trim() === "" ? undefined : parseIpv6(form.link);
  if (form.family === 6 && link?.ok === false) errors.link = sentence(link.error.message);

  const scope = parseScope(form.instance);
  if (scope === null) {
    errors.instance = `"${form.instance}" is not an instance: write LOGICAL-SYSTEM:ROUTING-INSTANCE, with * for any.`;
  }
  if (form.server !== "" && form.group !== "") {
    errors.target = "A server address and a server group exclude each other: keep one of them.";
  }

  const valid = Object.keys(errors).length === 0 && key.ok;
  const target = {
    ...(form.server !== "" && { serverAddress: form.server }),
    ...(form.group !== "" && { serverGroup: form.group }),
    ...(scope ?? {}),
  };
  const input = !valid
    ? null
    : form.family === 4
      ? ({
          family: 4,
          key: key.value.input4,
          gatewayAddress: gateway.ok ? formatIpv4(gateway.value) : "",
          ...target,
        } as LeasequeryStartInput)
      : ({
          family: 6,
          key: key.value.input6,
          ...(link?.ok && { linkAddress: formatIpv6(link.value) }),
          ...target,
        } as LeasequeryStartInput);
  return {
    errors,
    understood: key.ok ? key.value.understood(form.key.trim()) : null,
    gateway: gatewayText,
    input,
    command: input === null || !key.ok ? null : commandOf(input, key.value.word),
  };
}

interface Key {
  readonly input4?: Extract<LeasequeryStartInput, { family: 4 }>["key"];
  readonly input6?: Extract<LeasequeryStartInput, { family: 6 }>["key"];
  /** As the command line takes it. */
  readonly word: string;
  readonly understood: (typed: string) => string | null;
}

function readKey(family: Family, kind: KeyKind, text: string): Result<Key> {
  if (family === 4) {
    switch (kind) {
      case "address":
        return map(parseIpv4(text), (value) => {
          const address = formatIpv4(value);
          return { input4: { kind: "address", address }, word: address, understood: differing(address) };
        });
      case "mac":
        return map(ethernet(parseMac(text)), (value) => {
          const mac = formatMac(value);
          return { input4: { kind: "mac", mac }, word: mac, understood: differing(mac) };
        });
      case "client-id":
        return map(parseClientIdentifier(text), (value) => {
          const clientId = formatClientIdentifier(value);
          // Six octets in pairs read as a MAC address on the command line; 0x says that they are not.
          const word = value.length === ethernetOctets ? hexWord(clientId) : clientId;
          return { input4: { kind: "client-id", clientId }, word, understood: differing(clientId) };
        });
    }
  }
  if (kind === "client-id") {
    return map(parseDuid(text), (value) => {
      const duid = formatDuid(value);
      return {
        input6: { kind: "client-id", duid },
        word: parseIpv6(duid).ok ? hexWord(duid) : duid,
        understood: () => describeDuid(value).text,
      };
    });
  }
  if (text.includes("/")) {
    return map(parseIpv6Prefix(text), (value) => {
      const address = formatIpv6(value.address);
      return {
        input6: { kind: "address", address },
        word: formatIpv6Prefix(value),
        understood: () => `Asked for by its first address, ${address}.`,
      };
    });
  }
  return map(parseIpv6(text), (value) => {
    const address = formatIpv6(value);
    return { input6: { kind: "address", address }, word: address, understood: differing(address) };
  });
}

function ethernet(mac: Result<Uint8Array>): Result<Uint8Array> {
  if (!mac.ok || mac.value.length === ethernetOctets) return mac;
  const message = `this has ${mac.value.length} octets: an Ethernet address has ${ethernetOctets}, such as 00:11:22:33:44:55`;
  return { ok: false, error: { code: "mac-length", message } };
}

function differing(canonical: string): (typed: string) => string | null {
  return (typed) => (typed === canonical ? null : `Understood as ${canonical}.`);
}

function hexWord(colons: string): string {
  return colons.startsWith("ascii:") ? colons : `0x${colons.replaceAll(":", "")}`;
}

/** The relays a query would go through. */
export function chosenRelays(form: Pick<QueryForm, "family" | "instance">, relays: readonly Relay[]): readonly Relay[] {
  const scope = parseScope(form.instance) ?? {};
  return relays.filter((relay) => {
    const [logicalSystem, routingInstance] = relay.instance.split(":");
    if (relay.family !== form.family) return false;
    if (scope.logicalSystem !== undefined && scope.logicalSystem !== logicalSystem) return false;
    return scope.routingInstance === undefined || scope.routingInstance === routingInstance;
  });
}

/** Why nothing can be asked at all, whatever the key; null when something can. */
export function whyNoRelay(form: QueryForm, relays: readonly Relay[]): string | null {
  const chosen = chosenRelays(form, relays);
  if (chosen.some((relay) => relay.unavailable === null)) return null;
  if (chosen.length > 0) return chosen[0]?.unavailable ?? null;
  const statement = form.family === 4 ? "dhcp-relay leasequery" : "dhcp-relay dhcpv6 leasequery";
  const where = form.instance === "" ? "" : ` in ${form.instance}`;
  return `No relay can query DHCPv${form.family}${where}: add "set forwarding-options ${statement}" and a server group under Configuration.`;
}

/** gateway-address of the first chosen relay that has one. */
export function defaultGateway(form: QueryForm, relays: readonly Relay[]): string | null {
  return chosenRelays(form, relays).find((relay) => relay.gatewayAddress !== null)?.gatewayAddress ?? null;
}

/** `core:*` limits to a logical system; null when the text is no instance. */
export function parseScope(text: string): { logicalSystem?: string; routingInstance?: string } | null {
  if (text === "") return {};
  const parts = text.split(":");
  if (parts.length !== 2 || !parts.every((part) => /^(\*|[A-Za-z0-9_.-]{1,63})$/.test(part))) return null;
  const [logicalSystem, routingInstance] = parts as [string, string];
  return {
    ...(logicalSystem !== "*" && { logicalSystem }),
    ...(routingInstance !== "*" && { routingInstance }),
  };
}

function commandOf(input: LeasequeryStartInput, key: string): string {
  const words = ["npx leasewire request", input.family === 4 ? "dhcp" : "dhcpv6", "relay leasequery", shellWord(key)];
  const option = (name: string, value: string | undefined) => {
    if (value !== undefined) words.push(name, shellWord(value));
  };
  if (input.family === 4) option("gateway-address", input.gatewayAddress);
  option("server-address", input.serverAddress);
  option("server-group", input.serverGroup);
  option("routing-instance", input.routingInstance);
  option("logical-system", input.logicalSystem);
  if (input.family === 6) option("link-address", input.linkAddress);
  return words.join(" ");
}

export function shellWord(text: string): string {
  return /^[A-Za-z0-9_.:/@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The form that asks the same as an earlier run. Whom it asked stands only in its command. */
export function formOfRun(run: LeasequeryRun): QueryForm {
  const words = run.command.split(/\s+/);
  const after = (name: string) => {
    const at = words.lastIndexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const logicalSystem = after("logical-system");
  const routingInstance = after("routing-instance");
  const anywhere = logicalSystem === undefined && routingInstance === undefined;
  return {
    family: run.family,
    kind: run.keyKind,
    key: run.key,
    gateway: run.gatewayAddress,
    link: run.linkAddress ?? "",
    instance: anywhere ? "" : `${logicalSystem ?? "*"}:${routingInstance ?? "*"}`,
    server: after("server-address") ?? "",
    group: after("server-group") ?? "",
  };
}

/** Messages of parsers begin in lower case, for use inside sentences. */
export function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function map<T, U>(result: Result<T>, change: (value: T) => U): Result<U> {
  return result.ok ? { ok: true, value: change(result.value) } : result;
}
