import type { BulkRun, BulkStartInput, Family, LeasequeryTargets } from "@leasewire/api";
import {
  describeDuid,
  formatClientIdentifier,
  formatDuid,
  formatIpv6,
  formatIpv6Prefix,
  formatMac,
  formatRelayIdentifier,
  formatRemoteId,
  formatRemoteId6,
  formatUtcSeconds,
  parseClientIdentifier,
  parseDuid,
  parseIpv6,
  parseIpv6Prefix,
  parseMac,
  parseRelayIdentifier,
  parseRemoteId,
  parseRemoteId6,
  parseTime,
  type Result,
  secondsAt,
} from "@leasewire/net";
import { chosenRelays, parseScope, type Relay, sentence, shellWord } from "#features/leasequery/query-form.ts";

export type BulkKind = BulkStartInput["key"]["kind"];

/** The form as it stands in the URL: texts as typed. */
export interface BulkForm {
  readonly family: Family;
  readonly kind: BulkKind;
  /** Empty with `relay-id`: the relay's own. */
  readonly key: string;
  /** v6: only leases on this link; empty: every link. */
  readonly link: string;
  /** `LS:RI`, with `*` for any; empty: every instance. */
  readonly instance: string;
  readonly server: string;
  readonly group: string;
  /** Start and end time; empty: no limit. */
  readonly from: string;
  readonly until: string;
  readonly incremental: boolean;
}

export type BulkField = "key" | "link" | "instance" | "target" | "from" | "until";

/** What the form means: either a query that can be sent, or why not, field by field. */
export interface ReadBulkForm {
  readonly errors: Partial<Readonly<Record<BulkField, string>>>;
  /** How texts were understood, where that is not what was typed. */
  readonly understood: Partial<Readonly<Record<BulkField, string>>>;
  /** null while there is an error. */
  readonly input: BulkStartInput | null;
  /** The same query for a terminal; null while there is an error. */
  readonly command: string | null;
}

export interface KindWords {
  readonly value: BulkKind;
  readonly label: string;
  /** Name of the field; null where there is nothing to fill in. */
  readonly field: string | null;
  readonly placeholder: string;
  readonly meaning: string;
}

const kinds4: readonly KindWords[] = [
  {
    value: "relay-id",
    label: "Relay identifier",
    field: "Relay identifier",
    placeholder: "empty: the relay's own",
    meaning: "Every client behind a relay: what that relay has to know.",
  },
  {
    value: "remote-id",
    label: "Remote-id",
    field: "Remote-id",
    placeholder: "0x0a1b or ascii:NAME",
    meaning: "Every client on one access circuit.",
  },
  {
    value: "client-id",
    label: "Client identifier",
    field: "Client identifier",
    placeholder: "01:00:11:22:33:44:55 or ascii:NAME",
    meaning: "Every lease of one client.",
  },
  {
    value: "mac",
    label: "MAC address",
    field: "MAC address",
    placeholder: "00:11:22:33:44:55",
    meaning: "Every lease of one client, by its hardware address.",
  },
  {
    value: "all-configured",
    label: "All configured addresses",
    field: null,
    placeholder: "",
    meaning: "Every address the servers are configured with, leased or not.",
  },
];

const kinds6: readonly KindWords[] = [
  { ...kinds4[0]!, field: "DUID of the relay" },
  {
    ...kinds4[1]!,
    placeholder: "3561:ascii:NAME or 3561:0x0a1b",
    meaning: "Every client on one access circuit; the enterprise number belongs to the identifier.",
  },
  {
    value: "link-address",
    label: "Link",
    field: "Link address",
    placeholder: "2001:db8:1::1",
    meaning: "Every client on one link: the address names it.",
  },
  {
    value: "address",
    label: "Address or prefix",
    field: "Address or prefix",
    placeholder: "2001:db8::7 or 2001:db8:100::/40",
    meaning: "The client of an address, or every client inside a prefix.",
  },
  { ...kinds4[2]!, label: "DUID", field: "Client DUID", placeholder: "00:03:00:01:00:11:22:33:44:55" },
];

export function bulkKinds(family: Family): readonly KindWords[] {
  return family === 4 ? kinds4 : kinds6;
}

/** The kind, or the first one where the family does not have it. */
export function bulkKind(family: Family, kind: BulkKind): KindWords {
  return bulkKinds(family).find(({ value }) => value === kind) ?? bulkKinds(family)[0]!;
}

