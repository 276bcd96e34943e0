"use client";

import type { LookupAnswer, LookupBinding } from "@leasewire/api";
import { Anchor, Button, Table, Text } from "@mantine/core";
import Link from "next/link";
import { useState } from "react";
import { formatCountOf, nothing } from "#lib/format.ts";
import { paths } from "#lib/paths.ts";
import { Mark, type MarkTone } from "#ui/mark.tsx";
import { TimeLeft } from "#ui/time.tsx";
import classes from "./lookup.module.css";

/** Rows drawn at first, and with each click more: ten thousand at once would hold the page up. */
const shownStep = 500;

/** One row for each answer, in the order of the lines. */
export function AnswersTable({ answers }: { readonly answers: readonly LookupAnswer[] }) {
  const [shown, setShown] = useState(shownStep);
  if (answers.length === 0) {
    return (
      <Text size="sm" c="dimmed" p="sm">
        No answer is like that.
      </Text>
    );
  }
  return (
    <>
      <Table.ScrollContainer minWidth={760}>
        <Table aria-labelledby="answers" data-testid="answers" className={classes.table} stickyHeader>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Key</Table.Th>
              <Table.Th>State</Table.Th>
              <Table.Th>Address</Table.Th>
              <Table.Th>Lease</Table.Th>
              <Table.Th>Client</Table.Th>
              <Table.Th>Where</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {answers.slice(0, shown).map((answer, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same key may stand on several lines
              <Row key={`${answer.text} ${index}`} answer={answer} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {answers.length > shown && (
        <div className={classes.more}>
          <Button variant="default" onClick={() => setShown(shown + shownStep)}>
            Show more of {formatCountOf(answers.length, "answer")}
          </Button>
        </div>
      )}
    </>
  );
}

const kindLabels = {
  address: "address",
  prefix: "prefix",
  mac: "MAC address",
  "client-id": "client identifier",
} as const;

function Row({ answer }: { readonly answer: LookupAnswer }) {
  const { binding } = answer;
  return (
    <Table.Tr data-result={answer.result}>
      <Table.Td className={classes.key}>
        <Key answer={answer} />
      </Table.Td>
      <Table.Td className={classes.whole}>
        <State answer={answer} />
      </Table.Td>
      {binding === null ? (
        <Table.Td colSpan={4} className={classes.message}>
          {answer.message}
        </Table.Td>
      ) : (
        <Found answer={answer} binding={binding} />
      )}
    </Table.Tr>
  );
}

function Key({ answer: { text, key, kind } }: { readonly answer: LookupAnswer }) {
  return (
    <>
      <span className="mono">{text}</span>
      {kind !== null && (
        <Text size="xs" c="dimmed">
          {kindLabels[kind]}
          {key !== text && (
            <>
              {" "}
              <span className="mono">{key}</span>
            </>
          )}
        </Text>
      )}
    </>
  );
}

function Found({ answer, binding }: { readonly answer: LookupAnswer; readonly binding: LookupBinding }) {
  return (
    <>
      <Table.Td className={classes.whole}>
        <Anchor
          component={Link}
          href={paths.bindings({ family: binding.family, id: binding.id })}
          className="mono"
          size="sm"
        >
          {binding.address}
        </Anchor>
        {answer.further > 0 && (
          <Text size="xs" c="dimmed">
            and {answer.further} more
          </Text>
        )}
      </Table.Td>
      <Table.Td className={classes.whole}>
        <TimeLeft expiresAt={binding.expiresAt} />
        {answer.source === "leasequery" && (
          <Text size="xs" c="dimmed">
            told by a server
          </Text>
        )}
      </Table.Td>
      <Table.Td className={classes.key}>
        <span className="mono">{binding.hardwareAddress ?? binding.clientId ?? nothing}</span>
        {binding.hostName !== null && (
          <Text size="xs" c="dimmed">
            {binding.hostName}
          </Text>
        )}
      </Table.Td>
      <Table.Td className={classes.key}>
        <span className="mono">{binding.interfaceName ?? binding.circuitId ?? nothing}</span>
        <Text size="xs" c="dimmed">
          {binding.instance}, {binding.role}
        </Text>
      </Table.Td>
    </>
  );
}

const results: Readonly<Record<LookupAnswer["result"], { tone: MarkTone; label: string }>> = {
  found: { tone: "dim", label: "found" },
  none: { tone: "dim", label: "not known" },
  unreadable: { tone: "bad", label: "not read" },
  failed: { tone: "warn", label: "not asked" },
};

function State({ answer }: { readonly answer: LookupAnswer }) {
  const { binding, result } = answer;
  if (binding !== null) {
    return (
      <Mark tone={binding.state === "ACTIVE" ? "good" : "dim"} state={binding.state}>
        {binding.state}
      </Mark>
    );
  }
  return (
    <Mark tone={results[result].tone} state={result}>
      {results[result].label}
    </Mark>
  );
}
