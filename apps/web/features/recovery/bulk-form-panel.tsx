"use client";

import type { LeasequeryTargets } from "@leasewire/api";
import { Anchor, Button, Checkbox, SegmentedControl, Select, Text, TextInput } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import Link from "next/link";
import { useState } from "react";
import { chosenRelays } from "#features/leasequery/query-form.ts";
import { InstanceSelect, ServerSelect } from "#features/leasequery/target-selects.tsx";
import { paths } from "#lib/paths.ts";
import { can, denied, every, type Permission } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { ActionButton } from "#ui/action-button.tsx";
import { CopyButton } from "#ui/copy.tsx";
import { Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import {
  type BulkField,
  type BulkForm,
  type BulkKind,
  bulkKind,
  bulkKinds,
  ownRelayIds,
  type ReadBulkForm,
  whyNoBulk,
} from "./bulk-form.ts";
import classes from "./recovery.module.css";

/** The form of a bulk query: what is asked, within which times, of whom, and the same as a command. */
export function BulkFormPanel(props: {
  readonly form: BulkForm;
  readonly read: ReadBulkForm;
  readonly targets: LeasequeryTargets;
  readonly sending: boolean;
  /** A refusal of the backend, until something changes. */
  readonly refusal: { readonly field: string | undefined; readonly message: string } | null;
  readonly onChange: (changes: Partial<BulkForm>) => void;
  readonly onSubmit: () => void;
}) {
  const { form, read, targets, onChange } = props;
  const principal = usePrincipal();
  // Nothing is complained about before something is typed, or sending was tried.
  const [tried, setTried] = useState(false);
  const kind = bulkKind(form.family, form.kind);
  const unavailable = whyNoBulk(form, targets.relays);
  const leftOut = chosenRelays(form, targets.relays).filter((relay) => relay.bulk.unavailable !== null);
  const permission: Permission = every(
    can.runLeasequery(principal),
    unavailable === null ? { allowed: true } : denied(unavailable),
  );
  const shown = (field: BulkField, typed: string) => (tried || typed !== "" ? read.errors[field] : undefined);
  const text = {
    classNames: { input: "mono" },
    autoComplete: "off",
    spellCheck: false,
    inputWrapperOrder: ["label" as const, "input" as const, "description" as const, "error" as const],
  };

  return (
    <Panel title="Bulk query" labelledBy="bulk-form-title">
      <form
        className={classes.form}
        aria-labelledby="bulk-form-title"
        data-testid="bulk-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (permission.allowed && read.input !== null) props.onSubmit();
        }}
      >
        <SegmentedControl
          fullWidth
          aria-label="Family"
          value={String(form.family)}
          onChange={(family) => onChange({ family: family === "6" ? 6 : 4 })}
          data={[
            { value: "4", label: "DHCPv4" },
            { value: "6", label: "DHCPv6" },
          ]}
        />
        <Select
          label="Ask for"
          description={kind.meaning}
          value={kind.value}
          onChange={(value) => onChange({ kind: value as BulkKind })}
          data={bulkKinds(form.family).map(({ value, label }) => ({ value, label }))}
          allowDeselect={false}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data-testid="bulk-kind"
        />
        {kind.field !== null && (
          <TextInput
            {...text}
            label={kind.field}
            placeholder={kind.placeholder}
            value={form.key}
            onChange={(event) => onChange({ key: event.currentTarget.value })}
            error={shown("key", form.key)}
            description={read.understood.key === undefined ? undefined : `Understood as ${read.understood.key}.`}
            maxLength={600}
            data-search-field
            data-testid="bulk-key"
          />
        )}
        {kind.value === "relay-id" && (
          <RelayIds ids={ownRelayIds(form, targets.relays)} chosen={form.key} onChoose={(key) => onChange({ key })} />
        )}
        {form.family === 4 && (
          <Text size="xs" c="dimmed">
            DHCPv4 has no bulk query by address: ask for one under{" "}
            <Anchor component={Link} href={paths.leasequery()} size="xs" underline="always">
              Leasequery
            </Anchor>
            , for many under{" "}
            <Anchor component={Link} href={paths.lookup()} size="xs" underline="always">
              Look-up
            </Anchor>
            .
          </Text>
        )}
        <div className={classes.pair}>
          <InstanceSelect form={form} targets={targets} error={read.errors.instance} onChange={onChange} />
          <ServerSelect form={form} targets={targets} error={read.errors.target} onChange={onChange} />
        </div>
        <Checkbox
          label="Incremental"
          description="Only what changed since the newest base-time of each server that is stored"
          checked={form.incremental}
          onChange={(event) => onChange({ incremental: event.currentTarget.checked })}
          data-testid="bulk-incremental"
        />
        <div className={classes.pair}>
          <TextInput
            {...text}
            label="Changed since (optional)"
            placeholder={form.incremental ? "chosen for each server" : "30m, or 2026-11-24 07:00"}
            value={form.incremental ? "" : form.from}
            disabled={form.incremental}
            onChange={(event) => onChange({ from: event.currentTarget.value })}
            error={shown("from", form.from)}
            description={read.understood.from}
            maxLength={40}
            data-testid="bulk-from"
          />
          <TextInput
            {...text}
            label="Changed until (optional)"
            placeholder="10m, or 2026-11-24 08:00"
            value={form.until}
            onChange={(event) => onChange({ until: event.currentTarget.value })}
            error={shown("until", form.until)}
            description={read.understood.until}
            maxLength={40}
            data-testid="bulk-until"
          />
        </div>
        {form.family === 6 && kind.value !== "link-address" && (
          <TextInput
            {...text}
            label="Only on the link (optional)"
            placeholder="2001:db8:1::1"
            value={form.link}
            onChange={(event) => onChange({ link: event.currentTarget.value })}
            error={shown("link", form.link)}
            maxLength={64}
            data-testid="bulk-link"
          />
        )}
        {unavailable !== null && (
          <Notice tone="warn" title="This cannot be asked yet">
            {unavailable}
          </Notice>
        )}
        {unavailable === null &&
          leftOut.map((relay) => (
            <Notice key={relay.instance} tone="info" title={`${relay.instance} is left out`}>
              {relay.bulk.unavailable}
            </Notice>
          ))}
        {props.refusal !== null && (
          <Notice tone="bad" title="Refused, nothing was started">
            {props.refusal.message}
          </Notice>
        )}
        <div className={classes.submit}>
          <ActionButton
            permission={permission}
            type="submit"
            loading={props.sending}
            leftSection={<IconSend size={14} />}
            data-testid="bulk-send"
          >
            Start bulk query
          </ActionButton>
          <Text size="xs" c={permission.allowed ? "dimmed" : undefined}>
            {permission.allowed ? "Ctrl+Enter starts it from anywhere on the page." : permission.reason}
          </Text>
        </div>
        <div>
          <Text size="xs" c="dimmed">
            The same on the command line
          </Text>
          {read.command === null ? (
            <Text size="xs" c="dimmed">
              Appears when the query is complete.
            </Text>
          ) : (
            <div className={classes.commandLine}>
              <code className={classes.command} data-testid="bulk-command">
                {read.command}
              </code>
              <CopyButton value={read.command} what="command" />
            </div>
          )}
        </div>
      </form>
    </Panel>
  );
}

/** The identifiers that relays of this node have, to choose from. */
function RelayIds(props: {
  readonly ids: readonly string[];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}) {
  if (props.ids.length === 0) return null;
  return (
    <fieldset className={classes.choices}>
      <legend>Relays here</legend>
      {props.ids.map((id) => (
        <Button
          key={id}
          variant="default"
          size="compact-xs"
          aria-pressed={id === props.chosen}
          onClick={() => props.onChoose(id)}
          data-testid="bulk-relay-id"
        >
          <span className="mono">{id}</span>
        </Button>
      ))}
    </fieldset>
  );
}
