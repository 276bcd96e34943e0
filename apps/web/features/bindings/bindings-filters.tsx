"use client";

import type { Family } from "@leasewire/api";
import { Button, Checkbox, Popover, SegmentedControl, Select, Stack, TextInput } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconColumns3, IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { StateBadge } from "#ui/state-badge.tsx";
import { stateMeanings, stateNames } from "#ui/state-names.ts";
import classes from "./bindings-page.module.css";
import { columnIds, columnNames } from "./column-ids.ts";
import {
  type BindingsUrl,
  filterCount,
  noFilters,
  origins,
  shownColumns,
  type TextFilter,
  textFilters,
} from "./url-state.ts";

export type ChangeUrl = (change: Partial<{ [Name in keyof BindingsUrl]: BindingsUrl[Name] | null }>) => void;

interface FiltersProps {
  readonly url: BindingsUrl;
  readonly change: ChangeUrl;
  readonly instances: readonly string[];
  /** What the backend refused, and of which filter. */
  readonly refused?: { readonly field?: string; readonly message: string };
}

export function BindingsFilters({ url, change, instances, refused }: FiltersProps) {
  const hidden = filterCount({ ...url, q: null, instance: null, states: [] });
  return (
    <search className={classes.filters} aria-label="Filter bindings">
      <div className={classes.filterRow}>
        <SegmentedControl
          aria-label="Address family"
          value={String(url.family)}
          onChange={(value) => change({ family: Number(value) as Family, kind: null, id: null })}
          data={[
            { value: "4", label: "DHCPv4" },
            { value: "6", label: "DHCPv6" },
          ]}
        />
        <SegmentedControl
          aria-label="Role"
          value={url.role ?? "all"}
          onChange={(value) => change({ role: value === "all" ? null : (value as BindingsUrl["role"]), id: null })}
          data={[
            { value: "all", label: "All" },
            { value: "relay", label: "Relay" },
            { value: "server", label: "Server" },
          ]}
        />
        <CommittedText
          className={classes.search}
          label="Search"
          hideLabel
          placeholder="Address, MAC, client, circuit-id, remote-id…"
          value={url.q}
          onCommit={(q) => change({ q })}
          search
        />
        <Select
          aria-label="Instance"
          className={classes.instance}
          placeholder="Every instance"
          clearable
          data={[...new Set([...instances, ...(url.instance === null ? [] : [url.instance])])]}
          value={url.instance}
          onChange={(instance) => change({ instance })}
        />
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={14} />}
          aria-expanded={url.more}
          aria-controls="more-filters"
          onClick={() => change({ more: !url.more })}
        >
          {hidden === 0 ? "More filters" : `More filters (${hidden})`}
        </Button>
        <ColumnChoice url={url} change={change} />
        <SegmentedControl
          aria-label="Density"
          value={url.roomy ? "roomy" : "compact"}
          onChange={(value) => change({ roomy: value === "roomy" })}
          data={[
            { value: "compact", label: "Compact" },
            { value: "roomy", label: "Roomy" },
          ]}
        />
      </div>
      <fieldset className={classes.states}>
        <legend className={classes.legend}>States</legend>
        {stateNames.map((state) => {
          const on = url.states.includes(state);
          return (
            <button
              key={state}
              type="button"
              className={classes.state}
              aria-pressed={on}
              title={stateMeanings[state]}
              onClick={() =>
                change({ states: on ? url.states.filter((each) => each !== state) : [...url.states, state] })
              }
            >
              <StateBadge state={state} />
            </button>
          );
        })}
        {filterCount(url) > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={() => change(noFilters)}>
            Clear filters
          </Button>
        )}
      </fieldset>
      {url.more && (
        <div className={classes.more} id="more-filters">
          {textFilters.map((filter) => (
            <AdvancedText
              key={`${filter.name}${url.family}`}
              filter={filter}
              url={url}
              change={change}
              refused={refused}
            />
          ))}
          <Select
            label="Origin"
            placeholder="Any"
            clearable
            data={[...origins]}
            value={url.origin}
            onChange={(origin) => change({ origin: origin as BindingsUrl["origin"] })}
          />
          {url.family === 6 && (
            <Select
              label="Kind"
              placeholder="Addresses and prefixes"
              clearable
              data={[
                { value: "address", label: "Addresses" },
                { value: "prefix", label: "Delegated prefixes" },
              ]}
              value={url.kind}
              onChange={(kind) => change({ kind: kind as BindingsUrl["kind"] })}
            />
          )}
        </div>
      )}
    </search>
  );
}

