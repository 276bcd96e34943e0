"use client";

import type { Family, GuardLimits } from "@leasewire/api";
import { parseIpv4, parseIpv6 } from "@leasewire/net";
import { Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { describeError } from "#lib/errors.ts";
import { formatSpan } from "#lib/format.ts";
import { useTRPC } from "#lib/trpc.tsx";
import { Notice } from "#ui/notice.tsx";
import { say } from "#ui/toast.tsx";

/** Whom to quarantine; an empty address is asked for. `instance` null: at every server of the family. */
export interface QuarantineTarget {
  readonly family: Family;
  readonly instance: string | null;
  readonly address: string;
}

const spans = [300, 1800, 3600, 86_400, 604_800];

export function QuarantineDialog(props: {
  readonly target: QuarantineTarget | null;
  readonly limits: readonly GuardLimits[];
  readonly onClose: () => void;
}) {
  const { target } = props;
  return (
    <Modal
      opened={target !== null}
      onClose={props.onClose}
      title={target?.address ? `Quarantine ${target.address}?` : "Quarantine an address"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {target !== null && <QuarantineForm target={target} limits={props.limits} onClose={props.onClose} />}
    </Modal>
  );
}

function QuarantineForm(props: {
  readonly target: QuarantineTarget;
  readonly limits: readonly GuardLimits[];
  readonly onClose: () => void;
}) {
  const { target } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { family: String(target.family), address: target.address, seconds: "", reason: "" },
    validate: {
      address: (text, { family }) => {
        const parsed = family === "4" ? parseIpv4(text.trim()) : parseIpv6(text.trim());
        return parsed.ok ? null : parsed.error.message;
      },
      reason: (text) => (text.length > 200 ? "A reason has at most 200 characters." : null),
    },
  });
  const quarantine = useMutation(
    trpc.guard.quarantine.mutationOptions({
      onSuccess: async () => {
        say(`${form.values.address.trim()} is quarantined.`);
        props.onClose();
        await queryClient.invalidateQueries({ queryKey: trpc.guard.pathKey() });
      },
      onError: (error) => {
        const { field, message } = describeError(error);
        if (field === "address" || field === "reason") form.setFieldError(field, message);
      },
    }),
  );
  const family: Family = form.values.family === "6" ? 6 : 4;
  const usual = props.limits.find(
    (one) => one.family === family && (target.instance === null || one.instance === target.instance),
  );
  const [logicalSystem, routingInstance] = target.instance?.split(":") ?? [];

  return (
    <form
      aria-label="Quarantine a requestor"
      onSubmit={form.onSubmit((values) =>
        quarantine.mutate({
          family,
          logicalSystem,
          routingInstance,
          address: values.address.trim(),
          ...(values.seconds !== "" && { seconds: Number(values.seconds) }),
          ...(values.reason.trim() !== "" && { reason: values.reason.trim() }),
        }),
      )}
    >
      <Stack gap="sm">
        <Text size="sm">
          Its leasequeries over UDP are left unanswered
          {target.instance === null ? " at every server of the family" : ` at ${target.instance}`}. Leases are not
          touched, and open connections stay open.
        </Text>
        {target.address === "" && (
          <>
            <SegmentedControl
              aria-label="Family of the requestor"
              {...form.getInputProps("family")}
              data={[
                { value: "4", label: "DHCPv4" },
                { value: "6", label: "DHCPv6" },
              ]}
            />
            <TextInput
              label="Address"
              placeholder={family === 4 ? "192.0.2.9" : "2001:db8::9"}
              spellCheck={false}
              data-autofocus
              {...form.getInputProps("address")}
            />
          </>
        )}
        <Select
          label="For how long"
          allowDeselect={false}
          {...form.getInputProps("seconds")}
          data={[
            {
              value: "",
              label: usual === undefined ? "As configured" : `As configured: ${formatSpan(usual.quarantineSeconds)}`,
            },
            ...spans.map((span) => ({ value: String(span), label: formatSpan(span) })),
          ]}
        />
        <TextInput
          label="Reason"
          description="Others see it."
          placeholder="It scans the pool"
          {...form.getInputProps("reason")}
        />
        {quarantine.isError && Object.keys(form.errors).length === 0 && (
          <Notice tone="bad">{describeError(quarantine.error).message}</Notice>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={props.onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={quarantine.isPending}>
            Quarantine
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
