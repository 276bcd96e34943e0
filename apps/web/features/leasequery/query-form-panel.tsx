"use client";

import type { LeasequeryTargets } from "@leasewire/api";
import { Autocomplete, Button, SegmentedControl, Text, TextInput } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { can, denied, every, type Permission } from "#lib/permissions.ts";
import { usePrincipal } from "#lib/session.ts";
import { ActionButton } from "#ui/action-button.tsx";
import { CopyButton } from "#ui/copy.tsx";
import { Notice } from "#ui/notice.tsx";
import { Panel } from "#ui/page.tsx";
import classes from "./leasequery.module.css";
import { chosenRelays, kindFor, kindsOf, type QueryForm, type ReadForm, whyNoRelay } from "./query-form.ts";
import { InstanceSelect, ServerSelect } from "./target-selects.tsx";

/** The form of an individual query: what is asked, of whom, and the same as a command. */
export function QueryFormPanel(props: {
  readonly form: QueryForm;
  readonly read: ReadForm;
  readonly targets: LeasequeryTargets;
  readonly sending: boolean;
  /** A refusal of the backend for one field, until that field changes. */
  readonly refusal: { readonly field: string | undefined; readonly message: string } | null;
  readonly onChange: (changes: Partial<QueryForm>) => void;
  readonly onSubmit: () => void;
}) {
  const { form, read, targets, onChange } = props;
  const principal = usePrincipal();
  // Nothing is complained about before something is typed, or sending was tried.
  const [tried, setTried] = useState(false);
  const kind = kindFor(form.family, form.kind);
  const unavailable = whyNoRelay(form, targets.relays);
  const halfUnavailable = chosenRelays(form, targets.relays).filter((relay) => relay.unavailable !== null);
  const permission: Permission = every(
    can.runLeasequery(principal),
    unavailable === null ? { allowed: true } : denied(unavailable),
  );
  const shown = (error: string | undefined, typed: string | null) =>
    tried || (typed !== null && typed !== "") ? error : undefined;

  return (
    <Panel title="Query" labelledBy="query-title">
      <form
        className={classes.form}
        aria-labelledby="query-title"
        data-testid="query-form"
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
        <SegmentedControl
          fullWidth
          aria-label="Ask by"
          value={kind}
          onChange={(value) => onChange({ kind: value as QueryForm["kind"] })}
          data={kindsOf(form.family).map((each) => ({ ...each }))}
        />
        <TextInput
          label={keyLabel(form.family, kind)}
          placeholder={keyPlaceholder(form.family, kind)}
          value={form.key}
          onChange={(event) => onChange({ key: event.currentTarget.value })}
          error={shown(read.errors.key, form.key)}
          description={read.understood ?? undefined}
          inputWrapperOrder={["label", "input", "description", "error"]}
          classNames={{ input: "mono" }}
          autoComplete="off"
          spellCheck={false}
          maxLength={600}
          required
          withAsterisk={false}
          data-search-field
          data-testid="query-key"
        />
        <Examples targets={targets} form={form} onChange={onChange} />
        {form.family === 4 ? (
          <Autocomplete
            label="Gateway address (giaddr)"
            description="The relay's address towards the clients"
            size="xs"
            value={read.gateway}
            onChange={(gateway) => onChange({ gateway })}
            data={[...new Set(chosenRelays(form, targets.relays).flatMap((relay) => relay.gatewayAddress ?? []))]}
            error={shown(read.errors.gateway, "shown")}
            classNames={{ input: "mono" }}
            autoComplete="off"
            maxLength={64}
            required
            withAsterisk={false}
            data-testid="query-gateway"
          />
        ) : (
          <TextInput
            label="Link address (optional)"
            description="Limits the query to one link; empty asks for every link"
            value={form.link}
            onChange={(event) => onChange({ link: event.currentTarget.value })}
            error={shown(read.errors.link, form.link)}
            classNames={{ input: "mono" }}
            autoComplete="off"
            maxLength={64}
            data-testid="query-link"
          />
        )}
        <div className={classes.pair}>
          <InstanceSelect form={form} targets={targets} error={read.errors.instance} onChange={onChange} />
          <ServerSelect form={form} targets={targets} error={read.errors.target} onChange={onChange} />
        </div>
        {unavailable !== null && (
          <Notice tone="warn" title="This cannot be asked yet">
            {unavailable}
          </Notice>
        )}
        {unavailable === null &&
          halfUnavailable.map((relay) => (
            <Notice key={relay.instance} tone="info" title={`${relay.instance} is left out`}>
              {relay.unavailable}
            </Notice>
          ))}
        {props.refusal !== null && (
          <Notice tone="bad" title="Refused, nothing was sent">
            {props.refusal.message}
          </Notice>
        )}
        <div className={classes.submit}>
          <ActionButton
            permission={permission}
            type="submit"
            loading={props.sending}
            leftSection={<IconSend size={14} />}
            data-testid="query-send"
          >
            Send query
          </ActionButton>
          {permission.allowed ? (
            <Text size="xs" c="dimmed">
              Ctrl+Enter sends from anywhere on the page.
            </Text>
          ) : (
            <Text size="xs" data-testid="query-denied">
              {permission.reason}
            </Text>
          )}
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
              <code className={classes.command} data-testid="query-command">
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

/** Keys that exist in the lab, to try with. */
function Examples(props: {
  readonly targets: LeasequeryTargets;
  readonly form: QueryForm;
  readonly onChange: (changes: Partial<QueryForm>) => void;
}) {
  const examples = props.targets.examples.filter((example) => example.family === props.form.family);
  if (examples.length === 0) return null;
  return (
    <fieldset className={classes.examples}>
      <legend>From the lab</legend>
      {examples.map((example) => (
        <Button
          key={`${example.kind} ${example.text}`}
          variant="default"
          size="compact-xs"
          data-testid="query-example"
          onClick={() =>
            props.onChange({
              kind: kindOf(example.kind),
              key: example.text,
              ...(example.gatewayAddress !== null && { gateway: example.gatewayAddress }),
              instance: example.instance ?? "",
            })
          }
        >
          <span className="mono">{example.text}</span>
        </Button>
      ))}
    </fieldset>
  );
}

function kindOf(text: string): QueryForm["kind"] {
  return text === "mac" || text === "client-id" ? text : "address";
}

function keyLabel(family: QueryForm["family"], kind: QueryForm["kind"]): string {
  if (kind === "mac") return "MAC address";
  if (kind === "client-id") return family === 4 ? "Client identifier" : "Client DUID";
  return family === 4 ? "IPv4 address" : "IPv6 address or prefix";
}

function keyPlaceholder(family: QueryForm["family"], kind: QueryForm["kind"]): string {
  if (kind === "mac") return "00:11:22:33:44:55";
  if (kind === "client-id")
    return family === 4 ? "01:00:11:22:33:44:55 or ascii:NAME" : "00:03:00:01:00:11:22:33:44:55";
  return family === 4 ? "192.0.2.7" : "2001:db8::7 or 2001:db8:100::/56";
}
