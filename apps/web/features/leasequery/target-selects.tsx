"use client";

import type { LeasequeryTargets } from "@leasewire/api";
import { Select } from "@mantine/core";
import { chosenRelays, type QueryForm } from "./query-form.ts";

/** Whom a query goes to; texts of the URL. */
type Target = Pick<QueryForm, "family" | "instance" | "server" | "group">;

/** The logical system and routing instance whose relays ask. */
export function InstanceSelect(props: {
  readonly form: Target;
  readonly targets: Pick<LeasequeryTargets, "relays">;
  readonly error: string | undefined;
  readonly onChange: (changes: Partial<Target>) => void;
}) {
  const { form } = props;
  const instances = unique(props.targets.relays.filter((r) => r.family === form.family).map((r) => r.instance));
  const part = (index: 0 | 1) => unique(instances.map((instance) => instance.split(":")[index] ?? ""));
  const data = [
    { value: "", label: "Every instance" },
    ...(part(0).length > 1 ? part(0).map((name) => ({ value: `${name}:*`, label: `Logical system ${name}` })) : []),
    ...(part(1).length > 1 ? part(1).map((name) => ({ value: `*:${name}`, label: `Routing instance ${name}` })) : []),
    ...instances.map((instance) => ({ value: instance, label: instance })),
  ];
  return (
    <Select
      label="Instance"
      data={withChosen(data, form.instance)}
      value={form.instance}
      onChange={(instance) => props.onChange({ instance: instance ?? "" })}
      error={props.error}
      allowDeselect={false}
      data-testid="query-instance"
    />
  );
}

/** All servers the chosen relays know, a group of them, or one. */
export function ServerSelect(props: {
  readonly form: Target;
  readonly targets: Pick<LeasequeryTargets, "relays">;
  readonly error: string | undefined;
  readonly onChange: (changes: Partial<Target>) => void;
}) {
  const { form } = props;
  const servers = chosenRelays(form, props.targets.relays).flatMap((relay) => relay.servers);
  const groups = unique(servers.flatMap((server) => server.group ?? []));
  const addresses = unique(servers.map((server) => server.address));
  const data = [
    { value: "", label: `All known (${addresses.length})` },
    ...groups.map((group) => ({ value: `group ${group}`, label: `Group ${group}` })),
    ...addresses.map((address) => ({ value: `server ${address}`, label: address })),
  ];
  const value = form.group !== "" ? `group ${form.group}` : form.server !== "" ? `server ${form.server}` : "";
  return (
    <Select
      label="Servers"
      data={withChosen(data, value)}
      value={value}
      onChange={(choice) => {
        const [what = "", name = ""] = (choice ?? "").split(/ (.*)/);
        props.onChange({ group: what === "group" ? name : "", server: what === "server" ? name : "" });
      }}
      error={props.error}
      allowDeselect={false}
      data-testid="query-servers"
    />
  );
}

/** A choice that came in the URL stays visible even where it does not exist; the backend says what is wrong with it. */
function withChosen(data: readonly { value: string; label: string }[], value: string) {
  return data.some((item) => item.value === value) ? [...data] : [...data, { value, label: `${value} (not known)` }];
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