export function readBulkForm(form: BulkForm, nowSeconds: number): ReadBulkForm {
  const kind = bulkKind(form.family, form.kind).value;
  const errors: Partial<Record<BulkField, string>> = {};
  const understood: Partial<Record<BulkField, string>> = {};
  const take = <T>(field: BulkField, result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    errors[field] = sentence(result.error.message);
    return undefined;
  };

  const key = take("key", readKey(form.family, kind, form.key.trim()));
  if (key?.understood !== undefined && key.understood !== form.key.trim()) understood.key = key.understood;
  const linkText = form.family === 6 && kind !== "link-address" ? form.link.trim() : "";
  const link = linkText === "" ? undefined : take("link", parseIpv6(linkText));

  const time = (field: "from" | "until") => {
    const text = form[field].trim();
    if (text === "" || (field === "from" && form.incremental)) return undefined;
    const read = take(field, parseTime(text));
    const seconds = read && secondsAt(read, nowSeconds);
    if (seconds !== undefined)
      understood[field] = `${formatUtcSeconds(seconds).replace("T", " ").replace("Z", "")} UTC`;
    return seconds;
  };
  const from = time("from");
  const until = time("until");
  if (from !== undefined && until !== undefined && until < from) {
    errors.until = "The end lies before the start: nothing can have changed then.";
  }

  const scope = parseScope(form.instance);
  if (scope === null) {
    errors.instance = `"${form.instance}" is not an instance: write LOGICAL-SYSTEM:ROUTING-INSTANCE, with * for any.`;
  }
  if (form.server !== "" && form.group !== "") {
    errors.target = "A server address and a server group exclude each other: keep one of them.";
  }
  if (Object.keys(errors).length > 0 || key === undefined) return { errors, understood, input: null, command: null };

  const input = {
    family: form.family,
    key: key.input,
    ...(form.server !== "" && { serverAddress: form.server }),
    ...(form.group !== "" && { serverGroup: form.group }),
    ...(scope ?? {}),
    ...(from !== undefined && { queryStartTimeSeconds: from }),
    ...(until !== undefined && { queryEndTimeSeconds: until }),
    ...(form.incremental && { incremental: true }),
    ...(link !== undefined && { linkAddress: formatIpv6(link) }),
  } as BulkStartInput;
  return { errors, understood, input, command: commandOf(input, key.words) };
}

interface Key {
  readonly input: BulkStartInput["key"];
  /** As the command line takes it. */
  readonly words: readonly string[];
  readonly understood?: string;
}

function readKey(family: Family, kind: BulkKind, text: string): Result<Key> {
  const as = <T>(result: Result<T>, make: (value: T) => Key): Result<Key> =>
    result.ok ? { ok: true, value: make(result.value) } : result;
  switch (kind) {
    case "all-configured":
      return { ok: true, value: { input: { kind }, words: ["all-configured-ip"] } };
    case "relay-id": {
      if (text === "") return { ok: true, value: { input: { kind }, words: [] } };
      if (family === 4) {
        return as(parseRelayIdentifier(text), (value) => {
          const relayId = formatRelayIdentifier(value);
          return { input: { kind, relayId }, words: ["relay-id", relayId], understood: relayId };
        });
      }
      return as(parseDuid(text), (value) => {
        const relayId = formatDuid(value);
        return { input: { kind, relayId }, words: ["relay-id", relayId], understood: describeDuid(value).text };
      });
    }
    case "remote-id":
      return as(family === 4 ? parseRemoteId(text) : parseRemoteId6(text), (value) => {
        const remoteId = family === 4 ? formatRemoteId(value) : formatRemoteId6(value);
        return { input: { kind, remoteId }, words: ["remote-id", remoteId], understood: remoteId };
      });
    case "client-id":
      if (family === 4) {
        return as(parseClientIdentifier(text), (value) => {
          const clientId = formatClientIdentifier(value);
          // Six octets in pairs read as a MAC address on the command line; 0x says that they are not.
          const word = value.length === 6 ? hexWord(clientId) : clientId;
          return { input: { kind, clientId }, words: [word], understood: clientId };
        });
      }
      return as(parseDuid(text), (value) => {
        const duid = formatDuid(value);
        const word = parseIpv6(duid).ok ? hexWord(duid) : duid;
        return { input: { kind, duid }, words: [word], understood: describeDuid(value).text };
      });
    case "mac":
      return as(parseMac(text), (value) => {
        const mac = formatMac(value);
        return { input: { kind, mac }, words: [mac], understood: mac };
      });
    case "link-address":
      return as(parseIpv6(text), (value) => {
        const linkAddress = formatIpv6(value);
        return { input: { kind, linkAddress }, words: ["link-addr", linkAddress], understood: linkAddress };
      });
    case "address": {
      const address = text.includes("/")
        ? mapped(parseIpv6Prefix(text), formatIpv6Prefix)
        : mapped(parseIpv6(text), formatIpv6);
      return as(address, (value) => ({ input: { kind, address: value }, words: [value], understood: value }));
    }
  }
}