/** Names of the API's filter fields where they differ from those of the URL. */
const apiFields: Partial<Record<TextFilter["name"], string>> = {
  mac: "hardwareAddress",
  client: "clientId",
  relay: "relayId",
  remote: "remoteId",
  circuit: "circuitId",
  link: "linkAddress",
  if: "interfaceName",
  server: "serverAddress",
};

function AdvancedText(props: {
  readonly filter: TextFilter;
  readonly url: BindingsUrl;
  readonly change: ChangeUrl;
  readonly refused: FiltersProps["refused"];
}) {
  const { filter, url, change, refused } = props;
  const field = apiFields[filter.name] ?? filter.name;
  const refusedHere = refused?.field?.split(".").at(-1) === field ? refused.message : null;
  return (
    <CommittedText
      label={filter.label}
      placeholder={filter.example[url.family]}
      value={url[filter.name]}
      problem={(text) => filter.problem?.(text, url.family) ?? null}
      error={refusedHere}
      onCommit={(text) => change({ [filter.name]: text })}
    />
  );
}

/** How long after the last key a filter applies by itself. */
const commitDelayMs = 350;

/** A text field that applies when one pauses, presses Enter or leaves; a text that cannot be meant is not applied. */
function CommittedText(props: {
  readonly label: string;
  readonly hideLabel?: boolean;
  readonly placeholder: string;
  readonly value: string | null;
  readonly problem?: (text: string) => string | null;
  readonly error?: string | null;
  readonly search?: boolean;
  readonly className?: string;
  readonly onCommit: (text: string | null) => void;
}) {
  const [text, setText] = useState(props.value ?? "");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const trimmed = text.trim();
  const problem = trimmed === "" ? null : (props.problem?.(trimmed) ?? null);

  useEffect(() => {
    clearTimeout(timer.current);
    setText(props.value ?? "");
  }, [props.value]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const commit = (next: string) => {
    clearTimeout(timer.current);
    const wanted = next.trim();
    if (wanted !== "" && props.problem?.(wanted)) return;
    if (wanted !== (props.value ?? "")) props.onCommit(wanted === "" ? null : wanted);
  };

  return (
    <TextInput
      {...(props.hideLabel ? { "aria-label": props.label } : { label: props.label })}
      className={props.className}
      placeholder={props.placeholder}
      value={text}
      error={problem ?? props.error}
      spellCheck={false}
      autoComplete="off"
      {...(props.search && { leftSection: <IconSearch size={14} aria-hidden />, "data-search-field": true })}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => commit(next), commitDelayMs);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(text);
      }}
      onBlur={() => commit(text)}
    />
  );
}

function ColumnChoice({ url, change }: { readonly url: BindingsUrl; readonly change: ChangeUrl }) {
  const shown = shownColumns(url);
  return (
    <Popover position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={14} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <Stack gap={6}>
          {columnIds.map((id) => (
            <Checkbox
              key={id}
              label={columnNames[id]}
              checked={shown.includes(id)}
              disabled={id === "address"}
              onChange={(event) => {
                const on = event.currentTarget.checked;
                change({ cols: columnIds.filter((each) => (each === id ? on : shown.includes(each))) });
              }}
            />
          ))}
          <Button variant="subtle" size="compact-xs" onClick={() => change({ cols: null })}>
            As at first
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