/** Why nothing can be asked in bulk, whatever the key; null when something can. */
export function whyNoBulk(form: Pick<BulkForm, "family" | "instance">, relays: readonly Relay[]): string | null {
  const chosen = chosenRelays(form, relays);
  if (chosen.some((relay) => relay.bulk.unavailable === null)) return null;
  if (chosen.length > 0) return chosen[0]?.bulk.unavailable ?? null;
  const statement = form.family === 4 ? "dhcp-relay bulk-leasequery" : "dhcp-relay dhcpv6 bulk-leasequery";
  const where = form.instance === "" ? "" : ` in ${form.instance}`;
  return `No relay can query DHCPv${form.family} in bulk${where}: add "set forwarding-options ${statement}" and a server group under Configuration.`;
}

/** The relays' own identifiers, to choose from. */
export function ownRelayIds(
  form: Pick<BulkForm, "family" | "instance">,
  relays: LeasequeryTargets["relays"],
): readonly string[] {
  return [...new Set(chosenRelays(form, relays).flatMap((relay) => relay.bulk.relayId ?? []))];
}

function commandOf(input: BulkStartInput, key: readonly string[]): string {
  const words = ["npx leasewire request", input.family === 4 ? "dhcp" : "dhcpv6", "relay bulk-leasequery"];
  words.push(...key.map(shellWord));
  const option = (name: string, value: string | number | undefined) => {
    if (value !== undefined) words.push(name, shellWord(String(value)));
  };
  option("server-address", input.serverAddress);
  option("server-group", input.serverGroup);
  option("routing-instance", input.routingInstance);
  option("logical-system", input.logicalSystem);
  option("query-start-time", input.queryStartTimeSeconds);
  option("query-end-time", input.queryEndTimeSeconds);
  if (input.incremental) words.push("incremental");
  if (input.family === 6) option("on-link", input.linkAddress);
  return words.join(" ");
}

/** The form that asks what an input asks. */
export function formOfInput(input: BulkStartInput): BulkForm {
  const anywhere = input.logicalSystem === undefined && input.routingInstance === undefined;
  const time = (seconds: number | undefined) =>
    seconds === undefined ? "" : formatUtcSeconds(seconds).replace("T", " ").replace("Z", "");
  return {
    family: input.family,
    kind: input.key.kind,
    key: keyText(input.key),
    link: (input.family === 6 ? input.linkAddress : undefined) ?? "",
    instance: anywhere ? "" : `${input.logicalSystem ?? "*"}:${input.routingInstance ?? "*"}`,
    server: input.serverAddress ?? "",
    group: input.serverGroup ?? "",
    from: time(input.queryStartTimeSeconds),
    until: time(input.queryEndTimeSeconds),
    incremental: input.incremental ?? false,
  };
}

function keyText(key: BulkStartInput["key"]): string {
  switch (key.kind) {
    case "relay-id":
      return key.relayId ?? "";
    case "remote-id":
      return key.remoteId;
    case "client-id":
      return "duid" in key ? key.duid : key.clientId;
    case "mac":
      return key.mac;
    case "address":
      return key.address;
    case "link-address":
      return key.linkAddress;
    case "all-configured":
      return "";
  }
}

/** The form that asks the same as an earlier run. Whom it asked stands only in its command. */
export function formOfRun(run: BulkRun): BulkForm {
  const words = run.command.split(/\s+/);
  const after = (name: string) => {
    const at = words.lastIndexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const logicalSystem = after("logical-system");
  const routingInstance = after("routing-instance");
  const anywhere = logicalSystem === undefined && routingInstance === undefined;
  const time = (seconds: number | null) =>
    seconds === null ? "" : formatUtcSeconds(seconds).replace("T", " ").replace("Z", "");
  return {
    family: run.family,
    kind: run.keyKind,
    // Without a key the relay's own was meant, whatever it is now.
    key: run.keyKind === "relay-id" && after("relay-id") === undefined ? "" : run.key,
    link: run.keyKind === "link-address" ? "" : (run.linkAddress ?? ""),
    instance: anywhere ? "" : `${logicalSystem ?? "*"}:${routingInstance ?? "*"}`,
    server: after("server-address") ?? "",
    group: after("server-group") ?? "",
    from: run.incremental ? "" : time(run.queryStartTimeSeconds),
    until: time(run.queryEndTimeSeconds),
    incremental: run.incremental,
  };
}

function hexWord(colons: string): string {
  return colons.startsWith("ascii:") ? colons : `0x${colons.replaceAll(":", "")}`;
}

function mapped<T, U>(result: Result<T>, change: (value: T) => U): Result<U> {
  return result.ok ? { ok: true, value: change(result.value) } : result;
}
